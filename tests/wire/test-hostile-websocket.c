/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a WebSocket's peer may not do, and what it may though few do (reliability.md, 3.5): the
 * right close code comes, and those next door don't notice. */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "victim.h"

#define MEBIBYTE (1024 * 1024)
#define LIMIT    (256 * 1024)

/* Sends it all, behind the sign-in; and an event, which must not be answered any more. */
static void
expect_end (Victim *victim, const void *bytes, gsize length, guint code)
{
    g_autoptr (RawClient) client = raw_client_sign_in (victim->uri, NULL);
    guint8 opcode = 0;

    raw_client_send (client, bytes, length);
    raw_client_send_text (client, "421[\"late\"]");
    do {
        g_autofree char *payload = NULL;
        gsize size;

        opcode = raw_client_read_frame (client, &payload, &size);
        if (opcode == 8)
            g_assert_cmpuint ((guint8) payload[0] << 8 | (guint8) payload[1], ==, code);
        else
            g_assert_cmpuint (opcode, ==, 0xa);
    } while (opcode != 8);
    g_assert_cmpuint (raw_client_read_close (client), ==, 1006);
    victim_expect_well (victim);
}

static void
expect_echo (RawClient *client, const char *text)
{
    g_autofree char *event = g_strdup_printf ("421[\"e\",\"%s\"]", text);
    g_autofree char *answer = g_strdup_printf ("431[\"%s\"]", text);

    raw_client_send_text (client, event);
    raw_client_expect_text (client, answer);
}

/* ------------------------------------------------------------------ frames */

#define MASK "\0\0\0\0"

typedef struct {
    const char *bytes;
    gsize length;
    guint code;
} Case;
#define CASE(bytes, code)                                                                          \
    {                                                                                              \
        bytes, sizeof bytes - 1, code                                                              \
    }

static const Case bad_frames[] = {
    /* Not masked. */
    CASE ("\x81\x01x", 1002),
    CASE ("\x89\x00", 1002),
    CASE ("\x88\x02\x03\xe8", 1002),
    /* Longer than a control frame may be, or in pieces. */
    CASE ("\x89\xfe\x00\x7e" MASK, 1002),
    CASE ("\x8a\xfe\x00\x7e" MASK, 1002),
    CASE ("\x88\xfe\x00\x7e" MASK, 1002),
    CASE ("\x89\xff\0\0\0\0\0\1\0\0" MASK, 1002),
    CASE ("\x09\x80" MASK, 1002),
    CASE ("\x0a\x80" MASK, 1002),
    CASE ("\x08\x80" MASK, 1002),
    /* Lengths that could be said shorter, or by nobody. */
    CASE ("\x81\xfe\x00\x7d" MASK, 1002),
    CASE ("\x81\xff\0\0\0\0\0\0\xff\xff" MASK, 1002),
    CASE ("\x82\xff\x80\0\0\0\0\0\0\0" MASK, 1002),
    CASE ("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff" MASK, 1002),
    CASE ("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff" MASK, 1009),
    CASE ("\x81\xff\0\0\0\0\x04\0\0\0" MASK, 1009),
    CASE ("\x81\xff\0\0\0\0\0\4\0\1" MASK, 1009),
    /* Pieces of nothing, and of two things. */
    CASE ("\x80\x81" MASK "x", 1002),
    CASE ("\x00\x81" MASK "x", 1002),
    CASE ("\x01\x81" MASK "4\x01\x81" MASK "4", 1002),
    CASE ("\x01\x81" MASK "4\x81\x81" MASK "4", 1002),
    CASE ("\x01\x81" MASK "4\x80\x80" MASK "\x80\x80" MASK, 4400),
    /* A character that is none, in one piece, over two, and at the end of all. */
    CASE ("\x81\x82" MASK "\xc3\x28", 1007),
    CASE ("\x01\x81" MASK "\xc3\x80\x81" MASK "\x28", 1007),
    CASE ("\x01\x82" MASK "4\xc3\x89\x80" MASK "\x80\x80" MASK, 1007),
    /* Binary, where no attachment is due. */
    CASE ("\x82\x81" MASK "x", 4400),
    CASE ("\x82\x80" MASK, 4400),
};

static void
test_frames (Victim *victim, gconstpointer data)
{
    for (guint i = 0; i < G_N_ELEMENTS (bad_frames); i++)
        expect_end (victim, bad_frames[i].bytes, bad_frames[i].length, bad_frames[i].code);
}

/* Bits that only an extension could give a meaning; and there is none. */
static void
test_first_bytes (Victim *victim, gconstpointer data)
{
    for (guint first = 0; first < 256; first++) {
        guint opcode = first & 0xf;
        guint8 frame[6] = { first, 0x80 };

        if ((first & 0x70) == 0 && (opcode <= 2 || (opcode >= 8 && opcode <= 0xa)))
            continue;
        expect_end (victim, frame, sizeof frame, 1002);
    }
}

/* Each costs work, though it brings nothing. */
static void
test_empty_fragments (Victim *victim, gconstpointer data)
{
    g_autoptr (GString) frames = g_string_new (NULL);

    g_string_append_len (frames, "\x01\x80" MASK, 6);
    for (guint i = 0; i < 5000; i++)
        g_string_append_len (frames, "\x00\x80" MASK, 6);
    expect_end (victim, frames->str, frames->len, 1009);
}

/* ------------------------------------------------------------------ ends */

static void
test_close_codes (Victim *victim, gconstpointer data)
{
    static const guint good[] = { 1000, 1001, 1002, 1003, 1007, 1008, 1009,
                                  1010, 1011, 3000, 3999, 4000, 4999 };
    static const guint bad[] = { 0,    1,    999,  1004, 1005, 1006, 1015,
                                 1016, 1100, 2000, 2999, 5000, 65535 };

    for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
        guint8 frame[] = { 0x88, 0x84, 0, 0, 0, 0, good[i] >> 8, good[i] & 0xff, 'o', 'k' };

        expect_end (victim, frame, sizeof frame, good[i]);
    }
    for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
        guint8 frame[] = { 0x88, 0x82, 0, 0, 0, 0, bad[i] >> 8, bad[i] & 0xff };

        expect_end (victim, frame, sizeof frame, 1002);
    }
}

static void
test_close_frames (Victim *victim, gconstpointer data)
{
    g_autoptr (GString) longest = g_string_new_len ("\x88\xfd" MASK "\x03\xe8", 8);
    g_autoptr (RawClient) empty = raw_client_sign_in (victim->uri, NULL);

    expect_end (victim, "\x88\x81" MASK "\x03", 7, 1002);
    expect_end (victim, "\x88\x83" MASK "\x03\xe8\xff", 9, 1007);
    for (guint i = 0; i < 123; i++)
        g_string_append_c (longest, 'x');
    expect_end (victim, longest->str, longest->len, 1000);
    raw_client_send_frame (empty, 0x88, "", 0);
    g_assert_cmpuint (raw_client_read_close (empty), ==, 1005);
}

/* ------------------------------------------------------------------ what is allowed */

/* Where the form of the length changes. */
static void
test_lengths (Victim *victim, gconstpointer data)
{
    static const guint lengths[] = { 20, 124, 125, 126, 127, 128, 65534, 65535, 65536, 65537 };
    g_autoptr (RawClient) client = raw_client_sign_in (victim->uri, NULL);

    for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
        g_autofree char *text = g_strnfill (lengths[i] - strlen ("421[\"e\",\"\"]"), 'x');

        expect_echo (client, text);
    }
    victim_expect_well (victim);
}

static void
test_limit (Victim *victim, gconstpointer data)
{
    g_autofree char *text = g_strnfill (LIMIT - strlen ("421[\"e\",\"\"]"), 'x');
    g_autofree char *event = g_strdup_printf ("421[\"e\",\"%s\"]", text);
    g_autoptr (RawClient) client = raw_client_sign_in (victim->uri, NULL);

    expect_echo (client, text);
    /* In pieces it may be as long, and no longer. */
    raw_client_send_frame (client, 0x01, event, LIMIT - 5000);
    raw_client_send_frame (client, 0x80, event + LIMIT - 5000, 5000);
    g_free (raw_client_read_text (client));
    raw_client_send_frame (client, 0x01, event, LIMIT - 5000);
    raw_client_send_frame (client, 0x80, event + LIMIT - 5001, 5001);
    g_assert_cmpuint (raw_client_read_close (client), ==, 1009);
    victim_expect_well (victim);
}

/* As many pieces as there may be, and control frames between them. */
static void
test_fragments (Victim *victim, gconstpointer data)
{
    static const char event[] = "421[\"e\",\"κόσμε \xf0\x9f\x98\x80 \xef\xbf\xbf\"]";
    g_autoptr (RawClient) client = raw_client_sign_in (victim->uri, NULL);

    for (guint i = 0; i < strlen (event); i++) {
        g_autofree char *payload = NULL;
        gsize length;

        raw_client_send_frame (client, i == 0 ? 0x01 : 0x00, event + i, 1);
        if (i % 10 != 0)
            continue;
        raw_client_send_frame (client, 0x89, &i, sizeof i);
        g_assert_cmpuint (raw_client_read_frame (client, &payload, &length), ==, 0xa);
        g_assert_cmpmem (payload, length, &i, sizeof i);
    }
    raw_client_send_frame (client, 0x80, "", 0);
    raw_client_expect_text (client, "431[\"κόσμε \xf0\x9f\x98\x80 \xef\xbf\xbf\"]");
    victim_expect_well (victim);
}

static void
test_text (Victim *victim, gconstpointer data)
{
    static const char *const good[] = {
        "\x7f",         "\xc2\x80",         "\xdf\xbf",         "\xe0\xa0\x80",
        "\xed\x9f\xbf", "\xee\x80\x80",     "\xef\xbf\xbe",     "\xef\xbf\xbf",
        "\xef\xb7\x90", "\xf0\x90\x80\x80", "\xf0\x9f\xbf\xbf", "\xf4\x8f\xbf\xbf",
    };
    static const char *const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc2",
        "\xc2\x41",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xe2\x82",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xed\xa0\xbd\xed\xb8\x80",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf0\x9f\x98",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xf8\x88\x80\x80\x80",
        "\xfe",
        "\xff",
    };
    g_autoptr (RawClient) client = raw_client_sign_in (victim->uri, NULL);

    for (guint i = 0; i < G_N_ELEMENTS (good); i++)
        expect_echo (client, good[i]);
    for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
        g_autofree char *frame = g_strdup_printf ("\x81%c....%s", (int) (0x80 | strlen (bad[i])),
                                                  bad[i]);

        memset (frame + 2, 0, 4);
        expect_end (victim, frame, 6 + strlen (bad[i]), 1007);
    }
}

/* ------------------------------------------------------------------ floods */

/* Until the hub has had enough; returns its code. */
static guint
flood (RawClient *client, const char *bytes, gsize length, guint times)
{
    g_autoptr (GString) flood = g_string_new (NULL);

    while (times-- > 0)
        g_string_append_len (flood, bytes, length);
    raw_client_send (client, flood->str, flood->len);
    return raw_client_read_close (client);
}

static void
test_floods (Victim *victim, gconstpointer data)
{
    static const Case floods[] = {
        CASE ("\x89\x80" MASK, 1008),
        CASE ("\x89\x84" MASK "ping", 1008),
        CASE ("\x8a\x80" MASK, 1008),
    };
    gsize mark = victim_mark_memory (victim);

    for (guint i = 0; i < G_N_ELEMENTS (floods); i++) {
        g_autoptr (RawClient) client = raw_client_sign_in (victim->uri, NULL);

        g_assert_cmpuint (flood (client, floods[i].bytes, floods[i].length, 100000), ==,
                          floods[i].code);
        victim_expect_well (victim);
    }
    victim_expect_memory (victim, mark, 2 * MEBIBYTE);
}

/* It is said before the first byte of it that it is too long; and who sends it is not read any
 * more. */
static void
test_large_messages (Victim *victim, gconstpointer data)
{
    g_autofree char *piece = g_strnfill (65536, 'x');
    gsize mark = victim_mark_memory (victim);
    g_autoptr (RawClient) whole = raw_client_sign_in (victim->uri, NULL);
    g_autoptr (RawClient) pieces = raw_client_sign_in (victim->uri, NULL);

    raw_client_send (whole, "\x82\xff\0\0\0\0\x04\0\0\0" MASK, 14);
    for (guint i = 0; i < 64 * 16 && !whole->eof; i++) {
        raw_client_send (whole, piece, 65536);
        raw_iterate (whole);
    }
    g_assert_cmpuint (raw_client_read_close (whole), ==, 1009);
    for (guint i = 0; i < 64 * 16 && !pieces->eof; i++) {
        raw_client_send_frame (pieces, i == 0 ? 0x01 : 0x00, piece, 65536);
        raw_iterate (pieces);
    }
    g_assert_cmpuint (raw_client_read_close (pieces), ==, 1009);
    victim_expect_memory (victim, mark, 4 * MEBIBYTE);
}

/* As fast as they can, reading what they are answered: it is theirs to do so, but at nobody else's
 * cost. */
static void
test_busy_sender (Victim *victim, gconstpointer data)
{
    static const char text[] = "42[\"e\",1]";
    g_autoptr (GString) frames = g_string_new (NULL);
    g_autoptr (RawClient) client = raw_client_sign_in (victim->uri, NULL);
    gsize mark = victim_mark_memory (victim);

    for (guint i = 0; i < 20000; i++) {
        g_string_append_len (frames, "\x81\x89" MASK, 6);
        g_string_append (frames, text);
    }
    for (guint i = 0; i < 20; i++)
        raw_client_send (client, frames->str, frames->len);
    expect_echo (client, "well");
    victim_expect_memory (victim, mark, 2 * MEBIBYTE);
}

/* Sends as much as goes without reading what comes; FALSE once the hub takes no more. */
static gboolean
send_deaf (Victim *victim, RawClient *client, const char *bytes, gsize length)
{
    for (guint tries = 0; tries < 20 && length > 0; tries++) {
        gssize sent = send (client->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0 && errno != EAGAIN)
            return FALSE;
        bytes += MAX (sent, 0);
        length -= MAX (sent, 0);
        if (length > 0)
            victim_expect_well (victim);
    }
    return length == 0;
}

/* Asks and asks, and reads no answer: let go at the limit, with all that waited. */
static void
test_deaf_sender (Victim *victim, gconstpointer data)
{
    g_autoptr (GString) event = g_string_new_len ("\x81\xfe\xea\x60" MASK "421[\"e\",\"", 17);
    gsize mark = victim_mark_memory (victim);

    while (event->len < 8 + 60000 - 2)
        g_string_append_c (event, 'x');
    g_string_append (event, "\"]");
    for (guint i = 0; i < 10; i++) {
        g_autoptr (RawClient) client = raw_client_sign_in (victim->uri, NULL);

        for (guint k = 0; k < 1000 && send_deaf (victim, client, event->str, event->len); k++)
            ;
        g_assert_cmpuint (raw_client_read_close (client), ==, 4408);
    }
    victim_expect_memory (victim, mark, 4 * MEBIBYTE);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
#define TEST(name, func)                                                                           \
    g_test_add ("/hostile/websocket/" name, Victim, NULL, victim_set_up, func, victim_tear_down)
    TEST ("frames", test_frames);
    TEST ("first-bytes", test_first_bytes);
    TEST ("empty-fragments", test_empty_fragments);
    TEST ("close-codes", test_close_codes);
    TEST ("close-frames", test_close_frames);
    TEST ("lengths", test_lengths);
    TEST ("limit", test_limit);
    TEST ("fragments", test_fragments);
    TEST ("text", test_text);
    TEST ("floods", test_floods);
    TEST ("large-messages", test_large_messages);
    TEST ("busy-sender", test_busy_sender);
    TEST ("deaf-sender", test_deaf_sender);
#undef TEST
    return g_test_run ();
}

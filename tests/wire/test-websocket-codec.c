/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "bureau-websocket-codec.h"

#define LIMIT 1000

/* ------------------------------------------------------------------ writing frames as a client
 * does */

static void
append_frame (GByteArray *out, guint8 first, const void *payload, gsize length)
{
    guint8 mask[4] = { g_test_rand_int (), g_test_rand_int (), g_test_rand_int (),
                       g_test_rand_int () };
    guint8 header[BUREAU_WEBSOCKET_MAX_HEADER];
    guint size = bureau_websocket_frame_header (header, 0, length);

    header[0] = first;
    header[1] |= 0x80;
    g_byte_array_append (out, header, size);
    g_byte_array_append (out, mask, 4);
    for (gsize i = 0; i < length; i++) {
        guint8 byte = ((const guint8 *) payload)[i] ^ mask[i & 3];

        g_byte_array_append (out, &byte, 1);
    }
}

static void
append_text_frame (GByteArray *out, guint8 first, const char *text)
{
    append_frame (out, first, text, strlen (text));
}

static void
append_zeros (GByteArray *out, guint8 first, gsize length)
{
    g_autofree guint8 *zeros = g_malloc0 (length + 1);

    append_frame (out, first, zeros, length);
}

/* ------------------------------------------------------------------ reading what comes out, as
 * text */

static void
describe (GString *out, BureauWebsocketResult result, const BureauWebsocketMessage *message)
{
    static const char *const names[] = { "", "text", "binary", "ping", "pong", "close", "error" };

    g_string_append (out, names[result]);
    if (result == BUREAU_WEBSOCKET_CLOSE || result == BUREAU_WEBSOCKET_ERROR)
        g_string_append_printf (out, " %u;", message->close_code);
    else if (message->length <= 40)
        g_string_append_printf (out, " %.*s;", (int) message->length, message->data);
    else
        g_string_append_printf (out, " [%u];", (guint) message->length);
}

/* Feeds @bytes in pieces of at most @slice, random if it is 0. (transfer full) */
static char *
run (GByteArray *bytes, gsize slice)
{
    g_autoptr (BureauWebsocketCodec) codec = bureau_websocket_codec_new (BUREAU_WEBSOCKET_SERVER,
                                                                         LIMIT);
    GString *out = g_string_new (NULL);
    BureauWebsocketResult result = BUREAU_WEBSOCKET_NEED_MORE;

    for (gsize i = 0; i < bytes->len;) {
        gsize wanted = slice == 0 ? (gsize) g_test_rand_int_range (1, 12) : slice;
        gsize length = MIN (wanted, bytes->len - i);
        /* A block of its own, so that a tool sees a read past it. */
        g_autofree guint8 *piece = g_memdup2 (bytes->data + i, length);
        BureauWebsocketMessage message;

        bureau_websocket_codec_feed (codec, piece, length);
        i += length;
        while ((result = bureau_websocket_codec_next (codec, &message)) !=
               BUREAU_WEBSOCKET_NEED_MORE) {
            describe (out, result, &message);
            if (result == BUREAU_WEBSOCKET_ERROR)
                return g_string_free (out, FALSE);
        }
    }
    return g_string_free (out, FALSE);
}

/* In one piece, byte by byte and sliced at random, the verdict is one. */
static void
assert_verdict (GByteArray *bytes, const char *expected)
{
    g_autofree char *whole = run (bytes, G_MAXUINT);
    g_autofree char *single = run (bytes, 1);

    g_assert_cmpstr (whole, ==, expected);
    g_assert_cmpstr (single, ==, expected);
    for (guint i = 0; i < 5; i++) {
        g_autofree char *sliced = run (bytes, 0);

        g_assert_cmpstr (sliced, ==, expected);
    }
    g_byte_array_unref (bytes);
}

#define MESSAGE(...) describe_frames ((const Frame[]){ __VA_ARGS__, { 0 } })

typedef struct {
    guint first; /* with 0x100: the frame is there */
    const char *text;
} Frame;

#define F(first, text)                                                                             \
    {                                                                                              \
        0x100 | (first), text                                                                      \
    }

static GByteArray *
describe_frames (const Frame *frames)
{
    GByteArray *bytes = g_byte_array_new ();

    for (; frames->first != 0; frames++)
        append_text_frame (bytes, frames->first & 0xff, frames->text);
    return bytes;
}

static void
test_messages (void)
{
    assert_verdict (MESSAGE (F (0x81, "hello")), "text hello;");
    assert_verdict (MESSAGE (F (0x81, "")), "text ;");
    assert_verdict (MESSAGE (F (0x82, "b")), "binary b;");
    assert_verdict (MESSAGE (F (0x81, "a"), F (0x81, "b"), F (0x82, "c")),
                    "text a;text b;binary c;");
    assert_verdict (MESSAGE (F (0x01, "he"), F (0x00, "l"), F (0x80, "lo")), "text hello;");
    assert_verdict (MESSAGE (F (0x01, ""), F (0x00, ""), F (0x80, "")), "text ;");
    assert_verdict (MESSAGE (F (0x02, "x"), F (0x80, "y"), F (0x81, "z")), "binary xy;text z;");
    assert_verdict (
        MESSAGE (F (0x01, "a"), F (0x89, "p"), F (0x8a, "q"), F (0x80, "b"), F (0x81, "c")),
        "ping p;pong q;text ab;text c;");
}

static void
test_protocol_errors (void)
{
    static const guint reserved[] = { 0x83, 0x87, 0x8b, 0x8f, 0x03, 0xc1, 0xa1, 0x91, 0xd9 };

    for (guint i = 0; i < G_N_ELEMENTS (reserved); i++)
        assert_verdict (MESSAGE (F (0x81, "a"), F (reserved[i], "b"), F (0x81, "c")),
                        "text a;error 1002;");
    assert_verdict (MESSAGE (F (0x80, "a")), "error 1002;");
    assert_verdict (MESSAGE (F (0x00, "a")), "error 1002;");
    assert_verdict (MESSAGE (F (0x01, "a"), F (0x81, "b")), "error 1002;");
    assert_verdict (MESSAGE (F (0x01, "a"), F (0x01, "b")), "error 1002;");
    assert_verdict (MESSAGE (F (0x09, "fragmented ping")), "error 1002;");
    assert_verdict (MESSAGE (F (0x08, "")), "error 1002;");
    assert_verdict (MESSAGE (F (0x81, "a"), F (0x80, "b")), "text a;error 1002;");
}

static void
assert_bytes (const char *bytes, gsize length, const char *expected)
{
    GByteArray *array = g_byte_array_new ();

    assert_verdict (g_byte_array_append (array, (const guint8 *) bytes, length), expected);
}

static void
test_headers (void)
{
    /* Not masked. */
    assert_bytes ("\x81\x01x", 3, "error 1002;");
    /* Longer forms of a length than it needs. */
    assert_bytes ("\x81\xfe\x00\x05....hello", 13, "error 1002;");
    assert_bytes ("\x81\xfe\x00\x7d....", 8, "error 1002;");
    assert_bytes ("\x81\xff\x00\x00\x00\x00\x00\x00\x00\x05....hello", 19, "error 1002;");
    assert_bytes ("\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff....", 14, "error 1002;");
    /* 2^63, 2^63 - 1, 2^32. */
    assert_bytes ("\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00....", 14, "error 1002;");
    assert_bytes ("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff....", 14, "error 1009;");
    assert_bytes ("\x81\xff\x00\x00\x00\x01\x00\x00\x00\x00....", 14, "error 1009;");
    /* Refused on the header alone. */
    assert_bytes ("\x81\xfe\x03\xe9....", 8, "error 1009;");
    assert_bytes ("\x89\xfe\x00\x7e....", 8, "error 1002;");
    /* Incomplete, so nothing yet. */
    assert_bytes ("\x81\xfe\x03\xe8....", 8, "");
    assert_bytes ("\x81", 1, "");
}

static void
test_limits (void)
{
    GByteArray *bytes = g_byte_array_new ();

    append_zeros (bytes, 0x82, LIMIT);
    append_zeros (bytes, 0x02, LIMIT - 1);
    append_zeros (bytes, 0x80, 1);
    append_zeros (bytes, 0x89, 125);
    append_zeros (bytes, 0x02, LIMIT);
    append_zeros (bytes, 0x80, 1);
    assert_verdict (bytes, "binary [1000];binary [1000];ping [125];error 1009;");

    bytes = g_byte_array_new ();
    append_zeros (bytes, 0x82, LIMIT + 1);
    assert_verdict (bytes, "error 1009;");

    bytes = g_byte_array_new ();
    append_zeros (bytes, 0x89, 126);
    assert_verdict (bytes, "error 1002;");
}

/* A limit that is lowered while a message comes in holds for what is still to come of it. */
static void
test_lowered_limit (void)
{
    g_autoptr (BureauWebsocketCodec) codec = bureau_websocket_codec_new (BUREAU_WEBSOCKET_SERVER,
                                                                         LIMIT);
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    BureauWebsocketMessage message;

    append_zeros (bytes, 0x02, LIMIT - 10);
    bureau_websocket_codec_feed (codec, bytes->data, bytes->len);
    g_assert_cmpint (bureau_websocket_codec_next (codec, &message), ==, BUREAU_WEBSOCKET_NEED_MORE);
    bureau_websocket_codec_set_max_message (codec, 10);
    g_byte_array_set_size (bytes, 0);
    append_zeros (bytes, 0x80, 5);
    bureau_websocket_codec_feed (codec, bytes->data, bytes->len);
    g_assert_cmpint (bureau_websocket_codec_next (codec, &message), ==, BUREAU_WEBSOCKET_ERROR);
    g_assert_cmpuint (message.close_code, ==, 1009);
}

static void
test_many_fragments (void)
{
    GByteArray *bytes = g_byte_array_new ();

    append_text_frame (bytes, 0x01, "a");
    for (guint i = 0; i < 62; i++)
        append_text_frame (bytes, 0x00, "");
    append_text_frame (bytes, 0x80, "b");
    append_text_frame (bytes, 0x01, "a");
    for (guint i = 0; i < 64; i++)
        append_text_frame (bytes, 0x00, "");
    assert_verdict (bytes, "text ab;error 1009;");
}

static void
test_utf8 (void)
{
    assert_verdict (MESSAGE (F (0x81, "é€😀")), "text é€😀;");
    assert_verdict (MESSAGE (F (0x01, "a\xe2"), F (0x00, "\x82"), F (0x80, "\xac")), "text a€;");
    assert_verdict (MESSAGE (F (0x81, "\xff")), "error 1007;");
    assert_verdict (MESSAGE (F (0x81, "\xe2\x82")), "error 1007;");
    assert_verdict (MESSAGE (F (0x81, "\xed\xa0\x80")), "error 1007;");
    assert_verdict (MESSAGE (F (0x81, "\xc0\x80")), "error 1007;");
    assert_verdict (MESSAGE (F (0x01, "\xe2"), F (0x80, "x"), F (0x81, "later")), "error 1007;");
    assert_verdict (MESSAGE (F (0x82, "\xff")), "binary \xff;");
    assert_bytes ("\x81\x83\0\0\0\0a\0b", 9, "text a;");
    assert_bytes ("\x81\x83\0\0\0\0a\0\xff", 9, "error 1007;");
}

static void
test_close (void)
{
    static const guint valid[] = {
        1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 4400, 4999
    };
    static const guint invalid[] = { 0,    999,  1004, 1005, 1006, 1015,
                                     1016, 1100, 2000, 2999, 5000, 65535 };

    for (guint i = 0; i < G_N_ELEMENTS (valid); i++) {
        char payload[4] = { valid[i] >> 8, valid[i] & 0xff, 'o', 'k' };
        g_autofree char *expected = g_strdup_printf ("close %u;", valid[i]);
        GByteArray *bytes = g_byte_array_new ();

        append_frame (bytes, 0x88, payload, 4);
        append_text_frame (bytes, 0x81, "after the end");
        assert_verdict (bytes, expected);
    }
    for (guint i = 0; i < G_N_ELEMENTS (invalid); i++) {
        char payload[2] = { invalid[i] >> 8, invalid[i] & 0xff };
        GByteArray *bytes = g_byte_array_new ();

        append_frame (bytes, 0x88, payload, 2);
        assert_verdict (bytes, "error 1002;");
    }
    assert_verdict (MESSAGE (F (0x88, "")), "close 1005;");
    assert_verdict (MESSAGE (F (0x88, "x")), "error 1002;");
    assert_verdict (MESSAGE (F (0x88, "\x03\xe8\xff")), "error 1007;");
    assert_verdict (MESSAGE (F (0x01, "a"), F (0x88, "")), "close 1005;");
}

/* Any stream of bytes, mostly frames with something wrong in them: no slicing changes the verdict.
 */
static void
test_random (void)
{
    for (guint i = 0; i < 3000; i++) {
        GByteArray *bytes = g_byte_array_new ();
        g_autofree char *whole = NULL;

        for (gint n = g_test_rand_int_range (1, 8); n > 0; n--) {
            static const guint8 firsts[] = { 0x81, 0x82, 0x01, 0x00, 0x80, 0x89, 0x8a, 0x88 };

            append_zeros (bytes, firsts[g_test_rand_int_range (0, G_N_ELEMENTS (firsts))],
                          g_test_rand_int_range (0, 300));
        }
        if (g_test_rand_bit ())
            bytes->data[g_test_rand_int_range (0, bytes->len)] = g_test_rand_int ();
        whole = run (bytes, G_MAXUINT);
        assert_verdict (bytes, whole);
    }
}

/* After an error or a close there is nothing more, whatever is fed. */
static void
test_dead (void)
{
    g_autoptr (BureauWebsocketCodec) codec = bureau_websocket_codec_new (BUREAU_WEBSOCKET_SERVER,
                                                                         LIMIT);
    g_autoptr (GByteArray) bytes = g_byte_array_new ();
    BureauWebsocketMessage message;

    append_text_frame (bytes, 0x81, "late");
    bureau_websocket_codec_feed (codec, "\xff\xff", 2);
    g_assert_cmpint (bureau_websocket_codec_next (codec, &message), ==, BUREAU_WEBSOCKET_ERROR);
    bureau_websocket_codec_feed (codec, bytes->data, bytes->len);
    g_assert_cmpint (bureau_websocket_codec_next (codec, &message), ==, BUREAU_WEBSOCKET_ERROR);
    g_assert_cmpuint (message.close_code, ==, 1002);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/wire/websocket-codec/messages", test_messages);
    g_test_add_func ("/wire/websocket-codec/protocol-errors", test_protocol_errors);
    g_test_add_func ("/wire/websocket-codec/headers", test_headers);
    g_test_add_func ("/wire/websocket-codec/limits", test_limits);
    g_test_add_func ("/wire/websocket-codec/lowered-limit", test_lowered_limit);
    g_test_add_func ("/wire/websocket-codec/many-fragments", test_many_fragments);
    g_test_add_func ("/wire/websocket-codec/utf8", test_utf8);
    g_test_add_func ("/wire/websocket-codec/close", test_close);
    g_test_add_func ("/wire/websocket-codec/random", test_random);
    g_test_add_func ("/wire/websocket-codec/dead", test_dead);
    return g_test_run ();
}

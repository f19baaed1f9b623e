/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The queue of one receiver, and the arena its bytes lie in. */

#include "bureau-outgoing.h"

#include <string.h>

#include "bureau-websocket-codec.h"

static BureauRoom *const HALL = GINT_TO_POINTER (1);
static BureauRoom *const CELLAR = GINT_TO_POINTER (2);

typedef struct {
    BureauArena arena;
    BureauOutgoing outgoing;
} Queue;

static void
queue_clear (Queue *queue)
{
    bureau_outgoing_clear (&queue->outgoing);
    bureau_arena_clear (&queue->arena);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Queue, queue_clear)

static void
push (Queue *queue, const char *text, BureauRoom *room)
{
    guint8 header[BUREAU_WEBSOCKET_MAX_HEADER];
    gsize length = strlen (text);
    guint size = bureau_websocket_frame_header (header, BUREAU_WEBSOCKET_OPCODE_TEXT, length);
    guint offset;
    BureauChunk *chunk = bureau_arena_append (&queue->arena, header, size, text, length, &offset);

    bureau_outgoing_push (&queue->outgoing, chunk, offset, size + length, room);
    bureau_chunk_unref (chunk);
}

static void
append_text (guint8 opcode, const guint8 *payload, gsize length, BureauRoom *room, gpointer data)
{
    GString *out = data;

    g_assert_cmpint (opcode, ==, BUREAU_WEBSOCKET_OPCODE_TEXT);
    g_string_append_len (out, (const char *) payload, length);
    g_string_append_c (out, '|');
}

static void
assert_waits (Queue *queue, const char *expected)
{
    g_autoptr (GString) out = g_string_new (NULL);

    bureau_outgoing_foreach_frame (&queue->outgoing, append_text, out);
    g_assert_cmpstr (out->str, ==, expected);
}

/* What the kernel would get, @most bytes of it at a time. (transfer full) */
static GByteArray *
drain (Queue *queue, gsize most)
{
    GByteArray *bytes = g_byte_array_new ();
    struct iovec vectors[2];

    while (bureau_outgoing_peek (&queue->outgoing, vectors, 2) > 0) {
        gsize length = MIN (most, vectors[0].iov_len);

        g_byte_array_append (bytes, vectors[0].iov_base, length);
        bureau_outgoing_advance (&queue->outgoing, length);
    }
    g_assert_cmpuint (queue->outgoing.unsent, ==, 0);
    return bytes;
}

static void
test_one_span (void)
{
    g_auto (Queue) queue = { 0 };
    struct iovec vectors[4];

    push (&queue, "one", HALL);
    push (&queue, "two", HALL);
    push (&queue, "three", HALL);
    g_assert_cmpuint (bureau_outgoing_peek (&queue.outgoing, vectors, 4), ==, 1);
    g_assert_cmpuint (vectors[0].iov_len, ==, 3 * 2 + strlen ("onetwothree"));
    assert_waits (&queue, "one|two|three|");
    push (&queue, "four", CELLAR);
    g_assert_cmpuint (bureau_outgoing_peek (&queue.outgoing, vectors, 4), ==, 2);
    g_assert_cmpuint (queue.outgoing.unsent, ==, 4 * 2 + strlen ("onetwothreefour"));
}

static void
test_drain (void)
{
    for (gsize most = 1; most < 20; most++) {
        g_auto (Queue) queue = { 0 };
        g_autoptr (GByteArray) bytes = NULL;

        for (guint i = 0; i < 40; i++)
            push (&queue, "abcdef", i % 3 == 0 ? HALL : CELLAR);
        bytes = drain (&queue, most);
        g_assert_cmpuint (bytes->len, ==, 40 * 8);
        for (guint i = 0; i < 40; i++)
            g_assert_cmpmem (bytes->data + i * 8 + 2, 6, "abcdef", 6);
    }
}

/* Who leaves a room gets nothing more of it, but a frame of which a part is out goes out whole: or
 * all that follows could not be read. */
static void
test_purge (void)
{
    /* Three frames of 5 bytes, then one of the other room, then two. */
    for (gsize sent = 0; sent <= 30; sent++) {
        g_auto (Queue) queue = { 0 };
        g_autoptr (GByteArray) rest = NULL;
        guint half_out = sent < 15 && sent % 5 > 0 ? 5 - sent % 5 : 0;
        guint other = sent <= 15 ? 5 : sent < 20 ? 20 - sent : 0;
        guint tail = sent > 20 && sent % 5 > 0 ? 5 - sent % 5 : 0;
        struct iovec vectors[1];

        for (guint i = 0; i < 6; i++)
            push (&queue, i == 3 ? "xyz" : "abc", i == 3 ? CELLAR : HALL);
        bureau_outgoing_advance (&queue.outgoing, sent);
        bureau_outgoing_filter (&queue.outgoing, FALSE, HALL);
        g_assert_cmpuint (queue.outgoing.unsent, ==, half_out + other + tail);
        /* Nothing that is out already is offered again, not even as no bytes. */
        if (bureau_outgoing_peek (&queue.outgoing, vectors, 1) > 0)
            g_assert_cmpuint (vectors[0].iov_len, >, 0);
        rest = drain (&queue, G_MAXSIZE);
        g_assert_cmpuint (rest->len, ==, half_out + other + tail);
        if (other == 5)
            g_assert_cmpmem (rest->data + half_out + 2, 3, "xyz", 3);
    }
}

static void
test_drop_all (void)
{
    g_auto (Queue) queue = { 0 };

    push (&queue, "abc", HALL);
    push (&queue, "def", CELLAR);
    bureau_outgoing_advance (&queue.outgoing, 1);
    bureau_outgoing_filter (&queue.outgoing, TRUE, NULL);
    g_assert_cmpuint (queue.outgoing.unsent, ==, 4);
    /* The room that it was sent to may be gone: purging again must not touch what is half out. */
    bureau_outgoing_filter (&queue.outgoing, FALSE, HALL);
    g_assert_cmpuint (queue.outgoing.unsent, ==, 4);
}

/* The answer before the first frame is none, whatever it looks like. */
static void
test_no_frames (void)
{
    static const char head[] = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

    for (gsize sent = 0; sent < strlen (head); sent++) {
        g_auto (Queue) queue = { 0 };
        g_autoptr (GByteArray) rest = NULL;
        guint offset;
        BureauChunk *chunk = bureau_arena_append (&queue.arena, head, strlen (head), NULL, 0,
                                                  &offset);

        bureau_outgoing_push (&queue.outgoing, chunk, offset, strlen (head), BUREAU_NO_FRAMES);
        bureau_chunk_unref (chunk);
        push (&queue, "abc", HALL);
        bureau_outgoing_advance (&queue.outgoing, sent);
        bureau_outgoing_filter (&queue.outgoing, TRUE, NULL);
        rest = drain (&queue, G_MAXSIZE);
        g_assert_cmpmem (rest->data, rest->len, head + sent, strlen (head) - sent);
    }
}

static void
test_move (void)
{
    g_auto (Queue) queue = { 0 };
    BureauOutgoing other = { 0 };

    push (&queue, "one", HALL);
    push (&queue, "two", CELLAR);
    bureau_outgoing_move (&other, &queue.outgoing);
    assert_waits (&queue, "");
    push (&queue, "three", HALL);
    bureau_outgoing_move (&queue.outgoing, &other);
    assert_waits (&queue, "three|one|two|");
}

/* What everybody has got makes room for the next turn; what somebody waits for stays, and is no
 * larger than what it is. */
static void
test_settle (void)
{
    g_auto (Queue) queue = { 0 };
    BureauChunk *first;

    push (&queue, "abc", HALL);
    first = queue.arena.current;
    bureau_outgoing_advance (&queue.outgoing, 5);
    bureau_arena_settle (&queue.arena);
    push (&queue, "def", HALL);
    g_assert_true (queue.arena.current == first);

    bureau_arena_settle (&queue.arena);
    g_assert_null (queue.arena.current);
    g_assert_cmpuint (first->size, ==, 5);
    push (&queue, "ghi", HALL);
    assert_waits (&queue, "def|ghi|");
}

/* Who waits for little of a turn does not keep all of it. */
static void
test_detach (void)
{
    g_auto (Queue) queue = { 0 };
    g_autofree char *text = g_strnfill (60000, 'x');
    g_autoptr (GByteArray) bytes = NULL;
    BureauOutgoing others = { 0 };
    BureauChunk *chunk;

    push (&queue, "abc", HALL);
    bureau_outgoing_move (&others, &queue.outgoing);
    push (&queue, text, HALL);
    bureau_outgoing_move (&others, &queue.outgoing);
    push (&queue, "def", HALL);
    bureau_outgoing_advance (&queue.outgoing, 1);
    chunk = queue.arena.current;
    bureau_outgoing_detach (&queue.outgoing, &queue.arena);
    bureau_outgoing_detach (&others, &queue.arena);
    /* One span of nearly all: that keeps it. */
    g_assert_cmpuint (chunk->references, ==, 2);
    bureau_outgoing_clear (&others);
    bureau_arena_settle (&queue.arena);
    g_assert_true (queue.arena.current == chunk);

    push (&queue, "ghi", HALL);
    bureau_outgoing_detach (&queue.outgoing, &queue.arena);
    bureau_arena_settle (&queue.arena);
    g_assert_true (queue.arena.current == chunk);
    bytes = drain (&queue, G_MAXSIZE);
    g_assert_cmpmem (bytes->data, bytes->len,
                     "\x03"
                     "def\x81\x03"
                     "ghi",
                     9);
}

static void
test_large (void)
{
    g_auto (Queue) queue = { 0 };
    g_autofree char *text = g_strnfill (300 * 1024, 'x');
    g_autoptr (GByteArray) bytes = NULL;

    push (&queue, "before", HALL);
    push (&queue, text, HALL);
    push (&queue, "after", HALL);
    bytes = drain (&queue, 100000);
    g_assert_cmpuint (bytes->len, ==, 8 + (10 + 300 * 1024) + 7);
    g_assert_cmpmem (bytes->data + bytes->len - 5, 5, "after", 5);
}

int
main (int argc, char *argv[])
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/wire/outgoing/one-span", test_one_span);
    g_test_add_func ("/wire/outgoing/drain", test_drain);
    g_test_add_func ("/wire/outgoing/purge", test_purge);
    g_test_add_func ("/wire/outgoing/drop-all", test_drop_all);
    g_test_add_func ("/wire/outgoing/no-frames", test_no_frames);
    g_test_add_func ("/wire/outgoing/move", test_move);
    g_test_add_func ("/wire/outgoing/settle", test_settle);
    g_test_add_func ("/wire/outgoing/detach", test_detach);
    g_test_add_func ("/wire/outgoing/large", test_large);
    return g_test_run ();
}

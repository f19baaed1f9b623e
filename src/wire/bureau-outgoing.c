/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-outgoing.h"

#include "bureau-websocket-codec.h"

#define MIN_SIZE 2
/* A span that is less than this part of its chunk does not keep the chunk. */
#define SMALL_SHARE 8
#define KEEP        16 /* an emptied ring larger than this is given back */

static BureauSpan *
span_at (const BureauOutgoing *outgoing, guint index)
{
    return &outgoing->ring[(outgoing->first + index) & (outgoing->size - 1)];
}

static void
grow (BureauOutgoing *outgoing)
{
    guint size = MAX (MIN_SIZE, outgoing->size * 2);
    BureauSpan *ring = g_new (BureauSpan, size);

    for (guint i = 0; i < outgoing->count; i++)
        ring[i] = *span_at (outgoing, i);
    g_free (outgoing->ring);
    outgoing->ring = ring;
    outgoing->size = size;
    outgoing->first = 0;
}

static void
give_back_if_large (BureauOutgoing *outgoing)
{
    if (outgoing->count > 0)
        return;
    outgoing->first = 0;
    if (outgoing->size <= KEEP)
        return;
    g_clear_pointer (&outgoing->ring, g_free);
    outgoing->size = 0;
}

/* Takes a reference to the chunk of @span. */
static void
append (BureauOutgoing *outgoing, BureauSpan span)
{
    if (outgoing->count == outgoing->size)
        grow (outgoing);
    bureau_chunk_ref (span.chunk);
    *span_at (outgoing, outgoing->count++) = span;
    outgoing->unsent += span.length;
}

void
bureau_outgoing_push (BureauOutgoing *outgoing, BureauChunk *chunk, guint offset, guint length,
                      BureauRoom *room)
{
    if (outgoing->count > 0) {
        BureauSpan *last = span_at (outgoing, outgoing->count - 1);

        if (last->chunk == chunk && last->offset + last->length == offset && last->room == room) {
            last->length += length;
            outgoing->unsent += length;
            return;
        }
    }
    append (outgoing, (BureauSpan){ chunk, offset, length, room });
}

void
bureau_outgoing_move (BureauOutgoing *outgoing, BureauOutgoing *source)
{
    g_assert (source->sent == 0);
    for (guint i = 0; i < source->count; i++) {
        BureauSpan *span = span_at (source, i);

        bureau_outgoing_push (outgoing, span->chunk, span->offset, span->length, span->room);
    }
    bureau_outgoing_clear (source);
}

void
bureau_outgoing_clear (BureauOutgoing *outgoing)
{
    for (guint i = 0; i < outgoing->count; i++)
        bureau_chunk_unref (span_at (outgoing, i)->chunk);
    g_free (outgoing->ring);
    *outgoing = (BureauOutgoing){ 0 };
}

/* ------------------------------------------------------------------ dropping */

/* Where in the first span the frame ends of which a part is out. */
static guint
end_of_half_frame (const BureauOutgoing *outgoing)
{
    const BureauSpan *span = span_at (outgoing, 0);
    guint end = 0;

    while (end < outgoing->sent) {
        guint8 opcode;
        gsize payload;
        guint header = bureau_websocket_parse_header (span->chunk->bytes + span->offset + end,
                                                      &opcode, &payload);

        end += header + payload;
    }
    return end;
}

void
bureau_outgoing_filter (BureauOutgoing *outgoing, gboolean all, BureauRoom *room)
{
    BureauOutgoing kept = { 0 };

    for (guint i = 0; i < outgoing->count; i++) {
        BureauSpan span = *span_at (outgoing, i);

        if (span.room != BUREAU_NO_FRAMES && (all || span.room == room)) {
            span.length = i == 0 ? end_of_half_frame (outgoing) : 0;
            /* The room may be gone next, and another take its place in memory. */
            span.room = NULL;
        }
        if (span.length > 0)
            append (&kept, span);
    }
    kept.sent = outgoing->sent;
    kept.unsent -= kept.sent;
    bureau_outgoing_clear (outgoing);
    *outgoing = kept;
    /* What is left of the first span may be out already, all of it. */
    bureau_outgoing_advance (outgoing, 0);
}

/* ------------------------------------------------------------------ waiting */

static void
detach (BureauSpan *span)
{
    BureauChunk *own = bureau_chunk_new_take (
        g_memdup2 (span->chunk->bytes + span->offset, span->length), span->length);

    bureau_chunk_unref (span->chunk);
    span->chunk = own;
    span->offset = 0;
}

void
bureau_outgoing_detach (BureauOutgoing *outgoing, const BureauArena *arena)
{
    for (guint i = outgoing->count; i > 0; i--) {
        BureauSpan *span = span_at (outgoing, i - 1);

        if (span->chunk->turn != arena->turn + 1)
            break;
        if (span->length < span->chunk->size / SMALL_SHARE)
            detach (span);
    }
}

/* ------------------------------------------------------------------ taking out */

guint
bureau_outgoing_peek (const BureauOutgoing *outgoing, struct iovec *vectors, guint max)
{
    guint count = MIN (outgoing->count, max);

    for (guint i = 0; i < count; i++) {
        BureauSpan *span = span_at (outgoing, i);

        vectors[i].iov_base = span->chunk->bytes + span->offset;
        vectors[i].iov_len = span->length;
    }
    if (count > 0) {
        vectors[0].iov_base = (guint8 *) vectors[0].iov_base + outgoing->sent;
        vectors[0].iov_len -= outgoing->sent;
    }
    return count;
}

void
bureau_outgoing_advance (BureauOutgoing *outgoing, gsize length)
{
    outgoing->unsent -= length;
    outgoing->sent += length;
    while (outgoing->count > 0 && outgoing->sent >= span_at (outgoing, 0)->length) {
        BureauSpan *span = span_at (outgoing, 0);

        outgoing->sent -= span->length;
        bureau_chunk_unref (span->chunk);
        outgoing->first = (outgoing->first + 1) & (outgoing->size - 1);
        outgoing->count--;
    }
    give_back_if_large (outgoing);
}

void
bureau_outgoing_foreach_frame (const BureauOutgoing *outgoing, BureauOutgoingFunc func,
                               gpointer data)
{
    for (guint i = 0; i < outgoing->count; i++) {
        const BureauSpan *span = span_at (outgoing, i);

        for (gsize done = 0; done < span->length;) {
            /* Looked for each time: the chunk's bytes move when @func makes a frame. */
            const guint8 *frame = span->chunk->bytes + span->offset + done;
            guint8 opcode;
            gsize length;
            guint header = bureau_websocket_parse_header (frame, &opcode, &length);

            func (opcode, frame + header, length, span->room, data);
            done += header + length;
        }
    }
}

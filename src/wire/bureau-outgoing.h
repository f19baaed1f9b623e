/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-arena.h"
#include "bureau-room.h"

#include <sys/uio.h>

G_BEGIN_DECLS

/* What waits for one receiver: spans of chunks, in order. A frame that lies right behind the last
 * span, and was sent to the same room, only makes that span longer. */

/* In a room's place: bytes that are no frames, of which none is ever dropped. */
#define BUREAU_NO_FRAMES ((BureauRoom *) GSIZE_TO_POINTER (G_MAXSIZE))

typedef struct {
    BureauChunk *chunk; /* (owned) */
    guint offset;
    guint length;
    BureauRoom *room; /* (unowned) (nullable): it was sent to, or BUREAU_NO_FRAMES; only compared */
} BureauSpan;

typedef struct {
    BureauSpan *ring; /* (owned) (nullable): its size is a power of two */
    guint size;
    guint first;
    guint count;
    gsize sent;   /* bytes of the first span that are out already */
    gsize unsent; /* bytes of all spans, less `sent` */
} BureauOutgoing;

void bureau_outgoing_push (BureauOutgoing *outgoing, BureauChunk *chunk, guint offset, guint length,
                           BureauRoom *room);
/* All that @source has goes behind what @outgoing has. */
void bureau_outgoing_move (BureauOutgoing *outgoing, BureauOutgoing *source);
/* Drops what waits of WebSocket frames, @all of it or what was sent to @room; but never
 * a frame that is half out. */
void bureau_outgoing_filter (BureauOutgoing *outgoing, gboolean all, BureauRoom *room);
void bureau_outgoing_clear (BureauOutgoing *outgoing);
/* Fills @vectors with what is to go out next; returns how many. */
guint bureau_outgoing_peek (const BureauOutgoing *outgoing, struct iovec *vectors, guint max);
/* For one that waits longer than its turn: what is little of its chunk gets a chunk of its own, so
 * that it does not keep all the rest in memory. Looks at what was queued in this turn of @arena
 * only. */
void bureau_outgoing_detach (BureauOutgoing *outgoing, const BureauArena *arena);
/* @length more bytes are out. */
void bureau_outgoing_advance (BureauOutgoing *outgoing, gsize length);
/* Calls @func for each WebSocket frame that waits, none of which is half out, with its opcode,
 * payload and room. */
typedef void (*BureauOutgoingFunc) (guint8 opcode, const guint8 *payload, gsize length,
                                    BureauRoom *room, gpointer data);
void bureau_outgoing_foreach_frame (const BureauOutgoing *outgoing, BureauOutgoingFunc func,
                                    gpointer data);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where the bytes of a turn's frames lie, one behind the other, so that a receiver's share of them
 * is one span and not a list (performance.md, 11.4). A chunk is used again as soon as everybody has
 * got what is in it; what a slow reader still waits for is cut to its size and left to them. One
 * thread. */

typedef struct {
    guint references;
    guint used;
    guint size;
    guint turn;    /* of its arena when it was last filled; 0 for one that is in none */
    guint8 *bytes; /* (owned): stays where it is until the turn is over */
} BureauChunk;

typedef struct {
    BureauChunk *current; /* (owned) (nullable) */
    guint turn;           /* how many have been settled */
} BureauArena;

/* Appends @head and @body, one behind the other. Returns the chunk (transfer full) and @offset in
 * it. */
BureauChunk *bureau_arena_append (BureauArena *arena, const void *head, gsize head_length,
                                  const void *body, gsize body_length, guint *offset);
/* The end of a turn: empties the chunk, or lets go of it. */
void bureau_arena_settle (BureauArena *arena);
void bureau_arena_clear (BureauArena *arena);

/* A chunk of its own, for what outlives its turn. Takes @bytes. */
BureauChunk *bureau_chunk_new_take (guint8 *bytes, gsize length);
BureauChunk *bureau_chunk_ref (BureauChunk *chunk);
void bureau_chunk_unref (BureauChunk *chunk);

G_END_DECLS

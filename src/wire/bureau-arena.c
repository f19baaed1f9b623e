/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-arena.h"

#include <string.h>

/* Pages that nothing is written to cost nothing. */
#define SIZE (64 * 1024)

/* ------------------------------------------------------------------ chunks */

BureauChunk *
bureau_chunk_new_take (guint8 *bytes, gsize length)
{
    BureauChunk *chunk = g_new (BureauChunk, 1);

    g_assert (length <= G_MAXUINT);
    *chunk = (BureauChunk){ .references = 1, .used = length, .size = length, .bytes = bytes };
    return chunk;
}

BureauChunk *
bureau_chunk_ref (BureauChunk *chunk)
{
    chunk->references++;
    return chunk;
}

void
bureau_chunk_unref (BureauChunk *chunk)
{
    if (--chunk->references > 0)
        return;
    g_free (chunk->bytes);
    g_free (chunk);
}

/* ------------------------------------------------------------------ the arena */

static void
make_room (BureauArena *arena, gsize length)
{
    BureauChunk *chunk = arena->current;

    if (chunk != NULL && chunk->size - chunk->used >= length)
        return;
    g_clear_pointer (&arena->current, bureau_chunk_unref);
    chunk = bureau_chunk_new_take (g_malloc (MAX (SIZE, length)), MAX (SIZE, length));
    chunk->used = 0;
    chunk->turn = arena->turn + 1;
    arena->current = chunk;
}

BureauChunk *
bureau_arena_append (BureauArena *arena, const void *head, gsize head_length, const void *body,
                     gsize body_length, guint *offset)
{
    BureauChunk *chunk;

    make_room (arena, head_length + body_length);
    chunk = arena->current;
    *offset = chunk->used;
    memcpy (chunk->bytes + chunk->used, head, head_length);
    if (body_length > 0)
        memcpy (chunk->bytes + chunk->used + head_length, body, body_length);
    chunk->used += head_length + body_length;
    return bureau_chunk_ref (chunk);
}

void
bureau_arena_settle (BureauArena *arena)
{
    BureauChunk *chunk = arena->current;

    arena->turn++;
    if (chunk == NULL)
        return;
    if (chunk->references == 1 && chunk->size == SIZE) {
        chunk->used = 0;
        chunk->turn = arena->turn + 1;
        return;
    }
    /* Somebody may wait long for what is in it: not for what is not. */
    if (chunk->references > 1 && chunk->used < chunk->size) {
        chunk->bytes = g_realloc (chunk->bytes, chunk->used);
        chunk->size = chunk->used;
    }
    g_clear_pointer (&arena->current, bureau_chunk_unref);
}

void
bureau_arena_clear (BureauArena *arena)
{
    g_clear_pointer (&arena->current, bureau_chunk_unref);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "slices.h"

/* FNV-1a. */
static guint32
hash (const guint8 *bytes, gsize length)
{
    guint32 state = 2166136261u;

    for (gsize i = 0; i < length; i++)
        state = (state ^ bytes[i]) * 16777619u;
    return state;
}

void
slices_init (Slices *slices, const guint8 *bytes, gsize length, gsize max)
{
    *slices = (Slices){ bytes, length, max, hash (bytes, length) };
}

gboolean
slices_next (Slices *slices, guint8 **slice, gsize *length)
{
    if (slices->left == 0)
        return FALSE;
    slices->state = slices->state * 1664525u + 1013904223u;
    *length = slices->left;
    if (slices->max != SLICES_WHOLE)
        *length = MIN (1 + (slices->state >> 8) % slices->max, slices->left);
    *slice = g_memdup2 (slices->position, *length);
    slices->position += *length;
    slices->left -= *length;
    return TRUE;
}

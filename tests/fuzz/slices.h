/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes as a network delivers them: in pieces that have nothing to do with what they mean. Where
 * they are cut depends on the bytes alone, so that a find can be repeated. */
typedef struct {
    const guint8 *position; /* (unowned) */
    gsize left;
    gsize max;
    guint32 state;
} Slices;

/* @max: bytes of a slice; 1 for one at a time, SLICES_WHOLE for all at once. */
#define SLICES_WHOLE 0
void slices_init (Slices *slices, const guint8 *bytes, gsize length, gsize max);
/* FALSE when there is no more. @slice has no byte before or behind it, so that reading past it
 * shows. (transfer full) */
gboolean slices_next (Slices *slices, guint8 **slice, gsize *length);

/* The target, as libFuzzer calls it: any bytes at all. A find is a crash. */
int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

G_END_DECLS

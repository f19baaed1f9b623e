/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"

G_BEGIN_DECLS

/* Forgets what is old, so that an office does not grow for ever: of a room's log what is older than
 * the settings say and not among its last events either, the answers kept for repeats, and what
 * fields of tasks were before. A little at a time, while nobody asks for anything; whoever has been
 * away for longer is told to begin anew (`sync:reset`, reliability.md, G6). */
typedef struct _BureauPrune BureauPrune;

BureauPrune *bureau_prune_new (BureauAuthority *authority);
void bureau_prune_free (BureauPrune *self);

/* Goes through all of it, from now on until it is done. By itself it does so each hour. */
void bureau_prune_begin (BureauPrune *self);
gboolean bureau_prune_is_under_way (BureauPrune *self);

G_END_DECLS

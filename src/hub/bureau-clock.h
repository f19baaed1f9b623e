/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-store.h"

G_BEGIN_DECLS

/* Security time: what tokens, sessions, invitations and back-offs expire by (reliability.md, G28).
 * It goes on with the monotonic clock, follows the wall clock forwards and never goes backwards,
 * not even over a restart: so no clock that is set back revives what has expired, and none holds up
 * what waits for a time to pass. An instant, as everywhere. */
typedef struct {
    gint64 reached; /* instant: the last that was read */
    gint64 at;      /* monotonic, µs: when that was */
    gint64 stored;  /* instant: what a restart begins with */
} BureauClock;

/* Begins where an earlier run has come to. */
gboolean bureau_clock_load (BureauClock *self, BureauStore *store, gint64 monotonic,
                            GError **error);
/* How late it is for a hub that would begin to serve now. */
gboolean bureau_clock_peek (BureauStore *store, gint64 *now, GError **error);
/* @wall: instant; @monotonic: µs. */
gint64 bureau_clock_read (BureauClock *self, gint64 wall, gint64 monotonic);
/* Stores how far it has come, in the caller's transaction, if that was a minute ago. */
gboolean bureau_clock_store (BureauClock *self, BureauStore *store, GError **error);

G_END_DECLS

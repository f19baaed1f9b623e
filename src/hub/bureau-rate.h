/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How often somebody may do something: the generic cell rate algorithm of ATM Forum TM 4.0, one
 * number for each somebody. Pure; times are monotonic µs. */
typedef struct {
    gint64 interval; /* µs for each, in the long run */
    gint64 burst;    /* µs: how far one may be ahead of that */
} BureauRateLimit;

/* So many a second, and so many at once after a pause. */
#define BUREAU_RATE_LIMIT(per_second, at_once)                                                     \
    ((BureauRateLimit){ G_USEC_PER_SEC / (per_second),                                             \
                        ((at_once) -1) * (G_USEC_PER_SEC / (per_second)) })

/* Begins as zeroes. */
typedef struct {
    gint64 due; /* when the next would come at an even pace */
} BureauRate;

/* Returns 0 and counts one, or returns how long to wait, in µs. */
gint64 bureau_rate_take (BureauRate *self, const BureauRateLimit *limit, gint64 now);
/* The same for @count of them, all or none. More than the limit gives at once are never given. */
gint64 bureau_rate_take_many (BureauRate *self, const BureauRateLimit *limit, gint64 count,
                              gint64 now);
/* Counts @count of what has been had already, however many that is. Whether there may be more,
 * taking none tells. */
void bureau_rate_owe (BureauRate *self, const BureauRateLimit *limit, gint64 count, gint64 now);

G_END_DECLS

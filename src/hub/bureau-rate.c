/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-rate.h"

gint64
bureau_rate_take (BureauRate *self, const BureauRateLimit *limit, gint64 now)
{
    gint64 due = MAX (self->due, now);

    if (due - now > limit->burst)
        return due - now - limit->burst;
    self->due = due + limit->interval;
    return 0;
}

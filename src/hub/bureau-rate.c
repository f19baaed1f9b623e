/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-rate.h"

gint64
bureau_rate_take_many (BureauRate *self, const BureauRateLimit *limit, gint64 count, gint64 now)
{
    gint64 due = MAX (self->due, now);
    gint64 last = due + (count - 1) * limit->interval;

    if (last - now > limit->burst)
        return last - now - limit->burst;
    self->due = last + limit->interval;
    return 0;
}

gint64
bureau_rate_take (BureauRate *self, const BureauRateLimit *limit, gint64 now)
{
    return bureau_rate_take_many (self, limit, 1, now);
}

void
bureau_rate_owe (BureauRate *self, const BureauRateLimit *limit, gint64 count, gint64 now)
{
    self->due = MAX (self->due, now) + count * limit->interval;
}

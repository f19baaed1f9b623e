/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-rates.h"

#include "bureau-error.h"
#include "bureau-rate-table.h"

/* People and addresses remembered for one kind: some 2 MB at the worst. */
#define CAPACITY 16384

#define MINUTE (60 * (gint64) G_USEC_PER_SEC)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

struct _BureauRates {
    BureauRateTable *tables[BUREAU_N_RATES]; /* (owned) */
};

/* ------------------------------------------------------------------ the limits */

/* So many in @period, and so many at once after a pause. */
static BureauRateLimit
make_limit (gint64 period, gint64 count, gint64 at_once)
{
    gint64 interval = period / count;

    return (BureauRateLimit){ interval, (at_once - 1) * interval };
}

static BureauRateLimit
get_limit (const BureauSettings *settings, BureauRateKind kind)
{
    switch (kind) {
    case BUREAU_RATE_COMMAND:
        return make_limit (G_USEC_PER_SEC, settings->person_commands_per_second,
                           settings->person_commands_at_once);
    case BUREAU_RATE_STORE:
        return make_limit (DAY, settings->stored_per_day, settings->stored_per_day);
    case BUREAU_RATE_READ:
        return make_limit (G_USEC_PER_SEC, settings->read_per_second, settings->read_at_once);
    case BUREAU_RATE_PROJECT:
        return make_limit (HOUR, settings->projects_per_hour, settings->projects_per_hour);
    case BUREAU_RATE_MEMBER:
        return make_limit (HOUR, settings->members_per_hour, settings->members_per_hour);
    case BUREAU_RATE_INVITE:
        return make_limit (HOUR, settings->invitations_per_hour, settings->invitations_per_hour);
    case BUREAU_RATE_REFRESH:
        return make_limit (MINUTE, settings->refreshes_per_minute, settings->refreshes_at_once);
    default:
        return make_limit (MINUTE, settings->sign_ins_per_minute, settings->sign_ins_at_once);
    }
}

BureauRates *
bureau_rates_new (const BureauSettings *settings)
{
    BureauRates *self = g_new0 (BureauRates, 1);

    for (BureauRateKind kind = BUREAU_RATE_NONE + 1; kind < BUREAU_N_RATES; kind++) {
        BureauRateLimit limit = get_limit (settings, kind);

        self->tables[kind] = bureau_rate_table_new (&limit, CAPACITY);
    }
    return self;
}

void
bureau_rates_free (BureauRates *self)
{
    for (guint i = 0; i < G_N_ELEMENTS (self->tables); i++)
        g_clear_pointer (&self->tables[i], bureau_rate_table_free);
    g_free (self);
}

/* ------------------------------------------------------------------ counting */

/* What is said of those that take longer than a moment. */
static const char *const sentences[BUREAU_N_RATES] = {
    [BUREAU_RATE_STORE] = "You have stored as much as one person may in a day. Try again later, or "
                          "ask whoever runs the hub.",
    [BUREAU_RATE_PROJECT] = "You have made as many projects as one person may in an hour. Try "
                            "again later.",
    [BUREAU_RATE_MEMBER] = "You have added as many people as one person may in an hour. Try again "
                           "later.",
    [BUREAU_RATE_INVITE] = "You have made as many invitations as one person may in an hour. Try "
                           "again later.",
};

static void
set_error (GError **error, BureauRateKind kind, gint64 wait)
{
    gint64 wait_ms = wait / 1000 + 1;

    if (sentences[kind] == NULL)
        bureau_error_set_rate_limited (error, wait_ms);
    else
        g_propagate_error (error, bureau_error_new_full (BUREAU_ERROR_RATE_LIMITED, NULL, wait_ms,
                                                         sentences[kind]));
}

gboolean
bureau_rates_take (BureauRates *self, BureauRateKind kind, const char *who, gint64 count,
                   GError **error)
{
    gint64 wait = kind != BUREAU_RATE_NONE ? bureau_rate_table_take (self->tables[kind], who, count,
                                                                     g_get_monotonic_time ())
                                           : 0;

    if (wait == 0)
        return TRUE;
    set_error (error, kind, wait);
    return FALSE;
}

void
bureau_rates_owe (BureauRates *self, BureauRateKind kind, const char *who, gint64 count)
{
    bureau_rate_table_owe (self->tables[kind], who, count, g_get_monotonic_time ());
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-rate-table.h"

/* A full table is looked through no more often than this. */
#define SWEEP_USEC G_USEC_PER_SEC

struct _BureauRateTable {
    BureauRateLimit limit;
    guint capacity;
    GHashTable *rates; /* name → BureauRate (owned) */
    gint64 next_sweep;
};

typedef struct {
    gint64 now;
    gint64 ahead; /* who is so far ahead, or less, may be forgotten */
} Sweep;

BureauRateTable *
bureau_rate_table_new (const BureauRateLimit *limit, guint capacity)
{
    BureauRateTable *self = g_new0 (BureauRateTable, 1);

    self->limit = *limit;
    self->capacity = capacity;
    self->rates = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    return self;
}

void
bureau_rate_table_free (BureauRateTable *self)
{
    g_hash_table_unref (self->rates);
    g_free (self);
}

static gboolean
is_forgettable (gpointer name, gpointer rate, gpointer data)
{
    const Sweep *sweep = data;

    return ((BureauRate *) rate)->due - sweep->now <= sweep->ahead;
}

static gboolean
is_full (BureauRateTable *self)
{
    return g_hash_table_size (self->rates) >= self->capacity;
}

/* First those with nothing to remember, then those that need not wait. */
static void
make_room (BureauRateTable *self, gint64 now)
{
    Sweep sweep = { now, 0 };

    if (!is_full (self) || now < self->next_sweep)
        return;
    self->next_sweep = now + SWEEP_USEC;
    g_hash_table_foreach_remove (self->rates, is_forgettable, &sweep);
    sweep.ahead = self->limit.burst;
    if (is_full (self))
        g_hash_table_foreach_remove (self->rates, is_forgettable, &sweep);
}

gint64
bureau_rate_table_take (BureauRateTable *self, const char *name, gint64 count, gint64 now)
{
    BureauRate *rate = g_hash_table_lookup (self->rates, name);

    if (rate == NULL) {
        make_room (self, now);
        if (is_full (self))
            return self->next_sweep - now;
        rate = g_new0 (BureauRate, 1);
        g_hash_table_insert (self->rates, g_strdup (name), rate);
    }
    return bureau_rate_take_many (rate, &self->limit, count, now);
}

void
bureau_rate_table_owe (BureauRateTable *self, const char *name, gint64 count, gint64 now)
{
    BureauRate *rate = g_hash_table_lookup (self->rates, name);

    if (rate != NULL)
        bureau_rate_owe (rate, &self->limit, count, now);
}

guint
bureau_rate_table_get_size (BureauRateTable *self)
{
    return g_hash_table_size (self->rates);
}

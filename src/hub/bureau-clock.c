/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-clock.h"

#define STORE_MS 60000
#define HIGHEST  "time"

gboolean
bureau_clock_load (BureauClock *self, BureauStore *store, gint64 monotonic, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    g_autofree char *stored = bureau_store_get_meta (store, HIGHEST, &local_error);

    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    self->stored = stored != NULL ? g_ascii_strtoll (stored, NULL, 10) : 0;
    self->reached = self->stored;
    self->at = monotonic;
    return TRUE;
}

gint64
bureau_clock_read (BureauClock *self, gint64 wall, gint64 monotonic)
{
    gint64 passed = (monotonic - self->at) / 1000;

    /* What is left of a millisecond counts with the next reading. */
    self->reached += passed;
    self->at += passed * 1000;
    self->reached = MAX (self->reached, wall);
    return self->reached;
}

gboolean
bureau_clock_peek (BureauStore *store, gint64 *now, GError **error)
{
    BureauClock clock;

    if (!bureau_clock_load (&clock, store, 0, error))
        return FALSE;
    *now = bureau_clock_read (&clock, g_get_real_time () / 1000, 0);
    return TRUE;
}

gboolean
bureau_clock_store (BureauClock *self, BureauStore *store, GError **error)
{
    g_autofree char *reached = NULL;

    if (self->reached - self->stored < STORE_MS)
        return TRUE;
    reached = g_strdup_printf ("%" G_GINT64_FORMAT, self->reached);
    if (!bureau_store_set_meta (store, HIGHEST, reached, error))
        return FALSE;
    self->stored = self->reached;
    return TRUE;
}

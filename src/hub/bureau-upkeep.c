/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-upkeep.h"

#include <unistd.h>

#include "bureau-authority.h"
#include "bureau-backup-ring.h"
#include "bureau-backup.h"
#include "bureau-health.h"
#include "bureau-opening.h"
#include "bureau-store-check.h"
#include "bureau-store-copy.h"
#include "bureau-timer.h"

#define REVIEW_SECONDS 300
/* After a failure, so that the log does not fill with it. */
#define RETRY_US (3600 * (gint64) G_USEC_PER_SEC)
/* Whoever is served goes first. */
#define NICENESS 10

struct _BureauUpkeep {
    BureauAuthority *authority; /* (not owned) */
    GSource *timer;             /* (owned) */
    GSource *back;              /* (owned): wakes the hub when the thread has ended */
    GCancellable *cancellable;  /* (owned) */
    GThread *thread;            /* (owned) (nullable) */
    gint64 not_before;          /* monotonic, µs */
    gint64 now;                 /* for the thread: when it was begun, an instant */

    /* What came of it. */
    char *damage;  /* (owned) (nullable) */
    GError *error; /* (owned) (nullable): it could not be done */
};

/* ------------------------------------------------------------------ in the thread */

/* (transfer full) (nullable) */
static char *
find_damage (BureauUpkeep *self, const char *database)
{
    g_autoptr (BureauStore) store = bureau_store_open_read_only (database, &self->error);
    g_autofree char *wrong = NULL;

    if (store == NULL)
        return NULL;
    bureau_store_set_cancellable (store, self->cancellable);
    if (!bureau_store_begin_reading (store, &self->error))
        return NULL;
    wrong = bureau_store_find_damage (store);
    return g_cancellable_set_error_if_cancelled (self->cancellable, &self->error)
               ? NULL
               : g_steal_pointer (&wrong);
}

static void
back_up (BureauUpkeep *self, const char *directory)
{
    g_autofree char *to = bureau_ring_make_path (directory, BUREAU_RING_DAILY, self->now,
                                                 &self->error);
    g_autoptr (JsonObject) about = NULL;

    if (to != NULL)
        about = bureau_backup_make (directory, to, self->now, self->cancellable, &self->error);
    if (about != NULL)
        bureau_ring_prune (directory, self->now);
}

static gpointer
run (gpointer data)
{
    BureauUpkeep *self = data;
    const char *database = bureau_data_directory_get_database (self->authority->directory);
    const char *directory = bureau_data_directory_get_path (self->authority->directory);

    if (nice (NICENESS) == -1)
        g_debug ("Can't be nice.");
    self->damage = find_damage (self, database);
    if (self->damage == NULL && self->error == NULL)
        back_up (self, directory);
    if (self->damage != NULL) {
        char *advice = bureau_opening_advise (directory, self->damage, self->cancellable);

        g_free (self->damage);
        self->damage = advice;
    }
    g_source_set_ready_time (self->back, 0);
    return NULL;
}

/* ------------------------------------------------------------------ in the hub's */

static void
take_result (BureauUpkeep *self)
{
    if (self->damage != NULL) {
        g_message ("%s", self->damage);
        bureau_store_set_damaged (self->authority->store);
        bureau_health_review (self->authority);
    }
    if (self->error != NULL) {
        g_message ("The daily backup was not made: %s", self->error->message);
        self->not_before = g_get_monotonic_time () + RETRY_US;
    }
    g_clear_pointer (&self->damage, g_free);
    g_clear_error (&self->error);
}

static gboolean
on_back_cb (gpointer data)
{
    BureauUpkeep *self = data;

    g_source_set_ready_time (self->back, -1);
    g_clear_pointer (&self->thread, g_thread_join);
    take_result (self);
    return G_SOURCE_CONTINUE;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
    return callback (data);
}

static gboolean
on_review_cb (gpointer data)
{
    bureau_upkeep_review (data);
    return G_SOURCE_CONTINUE;
}

BureauUpkeep *
bureau_upkeep_new (BureauAuthority *authority)
{
    static GSourceFuncs functions = { .dispatch = dispatch };
    BureauUpkeep *self = g_new0 (BureauUpkeep, 1);

    self->authority = authority;
    self->cancellable = g_cancellable_new ();
    self->back = g_source_new (&functions, sizeof (GSource));
    g_source_set_callback (self->back, on_back_cb, self, NULL);
    g_source_attach (self->back, g_main_context_get_thread_default ());
    bureau_timer_start_seconds (&self->timer, REVIEW_SECONDS, on_review_cb, self);
    return self;
}

void
bureau_upkeep_free (BureauUpkeep *self)
{
    g_cancellable_cancel (self->cancellable);
    g_clear_pointer (&self->thread, g_thread_join);
    bureau_timer_stop (&self->timer);
    g_source_destroy (self->back);
    g_source_unref (self->back);
    g_object_unref (self->cancellable);
    g_free (self->damage);
    g_clear_error (&self->error);
    g_free (self);
}

void
bureau_upkeep_review (BureauUpkeep *self)
{
    const char *directory = bureau_data_directory_get_path (self->authority->directory);

    if (self->thread != NULL || g_get_monotonic_time () < self->not_before ||
        bureau_authority_get_storage_state (self->authority) != BUREAU_STORAGE_OK ||
        !bureau_ring_is_due (directory, bureau_authority_now (self->authority)))
        return;
    self->now = bureau_authority_now (self->authority);
    self->thread = g_thread_new ("bureau-upkeep", run, self);
}

gboolean
bureau_upkeep_is_busy (BureauUpkeep *self)
{
    return self->thread != NULL;
}

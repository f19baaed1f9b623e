/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-upkeep.h"

#include <unistd.h>

#include "bureau-authority.h"
#include "bureau-backup-ring.h"
#include "bureau-backup.h"
#include "bureau-error.h"
#include "bureau-files.h"
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
/* Between two steps of a copy, each of which takes about half of one. */
#define PAUSE_MS 2

struct _BureauUpkeep {
    BureauAuthority *authority; /* (not owned) */
    GSource *timer;             /* (owned) */
    GSource *back;              /* (owned): wakes the hub when the thread has ended */
    GCancellable *cancellable;  /* (owned) */
    gint64 not_before;          /* monotonic, µs */

    /* What is being made; first by steps in the hub's thread, then in one of its own. */
    gint64 now;            /* an instant */
    char *to;              /* (owned) (nullable): the backup */
    char *pages;           /* (owned) (nullable): the copy that it is made from */
    BureauStoreCopy *copy; /* (owned) (nullable) */
    guint n_steps;         /* of it */
    GSource *step;         /* (owned) (nullable) */
    GThread *thread;       /* (owned) (nullable) */

    /* What came of it. */
    char *damage;  /* (owned) (nullable) */
    GError *error; /* (owned) (nullable): it could not be done */
};

/* ------------------------------------------------------------------ in the thread */

/* FALSE if the disk kept what was to be seen from being read: it may be whole. */
static gboolean
could_look (BureauStore *store)
{
    BureauStorageState state = bureau_store_get_state (store);

    return state == BUREAU_STORAGE_OK || state == BUREAU_STORAGE_DAMAGED;
}

/* (transfer full) (nullable) */
static char *
find_damage (BureauUpkeep *self)
{
    g_autoptr (BureauStore) store = bureau_store_open_read_only (self->pages, &self->error);
    g_autofree char *wrong = NULL;

    if (store == NULL)
        return NULL;
    bureau_store_set_cancellable (store, self->cancellable);
    wrong = bureau_store_find_damage (store);
    if (wrong == NULL || g_cancellable_set_error_if_cancelled (self->cancellable, &self->error))
        return NULL;
    if (!could_look (store)) {
        g_set_error_literal (&self->error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE, wrong);
        return NULL;
    }
    return g_steal_pointer (&wrong);
}

static void
back_up (BureauUpkeep *self, const char *directory)
{
    g_autoptr (JsonObject) about = bureau_backup_make_from (
        directory, self->pages, self->to, self->now, self->cancellable, &self->error);

    if (about != NULL)
        bureau_ring_prune (directory, self->now);
}

static gpointer
flush (gpointer data)
{
    BureauUpkeep *self = data;

    bureau_store_copy_flush (self->copy);
    g_source_set_ready_time (self->back, 0);
    return NULL;
}

static gpointer
make_backup (gpointer data)
{
    BureauUpkeep *self = data;
    const char *directory = bureau_data_directory_get_path (self->authority->directory);

    if (nice (NICENESS) == -1)
        g_debug ("Can't be nice.");
    self->damage = find_damage (self);
    if (self->damage == NULL && self->error == NULL)
        back_up (self, directory);
    bureau_files_unlink (self->pages);
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
    g_clear_pointer (&self->to, g_free);
    g_clear_pointer (&self->pages, g_free);
}

static void
stop_copying (BureauUpkeep *self)
{
    bureau_timer_stop (&self->step);
    g_clear_pointer (&self->copy, bureau_store_copy_free);
}

static void
end_copying (BureauUpkeep *self)
{
    stop_copying (self);
    self->now = bureau_authority_now (self->authority);
    if (self->error == NULL) {
        self->thread = g_thread_new ("bureau-upkeep", make_backup, self);
    } else {
        bureau_files_unlink (self->pages);
        take_result (self);
    }
}

static gboolean
on_step_cb (gpointer data)
{
    BureauUpkeep *self = data;
    gboolean done;

    if (!bureau_store_copy_step (self->copy, &done, &self->error) || done) {
        end_copying (self);
        return G_SOURCE_REMOVE;
    }
    if (++self->n_steps % BUREAU_STORE_COPY_STEPS != 0)
        return G_SOURCE_CONTINUE;
    bureau_timer_stop (&self->step);
    self->thread = g_thread_new ("bureau-upkeep", flush, self);
    return G_SOURCE_REMOVE;
}

/* By the hub's own connection, a step at a time: a second one that reads so much would keep
 * checkpoints from carrying over what is written meanwhile, and the one after it would take long.
 */
static void
begin_copying (BureauUpkeep *self, const char *directory)
{
    self->to = bureau_ring_make_path (directory, BUREAU_RING_DAILY, self->now, &self->error);
    if (self->to != NULL)
        self->pages = bureau_backup_prepare (directory, self->to, &self->error);
    if (self->pages != NULL)
        self->copy = bureau_store_copy_begin (self->authority->store, self->pages, &self->error);
    if (self->copy != NULL)
        bureau_timer_start (&self->step, PAUSE_MS, on_step_cb, self);
    else
        take_result (self);
}

static gboolean
on_back_cb (gpointer data)
{
    BureauUpkeep *self = data;

    g_source_set_ready_time (self->back, -1);
    g_clear_pointer (&self->thread, g_thread_join);
    if (self->copy != NULL)
        bureau_timer_start (&self->step, PAUSE_MS, on_step_cb, self);
    else
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
    /* Of one that was killed: now nobody waits for the disk yet. */
    bureau_ring_clean (bureau_data_directory_get_path (authority->directory), BUREAU_RING_DAILY);
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
    if (self->copy != NULL)
        bureau_files_unlink (self->pages);
    stop_copying (self);
    bureau_timer_stop (&self->timer);
    g_source_destroy (self->back);
    g_source_unref (self->back);
    g_object_unref (self->cancellable);
    g_free (self->damage);
    g_clear_error (&self->error);
    g_free (self->to);
    g_free (self->pages);
    g_free (self);
}

void
bureau_upkeep_review (BureauUpkeep *self)
{
    const char *directory = bureau_data_directory_get_path (self->authority->directory);

    if (bureau_upkeep_is_busy (self) || g_get_monotonic_time () < self->not_before ||
        bureau_authority_get_storage_state (self->authority) != BUREAU_STORAGE_OK ||
        !bureau_ring_is_due (directory, bureau_authority_now (self->authority)))
        return;
    self->now = bureau_authority_now (self->authority);
    begin_copying (self, directory);
}

gboolean
bureau_upkeep_is_busy (BureauUpkeep *self)
{
    return self->copy != NULL || self->thread != NULL;
}

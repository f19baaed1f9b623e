/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-prune.h"

#include "bureau-authority.h"
#include "bureau-store-changes.h"
#include "bureau-timer.h"

#define ROUND_SECONDS 3600
/* Rows of one piece, which is a request of the turn like any other: a few milliseconds. Kept
 * answers lie each on a page of its own. */
#define PIECE 100
/* Between two pieces, at least, and for so long nobody else must have asked for anything. */
#define PAUSE_MS 200
#define QUIET_MS 100
/* In an office that is never quiet, there is a piece all the same, so often. */
#define PATIENCE_MS 10000

#define DAY_MS ((gint64) 24 * 3600 * 1000)

struct _BureauPrune {
    BureauAuthority *authority; /* (not owned) */
    GSource *hourly;            /* (owned) */
    GSource *pieces;            /* (owned) (nullable): while a round is under way */
    gint64 last;                /* piece: monotonic, µs */
    gboolean asked;             /* for one that has not been made yet */
    char *room;                 /* (owned) (nullable): whose log it is at; NULL: the first */
    gboolean logs_done;
};

static void
end_round (BureauPrune *self)
{
    bureau_timer_stop (&self->pieces);
    g_clear_pointer (&self->room, g_free);
    self->logs_done = FALSE;
}

/* ------------------------------------------------------------------ a piece */

/* Of the log that it is at. When that has no more, on to the next. */
static gboolean
prune_log (BureauPrune *self, gint64 now, GError **error)
{
    const BureauSettings *settings = &self->authority->settings;
    BureauStore *store = self->authority->store;
    gint64 before = now - settings->log_days * DAY_MS, n = 0;

    if (self->room != NULL)
        n = bureau_store_prune_events (store, self->room, before, settings->log_events, PIECE,
                                       error);
    if (n < 0)
        return FALSE;
    if (n == 0) {
        g_autoptr (GError) local_error = NULL;
        char *next = bureau_store_find_long_log (store, self->room, settings->log_events,
                                                 &local_error);

        g_free (self->room);
        self->room = next;
        self->logs_done = next == NULL;
        if (local_error != NULL) {
            g_propagate_error (error, g_steal_pointer (&local_error));
            return FALSE;
        }
    }
    return TRUE;
}

/* The round ends with a piece that finds nothing. */
static gboolean
prune_rest (BureauPrune *self, gint64 now, GError **error)
{
    const BureauSettings *settings = &self->authority->settings;
    BureauStore *store = self->authority->store;
    gint64 n_answers = bureau_store_prune_answers (store, now - settings->answer_days * DAY_MS,
                                                   PIECE, error);
    guint n_changes;

    if (n_answers < 0 || !bureau_store_prune_task_changes (store, now - settings->log_days * DAY_MS,
                                                           PIECE, &n_changes, error))
        return FALSE;
    if (n_answers == 0 && n_changes == 0)
        end_round (self);
    return TRUE;
}

static gboolean
run_piece (BureauCall *call, GError **error)
{
    BureauPrune *self = call->authority->prune;
    gboolean good = self->logs_done ? prune_rest (self, call->now, error)
                                    : prune_log (self, call->now, error);

    /* The next round tries again. */
    if (!good)
        end_round (self);
    return good;
}

static void
on_answered (BureauRequest *request)
{
    BureauPrune *self = request->call.authority->prune;

    self->asked = FALSE;
    self->last = g_get_monotonic_time ();
}

/* ------------------------------------------------------------------ when */

static gboolean
on_piece_cb (gpointer data)
{
    BureauPrune *self = data;
    BureauRequest *request;
    gint64 now = g_get_monotonic_time ();

    if (self->asked || (now - self->authority->last_turn < QUIET_MS * 1000 &&
                        now - self->last < PATIENCE_MS * 1000))
        return G_SOURCE_CONTINUE;
    request = bureau_request_new (self->authority, run_piece, NULL);
    request->answered = on_answered;
    self->asked = TRUE;
    bureau_authority_queue (self->authority, request);
    return G_SOURCE_CONTINUE;
}

void
bureau_prune_begin (BureauPrune *self)
{
    if (self->pieces != NULL)
        return;
    self->last = g_get_monotonic_time ();
    bureau_timer_start (&self->pieces, PAUSE_MS, on_piece_cb, self);
}

gboolean
bureau_prune_is_under_way (BureauPrune *self)
{
    return self->pieces != NULL;
}

static gboolean
on_hour_cb (gpointer data)
{
    bureau_prune_begin (data);
    return G_SOURCE_CONTINUE;
}

/* ------------------------------------------------------------------ life */

BureauPrune *
bureau_prune_new (BureauAuthority *authority)
{
    BureauPrune *self = g_new0 (BureauPrune, 1);

    self->authority = authority;
    bureau_timer_start_seconds (&self->hourly, ROUND_SECONDS, on_hour_cb, self);
    return self;
}

void
bureau_prune_free (BureauPrune *self)
{
    end_round (self);
    bureau_timer_stop (&self->hourly);
    g_free (self);
}

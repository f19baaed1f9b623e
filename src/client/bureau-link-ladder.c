/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-link-private.h"

#include "bureau-error.h"
#include "bureau-socket.h"
#include "bureau-timer.h"

#define STEADY     10000  /* ms for which a connection must work for them to be forgotten */
#define RISE_WAIT  180000 /* ms between tries to get from long-polling to a WebSocket */
#define CLIMB_WAIT 60000  /* and from REST to anything live */
#define SOON_WAIT  1000   /* ms between two attempts that the network is the reason for */
#define MAX_CUTS   3      /* live connections lost too soon, until something lower is tried */
#define ASK_WAIT   100    /* ms before a token is asked for, once the hub has ended another */

void
bureau_link_set_state (BureauLink *self, BureauLinkState state)
{
    if (self->state == state)
        return;
    self->state = state;
    self->listener->state_changed (self->data);
}

/* @milliseconds with a quarter more or less, so that an office does not come back all at one
 * moment. */
static void
plan (BureauLink *self, GSource **source, gint64 milliseconds, GSourceFunc callback)
{
    bureau_timer_start (source, milliseconds * g_random_double_range (0.75, 1.25), callback, self);
}

static gboolean
on_retry_cb (gpointer data)
{
    BureauLink *self = data;

    bureau_link_attempt (self);
    return G_SOURCE_REMOVE;
}

/* In ms. */
static gint64
get_wait (BureauLink *self)
{
    gint64 wait = self->failures > BUREAU_LINK_SHORT_FAILURES
                      ? BUREAU_LINK_LONG_WAIT
                      : 1000 << (MAX (self->failures, 1) - 1);

    if (self->shut_out && self->failures <= 1)
        wait = ASK_WAIT;
    wait = MAX (wait, self->pause);
    self->pause = 0;
    self->shut_out = FALSE;
    return wait;
}

void
bureau_link_plan_retry (BureauLink *self)
{
    self->failures++;
    plan (self, &self->retry, get_wait (self), on_retry_cb);
    bureau_link_set_state (self, self->failures > BUREAU_LINK_SHORT_FAILURES
                                     ? BUREAU_LINK_OFFLINE
                                     : BUREAU_LINK_CONNECTING);
}

void
bureau_link_leave_attempt (BureauLink *self)
{
    bureau_timer_stop (&self->retry);
    g_clear_pointer (&self->attempt, bureau_attempt_leave);
}

void
bureau_link_leave_rung (BureauLink *self)
{
    g_autoptr (BureauRung) rung = g_steal_pointer (&self->rung);

    bureau_timer_stop (&self->rise);
    bureau_timer_stop (&self->steady);
    self->lasts = FALSE;
    if (!rung)
        return;
    bureau_credentials_set_ask (self->credentials, NULL, NULL);
    g_signal_handlers_disconnect_by_data (rung, self);
    bureau_rung_close (rung);
}

static gboolean
is_asking (BureauLink *self)
{
    return bureau_link_get_transport (self) == BUREAU_TRANSPORT_REST;
}

/* The next try begins with a new token, or with being told that there is none any more. */
static void
shut_out (BureauLink *self)
{
    bureau_credentials_forget_token (self->credentials);
    self->shut_out = TRUE;
}

/* The next attempt comes after a wait, and down to the lowest rung. */
void
bureau_link_lose_rung (BureauLink *self)
{
    bureau_link_leave_attempt (self);
    bureau_link_leave_rung (self);
    self->listener->closed (self->data);
    if (self->state != BUREAU_LINK_IDLE)
        bureau_link_plan_retry (self);
}

/* Something on the way lets live connections come about, and cuts them: what is lower may hold. */
static void
note_cut (BureauLink *self)
{
    if (self->lasts || is_asking (self) || ++self->cuts < MAX_CUTS)
        return;
    self->first = bureau_link_get_transport (self) + 1;
    self->lowered = TRUE;
}

static void
on_closed_cb (BureauRung *rung, const GError *reason, gpointer data)
{
    g_autoptr (BureauLink) self = g_object_ref (data);
    guint16 code = bureau_socket_error_get_close_code (reason);

    g_debug ("The connection closed: %s", reason ? reason->message : "no reason");
    if (code == BUREAU_SOCKET_CLOSE_EXPIRED || code == BUREAU_SOCKET_CLOSE_SIGNED_OUT)
        shut_out (self);
    /* A hub that ends it says why. */
    if (code == 0)
        note_cut (self);
    bureau_link_lose_rung (self);
}

static void
on_event_cb (BureauRung *rung, const char *name, JsonObject *json, gpointer data)
{
    g_autoptr (BureauLink) self = g_object_ref (data);

    self->listener->event (self->data, name, json);
}

/* ------------------------------------------------------------------ to something better */

/* A socket rises by itself; what there is beside REST has to be opened anew. */
void
bureau_link_rise (BureauLink *self)
{
    bureau_rung_hurry (self->rung);
    if (is_asking (self))
        bureau_link_attempt (self);
}

static gboolean
on_rise_cb (gpointer data)
{
    BureauLink *self = data;

    plan (self, &self->rise, is_asking (self) ? CLIMB_WAIT : RISE_WAIT, on_rise_cb);
    bureau_link_rise (self);
    return G_SOURCE_REMOVE;
}

static void
on_changed_cb (BureauRung *rung, gpointer data)
{
    g_autoptr (BureauLink) self = g_object_ref (data);

    self->first = bureau_rung_get_transport (rung);
    bureau_timer_stop (&self->rise);
    self->listener->state_changed (self->data);
}

/* ------------------------------------------------------------------ connecting */

/* Whether a hub with another certificate was met, for a token or for a connection. (nullable)
 * (transfer full) */
static GError *
find_stranger (const GError *error)
{
    if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_STRANGER))
        return g_error_copy (error);
    if (g_error_matches (error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_STRANGER))
        return bureau_error_new_stranger (bureau_socket_error_get_expected_pin (error),
                                          bureau_socket_error_get_presented_pin (error));
    return NULL;
}

/* The hub has refused the token, or been short of breath. */
static void
heed (BureauLink *self, const GError *error)
{
    if (g_strcmp0 (bureau_socket_error_get_code (error), "unauthenticated") == 0 ||
        g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED))
        shut_out (self);
    else if (g_error_matches (error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_REFUSED))
        bureau_credentials_forget_token (self->credentials);
    else if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_RATE_LIMITED))
        bureau_link_set_pause (self, bureau_error_get_retry_after (error));
}

/* There is no connection by any transport, or, beside REST, none that is better. */
static void
take_failure (BureauLink *self, const GError *error)
{
    g_autoptr (GError) stranger = find_stranger (error);

    g_debug ("No connection: %s", error->message);
    if (stranger) {
        bureau_link_give_up (self, stranger);
        return;
    }
    heed (self, error);
    if (self->rung)
        return;
    self->first = BUREAU_TRANSPORT_WEBSOCKET;
    self->lowered = FALSE;
    bureau_link_plan_retry (self);
}

static void
ask (gpointer link, const char *command, JsonObject *params, BureauLinkAnswer answer, gpointer data)
{
    bureau_link_emit (link, command, params, answer, data);
}

/* Only a live connection can renew its token by itself. */
static void
watch_rung (BureauLink *self)
{
    g_signal_connect (self->rung, "event", G_CALLBACK (on_event_cb), self);
    g_signal_connect (self->rung, "changed", G_CALLBACK (on_changed_cb), self);
    g_signal_connect (self->rung, "closed", G_CALLBACK (on_closed_cb), self);
    if (!is_asking (self))
        bureau_credentials_set_ask (self->credentials, ask, self);
}

/* @stale: it is a while since a WebSocket was tried. */
static void
plan_rise (BureauLink *self, gboolean stale)
{
    if (self->first == BUREAU_TRANSPORT_WEBSOCKET)
        return;
    plan (self, &self->rise, is_asking (self) ? CLIMB_WAIT : RISE_WAIT, on_rise_cb);
    if (stale)
        bureau_link_rise (self);
}

/* Takes @rung. What was under way over the one that it comes after is told that this is over, and
 * goes on over the new one. */
static void
take_rung (BureauLink *self, BureauRung *rung, gboolean stale)
{
    if (self->rung) {
        bureau_link_leave_rung (self);
        self->listener->closed (self->data);
    }
    if (self->state == BUREAU_LINK_IDLE || self->reason) {
        g_object_unref (rung);
        return;
    }
    self->rung = rung;
    self->first = bureau_rung_get_transport (rung);
    watch_rung (self);
    plan_rise (self, stale && !self->lowered);
    self->lowered = FALSE;
    self->listener->opened (self->data);
    self->state = BUREAU_LINK_OPEN;
    self->listener->state_changed (self->data);
}

static void
on_attempt_describe (gpointer data, JsonObject *auth)
{
    BureauLink *self = data;

    self->listener->describe (self->data, auth);
}

static void
on_attempt_ended (gpointer data, BureauRung *rung, const GError *error)
{
    g_autoptr (BureauLink) self = g_object_ref (data);
    gboolean stale = !bureau_attempt_has_failed_by (self->attempt, BUREAU_TRANSPORT_WEBSOCKET);

    bureau_link_leave_attempt (self);
    if (rung)
        take_rung (self, rung, stale);
    else
        take_failure (self, error);
}

static const BureauAttemptListener LISTENER = {
    .describe = on_attempt_describe,
    .ended = on_attempt_ended,
};

void
bureau_link_attempt (BureauLink *self)
{
    if (self->attempt || (self->rung && !is_asking (self)))
        return;
    bureau_timer_stop (&self->retry);
    g_clear_error (&self->reason);
    self->begun = g_get_monotonic_time ();
    if (self->state != BUREAU_LINK_OFFLINE && !self->rung)
        bureau_link_set_state (self, BUREAU_LINK_CONNECTING);
    self->attempt = bureau_attempt_begin (
        self->credentials, self->rung ? BUREAU_TRANSPORT_WEBSOCKET : self->first,
        self->rung ? BUREAU_TRANSPORT_POLLING : BUREAU_TRANSPORT_REST, &LISTENER, self);
    /* That nobody is signed in is known at once. */
    if (self->reason)
        bureau_link_leave_attempt (self);
}

/* Not for each of the many changes of one network that comes up. */
void
bureau_link_attempt_soon (BureauLink *self)
{
    gint64 since = (g_get_monotonic_time () - self->begun) / 1000;

    if (since >= SOON_WAIT)
        bureau_link_attempt (self);
    else
        plan (self, &self->retry, SOON_WAIT, on_retry_cb);
}

static gboolean
on_steady_cb (gpointer data)
{
    BureauLink *self = data;

    bureau_timer_stop (&self->steady);
    self->failures = 0;
    self->lasts = TRUE;
    if (!is_asking (self))
        self->cuts = 0;
    return G_SOURCE_REMOVE;
}

void
bureau_link_set_works (BureauLink *self)
{
    plan (self, &self->steady, STEADY, on_steady_cb);
}

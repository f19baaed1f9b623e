/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-link.h"

#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-rung.h"
#include "bureau-socket.h"

#define SHORT_FAILURES 5      /* so many waits that double, from a second on */
#define LONG_WAIT      30000  /* ms, after those */
#define RISE_WAIT      180000 /* ms between tries to get from polling to a WebSocket */
#define ASK_WAIT       100    /* ms before a token is asked for, once the hub has ended another */

struct _BureauLink {
    GObject parent_instance;

    BureauCredentials *credentials; /* (owned) */
    const BureauLinkListener *listener;
    gpointer data;

    BureauLinkState state;
    BureauRung *rung;         /* (owned) (nullable): open */
    GCancellable *attempt;    /* (owned) (nullable): the one under way */
    BureauRungKind kind;      /* to try first: the one that last worked */
    gboolean fell_back;       /* the attempt under way is by the other one */
    GSource *retry;           /* (owned) (nullable) */
    GSource *rise;            /* (owned) (nullable): while polling */
    gboolean shut_out;        /* the hub has ended the token: not its fault, nor ours */
    guint failures;           /* since the connection last worked */
    gint64 pause;             /* ms the hub asked for, 0 for none */
    GError *reason;           /* (owned) (nullable): why it tries no more */
    GNetworkMonitor *monitor; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (BureauLink, bureau_link, G_TYPE_OBJECT)

static void attempt (BureauLink *self);

static void
set_state (BureauLink *self, BureauLinkState state)
{
    if (self->state == state)
        return;
    self->state = state;
    self->listener->state_changed (self->data);
}

static void
clear_source (GSource **source)
{
    if (*source)
        g_source_destroy (*source);
    g_clear_pointer (source, g_source_unref);
}

/* @milliseconds with a quarter more or less, so that an office does not come back all at one
 * moment. */
static void
plan (BureauLink *self, GSource **source, gint64 milliseconds, GSourceFunc callback)
{
    g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

    clear_source (source);
    *source = g_timeout_source_new (milliseconds * g_random_double_range (0.75, 1.25));
    g_source_set_callback (*source, callback, self, NULL);
    g_source_attach (*source, context);
}

static gboolean
on_retry_cb (gpointer data)
{
    BureauLink *self = data;

    attempt (self);
    return G_SOURCE_REMOVE;
}

/* In ms. */
static gint64
get_wait (BureauLink *self)
{
    gint64 wait = self->failures > SHORT_FAILURES ? LONG_WAIT
                                                  : 1000 << (MAX (self->failures, 1) - 1);

    if (self->shut_out && self->failures <= 1)
        wait = ASK_WAIT;
    wait = MAX (wait, self->pause);
    self->pause = 0;
    self->shut_out = FALSE;
    return wait;
}

static void
plan_retry (BureauLink *self)
{
    self->failures++;
    plan (self, &self->retry, get_wait (self), on_retry_cb);
    set_state (self,
               self->failures > SHORT_FAILURES ? BUREAU_LINK_OFFLINE : BUREAU_LINK_CONNECTING);
}

static void
leave_rung (BureauLink *self)
{
    g_autoptr (BureauRung) rung = g_steal_pointer (&self->rung);

    clear_source (&self->rise);
    if (!rung)
        return;
    bureau_credentials_set_ask (self->credentials, NULL, NULL);
    g_signal_handlers_disconnect_by_data (rung, self);
    bureau_rung_close (rung);
}

/* The next try begins with a new token, or with being told that there is none any more. */
static void
shut_out (BureauLink *self)
{
    bureau_credentials_forget_token (self->credentials);
    self->shut_out = TRUE;
}

static void
on_closed_cb (BureauRung *rung, const GError *reason, gpointer data)
{
    g_autoptr (BureauLink) self = g_object_ref (data);
    guint16 code = bureau_socket_error_get_close_code (reason);

    g_debug ("The connection closed: %s", reason ? reason->message : "no reason");
    if (code == BUREAU_SOCKET_CLOSE_EXPIRED || code == BUREAU_SOCKET_CLOSE_SIGNED_OUT)
        shut_out (self);
    leave_rung (self);
    self->listener->closed (self->data);
    if (self->state != BUREAU_LINK_IDLE)
        plan_retry (self);
}

static void
on_event_cb (BureauRung *rung, const char *name, JsonObject *json, gpointer data)
{
    g_autoptr (BureauLink) self = g_object_ref (data);

    self->listener->event (self->data, name, json);
}

/* ------------------------------------------------------------------ from polling to a WebSocket */

static gboolean
on_rise_cb (gpointer data)
{
    BureauLink *self = data;

    plan (self, &self->rise, RISE_WAIT, on_rise_cb);
    bureau_rung_hurry (self->rung);
    return G_SOURCE_REMOVE;
}

static void
on_changed_cb (BureauRung *rung, gpointer data)
{
    g_autoptr (BureauLink) self = g_object_ref (data);

    self->kind = bureau_rung_get_kind (rung);
    clear_source (&self->rise);
    self->listener->state_changed (self->data);
}

/* ------------------------------------------------------------------ connecting */

/* There is somebody, but he does not answer by this transport as he should: something between us
 * may be in its way. */
static gboolean
may_fall_back (BureauLink *self, const GError *error)
{
    return !self->fell_back && error->domain == BUREAU_SOCKET_ERROR &&
           error->code != BUREAU_SOCKET_ERROR_REFUSED && error->code != BUREAU_SOCKET_ERROR_PLAIN;
}

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

static void
on_failed (BureauLink *self, const GError *error)
{
    g_autoptr (GError) stranger = NULL;

    g_debug ("No connection: %s", error->message);
    stranger = find_stranger (error);
    if (stranger) {
        bureau_link_give_up (self, stranger);
        return;
    }
    if (may_fall_back (self, error)) {
        self->fell_back = TRUE;
        self->kind = self->kind == BUREAU_RUNG_WEBSOCKET ? BUREAU_RUNG_POLLING
                                                         : BUREAU_RUNG_WEBSOCKET;
        attempt (self);
        return;
    }
    if (g_strcmp0 (bureau_socket_error_get_code (error), "unauthenticated") == 0)
        shut_out (self);
    else if (g_error_matches (error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_REFUSED))
        bureau_credentials_forget_token (self->credentials);
    self->fell_back = FALSE;
    self->kind = BUREAU_RUNG_WEBSOCKET;
    plan_retry (self);
}

static void
ask (gpointer link, const char *command, JsonObject *params, BureauLinkAnswer answer, gpointer data)
{
    bureau_link_emit (link, command, params, answer, data);
}

/* Takes @rung. */
static void
take_rung (BureauLink *self, BureauRung *rung)
{
    gboolean polled_before = !self->fell_back;

    self->fell_back = FALSE;
    self->rung = rung;
    g_signal_connect (rung, "event", G_CALLBACK (on_event_cb), self);
    g_signal_connect (rung, "changed", G_CALLBACK (on_changed_cb), self);
    g_signal_connect (rung, "closed", G_CALLBACK (on_closed_cb), self);
    bureau_credentials_set_ask (self->credentials, ask, self);
    if (self->kind == BUREAU_RUNG_POLLING) {
        plan (self, &self->rise, RISE_WAIT, on_rise_cb);
        /* It is a while since a WebSocket was tried. */
        if (polled_before)
            bureau_rung_hurry (rung);
    }
    self->listener->opened (self->data);
    set_state (self, BUREAU_LINK_OPEN);
}

static void
on_opened (BureauRung *rung, const GError *error, gpointer data)
{
    g_autoptr (BureauLink) self = data;

    if (self->state == BUREAU_LINK_IDLE ||
        g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        g_clear_object (&rung);
        return;
    }
    g_clear_object (&self->attempt);
    if (rung)
        take_rung (self, rung);
    else
        on_failed (self, error);
}

static void
on_token_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauLink) self = data;
    g_autoptr (GError) error = NULL;
    g_autofree char *token = bureau_credentials_get_token_finish (self->credentials, result,
                                                                  &error);
    g_autoptr (JsonObject) auth = NULL;

    if (self->state == BUREAU_LINK_IDLE ||
        g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (!token) {
        g_clear_object (&self->attempt);
        on_failed (self, error);
        return;
    }
    auth = json_object_new ();
    bureau_json_set_string (auth, "token", token);
    self->listener->describe (self->data, auth);
    bureau_rung_open (self->kind, self->credentials, auth, self->attempt, on_opened,
                      g_object_ref (self));
}

static void
attempt (BureauLink *self)
{
    if (self->attempt || self->rung)
        return;
    clear_source (&self->retry);
    g_clear_error (&self->reason);
    self->attempt = g_cancellable_new ();
    if (self->state != BUREAU_LINK_OFFLINE)
        set_state (self, BUREAU_LINK_CONNECTING);
    bureau_credentials_get_token_async (self->credentials, self->attempt, on_token_cb,
                                        g_object_ref (self));
}

static void
on_refused_cb (BureauCredentials *credentials, const GError *error, BureauLink *self)
{
    bureau_link_give_up (self, error);
}

static void
on_network_changed_cb (GNetworkMonitor *monitor, gboolean available, gpointer data)
{
    BureauLink *self = data;

    if (available && !self->reason)
        bureau_link_reconnect (self);
}

/* Finding the monitor may ask other programs and wait for them. */
static void
find_monitor (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    g_task_return_pointer (task, g_object_ref (g_network_monitor_get_default ()), g_object_unref);
}

static void
on_monitor_found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    BureauLink *self = BUREAU_LINK (source);
    g_autoptr (GNetworkMonitor) monitor = g_task_propagate_pointer (G_TASK (result), NULL);

    if (!monitor || self->state == BUREAU_LINK_IDLE)
        return;
    self->monitor = g_steal_pointer (&monitor);
    g_signal_connect_object (self->monitor, "network-changed", G_CALLBACK (on_network_changed_cb),
                             self, 0);
}

static void
bureau_link_dispose (GObject *object)
{
    BureauLink *self = BUREAU_LINK (object);

    bureau_link_stop (self);
    g_clear_object (&self->credentials);
    g_clear_error (&self->reason);
    G_OBJECT_CLASS (bureau_link_parent_class)->dispose (object);
}

static void
bureau_link_class_init (BureauLinkClass *klass)
{
    G_OBJECT_CLASS (klass)->dispose = bureau_link_dispose;
}

static void
bureau_link_init (BureauLink *self)
{
}

BureauLink *
bureau_link_new (BureauCredentials *credentials, const BureauLinkListener *listener, gpointer data)
{
    BureauLink *self = g_object_new (BUREAU_TYPE_LINK, NULL);

    self->credentials = g_object_ref (credentials);
    g_signal_connect_object (credentials, "refused", G_CALLBACK (on_refused_cb), self, 0);
    self->listener = listener;
    self->data = data;
    return self;
}

void
bureau_link_start (BureauLink *self)
{
    g_autoptr (GTask) task = NULL;

    g_return_if_fail (self->state == BUREAU_LINK_IDLE);

    task = g_task_new (self, NULL, on_monitor_found_cb, NULL);
    g_task_run_in_thread (task, find_monitor);
    attempt (self);
}

void
bureau_link_stop (BureauLink *self)
{
    self->state = BUREAU_LINK_IDLE;
    clear_source (&self->retry);
    if (self->monitor)
        g_signal_handlers_disconnect_by_data (self->monitor, self);
    g_clear_object (&self->monitor);
    g_cancellable_cancel (self->attempt);
    g_clear_object (&self->attempt);
    leave_rung (self);
}

BureauLinkState
bureau_link_get_state (BureauLink *self)
{
    return self->state;
}

gboolean
bureau_link_is_polling (BureauLink *self)
{
    return self->rung && bureau_rung_get_kind (self->rung) == BUREAU_RUNG_POLLING;
}

void
bureau_link_reconnect (BureauLink *self)
{
    if (self->state == BUREAU_LINK_IDLE || self->attempt)
        return;
    if (self->rung)
        bureau_rung_hurry (self->rung);
    else
        attempt (self);
}

void
bureau_link_give_up (BureauLink *self, const GError *why)
{
    gboolean open = self->rung != NULL;

    if (self->state == BUREAU_LINK_IDLE)
        return;
    clear_source (&self->retry);
    g_cancellable_cancel (self->attempt);
    g_clear_object (&self->attempt);
    leave_rung (self);
    g_clear_error (&self->reason);
    self->reason = g_error_copy (why);
    if (open)
        self->listener->closed (self->data);
    set_state (self, g_error_matches (why, BUREAU_ERROR, BUREAU_ERROR_STRANGER)
                         ? BUREAU_LINK_STRANGER
                         : BUREAU_LINK_SIGNED_OUT);
}

const GError *
bureau_link_get_reason (BureauLink *self)
{
    return self->reason;
}

void
bureau_link_set_works (BureauLink *self)
{
    self->failures = 0;
}

void
bureau_link_drop (BureauLink *self, const char *why)
{
    if (!self->rung)
        return;
    g_debug ("Leaving the connection: %s", why);
    leave_rung (self);
    self->listener->closed (self->data);
    if (self->state != BUREAU_LINK_IDLE)
        plan_retry (self);
}

void
bureau_link_set_pause (BureauLink *self, gint64 pause)
{
    self->pause = CLAMP (pause, 0, LONG_WAIT);
}

void
bureau_link_emit (BureauLink *self, const char *name, JsonObject *params, BureauLinkAnswer answer,
                  gpointer data)
{
    g_autoptr (GError) error = NULL;

    if (self->rung) {
        bureau_rung_emit (self->rung, name, params, answer, data);
        return;
    }
    g_set_error_literal (&error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                         "Not connected to the office.");
    if (answer)
        answer (NULL, error, data);
}

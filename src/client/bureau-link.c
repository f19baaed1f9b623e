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
#define STEADY         10000  /* ms for which a connection must work for them to be forgotten */
#define RISE_WAIT      180000 /* ms between tries to get from long-polling to a WebSocket */
#define CLIMB_WAIT     60000  /* and from REST to anything live */
#define ASK_WAIT       100    /* ms before a token is asked for, once the hub has ended another */

struct _BureauLink {
    GObject parent_instance;

    BureauCredentials *credentials; /* (owned) */
    const BureauLinkListener *listener;
    gpointer data;

    BureauLinkState state;
    BureauRung *rung;          /* (owned) (nullable): open */
    GCancellable *attempt;     /* (owned) (nullable): the one under way, also beside a REST rung */
    BureauTransport transport; /* of that */
    guint tried;               /* a bit for each transport that it has tried */
    BureauTransport first;     /* to try: the one that last worked */
    GSource *retry;            /* (owned) (nullable) */
    GSource *rise;             /* (owned) (nullable): while there may be something better */
    GSource *steady;           /* (owned) (nullable): while it works, but not for long yet */
    gboolean shut_out;         /* the hub has ended the token: not its fault, nor ours */
    guint failures;            /* since a connection last worked for a while */
    gint64 pause;              /* ms the hub asked for, 0 for none */
    GError *reason;            /* (owned) (nullable): why it tries no more */
    GNetworkMonitor *monitor;  /* (owned) (nullable) */
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
    clear_source (&self->steady);
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

/* ------------------------------------------------------------------ to something better */

static gboolean
is_asking (BureauLink *self)
{
    return bureau_link_get_transport (self) == BUREAU_TRANSPORT_REST;
}

/* A socket rises by itself; what there is beside REST has to be opened anew. */
static void
rise (BureauLink *self)
{
    bureau_rung_hurry (self->rung);
    if (is_asking (self))
        attempt (self);
}

static gboolean
on_rise_cb (gpointer data)
{
    BureauLink *self = data;

    plan (self, &self->rise, is_asking (self) ? CLIMB_WAIT : RISE_WAIT, on_rise_cb);
    rise (self);
    return G_SOURCE_REMOVE;
}

static void
on_changed_cb (BureauRung *rung, gpointer data)
{
    g_autoptr (BureauLink) self = g_object_ref (data);

    self->first = bureau_rung_get_transport (rung);
    clear_source (&self->rise);
    self->listener->state_changed (self->data);
}

/* ------------------------------------------------------------------ connecting */

/* Of those that the attempt has not tried, the best; beside REST only one that is better. */
static BureauTransport
find_next (BureauLink *self)
{
    BureauTransport last = is_asking (self) ? BUREAU_TRANSPORT_POLLING : BUREAU_TRANSPORT_REST;

    for (BureauTransport next = BUREAU_TRANSPORT_WEBSOCKET; next <= last; next++) {
        if (!(self->tried & 1u << next))
            return next;
    }
    return BUREAU_TRANSPORT_NONE;
}

/* There is somebody, but he does not answer by this transport as he should: something between us
 * may be in its way. With HTTP one can't tell that from nobody's being there; a WebSocket can. */
static gboolean
is_in_the_way (BureauLink *self, const GError *error)
{
    if (error->domain == BUREAU_SOCKET_ERROR)
        return error->code != BUREAU_SOCKET_ERROR_REFUSED &&
               error->code != BUREAU_SOCKET_ERROR_PLAIN &&
               error->code != BUREAU_SOCKET_ERROR_STRANGER;
    if (error->domain == BUREAU_ERROR)
        return error->code == BUREAU_ERROR_UNAVAILABLE;
    return self->transport != BUREAU_TRANSPORT_WEBSOCKET;
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
end_attempt (BureauLink *self, const GError *error)
{
    g_autoptr (GError) stranger = find_stranger (error);

    g_debug ("No connection: %s", error->message);
    g_clear_object (&self->attempt);
    if (stranger) {
        bureau_link_give_up (self, stranger);
        return;
    }
    heed (self, error);
    if (self->rung)
        return;
    self->first = BUREAU_TRANSPORT_WEBSOCKET;
    plan_retry (self);
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

static void
plan_rise (BureauLink *self)
{
    if (self->first == BUREAU_TRANSPORT_WEBSOCKET)
        return;
    plan (self, &self->rise, is_asking (self) ? CLIMB_WAIT : RISE_WAIT, on_rise_cb);
    /* It is a while since a WebSocket was tried. */
    if (!(self->tried & 1u << BUREAU_TRANSPORT_WEBSOCKET))
        rise (self);
}

/* Takes @rung. What was under way over the one that it comes after is told that this is over, and
 * goes on over the new one. */
static void
take_rung (BureauLink *self, BureauRung *rung)
{
    if (self->rung) {
        leave_rung (self);
        self->listener->closed (self->data);
    }
    clear_source (&self->retry);
    self->rung = rung;
    self->first = self->transport;
    watch_rung (self);
    plan_rise (self);
    self->listener->opened (self->data);
    self->state = BUREAU_LINK_OPEN;
    self->listener->state_changed (self->data);
}

/* One of the attempt's steps, which may be over. */
typedef struct {
    BureauLink *link;      /* (owned) */
    GCancellable *attempt; /* (owned) */
} Step;

static Step *
step_new (BureauLink *self)
{
    Step *step = g_new0 (Step, 1);

    step->link = g_object_ref (self);
    step->attempt = g_object_ref (self->attempt);
    return step;
}

static void
step_free (Step *step)
{
    g_object_unref (step->link);
    g_object_unref (step->attempt);
    g_free (step);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Step, step_free)

static void open_rung (BureauLink *self);

static void
on_opened (BureauRung *rung, const GError *error, gpointer data)
{
    g_autoptr (Step) step = data;
    BureauLink *self = step->link;

    if (step->attempt != self->attempt) {
        g_clear_object (&rung);
        return;
    }
    if (rung) {
        g_clear_object (&self->attempt);
        take_rung (self, rung);
        return;
    }
    self->tried |= 1u << self->transport;
    if (is_in_the_way (self, error) && find_next (self))
        open_rung (self);
    else
        end_attempt (self, error);
}

static void
on_token_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Step) step = data;
    BureauLink *self = step->link;
    g_autoptr (GError) error = NULL;
    g_autofree char *token = bureau_credentials_get_token_finish (self->credentials, result,
                                                                  &error);
    g_autoptr (JsonObject) auth = NULL;

    if (step->attempt != self->attempt)
        return;
    if (!token) {
        end_attempt (self, error);
        return;
    }
    auth = json_object_new ();
    bureau_json_set_string (auth, "token", token);
    self->listener->describe (self->data, auth);
    bureau_rung_open (self->transport, self->credentials, auth, self->attempt, on_opened,
                      g_steal_pointer (&step));
}

static void
open_rung (BureauLink *self)
{
    self->transport = self->tried == 0 && !self->rung ? self->first : find_next (self);
    bureau_credentials_get_token_async (self->credentials, self->attempt, on_token_cb,
                                        step_new (self));
}

static void
attempt (BureauLink *self)
{
    if (self->attempt || (self->rung && !is_asking (self)))
        return;
    clear_source (&self->retry);
    g_clear_error (&self->reason);
    self->attempt = g_cancellable_new ();
    self->tried = 0;
    if (self->state != BUREAU_LINK_OFFLINE && !self->rung)
        set_state (self, BUREAU_LINK_CONNECTING);
    open_rung (self);
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
    self->first = BUREAU_TRANSPORT_WEBSOCKET;
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

BureauTransport
bureau_link_get_transport (BureauLink *self)
{
    return self->rung ? bureau_rung_get_transport (self->rung) : BUREAU_TRANSPORT_NONE;
}

gint64
bureau_link_get_next_attempt (BureauLink *self)
{
    return self->retry && !self->attempt ? g_source_get_ready_time (self->retry) : 0;
}

void
bureau_link_reconnect (BureauLink *self)
{
    if (self->state == BUREAU_LINK_IDLE)
        return;
    if (self->rung)
        rise (self);
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

static gboolean
on_steady_cb (gpointer data)
{
    BureauLink *self = data;

    clear_source (&self->steady);
    self->failures = 0;
    return G_SOURCE_REMOVE;
}

void
bureau_link_set_works (BureauLink *self)
{
    plan (self, &self->steady, STEADY, on_steady_cb);
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

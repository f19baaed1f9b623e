/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-link-private.h"

#include "bureau-error.h"

G_DEFINE_FINAL_TYPE (BureauLink, bureau_link, G_TYPE_OBJECT)

static void
on_refused_cb (BureauCredentials *credentials, const GError *error, BureauLink *self)
{
    bureau_link_give_up (self, error);
}

/* ------------------------------------------------------------------ what the machine says */

/* Nobody waits until it is noticed that nothing comes any more. */
static void
go_offline (BureauLink *self)
{
    self->failures = MAX (self->failures, BUREAU_LINK_SHORT_FAILURES);
    if (self->rung) {
        bureau_link_drop (self, "there is no network");
    } else if (self->state != BUREAU_LINK_OFFLINE) {
        bureau_link_leave_attempt (self);
        bureau_link_plan_retry (self);
    }
}

static void
on_network_changed (gpointer data, gboolean reachable)
{
    g_autoptr (BureauLink) self = g_object_ref (data);

    if (self->state == BUREAU_LINK_IDLE || self->reason)
        return;
    if (!reachable) {
        go_offline (self);
    } else if (self->rung) {
        bureau_link_rise (self);
    } else if (!self->attempt) {
        self->failures = 0;
        bureau_link_attempt_soon (self);
    }
}

/* Whatever there was is gone, though this end does not know it; nor how old the token is, as it
 * counts by a clock that stood still. */
static void
on_woken (gpointer data)
{
    g_autoptr (BureauLink) self = g_object_ref (data);

    if (self->state == BUREAU_LINK_IDLE || self->reason)
        return;
    bureau_link_leave_attempt (self);
    self->failures = 0;
    bureau_credentials_forget_token (self->credentials);
    bureau_link_drop (self, "the machine was asleep");
    if (self->state != BUREAU_LINK_IDLE)
        bureau_link_attempt (self);
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
    g_return_if_fail (self->state == BUREAU_LINK_IDLE);

    self->network = bureau_network_watch_new (bureau_credentials_get_base_uri (self->credentials),
                                              on_network_changed, self);
    self->sleep = bureau_sleep_watch_new (on_woken, self);
    bureau_link_attempt (self);
}

void
bureau_link_stop (BureauLink *self)
{
    self->state = BUREAU_LINK_IDLE;
    g_clear_pointer (&self->network, bureau_network_watch_free);
    g_clear_pointer (&self->sleep, bureau_sleep_watch_free);
    bureau_link_leave_attempt (self);
    bureau_link_leave_rung (self);
}

BureauLinkState
bureau_link_get_state (BureauLink *self)
{
    return self->state;
}

guint
bureau_link_get_failures (BureauLink *self)
{
    return self->failures;
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
        bureau_link_rise (self);
    else
        bureau_link_attempt (self);
}

void
bureau_link_give_up (BureauLink *self, const GError *why)
{
    gboolean open = self->rung != NULL;

    if (self->state == BUREAU_LINK_IDLE)
        return;
    bureau_link_leave_attempt (self);
    bureau_link_leave_rung (self);
    g_clear_error (&self->reason);
    self->reason = g_error_copy (why);
    if (open)
        self->listener->closed (self->data);
    bureau_link_set_state (self, g_error_matches (why, BUREAU_ERROR, BUREAU_ERROR_STRANGER)
                                     ? BUREAU_LINK_STRANGER
                                     : BUREAU_LINK_SIGNED_OUT);
}

const GError *
bureau_link_get_reason (BureauLink *self)
{
    return self->reason;
}

void
bureau_link_drop (BureauLink *self, const char *why)
{
    if (!self->rung)
        return;
    g_debug ("Leaving the connection: %s", why);
    bureau_link_lose_rung (self);
}

void
bureau_link_set_pause (BureauLink *self, gint64 pause)
{
    self->pause = CLAMP (pause, 0, BUREAU_LINK_LONG_WAIT);
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

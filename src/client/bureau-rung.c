/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-rung.h"

#include "bureau-rest-rung.h"
#include "bureau-socket-rung.h"

enum { SIGNAL_EVENT, SIGNAL_CHANGED, SIGNAL_CLOSED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE (BureauRung, bureau_rung, G_TYPE_OBJECT)

static void
bureau_rung_class_init (BureauRungClass *klass)
{
    signals[SIGNAL_EVENT] = g_signal_new (
        "event", BUREAU_TYPE_RUNG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
        G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, JSON_TYPE_OBJECT | G_SIGNAL_TYPE_STATIC_SCOPE);
    signals[SIGNAL_CHANGED] = g_signal_new ("changed", BUREAU_TYPE_RUNG, G_SIGNAL_RUN_LAST, 0, NULL,
                                            NULL, NULL, G_TYPE_NONE, 0);
    signals[SIGNAL_CLOSED] = g_signal_new ("closed", BUREAU_TYPE_RUNG, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 1,
                                           G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
bureau_rung_init (BureauRung *self)
{
}

void
bureau_rung_open (BureauTransport transport, BureauCredentials *credentials, JsonObject *auth,
                  GCancellable *cancellable, BureauRungOpened opened, gpointer data)
{
    if (transport == BUREAU_TRANSPORT_REST)
        bureau_rest_rung_open (credentials, auth, cancellable, opened, data);
    else
        bureau_socket_rung_open (transport, credentials, auth, cancellable, opened, data);
}

BureauTransport
bureau_rung_get_transport (BureauRung *self)
{
    return BUREAU_RUNG_GET_CLASS (self)->get_transport (self);
}

void
bureau_rung_emit (BureauRung *self, const char *name, JsonObject *params,
                  BureauCredentialsAnswer answer, gpointer data)
{
    BUREAU_RUNG_GET_CLASS (self)->emit (self, name, params, answer, data);
}

void
bureau_rung_hurry (BureauRung *self)
{
    BUREAU_RUNG_GET_CLASS (self)->hurry (self);
}

void
bureau_rung_close (BureauRung *self)
{
    BUREAU_RUNG_GET_CLASS (self)->close (self);
}

void
bureau_rung_tell_event (BureauRung *self, const char *name, JsonObject *json)
{
    g_signal_emit (self, signals[SIGNAL_EVENT], 0, name, json);
}

void
bureau_rung_tell_changed (BureauRung *self)
{
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
bureau_rung_tell_closed (BureauRung *self, const GError *reason)
{
    g_signal_emit (self, signals[SIGNAL_CLOSED], 0, reason);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-socket-rung.h"

#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-socket.h"

#define MAX_PAYLOAD (1024 * 1024)

struct _BureauSocketRung {
    BureauRung parent_instance;

    BureauSocket *socket; /* (owned) */
};

G_DEFINE_FINAL_TYPE (BureauSocketRung, bureau_socket_rung, BUREAU_TYPE_RUNG)

/* ------------------------------------------------------------------ what the hub says */

static void
on_event_cb (BureauSocket *socket, const char *name, const char *text, gpointer data)
{
    g_autoptr (BureauRung) self = g_object_ref (data);
    g_autoptr (JsonObject) json = bureau_json_parse_object (text, -1, NULL);

    if (!json)
        json = json_object_new ();
    bureau_rung_tell_event (self, name, json);
}

static void
on_upgraded_cb (BureauSocket *socket, gpointer data)
{
    bureau_rung_tell_changed (data);
}

static void
on_closed_cb (BureauSocket *socket, const GError *reason, gpointer data)
{
    bureau_rung_tell_closed (data, reason);
}

/* ------------------------------------------------------------------ what it is told */

typedef struct {
    BureauCredentialsAnswer answer;
    gpointer data;
} Emission;

static void
on_answer_cb (const char *text, const GError *error, gpointer data)
{
    g_autofree Emission *emission = data;
    g_autoptr (GError) parse_error = NULL;
    g_autoptr (JsonObject) answer = NULL;

    if (text)
        answer = bureau_json_parse_object (text, -1, NULL);
    if (text && !answer)
        parse_error = g_error_new_literal (BUREAU_ERROR, BUREAU_ERROR_INTERNAL,
                                           "The office’s answer can’t be understood.");
    emission->answer (answer, text ? parse_error : error, emission->data);
}

static void
socket_rung_emit (BureauRung *rung, const char *name, JsonObject *params,
                  BureauCredentialsAnswer answer, gpointer data)
{
    BureauSocketRung *self = BUREAU_SOCKET_RUNG (rung);
    g_autofree char *text = bureau_json_object_to_string (params);
    Emission *emission;

    if (!answer) {
        bureau_socket_emit (self->socket, name, text, NULL, NULL);
        return;
    }
    emission = g_new0 (Emission, 1);
    emission->answer = answer;
    emission->data = data;
    bureau_socket_emit (self->socket, name, text, on_answer_cb, emission);
}

static BureauTransport
socket_rung_get_transport (BureauRung *rung)
{
    BureauSocketRung *self = BUREAU_SOCKET_RUNG (rung);

    return bureau_socket_get_transport (self->socket) == BUREAU_SOCKET_POLLING
               ? BUREAU_TRANSPORT_POLLING
               : BUREAU_TRANSPORT_WEBSOCKET;
}

static void
socket_rung_hurry (BureauRung *rung)
{
    bureau_socket_upgrade (BUREAU_SOCKET_RUNG (rung)->socket);
}

static void
socket_rung_close (BureauRung *rung)
{
    BureauSocketRung *self = BUREAU_SOCKET_RUNG (rung);

    g_signal_handlers_disconnect_by_data (self->socket, self);
    bureau_socket_close (self->socket);
}

/* ------------------------------------------------------------------ object */

static void
bureau_socket_rung_dispose (GObject *object)
{
    BureauSocketRung *self = BUREAU_SOCKET_RUNG (object);

    if (self->socket)
        socket_rung_close (BUREAU_RUNG (self));
    g_clear_object (&self->socket);
    G_OBJECT_CLASS (bureau_socket_rung_parent_class)->dispose (object);
}

static void
bureau_socket_rung_class_init (BureauSocketRungClass *klass)
{
    BureauRungClass *rung_class = BUREAU_RUNG_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_socket_rung_dispose;
    rung_class->get_transport = socket_rung_get_transport;
    rung_class->emit = socket_rung_emit;
    rung_class->hurry = socket_rung_hurry;
    rung_class->close = socket_rung_close;
}

static void
bureau_socket_rung_init (BureauSocketRung *self)
{
}

/* Takes @socket. */
static BureauRung *
rung_new (BureauSocket *socket)
{
    BureauSocketRung *self = g_object_new (BUREAU_TYPE_SOCKET_RUNG, NULL);

    self->socket = socket;
    g_signal_connect (socket, "event", G_CALLBACK (on_event_cb), self);
    g_signal_connect (socket, "upgraded", G_CALLBACK (on_upgraded_cb), self);
    g_signal_connect (socket, "closed", G_CALLBACK (on_closed_cb), self);
    return BUREAU_RUNG (self);
}

typedef struct {
    BureauRungOpened opened;
    gpointer data;
} Opening;

static void
on_connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autofree Opening *opening = data;
    g_autoptr (GError) error = NULL;
    BureauSocket *socket = bureau_socket_connect_finish (result, &error);

    opening->opened (socket ? rung_new (socket) : NULL, error, opening->data);
}

void
bureau_socket_rung_open (BureauTransport transport, BureauCredentials *credentials,
                         JsonObject *auth, GCancellable *cancellable, BureauRungOpened opened,
                         gpointer data)
{
    g_autofree char *text = bureau_json_object_to_string (auth);
    Opening *opening = g_new0 (Opening, 1);

    opening->opened = opened;
    opening->data = data;
    bureau_socket_connect_async (bureau_credentials_get_soup (credentials),
                                 bureau_credentials_get_base_uri (credentials), text, MAX_PAYLOAD,
                                 transport == BUREAU_TRANSPORT_POLLING ? BUREAU_SOCKET_POLLING
                                                                       : BUREAU_SOCKET_WEBSOCKET,
                                 cancellable, on_connected_cb, opening);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "socket-client.h"

SocketClient *
socket_client_new_empty (void)
{
    SocketClient *client = g_new0 (SocketClient, 1);

    client->events = g_ptr_array_new_with_free_func (g_free);
    client->acks = g_ptr_array_new_with_free_func (g_free);
    return client;
}

void
socket_client_free (SocketClient *client)
{
    if (client->socket != NULL)
        g_signal_handlers_disconnect_by_data (client->socket, client);
    g_clear_object (&client->socket);
    g_clear_error (&client->error);
    g_clear_error (&client->closed);
    g_ptr_array_unref (client->events);
    g_ptr_array_unref (client->acks);
    g_free (client);
}

static void
on_event_cb (BureauSocket *socket, const char *name, const char *json, SocketClient *client)
{
    g_ptr_array_add (client->events, g_strdup_printf ("%s %s", name, json));
}

static void
on_upgraded_cb (BureauSocket *socket, SocketClient *client)
{
    client->upgraded++;
}

static void
on_closed_cb (BureauSocket *socket, const GError *reason, SocketClient *client)
{
    g_assert_null (client->closed);
    client->closed = g_error_copy (reason);
}

static void
on_ack_cb (const char *json, const GError *error, gpointer data)
{
    g_ptr_array_add (((SocketClient *) data)->acks, g_strdup (json));
}

void
socket_client_on_connected (GObject *source, GAsyncResult *result, gpointer data)
{
    SocketClient *client = data;

    client->done = TRUE;
    client->socket = bureau_socket_connect_finish (result, &client->error);
    if (client->socket == NULL)
        return;
    g_signal_connect (client->socket, "event", G_CALLBACK (on_event_cb), client);
    g_signal_connect (client->socket, "upgraded", G_CALLBACK (on_upgraded_cb), client);
    g_signal_connect (client->socket, "closed", G_CALLBACK (on_closed_cb), client);
}

SocketClient *
socket_client_begin (const char *uri, const char *auth, BureauSocketTransport transport,
                     GCancellable *cancellable)
{
    g_autoptr (SoupSession) session = bureau_socket_session_new ();
    SocketClient *client = socket_client_new_empty ();

    bureau_socket_connect_async (session, uri, auth, SOCKET_CLIENT_MAX_PAYLOAD, transport,
                                 cancellable, socket_client_on_connected, client);
    return client;
}

SocketClient *
socket_client_new (const char *uri, const char *auth, BureauSocketTransport transport,
                   GCancellable *cancellable)
{
    SocketClient *client = socket_client_begin (uri, auth, transport, cancellable);

    raw_wait_until (client->done);
    return client;
}

void
socket_client_ask (SocketClient *client, const char *name, const char *json)
{
    bureau_socket_emit (client->socket, name, json, on_ack_cb, client);
}

const GError *
socket_client_get_reason (SocketClient *client)
{
    return client->error != NULL ? client->error : client->closed;
}

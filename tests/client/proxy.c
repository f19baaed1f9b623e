/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "proxy.h"

#include <string.h>

typedef struct {
    Proxy *proxy;
    GIOStream *client; /* (owned) */
    GString *request;  /* (owned): its head, and perhaps more */
    char buffer[4096];
} Visit;

static void
visit_free (Visit *visit)
{
    g_object_unref (visit->client);
    g_string_free (visit->request, TRUE);
    g_free (visit);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Visit, visit_free)

/* ------------------------------------------------------------------ what is asked for */

static gboolean
is_upgrade (const GString *request)
{
    return strstr (request->str, "Upgrade: websocket") != NULL;
}

/* 0: it comes through whenever anything does. */
static ProxyPass
get_kind (const GString *request)
{
    static const char *const REST[] = { " /api/v1/heads", " /api/v1/events", " /api/v1/commands/" };
    const char *path = strchr (request->str, ' ');

    if (is_upgrade (request))
        return PROXY_WEBSOCKET;
    if (path && g_str_has_prefix (path, " /socket.io/"))
        return PROXY_POLLING;
    for (guint i = 0; i < G_N_ELEMENTS (REST); i++) {
        if (path && g_str_has_prefix (path, REST[i]))
            return PROXY_REST;
    }
    return 0;
}

static gboolean
may_pass (const Proxy *proxy, const GString *request)
{
    ProxyPass kind = get_kind (request);

    return kind == 0 ? proxy->pass != PROXY_NOTHING : (proxy->pass & kind) != 0;
}

/* One request a connection, so that each is looked at. */
static void
limit (GString *request)
{
    if (is_upgrade (request))
        return;
    g_string_replace (request, "Connection: Keep-Alive\r\n", "", 1);
    g_string_replace (request, "\r\n", "\r\nConnection: close\r\n", 1);
}

/* ------------------------------------------------------------------ what becomes of it */

static void
on_connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Visit) visit = data;
    g_autoptr (GSocketConnection) hub = g_socket_client_connect_to_host_finish (
        G_SOCKET_CLIENT (source), result, NULL);

    if (!hub)
        return;
    limit (visit->request);
    g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (hub)),
                               visit->request->str, visit->request->len, NULL, NULL, NULL);
    g_io_stream_splice_async (visit->client, G_IO_STREAM (hub),
                              G_IO_STREAM_SPLICE_CLOSE_STREAM1 | G_IO_STREAM_SPLICE_CLOSE_STREAM2,
                              G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

static void
turn_away (Visit *visit)
{
    static const char REFUSAL[] = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";

    if (visit->proxy->manner == PROXY_SILENT)
        return;
    if (visit->proxy->manner == PROXY_REFUSES)
        g_output_stream_write_all (g_io_stream_get_output_stream (visit->client), REFUSAL,
                                   strlen (REFUSAL), NULL, NULL, NULL);
    g_io_stream_close (visit->client, NULL, NULL);
}

static void
hand_on (Visit *visit)
{
    g_autoptr (GSocketClient) socket = g_socket_client_new ();

    g_socket_client_set_enable_proxy (socket, FALSE);
    g_socket_client_connect_to_host_async (socket, "127.0.0.1", visit->proxy->hub_port, NULL,
                                           on_connected_cb, visit);
}

static void read_head (Visit *visit);

static void
on_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Visit) visit = data;
    gssize length = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

    if (length <= 0)
        return;
    g_string_append_len (visit->request, visit->buffer, length);
    if (!strstr (visit->request->str, "\r\n\r\n")) {
        read_head (g_steal_pointer (&visit));
        return;
    }
    visit->proxy->upgrades += is_upgrade (visit->request);
    if (may_pass (visit->proxy, visit->request))
        hand_on (g_steal_pointer (&visit));
    else
        turn_away (visit);
}

static void
read_head (Visit *visit)
{
    g_input_stream_read_async (g_io_stream_get_input_stream (visit->client), visit->buffer,
                               sizeof visit->buffer, G_PRIORITY_DEFAULT, NULL, on_read_cb, visit);
}

static gboolean
on_incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source,
                gpointer data)
{
    Proxy *proxy = data;
    Visit *visit = g_new0 (Visit, 1);

    proxy->connections++;
    visit->proxy = proxy;
    visit->client = G_IO_STREAM (g_object_ref (connection));
    visit->request = g_string_new (NULL);
    g_ptr_array_add (proxy->streams, g_object_ref (connection));
    read_head (visit);
    return TRUE;
}

/* ------------------------------------------------------------------ life */

Proxy *
proxy_new (const char *base_uri, ProxyPass pass, ProxyManner manner)
{
    Proxy *proxy = g_new0 (Proxy, 1);
    guint16 port;

    proxy->service = g_socket_service_new ();
    port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (proxy->service), NULL, NULL);
    proxy->uri = g_strdup_printf ("http://127.0.0.1:%u", port);
    proxy->hub_port = g_ascii_strtoull (strrchr (base_uri, ':') + 1, NULL, 10);
    proxy->pass = pass;
    proxy->manner = manner;
    proxy->streams = g_ptr_array_new_with_free_func (g_object_unref);
    g_signal_connect (proxy->service, "incoming", G_CALLBACK (on_incoming_cb), proxy);
    return proxy;
}

void
proxy_drop (Proxy *proxy)
{
    for (guint i = 0; i < proxy->streams->len; i++)
        g_socket_shutdown (g_socket_connection_get_socket (proxy->streams->pdata[i]), TRUE, TRUE,
                           NULL);
    g_ptr_array_set_size (proxy->streams, 0);
}

void
proxy_let (Proxy *proxy, ProxyPass pass)
{
    proxy->pass = pass;
    proxy_drop (proxy);
}

void
proxy_free (Proxy *proxy)
{
    g_socket_service_stop (proxy->service);
    g_socket_listener_close (G_SOCKET_LISTENER (proxy->service));
    g_object_unref (proxy->service);
    proxy_drop (proxy);
    g_ptr_array_unref (proxy->streams);
    g_free (proxy->uri);
    g_free (proxy);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A client behind a proxy that lets no WebSocket through, until it does. */

#include "fixture.h"

#include <string.h>

/* ------------------------------------------------------------------ the proxy */

typedef enum {
    PROXY_OPEN,
    PROXY_CUTS,    /* closes a connection that asks for an upgrade */
    PROXY_REFUSES, /* answers it */
    PROXY_DEAD,    /* closes all connections */
} ProxyMode;

typedef struct {
    GSocketService *service; /* (owned) */
    char *uri;               /* (owned) */
    guint16 hub_port;
    ProxyMode mode;
    GPtrArray *streams; /* (owned) (element-type GIOStream): all that ever came */
    guint upgrades;     /* asked for */
} Proxy;

typedef struct {
    Proxy *proxy;
    GIOStream *client; /* (owned) */
    gsize length;
    char request[4096];
} Visit;

static void
visit_free (Visit *visit)
{
    g_object_unref (visit->client);
    g_free (visit);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Visit, visit_free)

static void
on_connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Visit) visit = data;
    g_autoptr (GSocketConnection) hub = g_socket_client_connect_to_host_finish (
        G_SOCKET_CLIENT (source), result, NULL);

    if (!hub)
        return;
    g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (hub)), visit->request,
                               visit->length, NULL, NULL, NULL);
    g_io_stream_splice_async (visit->client, G_IO_STREAM (hub),
                              G_IO_STREAM_SPLICE_CLOSE_STREAM1 | G_IO_STREAM_SPLICE_CLOSE_STREAM2,
                              G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

static void
turn_away (Visit *visit)
{
    static const char REFUSAL[] = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";

    if (visit->proxy->mode == PROXY_REFUSES)
        g_output_stream_write_all (g_io_stream_get_output_stream (visit->client), REFUSAL,
                                   strlen (REFUSAL), NULL, NULL, NULL);
    g_io_stream_close (visit->client, NULL, NULL);
}

static void
on_request_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Visit) visit = data;
    Proxy *proxy = visit->proxy;
    g_autoptr (GSocketClient) socket = NULL;
    gssize length = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

    if (length <= 0)
        return;
    visit->length = length;
    if (memmem (visit->request, length, "Upgrade: websocket", strlen ("Upgrade: websocket"))) {
        proxy->upgrades++;
        if (proxy->mode != PROXY_OPEN) {
            turn_away (visit);
            return;
        }
    }
    if (proxy->mode == PROXY_DEAD) {
        turn_away (visit);
        return;
    }
    socket = g_socket_client_new ();
    g_socket_client_set_enable_proxy (socket, FALSE);
    g_socket_client_connect_to_host_async (socket, "127.0.0.1", proxy->hub_port, NULL,
                                           on_connected_cb, g_steal_pointer (&visit));
}

static gboolean
on_incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source,
                gpointer data)
{
    Proxy *proxy = data;
    Visit *visit = g_new0 (Visit, 1);

    visit->proxy = proxy;
    visit->client = G_IO_STREAM (g_object_ref (connection));
    g_ptr_array_add (proxy->streams, g_object_ref (connection));
    g_input_stream_read_async (g_io_stream_get_input_stream (visit->client), visit->request,
                               sizeof visit->request, G_PRIORITY_DEFAULT, NULL, on_request_cb,
                               visit);
    return TRUE;
}

static Proxy *
proxy_new (Office *office, ProxyMode mode)
{
    Proxy *proxy = g_new0 (Proxy, 1);
    guint16 port;

    proxy->service = g_socket_service_new ();
    port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (proxy->service), NULL, NULL);
    proxy->uri = g_strdup_printf ("http://127.0.0.1:%u", port);
    proxy->hub_port = g_ascii_strtoull (strrchr (office->base_uri, ':') + 1, NULL, 10);
    proxy->mode = mode;
    proxy->streams = g_ptr_array_new_with_free_func (g_object_unref);
    g_signal_connect (proxy->service, "incoming", G_CALLBACK (on_incoming_cb), proxy);
    return proxy;
}

/* All that are there, whatever they do. */
static void
proxy_drop (Proxy *proxy)
{
    for (guint i = 0; i < proxy->streams->len; i++)
        g_socket_shutdown (g_socket_connection_get_socket (proxy->streams->pdata[i]), TRUE, TRUE,
                           NULL);
}

static void
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

/* ------------------------------------------------------------------ the tests */

/* What one does reaches the other, both ways. */
static void
assert_works (Person *ana, Person *ben)
{
    g_autofree char *hers = give (ana, BUREAU_COMMAND_TASK_CREATE,
                                  "'projectId': '%s', 'title': 'hers'", get_first_project (ana));
    g_autofree char *his = give (ben, BUREAU_COMMAND_TASK_CREATE,
                                 "'projectId': '%s', 'title': 'his'", get_first_project (ben));

    WAIT_UNTIL (get_task (ben, hers) && get_task (ana, his));
    WAIT_UNTIL (bureau_client_get_waiting (ana->client) == 0);
    g_assert_cmpuint (ana->refused->len, ==, 0);
}

static gboolean
is_polling (Person *person)
{
    return bureau_client_get_polling (person->client);
}

static void
test_falls_and_rises (gconstpointer data)
{
    Office *office = office_new ();
    Proxy *proxy = proxy_new (office, GPOINTER_TO_INT (data));
    Person *ana = person_new_owner (office);
    Person *ben;

    person_start_live (ana);
    g_assert_false (is_polling (ana));
    ben = person_new_invited (ana, "Ben");
    person_stop (ana);
    person_start_live (ben);

    /* No WebSocket: it polls, and that works. */
    g_free (ana->account->base_uri);
    ana->account->base_uri = g_strdup (proxy->uri);
    person_start_live (ana);
    g_assert_true (is_polling (ana));
    g_assert_cmpuint (proxy->upgrades, ==, 1);
    assert_works (ana, ben);

    /* It tries again when asked to; in vain makes no difference. */
    bureau_client_reconnect (ana->client);
    WAIT_UNTIL (proxy->upgrades == 2);
    assert_works (ana, ben);
    g_assert_true (is_polling (ana));
    g_assert_true (is_live (ana));

    /* The way is free: it changes over without a break. */
    proxy->mode = PROXY_OPEN;
    bureau_client_reconnect (ana->client);
    WAIT_UNTIL (!is_polling (ana));
    g_assert_true (is_live (ana));
    assert_works (ana, ben);

    /* And is barred again. */
    proxy->mode = GPOINTER_TO_INT (data);
    proxy_drop (proxy);
    WAIT_UNTIL (!is_live (ana));
    WAIT_UNTIL (is_live (ana));
    g_assert_true (is_polling (ana));
    assert_works (ana, ben);

    /* When all is lost, the next connection rises by itself. */
    proxy->mode = PROXY_DEAD;
    proxy_drop (proxy);
    WAIT_UNTIL (!is_live (ana));
    proxy->mode = PROXY_OPEN;
    WAIT_UNTIL (is_live (ana) && !is_polling (ana));
    assert_works (ana, ben);

    person_free (ana);
    person_free (ben);
    proxy_free (proxy);
    office_free (office);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_data_func ("/transport/proxy-cuts", GINT_TO_POINTER (PROXY_CUTS),
                          test_falls_and_rises);
    g_test_add_data_func ("/transport/proxy-refuses", GINT_TO_POINTER (PROXY_REFUSES),
                          test_falls_and_rises);
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The server over real sockets on port 0: with BureauSocket, and with a peer by hand that breaks
 * the rules. */

#include <string.h>
#include <sys/resource.h>
#include <dirent.h>
#include <unistd.h>

#include "bureau-json-slice.h"
#include "bureau-server.h"
#include "bureau-socket.h"
#include "raw-client.h"

typedef struct {
    BureauServer *server;
    char *uri;
    guint turns;
    guint events;
    guint closed;
    guint troubles;
    guint destroyed;
    char *last_reason;
    char *last_address;
    char *last_authorization;
    BureauConnection *last;
} Fixture;

/* ------------------------------------------------------------------ a small hub */

static void
keep (char **place, const char *text)
{
    g_free (*place);
    *place = g_strdup (text);
}

static void
on_destroyed (gpointer data)
{
    ((Fixture *) data)->destroyed++;
}

/* Refuses {"refuse":…}, leaves {"wait":…} waiting, takes all others. */
static void
on_connect (BureauServer *server, BureauConnection *connection, const char *auth, gpointer data)
{
    Fixture *fixture = data;
    BureauJsonSlice slice;

    fixture->last = connection;
    keep (&fixture->last_address, bureau_connection_get_address (connection));
    keep (&fixture->last_authorization, bureau_connection_get_authorization (connection));
    if (auth != NULL && bureau_json_slice_member (auth, strlen (auth), "refuse", &slice)) {
        bureau_connection_refuse (connection, "No “entry”.", "unauthenticated");
        return;
    }
    if (auth != NULL && bureau_json_slice_member (auth, strlen (auth), "wait", &slice))
        return;
    bureau_connection_set_data (connection, fixture, on_destroyed);
    bureau_connection_accept (connection);
    bureau_server_join (server, connection, "all");
}

static void
broadcast (BureauServer *server, const char *rooms, const char *name, const char *json,
           BureauConnection *except)
{
    g_auto (GStrv) names = g_strsplit (rooms, " ", -1);
    g_autoptr (BureauFrame) frame = bureau_frame_new_event (name, json);

    bureau_server_broadcast (server, (const char *const *) names, frame, except);
}

static void
on_event (BureauServer *server, BureauConnection *connection, const BureauPacket *packet,
          gpointer data)
{
    Fixture *fixture = data;
    BureauJsonSlice slice;
    g_autofree char *name = NULL;
    g_autofree char *json = NULL;
    g_autofree char *text = NULL;

    g_assert_true (bureau_json_slice_element (packet->json, packet->json_length, 0, &slice));
    name = bureau_json_slice_dup_string (&slice);
    if (bureau_json_slice_element (packet->json, packet->json_length, 1, &slice)) {
        json = g_strndup (slice.text, slice.length);
        text = bureau_json_slice_dup_string (&slice);
    }
    fixture->events++;
    if (g_strcmp0 (name, "join") == 0)
        bureau_server_join (server, connection, text);
    else if (g_strcmp0 (name, "leave") == 0)
        bureau_server_leave (server, connection, text);
    else if (g_strcmp0 (name, "to") == 0)
        broadcast (server, text, "said", "{\"x\":1}", NULL);
    else if (g_strcmp0 (name, "to-and-leave") == 0) {
        broadcast (server, text, "said", "{\"x\":1}", NULL);
        bureau_server_leave (server, connection, text);
    } else if (g_strcmp0 (name, "others") == 0)
        broadcast (server, text, "said", "{\"x\":2}", connection);
    else if (g_strcmp0 (name, "close") == 0)
        bureau_connection_close (connection, 4403, "revoked");
    if (packet->id >= 0)
        bureau_connection_acknowledge (connection, packet->id, json == NULL ? "{}" : json);
}

static void
on_closed (BureauServer *server, BureauConnection *connection, const char *reason, gpointer data)
{
    Fixture *fixture = data;

    g_assert_false (bureau_server_is_member (server, connection, "all"));
    fixture->closed++;
    fixture->last = NULL;
    keep (&fixture->last_reason, reason);
}

static void
on_turn (BureauServer *server, gpointer data)
{
    ((Fixture *) data)->turns++;
}

static void
on_request (BureauServer *server, SoupServerMessage *message, const char *path, gpointer data)
{
    SoupMessageBody *body = soup_server_message_get_request_body (message);

    soup_server_message_set_status (message, 200, NULL);
    if (g_str_equal (path, "/api/length")) {
        g_autofree char *text = g_strdup_printf ("%d", (int) body->length);

        soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_COPY, text,
                                          strlen (text));
    } else {
        soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_STATIC, "0123456789",
                                          10);
    }
}

static void
on_trouble (BureauServer *server, const char *what, gpointer data)
{
    ((Fixture *) data)->troubles++;
}

static const BureauServerHooks hooks = { on_connect, on_event,   on_closed,
                                         on_turn,    on_request, on_trouble };

static void
set_up_with (Fixture *fixture, BureauServerOptions options)
{
    g_autoptr (GError) error = NULL;

    fixture->server = bureau_server_new (&options, &hooks, fixture);
    fixture->uri = bureau_server_listen (fixture->server, "127.0.0.1", 0, &error);
    g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
    set_up_with (fixture, bureau_server_default_options);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    g_clear_pointer (&fixture->server, bureau_server_free);
    g_free (fixture->uri);
    g_free (fixture->last_reason);
    g_free (fixture->last_address);
    g_free (fixture->last_authorization);
    while (g_main_context_iteration (NULL, FALSE))
        ;
}

/* ------------------------------------------------------------------ BureauSocket */

typedef struct {
    BureauSocket *socket;
    GError *error;
    GError *closed;
    GPtrArray *events; /* "name json" */
    GPtrArray *acks;   /* json, or NULL */
    gboolean done;
} Client;

static Client *
client_new (void)
{
    Client *client = g_new0 (Client, 1);

    client->events = g_ptr_array_new_with_free_func (g_free);
    client->acks = g_ptr_array_new_with_free_func (g_free);
    return client;
}

static void
client_free (Client *client)
{
    g_clear_object (&client->socket);
    g_clear_error (&client->error);
    g_clear_error (&client->closed);
    g_ptr_array_unref (client->events);
    g_ptr_array_unref (client->acks);
    g_free (client);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_free)

static void
on_client_event (BureauSocket *socket, const char *name, const char *json, gpointer data)
{
    g_ptr_array_add (((Client *) data)->events, g_strdup_printf ("%s %s", name, json));
}

static void
on_client_closed (BureauSocket *socket, const GError *reason, gpointer data)
{
    Client *client = data;

    g_assert_null (client->closed);
    client->closed = g_error_copy (reason);
}

static void
on_client_ack (const char *json, const GError *error, gpointer data)
{
    g_ptr_array_add (((Client *) data)->acks, g_strdup (json));
}

static void
on_client_connected (GObject *source, GAsyncResult *result, gpointer data)
{
    Client *client = data;

    client->done = TRUE;
    client->socket = bureau_socket_connect_finish (result, &client->error);
    if (client->socket == NULL)
        return;
    g_signal_connect (client->socket, "event", G_CALLBACK (on_client_event), client);
    g_signal_connect (client->socket, "closed", G_CALLBACK (on_client_closed), client);
}

static Client *
client_connect (const char *uri, const char *auth, GCancellable *cancellable)
{
    g_autoptr (SoupSession) session = bureau_socket_session_new ();
    Client *client = client_new ();

    bureau_socket_connect_async (session, uri, auth, 256 * 1024, cancellable, on_client_connected,
                                 client);
    raw_wait_until (client->done);
    return client;
}

static void
test_connect_and_echo (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) client = client_connect (fixture->uri, "{\"token\":\"t\"}", NULL);

    g_assert_no_error (client->error);
    g_assert_true (bureau_socket_is_open (client->socket));
    g_assert_cmpstr (fixture->last_address, ==, "127.0.0.1");
    g_assert_cmpuint (bureau_server_count_connections (fixture->server), ==, 1);
    bureau_socket_emit (client->socket, "echo", "{\"a\":[1,\"“q”\"]}", on_client_ack, client);
    bureau_socket_emit (client->socket, "echo", NULL, on_client_ack, client);
    raw_wait_until (client->acks->len == 2);
    g_assert_cmpstr (client->acks->pdata[0], ==, "{\"a\":[1,\"“q”\"]}");
    g_assert_cmpstr (client->acks->pdata[1], ==, "{}");
    bureau_socket_emit (client->socket, "to", "\"all\"", NULL, NULL);
    raw_wait_until (client->events->len == 1);
    g_assert_cmpstr (client->events->pdata[0], ==, "said {\"x\":1}");
    g_assert_cmpuint (fixture->turns, <=, 4);

    bureau_socket_close (client->socket);
    raw_wait_until (fixture->closed == 1);
    g_assert_cmpuint (fixture->destroyed, ==, 1);
    g_assert_null (client->closed);
    g_assert_cmpuint (bureau_server_count_connections (fixture->server), ==, 0);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
#define TEST(name, func) g_test_add ("/wire/server/" name, Fixture, NULL, set_up, func, tear_down)
    TEST ("connect-and-echo", test_connect_and_echo);
#undef TEST
    return g_test_run ();
}

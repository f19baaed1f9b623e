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

static void
broadcast (BureauServer *server, const char *rooms, const char *name, const char *json,
           BureauConnection *except)
{
    g_auto (GStrv) names = g_strsplit (rooms, " ", -1);
    g_autoptr (BureauFrame) frame = bureau_frame_new_event (name, json);

    bureau_server_broadcast (server, (const char *const *) names, frame, except);
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
    if (auth != NULL && bureau_json_slice_member (auth, strlen (auth), "greet", &slice)) {
        broadcast (server, "all", "first", "1", NULL);
        broadcast (server, "all", "second", "2", NULL);
    }
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

static void
test_refused (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) client = client_connect (fixture->uri, "{\"refuse\":1}", NULL);
    g_autoptr (GError) copy = NULL;

    g_assert_null (client->socket);
    g_assert_error (client->error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_REFUSED);
    g_assert_cmpstr (client->error->message, ==, "No “entry”.");
    copy = g_error_copy (client->error);
    g_assert_cmpstr (bureau_socket_error_get_code (copy), ==, "unauthenticated");
    g_assert_cmpuint (fixture->closed, ==, 0);
}

static void
test_no_hub (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) client = NULL;

    bureau_server_stop_listening (fixture->server);
    client = client_connect (fixture->uri, NULL, NULL);
    g_assert_null (client->socket);
    g_assert_error (client->error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
    g_autoptr (SoupSession) session = bureau_socket_session_new ();
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    g_autoptr (Client) client = client_new ();

    bureau_socket_connect_async (session, fixture->uri, "{\"wait\":1}", 1000, cancellable,
                                 on_client_connected, client);
    raw_wait_until (fixture->last != NULL);
    g_assert_false (client->done);
    g_cancellable_cancel (cancellable);
    raw_wait_until (client->done);
    g_assert_error (client->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    /* The owner had been asked, so it is told that there is nobody to answer any more. */
    raw_wait_until (fixture->closed == 1);
}

static void
test_accept_later (Fixture *fixture, gconstpointer data)
{
    g_autoptr (SoupSession) session = bureau_socket_session_new ();
    g_autoptr (Client) client = client_new ();

    bureau_socket_connect_async (session, fixture->uri, "{\"wait\":1}", 1000, NULL,
                                 on_client_connected, client);
    raw_wait_until (fixture->last != NULL);
    g_assert_cmpuint (bureau_server_count_connections (fixture->server), ==, 0);
    bureau_connection_accept (fixture->last);
    raw_wait_until (client->done);
    g_assert_no_error (client->error);
}

/* What comes with the answer is not lost, and not before its receiver is there. */
static void
test_events_with_answer (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) client = client_connect (fixture->uri, "{\"greet\":1}", NULL);

    bureau_socket_emit (client->socket, "to", "\"all\"", NULL, NULL);
    raw_wait_until (client->events->len == 3);
    g_assert_cmpstr (client->events->pdata[0], ==, "first 1");
    g_assert_cmpstr (client->events->pdata[1], ==, "second 2");
    g_assert_cmpstr (client->events->pdata[2], ==, "said {\"x\":1}");
}

static void
test_closed_by_hub (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) client = client_connect (fixture->uri, NULL, NULL);

    /* The acknowledgement comes after the close, so never. */
    bureau_socket_emit (client->socket, "close", NULL, on_client_ack, client);
    raw_wait_until (client->closed != NULL);
    g_assert_error (client->closed, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_CLOSED);
    g_assert_nonnull (strstr (client->closed->message, "4403"));
    g_assert_cmpuint (client->acks->len, ==, 1);
    g_assert_null (client->acks->pdata[0]);
    g_assert_false (bureau_socket_is_open (client->socket));
    bureau_socket_emit (client->socket, "echo", NULL, on_client_ack, client);
    g_assert_cmpuint (client->acks->len, ==, 1);
    raw_wait_until (client->acks->len == 2);
    g_assert_cmpuint (fixture->closed, ==, 1);
    g_assert_cmpstr (fixture->last_reason, ==, "revoked");
}

/* ------------------------------------------------------------------ Engine.IO and Socket.IO by
 * hand */

static void
test_open_packet (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_upgrade (fixture->uri);
    g_autofree char *open = raw_client_read_text (client);

    g_assert_true (g_regex_match_simple (
        "^0\\{\"sid\":\"[A-Za-z0-9_-]{20}\",\"upgrades\":\\[\\],\"pingInterval\":25000,"
        "\"pingTimeout\":20000,\"maxPayload\":262144\\}$",
        open, 0, 0));
}

/* B4: what closes, closes; with a code that lets the client come again. */
static void
test_packets_that_close (Fixture *fixture, gconstpointer data)
{
    static const char *const packets[] = {
        "40[]",
        "40null",
        "41{}",
        "431{}",
        "42{}",
        "42[]",
        "42[null]",
        "42abc[\"x\"]",
        "47",
        "4",
        "4abc",
        "",
        "9",
        "x",
        "2",
        "bAQID",
        "40",
        "42/x,[\"a\"]",
        "41/x,",
        "44{\"message\":\"x\"}",
        "42[\"connect\"]",
        "450-[\"a\"]",
        "451-[\"a\",{\"_placeholder\":true,\"num\":0}]",
        "45[\"a\"]",
        "4511-[\"a\"]",
        "42[\"a\"",
        "42[\"a\",{\"b\":1,\"b\":2}]",
    };

    for (guint i = 0; i < G_N_ELEMENTS (packets); i++) {
        g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, NULL);

        raw_client_send_text (client, packets[i]);
        raw_client_send_text (client, "42[\"echo\"]");
        g_assert_cmpuint (raw_client_read_close (client), ==, 4400);
        raw_wait_until (fixture->closed == i + 1);
        g_assert_cmpuint (fixture->events, ==, 0);
    }
}

static void
test_packets_that_are_ignored (Fixture *fixture, gconstpointer data)
{
    static const char *const packets[] = { "0", "3", "5", "6", "42", "43[1]", "4399[1]" };
    g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, NULL);

    for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
        raw_client_send_text (client, packets[i]);
    raw_client_send_text (client, "421[\"echo\",{\"é\":1}]");
    raw_client_expect_text (client, "431[{\"é\":1}]");
    raw_client_send_text (client, "42[7]");
    raw_client_send_text (client, "420[7,[3]]");
    raw_client_expect_text (client, "430[[3]]");
}

static void
test_before_connect (Fixture *fixture, gconstpointer data)
{
    static const char *const packets[] = { "42[\"echo\"]", "41", "431[]" };

    for (guint i = 0; i < G_N_ELEMENTS (packets); i++) {
        g_autoptr (RawClient) client = raw_client_upgrade (fixture->uri);

        raw_client_send_text (client, packets[i]);
        g_assert_cmpuint (raw_client_read_close (client), ==, 4400);
    }
    g_assert_cmpuint (fixture->events, ==, 0);
    g_assert_cmpuint (fixture->closed, ==, 0);
}

static void
test_namespaces (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, NULL);

    raw_client_send_text (client, "40/random");
    raw_client_expect_text (client, "44/random,{\"message\":\"Invalid namespace\"}");
    raw_client_send_text (client, "42/,5[\"echo\"]");
    raw_client_expect_text (client, "435[{}]");
}

static void
test_leave_and_return (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, NULL);
    g_autofree char *answer = NULL;

    raw_client_send_text (client, "41");
    raw_wait_until (fixture->closed == 1);
    g_assert_cmpstr (fixture->last_reason, ==, "client namespace disconnect");
    g_assert_cmpuint (fixture->destroyed, ==, 1);
    raw_client_send_text (client, "40");
    answer = raw_client_read_text (client);
    g_assert_true (g_str_has_prefix (answer, "40{\"sid\":"));
    raw_client_send_text (client, "1");
    g_assert_cmpuint (raw_client_read_close (client), ==, 1005);
    raw_wait_until (fixture->closed == 2);
}

static void
test_websocket_rules (Fixture *fixture, gconstpointer data)
{
    g_autofree char *big = g_malloc0 (60000);
    static const struct {
        const char *bytes;
        gsize length;
        guint code;
    } cases[] = {
        { "\x81\x01x", 3, 1002 },
        { "\xc1\x80....", 6, 1002 },
        { "\x81\x81\0\0\0\0\xff", 7, 1007 },
        { "\x82\x81\0\0\0\0x", 7, 4400 },
        { "\x81\xff\0\0\0\0\0\4\0\1....", 14, 1009 },
        { "\x88\x80....", 6, 1005 },
        { "\x88\x82\0\0\0\0\x03\xe8", 8, 1000 },
        { "\x88\x82\0\0\0\0\x03\xed", 8, 1002 },
    };

    for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, NULL);

        raw_client_send (client, cases[i].bytes, cases[i].length);
        g_assert_cmpuint (raw_client_read_close (client), ==, cases[i].code);
        raw_wait_until (fixture->closed == i + 1);
    }
    /* In fragments, too much in all. */
    {
        g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, NULL);

        raw_client_send_frame (client, 0x01, big, 60000);
        for (guint i = 0; i < 4; i++)
            raw_client_send_frame (client, 0x00, big, 60000);
        g_assert_cmpuint (raw_client_read_close (client), ==, 1009);
    }
}

/* As many pings as one likes cost one pong for each read at most, and nobody's time. */
static void
test_pings (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, NULL);
    g_autoptr (GString) flood = g_string_new (NULL);
    g_autofree char *payload = NULL;
    guint pongs = 0;
    gsize length;

    raw_client_send_frame (client, 0x89, "are you there", 13);
    g_assert_cmpuint (raw_client_read_frame (client, &payload, &length), ==, 0xa);
    g_assert_cmpstr (payload, ==, "are you there");

    for (guint i = 0; i < 100000; i++)
        g_string_append_len (flood, "\x89\x81\0\0\0\0x", 7);
    raw_client_send (client, flood->str, flood->len);
    raw_client_send_text (client, "421[\"echo\"]");
    for (;;) {
        g_autofree char *text = NULL;

        if (raw_client_read_frame (client, &text, &length) == 1)
            break;
        pongs++;
    }
    g_assert_cmpuint (pongs, <, 1000);
}

/* The first frames may come in one packet with the request; the server must not lose them. */
static void
test_frames_with_upgrade (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);
    g_autoptr (GString) bytes = g_string_new (
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
        "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Authorization: Bearer xyz\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

    g_string_append_len (bytes,
                         "\x81\x82\0\0\0\0"
                         "40",
                         8);
    g_string_append_len (bytes,
                         "\x81\x8b\0\0\0\0"
                         "421[\"echo\"]",
                         17);
    raw_client_send (client, bytes->str, bytes->len);
    raw_wait_until (fixture->events == 1);
    g_assert_cmpstr (fixture->last_authorization, ==, "Bearer xyz");
}

/* ------------------------------------------------------------------ rooms */

static void
test_rooms (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) a = raw_client_sign_in (fixture->uri, NULL);
    g_autoptr (RawClient) b = raw_client_sign_in (fixture->uri, NULL);
    g_autoptr (RawClient) c = raw_client_sign_in (fixture->uri, NULL);

    raw_client_send_text (a, "421[\"join\",\"one\"]");
    raw_client_expect_text (a, "431[\"one\"]");
    raw_client_send_text (a, "421[\"join\",\"two\"]");
    raw_client_expect_text (a, "431[\"two\"]");
    raw_client_send_text (a, "421[\"join\",\"two\"]");
    raw_client_expect_text (a, "431[\"two\"]");
    raw_client_send_text (b, "421[\"join\",\"two\"]");
    raw_client_expect_text (b, "431[\"two\"]");

    /* Once each, though a is in both; not to c. */
    raw_client_send_text (c, "422[\"to\",\"one two none\"]");
    raw_client_expect_text (c, "432[\"one two none\"]");
    raw_client_expect_text (a, "42[\"said\",{\"x\":1}]");
    raw_client_expect_text (b, "42[\"said\",{\"x\":1}]");
    raw_client_send_text (a, "423[\"others\",\"all\"]");
    raw_client_expect_text (a, "433[\"all\"]");
    raw_client_expect_text (b, "42[\"said\",{\"x\":2}]");
    raw_client_expect_text (c, "42[\"said\",{\"x\":2}]");

    raw_client_send_text (a, "424[\"leave\",\"two\"]");
    raw_client_expect_text (a, "434[\"two\"]");
    raw_client_send_text (b, "425[\"to\",\"two\"]");
    raw_client_expect_text (b, "42[\"said\",{\"x\":1}]");
    raw_client_expect_text (b, "435[\"two\"]");
    raw_client_send_text (a, "426[\"echo\"]");
    raw_client_expect_text (a, "436[{}]");
}

/* What was queued for a room goes no further once it is left, in the same turn too; other things
 * do. */
static void
test_leaving_purges (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, NULL);

    raw_client_send_text (client, "420[\"join\",\"one\"]");
    raw_client_expect_text (client, "430[\"one\"]");
    raw_client_send_text (client, "421[\"to-and-leave\",\"one\"]");
    raw_client_expect_text (client, "431[\"one\"]");
    raw_client_send_text (client, "422[\"to-and-leave\",\"all one\"]");
    raw_client_expect_text (client, "42[\"said\",{\"x\":1}]");
    raw_client_expect_text (client, "432[\"all one\"]");
}

static void
count_member (BureauConnection *connection, gpointer data)
{
    (*(guint *) data)++;
}

static void
test_foreach_member (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) a = raw_client_sign_in (fixture->uri, NULL);
    g_autoptr (RawClient) b = raw_client_sign_in (fixture->uri, NULL);
    guint count = 0;

    bureau_server_foreach_member (fixture->server, "all", count_member, &count);
    g_assert_cmpuint (count, ==, 2);
    bureau_server_foreach_member (fixture->server, "none", count_member, &count);
    g_assert_cmpuint (count, ==, 2);
    g_clear_pointer (&a, raw_client_free);
    raw_wait_until (fixture->closed == 1);
    count = 0;
    bureau_server_foreach_member (fixture->server, "all", count_member, &count);
    g_assert_cmpuint (count, ==, 1);
}

static void
test_wake (Fixture *fixture, gconstpointer data)
{
    while (g_main_context_iteration (NULL, FALSE))
        ;
    g_assert_cmpuint (fixture->turns, ==, 0);
    for (guint i = 0; i < 10; i++)
        bureau_server_wake (fixture->server);
    g_assert_cmpuint (fixture->turns, ==, 0);
    raw_wait_until (fixture->turns > 0);
    while (g_main_context_iteration (NULL, FALSE))
        ;
    g_assert_cmpuint (fixture->turns, ==, 1);
}

static void
test_close_all (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) a = raw_client_sign_in (fixture->uri, NULL);
    g_autoptr (RawClient) b = raw_client_sign_in (fixture->uri, NULL);
    g_autoptr (BureauFrame) frame = bureau_frame_new_event ("bye", NULL);

    bureau_server_broadcast (fixture->server, (const char *[]){ "all", NULL }, frame, NULL);
    bureau_server_close_all (fixture->server, 4503, "restarting");
    g_assert_cmpuint (fixture->closed, ==, 0);
    g_clear_pointer (&fixture->server, bureau_server_free);
    g_assert_cmpuint (fixture->destroyed, ==, 2);
    raw_client_expect_text (a, "42[\"bye\"]");
    g_assert_cmpuint (raw_client_read_close (a), ==, 4503);
    raw_client_expect_text (b, "42[\"bye\"]");
    g_assert_cmpuint (raw_client_read_close (b), ==, 4503);
}

/* ------------------------------------------------------------------ time */

static void
set_up_hasty (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.ping_interval = 60;
    options.ping_timeout = 60;
    options.connect_timeout = 100;
    set_up_with (fixture, options);
}

static void
test_heartbeat (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, NULL);
    gint64 start = g_get_monotonic_time ();

    for (guint i = 0; i < 4; i++) {
        raw_client_expect_text (client, "2");
        raw_client_send_text (client, "3");
    }
    g_assert_cmpint (g_get_monotonic_time () - start, >=, 4 * 55000);
    g_assert_cmpuint (fixture->closed, ==, 0);
    raw_client_expect_text (client, "2");
    start = g_get_monotonic_time ();
    g_assert_cmpuint (raw_client_read_close (client), ==, 4410);
    g_assert_cmpint (g_get_monotonic_time () - start, >=, 50000);
    raw_wait_until (fixture->closed == 1);
    g_assert_cmpstr (fixture->last_reason, ==, "ping timeout");
}

static void
test_client_heartbeat (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) client = client_connect (fixture->uri, NULL, NULL);
    gint64 until = g_get_monotonic_time () + 400000;

    raw_wait_until (g_get_monotonic_time () > until);
    g_assert_true (bureau_socket_is_open (client->socket));
    g_assert_cmpuint (fixture->closed, ==, 0);
}

/* Whoever does not get on with signing in, wherever they stop, is closed. */
static void
test_connect_timeout (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) silent = raw_client_new (fixture->uri);
    g_autoptr (RawClient) slow = raw_client_new (fixture->uri);
    g_autoptr (RawClient) body = raw_client_new (fixture->uri);
    g_autoptr (RawClient) upgraded = raw_client_upgrade (fixture->uri);
    g_autoptr (RawClient) refused = raw_client_upgrade (fixture->uri);
    g_autofree char *nothing = NULL, *none = NULL, *neither = NULL;

    raw_client_send_string (slow, "GET / HTTP/1.1\r\nHost: lo");
    raw_client_send_string (
        body, "POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx");
    raw_client_send_text (refused, "40{\"refuse\":1}");
    g_assert_cmpuint (raw_client_read_close (upgraded), ==, 4401);
    g_assert_cmpuint (raw_client_read_close (refused), ==, 4401);
    nothing = raw_client_read_all (silent);
    none = raw_client_read_all (slow);
    neither = raw_client_read_all (body);
    g_assert_cmpstr (nothing, ==, "");
    g_assert_false (g_str_has_prefix (neither, "HTTP/1.1 200"));
}

static void
set_up_narrow (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.max_unsent = 100 * 1024;
    options.unsent_timeout = 150;
    set_up_with (fixture, options);
}

/* One who reads nothing is dropped, and costs the other no event. */
static void
test_slow_reader (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) slow = raw_client_sign_in (fixture->uri, NULL);
    g_autoptr (RawClient) neighbour = raw_client_sign_in (fixture->uri, NULL);
    g_autoptr (GString) json = g_string_new ("\"");
    g_autofree char *expected = NULL;
    g_autoptr (BureauFrame) frame = NULL;
    guint rounds = 0;

    while (json->len < 10000)
        g_string_append_c (json, 'x');
    g_string_append_c (json, '"');
    expected = g_strdup_printf ("42[\"big\",%s]", json->str);
    frame = bureau_frame_new_event ("big", json->str);
    while (fixture->closed == 0 && rounds++ < 5000) {
        bureau_server_broadcast (fixture->server, (const char *[]){ "all", NULL }, frame, NULL);
        raw_client_expect_text (neighbour, expected);
    }
    g_assert_cmpuint (fixture->closed, ==, 1);
    g_assert_cmpstr (fixture->last_reason, ==, "too slow");
    g_assert_cmpuint (rounds, >, 10);
    raw_client_send_text (neighbour, "421[\"echo\"]");
    raw_client_expect_text (neighbour, "431[{}]");
    /* It learns why, once it reads: all frames whole, then the code. */
    g_assert_cmpuint (raw_client_read_close (slow), ==, 4408);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
#define TEST(name, prepare, func)                                                                  \
    g_test_add ("/wire/server/" name, Fixture, NULL, prepare, func, tear_down)
    TEST ("connect-and-echo", set_up, test_connect_and_echo);
    TEST ("refused", set_up, test_refused);
    TEST ("no-hub", set_up, test_no_hub);
    TEST ("cancel", set_up, test_cancel);
    TEST ("accept-later", set_up, test_accept_later);
    TEST ("events-with-answer", set_up, test_events_with_answer);
    TEST ("closed-by-hub", set_up, test_closed_by_hub);
    TEST ("open-packet", set_up, test_open_packet);
    TEST ("packets-that-close", set_up, test_packets_that_close);
    TEST ("packets-that-are-ignored", set_up, test_packets_that_are_ignored);
    TEST ("before-connect", set_up, test_before_connect);
    TEST ("namespaces", set_up, test_namespaces);
    TEST ("leave-and-return", set_up, test_leave_and_return);
    TEST ("websocket-rules", set_up, test_websocket_rules);
    TEST ("pings", set_up, test_pings);
    TEST ("frames-with-upgrade", set_up, test_frames_with_upgrade);
    TEST ("rooms", set_up, test_rooms);
    TEST ("leaving-purges", set_up, test_leaving_purges);
    TEST ("foreach-member", set_up, test_foreach_member);
    TEST ("wake", set_up, test_wake);
    TEST ("close-all", set_up, test_close_all);
    TEST ("heartbeat", set_up_hasty, test_heartbeat);
    TEST ("client-heartbeat", set_up_hasty, test_client_heartbeat);
    TEST ("connect-timeout", set_up_hasty, test_connect_timeout);
    TEST ("slow-reader", set_up_narrow, test_slow_reader);
#undef TEST
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* BureauSocket against our own server, and against one that means ill. */

#include <string.h>

#include "bureau-pin.h"
#include "bureau-tls-certificate.h"
#include "server-fixture.h"
#include "socket-client.h"
#include "test-identity.h"

#define TRANSPORT GPOINTER_TO_INT (data)

static void
test_connect_and_echo (Fixture *fixture, gconstpointer data)
{
    g_autoptr (SocketClient) client = socket_client_new (fixture->uri, "{\"token\":\"t\"}",
                                                         TRANSPORT, NULL);

    g_assert_no_error (client->error);
    g_assert_true (bureau_socket_is_open (client->socket));
    g_assert_cmpstr (fixture->last_address, ==, "127.0.0.1");
    g_assert_cmpuint (bureau_server_count_connections (fixture->server), ==, 1);
    socket_client_ask (client, "echo", "{\"a\":[1,\"“q”\"]}");
    socket_client_ask (client, "echo", NULL);
    raw_wait_until (client->acks->len == 2);
    g_assert_cmpstr (client->acks->pdata[0], ==, "{\"a\":[1,\"“q”\"]}");
    g_assert_cmpstr (client->acks->pdata[1], ==, "{}");
    bureau_socket_emit (client->socket, "to", "\"all\"", NULL, NULL);
    raw_wait_until (client->events->len == 1);
    g_assert_cmpstr (client->events->pdata[0], ==, "said {\"x\":1}");
    if (TRANSPORT == BUREAU_SOCKET_WEBSOCKET)
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
    g_autoptr (SocketClient) client = socket_client_new (fixture->uri, "{\"refuse\":1}", TRANSPORT,
                                                         NULL);
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
    g_autoptr (SocketClient) client = NULL;

    bureau_server_stop_listening (fixture->server, NULL);
    client = socket_client_new (fixture->uri, NULL, TRANSPORT, NULL);
    g_assert_null (client->socket);
    g_assert_error (client->error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    g_autoptr (SocketClient) client = socket_client_begin (fixture->uri, "{\"wait\":1}", TRANSPORT,
                                                           cancellable);

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
    g_autoptr (SocketClient) client = socket_client_new_empty ();

    bureau_socket_connect_async (session, fixture->uri, "{\"wait\":1}", 1000, TRANSPORT, NULL,
                                 socket_client_on_connected, client);
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
    g_autoptr (SocketClient) client = socket_client_new (fixture->uri, "{\"greet\":1}", TRANSPORT,
                                                         NULL);

    bureau_socket_emit (client->socket, "to", "\"all\"", NULL, NULL);
    raw_wait_until (client->events->len == 3);
    g_assert_cmpstr (client->events->pdata[0], ==, "first 1");
    g_assert_cmpstr (client->events->pdata[1], ==, "second 2");
    g_assert_cmpstr (client->events->pdata[2], ==, "said {\"x\":1}");
}

static void
test_closed_by_hub (Fixture *fixture, gconstpointer data)
{
    g_autoptr (SocketClient) client = socket_client_new (fixture->uri, NULL, TRANSPORT, NULL);

    /* The acknowledgement comes after the close, so never. */
    socket_client_ask (client, "close", NULL);
    raw_wait_until (client->closed != NULL);
    g_assert_error (client->closed, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_CLOSED);
    if (TRANSPORT == BUREAU_SOCKET_WEBSOCKET)
        g_assert_nonnull (strstr (client->closed->message, "4403"));
    g_assert_cmpuint (client->acks->len, ==, 1);
    g_assert_null (client->acks->pdata[0]);
    g_assert_false (bureau_socket_is_open (client->socket));
    socket_client_ask (client, "echo", NULL);
    g_assert_cmpuint (client->acks->len, ==, 1);
    raw_wait_until (client->acks->len == 2);
    g_assert_cmpuint (fixture->closed, ==, 1);
    g_assert_cmpstr (fixture->last_reason, ==, "revoked");
}

/* Whoever takes the result later still gets what came in between. */
static void
on_client_connected_later (GObject *source, GAsyncResult *result, gpointer data)
{
    *(GAsyncResult **) data = g_object_ref (result);
}

static void
test_finish_later (Fixture *fixture, gconstpointer data)
{
    g_autoptr (SoupSession) session = bureau_socket_session_new ();
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (RawClient) witness = raw_client_sign_in (fixture->uri, NULL);
    g_autoptr (SocketClient) client = socket_client_new_empty ();

    bureau_socket_connect_async (session, fixture->uri, "{\"greet\":1}", 1000, TRANSPORT, NULL,
                                 on_client_connected_later, &result);
    raw_wait_until (result != NULL);
    raw_client_send_text (witness, "421[\"to\",\"all\"]");
    raw_client_expect_text (witness, "42[\"first\",1]");
    raw_client_expect_text (witness, "42[\"second\",2]");
    raw_client_expect_text (witness, "42[\"said\",{\"x\":1}]");
    socket_client_on_connected (NULL, result, client);
    raw_wait_until (client->events->len == 3);
    g_assert_cmpstr (client->events->pdata[0], ==, "first 1");
    g_assert_cmpstr (client->events->pdata[1], ==, "second 2");
}

/* ------------------------------------------------------------------ a hub that means ill */

#define OPEN                                                                                       \
    "0{\"sid\":\"x\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":65536}"
#define ANSWER "40{\"sid\":\"y\"}"

/* What such a hub says at once to whoever comes; "BINARY" and "CLOSE" stand for those. */
typedef struct {
    const char *script[5];
    gboolean connects;
    gint code;
} Ill;

static const Ill ills[] = {
    { { "1" }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { "" }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { "0" }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { "0{" }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { "0[]" }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { "0{}" }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { "0{\"pingInterval\":0,\"pingTimeout\":1}" }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { "0{\"pingInterval\":1,\"pingTimeout\":9223372036854775807}" },
      FALSE,
      BUREAU_SOCKET_ERROR_PROTOCOL },
    { { "0{\"pingInterval\":\"1\",\"pingTimeout\":1}" }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { "BINARY" }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { "CLOSE" }, FALSE, BUREAU_SOCKET_ERROR_CLOSED },
    { { OPEN, "40" }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { OPEN, "40{\"sid\":1}" }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { OPEN, "40/x,{\"sid\":\"y\"}" }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { OPEN, "41" }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { OPEN, "42[\"x\"]" }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { OPEN, "44\"no\"" }, FALSE, BUREAU_SOCKET_ERROR_REFUSED },
    { { OPEN, "44{}" }, FALSE, BUREAU_SOCKET_ERROR_REFUSED },
    { { OPEN, "1" }, FALSE, BUREAU_SOCKET_ERROR_CLOSED },
    { { OPEN, "CLOSE" }, FALSE, BUREAU_SOCKET_ERROR_CLOSED },
    { { OPEN, OPEN }, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { OPEN, ANSWER, "40{\"sid\":\"y\"}" }, TRUE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { OPEN, ANSWER, "42[\"a\"" }, TRUE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { OPEN, ANSWER, "42[\"a\",{\"b\":1,\"b\":1}]" }, TRUE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { OPEN, ANSWER, "451-[\"a\"]" }, TRUE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { OPEN, ANSWER, "x" }, TRUE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { OPEN, ANSWER, "BINARY" }, TRUE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { OPEN, ANSWER, "BIG" }, TRUE, BUREAU_SOCKET_ERROR_PROTOCOL },
    { { OPEN, ANSWER, "41" }, TRUE, BUREAU_SOCKET_ERROR_CLOSED },
    { { OPEN, ANSWER, "CLOSE" }, TRUE, BUREAU_SOCKET_ERROR_CLOSED },
    { { "0{\"sid\":\"x\",\"pingInterval\":50,\"pingTimeout\":30,\"maxPayload\":9}", ANSWER, "6" },
      TRUE,
      BUREAU_SOCKET_ERROR_TIMEOUT },
    /* Odd, but no harm: the last of each is what ends it. */
    { { OPEN, ANSWER, "42", "42[7]", "1" }, TRUE, BUREAU_SOCKET_ERROR_CLOSED },
    { { OPEN, ANSWER, "4399[1]", "42[\"a\"]", "1" }, TRUE, BUREAU_SOCKET_ERROR_CLOSED },
};

static void
on_ill_opened (SoupServer *server, SoupServerMessage *message, const char *path,
               SoupWebsocketConnection *websocket, gpointer data)
{
    const Ill *ill = *(const Ill **) data;
    g_autofree char *big = g_strnfill (5000, ' ');

    g_object_set_data_full (G_OBJECT (server), "websocket", g_object_ref (websocket),
                            g_object_unref);
    for (guint i = 0; i < G_N_ELEMENTS (ill->script) && ill->script[i] != NULL; i++) {
        if (strcmp (ill->script[i], "BINARY") == 0)
            soup_websocket_connection_send_binary (websocket, "b", 1);
        else if (strcmp (ill->script[i], "CLOSE") == 0)
            soup_websocket_connection_close (websocket, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
        else
            soup_websocket_connection_send_text (
                websocket, strcmp (ill->script[i], "BIG") == 0 ? big : ill->script[i]);
    }
}

static void
run_ill (const char *uri, const Ill *ill)
{
    g_autoptr (SoupSession) session = bureau_socket_session_new ();
    g_autoptr (SocketClient) client = socket_client_new_empty ();
    GError *reason;

    bureau_socket_connect_async (session, uri, NULL, 4096, BUREAU_SOCKET_WEBSOCKET, NULL,
                                 socket_client_on_connected, client);
    raw_wait_until (client->done && (client->socket == NULL || client->closed != NULL));
    g_assert_cmpint (client->socket != NULL, ==, ill->connects);
    reason = ill->connects ? client->closed : client->error;
    g_assert_error (reason, BUREAU_SOCKET_ERROR, ill->code);
    g_assert_null (bureau_socket_error_get_code (client->error));
}

/* Not with soup_server_listen(): that loses a socket object for each connection, which the tools
 * would find. */
static gboolean
on_ill_incoming (GSocketService *service, GSocketConnection *connection, GObject *source,
                 gpointer data)
{
    g_autoptr (GSocketAddress) local = g_socket_connection_get_local_address (connection, NULL);
    g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (connection, NULL);

    soup_server_accept_iostream (data, G_IO_STREAM (connection), local, remote, NULL);
    return TRUE;
}

static void
test_ill (Fixture *fixture, gconstpointer data)
{
    g_autoptr (SoupServer) server = soup_server_new (NULL, NULL);
    const Ill *ill = NULL;
    g_autoptr (GSocketService) service = g_socket_service_new ();
    guint16 port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, NULL);
    g_autofree char *uri = g_strdup_printf ("http://127.0.0.1:%u", port);

    g_signal_connect (service, "incoming", G_CALLBACK (on_ill_incoming), server);
    soup_server_add_websocket_handler (server, "/socket.io/", NULL, NULL, on_ill_opened, &ill,
                                       NULL);
    for (guint i = 0; i < G_N_ELEMENTS (ills); i++) {
        ill = &ills[i];
        run_ill (uri, ill);
    }
    g_socket_service_stop (service);
    soup_server_disconnect (server);
}

/* Not a hub at all. */
static void
test_not_a_hub (Fixture *fixture, gconstpointer data)
{
    g_autofree char *uri = g_strconcat (fixture->uri, "/elsewhere", NULL);
    g_autoptr (SocketClient) client = socket_client_new (uri, NULL, TRANSPORT, NULL);
    g_autoptr (SocketClient) nonsense = socket_client_new ("no address", NULL, TRANSPORT, NULL);

    if (TRANSPORT == BUREAU_SOCKET_WEBSOCKET) {
        g_assert_error (client->error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_HTTP);
        g_assert_cmpuint (bureau_socket_error_get_status (client->error), ==, 200);
    } else {
        g_assert_error (client->error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_PROTOCOL);
    }
    g_assert_error (nonsense->error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

/* Pings often, but is not hasty in all. */
static void
set_up_pinging (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.ping_interval = 60;
    options.ping_timeout = 240;
    fixture_set_up_with (fixture, options);
}

static void
test_client_heartbeat (Fixture *fixture, gconstpointer data)
{
    g_autoptr (SocketClient) client = socket_client_new (fixture->uri, NULL, TRANSPORT, NULL);
    gint64 until = g_get_monotonic_time () + 700000;

    g_assert_no_error (client->error);
    raw_wait_until (g_get_monotonic_time () > until);
    g_assert_true (bureau_socket_is_open (client->socket));
    g_assert_cmpuint (fixture->closed, ==, 0);
}

/* ------------------------------------------------------------------ TLS */

static void
ask_number (SocketClient *client, guint number)
{
    g_autofree char *json = g_strdup_printf ("%u", number);

    socket_client_ask (client, "echo", json);
}

static void
assert_numbers (GPtrArray *acks, guint count)
{
    g_assert_cmpuint (acks->len, ==, count);
    for (guint i = 0; i < count; i++) {
        g_autofree char *expected = g_strdup_printf ("%u", i);

        g_assert_cmpstr (acks->pdata[i], ==, expected);
    }
}

/* Who has another key than the session's pin is not spoken to. */
static void
test_tls (Fixture *fixture, gconstpointer data)
{
    g_autoptr (SocketClient) stranger = NULL;
    g_autoptr (SocketClient) client = socket_client_new_empty ();
    g_autoptr (SoupSession) session = bureau_socket_session_new ();
    g_autoptr (GTlsDatabase) database = NULL;
    g_autoptr (BureauTlsIdentity) identity = NULL;
    g_autofree char *certificate = NULL;
    g_autofree char *key = NULL;
    g_autofree char *pin = NULL;
    g_autofree char *uri = NULL;

    test_identity_new (&certificate, &key);
    identity = bureau_tls_identity_new (certificate, key, NULL);
    uri = bureau_server_listen (fixture->server, "127.0.0.1", 0, identity, NULL);
    g_assert_true (g_str_has_prefix (uri, "https://"));

    stranger = socket_client_new (uri, NULL, TRANSPORT, NULL);
    pin = bureau_tls_key_get_pin (key, NULL);
    g_assert_error (stranger->error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_STRANGER);
    g_assert_cmpstr (bureau_socket_error_get_expected_pin (stranger->error), ==, "");
    g_assert_cmpstr (bureau_socket_error_get_presented_pin (stranger->error), ==, pin);
    g_assert_null (fixture->last);

    database = bureau_pin_database_new (pin);
    soup_session_set_tls_database (session, database);
    bureau_socket_connect_async (session, uri, NULL, SOCKET_CLIENT_MAX_PAYLOAD, TRANSPORT, NULL,
                                 socket_client_on_connected, client);
    raw_wait_until (client->done);
    g_assert_no_error (client->error);
    for (guint i = 0; i < 50; i++)
        ask_number (client, i);
    raw_wait_until (client->acks->len == 50);
    assert_numbers (client->acks, 50);
    bureau_socket_close (client->socket);
    raw_wait_until (fixture->closed == 1);
}

/* ------------------------------------------------------------------ upgrading */

/* All that is said while the transport changes arrives, once and in order. */
static void
test_upgrade (Fixture *fixture, gconstpointer data)
{
    g_autoptr (SocketClient) client = socket_client_new (fixture->uri, NULL, BUREAU_SOCKET_POLLING,
                                                         NULL);
    guint n = 0;

    g_assert_no_error (client->error);
    bureau_socket_upgrade (client->socket);
    bureau_socket_upgrade (client->socket);
    while (client->upgraded == 0) {
        if (n < 100)
            ask_number (client, n++);
        raw_iterate (NULL);
    }
    g_assert_cmpint (bureau_socket_get_transport (client->socket), ==, BUREAU_SOCKET_WEBSOCKET);
    ask_number (client, n++);
    raw_wait_until (client->acks->len == n);
    assert_numbers (client->acks, n);
    g_assert_cmpuint (bureau_server_count_connections (fixture->server), ==, 1);
    g_assert_cmpuint (client->upgraded, ==, 1);

    /* There is nothing above a WebSocket. */
    bureau_socket_upgrade (client->socket);
    bureau_socket_close (client->socket);
    raw_wait_until (fixture->closed == 1);
    g_assert_null (client->closed);
}

/* Leaving in the middle of it. */
static void
test_leave_upgrading (Fixture *fixture, gconstpointer data)
{
    for (guint rounds = 0; rounds < 60; rounds++) {
        g_autoptr (SocketClient) client = socket_client_new (fixture->uri, NULL,
                                                             BUREAU_SOCKET_POLLING, NULL);

        bureau_socket_upgrade (client->socket);
        for (guint i = 0; i < rounds; i++)
            raw_iterate (NULL);
        if (rounds % 2 == 0)
            bureau_socket_close (client->socket);
        g_clear_object (&client->socket);
        raw_wait_until (fixture->closed == rounds + 1);
    }
}

#define BOTH(name, set_up, func)                                                                   \
    g_test_add ("/wire/socket/websocket/" name, Fixture,                                           \
                GINT_TO_POINTER (BUREAU_SOCKET_WEBSOCKET), set_up, func, fixture_tear_down);       \
    g_test_add ("/wire/socket/polling/" name, Fixture, GINT_TO_POINTER (BUREAU_SOCKET_POLLING),    \
                set_up, func, fixture_tear_down)
#define TEST(name, set_up, func)                                                                   \
    g_test_add ("/wire/socket/" name, Fixture, NULL, set_up, func, fixture_tear_down)

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    BOTH ("connect-and-echo", fixture_set_up, test_connect_and_echo);
    BOTH ("refused", fixture_set_up, test_refused);
    BOTH ("no-hub", fixture_set_up, test_no_hub);
    BOTH ("cancel", fixture_set_up, test_cancel);
    BOTH ("accept-later", fixture_set_up, test_accept_later);
    BOTH ("events-with-answer", fixture_set_up, test_events_with_answer);
    BOTH ("finish-later", fixture_set_up, test_finish_later);
    BOTH ("not-a-hub", fixture_set_up, test_not_a_hub);
    BOTH ("closed-by-hub", fixture_set_up, test_closed_by_hub);
    BOTH ("client-heartbeat", set_up_pinging, test_client_heartbeat);
    BOTH ("tls", fixture_set_up, test_tls);
    TEST ("ill", fixture_set_up, test_ill);
    TEST ("upgrade", fixture_set_up, test_upgrade);
    TEST ("leave-upgrading", fixture_set_up, test_leave_upgrading);
    return g_test_run ();
}

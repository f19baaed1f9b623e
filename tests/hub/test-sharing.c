/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* An office that is shared on the network and taken back while people work in it. The machine's own
 * address on the network stands for another machine: the hub sees no difference. */

#include <string.h>

#include "bureau-address.h"
#include "bureau-hub-address.h"
#include "bureau-json.h"
#include "bureau-pin.h"
#include "bureau-socket.h"
#include "hub.h"
#include "test-directory.h"
#include "test-wait.h"

typedef struct {
    char *directory;
    BureauHub *hub;
    char *token;
    char *lan; /* this machine's address on a network */
    guint16 port;
} Fixture;

typedef struct {
    BureauSocket *socket; /* (nullable) */
    GError *error;
    GError *reason; /* why it is over */
} Person;

/* ------------------------------------------------------------------ people */

static SoupSession *
make_session (const char *pin)
{
    g_autoptr (GTlsDatabase) database = bureau_pin_database_new (pin);
    SoupSession *session = bureau_socket_session_new ();

    soup_session_set_tls_database (session, database);
    return session;
}

static void
on_closed_cb (BureauSocket *socket, const GError *reason, Person *person)
{
    person->reason = g_error_copy (reason);
}

static Person *
connect_to (Fixture *fixture, const char *pin, const char *uri, BureauSocketTransport transport)
{
    Person *person = g_new0 (Person, 1);
    g_autoptr (SoupSession) session = make_session (pin);
    g_autofree char *auth = g_strdup_printf ("{\"token\":\"%s\"}", fixture->token);
    g_autoptr (GAsyncResult) result = NULL;

    bureau_socket_connect_async (session, uri, auth, 1024 * 1024, transport, NULL, keep_result,
                                 &result);
    WAIT_UNTIL (result != NULL);
    person->socket = bureau_socket_connect_finish (result, &person->error);
    if (person->socket != NULL)
        g_signal_connect (person->socket, "closed", G_CALLBACK (on_closed_cb), person);
    return person;
}

static void
leave (Person *person)
{
    if (person->socket != NULL) {
        g_signal_handlers_disconnect_by_data (person->socket, person);
        bureau_socket_close (person->socket);
    }
    g_clear_object (&person->socket);
    g_clear_error (&person->error);
    g_clear_error (&person->reason);
    g_free (person);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Person, leave)

static Person *
connect_here (Fixture *fixture)
{
    return connect_to (fixture, "", bureau_hub_get_uris (fixture->hub)[0], BUREAU_SOCKET_WEBSOCKET);
}

static Person *
connect_from_network (Fixture *fixture, BureauSocketTransport transport)
{
    g_autofree char *host = bureau_hub_address_join (fixture->lan, fixture->port);
    g_autofree char *uri = g_strconcat ("https://", host, NULL);

    return connect_to (fixture, bureau_hub_get_pin (fixture->hub), uri, transport);
}

static void
on_answer (const char *json, const GError *error, gpointer data)
{
    *(char **) data = g_strdup (error == NULL ? json : "");
}

static void
assert_works (Person *person)
{
    g_autofree char *answer = NULL;

    g_assert_no_error (person->error);
    bureau_socket_emit (person->socket, "office:describe", "{}", on_answer, &answer);
    WAIT_UNTIL (answer != NULL);
    g_assert_nonnull (strstr (answer, "Studio Nord"));
}

/* A connection to the hub by this machine's address on the network. (nullable) */
static GSocketConnection *
knock (Fixture *fixture)
{
    g_autoptr (GSocketClient) client = g_socket_client_new ();

    return g_socket_client_connect_to_host (client, fixture->lan, fixture->port, NULL, NULL);
}

/* What is said plainly there gets no answer but the end. */
static void
assert_plain_is_cut (Fixture *fixture)
{
    static const char request[] = "GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    g_autoptr (GSocketConnection) connection = knock (fixture);
    GIOStream *stream = G_IO_STREAM (connection);
    char byte;

    g_assert_nonnull (connection);
    g_output_stream_write_all (g_io_stream_get_output_stream (stream), request, strlen (request),
                               NULL, NULL, NULL);
    g_assert_cmpint (
        g_input_stream_read (g_io_stream_get_input_stream (stream), &byte, 1, NULL, NULL), <=, 0);
}

/* ------------------------------------------------------------------ the hub */

static gboolean
share (Fixture *fixture, gboolean shared, GError **error)
{
    g_autoptr (GAsyncResult) result = NULL;

    bureau_hub_share_async (fixture->hub, shared, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    return bureau_hub_share_finish (fixture->hub, result, error);
}

static void
assert_shared (Fixture *fixture, gboolean shared)
{
    g_autofree char *address = bureau_hub_get_address (fixture->hub);
    g_autofree char *expected = bureau_hub_address_join (fixture->lan, fixture->port);

    g_assert_true (bureau_hub_get_shared (fixture->hub) == shared);
    g_assert_cmpstr (address, ==, shared ? expected : NULL);
}

/* A loopback address whose port is free on the network too, and stays so: it is none of those that
 * the system gives to outgoing connections. (transfer full) */
static char *
choose_address (void)
{
    for (;;) {
        guint16 port = g_random_int_range (20000, 32000);
        g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                                   G_SOCKET_PROTOCOL_TCP, NULL);
        g_autoptr (GSocketAddress) everywhere = g_inet_socket_address_new_from_string ("0.0.0.0",
                                                                                       port);

        if (g_socket_bind (socket, everywhere, TRUE, NULL))
            return g_strdup_printf ("127.0.0.1:%u", port);
    }
}

static void
start (Fixture *fixture, const char *where, gboolean shared)
{
    const char *const listen[] = { where, NULL };
    g_autoptr (GError) error = NULL;
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GUri) uri = NULL;

    bureau_hub_start_async (fixture->hub, listen, shared, NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    bureau_hub_start_finish (fixture->hub, result, &error);
    g_assert_no_error (error);
    uri = g_uri_parse (bureau_hub_get_uris (fixture->hub)[0], G_URI_FLAGS_NONE, NULL);
    g_assert_cmpstr (g_uri_get_scheme (uri), ==, "http");
    g_assert_cmpstr (g_uri_get_host (uri), ==, "127.0.0.1");
    fixture->port = g_uri_get_port (uri);
}

static void
stop (Fixture *fixture)
{
    g_autoptr (GAsyncResult) result = NULL;

    bureau_hub_stop_async (fixture->hub, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    g_assert_true (bureau_hub_stop_finish (fixture->hub, result, NULL));
}

static char *
refresh (Fixture *fixture, const char *refresh_token)
{
    g_autofree char *uri = g_strconcat (bureau_hub_get_uris (fixture->hub)[0],
                                        "/api/v1/auth/refresh", NULL);
    g_autofree char *body = g_strdup_printf ("{\"refreshToken\":\"%s\"}", refresh_token);
    g_autoptr (SoupSession) session = make_session ("");
    g_autoptr (SoupMessage) message = soup_message_new ("POST", uri);
    g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
    g_autoptr (GBytes) answer = NULL;
    g_autoptr (JsonObject) json = NULL;

    soup_message_set_request_body_from_bytes (message, "application/json", bytes);
    answer = soup_session_send_and_read (session, message, NULL, NULL);
    json = bureau_json_parse_object (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer),
                                     NULL);
    return g_strdup (bureau_json_get_string (json, "accessToken"));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubOwner) owner = NULL;
    g_autofree char *where = choose_address ();

    fixture->directory = directory_new ();
    owner = bureau_hub_create_office (fixture->directory, "Studio Nord", "Ana", "test",
                                      "First project", NULL, &error);
    g_assert_no_error (error);
    fixture->hub = bureau_hub_new (fixture->directory);
    fixture->lan = bureau_address_find ();
    g_assert_cmpstr (bureau_hub_get_pin (fixture->hub), ==, "");
    start (fixture, where, FALSE);
    fixture->token = refresh (fixture, owner->refresh_token);
    g_assert_nonnull (fixture->token);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    stop (fixture);
    g_clear_object (&fixture->hub);
    directory_free (fixture->directory);
    g_free (fixture->token);
    g_free (fixture->lan);
}

static gboolean
has_network (Fixture *fixture)
{
    if (fixture->lan == NULL)
        g_test_skip ("this machine is on no network");
    return fixture->lan != NULL;
}

/* ------------------------------------------------------------------ tests */

static void
test_on_and_off (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (Person) ana = connect_here (fixture);

    if (!has_network (fixture))
        return;
    for (guint round = 0; round < 3; round++) {
        g_autoptr (Person) ben = NULL;
        g_autoptr (Person) cleo = NULL;

        assert_shared (fixture, FALSE);
        g_assert_null (knock (fixture));
        assert_works (ana);

        share (fixture, TRUE, &error);
        g_assert_no_error (error);
        g_assert_true (share (fixture, TRUE, &error));
        g_assert_no_error (error);
        assert_shared (fixture, TRUE);
        ben = connect_from_network (fixture, BUREAU_SOCKET_WEBSOCKET);
        cleo = connect_from_network (fixture, BUREAU_SOCKET_POLLING);
        assert_works (ben);
        assert_works (cleo);
        assert_works (ana);
        assert_plain_is_cut (fixture);

        g_assert_true (share (fixture, FALSE, &error));
        g_assert_no_error (error);
        WAIT_UNTIL (ben->reason != NULL && cleo->reason != NULL);
        assert_works (ana);
    }
    g_assert_null (ana->reason);
}

/* One that is idle between two requests, and one that has said nothing yet. */
static void
test_off_cuts_the_idle (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GSocketConnection) silent = NULL;
    g_autoptr (GError) error = NULL;
    gssize got;
    char byte;

    if (!has_network (fixture))
        return;
    g_assert_true (share (fixture, TRUE, &error));
    silent = knock (fixture);
    g_assert_nonnull (silent);
    /* By the time of an answer to who came later, it was let in. */
    assert_plain_is_cut (fixture);
    g_assert_true (share (fixture, FALSE, &error));
    /* Not only when its time to say something is up. */
    g_socket_set_timeout (g_socket_connection_get_socket (silent), 3);
    got = g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (silent)), &byte, 1, NULL,
                               &error);
    g_assert_cmpint (got, <=, 0);
    g_assert_false (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
}

static void
test_from_the_start (Fixture *fixture, gconstpointer data)
{
    g_autofree char *pin = g_strdup (bureau_hub_get_pin (fixture->hub));
    g_autofree char *where = g_strdup_printf ("127.0.0.1:%u", fixture->port);
    g_autoptr (Person) ana = NULL;
    g_autoptr (Person) ben = NULL;

    if (!has_network (fixture))
        return;
    stop (fixture);
    g_assert_cmpstr (bureau_hub_get_pin (fixture->hub), ==, "");
    start (fixture, where, TRUE);
    assert_shared (fixture, TRUE);
    g_assert_cmpstr (bureau_hub_get_pin (fixture->hub), ==, pin);
    ana = connect_here (fixture);
    assert_works (ana);
    ben = connect_from_network (fixture, BUREAU_SOCKET_WEBSOCKET);
    assert_works (ben);
    g_assert_true (share (fixture, FALSE, NULL));
    WAIT_UNTIL (ben->reason != NULL);
    assert_works (ana);
    assert_shared (fixture, FALSE);
}

/* Somebody else has the port on the network: all stays as it was. */
static void
test_port_taken (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (Person) ana = connect_here (fixture);
    g_autoptr (Person) later = NULL;
    g_autoptr (GSocketListener) other = g_socket_listener_new ();
    g_autoptr (GSocketAddress) address = NULL;

    if (!has_network (fixture))
        return;
    address = g_inet_socket_address_new_from_string (fixture->lan, fixture->port);
    g_socket_listener_add_address (other, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                   NULL, NULL, &error);
    g_assert_no_error (error);
    g_assert_false (share (fixture, TRUE, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
    g_clear_error (&error);
    assert_shared (fixture, FALSE);
    assert_works (ana);
    later = connect_here (fixture);
    assert_works (later);

    g_socket_listener_close (other);
    g_assert_true (share (fixture, TRUE, &error));
    assert_shared (fixture, TRUE);
}

/* A hub that does not serve has nothing to share. */
static void
test_not_serving (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;

    stop (fixture);
    g_assert_false (share (fixture, TRUE, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
    g_assert_false (bureau_hub_get_shared (fixture->hub));
    start (fixture, "127.0.0.1:0", FALSE);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(path, function)                                                                        \
    g_test_add ("/sharing/" path, Fixture, NULL, set_up, function, tear_down)
    ADD ("on-and-off", test_on_and_off);
    ADD ("off-cuts-the-idle", test_off_cuts_the_idle);
    ADD ("from-the-start", test_from_the_start);
    ADD ("port-taken", test_port_taken);
    ADD ("not-serving", test_not_serving);
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Whom a client believes, and what one whom it doesn't believe gets to hear: nothing. */

#include <malloc.h>
#include <string.h>

#include "bureau-fetch.h"
#include "bureau-pin.h"
#include "bureau-tls-certificate.h"
#include "server-fixture.h"
#include "socket-client.h"
#include "test-identity.h"
#include "test-middle.h"

#define SECRET "\"a-secret-that-nobody-else-may-hear\""
#define AUTH   "{\"token\":" SECRET "}"
#define DAY    (24 * 60 * 60)

static const char *const names[] = { "localhost", "127.0.0.1", NULL };

/* ------------------------------------------------------------------ a hub with a key */

typedef struct {
    Fixture hub;
    char *key;
    char *pin;
    char *uri;
    Middle *middle; /* with another key */
    char *middle_pin;
} Office;

static char *
make_certificate (const char *key, gint64 from, gint64 until)
{
    gint64 now = g_get_real_time () / G_USEC_PER_SEC;

    return bureau_tls_certificate_new (key, names, now + from, now + until, NULL);
}

/* Serves with this certificate too, on another port. (transfer full) */
static char *
serve (Office *office, const char *certificate, const char *key)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauTlsIdentity) identity = bureau_tls_identity_new (certificate, key, &error);
    char *uri;

    g_assert_no_error (error);
    uri = bureau_server_listen (office->hub.server, "127.0.0.1", 0, identity, &error);
    g_assert_no_error (error);
    return uri;
}

static void
set_up (Office *office, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;
    g_autofree char *certificate = NULL, *other = NULL, *other_key = NULL;

    /* All come from one address, and keep their connections for a while. */
    options.max_connections_per_address = options.max_connections;
    options.max_waiting = options.max_waiting_per_address = options.max_connections;
    fixture_set_up_with (&office->hub, options);
    test_identity_new (&certificate, &office->key);
    office->pin = bureau_tls_key_get_pin (office->key, NULL);
    office->uri = serve (office, certificate, office->key);
    test_identity_new (&other, &other_key);
    office->middle = middle_new (office->uri, other, other_key, NULL);
    office->middle_pin = bureau_tls_key_get_pin (other_key, NULL);
}

static void
tear_down (Office *office, gconstpointer data)
{
    middle_free (office->middle);
    g_free (office->middle_pin);
    g_free (office->key);
    g_free (office->pin);
    g_free (office->uri);
    fixture_tear_down (&office->hub, NULL);
}

/* ------------------------------------------------------------------ a client */

static SoupSession *
make_session (const char *pin)
{
    g_autoptr (GTlsDatabase) database = bureau_pin_database_new (pin);
    SoupSession *session = bureau_socket_session_new ();

    soup_session_set_tls_database (session, database);
    return session;
}

static SocketClient *
connect_to (SoupSession *session, const char *uri, BureauSocketTransport transport)
{
    SocketClient *client = socket_client_new_empty ();

    bureau_socket_connect_async (session, uri, AUTH, SOCKET_CLIENT_MAX_PAYLOAD, transport, NULL,
                                 socket_client_on_connected, client);
    raw_wait_until (client->done);
    return client;
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer data)
{
    *(GAsyncResult **) data = g_object_ref (result);
}

/* Asks over REST, with the secret in a header and in the body. (transfer full): the answer. */
static GBytes *
fetch (SoupSession *session, const char *base_uri, GError **error)
{
    g_autofree char *uri = g_strconcat (base_uri, "/api/v1/auth/refresh", NULL);
    g_autoptr (SoupMessage) message = soup_message_new ("POST", uri);
    g_autoptr (GBytes) body = g_bytes_new_static (AUTH, strlen (AUTH));
    g_autoptr (GAsyncResult) result = NULL;

    soup_message_headers_append (soup_message_get_request_headers (message), "Authorization",
                                 "Bearer " SECRET);
    soup_message_set_request_body_from_bytes (message, "application/json", body);
    bureau_fetch_async (session, message, 1024 * 1024, 0, NULL, keep_result, &result);
    raw_wait_until (result != NULL);
    return bureau_fetch_finish (result, error);
}

static void
assert_good (SoupSession *session, const char *uri)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) answer = fetch (session, uri, &error);

    g_assert_no_error (error);
    for (guint i = 0; i < 2; i++) {
        g_autoptr (SocketClient) client = connect_to (
            session, uri, i == 0 ? BUREAU_SOCKET_WEBSOCKET : BUREAU_SOCKET_POLLING);

        g_assert_no_error (client->error);
        g_assert_cmpuint (bureau_socket_get_transport (client->socket), ==,
                          i == 0 ? BUREAU_SOCKET_WEBSOCKET : BUREAU_SOCKET_POLLING);
    }
}

static void
assert_is_stranger (const GError *error, const char *expected, const char *presented)
{
    g_assert_error (error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_STRANGER);
    g_assert_cmpstr (bureau_socket_error_get_expected_pin (error), ==, expected);
    g_assert_cmpstr (bureau_socket_error_get_presented_pin (error), ==, presented);
}

/* On all three ways; each with @session, whose TLS sessions may have been resumed. */
static void
assert_stranger (SoupSession *session, const char *uri, const char *expected, const char *presented)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GError) copy = NULL;

    g_assert_null (fetch (session, uri, &error));
    assert_is_stranger (error, expected, presented);
    copy = g_error_copy (error);
    assert_is_stranger (copy, expected, presented);
    for (guint i = 0; i < 2; i++) {
        g_autoptr (SocketClient) client = connect_to (
            session, uri, i == 0 ? BUREAU_SOCKET_WEBSOCKET : BUREAU_SOCKET_POLLING);

        assert_is_stranger (client->error, expected, presented);
    }
}

/* ------------------------------------------------------------------ who is believed */

static void
test_right (Office *office, gconstpointer data)
{
    g_autoptr (SoupSession) session = make_session (office->pin);

    assert_good (session, office->uri);
}

/* Nobody's clock or name has a say. */
static void
test_dates_and_names (Office *office, gconstpointer data)
{
    static const char *const elsewhere[] = { "elsewhere.example", NULL };
    g_autoptr (SoupSession) session = make_session (office->pin);
    g_autofree char *expired = make_certificate (office->key, -10 * DAY, -DAY);
    g_autofree char *early = make_certificate (office->key, DAY, 10 * DAY);
    g_autofree char *misnamed = bureau_tls_certificate_new (office->key, elsewhere, 0, DAY, NULL);
    const char *const certificates[] = { expired, early, misnamed };

    for (guint i = 0; i < G_N_ELEMENTS (certificates); i++) {
        g_autofree char *uri = serve (office, certificates[i], office->key);

        assert_good (session, uri);
    }
}

/* The same key in a new certificate is the same hub, also to those that are connected. */
static void
test_renewed (Office *office, gconstpointer data)
{
    g_autoptr (SoupSession) session = make_session (office->pin);
    g_autoptr (SocketClient) client = connect_to (session, office->uri, BUREAU_SOCKET_WEBSOCKET);
    g_autoptr (GUri) uri = g_uri_parse (office->uri, G_URI_FLAGS_NONE, NULL);
    g_autofree char *renewed = make_certificate (office->key, 0, DAY);
    g_autoptr (BureauTlsIdentity) identity = bureau_tls_identity_new (renewed, office->key, NULL);
    g_autofree char *again = NULL;

    bureau_server_stop_listening (office->hub.server, office->uri);
    again = bureau_server_listen (office->hub.server, "127.0.0.1", g_uri_get_port (uri), identity,
                                  NULL);
    g_assert_cmpstr (again, ==, office->uri);
    assert_good (session, office->uri);
    socket_client_ask (client, "echo", "1");
    raw_wait_until (client->acks->len == 1);
    g_assert_cmpstr (client->acks->pdata[0], ==, "1");
}

/* ------------------------------------------------------------------ who is not */

static void
assert_middle_is_deaf (Office *office)
{
    g_assert_cmpuint (middle_count_visits (office->middle), >, 0);
    g_assert_cmpuint (middle_count_heard (office->middle), ==, 0);
    g_assert_false (middle_knows (office->middle, SECRET));
    g_assert_null (office->hub.last);
    g_assert_cmpuint (office->hub.requests, ==, 0);
}

static void
test_man_in_the_middle (Office *office, gconstpointer data)
{
    g_autoptr (SoupSession) session = make_session (office->pin);

    assert_stranger (session, middle_get_uri (office->middle), office->pin, office->middle_pin);
    assert_middle_is_deaf (office);
    g_assert_cmpuint (middle_count_handshakes (office->middle), ==, 0);
}

/* Whoever believes anybody tells him all: it is the pin that keeps him out. */
static void
test_man_who_is_believed (Office *office, gconstpointer data)
{
    g_autoptr (SoupSession) session = make_session (office->middle_pin);

    assert_good (session, middle_get_uri (office->middle));
    g_assert_true (middle_knows (office->middle, SECRET));
}

static void
test_nobody (Office *office, gconstpointer data)
{
    static const char *const pins[] = { "", "A", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };

    for (guint i = 0; i < G_N_ELEMENTS (pins); i++) {
        g_autoptr (SoupSession) session = make_session (pins[i]);

        assert_stranger (session, office->uri, pins[i], office->pin);
    }
    g_assert_null (office->hub.last);
}

/* Learning is for one key: whoever steps in between later is a stranger. */
static void
test_learning (Office *office, gconstpointer data)
{
    g_autoptr (SoupSession) session = make_session (NULL);
    BureauPinDatabase *database = BUREAU_PIN_DATABASE (soup_session_get_tls_database (session));

    g_assert_null (bureau_pin_database_get_pin (database));
    assert_good (session, office->uri);
    g_assert_cmpstr (bureau_pin_database_get_pin (database), ==, office->pin);
    g_assert_cmpuint (middle_count_visits (office->middle), ==, 0);
    office->hub.requests = 0;
    office->hub.last = NULL;
    assert_stranger (session, middle_get_uri (office->middle), office->pin, office->middle_pin);
    assert_middle_is_deaf (office);
}

/* A TLS session that is resumed shows no certificate, and asks no database. */
static void
test_resumed (Office *office, gconstpointer data)
{
    g_autoptr (SoupSession) learner = make_session (NULL);
    g_autoptr (SoupSession) session = make_session (office->pin);
    gsize heard;

    for (guint i = 0; i < 3; i++)
        assert_good (learner, middle_get_uri (office->middle));
    raw_wait_until (bureau_server_count_connections (office->hub.server) == 0);
    heard = middle_count_heard (office->middle);
    for (guint i = 0; i < 3; i++)
        assert_stranger (session, middle_get_uri (office->middle), office->pin, office->middle_pin);
    g_assert_cmpuint (middle_count_heard (office->middle), ==, heard);
}

/* The right key, but an older TLS. */
static void
test_old_version (Office *office, gconstpointer data)
{
    g_autofree char *certificate = make_certificate (office->key, -DAY, DAY);
    g_autoptr (Middle) old = middle_new (office->uri, certificate, office->key,
                                         "NORMAL:-VERS-ALL:+VERS-TLS1.2");
    g_autoptr (SoupSession) session = make_session (office->pin);
    g_autoptr (GError) error = NULL;

    g_assert_null (fetch (session, middle_get_uri (old), &error));
    g_assert_error (error, G_TLS_ERROR, G_TLS_ERROR_HANDSHAKE);
    for (guint i = 0; i < 2; i++) {
        g_autoptr (SocketClient) client = connect_to (session, middle_get_uri (old),
                                                      i == 0 ? BUREAU_SOCKET_WEBSOCKET
                                                             : BUREAU_SOCKET_POLLING);

        g_assert_nonnull (client->error);
        g_assert_null (client->socket);
    }
    g_assert_cmpuint (middle_count_heard (old), ==, 0);
    g_assert_false (middle_knows (old, SECRET));
}

/* ------------------------------------------------------------------ what is not encrypted */

static void
assert_plain (SoupSession *session, const char *uri)
{
    g_autoptr (GError) error = NULL;

    g_assert_null (fetch (session, uri, &error));
    g_assert_error (error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_PLAIN);
    for (guint i = 0; i < 2; i++) {
        g_autoptr (SocketClient) client = connect_to (
            session, uri, i == 0 ? BUREAU_SOCKET_WEBSOCKET : BUREAU_SOCKET_POLLING);

        g_assert_error (client->error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_PLAIN);
    }
}

static void
test_downgrade (Office *office, gconstpointer data)
{
    static const char *const distant[] = { "http://192.0.2.1:28732",   "http://[2001:db8::1]:28732",
                                           "http://hub.example",       "http://127.0.0.1.example",
                                           "http://localhost.example", "http://0.0.0.0:28732" };
    g_autoptr (SoupSession) pinned = make_session (office->pin);
    g_autoptr (SoupSession) learner = make_session (NULL);
    g_autoptr (SoupSession) plain = make_session ("");

    for (guint i = 0; i < G_N_ELEMENTS (distant); i++) {
        assert_plain (pinned, distant[i]);
        assert_plain (learner, distant[i]);
        assert_plain (plain, distant[i]);
    }
    assert_plain (pinned, office->hub.uri);
    assert_good (plain, office->hub.uri);
    assert_good (learner, office->hub.uri);
    assert_good (learner, office->uri);
    assert_plain (learner, office->hub.uri);
}

/* ------------------------------------------------------------------ and no trace is left */

static guint
count_descriptors (void)
{
    g_autoptr (GDir) directory = g_dir_open ("/proc/self/fd", 0, NULL);
    guint count = 0;

    while (g_dir_read_name (directory) != NULL)
        count++;
    return count;
}

static void
test_many (Office *office, gconstpointer data)
{
    guint before = 0;
    gsize memory = 0;

    for (guint i = 0; i < 1000; i++) {
        g_autoptr (SoupSession) session = make_session ("");
        g_autoptr (GError) error = NULL;

        if (i % 2 == 0) {
            g_assert_null (fetch (session, office->uri, &error));
            assert_is_stranger (error, "", office->pin);
        } else {
            g_autoptr (SocketClient) client = connect_to (session, office->uri,
                                                          BUREAU_SOCKET_WEBSOCKET);

            assert_is_stranger (client->error, "", office->pin);
        }
        if (i == 100) {
            before = count_descriptors ();
            memory = mallinfo2 ().uordblks;
        }
    }
    raw_wait_until (count_descriptors () <= before + 4);
    g_test_message ("%d bytes more", (int) (mallinfo2 ().uordblks - memory));
    g_assert_cmpuint (mallinfo2 ().uordblks, <, memory + 128 * 1024);
    g_assert_null (office->hub.last);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add ("/pin/" path, Office, NULL, set_up, function, tear_down)
    ADD ("right", test_right);
    ADD ("dates-and-names", test_dates_and_names);
    ADD ("renewed", test_renewed);
    ADD ("man-in-the-middle", test_man_in_the_middle);
    ADD ("man-who-is-believed", test_man_who_is_believed);
    ADD ("nobody", test_nobody);
    ADD ("learning", test_learning);
    ADD ("resumed", test_resumed);
    ADD ("old-version", test_old_version);
    ADD ("downgrade", test_downgrade);
    ADD ("many", test_many);
    return g_test_run ();
}

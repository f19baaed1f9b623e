/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a peer can do to a server that speaks TLS: reliability.md, 3.5. */

#include <errno.h>
#include <gnutls/gnutls.h>
#include <malloc.h>
#include <string.h>
#include <sys/socket.h>

#include "bureau-server.h"
#include "raw-client.h"
#include "test-identity.h"

#define MODERN "NORMAL:-VERS-ALL:+VERS-TLS1.3"
#define MANY   200

/* ------------------------------------------------------------------ a server with an identity */

typedef struct {
    BureauServer *server;
    char *uri;
    guint requests;
    guint seen; /* of those, before the last turn */
    guint most; /* in one turn */
    guint accepted;
    guint closed;
    char *last_reason;
} Fixture;

static void
on_connect (BureauServer *server, BureauConnection *connection, const char *auth, gpointer data)
{
    ((Fixture *) data)->accepted++;
    bureau_connection_accept (connection);
    bureau_server_join (server, connection, "all");
}

static void
on_event (BureauServer *server, BureauConnection *connection, const BureauPacket *packet,
          gpointer data)
{
    if (packet->id >= 0)
        bureau_connection_acknowledge (connection, packet->id, "\"yes\"", NULL);
}

static void
on_closed (BureauServer *server, BureauConnection *connection, const char *reason, gpointer data)
{
    Fixture *fixture = data;

    fixture->closed++;
    g_free (fixture->last_reason);
    fixture->last_reason = g_strdup (reason);
}

static void
on_turn (BureauServer *server, gpointer data)
{
    Fixture *fixture = data;

    fixture->most = MAX (fixture->most, fixture->requests - fixture->seen);
    fixture->seen = fixture->requests;
}

/* The body, or what was asked for if there is none. */
static void
on_request (BureauServer *server, BureauExchange *exchange, gpointer data)
{
    gsize length;
    const char *body = bureau_exchange_get_body (exchange, &length);

    ((Fixture *) data)->requests++;
    bureau_exchange_answer_take (exchange, 200, "text/plain",
                                 length == 0 ? g_strdup (bureau_exchange_get_path (exchange))
                                             : g_strndup (body, length));
}

static const BureauServerHooks hooks = {
    .connect = on_connect,
    .event = on_event,
    .closed = on_closed,
    .turn = on_turn,
    .request = on_request,
};

static void
set_up (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;
    g_autofree char *certificate = NULL, *key = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauTlsIdentity) identity = NULL;

    options.max_connections_per_address = options.max_connections;
    options.max_waiting = options.max_waiting_per_address = options.max_connections;
    test_identity_new (&certificate, &key);
    identity = bureau_tls_identity_new (certificate, key, &error);
    g_assert_no_error (error);
    fixture->server = bureau_server_new (&options, &hooks, fixture);
    fixture->uri = bureau_server_listen (fixture->server, "127.0.0.1", 0, identity, &error);
    g_assert_no_error (error);
    g_assert_true (g_str_has_prefix (fixture->uri, "https://127.0.0.1:"));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    g_clear_pointer (&fixture->server, bureau_server_free);
    g_free (fixture->uri);
    g_free (fixture->last_reason);
    while (g_main_context_iteration (NULL, FALSE))
        ;
}

/* ------------------------------------------------------------------ a client of GnuTLS's over a
 * socket by hand */

typedef struct {
    RawClient *raw;
    GByteArray *held; /* (nullable): what is put out is kept here, not sent */
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
    GString *clear; /* received, not yet looked at */
} Client;

static void
must (int result)
{
    if (result < 0)
        g_error ("GnuTLS: %s", gnutls_strerror (result));
}

static ssize_t
pull (gnutls_transport_ptr_t pointer, void *buffer, size_t size)
{
    Client *client = pointer;
    GByteArray *in = client->raw->in;
    gsize length = MIN (size, in->len);

    if (length == 0 && !client->raw->eof) {
        gnutls_transport_set_errno (client->session, EAGAIN);
        return -1;
    }
    if (length > 0) {
        memcpy (buffer, in->data, length);
        g_byte_array_remove_range (in, 0, length);
    }
    return length;
}

static int
pull_timeout (gnutls_transport_ptr_t pointer, unsigned int milliseconds)
{
    return 1;
}

static ssize_t
push (gnutls_transport_ptr_t pointer, const void *bytes, size_t length)
{
    Client *client = pointer;

    if (client->held != NULL)
        g_byte_array_append (client->held, bytes, length);
    else
        raw_client_send (client->raw, bytes, length);
    return length;
}

static Client *
client_new (const char *uri, const char *priority)
{
    Client *client = g_new0 (Client, 1);

    client->raw = raw_client_new (uri);
    client->clear = g_string_new (NULL);
    must (gnutls_certificate_allocate_credentials (&client->credentials));
    must (gnutls_init (&client->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK));
    must (gnutls_priority_set_direct (client->session, priority, NULL));
    must (gnutls_credentials_set (client->session, GNUTLS_CRD_CERTIFICATE, client->credentials));
    gnutls_transport_set_ptr (client->session, client);
    gnutls_transport_set_pull_function (client->session, pull);
    gnutls_transport_set_pull_timeout_function (client->session, pull_timeout);
    gnutls_transport_set_push_function (client->session, push);
    return client;
}

static void
client_free (Client *client)
{
    gnutls_deinit (client->session);
    gnutls_certificate_free_credentials (client->credentials);
    raw_client_free (client->raw);
    g_clear_pointer (&client->held, g_byte_array_unref);
    g_string_free (client->clear, TRUE);
    g_free (client);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_free)

static int
shake_hands (Client *client)
{
    gint64 deadline = g_get_monotonic_time () + RAW_PATIENCE;
    int result;

    while ((result = gnutls_handshake (client->session)) == GNUTLS_E_AGAIN) {
        g_assert_cmpint (g_get_monotonic_time (), <, deadline);
        raw_iterate (client->raw);
    }
    return result;
}

static Client *
client_new_connected (const char *uri)
{
    Client *client = client_new (uri, MODERN);

    must (shake_hands (client));
    return client;
}

/* Reads until @text is there, or the end; returns GnuTLS's last word. */
static gssize
read_until (Client *client, const char *text)
{
    static char buffer[16 * 1024];
    gint64 deadline = g_get_monotonic_time () + RAW_PATIENCE;
    gssize got = 1;

    while (text == NULL ||
           memmem (client->clear->str, client->clear->len, text, strlen (text)) == NULL) {
        g_assert_cmpint (g_get_monotonic_time (), <, deadline);
        got = gnutls_record_recv (client->session, buffer, sizeof buffer);
        if (got > 0)
            g_string_append_len (client->clear, buffer, got);
        else if (got != GNUTLS_E_AGAIN)
            return got;
        else
            raw_iterate (client->raw);
    }
    return got;
}

static void
send_text (Client *client, const char *text)
{
    for (gsize at = 0, length = strlen (text); at < length;)
        at += gnutls_record_send (client->session, text + at, length - at);
}

static void
assert_served (Client *client)
{
    g_string_truncate (client->clear, 0);
    send_text (client, "GET /still/there HTTP/1.1\r\nHost: localhost\r\n\r\n");
    g_assert_cmpint (read_until (client, "\r\n\r\n/still/there"), >, 0);
    g_assert_true (g_str_has_prefix (client->clear->str, "HTTP/1.1 200"));
}

/* Somebody new is let in. */
static void
assert_alive (Fixture *fixture)
{
    g_autoptr (Client) client = client_new_connected (fixture->uri);

    assert_served (client);
}

static void
assert_cut (RawClient *raw)
{
    raw_wait_until ((raw_iterate (raw), raw->eof));
}

/* The client's first message, not sent. */
static Client *
client_new_holding_hello (const char *uri)
{
    Client *client = client_new (uri, MODERN);

    client->held = g_byte_array_new ();
    g_assert_cmpint (gnutls_handshake (client->session), ==, GNUTLS_E_AGAIN);
    return client;
}

static guint
count_descriptors (void)
{
    g_autoptr (GDir) directory = g_dir_open ("/proc/self/fd", 0, NULL);
    guint count = 0;

    while (g_dir_read_name (directory) != NULL)
        count++;
    return count;
}

/* ------------------------------------------------------------------ good peers */

static void
test_requests (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) client = client_new_connected (fixture->uri);
    g_autofree char *body = g_strnfill (100 * 1000, 'b');
    g_autofree char *head = g_strdup_printf (
        "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: %u\r\n\r\n", (guint) strlen (body));

    assert_served (client);
    assert_served (client);
    g_string_truncate (client->clear, 0);
    send_text (client, head);
    send_text (client, body);
    g_assert_cmpint (read_until (client, body), >, 0);
    assert_served (client);
}

/* Every byte in a segment of its own, from the first one on. */
static void
test_slowly (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) client = client_new_holding_hello (fixture->uri);
    gint64 deadline = g_get_monotonic_time () + RAW_PATIENCE;

    do {
        g_assert_cmpint (g_get_monotonic_time (), <, deadline);
        for (guint i = 0; i < client->held->len; i++) {
            raw_client_send (client->raw, client->held->data + i, 1);
            g_main_context_iteration (NULL, FALSE);
        }
        g_byte_array_set_size (client->held, 0);
        raw_iterate (client->raw);
    } while (gnutls_handshake (client->session) != GNUTLS_E_SUCCESS);
    raw_client_send (client->raw, client->held->data, client->held->len);
    g_clear_pointer (&client->held, g_byte_array_unref);
    assert_served (client);
}

/* All at once: a handshake costs a turn much, so they are spread over turns; each gets its own. */
static void
test_storm (Fixture *fixture, gconstpointer data)
{
    Client *clients[MANY];

    for (guint i = 0; i < MANY; i++) {
        clients[i] = client_new (fixture->uri, MODERN);
        g_assert_cmpint (gnutls_handshake (clients[i]->session), ==, GNUTLS_E_AGAIN);
    }
    for (guint i = 0; i < MANY; i++) {
        must (shake_hands (clients[i]));
        assert_served (clients[i]);
        client_free (clients[i]);
    }
    g_assert_cmpuint (fixture->requests, ==, MANY);
}

static void
test_resumption (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) first = client_new_connected (fixture->uri);
    g_autoptr (Client) second = client_new (fixture->uri, MODERN);
    gnutls_datum_t ticket;

    assert_served (first);
    must (gnutls_session_get_data2 (first->session, &ticket));
    must (gnutls_session_set_data (second->session, ticket.data, ticket.size));
    gnutls_free (ticket.data);
    must (shake_hands (second));
    g_assert_true (gnutls_session_is_resumed (second->session));
    assert_served (second);
}

/* ------------------------------------------------------------------ who is refused */

static void
assert_refused (Fixture *fixture, const char *priority)
{
    g_autoptr (Client) client = client_new (fixture->uri, priority);

    g_assert_cmpint (shake_hands (client), ==, GNUTLS_E_FATAL_ALERT_RECEIVED);
    assert_cut (client->raw);
}

static void
test_old_versions (Fixture *fixture, gconstpointer data)
{
    assert_refused (fixture, "NORMAL:-VERS-ALL:+VERS-TLS1.2");
    assert_refused (fixture, "NORMAL:-VERS-ALL:+VERS-TLS1.1");
    assert_refused (fixture, "NORMAL:-VERS-ALL:+VERS-TLS1.0");
    assert_refused (fixture, MODERN ":-CIPHER-ALL:+AES-128-CCM-8");
    assert_alive (fixture);
}

/* ------------------------------------------------------------------ a port for both */

/* A listener on all addresses, under loopback's name. (transfer full) */
static char *
listen_widely (Fixture *fixture)
{
    g_autofree char *certificate = NULL, *key = NULL, *wide = NULL;
    g_autoptr (BureauTlsIdentity) identity = NULL;

    test_identity_new (&certificate, &key);
    identity = bureau_tls_identity_new (certificate, key, NULL);
    wide = bureau_server_listen (fixture->server, "0.0.0.0", 0, identity, NULL);
    g_assert_true (g_str_has_prefix (wide, "https://0.0.0.0:"));
    return g_strconcat ("https://127.0.0.1", strrchr (wide, ':'), NULL);
}

static void
test_both (Fixture *fixture, gconstpointer data)
{
    static const char request[] = "GET /both HTTP/1.1\r\nHost: localhost\r\n\r\n";
    g_autofree char *uri = listen_widely (fixture);
    g_autoptr (Client) sealed = client_new_connected (uri);
    g_autoptr (RawClient) plain = raw_client_new (uri);
    g_autoptr (RawClient) slow = raw_client_new (uri);
    g_autoptr (RawClient) websocket = NULL;

    assert_served (sealed);
    for (guint i = 0; i < 2; i++) {
        g_autofree char *answer = NULL;

        raw_client_send_string (plain, request);
        answer = raw_client_read_answer (plain);
        g_assert_true (g_str_has_suffix (answer, "\r\n\r\n/both"));
    }
    for (gsize i = 0; i < strlen (request); i++) {
        raw_client_send (slow, request + i, 1);
        g_main_context_iteration (NULL, FALSE);
    }
    g_free (raw_client_read_answer (slow));
    websocket = raw_client_upgrade (uri);
    assert_served (sealed);
}

/* A router's name for this machine is as good as its own where the key tells who it is. */
static void
test_names (Fixture *fixture, gconstpointer data)
{
    static const char request[] = "GET /name HTTP/1.1\r\nHost: studio.router.example:28732\r\n\r\n";
    g_autofree char *uri = listen_widely (fixture);
    g_autoptr (Client) sealed = client_new_connected (uri);
    g_autofree char *plain = raw_client_request (uri, request);

    send_text (sealed, request);
    g_assert_cmpint (read_until (sealed, "\r\n\r\n/name"), >, 0);
    g_assert_true (g_str_has_prefix (plain, "HTTP/1.1 421"));
}

/* Who begins like TLS is held to it. */
static void
test_both_undecided (Fixture *fixture, gconstpointer data)
{
    static const char *const texts[] = { "\x16GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                         "\x16\x03\x01\x02" };
    g_autofree char *uri = listen_widely (fixture);
    g_autoptr (RawClient) silent = raw_client_new (uri);
    g_autoptr (RawClient) waiting = raw_client_new (uri);

    raw_client_send_string (waiting, texts[1]);
    for (guint i = 0; i < 2; i++) {
        g_autoptr (RawClient) raw = raw_client_new (uri);
        g_autofree char *answer = NULL;

        raw_client_send_string (raw, texts[0]);
        answer = raw_client_read_all (raw);
        g_assert_cmpstr (answer, ==, "");
    }
    g_assert_cmpuint (fixture->requests, ==, 0);
    assert_alive (fixture);
    g_assert_false (silent->eof);
    g_assert_false (waiting->eof);
}

/* What is no TLS gets no answer, and at once: one who says nothing is still there afterwards. */
static void
test_other_languages (Fixture *fixture, gconstpointer data)
{
    static const char *const texts[] = {
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\x80\x2e\x01\x03\x01",                 /* SSL 2 */
        "\x15\x03\x03\x01\x02",                 /* an alert */
        "\x16\x03\x01\x01\x01\x02",             /* a ServerHello */
        "\x16\x03\x01\x01\x01\x01\xff\x01\x01", /* a hello of 16 MiB */
        "\xff\xff\xff\xff\xff",
    };

    g_autoptr (RawClient) silent = raw_client_new (fixture->uri);

    for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
        g_autoptr (RawClient) raw = raw_client_new (fixture->uri);
        g_autofree char *answer = NULL;

        raw_client_send_string (raw, texts[i]);
        answer = raw_client_read_all (raw);
        g_assert_cmpstr (answer, ==, "");
    }
    raw_iterate (silent);
    g_assert_false (silent->eof);
    g_assert_cmpuint (fixture->requests, ==, 0);
    assert_alive (fixture);
}

/* A ClientHello in form, but of noise: an alert at most. */
static void
test_noise (Fixture *fixture, gconstpointer data)
{
    for (guint i = 0; i < MANY; i++) {
        g_autoptr (RawClient) raw = raw_client_new (fixture->uri);
        guint8 hello[9 + 251] = { 22, 3, 1, 0, 255, 1, 0, 0, 251 };
        g_autofree char *answer = NULL;

        for (guint at = 9; at < sizeof hello; at++)
            hello[at] = g_test_rand_int ();
        raw_client_send (raw, hello, sizeof hello);
        answer = raw_client_read_all (raw);
        g_assert_cmpuint (raw->in->len, ==, 7);
        g_assert_cmpuint (raw->in->data[0], ==, 21);
    }
    assert_alive (fixture);
}

/* Where records were, there is plain text. */
static void
test_plain_text_after_handshake (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) client = client_new_connected (fixture->uri);

    raw_client_send_string (client->raw, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    g_assert_cmpint (read_until (client, NULL), ==, GNUTLS_E_FATAL_ALERT_RECEIVED);
    assert_cut (client->raw);
    g_assert_cmpuint (fixture->requests, ==, 0);
}

/* A request, one bit of which was changed on the way, is none. */
static void
test_flipped (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) client = client_new_connected (fixture->uri);

    client->held = g_byte_array_new ();
    send_text (client, "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
    client->held->data[client->held->len / 2] ^= 1;
    raw_client_send (client->raw, client->held->data, client->held->len);
    g_assert_cmpint (read_until (client, NULL), ==, GNUTLS_E_FATAL_ALERT_RECEIVED);
    assert_cut (client->raw);
    g_assert_cmpuint (fixture->requests, ==, 0);
}

static void
test_endless_key_updates (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) client = client_new_connected (fixture->uri);
    gint64 deadline = g_get_monotonic_time () + RAW_PATIENCE;

    while (!client->raw->eof) {
        g_assert_cmpint (g_get_monotonic_time (), <, deadline);
        gnutls_session_key_update (client->session, GNUTLS_KU_PEER);
        raw_iterate (client->raw);
    }
    assert_alive (fixture);
}

/* ------------------------------------------------------------------ who says nothing more */

/* Those that say nothing, or half of their hello, cost little and keep nobody waiting: they are all
 * still there when somebody new is served. */
static void
test_stalled (Fixture *fixture, gconstpointer data)
{
    Client *clients[MANY];
    gsize memory;

    for (guint i = 0; i < MANY; i++) {
        clients[i] = client_new_holding_hello (fixture->uri);
        raw_iterate (NULL);
    }
    memory = mallinfo2 ().uordblks;
    for (guint i = 0; i < MANY; i += 2) {
        raw_client_send (clients[i]->raw, clients[i]->held->data, clients[i]->held->len / 2);
        raw_iterate (NULL);
    }
    g_assert_cmpuint (mallinfo2 ().uordblks, <, memory + MANY / 2 * 2048);
    assert_alive (fixture);
    for (guint i = 0; i < MANY; i++) {
        raw_iterate (clients[i]->raw);
        g_assert_false (clients[i]->raw->eof);
        g_assert_cmpuint (clients[i]->raw->in->len, ==, 0);
        client_free (clients[i]);
    }
}

/* They are not waited for for ever. */
static void
test_greeting_deadline (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) silent = client_new_holding_hello (fixture->uri);
    g_autoptr (Client) half = client_new_holding_hello (fixture->uri);
    g_autoptr (Client) unfinished = client_new_holding_hello (fixture->uri);

    raw_client_send (half->raw, half->held->data, half->held->len / 2);
    raw_client_send (unfinished->raw, unfinished->held->data, unfinished->held->len);
    assert_cut (unfinished->raw);
    assert_cut (half->raw);
    assert_cut (silent->raw);
    g_assert_cmpuint (silent->raw->in->len + half->raw->in->len, ==, 0);
}

/* Sends @length bytes of what @client holds, has them seen, and hangs up. */
static void
leave_after (Client *client, gsize length)
{
    raw_client_send (client->raw, client->held->data, length);
    raw_iterate (NULL);
    client_free (client);
}

/* Returns how many bytes there are in the hello. */
static gsize
leave_in_hello (Fixture *fixture)
{
    gsize length = 1;

    for (gsize at = 0; at < length; at++) {
        Client *client = client_new_holding_hello (fixture->uri);

        length = client->held->len;
        leave_after (client, at);
    }
    return length;
}

/* The same in the client's second flight. */
static void
leave_in_finished (Fixture *fixture)
{
    gsize length = 1;

    for (gsize at = 0; at < length; at++) {
        Client *client = client_new (fixture->uri, MODERN);

        gnutls_handshake (client->session);
        client->held = g_byte_array_new ();
        must (shake_hands (client));
        length = client->held->len;
        leave_after (client, at);
    }
}

/* Nothing is left of them, neither a descriptor nor memory. */
static void
test_hanging_up (Fixture *fixture, gconstpointer data)
{
    gsize memory = 0, hello = 0;
    guint descriptors;

    assert_alive (fixture);
    descriptors = count_descriptors () - 1; /* the one just served may still be there */
    for (guint round = 0; round < 2; round++) {
        hello = leave_in_hello (fixture);
        leave_in_finished (fixture);
        raw_wait_until (count_descriptors () <= descriptors);
        if (round == 0)
            memory = mallinfo2 ().uordblks;
    }
    g_test_message ("%d bytes more", (int) (mallinfo2 ().uordblks - memory));
    /* For each of the second round, less than a list's link. */
    g_assert_cmpuint (mallinfo2 ().uordblks, <, memory + 16 * hello);
    assert_alive (fixture);
}

/* ------------------------------------------------------------------ ends */

static void
assert_closed_together (Fixture *fixture, gboolean also_socket)
{
    g_autoptr (Client) client = client_new_connected (fixture->uri);

    assert_served (client);
    must (gnutls_bye (client->session, GNUTLS_SHUT_WR));
    if (also_socket)
        shutdown (client->raw->fd, SHUT_WR);
    g_assert_cmpint (read_until (client, NULL), ==, 0);
    assert_cut (client->raw);
}

static void
test_close_notify (Fixture *fixture, gconstpointer data)
{
    assert_closed_together (fixture, TRUE);
    assert_closed_together (fixture, FALSE);
}

/* All that was asked before the end is answered, be it in many records, but not all at once. */
static void
test_pipelining (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) client = client_new_connected (fixture->uri);

    client->held = g_byte_array_new ();
    for (guint i = 0; i < 3; i++) {
        g_autofree char *request = g_strdup_printf ("GET /%u HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                                    i);

        send_text (client, request);
    }
    must (gnutls_bye (client->session, GNUTLS_SHUT_WR));
    raw_client_send (client->raw, client->held->data, client->held->len);
    g_assert_cmpint (read_until (client, NULL), ==, 0);
    for (guint i = 0; i < 3; i++) {
        g_autofree char *body = g_strdup_printf ("\r\n\r\n/%u", i);

        g_assert_nonnull (strstr (client->clear->str, body));
    }
    g_assert_cmpuint (fixture->most, ==, 1);
    assert_cut (client->raw);
}

/* An end of file that nobody announced ends no request early: it is just an end. */
static void
test_truncation (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) client = client_new_connected (fixture->uri);

    send_text (client, "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc");
    shutdown (client->raw->fd, SHUT_WR);
    assert_cut (client->raw);
    g_assert_cmpuint (fixture->requests, ==, 0);
    assert_alive (fixture);
}

/* ------------------------------------------------------------------ WebSockets */

static void
send_frame (Client *client, const char *text)
{
    guint8 header[6] = { 0x81, 0x80 | strlen (text) };
    g_autofree char *frame = g_strconcat ("123456", text, NULL);

    /* Masked with zeros. */
    memcpy (frame, header, sizeof header);
    must (gnutls_record_send (client->session, frame, sizeof header + strlen (text)));
}

static Client *
client_new_signed_in (const char *uri)
{
    Client *client = client_new_connected (uri);

    send_text (client, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
                       "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                       "Sec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    read_until (client, "maxPayload");
    g_assert_true (g_str_has_prefix (client->clear->str, "HTTP/1.1 101"));
    send_frame (client, "40");
    g_assert_cmpint (read_until (client, "40{\"sid\":"), >, 0);
    return client;
}

static void
test_websocket (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Client) client = client_new_signed_in (fixture->uri);

    send_frame (client, "4217[\"x\"]");
    g_assert_cmpint (read_until (client, "4317[\"yes\"]"), >, 0);
    bureau_server_close_all (fixture->server, 1001, "bye");
    g_assert_cmpint (read_until (client, NULL), ==, 0);
    assert_cut (client->raw);
}

/* One that does not read is dropped, at its limit; its neighbour gets all of it. */
static void
test_slow_reader (Fixture *fixture, gconstpointer data)
{
    static const char *const rooms[] = { "all", NULL };
    g_autofree char *text = g_strnfill (100 * 1000, 't');
    g_autofree char *json = g_strdup_printf ("\"%s\"", text);
    g_autoptr (Client) slow = client_new_signed_in (fixture->uri);
    g_autoptr (Client) reader = client_new_signed_in (fixture->uri);
    guint sent;

    for (sent = 0; fixture->closed == 0; sent++) {
        g_autoptr (BureauFrame) frame = bureau_frame_new_event (fixture->server, "said", json);

        /* What the kernel takes for it, and the limit: never this much. */
        g_assert_cmpuint (sent, <, 1000);
        bureau_server_broadcast (fixture->server, rooms, frame, NULL);
        bureau_server_wake (fixture->server);
        g_string_truncate (reader->clear, 0);
        g_assert_cmpint (read_until (reader, json), >, 0);
    }
    g_test_message ("dropped after %u kB: %s", sent * 100, fixture->last_reason);
    g_assert_cmpuint (fixture->closed, ==, 1);
    send_frame (reader, "4217[\"x\"]");
    g_assert_cmpint (read_until (reader, "4317[\"yes\"]"), >, 0);
}

/* What goes out while a record's frames are taken leaves those alone that are still to be taken. */
static void
test_writing_between_frames (Fixture *fixture, gconstpointer data)
{
    static const char *const rooms[] = { "all", NULL };
    gsize share = bureau_server_default_options.max_unsent / 10;
    /* Ten of them, each with 10 bytes of header and 13 around the text, are just within the limit:
     * an acknowledgement or two, and they are written at once. */
    g_autofree char *text = g_strnfill (share - 10 - 13 - 1, 't');
    g_autofree char *json = g_strdup_printf ("\"%s\"", text);
    g_autoptr (Client) client = client_new_signed_in (fixture->uri);
    g_autoptr (GString) frames = g_string_new (NULL);

    for (guint i = 0; i < 10; i++) {
        g_autoptr (BureauFrame) frame = bureau_frame_new_event (fixture->server, "said", json);

        bureau_server_broadcast (fixture->server, rooms, frame, NULL);
    }
    for (guint i = 100; i < 300; i++) {
        g_string_append_len (frames, "\x81\x8a\0\0\0\0", 6);
        g_string_append_printf (frames, "42%u[\"x\"]", i);
    }
    must (gnutls_record_send (client->session, frames->str, frames->len));
    g_assert_cmpint (read_until (client, "43299[\"yes\"]"), >, 0);
    g_assert_cmpuint (fixture->closed, ==, 0);
}

#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    ADD ("/tls-server/requests", test_requests);
    ADD ("/tls-server/slowly", test_slowly);
    ADD ("/tls-server/storm", test_storm);
    ADD ("/tls-server/resumption", test_resumption);
    ADD ("/tls-server/both", test_both);
    ADD ("/tls-server/names", test_names);
    ADD ("/tls-server/both-undecided", test_both_undecided);
    ADD ("/tls-server/old-versions", test_old_versions);
    ADD ("/tls-server/other-languages", test_other_languages);
    ADD ("/tls-server/noise", test_noise);
    ADD ("/tls-server/plain-text-after-handshake", test_plain_text_after_handshake);
    ADD ("/tls-server/flipped", test_flipped);
    ADD ("/tls-server/endless-key-updates", test_endless_key_updates);
    ADD ("/tls-server/stalled", test_stalled);
    ADD ("/tls-server/greeting-deadline", test_greeting_deadline);
    ADD ("/tls-server/hanging-up", test_hanging_up);
    ADD ("/tls-server/close-notify", test_close_notify);
    ADD ("/tls-server/pipelining", test_pipelining);
    ADD ("/tls-server/truncation", test_truncation);
    ADD ("/tls-server/websocket", test_websocket);
    ADD ("/tls-server/slow-reader", test_slow_reader);
    ADD ("/tls-server/writing-between-frames", test_writing_between_frames);
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Engine.IO sessions as their owner sees them, and in the states that are hard to reach from
 * outside: wire.md, A6 to A9. What a client sees is in ../e2e/engine-io.test.js. */

#include <string.h>

#include "bureau-server-private.h"
#include "server-fixture.h"

#define UNKNOWN_SESSION "{\"code\":1,\"message\":\"Session ID unknown\"}"
#define BAD_REQUEST     "{\"code\":3,\"message\":\"Bad request\"}"

/* ------------------------------------------------------------------ servers */

/* Whose limits are reached soon. */
static void
set_up_small (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.max_waiting_payload = 1000;
    options.max_payload = 5000;
    options.max_packets = 8;
    options.max_unsent = 4500;
    options.max_waiting_per_address = 3;
    fixture_set_up_with (fixture, options);
}

/* Whose sessions live for 200 ms. */
static void
set_up_brief (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.ping_interval = 100;
    options.ping_timeout = 100;
    fixture_set_up_with (fixture, options);
}

/* That waits 200 ms for what a client is to do. */
static void
set_up_impatient (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.connect_timeout = 200;
    options.upgrade_timeout = 200;
    fixture_set_up_with (fixture, options);
}

/* ------------------------------------------------------------------ polling by hand */

static void
send_request (RawClient *client, const char *sid, const char *method, const char *headers,
              const char *body)
{
    g_autoptr (GString) request = g_string_new (NULL);

    g_string_printf (request,
                     "%s /socket.io/?EIO=4&transport=polling%s%s HTTP/1.1\r\n"
                     "Host: localhost\r\n%s",
                     method, sid == NULL ? "" : "&sid=", sid == NULL ? "" : sid, headers);
    if (body != NULL)
        g_string_append_printf (request, "Content-Length: %u\r\n", (guint) strlen (body));
    g_string_append_printf (request, "\r\n%s", body == NULL ? "" : body);
    raw_client_send (client, request->str, request->len);
}

/* The answer's body. (transfer full) */
static char *
read_body (RawClient *client, guint status)
{
    g_autofree char *answer = raw_client_read_answer (client);
    g_autofree char *start = g_strdup_printf ("HTTP/1.1 %u ", status);

    g_assert_cmpstr (answer, !=, NULL);
    g_assert_cmpmem (answer, MIN (strlen (answer), strlen (start)), start, strlen (start));
    return g_strdup (strstr (answer, "\r\n\r\n") + 4);
}

static void
expect (RawClient *client, guint status, const char *expected)
{
    g_autofree char *body = read_body (client, status);

    g_assert_cmpstr (body, ==, expected);
}

/* A GET that is not answered yet, on a connection of its own. */
static RawClient *
hold_get (Fixture *fixture, const char *sid)
{
    RawClient *client = raw_client_new (fixture->uri);
    BureauSession *session;

    send_request (client, sid, "GET", "", NULL);
    session = g_hash_table_lookup (fixture->server->sessions, sid);
    raw_wait_until (session->poll != NULL);
    return client;
}

static void
expect_get (Fixture *fixture, const char *sid, guint status, const char *expected)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);

    send_request (client, sid, "GET", "", NULL);
    expect (client, status, expected);
}

static void
expect_post (Fixture *fixture, const char *sid, const char *body, guint status,
             const char *expected)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);

    send_request (client, sid, "POST", "", body);
    expect (client, status, expected);
}

/* A POST whose end does not come. */
static RawClient *
begin_post (Fixture *fixture, const char *sid)
{
    RawClient *client = raw_client_new (fixture->uri);
    BureauSession *session = g_hash_table_lookup (fixture->server->sessions, sid);

    send_request (client, sid, "POST", "Content-Length: 4\r\n", NULL);
    raw_client_send_string (client, "42");
    raw_wait_until (session->post != NULL);
    return client;
}

/* The id of a new session. (transfer full) */
static char *
open_session (RawClient *client, const char *headers)
{
    g_autofree char *body = NULL;

    send_request (client, NULL, "GET", headers, NULL);
    body = read_body (client, 200);
    g_assert_true (g_str_has_prefix (body, "0{\"sid\":\""));
    return g_strndup (body + strlen ("0{\"sid\":\""), 20);
}

/* That of one that has joined. (transfer full) */
static char *
sign_in (Fixture *fixture)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);
    g_autofree char *sid = open_session (client, "");
    g_autofree char *answer = NULL;

    send_request (client, sid, "POST", "", "40");
    expect (client, 200, "ok");
    send_request (client, sid, "GET", "", NULL);
    answer = read_body (client, 200);
    g_assert_true (g_str_has_prefix (answer, "40{\"sid\":\""));
    return g_steal_pointer (&sid);
}

static RawClient *
upgrade (Fixture *fixture, const char *sid, const char *query)
{
    g_autofree char *all = g_strconcat ("&sid=", sid, query, NULL);

    return raw_client_upgrade_with (fixture->uri, all);
}

static RawClient *
probe (Fixture *fixture, const char *sid, const char *query)
{
    RawClient *client = upgrade (fixture, sid, query);

    raw_client_send_text (client, "2probe");
    raw_client_expect_text (client, "3probe");
    return client;
}

static void
expect_end (Fixture *fixture, const char *reason)
{
    raw_wait_until (fixture->closed > 0);
    g_assert_cmpuint (fixture->closed, ==, 1);
    g_assert_cmpstr (fixture->last_reason, ==, reason);
}

/* An event of 1,000 bytes; four are within the limit of who does not read. */
static void
emit_much (Fixture *fixture)
{
    g_autofree char *json = g_strdup_printf ("\"%0*d\"", 990, 0);

    bureau_connection_emit (fixture->last, "m", json, NULL);
}

static void
emit_blob (Fixture *fixture)
{
    g_autoptr (GPtrArray) blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

    g_ptr_array_add (blobs, g_bytes_new ("\1\2\3\4", 4));
    bureau_connection_emit (fixture->last, "b", "{\"_placeholder\":true,\"num\":0}", blobs);
}

#define BLOB_EVENT "451-[\"b\",{\"_placeholder\":true,\"num\":0}]"

/* ------------------------------------------------------------------ the owner closes */

static void
test_close_held_get (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) held = hold_get (fixture, sid);

    bureau_connection_close (fixture->last, 4403, "revoked");
    expect (held, 200, "1");
    expect_end (fixture, "revoked");
    expect_get (fixture, sid, 400, UNKNOWN_SESSION);
}

/* What waits is kept for the next GET; nothing comes in any more. */
static void
test_close_without_get (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autofree char *query = g_strconcat ("&sid=", sid, NULL);
    g_autoptr (RawClient) late = NULL;

    bureau_connection_emit (fixture->last, "a", "1", NULL);
    bureau_connection_close (fixture->last, 4403, "revoked");
    expect_end (fixture, "revoked");
    expect_post (fixture, sid, "42[\"x\"]", 200, "ok");
    g_assert_cmpuint (fixture->events, ==, 0);
    late = raw_client_ask_upgrade (fixture->uri, query);
    expect (late, 400, UNKNOWN_SESSION);
    expect_get (fixture, sid, 200,
                "42[\"a\",1]\x1e"
                "1");
    expect_get (fixture, sid, 400, UNKNOWN_SESSION);
    expect_end (fixture, "revoked");
}

static void
test_close_is_not_fetched (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);

    bureau_connection_close (fixture->last, 4403, "revoked");
    raw_wait_until (fixture->server->all_sessions.length == 0);
    expect_end (fixture, "revoked");
    g_assert_cmpuint (g_hash_table_size (fixture->server->sessions), ==, 0);
}

/* The GET comes with the end of the time for it. */
static void
test_close_is_fetched_late (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);
    gint64 end = g_get_monotonic_time () + 250 * G_TIME_SPAN_MILLISECOND;

    bureau_connection_close (fixture->last, 4403, "revoked");
    expect_end (fixture, "revoked");
    send_request (client, sid, "GET", "", NULL);
    while (g_get_monotonic_time () < end)
        ;
    expect (client, 200, "1");
}

static void
test_close_during_post (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) post = begin_post (fixture, sid);

    bureau_connection_close (fixture->last, 4403, "revoked");
    expect_end (fixture, "revoked");
    raw_client_send_string (post, "[]");
    expect (post, 200, "ok");
    expect_get (fixture, sid, 200, "1");
}

static void
test_close_during_probe (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) client = probe (fixture, sid, "");

    bureau_connection_close (fixture->last, 4403, "revoked");
    g_assert_cmpuint (raw_client_read_close (client), ==, 1005);
    expect_end (fixture, "revoked");
    expect_get (fixture, sid, 200, "1");
}

static void
test_close_after_upgrade (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) client = probe (fixture, sid, "");

    raw_client_send_text (client, "5");
    raw_client_send_text (client, "421[\"close\"]");
    g_assert_cmpuint (raw_client_read_close (client), ==, 4403);
    expect_end (fixture, "revoked");
    expect_get (fixture, sid, 400, UNKNOWN_SESSION);
}

/* In every state at once; a tool looks for what is left. */
static void
test_end_of_server (Fixture *fixture, gconstpointer data)
{
    g_autofree char *closing = sign_in (fixture);
    g_autofree char *polling = NULL, *posting = NULL, *probing = NULL;
    g_autoptr (RawClient) held = NULL, post = NULL, client = NULL, websocket = NULL;

    emit_blob (fixture);
    bureau_connection_close (fixture->last, 4403, "revoked");
    held = hold_get (fixture, polling = sign_in (fixture));
    post = begin_post (fixture, posting = sign_in (fixture));
    client = probe (fixture, probing = sign_in (fixture), "");
    emit_blob (fixture);
    websocket = raw_client_sign_in (fixture->uri, "");
    raw_client_send_text (websocket, BLOB_EVENT);
    expect_end (fixture, "revoked");
    g_clear_pointer (&fixture->server, bureau_server_free);
    g_assert_cmpuint (fixture->closed, ==, 1);
    g_assert_cmpuint (fixture->destroyed, ==, fixture->accepted);
}

/* ------------------------------------------------------------------ the peer leaves */

static void
test_lost_get (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);

    raw_client_free (hold_get (fixture, sid));
    expect_end (fixture, "transport error");
    expect_get (fixture, sid, 400, UNKNOWN_SESSION);
}

static void
test_lost_post (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);

    raw_client_free (begin_post (fixture, sid));
    expect_end (fixture, "transport error");
}

/* Answered already, and yet the peer did not wait for it. */
static void
test_lost_get_while_closing (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    RawClient *held = hold_get (fixture, sid);

    bureau_connection_close (fixture->last, 4403, "revoked");
    raw_client_free (held);
    raw_wait_until (fixture->server->all_sessions.length == 0);
    expect_end (fixture, "revoked");
}

static void
test_overlapping_gets (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) held = hold_get (fixture, sid);

    expect_get (fixture, sid, 400, "");
    expect (held, 200, "1");
    expect_end (fixture, "transport error");
    expect_get (fixture, sid, 400, UNKNOWN_SESSION);
}

static void
test_overlapping_posts (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) first = begin_post (fixture, sid);
    g_autofree char *nothing = NULL;

    expect_post (fixture, sid, "3", 400, "");
    nothing = raw_client_read_all (first);
    g_assert_cmpstr (nothing, ==, "");
    expect_end (fixture, "transport error");
}

static void
test_peer_closes (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) held = hold_get (fixture, sid);

    expect_post (fixture, sid,
                 "42[\"x\"]\x1e"
                 "1\x1e"
                 "42[\"x\"]",
                 200, "ok");
    expect (held, 200, "6");
    g_assert_cmpuint (fixture->events, ==, 1);
    expect_end (fixture, "transport close");
    expect_get (fixture, sid, 400, UNKNOWN_SESSION);
}

/* ------------------------------------------------------------------ limits */

static void
test_waiting_payload (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);
    g_autofree char *sid = open_session (client, "");
    g_autofree char *much = g_strdup_printf ("42[\"x\",\"%0*d\"]", 2000, 0);
    g_autofree char *too_much = g_strnfill (5001, '4');

    expect_post (fixture, sid, much, 413, "");
    expect_post (fixture, sid, "40", 200, "ok");
    expect_post (fixture, sid, much, 200, "ok");
    g_assert_cmpuint (fixture->events, ==, 1);
    expect_post (fixture, sid, too_much, 413, "");
    g_assert_cmpuint (fixture->closed, ==, 0);
}

static void
test_waiting_message (Fixture *fixture, gconstpointer data)
{
    g_autofree char *much = g_strdup_printf ("42[\"x\",\"%0*d\"]", 2000, 0);
    g_autoptr (RawClient) waiting = raw_client_upgrade (fixture->uri);
    g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, "");
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) upgraded = probe (fixture, sid, "");

    raw_client_send_text (waiting, much);
    g_assert_cmpuint (raw_client_read_close (waiting), ==, 1009);
    raw_client_send_text (client, much);
    raw_client_send_text (upgraded, "5");
    raw_client_send_text (upgraded, much);
    raw_wait_until (fixture->events == 2);
}

static void
test_max_packets (Fixture *fixture, gconstpointer data)
{
    static const char eight[] = "42[\"x\"]\x1e"
                                "42[\"x\"]\x1e"
                                "42[\"x\"]\x1e"
                                "42[\"x\"]\x1e"
                                "42[\"x\"]\x1e"
                                "42[\"x\"]\x1e"
                                "42[\"x\"]\x1e"
                                "42[\"x\"]";
    g_autofree char *nine = g_strconcat (eight,
                                         "\x1e"
                                         "3",
                                         NULL);
    g_autofree char *sid = sign_in (fixture);

    expect_post (fixture, sid, eight, 200, "ok");
    g_assert_cmpuint (fixture->events, ==, 8);
    expect_post (fixture, sid, nine, 400, "");
    g_assert_cmpuint (fixture->events, ==, 16);
    expect_end (fixture, "parse error");
}

static void
test_too_many_sessions (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);
    g_autofree char *sids[3] = { NULL };
    g_autoptr (RawClient) other = NULL;
    g_autofree char *answer = NULL;
    g_autofree char *fourth = NULL;

    for (guint i = 0; i < G_N_ELEMENTS (sids); i++)
        sids[i] = open_session (client, "");
    send_request (client, NULL, "GET", "", NULL);
    answer = raw_client_read_all (client);
    g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 503 "));
    g_assert_nonnull (strstr (answer, "\r\nRetry-After: 5\r\n"));
    g_assert_nonnull (strstr (answer, "\"code\":\"rate_limited\""));
    /* One that is signed in, or gone, makes room. */
    other = raw_client_new (fixture->uri);
    send_request (other, sids[0], "POST", "", "40");
    expect (other, 200, "ok");
    fourth = open_session (other, "");
    send_request (other, sids[1], "POST", "", "1");
    expect (other, 200, "ok");
    raw_wait_until (fixture->server->waiting_sessions == 2);
    for (guint i = 1; i < G_N_ELEMENTS (sids); i++)
        g_free (sids[i]);
}

/* A connection that names somebody who is signed in is not one of those that wait. */
static void
test_polls_do_not_wait (Fixture *fixture, gconstpointer data)
{
    RawClient *held[5];

    for (guint i = 0; i < G_N_ELEMENTS (held); i++) {
        g_autofree char *sid = sign_in (fixture);

        held[i] = hold_get (fixture, sid);
    }
    for (guint i = 0; i < G_N_ELEMENTS (held); i++)
        raw_client_free (held[i]);
}

static void
test_slow_poller (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);

    for (guint i = 0; i < 4; i++)
        emit_much (fixture);
    g_assert_nonnull (g_hash_table_lookup (fixture->server->sessions, sid));
    emit_much (fixture);
    expect_end (fixture, "transport error");
    expect_get (fixture, sid, 400, UNKNOWN_SESSION);
}

/* Much at once is no fault of who is there to take it. */
static void
test_quick_poller (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) held = hold_get (fixture, sid);
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    for (guint i = 0; i < 8; i++)
        emit_much (fixture);
    first = read_body (held, 200);
    send_request (held, sid, "GET", "", NULL);
    second = read_body (held, 200);
    g_assert_cmpuint (strlen (first) + 1 + strlen (second), ==, 8 * 1001 - 1);
    g_assert_cmpuint (fixture->closed, ==, 0);
}

/* ------------------------------------------------------------------ time */

static void
test_ping_timeout (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, "");

    expect_get (fixture, sid, 200, "2");
    raw_client_expect_text (client, "2");
    g_assert_cmpuint (raw_client_read_close (client), ==, 4410);
    raw_wait_until (fixture->closed == 2);
    g_assert_cmpstr (fixture->last_reason, ==, "ping timeout");
}

/* A request that comes before the loop has looked at the clock finds the session dead all the same:
 * its ping went out in time, and nobody answered. */
static void
test_late_request (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);
    g_autofree char *sid = open_session (client, "");
    BureauSession *session = g_hash_table_lookup (fixture->server->sessions, sid);

    raw_wait_until (session->awaiting_pong);
    send_request (client, sid, "GET", "", NULL);
    while (g_get_monotonic_time () < session->heartbeat.due)
        ;
    expect (client, 400, UNKNOWN_SESSION);
}

static void
test_sign_in_timeout (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);
    g_autofree char *sid = open_session (client, "");

    expect_get (fixture, sid, 200, "1");
    expect_get (fixture, sid, 400, UNKNOWN_SESSION);
}

/* ------------------------------------------------------------------ the way to a WebSocket */

static void
test_upgrade_timeout (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) silent = upgrade (fixture, sid, "");
    g_autoptr (RawClient) second = NULL;
    g_autoptr (RawClient) held = hold_get (fixture, sid);

    g_assert_cmpuint (raw_client_read_close (silent), ==, 1005);
    second = upgrade (fixture, sid, "");
    raw_client_send_text (second, "5");
    g_assert_cmpuint (raw_client_read_close (second), ==, 1005);
    bureau_connection_emit (fixture->last, "a", "1", NULL);
    expect (held, 200, "42[\"a\",1]");
    g_assert_cmpuint (fixture->closed, ==, 0);
}

/* It tries again, and is told at once that it may switch. */
static void
test_lost_probe (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) held = NULL;
    g_autoptr (RawClient) client = NULL;
    BureauSession *session = g_hash_table_lookup (fixture->server->sessions, sid);

    raw_client_free (probe (fixture, sid, ""));
    raw_wait_until (session->probe == NULL);
    held = hold_get (fixture, sid);
    client = probe (fixture, sid, "");
    expect (held, 200, "6");
    raw_client_send_text (client, "5");
    raw_client_send_text (client, "427[\"x\"]");
    raw_client_expect_text (client, "437[{}]");
    g_assert_cmpuint (fixture->closed, ==, 0);
}

/* The first few GETs after the probe are answered at once, the next is not; but data is. */
static void
test_noops (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) client = probe (fixture, sid, "");
    g_autoptr (RawClient) held = NULL;
    gint64 start;

    for (guint i = 0; i < 3; i++)
        expect_get (fixture, sid, 200, "6");
    start = g_get_monotonic_time ();
    expect_get (fixture, sid, 200, "6");
    g_assert_cmpint (g_get_monotonic_time () - start, >=, 100 * G_TIME_SPAN_MILLISECOND);
    held = hold_get (fixture, sid);
    bureau_connection_emit (fixture->last, "a", "1", NULL);
    expect (held, 200, "42[\"a\",1]");
    /* The session ends with a GET's time running. */
    raw_client_free (hold_get (fixture, sid));
    expect_end (fixture, "transport error");
    g_assert_true (g_queue_is_empty (&fixture->server->nudging.queue));
}

/* Who switches with requests under way breaks the rules, but is not lost. */
static void
test_switch_with_requests (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) client = probe (fixture, sid, "");
    g_autoptr (RawClient) post = begin_post (fixture, sid);
    g_autoptr (RawClient) held = NULL;

    for (guint i = 0; i < 3; i++)
        expect_get (fixture, sid, 200, "6");
    held = hold_get (fixture, sid);
    raw_client_send_text (client, "5");
    expect (held, 200, "1");
    raw_client_send_string (post, "[]");
    expect (post, 400, BAD_REQUEST);
    expect_get (fixture, sid, 400, BAD_REQUEST);
    raw_client_send_text (client, "427[\"x\"]");
    raw_client_expect_text (client, "437[{}]");
    g_assert_cmpuint (fixture->closed, ==, 0);
}

/* What waits goes along, in the form that the WebSocket asked for. */
static void
test_switch_with_blobs (Fixture *fixture, gconstpointer data)
{
    const char *query = data;
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) client = probe (fixture, sid, query);

    emit_blob (fixture);
    raw_client_send_text (client, "5");
    for (guint i = 0; i < 2; i++) {
        g_autofree char *payload = NULL;
        gsize length;
        guint8 opcode;

        raw_client_expect_text (client, BLOB_EVENT);
        opcode = raw_client_read_frame (client, &payload, &length);
        g_assert_cmpuint (opcode, ==, *query == '\0' ? 2 : 1);
        g_assert_cmpstr (payload, ==, *query == '\0' ? "\1\2\3\4" : "bAQIDBA==");
        emit_blob (fixture);
    }
}

/* What waited for a GET, and was sent to a room, does not outlive that on the WebSocket. */
static void
test_switch_and_leave (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);
    g_autoptr (RawClient) client = probe (fixture, sid, data);
    g_autoptr (BureauFrame) frame = bureau_frame_new_event (fixture->server, "said", "1");

    bureau_server_join (fixture->server, fixture->last, "r");
    bureau_server_broadcast (fixture->server, (const char *[]){ "r", NULL }, frame, NULL);
    raw_client_send_text (client, "5");
    raw_client_send_text (client, "427[\"leave\",\"r\"]");
    raw_client_expect_text (client, "437[\"r\"]");
}

/* ------------------------------------------------------------------ else */

static void
test_blobs_by_polling (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);

    emit_blob (fixture);
    bureau_connection_emit (fixture->last, "a", "1", NULL);
    expect_get (fixture, sid, 200,
                BLOB_EVENT "\x1e"
                           "bAQIDBA==\x1e"
                           "42[\"a\",1]");
}

static void
test_leaving_a_room (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sid = sign_in (fixture);

    expect_post (fixture, sid,
                 "42[\"join\",\"r\"]\x1e"
                 "42[\"to-me-and-leave\",\"r\"]",
                 200, "ok");
    expect_get (fixture, sid, 200, "42[\"said\",{\"x\":3}]");
}

/* The session's first request says who it is. */
static void
test_authorization (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);
    g_autofree char *sid = open_session (client, "Authorization: Bearer a\r\n");

    send_request (client, sid, "POST", "Authorization: Bearer b\r\n", "40");
    expect (client, 200, "ok");
    g_assert_cmpstr (fixture->last_authorization, ==, "Bearer a");
}

#define ADD(name, set_up, test)                                                                    \
    g_test_add ("/session/" name, Fixture, NULL, set_up, test, fixture_tear_down)

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    ADD ("close/held-get", fixture_set_up, test_close_held_get);
    ADD ("close/without-get", fixture_set_up, test_close_without_get);
    ADD ("close/not-fetched", set_up_impatient, test_close_is_not_fetched);
    ADD ("close/fetched-late", set_up_impatient, test_close_is_fetched_late);
    ADD ("close/during-post", fixture_set_up, test_close_during_post);
    ADD ("close/during-probe", fixture_set_up, test_close_during_probe);
    ADD ("close/after-upgrade", fixture_set_up, test_close_after_upgrade);
    ADD ("close/server", fixture_set_up, test_end_of_server);
    ADD ("lost/get", fixture_set_up, test_lost_get);
    ADD ("lost/post", fixture_set_up, test_lost_post);
    ADD ("lost/get-while-closing", fixture_set_up, test_lost_get_while_closing);
    ADD ("lost/overlapping-gets", fixture_set_up, test_overlapping_gets);
    ADD ("lost/overlapping-posts", fixture_set_up, test_overlapping_posts);
    ADD ("lost/peer-closes", fixture_set_up, test_peer_closes);
    ADD ("limits/waiting-payload", set_up_small, test_waiting_payload);
    ADD ("limits/waiting-message", set_up_small, test_waiting_message);
    ADD ("limits/packets", set_up_small, test_max_packets);
    ADD ("limits/sessions", set_up_small, test_too_many_sessions);
    ADD ("limits/polls-do-not-wait", set_up_small, test_polls_do_not_wait);
    ADD ("limits/slow-poller", set_up_small, test_slow_poller);
    ADD ("limits/quick-poller", set_up_small, test_quick_poller);
    ADD ("time/ping", set_up_brief, test_ping_timeout);
    ADD ("time/late-request", set_up_brief, test_late_request);
    ADD ("time/sign-in", set_up_impatient, test_sign_in_timeout);
    ADD ("upgrade/timeout", set_up_impatient, test_upgrade_timeout);
    ADD ("upgrade/lost-probe", fixture_set_up, test_lost_probe);
    ADD ("upgrade/noops", fixture_set_up, test_noops);
    ADD ("upgrade/with-requests", fixture_set_up, test_switch_with_requests);
    g_test_add ("/session/upgrade/with-blobs", Fixture, "", fixture_set_up, test_switch_with_blobs,
                fixture_tear_down);
    g_test_add ("/session/upgrade/with-base64", Fixture, "&b64=1", fixture_set_up,
                test_switch_with_blobs, fixture_tear_down);
    g_test_add ("/session/upgrade/and-leave", Fixture, "", fixture_set_up, test_switch_and_leave,
                fixture_tear_down);
    g_test_add ("/session/upgrade/and-leave-base64", Fixture, "&b64=1", fixture_set_up,
                test_switch_and_leave, fixture_tear_down);
    ADD ("blobs", fixture_set_up, test_blobs_by_polling);
    ADD ("leaving-a-room", fixture_set_up, test_leaving_a_room);
    ADD ("authorization", fixture_set_up, test_authorization);
    return g_test_run ();
}

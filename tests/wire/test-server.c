/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Connections, rooms and time, with a peer by hand that may break any rule. */

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "bureau-server-private.h"
#include "server-fixture.h"

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

/* Who listens for one message after the other must not lose the second: it does not come with the
 * first. */
static void
test_answer_first (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, "{\"greet\":1}");

    g_assert_cmpuint (client->in->len, ==, 0);
    raw_client_expect_text (client, "42[\"first\",1]");
    raw_client_expect_text (client, "42[\"second\",2]");
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

/* A ping is answered, the latest of many too; who floods is put out. */
static void
test_pings (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, NULL);
    g_autoptr (GString) flood = g_string_new (NULL);
    g_autofree char *payload = NULL;
    gsize length;

    raw_client_send_frame (client, 0x89, "are you there", 13);
    g_assert_cmpuint (raw_client_read_frame (client, &payload, &length), ==, 0xa);
    g_assert_cmpstr (payload, ==, "are you there");

    for (guint i = 0; i < 100000; i++)
        g_string_append_len (flood, "\x89\x81\0\0\0\0x", 7);
    raw_client_send (client, flood->str, flood->len);
    g_assert_cmpuint (raw_client_read_close (client), ==, 1008);
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

    /* Of what was for this connection alone, what came for the other room stays. */
    raw_client_send_text (client, "423[\"join\",\"one\"]");
    raw_client_expect_text (client, "433[\"one\"]");
    raw_client_send_text (client, "424[\"to-me-and-leave\",\"one\"]");
    raw_client_expect_text (client, "42[\"said\",{\"x\":3}]");
    raw_client_expect_text (client, "434[\"one\"]");
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
    g_autoptr (BureauFrame) frame = bureau_frame_new_event (fixture->server, "bye", NULL);

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
test_heartbeat (Fixture *fixture, gconstpointer data)
{
    gint64 start = g_get_monotonic_time ();
    g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, NULL);

    for (guint i = 0; i < 4; i++) {
        raw_client_expect_text (client, "2");
        raw_client_send_text (client, "3");
    }
    g_assert_cmpint (g_get_monotonic_time () - start, >=, 4 * 55000);
    g_assert_cmpuint (fixture->closed, ==, 0);
    raw_client_expect_text (client, "2");
    g_assert_cmpuint (raw_client_read_close (client), ==, 4410);
    g_assert_cmpint (g_get_monotonic_time () - start, >=, 6 * 55000);
    raw_wait_until (fixture->closed == 1);
    g_assert_cmpstr (fixture->last_reason, ==, "ping timeout");
}

/* The machine slept while a ping was due: nobody could answer, so nobody is dropped for it. The
 * sleep is the fault. */
static void
test_away (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) first = raw_client_sign_in (fixture->uri, NULL);
    g_autoptr (RawClient) second = raw_client_sign_in (fixture->uri, NULL);

    g_usleep (200000);
    for (guint i = 0; i < 2; i++) {
        raw_client_expect_text (first, "2");
        raw_client_send_text (first, "3");
        raw_client_expect_text (second, "2");
        raw_client_send_text (second, "3");
    }
    g_assert_cmpuint (fixture->closed, ==, 0);
    raw_client_expect_text (first, "2");
    g_assert_cmpuint (raw_client_read_close (first), ==, 4410);
}

static void
set_up_narrow (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.max_unsent = 100 * 1024;
    options.unsent_timeout = 150;
    fixture_set_up_with (fixture, options);
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
    frame = bureau_frame_new_event (fixture->server, "big", json->str);
    while (fixture->closed == 0 && rounds++ < 5000) {
        bureau_server_broadcast (fixture->server, (const char *[]){ "all", NULL }, frame, NULL);
        raw_client_expect_text (neighbour, expected);
    }
    g_assert_cmpuint (fixture->closed, ==, 1);
    g_assert_cmpstr (fixture->last_reason, ==, "transport error");
    g_assert_cmpuint (rounds, >, 10);
    raw_client_send_text (neighbour, "421[\"echo\"]");
    raw_client_expect_text (neighbour, "431[{}]");
    /* It learns why, once it reads: all frames whole, then the code. */
    g_assert_cmpuint (raw_client_read_close (slow), ==, 4408);
}

/* Nor does it help to come and go: what waits for the moment after a CONNECT counts as well. */
static void
test_slow_joiner (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, NULL);
    g_autofree char *json = g_strnfill (60 * 1024, ' ');
    g_autoptr (BureauFrame) frame = bureau_frame_new_event (fixture->server, "big", json);
    BureauSession *session = fixture->last->session;

    bureau_session_end_rest (session);
    session->websocket->blocked = TRUE;
    for (guint i = 0; i < 2; i++) {
        g_assert_cmpint (session->state, ==, BUREAU_SESSION_OPEN);
        bureau_session_rest (session);
        bureau_server_broadcast (fixture->server, (const char *[]){ "all", NULL }, frame, NULL);
        bureau_session_end_rest (session);
    }
    g_assert_cmpint (session->state, ==, BUREAU_SESSION_CLOSED);
    raw_wait_until (fixture->closed == 1);
    g_assert_cmpstr (fixture->last_reason, ==, "transport error");
}

static void
set_up_patient (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.max_unsent = 100 * 1024 * 1024;
    options.unsent_timeout = 150;
    fixture_set_up_with (fixture, options);
}

/* What may wait, may not wait for ever. */
static void
test_stalled_reader (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) slow = raw_client_sign_in (fixture->uri, NULL);
    g_autofree char *big = g_strnfill (1000000, ' ');
    g_autoptr (BureauFrame) frame = bureau_frame_new_event (fixture->server, "big", big);
    gint64 start = g_get_monotonic_time ();

    for (guint i = 0; i < 30; i++)
        bureau_server_broadcast (fixture->server, (const char *[]){ "all", NULL }, frame, NULL);
    raw_wait_until (fixture->closed == 1);
    g_assert_cmpstr (fixture->last_reason, ==, "transport error");
    g_assert_cmpint (g_get_monotonic_time () - start, >=, 150000);
    g_assert_cmpuint (raw_client_read_close (slow), ==, 4408);
}

/* Nothing waits any more for who has left the room: they are not slow. */
static void
test_stalled_and_left (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_sign_in (fixture->uri, NULL);
    g_autoptr (BureauFrame) frame = bureau_frame_new_event (fixture->server, "said", "1");
    BureauChannel *channel = fixture->last->session->websocket;
    gint64 end;

    /* As after a write that filled the kernel's buffer just so. */
    channel->blocked = TRUE;
    bureau_server_broadcast (fixture->server, (const char *[]){ "all", NULL }, frame, NULL);
    raw_wait_until (channel->stalled.list != NULL);
    bureau_server_leave (fixture->server, fixture->last, "all");
    end = g_get_monotonic_time () + 200000;
    while (g_get_monotonic_time () < end)
        raw_iterate (NULL);
    g_assert_cmpuint (fixture->closed, ==, 0);
    channel->blocked = FALSE;
    raw_client_send_text (client, "421[\"echo\"]");
    raw_client_expect_text (client, "431[{}]");
}

/* A kernel that takes io_uring back in the midst of it, as it may for want of memory. */
static void
forbid_uring (void)
{
    struct sock_filter filter[] = {
        BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
        BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_enter, 0, 1),
        BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
        BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { G_N_ELEMENTS (filter), filter };

    g_assert_cmpint (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
    g_assert_cmpint (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), ==, 0);
}

static void
test_lost_uring (Fixture *fixture, gconstpointer data)
{
    RawClient *clients[8];
    g_autoptr (BureauFrame) frame = bureau_frame_new_event (fixture->server, "said", "1");

    if (fixture->server->ring == NULL) {
        g_test_skip ("no io_uring");
        return;
    }
    if (!g_test_subprocess ()) {
        g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
        g_test_trap_assert_passed ();
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
        clients[i] = raw_client_sign_in (fixture->uri, NULL);
    /* All at once. */
    raw_wait_until (fixture->server->resting.queue.length == 0);
    forbid_uring ();
    bureau_server_broadcast (fixture->server, (const char *[]){ "all", NULL }, frame, NULL);
    for (guint i = 0; i < G_N_ELEMENTS (clients); i++) {
        raw_client_expect_text (clients[i], "42[\"said\",1]");
        raw_client_free (clients[i]);
    }
    g_assert_null (fixture->server->ring);
    g_assert_cmpuint (fixture->troubles, ==, 1);
}

static void
set_up_wide (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.max_waiting_per_address = options.max_connections_per_address = 200;
    options.max_unsent = 20000;
    options.ping_interval = options.ping_timeout = 20;
    fixture_set_up_with (fixture, options);
}

/* Something that a peer might do, right or wrong, wherever it stands. */
static void
act (RawClient *client, BureauServer *server)
{
    static const char *const packets[] = {
        "40",
        "40",
        "40{\"refuse\":1}",
        "40{\"wait\":1}",
        "41",
        "1",
        "3",
        "42[\"join\",\"one\"]",
        "42[\"leave\",\"one\"]",
        "42[\"to\",\"one all\"]",
        "42[\"to\",\"all\"]",
        "421[\"others\",\"all\"]",
        "42[\"to-and-leave\",\"all one\"]",
        "42[\"close\"]",
        "42{}",
        "40/x",
    };
    guint8 noise[8];

    switch (g_test_rand_int_range (0, 24)) {
    case 0:
        for (guint i = 0; i < sizeof noise; i++)
            noise[i] = g_test_rand_int ();
        raw_client_send (client, noise, sizeof noise);
        break;
    case 1:
        bureau_server_close_all (server, 4503, "restarting");
        break;
    case 2:
        raw_client_send_frame (client, 0x89, "ping", 4);
        break;
    case 3:
        raw_iterate (client);
        break;
    default:
        raw_client_send_text (client, packets[g_test_rand_int_range (0, G_N_ELEMENTS (packets))]);
        break;
    }
}

/* Anything, in any order: for the tools that watch memory. At the end everybody who was there has
 * gone. */
static void
test_churn (Fixture *fixture, gconstpointer data)
{
    RawClient *clients[20] = { NULL };

    for (guint step = 0; step < 4000; step++) {
        RawClient **client = &clients[g_test_rand_int_range (0, G_N_ELEMENTS (clients))];

        if (*client == NULL)
            *client = raw_client_upgrade (fixture->uri);
        else if ((*client)->eof || g_test_rand_int_range (0, 20) == 0)
            g_clear_pointer (client, raw_client_free);
        else
            act (*client, fixture->server);
        if (step % 4 == 0)
            raw_iterate (NULL);
    }
    for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
        g_clear_pointer (&clients[i], raw_client_free);
    raw_wait_until (bureau_server_count_connections (fixture->server) == 0);
    raw_wait_until (fixture->destroyed == fixture->accepted);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
#define TEST(name, set_up, func)                                                                   \
    g_test_add ("/wire/server/" name, Fixture, NULL, set_up, func, fixture_tear_down)
    TEST ("open-packet", fixture_set_up, test_open_packet);
    TEST ("answer-first", fixture_set_up, test_answer_first);
    TEST ("packets-that-close", fixture_set_up, test_packets_that_close);
    TEST ("packets-that-are-ignored", fixture_set_up, test_packets_that_are_ignored);
    TEST ("before-connect", fixture_set_up, test_before_connect);
    TEST ("namespaces", fixture_set_up, test_namespaces);
    TEST ("leave-and-return", fixture_set_up, test_leave_and_return);
    TEST ("websocket-rules", fixture_set_up, test_websocket_rules);
    TEST ("pings", fixture_set_up, test_pings);
    TEST ("frames-with-upgrade", fixture_set_up, test_frames_with_upgrade);
    TEST ("rooms", fixture_set_up, test_rooms);
    TEST ("leaving-purges", fixture_set_up, test_leaving_purges);
    TEST ("foreach-member", fixture_set_up, test_foreach_member);
    TEST ("wake", fixture_set_up, test_wake);
    TEST ("close-all", fixture_set_up, test_close_all);
    TEST ("heartbeat", fixture_set_up_hasty, test_heartbeat);
    TEST ("away", fixture_set_up_hasty, test_away);
    TEST ("slow-joiner", set_up_narrow, test_slow_joiner);
    TEST ("lost-uring", fixture_set_up, test_lost_uring);
    TEST ("stalled-reader", set_up_patient, test_stalled_reader);
    TEST ("stalled-and-left", set_up_patient, test_stalled_and_left);
    TEST ("churn", set_up_wide, test_churn);
    TEST ("slow-reader", set_up_narrow, test_slow_reader);
#undef TEST
    return g_test_run ();
}

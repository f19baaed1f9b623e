/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The way in: what HTTP may say, how many may come, and how long they may take. */

#include <dirent.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "bureau-server-private.h"
#include "server-fixture.h"

/* ------------------------------------------------------------------ requests */

typedef struct {
    const char *request;
    const char *answer; /* what it must begin with */
    const char *body;   /* (nullable): what it must have in it */
} Case;

#define LOCAL "Host: localhost\r\n"
#define UPGRADE                                                                                    \
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"                   \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static const Case requests[] = {
    { "GET /a HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 200 OK\r\n", "\r\nContent-Length: 10\r\n" },
    { "GET /a HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 200", "\r\nCache-Control: no-store\r\n" },
    { "GET /a HTTP/1.1\r\n" LOCAL "Connection: close\r\n\r\n", "HTTP/1.1 200",
      "\r\nConnection: close\r\n" },
    { "GET /a HTTP/1.1\r\nHost: LOCALHOST:80\r\n\r\n", "HTTP/1.1 200", "0123456789" },
    { "GET /a HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n", "HTTP/1.1 200", "0123456789" },
    { "GET /a HTTP/1.1\r\nHost: [::1]:1\r\n\r\n", "HTTP/1.1 200", "0123456789" },
    { "POST /api/length HTTP/1.1\r\n" LOCAL "Content-Length: 3\r\n\r\nabc", "HTTP/1.1 200",
      "\r\n\r\n3" },
    /* Names that are not ours: another page's way in. */
    { "GET /a HTTP/1.1\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 421", NULL },
    { "GET /a HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n", "HTTP/1.1 421", NULL },
    { "GET /a HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n", "HTTP/1.1 421", NULL },
    { "GET /a HTTP/1.1\r\nHost: localhost:x\r\n\r\n", "HTTP/1.1 4", NULL },
    { "GET /a HTTP/1.1\r\nHost: [::1\r\n\r\n", "HTTP/1.1 4", NULL },
    { "GET /a HTTP/1.1\r\nHost: \r\n\r\n", "HTTP/1.1 4", NULL },
    { "GET /a HTTP/1.1\r\n\r\n", "HTTP/1.1 400", NULL },
    { "GET /a HTTP/1.0\r\n\r\n", "HTTP/1.1 421", NULL },
    { "GET /a HTTP/1.0\r\n" LOCAL "\r\n", "HTTP/1.1 200", "\r\nConnection: close\r\n" },
    { "GET /a HTTP/1.0\r\n" LOCAL "Connection: keep-alive\r\n\r\n", "HTTP/1.1 200",
      "\r\nConnection: keep-alive\r\n" },
    { "OPTIONS * HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 204", NULL },
    { "GET /a HTTP/1.1\r\n" LOCAL LOCAL "\r\n", "HTTP/1.1 400", NULL },
    /* A whole URI goes before the Host header: RFC 9112, section 3.2.2. */
    { "GET http://localhost/a HTTP/1.1\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 200",
      "0123456789" },
    { "GET http://evil.example/a HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 421", NULL },
    { "GET /api/a HTTP/1.1\r\n" LOCAL "Origin: http://localhost\r\n\r\n", "HTTP/1.1 403",
      "forbidden" },
    { "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n" LOCAL UPGRADE "Origin: null\r\n\r\n",
      "HTTP/1.1 403", NULL },
    /* What is worse than that: test-hostile-http.c. */
    { "garbage\r\n\r\n", "HTTP/1.1 400", "\"code\":\"invalid\"" },
};

static const Case upgrades[] = {
    { "GET /socket.io/?EIO=4&transport=pigeon HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 400",
      "{\"code\":0,\"message\":\"Transport unknown\"}" },
    { "GET /socket.io/?EIO=4 HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 400", "{\"code\":0," },
    { "GET /socket.io/ HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 400", "{\"code\":0," },
    { "GET /socket.io/?EIO=4&transport=websocket&sid=abc HTTP/1.1\r\n" LOCAL UPGRADE "\r\n",
      "HTTP/1.1 400", "{\"code\":1,\"message\":\"Session ID unknown\"}" },
    { "GET /socket.io/?EIO=4&transport=websocket&sid=abc HTTP/1.1\r\n" LOCAL UPGRADE "\r\n",
      "HTTP/1.1 400", "\r\nConnection: close\r\n" },
    { "POST /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n" LOCAL "Content-Length: 0\r\n\r\n",
      "HTTP/1.1 400", "{\"code\":2,\"message\":\"Bad handshake method\"}" },
    { "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 400",
      "{\"code\":3,\"message\":\"Bad request\"}" },
    { "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n" LOCAL UPGRADE
      "Content-Length: 1\r\n\r\nx",
      "HTTP/1.1 400", "{\"code\":3," },
    { "GET /socket.io/?EIO=3&transport=websocket HTTP/1.1\r\n" LOCAL UPGRADE "\r\n", "HTTP/1.1 400",
      "{\"code\":5,\"message\":\"Unsupported protocol version\"}" },
};

/* Each on a connection of its own. */
static void
run_cases (Fixture *fixture, const Case *cases, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *answer = raw_client_request (fixture->uri, cases[i].request);

        if (!g_str_has_prefix (answer, cases[i].answer) ||
            (cases[i].body != NULL && strstr (answer, cases[i].body) == NULL))
            g_error ("%s: %s", cases[i].request, answer);
    }
    g_assert_cmpuint (fixture->closed, ==, 0);
}

static void
test_requests (Fixture *fixture, gconstpointer data)
{
    run_cases (fixture, requests, G_N_ELEMENTS (requests));
}

static void
test_refused_upgrades (Fixture *fixture, gconstpointer data)
{
    run_cases (fixture, upgrades, G_N_ELEMENTS (upgrades));
}

/* A head may be long, but not longer; it may come slowly, but whole. */
static void
test_size_of_head (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GString) text = g_string_new ("GET /a HTTP/1.1\r\n" LOCAL "X: ");
    g_autoptr (RawClient) slow = raw_client_new (fixture->uri);
    g_autofree char *long_answer = NULL, *longer_answer = NULL, *slow_answer = NULL;

    while (text->len < 16 * 1024 - 4)
        g_string_append_c (text, 'x');
    g_string_append (text, "\r\n\r\n");
    long_answer = raw_client_request (fixture->uri, text->str);
    g_assert_true (g_str_has_prefix (long_answer, "HTTP/1.1 200"));
    g_string_insert_c (text, 40, 'x');
    longer_answer = raw_client_request (fixture->uri, text->str);
    g_assert_true (g_str_has_prefix (longer_answer, "HTTP/1.1 431"));

    for (const char *byte = "GET /a HTTP/1.1\r\n" LOCAL "\r\n"; *byte != '\0'; byte++) {
        raw_client_send (slow, byte, 1);
        raw_iterate (slow);
    }
    slow_answer = raw_client_read_answer (slow);
    g_assert_true (g_str_has_prefix (slow_answer, "HTTP/1.1 200"));
}

/* A NUL is no part of a head, and half a head with nothing behind it no request. */
static void
test_odd_ends (Fixture *fixture, gconstpointer data)
{
    static const char nul[] = "GET /a HTTP/1.1\r\nHost: local\0host\r\n\r\n";
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);
    g_autoptr (RawClient) half = raw_client_new (fixture->uri);
    g_autofree char *answer = NULL, *none = NULL;

    raw_client_send (client, nul, sizeof nul - 1);
    answer = raw_client_read_all (client);
    g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 400"));
    raw_client_send_string (half, "GET /a HTTP/1.1\r\nHost");
    raw_iterate (half);
    shutdown (half->fd, SHUT_WR);
    none = raw_client_read_all (half);
    g_assert_cmpstr (none, ==, "");
}

static guint
count_answers (const char *answers)
{
    guint count = 0;

    while ((answers = strstr (answers, "HTTP/1.1 200")) != NULL) {
        answers++;
        count++;
    }
    return count;
}

/* However many requests come in one go, each is answered, in order; one that is bad ends them. */
static void
test_pipelining (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GString) text = g_string_new (NULL);
    g_autofree char *answers = NULL, *rest = NULL;

    for (guint i = 0; i < 1000; i++)
        g_string_append_printf (
            text, "POST /api/length HTTP/1.1\r\n" LOCAL "Content-Length: %u\r\n\r\n%.*s", i % 10,
            i % 10, "012345678");
    answers = raw_client_request (fixture->uri, text->str);
    g_assert_cmpuint (count_answers (answers), ==, 1000);
    for (guint i = 0; i < 1000; i++) {
        const char *end = strstr (answers, "\r\n\r\n");

        g_assert_cmpint (end[4], ==, '0' + i % 10);
        memmove (answers, end + 5, strlen (end + 5) + 1);
    }
    g_string_insert (text, 0, "GET /a HTTP/1.1\r\n" LOCAL "\r\nGET /a HTTP/1.1\n");
    rest = raw_client_request (fixture->uri, text->str);
    g_assert_cmpuint (count_answers (rest), ==, 1);
    g_assert_nonnull (strstr (rest, "HTTP/1.1 400"));
}

/* Who asks and reads no answer is given no more than the kernel's buffers hold, until they read. */
static void
test_greedy_pipelining (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);
    g_autoptr (RawClient) neighbour = raw_client_new (fixture->uri);
    g_autofree char *answer = NULL;
    guint seen, idle;

    for (guint i = 0; i < 500; i++)
        raw_client_send_string (client, "GET /wide HTTP/1.1\r\n" LOCAL "\r\n");
    for (seen = idle = 0; idle < 50; idle++) {
        raw_iterate (NULL);
        if (fixture->requests > seen)
            idle = 0;
        seen = fixture->requests;
    }
    g_assert_cmpuint (seen, <, 400);
    raw_client_send_string (neighbour, "GET /a HTTP/1.1\r\n" LOCAL "\r\n");
    answer = raw_client_read_answer (neighbour);
    g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200"));
    for (guint i = 0; i < 500; i++) {
        g_autofree char *wide = raw_client_read_answer (client);

        g_assert_cmpuint (strlen (wide), >, FIXTURE_WIDE);
    }
}

/* One after the other on one connection, of all kinds. */
static void
test_keep_alive (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);

    for (guint i = 0; i < 20; i++) {
        g_autofree char *answer = NULL, *length = NULL, *bad = NULL, *none = NULL;

        raw_client_send_string (client, "GET /a HTTP/1.1\r\n" LOCAL "\r\n");
        answer = raw_client_read_answer (client);
        g_assert_true (g_str_has_suffix (answer, "\r\n\r\n0123456789"));
        g_assert_null (strstr (answer, "Connection:"));
        g_assert_nonnull (strstr (answer, "\r\nX-Good: yes\r\n"));
        g_assert_null (strstr (answer, "X-Bad"));
        raw_client_send_string (client, "POST /api/length HTTP/1.1\r\n" LOCAL
                                        "Content-Length: 5\r\n\r\nab");
        raw_iterate (client);
        raw_client_send_string (client, "cde");
        length = raw_client_read_answer (client);
        g_assert_true (g_str_has_suffix (length, "\r\n\r\n5"));
        raw_client_send_string (client, "GET /socket.io/ HTTP/1.1\r\n" LOCAL "\r\n");
        bad = raw_client_read_answer (client);
        g_assert_true (g_str_has_prefix (bad, "HTTP/1.1 400"));
        raw_client_send_string (client, "OPTIONS * HTTP/1.1\r\n" LOCAL "\r\n");
        none = raw_client_read_answer (client);
        g_assert_true (g_str_has_prefix (none, "HTTP/1.1 204 No Content\r\n"));
        g_assert_null (strstr (none, "Content-Length"));
    }
    g_assert_cmpuint (fixture->requests, ==, 40);
    /* The owner has its turn after each. */
    g_assert_cmpuint (fixture->turns, ==, 40);
}

/* A body that was not read is no request. */
static void
test_unread_body (Fixture *fixture, gconstpointer data)
{
    static const char body[] = "GET /a HTTP/1.1\r\n" LOCAL "\r\n";
    g_autofree char *text = g_strdup_printf ("POST /api/a HTTP/1.1\r\n" LOCAL
                                             "Origin: http://localhost\r\n"
                                             "Content-Length: %d\r\n\r\n%s",
                                             (int) strlen (body), body);
    g_autofree char *answer = raw_client_request (fixture->uri, text);

    g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 403"));
    g_assert_nonnull (strstr (answer, "\r\nConnection: close\r\n"));
    g_assert_cmpuint (count_answers (answer), ==, 0);
    g_assert_cmpuint (fixture->requests, ==, 0);
}

/* Its length, but not its body. */
static void
test_head (Fixture *fixture, gconstpointer data)
{
    g_autofree char *answer = raw_client_request (fixture->uri,
                                                  "HEAD /a HTTP/1.1\r\n" LOCAL "\r\n");

    g_assert_nonnull (strstr (answer, "\r\nContent-Length: 10\r\n"));
    g_assert_true (g_str_has_suffix (answer, "\r\n\r\n"));
}

/* ------------------------------------------------------------------ answers that take time */

static RawClient *
ask_and_wait (Fixture *fixture, const char *request)
{
    RawClient *client = raw_client_new (fixture->uri);

    raw_client_send_string (client, request);
    raw_wait_until (fixture->exchange != NULL);
    g_assert_false (bureau_exchange_is_over (fixture->exchange));
    return client;
}

#define WAIT "GET /wait HTTP/1.1\r\n" LOCAL "\r\n"

/* The owner answers when it can; what was asked behind it waits so long. */
static void
test_late_answer (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = ask_and_wait (fixture, WAIT "GET /a HTTP/1.1\r\n" LOCAL "\r\n");
    g_autofree char *first = NULL, *second = NULL;

    g_assert_cmpuint (fixture->requests, ==, 1);
    g_assert_cmpstr (bureau_exchange_get_address (fixture->exchange), ==, "127.0.0.1");
    bureau_exchange_answer_take (fixture->exchange, 200, "text/plain", g_strdup ("late"));
    g_assert_true (bureau_exchange_is_over (fixture->exchange));
    /* Once is enough. */
    bureau_exchange_answer_take (fixture->exchange, 500, "text/plain", g_strdup ("later"));
    first = raw_client_read_answer (client);
    g_assert_true (g_str_has_suffix (first, "\r\n\r\nlate"));
    second = raw_client_read_answer (client);
    g_assert_true (g_str_has_suffix (second, "\r\n\r\n0123456789"));
}

/* What comes while it takes its time waits in the kernel, which says so only once. */
static void
test_asked_meanwhile (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = ask_and_wait (fixture, WAIT);
    g_autofree char *first = NULL, *second = NULL;

    raw_client_send_string (client, "GET /a HTTP/1.1\r\n" LOCAL "\r\n");
    for (guint i = 0; i < 5; i++)
        raw_iterate (client);
    bureau_exchange_answer (fixture->exchange, 204, NULL, NULL);
    first = raw_client_read_answer (client);
    g_assert_true (g_str_has_prefix (first, "HTTP/1.1 204"));
    second = raw_client_read_answer (client);
    g_assert_true (g_str_has_suffix (second, "\r\n\r\n0123456789"));
}

#define LONG_ANSWER (32 * 1024 * 1024)
#define REST_TIME   500000 /* µs that a connection may stay without work */
#define READ_TIME   700000 /* µs that the long answer is read in */

/* Reads a long answer with pauses, for longer than a connection without work may stay. */
static void
test_slow_download (Fixture *fixture, gconstpointer data)
{
    g_autofree char *request = g_strconcat ("GET /wait HTTP/1.1\r\n" LOCAL, data, "\r\n", NULL);
    g_autoptr (RawClient) client = NULL;
    g_autofree char *answer = NULL;
    gint64 start = g_get_monotonic_time ();

    fixture->server->idling.interval = fixture->server->lingering.interval = REST_TIME;
    client = ask_and_wait (fixture, request);
    bureau_exchange_answer_take (fixture->exchange, 200, "text/plain",
                                 g_strnfill (LONG_ANSWER, 'x'));
    while (!client->eof && client->in->len < LONG_ANSWER) {
        raw_iterate (client);
        while (g_get_monotonic_time () - start < (gint64) READ_TIME * client->in->len / LONG_ANSWER)
            raw_iterate (NULL);
    }
    answer = raw_client_read_answer (client);
    g_assert_cmpuint (strlen (answer), >, LONG_ANSWER);
    g_assert_true (g_str_has_suffix (answer, "xxx"));
    /* And then it is over. */
    g_free (raw_client_read_all (client));
}

/* Half closed is not gone. */
static void
test_late_answer_to_half (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = ask_and_wait (fixture, WAIT);
    g_autofree char *answer = NULL;

    shutdown (client->fd, SHUT_WR);
    for (guint i = 0; i < 5; i++)
        raw_iterate (client);
    g_assert_false (bureau_exchange_is_over (fixture->exchange));
    bureau_exchange_answer_take (fixture->exchange, 200, "text/plain", g_strdup ("late"));
    answer = raw_client_read_all (client);
    g_assert_true (g_str_has_suffix (answer, "\r\n\r\nlate"));
}

/* The owner may keep it as long as it likes; an answer to nobody is dropped. */
static void
test_late_answer_to_nobody (Fixture *fixture, gconstpointer data)
{
    RawClient *client = ask_and_wait (fixture, WAIT);
    struct linger reset = { .l_onoff = 1 };

    setsockopt (client->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    raw_client_free (client);
    raw_wait_until (bureau_exchange_is_over (fixture->exchange));
    bureau_exchange_set_header (fixture->exchange, "X", "y");
    bureau_exchange_answer_take (fixture->exchange, 200, "text/plain", g_strdup ("late"));
    g_assert_cmpstr (bureau_exchange_get_path (fixture->exchange), ==, "/wait");
    /* Nor does it need the server. */
    g_clear_pointer (&fixture->server, bureau_server_free);
    bureau_exchange_answer_take (fixture->exchange, 200, "text/plain", g_strdup ("late"));
}

/* ------------------------------------------------------------------ pages from elsewhere */

static void
set_up_origins (Fixture *fixture, gconstpointer data)
{
    static const char *const origins[] = { "https://wall.example", "http://127.0.0.1:8080", NULL };
    BureauServerOptions options = bureau_server_default_options;

    options.allowed_origins = origins;
    fixture_set_up_with (fixture, options);
}

static void
set_up_any_origin (Fixture *fixture, gconstpointer data)
{
    static const char *const origins[] = { "*", NULL };
    BureauServerOptions options = bureau_server_default_options;

    options.allowed_origins = origins;
    fixture_set_up_with (fixture, options);
}

#define WALL     "Origin: https://wall.example\r\n"
#define WALL_MAY "\r\nAccess-Control-Allow-Origin: https://wall.example\r\nVary: Origin\r\n"

static void
test_allowed_origins (Fixture *fixture, gconstpointer data)
{
    static const Case cases[] = {
        { "POST /api/length HTTP/1.1\r\n" LOCAL WALL "Content-Length: 1\r\n\r\nx", "HTTP/1.1 200",
          WALL_MAY },
        { "POST /api/length HTTP/1.1\r\n" LOCAL WALL "Content-Length: 99999999\r\n\r\n",
          "HTTP/1.1 413", WALL_MAY },
        { "GET /socket.io/ HTTP/1.1\r\n" LOCAL WALL "\r\n", "HTTP/1.1 400", WALL_MAY },
        { "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n" LOCAL UPGRADE WALL "\r\n",
          "HTTP/1.1 101", WALL_MAY },
        { "GET /api/a HTTP/1.1\r\n" LOCAL "Origin: http://127.0.0.1:8080\r\n\r\n", "HTTP/1.1 200",
          "\r\nAccess-Control-Allow-Origin: http://127.0.0.1:8080\r\n" },
        { "OPTIONS /api/a HTTP/1.1\r\n" LOCAL WALL "Access-Control-Request-Method: POST\r\n"
          "Access-Control-Request-Headers: authorization,content-type\r\n\r\n",
          "HTTP/1.1 204", "\r\nAccess-Control-Allow-Headers: authorization,content-type\r\n" },
        { "OPTIONS /socket.io/ HTTP/1.1\r\n" LOCAL WALL "\r\n", "HTTP/1.1 204",
          "\r\nVary: Access-Control-Request-Headers\r\n" },
        { "OPTIONS /api/a HTTP/1.1\r\n" LOCAL WALL "\r\n", "HTTP/1.1 204",
          "\r\nAccess-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE\r\n" },
        { "OPTIONS /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 400",
          "{\"code\":2,\"message\":\"Bad handshake method\"}" },
        { "GET /api/a HTTP/1.1\r\n" LOCAL "Origin: https://other.example\r\n\r\n", "HTTP/1.1 403",
          "\"code\":\"forbidden\"" },
        { "GET /api/a HTTP/1.1\r\n" LOCAL "Origin: null\r\n\r\n", "HTTP/1.1 403", NULL },
        { "GET /api/a HTTP/1.1\r\n" LOCAL WALL WALL "\r\n", "HTTP/1.1 403", NULL },
        { "OPTIONS /api/a HTTP/1.1\r\n" LOCAL "Origin: https://other.example\r\n\r\n",
          "HTTP/1.1 403", NULL },
    };

    run_cases (fixture, cases, G_N_ELEMENTS (cases));
}

static void
test_any_origin (Fixture *fixture, gconstpointer data)
{
    static const Case cases[] = {
        { "GET /api/a HTTP/1.1\r\n" LOCAL "Origin: null\r\n\r\n", "HTTP/1.1 200",
          "\r\nAccess-Control-Allow-Origin: *\r\n" },
        { "OPTIONS /api/a HTTP/1.1\r\n" LOCAL WALL "Access-Control-Request-Headers: a\"b\r\n\r\n",
          "HTTP/1.1 204", "\r\nAccess-Control-Allow-Origin: *\r\n" },
    };
    g_autofree char *answer = raw_client_request (fixture->uri,
                                                  "OPTIONS /api/a HTTP/1.1\r\n" LOCAL WALL
                                                  "Access-Control-Request-Headers: a\"b\r\n\r\n");

    run_cases (fixture, cases, G_N_ELEMENTS (cases));
    /* What is no header's name is not said back. */
    g_assert_null (strstr (answer, "a\"b"));
}

/* ------------------------------------------------------------------ bodies */

/* It is asked for, unless it is there. */
static void
test_expect (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);
    g_autofree char *go_on = NULL, *answer = NULL, *at_once = NULL;

    raw_client_send_string (client, "POST /api/length HTTP/1.1\r\n" LOCAL
                                    "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    go_on = raw_client_read_answer (client);
    g_assert_cmpstr (go_on, ==, "HTTP/1.1 100 Continue\r\n\r\n");
    raw_client_send_string (client, "abc");
    answer = raw_client_read_answer (client);
    g_assert_true (g_str_has_suffix (answer, "\r\n\r\n3"));
    raw_client_send_string (client, "POST /api/length HTTP/1.1\r\n" LOCAL
                                    "Expect: 100-continue\r\nContent-Length: 4\r\n\r\nabcd");
    at_once = raw_client_read_answer (client);
    g_assert_true (g_str_has_suffix (at_once, "\r\n\r\n4"));
}

/* A body that is too large is answered, not read; but the answer is not lost over it. */
static void
test_large_body (Fixture *fixture, gconstpointer data)
{
    g_autofree char *body = g_malloc0 (300000);
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);
    g_autofree char *answer = NULL;

    raw_client_send_string (client,
                            "POST /api/length HTTP/1.1\r\n" LOCAL "Content-Length: 300000\r\n\r\n");
    raw_client_send (client, body, 300000);
    answer = raw_client_read_all (client);
    g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 413"));
    g_assert_nonnull (strstr (answer, "too_large"));
    g_assert_nonnull (strstr (answer, "\r\nConnection: close\r\n"));
}

/* Engine.IO's has no body. */
static void
test_large_post (Fixture *fixture, gconstpointer data)
{
    g_autofree char *answer = raw_client_request (
        fixture->uri, "POST /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\n" LOCAL
                      "Content-Length: 300000\r\n\r\n");

    g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 413"));
    g_assert_true (g_str_has_suffix (answer, "\r\n\r\n"));
}

/* ------------------------------------------------------------------ listening */

static void
test_addresses (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autofree char *six = NULL;

    g_assert_null (bureau_server_listen (fixture->server, "0.0.0.0", 0, NULL, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
    g_clear_error (&error);
    g_assert_null (bureau_server_listen (fixture->server, "192.0.2.1", 0, NULL, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
    g_clear_error (&error);
    g_assert_null (bureau_server_listen (fixture->server, "localhost", 0, NULL, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    g_clear_error (&error);
    six = bureau_server_listen (fixture->server, "::1", 0, NULL, NULL);
    if (six != NULL)
        g_assert_true (g_str_has_prefix (six, "http://[::1]:"));
}

static void
test_port_in_use (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GUri) uri = g_uri_parse (fixture->uri, G_URI_FLAGS_NONE, NULL);

    g_assert_null (
        bureau_server_listen (fixture->server, "127.0.0.1", g_uri_get_port (uri), NULL, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
}

/* ------------------------------------------------------------------ how many, how long */

static void
set_up_few (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.max_waiting_per_address = 3;
    options.max_connections_per_address = 5;
    fixture_set_up_with (fixture, options);
}

/* Told so, and closed. */
static void
assert_turned_away (Fixture *fixture)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);
    g_autofree char *answer = raw_client_read_all (client);

    g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 503"));
    g_assert_nonnull (strstr (answer, "\r\nRetry-After: "));
}

/* A connection that is not signed in keeps another one out until it goes. */
static void
test_caps (Fixture *fixture, gconstpointer data)
{
    RawClient *waiting[3], *signed_in[5];
    g_autofree char *answer = NULL;

    for (guint i = 0; i < 3; i++)
        waiting[i] = raw_client_upgrade (fixture->uri);
    assert_turned_away (fixture);
    for (guint i = 0; i < 3; i++)
        raw_client_free (waiting[i]);
    for (guint i = 0; i < 5; i++)
        signed_in[i] = raw_client_sign_in (fixture->uri, NULL);
    assert_turned_away (fixture);
    raw_client_free (signed_in[4]);
    raw_wait_until (fixture->closed == 1);
    answer = raw_client_request (fixture->uri, "GET /a HTTP/1.1\r\n" LOCAL "\r\n");
    g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200"));
    for (guint i = 0; i < 4; i++)
        raw_client_free (signed_in[i]);
}

static void
set_up_crowded (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.max_waiting = 4;
    fixture_set_up_with (fixture, options);
}

/* (transfer full) */
static char *
ask_from (Fixture *fixture, const char *from, const char *request)
{
    g_autoptr (RawClient) client = raw_client_new_from (fixture->uri, from);

    raw_client_send_string (client, request);
    return raw_client_read_answer (client);
}

/* Who takes all the places for those who are not signed in keeps nobody out: whoever has most of
 * them makes room, but for what is being answered. */
static void
test_crowd (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) asked = raw_client_new_from (fixture->uri, "127.0.1.1");
    g_autoptr (RawClient) other = NULL;
    RawClient *silent[2];
    g_autofree char *answer = NULL, *nothing = NULL, *late = NULL, *also = NULL;

    raw_client_send_string (asked, WAIT);
    raw_wait_until (fixture->exchange != NULL);
    other = raw_client_new_from (fixture->uri, "127.0.1.2");
    for (guint i = 0; i < G_N_ELEMENTS (silent); i++)
        silent[i] = raw_client_new_from (fixture->uri, "127.0.1.1");

    answer = ask_from (fixture, "127.0.1.3", "GET /a HTTP/1.1\r\n" LOCAL "\r\n");
    g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200"));
    nothing = raw_client_read_all (silent[0]);
    g_assert_cmpstr (nothing, ==, "");

    raw_client_send_string (other, "GET /a HTTP/1.1\r\n" LOCAL "\r\n");
    also = raw_client_read_answer (other);
    g_assert_true (g_str_has_prefix (also, "HTTP/1.1 200"));
    g_assert_false (silent[1]->eof);
    bureau_exchange_answer_take (fixture->exchange, 200, "text/plain", g_strdup ("late"));
    late = raw_client_read_answer (asked);
    g_assert_true (g_str_has_suffix (late, "late"));
    for (guint i = 0; i < G_N_ELEMENTS (silent); i++)
        raw_client_free (silent[i]);
}

/* The id of a session that has yet to sign in. (transfer full) */
static char *
open_session (Fixture *fixture, const char *from)
{
    g_autofree char *answer = ask_from (
        fixture, from, "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\n" LOCAL "\r\n");
    const char *id = strstr (answer, "\"sid\":\"");

    g_assert_nonnull (id);
    id += strlen ("\"sid\":\"");
    return g_strndup (id, strcspn (id, "\""));
}

static gboolean
is_session (Fixture *fixture, const char *id)
{
    g_autofree char *request = g_strdup_printf (
        "POST /socket.io/?EIO=4&transport=polling&sid=%s HTTP/1.1\r\n" LOCAL
        "Content-Length: 1\r\n\r\n3",
        id);
    g_autofree char *answer = ask_from (fixture, "127.0.1.9", request);

    return g_str_has_prefix (answer, "HTTP/1.1 200");
}

/* The same for sessions, which need no connection of their own. */
static void
test_crowd_of_sessions (Fixture *fixture, gconstpointer data)
{
    g_autofree char *other = open_session (fixture, "127.0.1.2");
    g_autofree char *oldest = open_session (fixture, "127.0.1.1");
    g_autofree char *second = open_session (fixture, "127.0.1.1");
    g_autofree char *third = open_session (fixture, "127.0.1.1");
    g_autofree char *newcomer = open_session (fixture, "127.0.1.3");

    g_assert_false (is_session (fixture, oldest));
    g_assert_true (is_session (fixture, other));
    g_assert_true (is_session (fixture, second));
    g_assert_true (is_session (fixture, third));
    g_assert_true (is_session (fixture, newcomer));
}

/* So many may be unknown; who is known by a request does not count among them. */
static void
test_known_by_request (Fixture *fixture, gconstpointer data)
{
    RawClient *clients[4];

    for (guint i = 0; i < 4; i++) {
        g_autofree char *answer = NULL, *again = NULL;

        clients[i] = raw_client_new (fixture->uri);
        raw_client_send_string (clients[i], "GET /known HTTP/1.1\r\n" LOCAL "\r\n");
        answer = raw_client_read_answer (clients[i]);
        g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 204"));
        raw_client_send_string (clients[i], "GET /a HTTP/1.1\r\n" LOCAL "\r\n");
        again = raw_client_read_answer (clients[i]);
        g_assert_true (g_str_has_prefix (again, "HTTP/1.1 200"));
    }
    for (guint i = 0; i < 4; i++)
        raw_client_free (clients[i]);
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
    g_autofree char *nothing = NULL, *late = NULL, *later = NULL;

    raw_client_send_string (slow, "GET / HTTP/1.1\r\nHost: lo");
    raw_client_send_string (
        body, "POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx");
    raw_client_send_text (refused, "40{\"refuse\":1}");
    g_assert_cmpuint (raw_client_read_close (upgraded), ==, 4401);
    g_assert_cmpuint (raw_client_read_close (refused), ==, 4401);
    nothing = raw_client_read_all (silent);
    late = raw_client_read_all (slow);
    later = raw_client_read_all (body);
    g_assert_cmpstr (nothing, ==, "");
    g_assert_true (g_str_has_prefix (late, "HTTP/1.1 408"));
    g_assert_true (g_str_has_prefix (later, "HTTP/1.1 408"));
}

static void
set_up_strict (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.request_timeout = 100;
    fixture_set_up_with (fixture, options);
}

/* Sends byte by byte until the server has enough. */
static char *
trickle (RawClient *client)
{
    while (!client->eof && client->in->len == 0) {
        raw_client_send_string (client, "x");
        raw_iterate (client);
    }
    return raw_client_read_all (client);
}

/* A head has its time from its first byte on, be it the connection's first or not; a body has its
 * own. */
static void
test_trickle (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) first = raw_client_new (fixture->uri);
    g_autoptr (RawClient) second = NULL;
    g_autoptr (RawClient) body = raw_client_new (fixture->uri);
    g_autofree char *good = NULL, *late = NULL, *later = NULL, *answer = NULL;

    raw_client_send_string (body,
                            "POST /api/length HTTP/1.1\r\n" LOCAL "Content-Length: 3\r\n\r\na");
    raw_client_send_string (first, "GET /a HTTP/1.1\r\nX: ");
    late = trickle (first);
    g_assert_true (g_str_has_prefix (late, "HTTP/1.1 408"));
    second = raw_client_new (fixture->uri);
    raw_client_send_string (second, "GET /a HTTP/1.1\r\n" LOCAL "\r\n");
    good = raw_client_read_answer (second);
    raw_client_send_string (second, "GET /a HTTP/1.1\r\nX: ");
    later = trickle (second);
    g_assert_true (g_str_has_prefix (later, "HTTP/1.1 408"));
    raw_client_send_string (body, "bc");
    answer = raw_client_read_answer (body);
    g_assert_true (g_str_has_suffix (answer, "\r\n\r\n3"));
}

static guint
count_descriptors (void)
{
    DIR *directory = opendir ("/proc/self/fd");
    guint count = 0;

    while (readdir (directory) != NULL)
        count++;
    closedir (directory);
    return count;
}

/* However a peer goes, nothing of it stays: not after an answer, an upgrade, half a request or
 * nothing. */
static void
test_nothing_stays (Fixture *fixture, gconstpointer data)
{
    guint before = 0;

    for (guint round = 0; round < 60; round++) {
        g_autofree char *answer = raw_client_request (fixture->uri,
                                                      "GET /a HTTP/1.1\r\n" LOCAL "\r\n");
        RawClient *silent = raw_client_new (fixture->uri);
        RawClient *half = raw_client_new (fixture->uri);
        RawClient *upgraded = raw_client_upgrade (fixture->uri);
        RawClient *signed_in = raw_client_sign_in (fixture->uri, NULL);

        raw_client_send_string (half, "GET /a HT");
        raw_iterate (half);
        raw_client_free (silent);
        raw_client_free (half);
        raw_client_free (upgraded);
        raw_client_free (signed_in);
        raw_wait_until (fixture->closed == round + 1);
        while (g_main_context_iteration (NULL, FALSE))
            ;
        if (round == 5)
            before = count_descriptors ();
    }
    g_assert_cmpuint (count_descriptors (), <=, before + 2);
}

static void
limit_descriptors (rlim_t limit)
{
    struct rlimit limits;

    getrlimit (RLIMIT_NOFILE, &limits);
    limits.rlim_cur = limit;
    g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limits), ==, 0);
}

/* Out of descriptors, the listener waits and comes back by itself; libsoup's own would be gone for
 * good. */
static void
test_out_of_descriptors (Fixture *fixture, gconstpointer data)
{
    struct rlimit limits;
    g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func (
        (GDestroyNotify) raw_client_free);
    g_autofree char *answer = NULL;
    g_autoptr (RawClient) late = NULL;

    getrlimit (RLIMIT_NOFILE, &limits);
    for (guint i = 0; i < 9; i++)
        g_ptr_array_add (clients, raw_client_new (fixture->uri));
    late = g_ptr_array_steal_index (clients, 8);
    /* Nobody has been accepted yet. A few can be: the limit is on the numbers, and they are taken
     * from the lowest. */
    limit_descriptors (late->fd + 3);
    raw_wait_until (fixture->troubles > 0);
    g_assert_cmpuint (fixture->troubles, ==, 1);
    limit_descriptors (limits.rlim_cur);
    raw_client_send_string (late, "GET /a HTTP/1.1\r\n" LOCAL "\r\n");
    answer = raw_client_read_answer (late);
    g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200"));
    g_assert_cmpuint (fixture->troubles, ==, 1);
}

/* The server may go while all kinds of peers are there. */
static void
test_free_with_peers (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) silent = raw_client_new (fixture->uri);
    g_autoptr (RawClient) half = raw_client_new (fixture->uri);
    g_autoptr (RawClient) upgraded = raw_client_upgrade (fixture->uri);
    g_autoptr (RawClient) signed_in = raw_client_sign_in (fixture->uri, NULL);
    g_autofree char *nothing = NULL;

    raw_client_send_string (half, "POST /a HTTP/1.1\r\n" LOCAL "Content-Length: 4\r\n\r\nab");
    raw_iterate (half);
    g_clear_pointer (&fixture->server, bureau_server_free);
    g_assert_cmpuint (fixture->destroyed, ==, 1);
    nothing = raw_client_read_all (silent);
    g_assert_cmpuint (raw_client_read_close (signed_in), ==, 1006);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
#define TEST(name, set_up, func)                                                                   \
    g_test_add ("/wire/gate/" name, Fixture, NULL, set_up, func, fixture_tear_down)
    TEST ("requests", fixture_set_up, test_requests);
    TEST ("refused-upgrades", fixture_set_up, test_refused_upgrades);
    TEST ("size-of-head", fixture_set_up, test_size_of_head);
    TEST ("odd-ends", fixture_set_up, test_odd_ends);
    TEST ("pipelining", fixture_set_up, test_pipelining);
    TEST ("greedy-pipelining", fixture_set_up, test_greedy_pipelining);
    TEST ("keep-alive", fixture_set_up, test_keep_alive);
    TEST ("unread-body", fixture_set_up, test_unread_body);
    TEST ("head", fixture_set_up, test_head);
    TEST ("late-answer", fixture_set_up, test_late_answer);
    TEST ("asked-meanwhile", fixture_set_up, test_asked_meanwhile);
    g_test_add ("/wire/gate/slow-download/last", Fixture, "Connection: close\r\n", fixture_set_up,
                test_slow_download, fixture_tear_down);
    g_test_add ("/wire/gate/slow-download/kept-alive", Fixture, "", fixture_set_up,
                test_slow_download, fixture_tear_down);
    TEST ("late-answer-to-half", fixture_set_up, test_late_answer_to_half);
    TEST ("late-answer-to-nobody", fixture_set_up, test_late_answer_to_nobody);
    TEST ("allowed-origins", set_up_origins, test_allowed_origins);
    TEST ("any-origin", set_up_any_origin, test_any_origin);
    TEST ("expect", fixture_set_up, test_expect);
    TEST ("large-body", fixture_set_up, test_large_body);
    TEST ("large-post", fixture_set_up, test_large_post);
    TEST ("addresses", fixture_set_up, test_addresses);
    TEST ("port-in-use", fixture_set_up, test_port_in_use);
    TEST ("caps", set_up_few, test_caps);
    TEST ("crowd", set_up_crowded, test_crowd);
    TEST ("crowd-of-sessions", set_up_crowded, test_crowd_of_sessions);
    TEST ("known-by-request", set_up_few, test_known_by_request);
    TEST ("connect-timeout", fixture_set_up_hasty, test_connect_timeout);
    TEST ("trickle", set_up_strict, test_trickle);
    TEST ("nothing-stays", fixture_set_up, test_nothing_stays);
    TEST ("out-of-descriptors", fixture_set_up, test_out_of_descriptors);
    TEST ("free-with-peers", fixture_set_up, test_free_with_peers);
#undef TEST
    return g_test_run ();
}

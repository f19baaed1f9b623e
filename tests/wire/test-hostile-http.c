/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What nobody means well by, over HTTP (reliability.md, 3.5): it gets its answer, and those next
 * door don't notice. */

#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "victim.h"

#define MEBIBYTE (1024 * 1024)
#define LOCAL    "Host: localhost\r\n"
#define POLLING  "/socket.io/?EIO=4&transport=polling"

typedef struct {
    const char *request;
    const char *answer; /* what it must begin with */
} Case;

/* All but the last are the connection's end. */
static const Case requests[] = {
    /* Lengths that two readers could take for two things. */
    { "POST /a HTTP/1.1\r\n" LOCAL "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 411" },
    { "POST /a HTTP/1.1\r\n" LOCAL "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", "HTTP/1.1 411" },
    { "POST /a HTTP/1.1\r\n" LOCAL "Transfer-Encoding: chunked\r\n\r\n1\nx\n0\n\n",
      "HTTP/1.1 411" },
    { "POST /a HTTP/1.1\r\n" LOCAL "Transfer-Encoding: identity\r\n\r\n", "HTTP/1.1 411" },
    { "POST /a HTTP/1.1\r\n" LOCAL "transfer-encoding:\tchunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 411" },
    { "POST /a HTTP/1.1\r\n" LOCAL
      "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 411" },
    { "POST /a HTTP/1.1\r\n" LOCAL
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /a HTTP/1.1\r\n" LOCAL
      "\r\n",
      "HTTP/1.1 411" },
    { "POST /a HTTP/1.1\r\n" LOCAL "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "HTTP/1.1 400" },
    { "POST /a HTTP/1.1\r\n" LOCAL "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
      "HTTP/1.1 400" },
    { "POST /a HTTP/1.1\r\n" LOCAL "Content-Length: 0, 0\r\n\r\n", "HTTP/1.1 400" },
    { "POST /a HTTP/1.1\r\n" LOCAL "Content-Length:\r\n\r\n", "HTTP/1.1 400" },
    { "POST /a HTTP/1.1\r\n" LOCAL "Content-Length: -1\r\n\r\n", "HTTP/1.1 400" },
    { "POST /a HTTP/1.1\r\n" LOCAL "Content-Length: +0\r\n\r\n", "HTTP/1.1 400" },
    { "POST /a HTTP/1.1\r\n" LOCAL "Content-Length: 0x0\r\n\r\n", "HTTP/1.1 400" },
    { "POST /a HTTP/1.1\r\n" LOCAL "Content-Length: 18446744073709551616\r\n\r\n", "HTTP/1.1 4" },
    { "POST /a HTTP/1.1\r\n" LOCAL "Content-Length: 99999999999\r\n\r\nx", "HTTP/1.1 413" },
    { "POST /a HTTP/1.1\r\n" LOCAL "Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n",
      "HTTP/1.1 413" },
    { "POST /a HTTP/1.1\r\n" LOCAL "Content-Length: 262145\r\nExpect: 100-continue\r\n\r\n",
      "HTTP/1.1 413" },
    /* Lines that are two, or none. */
    { "get /a HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 400" },
    { "G\nET /a HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 400" },
    { "GET /a\n/b HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 400" },
    { "GET /a\r\n/b HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 400" },
    { "GET /a HTTP/1.1\n" LOCAL "\r\n", "HTTP/1.1 400" },
    { "GET /a HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", "HTTP/1.1 400" },
    { "GET /a HTTP/1.1\r\nHost: localhost\rX: y\r\n\r\n", "HTTP/1.1 400" },
    { "GET /a HTTP/1.1\r\n" LOCAL "X: y\r\n z\r\n\r\n", "HTTP/1.1 400" },
    { "GET /a HTTP/1.1\r\n" LOCAL "Content-Length : 0\r\n\r\n", "HTTP/1.1 400" },
    { "GET /a HTTP/1.1\r\n" LOCAL ": y\r\n\r\n", "HTTP/1.1 400" },
    { "GET /a HTTP/1.1\r\n" LOCAL "y\r\n\r\n", "HTTP/1.1 400" },
    { "GET  /a HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 400" },
    { "GET /a HTTP/1.1\r\n" LOCAL "X: \xff\xfe\r\n\r\n", "HTTP/1.1 400" },
    { "GET /a HTTP/2.0\r\n" LOCAL "\r\n", "HTTP/1.1 505" },
    { "GET /a\r\n\r\n", "HTTP/1.1 400" },
    { "\r\n\r\n", "HTTP/1.1 400" },
    { "GET /a%00b HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 400" },
    { "GET /a%0d%0Ab HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 400" },
    { "GET /a?b=%0Dc HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 400" },
    { "GET /%ff%fe HTTP/1.1\r\n" LOCAL "\r\n", "HTTP/1.1 400" },
    { "GET /a HTTP/1.1\r\n" LOCAL LOCAL "\r\n", "HTTP/1.1 400" },
    { "GET /a HTTP/1.1\r\nHost: localhost, localhost\r\n\r\n", "HTTP/1.1 400" },
    /* Other people's languages. */
    { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 505" },
    { "CONNECT evil.example:80 HTTP/1.1\r\nHost: evil.example\r\n\r\n", "HTTP/1.1 400" },
    { "\x16\x03\x01\x02", "HTTP/1.1 400" },
    { "garbage\r\n\r\n", "HTTP/1.1 400" },
    /* Whole, though a part was asked for. */
    { "GET /a HTTP/1.1\r\n" LOCAL "Range: bytes=1-2\r\n\r\n", "HTTP/1.1 200" },
    { "GET /a HTTP/1.1\r\n" LOCAL "Range: bytes=99-\r\n\r\n", "HTTP/1.1 200" },
    { "GET /a HTTP/1.1\r\n" LOCAL "Range: bytes=-999999\r\n\r\n", "HTTP/1.1 200" },
    { "GET /a HTTP/1.1\r\n" LOCAL "Range: bytes=0-,0-,-1\r\n\r\n", "HTTP/1.1 200" },
};

static void
expect_one_answer (const char *request, const char *answer, const char *start)
{
    if (!g_str_has_prefix (answer, start))
        g_error ("%s: %s", request, answer);
    /* Whatever hid behind it was not taken for a request. */
    g_assert_null (strstr (answer + 1, "HTTP/1.1"));
}

static void
test_requests (Victim *victim, gconstpointer data)
{
    for (guint i = 0; i < G_N_ELEMENTS (requests); i++) {
        g_autofree char *answer = raw_client_request (victim->uri, requests[i].request);

        expect_one_answer (requests[i].request, answer, requests[i].answer);
        g_assert_true (strstr (answer, "\r\nConnection: close\r\n") != NULL ||
                       g_str_has_suffix (answer, "\r\n\r\n0123456789"));
        victim_expect_well (victim);
    }
}

/* @head, @count times @line, and the head's end. */
static void
try_many_lines (Victim *victim, const char *line, guint count, const char *start)
{
    g_autoptr (GString) request = g_string_new ("GET /a HTTP/1.1\r\n" LOCAL);
    g_autofree char *answer = NULL;

    while (count-- > 0)
        g_string_append (request, line);
    g_string_append (request, "\r\n");
    answer = raw_client_request (victim->uri, request->str);
    expect_one_answer (line, answer, start);
    victim_expect_well (victim);
}

static void
test_long_heads (Victim *victim, gconstpointer data)
{
    g_autofree char *value = g_strnfill (70000, 'x');
    g_autofree char *line = g_strdup_printf ("X: %s\r\n", value);
    g_autofree char *target = g_strdup_printf ("GET /%s HTTP/1.1\r\n" LOCAL "\r\n", value);
    g_autofree char *answer = raw_client_request (victim->uri, target);
    g_autoptr (GString) ranges = g_string_new ("Range: bytes=0-");

    expect_one_answer ("target", answer, "HTTP/1.1 431");
    try_many_lines (victim, line, 1, "HTTP/1.1 431");
    try_many_lines (victim, "X: y\r\n", 99, "HTTP/1.1 200");
    try_many_lines (victim, "X: y\r\n", 100, "HTTP/1.1 431");
    try_many_lines (victim, "X: y\r\n", 10000, "HTTP/1.1 431");
    for (guint i = 0; i < 1000; i++)
        g_string_append_printf (ranges, ",%u-%u", i % 10, 5 + i % 10);
    g_string_append (ranges, "\r\n");
    try_many_lines (victim, ranges->str, 1, "HTTP/1.1 200");
}

/* ------------------------------------------------------------------ much */

/* Sends until there was @size, or the hub will not have it. */
static void
pour (RawClient *client, gsize size)
{
    g_autofree char *bytes = g_strnfill (256 * 1024, 'x');

    for (gsize sent = 0; sent < size && !client->eof; sent += 256 * 1024) {
        raw_client_send (client, bytes, 256 * 1024);
        raw_iterate (client);
    }
}

/* No more of it is read than the answer needs, and nothing of it kept. */
static void
test_large_bodies (Victim *victim, gconstpointer data)
{
    static const char *const targets[] = { "/api/length", "/nowhere", POLLING,
                                           "/socket.io/?EIO=4&transport=websocket" };
    gsize mark = victim_mark_memory (victim);

    for (guint i = 0; i < G_N_ELEMENTS (targets); i++) {
        g_autoptr (RawClient) client = raw_client_new (victim->uri);
        g_autofree char *head = g_strdup_printf (
            "POST %s HTTP/1.1\r\n" LOCAL "Content-Length: %d\r\n\r\n", targets[i], 64 * MEBIBYTE);
        g_autofree char *answer = NULL;

        raw_client_send_string (client, head);
        answer = raw_client_read_answer (client);
        g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 413"));
        pour (client, 64 * MEBIBYTE);
        victim_expect_well (victim);
    }
    victim_expect_memory (victim, mark, 4 * MEBIBYTE);
}

static void
test_endless_head (Victim *victim, gconstpointer data)
{
    gsize mark = victim_mark_memory (victim);

    for (guint i = 0; i < 4; i++) {
        g_autoptr (RawClient) client = raw_client_new (victim->uri);

        raw_client_send_string (client, i % 2 == 0 ? "" : "GET /");
        pour (client, 64 * MEBIBYTE);
        victim_expect_well (victim);
    }
    victim_expect_memory (victim, mark, 4 * MEBIBYTE);
}

/* A thousand at once, from some who read none of the answers. */
static void
test_pipelines (Victim *victim, gconstpointer data)
{
    g_autoptr (GString) request = g_string_new (NULL);
    RawClient *clients[10];
    gsize mark = victim_mark_memory (victim);

    for (guint i = 0; i < 1000; i++)
        g_string_append (request, "GET /wide HTTP/1.1\r\n" LOCAL "\r\n");
    for (guint i = 0; i < G_N_ELEMENTS (clients); i++) {
        clients[i] = raw_client_new (victim->uri);
        send (clients[i]->fd, request->str, request->len, MSG_DONTWAIT | MSG_NOSIGNAL);
        victim_expect_well (victim);
    }
    victim_expect_memory (victim, mark, 16 * MEBIBYTE);
    for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
        raw_client_free (clients[i]);
}

/* ------------------------------------------------------------------ many, and slowly */

#define PEERS 200

static BureauServerOptions
hasty_options (void)
{
    BureauServerOptions options = victim_options (1000);

    options.request_timeout = 500;
    options.body_timeout = 500;
    return options;
}

/* A byte now and then, of a head or of a body: as long as they have time, and no longer. */
static void
test_slowloris (Victim *victim, gconstpointer data)
{
    static const char head[] = "GET /a HTTP/1.1\r\n" LOCAL "X: ";
    static const char body[] = "POST /api/length HTTP/1.1\r\n" LOCAL "Content-Length: 5000\r\n\r\n";
    RawClient *clients[PEERS];
    gsize mark = victim_mark_memory (victim);
    guint left = PEERS;

    for (guint i = 0; i < PEERS; i++) {
        clients[i] = raw_client_new (victim->uri);
        raw_client_send_string (clients[i], i % 2 == 0 ? head : body);
    }
    for (gint64 deadline = g_get_monotonic_time () + RAW_PATIENCE; left > 0;) {
        g_assert_cmpint (g_get_monotonic_time (), <, deadline);
        for (guint i = 0; i < PEERS; i++) {
            if (clients[i]->eof)
                continue;
            raw_client_send (clients[i], "x", 1);
            raw_iterate (clients[i]);
            left -= clients[i]->eof;
        }
        victim_expect_well (victim);
    }
    for (guint i = 0; i < PEERS; i++) {
        g_autofree char *answer = raw_client_read_all (clients[i]);

        g_assert_false (g_str_has_prefix (answer, "HTTP/1.1 200"));
        raw_client_free (clients[i]);
    }
    victim_expect_memory (victim, mark, PEERS * 32 * 1024);
}

/* Who is not signed in has little of the hub's memory, do they what they may: G14. */
static void
test_strangers (Victim *victim, gconstpointer data)
{
    g_autofree char *filler = g_strnfill (64 * 1024, 'x');
    RawClient *clients[PEERS];
    gsize mark = victim_mark_memory (victim);

    for (guint i = 0; i < PEERS; i++) {
        if (i % 2 == 0) {
            clients[i] = raw_client_new (victim->uri);
            raw_client_send_string (clients[i], "GET /a HTTP/1.1\r\n" LOCAL "X: ");
            raw_client_send (clients[i], filler, 16 * 1024 - 100);
        } else {
            /* All but the last byte of the longest message they may send. */
            clients[i] = raw_client_upgrade (victim->uri);
            raw_client_send (clients[i], "\x81\xff\0\0\0\0\0\1\0\0\0\0\0\0", 14);
            raw_client_send (clients[i], filler, 64 * 1024 - 1);
        }
        victim_expect_well (victim);
    }
    victim_expect_memory (victim, mark, PEERS * 64 * 1024);
    for (guint i = 0; i < PEERS; i++)
        raw_client_free (clients[i]);
}

/* ------------------------------------------------------------------ nothing stays */

/* Comes, gets so far, and goes without a word. */
static void
come_and_go (Victim *victim, guint way)
{
    struct linger linger = { .l_onoff = way & 1 };
    RawClient *client = raw_client_new (victim->uri);

    setsockopt (client->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    switch (way / 2 % 6) {
    case 0:
        break;
    case 1:
        raw_client_send_string (client, "GET /a HT");
        break;
    case 2:
        raw_client_send_string (client, "GET /wide HTTP/1.1\r\n" LOCAL "\r\n");
        break;
    case 3:
        raw_client_send_string (client, "POST /a HTTP/1.1\r\n" LOCAL "Content-Length: 9\r\n\r\nx");
        break;
    case 4:
        /* Whoever closes only their half of it waits for the answer. */
        if (linger.l_onoff)
            raw_client_send_string (client, "GET /wait HTTP/1.1\r\n" LOCAL "\r\n");
        break;
    default:
        raw_client_free (client);
        client = way % 5 == 0 ? raw_client_sign_in (victim->uri, NULL)
                              : raw_client_upgrade (victim->uri);
        setsockopt (client->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    }
    raw_client_free (client);
}

static void
ask_often (Victim *victim, guint times)
{
    g_autoptr (RawClient) client = raw_client_new (victim->uri);

    for (guint i = 0; i < times; i++) {
        g_autofree char *answer = NULL;

        raw_client_send_string (client, i % 3 == 0 ? "GET /socket.io/ HTTP/1.1\r\n" LOCAL "\r\n"
                                                   : "GET /a HTTP/1.1\r\n" LOCAL "\r\n");
        answer = raw_client_read_answer (client);
        g_assert_true (g_str_has_prefix (answer, i % 3 == 0 ? "HTTP/1.1 400" : "HTTP/1.1 200"));
    }
}

static void
wait_for_descriptors (Victim *victim, guint count)
{
    gint64 deadline = g_get_monotonic_time () + RAW_PATIENCE;

    while (victim_count_descriptors (victim) > count) {
        g_assert_cmpint (g_get_monotonic_time (), <, deadline);
        victim_expect_well (victim);
    }
}

/* After 10,000 connections and 30,000 requests, as after the first few. */
static void
test_nothing_stays (Victim *victim, gconstpointer data)
{
    guint descriptors = victim_count_descriptors (victim);
    gsize mark;

    for (guint i = 0; i < 1000; i++)
        come_and_go (victim, i);
    ask_often (victim, 1000);
    wait_for_descriptors (victim, descriptors);
    mark = victim_mark_memory (victim);
    for (guint i = 0; i < 9000; i++)
        come_and_go (victim, i);
    for (guint i = 0; i < 29; i++)
        ask_often (victim, 1000);
    wait_for_descriptors (victim, descriptors);
    victim_expect_memory (victim, mark, MEBIBYTE);
}

/* No descriptor is left: nobody else gets in, those inside don't notice, and it passes. */
static void
test_out_of_descriptors (Victim *victim, gconstpointer data)
{
    struct rlimit usual, few;
    RawClient *clients[50];

    g_assert_cmpint (prlimit (victim->pid, RLIMIT_NOFILE, NULL, &usual), ==, 0);
    few = usual;
    few.rlim_cur = victim_count_descriptors (victim) + 10;
    g_assert_cmpint (prlimit (victim->pid, RLIMIT_NOFILE, &few, NULL), ==, 0);
    for (guint i = 0; i < G_N_ELEMENTS (clients); i++) {
        clients[i] = raw_client_new (victim->uri);
        raw_client_send_string (clients[i], "GET /a HTTP/1.1\r\n");
        victim_expect_well (victim);
    }
    for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
        raw_client_free (clients[i]);
    ask_often (victim, 10);
    g_assert_cmpint (prlimit (victim->pid, RLIMIT_NOFILE, &usual, NULL), ==, 0);
    ask_often (victim, 10);
}

int
main (int argc, char **argv)
{
    BureauServerOptions hasty = hasty_options ();

    g_test_init (&argc, &argv, NULL);
#define TEST(name, options, func)                                                                  \
    g_test_add ("/hostile/http/" name, Victim, options, victim_set_up, func, victim_tear_down)
    TEST ("requests", NULL, test_requests);
    TEST ("long-heads", NULL, test_long_heads);
    TEST ("large-bodies", NULL, test_large_bodies);
    TEST ("endless-head", NULL, test_endless_head);
    TEST ("pipelines", NULL, test_pipelines);
    TEST ("slowloris", &hasty, test_slowloris);
    TEST ("strangers", NULL, test_strangers);
    TEST ("nothing-stays", NULL, test_nothing_stays);
    TEST ("out-of-descriptors", NULL, test_out_of_descriptors);
#undef TEST
    return g_test_run ();
}

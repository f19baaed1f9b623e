/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Answers that are given in pieces: what a peer reads, and that no peer keeps one for ever. */

#include <string.h>

#include "bureau-server.h"
#include "raw-client.h"

#define WIDE (256 * 1024)

/* A server that answers /N with N pieces, the texts "1", "", "3", "" …; /fail with one, and then
 * no more; /endless with wide ones as long as they are asked for. */
typedef struct {
    BureauServer *server;
    char *uri;
    guint begun, made, freed;
} Fixture;

typedef struct {
    Fixture *fixture;
    guint left; /* pieces */
    guint made;
    gboolean fails, endless;
} Pieces;

static BureauPiece
make_piece (GString *out, gpointer data)
{
    Pieces *pieces = data;

    pieces->fixture->made++;
    if (pieces->endless) {
        g_string_set_size (out, WIDE);
        memset (out->str, 'x', WIDE);
        return BUREAU_PIECE_MORE;
    }
    if (pieces->fails && pieces->made > 0)
        return BUREAU_PIECE_FAILED;
    if (++pieces->made % 2 == 1)
        g_string_append_printf (out, "%u", pieces->made);
    return pieces->made == pieces->left ? BUREAU_PIECE_LAST : BUREAU_PIECE_MORE;
}

static void
free_pieces (gpointer data)
{
    Pieces *pieces = data;

    pieces->fixture->freed++;
    g_free (pieces);
}

static void
on_request (BureauServer *server, BureauExchange *exchange, gpointer data)
{
    const char *path = bureau_exchange_get_path (exchange);
    Pieces *pieces = g_new0 (Pieces, 1);

    pieces->fixture = data;
    pieces->left = atoi (path + 1);
    pieces->fails = g_str_equal (path, "/fail");
    pieces->endless = g_str_equal (path, "/endless");
    pieces->fixture->begun++;
    bureau_exchange_set_header (exchange, "X-Own", "1");
    bureau_exchange_stream (exchange, 200, "text/plain", make_piece, pieces, free_pieces);
}

static const BureauServerHooks hooks = { .request = on_request };

static void
set_up (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;
    g_autoptr (GError) error = NULL;

    options.unsent_timeout = 100;
    fixture->server = bureau_server_new (&options, &hooks, fixture);
    fixture->uri = bureau_server_listen (fixture->server, "127.0.0.1", 0, NULL, &error);
    g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    bureau_server_free (fixture->server);
    g_assert_cmpuint (fixture->freed, ==, fixture->begun);
    g_free (fixture->uri);
}

static char *
ask (Fixture *fixture, const char *line)
{
    g_autofree char *request = g_strconcat (line, "\r\nHost: 127.0.0.1\r\n\r\n", NULL);

    return raw_client_request (fixture->uri, request);
}

/* ------------------------------------------------------------------ tests */

/* A piece without bytes is no chunk: that would be the last. */
static void
test_chunks (Fixture *fixture, gconstpointer data)
{
    g_autofree char *answer = ask (fixture, "GET /5 HTTP/1.1");
    g_autofree char *one = ask (fixture, "GET /1 HTTP/1.1");

    g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"));
    g_assert_nonnull (strstr (answer, "\r\nTransfer-Encoding: chunked\r\nX-Own: 1\r\n\r\n"));
    g_assert_null (strstr (answer, "Content-Length"));
    g_assert_true (g_str_has_suffix (answer, "\r\n\r\n1\r\n1\r\n1\r\n3\r\n1\r\n5\r\n0\r\n\r\n"));
    g_assert_true (g_str_has_suffix (one, "\r\n\r\n1\r\n1\r\n0\r\n\r\n"));
}

static void
test_old (Fixture *fixture, gconstpointer data)
{
    g_autofree char *answer = ask (fixture, "GET /5 HTTP/1.0\r\nConnection: keep-alive");

    g_assert_null (strstr (answer, "Transfer-Encoding"));
    g_assert_null (strstr (answer, "Content-Length"));
    g_assert_true (g_str_has_suffix (answer, "\r\nConnection: close\r\n\r\n135"));
}

static void
test_head (Fixture *fixture, gconstpointer data)
{
    g_autofree char *answer = ask (fixture, "HEAD /5 HTTP/1.1");

    g_assert_true (g_str_has_suffix (answer, "\r\nTransfer-Encoding: chunked\r\nX-Own: 1\r\n\r\n"));
    g_assert_cmpuint (fixture->made, ==, 0);
}

/* One answer is whole before the next begins. */
static void
test_pipelined (Fixture *fixture, gconstpointer data)
{
    g_autofree char *answers = ask (
        fixture, "GET /3 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /2 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                 "\r\nGET /1 HTTP/1.1");
    g_auto (GStrv) parts = g_strsplit (answers, "HTTP/1.1 200 OK", -1);

    g_assert_cmpuint (g_strv_length (parts), ==, 4);
    g_assert_true (g_str_has_suffix (parts[1], "\r\n\r\n1\r\n1\r\n1\r\n3\r\n0\r\n\r\n"));
    g_assert_true (g_str_has_suffix (parts[2], "\r\n\r\n1\r\n1\r\n0\r\n\r\n"));
    g_assert_true (g_str_has_suffix (parts[3], "\r\n\r\n1\r\n1\r\n0\r\n\r\n"));
}

static void
test_failing (Fixture *fixture, gconstpointer data)
{
    g_autofree char *answer = ask (fixture, "GET /fail HTTP/1.1");

    g_assert_true (g_str_has_suffix (answer, "\r\n\r\n1\r\n1\r\n"));
}

/* Pieces are made as they are read, for one peer at a time; who does not read is left. */
static void
test_unread (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);
    g_autoptr (RawClient) other = raw_client_new (fixture->uri);
    g_autofree char *answer = NULL;

    raw_client_send_string (client, "GET /endless HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    raw_wait_until (fixture->made > 0);
    answer = ask (fixture, "GET /5 HTTP/1.1");
    g_assert_true (g_str_has_suffix (answer, "0\r\n\r\n"));
    raw_wait_until (fixture->freed == 2);
    g_assert_cmpuint (fixture->made, <, 100);
}

static void
test_hung_up (Fixture *fixture, gconstpointer data)
{
    RawClient *client = raw_client_new (fixture->uri);

    raw_client_send_string (client, "GET /endless HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    raw_wait_until (fixture->made > 0);
    raw_client_free (client);
    raw_wait_until (fixture->freed == 1);
}

static void
test_server_ends (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_new (fixture->uri);

    raw_client_send_string (client, "GET /endless HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    raw_wait_until (fixture->made > 0);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/stream/" name, Fixture, NULL, set_up, test, tear_down)
    ADD ("chunks", test_chunks);
    ADD ("old", test_old);
    ADD ("head", test_head);
    ADD ("pipelined", test_pipelined);
    ADD ("failing", test_failing);
    ADD ("unread", test_unread);
    ADD ("hung-up", test_hung_up);
    ADD ("server-ends", test_server_ends);
#undef ADD
    return g_test_run ();
}

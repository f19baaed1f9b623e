/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a request may say, to the byte: RFC 9112, and reliability.md 3.5 and 4. */

#include <string.h>

#include "bureau-http-request.h"

#define GOOD          BUREAU_HTTP_GOOD
#define BAD           BUREAU_HTTP_BAD
#define INCOMPLETE    BUREAU_HTTP_INCOMPLETE
#define NO_LENGTH     BUREAU_HTTP_NO_LENGTH
#define TOO_LARGE     BUREAU_HTTP_TOO_LARGE
#define NOT_SUPPORTED BUREAU_HTTP_NOT_SUPPORTED

#define HOST "Host: h\r\n"
#define KEY  "dGhlIHNhbXBsZSBub25jZQ=="
#define UPGRADE                                                                                    \
    "Connection: keep-alive, Upgrade\r\nUpgrade: foo, WebSocket\r\nSec-WebSocket-Version: 13\r\n"  \
    "Sec-WebSocket-Key: " KEY "\r\n"

/* In a block of its own, so that a byte read too far is seen by the sanitizer. */
static BureauHttpVerdict
parse (const char *text, gsize length, BureauHttpRequest **request, gsize *head_length)
{
    g_autofree char *bytes = g_memdup2 (text, length);
    BureauHttpVerdict verdict = bureau_http_request_parse (bytes, length, request, head_length);

    if (bytes != NULL)
        memset (bytes, 'x', length);
    return verdict;
}

static BureauHttpVerdict
judge (const char *text, gsize length)
{
    g_autoptr (BureauHttpRequest) request = NULL;
    gsize head_length = 0;

    return parse (text, length, &request, &head_length);
}

static BureauHttpRequest *
parse_good (const char *text)
{
    BureauHttpRequest *request = NULL;
    gsize head_length = 0;

    g_assert_cmpint (parse (text, strlen (text), &request, &head_length), ==, GOOD);
    g_assert_cmpuint (head_length, ==, strlen (text));
    return request;
}

/* ------------------------------------------------------------------ good and bad */

typedef struct {
    const char *head;
    const char *method;
    const char *path;
    const char *host;
    guint64 content_length;
    gboolean keep_alive;
} Good;

static const Good good[] = {
    { "GET / HTTP/1.1\r\n" HOST "\r\n", "GET", "/", "h", 0, TRUE },
    { "GET / HTTP/1.0\r\n" HOST "\r\n", "GET", "/", "h", 0, FALSE },
    { "GET / HTTP/1.0\r\n\r\n", "GET", "/", NULL, 0, FALSE },
    { "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET", "/", NULL, 0, TRUE },
    { "GET / HTTP/1.1\r\n" HOST "Connection: x, CLOSE\r\n\r\n", "GET", "/", "h", 0, FALSE },
    { "ABCDEFGHIJKLMNOP / HTTP/1.1\r\n" HOST "\r\n", "ABCDEFGHIJKLMNOP", "/", "h", 0, TRUE },
    { "POST /a HTTP/1.1\r\nhost:\t h:80 \r\ncontent-length: 999999999999999\r\n\r\n", "POST", "/a",
      "h:80", 999999999999999, TRUE },
    { "POST /a HTTP/1.1\r\n" HOST "Content-Length:007\r\n\r\n", "POST", "/a", "h", 7, TRUE },
    { "GET /%c3%A9%2f%25%41+?a HTTP/1.1\r\n" HOST "\r\n", "GET", "/é/%A+", "h", 0, TRUE },
    { "GET //x/../y HTTP/1.1\r\n" HOST "\r\n", "GET", "//x/../y", "h", 0, TRUE },
    { "GET http://a:1/b?c HTTP/1.1\r\nHost: other\r\n\r\n", "GET", "/b", "a:1", 0, TRUE },
    { "GET HTTPS://a HTTP/1.1\r\nHost: other\r\n\r\n", "GET", "/", "a", 0, TRUE },
    { "GET http://a?b/c HTTP/1.1\r\nHost: other\r\n\r\n", "GET", "/", "a", 0, TRUE },
    { "GET http://a/ HTTP/1.0\r\n\r\n", "GET", "/", "a", 0, FALSE },
    { "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "OPTIONS", "*", "h", 0, TRUE },
    { "GET / HTTP/1.1\r\n" HOST "X:\r\n!#$%&'*+-.^_`|~09azAZ: a\tb é\r\n\r\n", "GET", "/", "h", 0,
      TRUE },
};

static void
test_good (void)
{
    for (gsize i = 0; i < G_N_ELEMENTS (good); i++) {
        g_autoptr (BureauHttpRequest) request = parse_good (good[i].head);

        g_assert_cmpstr (request->method, ==, good[i].method);
        g_assert_cmpstr (request->path, ==, good[i].path);
        g_assert_cmpstr (request->host, ==, good[i].host);
        g_assert_cmpuint (request->content_length, ==, good[i].content_length);
        g_assert_cmpint (request->keep_alive, ==, good[i].keep_alive);
    }
}

/* However it is cut up on its way. */
static void
test_prefixes (void)
{
    for (gsize i = 0; i < G_N_ELEMENTS (good); i++) {
        for (gsize length = 0; length < strlen (good[i].head); length++)
            g_assert_cmpint (judge (good[i].head, length), ==, INCOMPLETE);
    }
}

/* What follows a head is the business of whoever reads on. */
static void
test_what_follows (void)
{
    static const char text[] = "GET / HTTP/1.1\r\n" HOST "\r\n\0\r\n garbage";
    g_autoptr (BureauHttpRequest) request = NULL;
    gsize head_length = 0;

    g_assert_cmpint (parse (text, sizeof text - 1, &request, &head_length), ==, GOOD);
    g_assert_cmpuint (head_length, ==, strlen (text));
}

typedef struct {
    const char *head;
    BureauHttpVerdict verdict;
} Case;

#define FIRST "GET / HTTP/1.1\r\n"

static const Case bad[] = {
    /* The first line, as soon as it is known. */
    { "g", BAD },
    { " ", BAD },
    { "\r\n", BAD },
    { "G\nET", BAD },
    { "GET\t", BAD },
    { "GET  ", BAD },
    { "GET\r\n", BAD },
    { "GET /\r\n", BAD },
    { "GET a", BAD },
    { "GET *", BAD },
    { "OPTIONS *a", BAD },
    { "CONNECT ", BAD },
    { "ABCDEFGHIJKLMNOPQ", BAD },
    { "GET /a\n", BAD },
    { "GET /a\tb", BAD },
    { "GET /\x7f", BAD },
    { "GET /\xc3\xa9", BAD },
    { "GET /#", BAD },
    { "GET /%g", BAD },
    { "GET /%4g", BAD },
    { "GET /% ", BAD },
    { "GET /%4 ", BAD },
    { "GET /%00", BAD },
    { "GET /%0d%0a", BAD },
    { "GET /%7F", BAD },
    { "GET /?a=%0D", BAD },
    { "GET /?%00", BAD },
    { "GET ftp:", BAD },
    { "GET httpx", BAD },
    { "GET http:// ", BAD },
    { "GET http:///a ", BAD },
    { "GET http://?a ", BAD },
    { "GET http://me@h/ ", BAD },
    { "GET http: ", BAD },
    { "GET /  ", BAD },
    { "GET / http", BAD },
    { "GET / HTTP/1.x", BAD },
    { "GET / HTTP/1,1", BAD },
    { "GET / HTTP/1.1 ", BAD },
    { "GET / HTTP/1.1\n", BAD },
    { "GET / HTTP/1.1\r\r", BAD },
    { "GET / HTTP/1.10", BAD },
    { "GET / HTTP/1.2", NOT_SUPPORTED },
    { "GET / HTTP/0.9", NOT_SUPPORTED },
    { "GET / HTTP/2.0", NOT_SUPPORTED },
    { "PRI ", NOT_SUPPORTED },
    { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NOT_SUPPORTED },
    /* TLS, where none is spoken. */
    { "\x16\x03\x01\x02", BAD },
    /* The other lines. */
    { FIRST " ", BAD },
    { FIRST "\n", BAD },
    { FIRST "\r\r", BAD },
    { FIRST ":", BAD },
    { FIRST "X ", BAD },
    { FIRST "X\r\n", BAD },
    { FIRST "X\"", BAD },
    { FIRST "\xc3\xa9:", BAD },
    { FIRST HOST " folded", BAD },
    { FIRST HOST "\tfolded", BAD },
    { FIRST "X: \x01", BAD },
    { FIRST "X: \x7f", BAD },
    { FIRST "X: a\n", BAD },
    { FIRST "X: a\rb", BAD },
    { FIRST HOST "X: \xff\r\n\r\n", BAD },
    { FIRST HOST "X: \xc3\r\n\r\n", BAD },
    { FIRST "\r\n", BAD },
    { FIRST "Host:\r\n", BAD },
    { FIRST "Host: a, b\r\n", BAD },
    { FIRST HOST HOST, BAD },
    { FIRST HOST "hOST: g\r\n", BAD },
    { "GET http://h/ HTTP/1.1\r\n\r\n", BAD },
    { "GET http://h/ HTTP/1.1\r\n" HOST HOST, BAD },
    { "GET /%ff HTTP/1.1\r\n" HOST "\r\n", BAD },
    { "GET /%c3 HTTP/1.1\r\n" HOST "\r\n", BAD },
    { "GET /%c0%af HTTP/1.1\r\n" HOST "\r\n", BAD },
    { "GET /?a=%ff HTTP/1.1\r\n" HOST "\r\n", BAD },
    { "GET /?%ed%a0%80=a HTTP/1.1\r\n" HOST "\r\n", BAD },
    /* Lengths that two readers could take for two things. */
    { FIRST "Content-Length:\r\n", BAD },
    { FIRST "Content-Length: -1\r\n", BAD },
    { FIRST "Content-Length: +0\r\n", BAD },
    { FIRST "Content-Length: 0x0\r\n", BAD },
    { FIRST "Content-Length: 0, 0\r\n", BAD },
    { FIRST "Content-Length: 1 1\r\n", BAD },
    { FIRST "Content-Length: 1.0\r\n", BAD },
    { FIRST "Content-Length: 1000000000000000\r\n", BAD },
    { FIRST "Content-Length: 18446744073709551617\r\n", BAD },
    { FIRST "Content-Length: 0\r\nContent-Length: 0\r\n", BAD },
    { FIRST "Content-Length : 0", BAD },
    { FIRST "Transfer-Encoding: chunked\r\n", NO_LENGTH },
    { FIRST "Content-Length: 1\r\ntransfer-encoding: identity\r\n", NO_LENGTH },
    { FIRST "Transfer-Encoding:\r\n", NO_LENGTH },
};

static void
test_bad (void)
{
    for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
        BureauHttpVerdict verdict = judge (bad[i].head, strlen (bad[i].head));

        if (verdict != bad[i].verdict)
            g_error ("%s: %d", bad[i].head, verdict);
    }
}

/* None of the bytes that end a line or a string gets into a head, wherever it is put. */
static void
test_any_byte_anywhere (void)
{
    static const char text[] = "GET /path?query HTTP/1.1\r\n" HOST "Name: value\r\n\r\n";

    for (gsize i = 0; i < strlen (text); i++) {
        for (guint byte = 0; byte < 256; byte++) {
            g_autofree char *copy = g_strdup (text);
            g_autoptr (BureauHttpRequest) request = NULL;
            gsize head_length;

            copy[i] = byte;
            if (parse (copy, strlen (text), &request, &head_length) != GOOD)
                continue;
            g_assert_true (byte == (guint8) text[i] ||
                           (byte >= 0x20 && byte != 0x7f && byte < 0x80) || byte == '\t');
            g_assert_cmpuint (head_length, ==, strlen (text));
        }
    }
}

/* ------------------------------------------------------------------ sizes */

static void
test_size (void)
{
    g_autoptr (GString) text = g_string_new (FIRST HOST "X: ");

    while (text->len < BUREAU_HTTP_MAX_HEAD - 4)
        g_string_append_c (text, 'x');
    g_assert_cmpint (judge (text->str, text->len), ==, INCOMPLETE);
    g_string_append (text, "\r\n\r\n");
    g_assert_cmpint (judge (text->str, text->len), ==, GOOD);
    g_string_append (text, "more");
    g_assert_cmpint (judge (text->str, text->len), ==, GOOD);
    g_string_insert_c (text, text->len - 10, 'x');
    g_assert_cmpint (judge (text->str, text->len), ==, TOO_LARGE);
    g_assert_cmpint (judge (text->str, BUREAU_HTTP_MAX_HEAD), ==, TOO_LARGE);
    g_assert_cmpint (judge (text->str, BUREAU_HTTP_MAX_HEAD - 1), ==, INCOMPLETE);
}

static void
test_number_of_headers (void)
{
    g_autoptr (GString) text = g_string_new (FIRST HOST);
    g_autoptr (BureauHttpRequest) request = NULL;
    g_autofree char *whole = NULL;

    for (guint i = 1; i < BUREAU_HTTP_MAX_HEADERS; i++)
        g_string_append_printf (text, "X%u: %u\r\n", i, i);
    whole = g_strconcat (text->str, "\r\n", NULL);
    request = parse_good (whole);
    g_assert_cmpuint (request->n_headers, ==, BUREAU_HTTP_MAX_HEADERS);
    g_assert_cmpstr (bureau_http_request_get_header (request, "x99"), ==, "99");
    g_string_append (text, "Y: z\r\n");
    g_assert_cmpint (judge (text->str, text->len), ==, TOO_LARGE);
}

/* ------------------------------------------------------------------ what it says */

static void
test_query (void)
{
    g_autoptr (BureauHttpRequest) request = parse_good (
        "GET /?a=1&b=x+y%2Bz%26&&c&=d&a=2&%c3%a9=%e2%82%ac&e=f=g? HTTP/1.1\r\n" HOST "\r\n");
    g_autoptr (BureauHttpRequest) empty = parse_good ("GET /? HTTP/1.1\r\n" HOST "\r\n");
    g_autoptr (BureauHttpRequest) none = parse_good ("GET / HTTP/1.1\r\n" HOST "\r\n");
    GHashTable *query = request->query;

    g_assert_cmpstr (request->query_text, ==, "a=1&b=x+y%2Bz%26&&c&=d&a=2&%c3%a9=%e2%82%ac&e=f=g?");
    g_assert_cmpstr (g_hash_table_lookup (query, "a"), ==, "2");
    g_assert_cmpstr (g_hash_table_lookup (query, "b"), ==, "x y+z&");
    g_assert_cmpstr (g_hash_table_lookup (query, "c"), ==, "");
    g_assert_cmpstr (g_hash_table_lookup (query, ""), ==, "d");
    g_assert_cmpstr (g_hash_table_lookup (query, "é"), ==, "€");
    g_assert_cmpstr (g_hash_table_lookup (query, "e"), ==, "f=g?");
    g_assert_cmpuint (g_hash_table_size (query), ==, 6);
    g_assert_cmpstr (empty->query_text, ==, "");
    g_assert_cmpuint (g_hash_table_size (empty->query), ==, 0);
    g_assert_null (none->query_text);
    g_assert_cmpuint (g_hash_table_size (none->query), ==, 0);
}

static void
test_headers (void)
{
    g_autoptr (BureauHttpRequest) request = parse_good (
        FIRST HOST "X-Some: a\r\nY:\r\nx-some: \t b\tc \r\nX-SOME:\r\nZ: z\r\ny: q\r\n\r\n");

    g_assert_cmpuint (request->n_headers, ==, 4);
    g_assert_cmpstr (request->headers[1].name, ==, "x-some");
    g_assert_cmpstr (bureau_http_request_get_header (request, "X-sOME"), ==, "a, b\tc, ");
    g_assert_cmpstr (bureau_http_request_get_header (request, "Y"), ==, ", q");
    g_assert_cmpstr (bureau_http_request_get_header (request, "z"), ==, "z");
    g_assert_null (bureau_http_request_get_header (request, "x"));
    g_assert_true (bureau_http_request_has_token (request, "x-some", "A"));
    g_assert_true (bureau_http_request_has_token (request, "x-some", "b\tc"));
    g_assert_false (bureau_http_request_has_token (request, "x-some", "b"));
    g_assert_false (bureau_http_request_has_token (request, "none", "b"));
}

static void
test_expect (void)
{
    g_autoptr (BureauHttpRequest) yes = parse_good (FIRST HOST "Expect: 100-Continue\r\n\r\n");
    g_autoptr (BureauHttpRequest) other = parse_good (FIRST HOST "Expect: 100-later\r\n\r\n");
    g_autoptr (BureauHttpRequest) old = parse_good (
        "GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n");

    g_assert_true (yes->expects_continue);
    g_assert_false (other->expects_continue);
    g_assert_false (old->expects_continue);
}

static gboolean
is_upgrade (const char *head)
{
    g_autoptr (BureauHttpRequest) request = parse_good (head);

    return bureau_http_request_is_upgrade (request);
}

/* The example of RFC 6455, section 1.3; then all that is not quite it. */
static void
test_upgrade (void)
{
    static const char *const no[] = {
        "POST / HTTP/1.1\r\n" HOST UPGRADE "\r\n",
        "GET / HTTP/1.0\r\n" HOST UPGRADE "\r\n",
        FIRST HOST UPGRADE "Content-Length: 1\r\n\r\n",
        FIRST HOST UPGRADE "Sec-WebSocket-Key: " KEY "\r\n\r\n",
        FIRST HOST UPGRADE "Sec-WebSocket-Version: 13\r\n\r\n",
        FIRST HOST "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY
                   "\r\n\r\n",
        FIRST HOST "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY
                   "\r\n\r\n",
        FIRST HOST "Connection: Upgrade\r\nUpgrade: websockets\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: " KEY "\r\n\r\n",
        FIRST HOST "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 8\r\n"
                   "Sec-WebSocket-Key: " KEY "\r\n\r\n",
        FIRST HOST "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
        FIRST HOST "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=\r\n\r\n",
        FIRST HOST "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ~=\r\n\r\n",
    };
    g_autoptr (BureauHttpRequest) request = parse_good (FIRST HOST UPGRADE "\r\n");
    g_autofree char *accept = bureau_http_request_make_accept (request);

    g_assert_true (bureau_http_request_is_upgrade (request));
    g_assert_cmpstr (accept, ==, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    g_assert_true (is_upgrade (FIRST HOST UPGRADE "Content-Length: 0\r\n\r\n"));
    for (gsize i = 0; i < G_N_ELEMENTS (no); i++)
        g_assert_false (is_upgrade (no[i]));
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/wire/http-request/good", test_good);
    g_test_add_func ("/wire/http-request/prefixes", test_prefixes);
    g_test_add_func ("/wire/http-request/what-follows", test_what_follows);
    g_test_add_func ("/wire/http-request/bad", test_bad);
    g_test_add_func ("/wire/http-request/any-byte-anywhere", test_any_byte_anywhere);
    g_test_add_func ("/wire/http-request/size", test_size);
    g_test_add_func ("/wire/http-request/number-of-headers", test_number_of_headers);
    g_test_add_func ("/wire/http-request/query", test_query);
    g_test_add_func ("/wire/http-request/headers", test_headers);
    g_test_add_func ("/wire/http-request/expect", test_expect);
    g_test_add_func ("/wire/http-request/upgrade", test_upgrade);
    return g_test_run ();
}

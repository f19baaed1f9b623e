/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* However the head of a request is cut, it is judged the same: no part of it is more than
 * incomplete, and nothing behind it counts. */

#include <string.h>

#include "bureau-http-request.h"
#include "slices.h"

/* All prefixes of a longer input take too long. */
#define MAX_TRIED 1500

static BureauHttpVerdict
judge (const char *bytes, gsize length, gsize *head_length)
{
    g_autoptr (BureauHttpRequest) request = NULL;

    *head_length = 0;
    return bureau_http_request_parse (bytes, length, &request, head_length);
}

static void
assert_text (const char *text)
{
    g_assert (g_utf8_validate (text, -1, NULL));
    for (; *text != '\0'; text++)
        g_assert (!g_ascii_iscntrl (*text));
}

static void
check_query (GHashTable *query)
{
    GHashTableIter iter;
    gpointer name, value;

    g_hash_table_iter_init (&iter, query);
    while (g_hash_table_iter_next (&iter, &name, &value)) {
        assert_text (name);
        assert_text (value);
    }
}

static void
check_headers (const BureauHttpRequest *request)
{
    g_assert (request->n_headers <= BUREAU_HTTP_MAX_HEADERS);
    for (guint i = 0; i < request->n_headers; i++) {
        const BureauHttpHeader *header = &request->headers[i];

        g_assert (header->name[0] != '\0' && strpbrk (header->name, " \t\r\n:") == NULL);
        g_assert (strpbrk (header->value, "\r\n") == NULL);
        g_assert (bureau_http_request_get_header (request, header->name) == header->value);
        g_assert (!g_ascii_isspace (header->value[0]));
    }
}

static void
check_upgrade (const BureauHttpRequest *request)
{
    g_autofree char *accept = NULL;

    if (!bureau_http_request_is_upgrade (request))
        return;
    accept = bureau_http_request_make_accept (request);
    g_assert (g_str_equal (request->method, "GET") && request->content_length == 0);
    g_assert (strlen (accept) == 28);
}

static void
check (const BureauHttpRequest *request)
{
    g_assert (request->method[0] != '\0');
    g_assert (strspn (request->method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen (request->method));
    g_assert (request->path[0] == '/' || g_str_equal (request->path, "*"));
    assert_text (request->path);
    g_assert (request->minor <= 1);
    g_assert (request->host != NULL || request->minor == 0);
    g_assert (bureau_http_request_get_header (request, "transfer-encoding") == NULL);
    check_query (request->query);
    check_headers (request);
    check_upgrade (request);
}

/* The verdict of a peer whose bytes come one by one, and where it was reached. */
static BureauHttpVerdict
judge_bytewise (const char *bytes, gsize length, gsize *reached)
{
    BureauHttpVerdict verdict = BUREAU_HTTP_INCOMPLETE;
    gsize head_length;

    for (*reached = 0; verdict == BUREAU_HTTP_INCOMPLETE && *reached < length;) {
        ++*reached;
        verdict = judge (bytes, *reached, &head_length);
    }
    return verdict;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
    const char *bytes = (const char *) data;
    g_autoptr (BureauHttpRequest) request = NULL;
    gsize head_length = 0;
    gsize reached;
    BureauHttpVerdict tried;
    BureauHttpVerdict verdict = bureau_http_request_parse (bytes, size, &request, &head_length);

    g_assert ((request != NULL) == (verdict == BUREAU_HTTP_GOOD));
    if (request != NULL) {
        g_assert (head_length <= size && head_length <= BUREAU_HTTP_MAX_HEAD);
        g_assert (memcmp (bytes + head_length - 4, "\r\n\r\n", 4) == 0);
        check (request);
    }
    if (size > MAX_TRIED)
        return 0;
    tried = judge_bytewise (bytes, size, &reached);
    /* What is bad may look unfinished once more comes: an escape that is cut. */
    g_assert (tried == verdict || (verdict == BUREAU_HTTP_INCOMPLETE && tried != BUREAU_HTTP_GOOD));
    g_assert (verdict != BUREAU_HTTP_GOOD || reached == head_length);
    return 0;
}

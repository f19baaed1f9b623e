/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-http-head.h"

#include <string.h>

/* More digits than any body that could be allowed. */
#define MAX_LENGTH_DIGITS 15

typedef struct {
    const char *text;
    gsize length;
} Span;

typedef struct {
    guint hosts;
    guint lengths;
    gboolean transfer_encoding;
} Seen;

static gboolean
is_made_of (Span span, const char *allowed)
{
    for (gsize i = 0; i < span.length; i++) {
        if (span.text[i] == '\0' || strchr (allowed, span.text[i]) == NULL)
            return FALSE;
    }
    return span.length > 0;
}

static gboolean
is_named (Span span, const char *name)
{
    return span.length == strlen (name) && g_ascii_strncasecmp (span.text, name, span.length) == 0;
}

/* Takes the text up to @separator off the front of @rest. */
static gboolean
split (Span *rest, char separator, Span *first)
{
    const char *found = rest->length == 0 ? NULL : memchr (rest->text, separator, rest->length);

    if (found == NULL)
        return FALSE;
    *first = (Span){ rest->text, found - rest->text };
    *rest = (Span){ found + 1, rest->length - first->length - 1 };
    return TRUE;
}

/* Printable, and with no escape of what would end a line or a string once somebody unescapes it. */
static gboolean
check_target (Span target)
{
    for (gsize i = 0; i < target.length; i++) {
        const char *rest = target.text + i;

        if ((guchar) *rest <= 0x20 || (guchar) *rest >= 0x7f)
            return FALSE;
        if (*rest == '%' && target.length - i >= 3 &&
            (memcmp (rest + 1, "00", 2) == 0 || g_ascii_strncasecmp (rest + 1, "0a", 2) == 0 ||
             g_ascii_strncasecmp (rest + 1, "0d", 2) == 0))
            return FALSE;
    }
    return target.length > 0;
}

/* METHOD SP target SP HTTP/1.x */
static gboolean
check_request_line (Span line)
{
    Span method, target;

    if (!split (&line, ' ', &method) || !split (&line, ' ', &target))
        return FALSE;
    if (!is_made_of (method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") || !check_target (target))
        return FALSE;
    return is_named (line, "HTTP/1.1") || is_named (line, "HTTP/1.0");
}

static Span
trim (Span span)
{
    for (; span.length > 0 && strchr (" \t", *span.text) != NULL; span.length--)
        span.text++;
    while (span.length > 0 && strchr (" \t", span.text[span.length - 1]) != NULL)
        span.length--;
    return span;
}

static gboolean
check_field (Span line, Seen *seen)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    Span name;

    /* A name that begins with space would continue the line before: nobody does that any more. */
    if (!split (&line, ':', &name) || !is_made_of (name, token))
        return FALSE;
    line = trim (line);
    if (is_named (name, "Transfer-Encoding"))
        seen->transfer_encoding = TRUE;
    if (is_named (name, "Host") &&
        (++seen->hosts > 1 || line.length == 0 || memchr (line.text, ',', line.length) != NULL))
        return FALSE;
    if (is_named (name, "Content-Length") &&
        (++seen->lengths > 1 || line.length > MAX_LENGTH_DIGITS ||
         !is_made_of (line, "0123456789")))
        return FALSE;
    return TRUE;
}

/* One line that ends as lines end, and with no NUL in it. */
static gboolean
take_line (Span *rest, Span *line)
{
    if (!split (rest, '\n', line) || line->length == 0 || line->text[line->length - 1] != '\r')
        return FALSE;
    line->length--;
    return line->length == 0 || (memchr (line->text, '\r', line->length) == NULL &&
                                 memchr (line->text, '\0', line->length) == NULL);
}

static BureauHttpHead
check_lines (Span rest)
{
    Seen seen = { 0 };
    Span line;

    if (!take_line (&rest, &line) || !check_request_line (line))
        return BUREAU_HTTP_HEAD_BAD;
    for (;;) {
        if (!take_line (&rest, &line))
            return BUREAU_HTTP_HEAD_BAD;
        if (line.length == 0)
            break;
        if (!check_field (line, &seen))
            return BUREAU_HTTP_HEAD_BAD;
    }
    if (seen.hosts == 0)
        return BUREAU_HTTP_HEAD_BAD;
    return seen.transfer_encoding ? BUREAU_HTTP_HEAD_NO_LENGTH : BUREAU_HTTP_HEAD_GOOD;
}

BureauHttpHead
bureau_http_head_check (const char *bytes, gsize length)
{
    gsize seen = MIN (length, BUREAU_HTTP_MAX_HEAD);
    const char *end, *bare;

    if (seen == 0)
        return BUREAU_HTTP_HEAD_INCOMPLETE;
    end = memmem (bytes, seen, "\r\n\r\n", 4);
    if (end != NULL)
        return check_lines ((Span){ bytes, end + 4 - bytes });
    /* A line that ends otherwise need not be waited out. */
    bare = memchr (bytes, '\n', seen);
    if (bare != NULL && (bare == bytes || bare[-1] != '\r'))
        return BUREAU_HTTP_HEAD_BAD;
    return length >= BUREAU_HTTP_MAX_HEAD ? BUREAU_HTTP_HEAD_TOO_LARGE
                                          : BUREAU_HTTP_HEAD_INCOMPLETE;
}

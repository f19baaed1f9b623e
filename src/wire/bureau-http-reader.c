/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-http-reader.h"

#include <string.h>

#define MAX_METHOD 16
/* More digits than any body that could be allowed. */
#define MAX_LENGTH_DIGITS 15

static gboolean
is_text (BureauHttpSpan span, const char *text)
{
    return span.length == strlen (text) && memcmp (span.text, text, span.length) == 0;
}

gboolean
bureau_http_span_is_named (BureauHttpSpan span, const char *name)
{
    return span.length == strlen (name) && g_ascii_strncasecmp (span.text, name, span.length) == 0;
}

static gboolean
is_token_byte (char byte)
{
    return g_ascii_isalnum (byte) || byte == '-' ||
           (byte != '\0' && strchr ("!#$%&'*+.^_`|~", byte) != NULL);
}

static gboolean
is_value_byte (char byte)
{
    return ((guint8) byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

/* ------------------------------------------------------------------ the first line */

static BureauHttpVerdict
read_line_end (BureauHttpReader *reader)
{
    for (guint i = 0; i < 2; i++) {
        if (reader->position == reader->end)
            return BUREAU_HTTP_INCOMPLETE;
        if (*reader->position++ != "\r\n"[i])
            return BUREAU_HTTP_BAD;
    }
    return BUREAU_HTTP_GOOD;
}

static BureauHttpVerdict
read_method (BureauHttpReader *reader)
{
    BureauHttpSpan method = { reader->position, 0 };

    while (reader->position < reader->end && g_ascii_isupper (*reader->position))
        reader->position++;
    method.length = reader->position - method.text;
    if (method.length > MAX_METHOD)
        return BUREAU_HTTP_BAD;
    if (reader->position == reader->end)
        return BUREAU_HTTP_INCOMPLETE;
    if (method.length == 0 || *reader->position++ != ' ' || is_text (method, "CONNECT"))
        return BUREAU_HTTP_BAD;
    /* HTTP/2's preface begins so, and nothing else: RFC 9113, section 3.4. */
    if (is_text (method, "PRI"))
        return BUREAU_HTTP_NOT_SUPPORTED;
    reader->method = method;
    return BUREAU_HTTP_GOOD;
}

/* What stands for a control character is as bad as one: it would end a line or a string once
 * somebody unescapes it. */
static BureauHttpVerdict
check_escape (const char *escape, const char *end)
{
    guint code = 0;

    for (guint i = 1; i <= 2; i++) {
        if (escape + i == end)
            return BUREAU_HTTP_INCOMPLETE;
        if (!g_ascii_isxdigit (escape[i]))
            return BUREAU_HTTP_BAD;
        code = code << 4 | g_ascii_xdigit_value (escape[i]);
    }
    return code < 0x20 || code == 0x7f ? BUREAU_HTTP_BAD : BUREAU_HTTP_GOOD;
}

/* The scheme and "//" that @target begins with, in bytes; 0 if it begins otherwise. As long as it
 * is not @whole, the beginning of such a beginning counts. */
static gsize
measure_scheme (BureauHttpSpan target, gboolean whole)
{
    static const char *const schemes[] = { "http://", "https://" };

    for (guint i = 0; i < G_N_ELEMENTS (schemes); i++) {
        gsize length = strlen (schemes[i]);

        if (g_ascii_strncasecmp (target.text, schemes[i], MIN (length, target.length)) == 0 &&
            (target.length > length || !whole))
            return length;
    }
    return 0;
}

/* Origin form, absolute form, or the asterisk of OPTIONS: RFC 9112, section 3.2. */
static gboolean
check_form (BureauHttpReader *reader, BureauHttpSpan target, gboolean whole)
{
    if (target.length == 0)
        return !whole;
    if (*target.text == '/')
        return TRUE;
    if (*target.text == '*')
        return target.length == 1 && is_text (reader->method, "OPTIONS");
    return measure_scheme (target, whole) > 0;
}

/* FALSE if an absolute one has no host, or a user's name before it. */
static gboolean
split_target (BureauHttpReader *reader, BureauHttpSpan target)
{
    const char *end = target.text + target.length;
    const char *path = target.text, *query = memchr (target.text, '?', target.length);

    if (query == NULL)
        query = end;
    else
        reader->query = (BureauHttpSpan){ query + 1, end - query - 1 };
    if (*target.text != '/' && *target.text != '*') {
        const char *authority = target.text + measure_scheme (target, TRUE);

        path = memchr (authority, '/', query - authority);
        if (path == NULL)
            path = query;
        if (path <= authority || memchr (authority, '@', path - authority) != NULL)
            return FALSE;
        reader->authority = (BureauHttpSpan){ authority, path - authority };
    }
    reader->path = (BureauHttpSpan){ path, query - path };
    return TRUE;
}

static BureauHttpVerdict
read_target (BureauHttpReader *reader)
{
    BureauHttpSpan target = { reader->position, 0 };
    BureauHttpVerdict verdict;

    for (; reader->position < reader->end && *reader->position != ' '; reader->position++) {
        char byte = *reader->position;

        if ((guint8) byte <= 0x20 || (guint8) byte >= 0x7f || byte == '#')
            return BUREAU_HTTP_BAD;
        if (byte == '%' &&
            (verdict = check_escape (reader->position, reader->end)) != BUREAU_HTTP_GOOD)
            return verdict;
    }
    target.length = reader->position - target.text;
    if (!check_form (reader, target, reader->position < reader->end))
        return BUREAU_HTTP_BAD;
    if (reader->position++ == reader->end)
        return BUREAU_HTTP_INCOMPLETE;
    return split_target (reader, target) ? BUREAU_HTTP_GOOD : BUREAU_HTTP_BAD;
}

static BureauHttpVerdict
read_version (BureauHttpReader *reader)
{
    static const char name[] = "HTTP/";
    const char *version = reader->position;
    gsize length = reader->end - version;

    if (memcmp (version, name, MIN (length, strlen (name))) != 0)
        return BUREAU_HTTP_BAD;
    if (length < strlen ("HTTP/1.1"))
        return BUREAU_HTTP_INCOMPLETE;
    if (!g_ascii_isdigit (version[5]) || version[6] != '.' || !g_ascii_isdigit (version[7]))
        return BUREAU_HTTP_BAD;
    if (version[5] != '1' || version[7] > '1')
        return BUREAU_HTTP_NOT_SUPPORTED;
    reader->minor = version[7] - '0';
    reader->position += strlen ("HTTP/1.1");
    return read_line_end (reader);
}

/* ------------------------------------------------------------------ the other lines */

BureauHttpSpan
bureau_http_span_trim (BureauHttpSpan span)
{
    for (; span.length > 0 && (*span.text == ' ' || *span.text == '\t'); span.length--)
        span.text++;
    while (span.length > 0 && strchr (" \t", span.text[span.length - 1]) != NULL)
        span.length--;
    return span;
}

static gboolean
check_host (BureauHttpReader *reader, BureauHttpSpan value)
{
    reader->host = value;
    return ++reader->n_hosts == 1 && value.length > 0 &&
           memchr (value.text, ',', value.length) == NULL;
}

static gboolean
check_content_length (BureauHttpReader *reader, BureauHttpSpan value)
{
    for (gsize i = 0; i < value.length; i++) {
        if (!g_ascii_isdigit (value.text[i]))
            return FALSE;
    }
    reader->content_length = value;
    return ++reader->n_content_lengths == 1 && value.length > 0 &&
           value.length <= MAX_LENGTH_DIGITS;
}

static BureauHttpVerdict
take_field (BureauHttpReader *reader, BureauHttpField field)
{
    if (bureau_http_span_is_named (field.name, "Transfer-Encoding"))
        return BUREAU_HTTP_NO_LENGTH;
    if (bureau_http_span_is_named (field.name, "Host") && !check_host (reader, field.value))
        return BUREAU_HTTP_BAD;
    if (bureau_http_span_is_named (field.name, "Content-Length") &&
        !check_content_length (reader, field.value))
        return BUREAU_HTTP_BAD;
    if (reader->n_fields == BUREAU_HTTP_MAX_HEADERS)
        return BUREAU_HTTP_TOO_LARGE;
    reader->fields[reader->n_fields++] = field;
    return BUREAU_HTTP_GOOD;
}

/* A name that begins with space would continue the line before: nobody does that any more. */
static BureauHttpVerdict
read_field (BureauHttpReader *reader)
{
    BureauHttpField field = { .name.text = reader->position };
    BureauHttpVerdict verdict;

    while (reader->position < reader->end && is_token_byte (*reader->position))
        reader->position++;
    if (reader->position == reader->end)
        return BUREAU_HTTP_INCOMPLETE;
    field.name.length = reader->position - field.name.text;
    if (field.name.length == 0 || *reader->position++ != ':')
        return BUREAU_HTTP_BAD;
    field.value.text = reader->position;
    while (reader->position < reader->end && is_value_byte (*reader->position))
        reader->bits |= *reader->position++;
    field.value.length = reader->position - field.value.text;
    field.value = bureau_http_span_trim (field.value);
    verdict = read_line_end (reader);
    return verdict == BUREAU_HTTP_GOOD ? take_field (reader, field) : verdict;
}

static BureauHttpVerdict
read_fields (BureauHttpReader *reader)
{
    while (reader->position < reader->end && *reader->position != '\r') {
        BureauHttpVerdict verdict = read_field (reader);

        if (verdict != BUREAU_HTTP_GOOD)
            return verdict;
    }
    return read_line_end (reader);
}

BureauHttpVerdict
bureau_http_reader_read (BureauHttpReader *reader)
{
    BureauHttpVerdict verdict = read_method (reader);

    if (verdict == BUREAU_HTTP_GOOD)
        verdict = read_target (reader);
    if (verdict == BUREAU_HTTP_GOOD)
        verdict = read_version (reader);
    if (verdict == BUREAU_HTTP_GOOD)
        verdict = read_fields (reader);
    if (verdict == BUREAU_HTTP_GOOD && reader->n_hosts == 0 && reader->minor == 1)
        return BUREAU_HTTP_BAD;
    return verdict;
}

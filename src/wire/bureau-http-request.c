/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-http-request.h"

#include <string.h>

#include "bureau-handshake.h"

#define MAX_METHOD 16
/* More digits than any body that could be allowed. */
#define MAX_LENGTH_DIGITS 15

typedef struct {
    const char *text;
    gsize length;
} Span;

typedef struct {
    Span name;
    Span value;
} Field;

/* What the head says, as spans of the bytes it came in: nothing is allocated before it is good. */
typedef struct {
    const char *position;
    const char *end;
    Span method;
    Span authority; /* of an absolute target */
    Span path;      /* may be empty behind an authority */
    Span query;
    guint minor;
    Field *fields;
    guint n_fields;
    Span host;
    guint n_hosts;
    Span content_length;
    guint n_content_lengths;
    guint8 bits; /* that any byte of any value has */
} Reader;

static gboolean
is_text (Span span, const char *text)
{
    return span.length == strlen (text) && memcmp (span.text, text, span.length) == 0;
}

static gboolean
is_named (Span span, const char *name)
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
read_line_end (Reader *reader)
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
read_method (Reader *reader)
{
    Span method = { reader->position, 0 };

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
measure_scheme (Span target, gboolean whole)
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
check_form (Reader *reader, Span target, gboolean whole)
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
split_target (Reader *reader, Span target)
{
    const char *end = target.text + target.length;
    const char *path = target.text, *query = memchr (target.text, '?', target.length);

    if (query == NULL)
        query = end;
    else
        reader->query = (Span){ query + 1, end - query - 1 };
    if (*target.text != '/' && *target.text != '*') {
        const char *authority = target.text + measure_scheme (target, TRUE);

        path = memchr (authority, '/', query - authority);
        if (path == NULL)
            path = query;
        if (path <= authority || memchr (authority, '@', path - authority) != NULL)
            return FALSE;
        reader->authority = (Span){ authority, path - authority };
    }
    reader->path = (Span){ path, query - path };
    return TRUE;
}

static BureauHttpVerdict
read_target (Reader *reader)
{
    Span target = { reader->position, 0 };
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
read_version (Reader *reader)
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

static Span
trim (Span span)
{
    for (; span.length > 0 && (*span.text == ' ' || *span.text == '\t'); span.length--)
        span.text++;
    while (span.length > 0 && strchr (" \t", span.text[span.length - 1]) != NULL)
        span.length--;
    return span;
}

static gboolean
check_host (Reader *reader, Span value)
{
    reader->host = value;
    return ++reader->n_hosts == 1 && value.length > 0 &&
           memchr (value.text, ',', value.length) == NULL;
}

static gboolean
check_content_length (Reader *reader, Span value)
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
take_field (Reader *reader, Field field)
{
    if (is_named (field.name, "Transfer-Encoding"))
        return BUREAU_HTTP_NO_LENGTH;
    if (is_named (field.name, "Host") && !check_host (reader, field.value))
        return BUREAU_HTTP_BAD;
    if (is_named (field.name, "Content-Length") && !check_content_length (reader, field.value))
        return BUREAU_HTTP_BAD;
    if (reader->n_fields == BUREAU_HTTP_MAX_HEADERS)
        return BUREAU_HTTP_TOO_LARGE;
    reader->fields[reader->n_fields++] = field;
    return BUREAU_HTTP_GOOD;
}

/* A name that begins with space would continue the line before: nobody does that any more. */
static BureauHttpVerdict
read_field (Reader *reader)
{
    Field field = { .name.text = reader->position };
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
    field.value = trim (field.value);
    verdict = read_line_end (reader);
    return verdict == BUREAU_HTTP_GOOD ? take_field (reader, field) : verdict;
}

static BureauHttpVerdict
read_fields (Reader *reader)
{
    while (reader->position < reader->end && *reader->position != '\r') {
        BureauHttpVerdict verdict = read_field (reader);

        if (verdict != BUREAU_HTTP_GOOD)
            return verdict;
    }
    return read_line_end (reader);
}

static BureauHttpVerdict
read_head (Reader *reader)
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

/* ------------------------------------------------------------------ the request made of it */

/* Each puts a text and its NUL at @out, which moves behind it. What a head puts fits in its own
 * length: where a text ends there, at least one byte is no text. The query comes twice, once as it
 * is and once decoded. */
static char *
put (char **out, Span span)
{
    char *text = *out;

    if (span.length > 0)
        memcpy (text, span.text, span.length);
    text[span.length] = '\0';
    *out = text + span.length + 1;
    return text;
}

static char *
put_decoded (char **out, Span span, gboolean is_form)
{
    char *text = *out, *write = text;

    for (const char *read = span.text; read < span.text + span.length; read++) {
        if (*read == '%') {
            *write++ = g_ascii_xdigit_value (read[1]) << 4 | g_ascii_xdigit_value (read[2]);
            read += 2;
        } else {
            *write++ = is_form && *read == '+' ? ' ' : *read;
        }
    }
    *write = '\0';
    *out = write + 1;
    return text;
}

/* application/x-www-form-urlencoded, as the URL standard decodes it. FALSE if a part of it is not
 * UTF-8. */
static gboolean
put_query (BureauHttpRequest *request, char **out, Span query)
{
    const char *end = query.text + query.length, *next;
    gboolean good = TRUE;

    for (const char *start = query.text; start < end; start = next + 1) {
        const char *equals;
        char *name, *value;

        next = memchr (start, '&', end - start);
        if (next == NULL)
            next = end;
        if (next == start)
            continue;
        equals = memchr (start, '=', next - start);
        if (equals == NULL)
            equals = next;
        name = put_decoded (out, (Span){ start, equals - start }, TRUE);
        value = equals == next ? name + strlen (name)
                               : put_decoded (out, (Span){ equals + 1, next - equals - 1 }, TRUE);
        good &= g_utf8_validate (name, -1, NULL) && g_utf8_validate (value, -1, NULL);
        g_hash_table_insert (request->query, name, value);
    }
    return good;
}

static void
put_field (BureauHttpRequest *request, char **out, Field field)
{
    char *name = put (out, field.name);

    for (char *byte = name; *byte != '\0'; byte++)
        *byte = g_ascii_tolower (*byte);
    request->headers[request->n_headers++] = (BureauHttpHeader){ name, put (out, field.value) };
}

/* Behind the value of @field, which was put last, those of the fields from @index on that have the
 * same name; they have no name from then on. */
static void
put_repetitions (const Reader *reader, char **out, guint index, Span name)
{
    for (; index < reader->n_fields; index++) {
        Field *other = &reader->fields[index];

        if (other->name.length != name.length ||
            g_ascii_strncasecmp (other->name.text, name.text, name.length) != 0)
            continue;
        /* Over the NUL. */
        memcpy (*out - 1, ", ", 2);
        *out += 1;
        put (out, other->value);
        other->name.length = 0;
    }
}

static void
put_fields (BureauHttpRequest *request, char **out, const Reader *reader)
{
    for (guint i = 0; i < reader->n_fields; i++) {
        if (reader->fields[i].name.length == 0)
            continue;
        put_field (request, out, reader->fields[i]);
        put_repetitions (reader, out, i + 1, reader->fields[i].name);
    }
}

static void
put_wishes (BureauHttpRequest *request)
{
    const char *expect = bureau_http_request_get_header (request, "expect");
    gboolean wishes = request->minor == 1 ||
                      bureau_http_request_has_token (request, "connection", "keep-alive");

    request->keep_alive = wishes && !bureau_http_request_has_token (request, "connection", "close");
    request->expects_continue = request->minor == 1 && expect != NULL &&
                                g_ascii_strcasecmp (expect, "100-continue") == 0;
}

/* NULL if the path or the query is not UTF-8. */
static BureauHttpRequest *
make_request (const Reader *reader, gsize head_length)
{
    gsize table = reader->n_fields * sizeof (BureauHttpHeader);
    g_autoptr (BureauHttpRequest) request = g_malloc (sizeof *request + table + head_length +
                                                      reader->query.length + 1);
    char *out = (char *) request + sizeof *request + table;

    *request = (BureauHttpRequest){ .minor = reader->minor };
    request->query = g_hash_table_new (g_str_hash, g_str_equal);
    request->method = put (&out, reader->method);
    request->path = reader->path.length == 0 ? "/" : put_decoded (&out, reader->path, FALSE);
    if (reader->query.text != NULL)
        request->query_text = put (&out, reader->query);
    if (!g_utf8_validate (request->path, -1, NULL) ||
        (reader->query.text != NULL && !put_query (request, &out, reader->query)))
        return NULL;
    if (reader->authority.length > 0)
        request->host = put (&out, reader->authority);
    put_fields (request, &out, reader);
    if (request->host == NULL)
        request->host = bureau_http_request_get_header (request, "host");
    for (gsize i = 0; i < reader->content_length.length; i++)
        request->content_length = request->content_length * 10 +
                                  g_ascii_digit_value (reader->content_length.text[i]);
    put_wishes (request);
    return g_steal_pointer (&request);
}

/* ------------------------------------------------------------------ public */

BureauHttpVerdict
bureau_http_request_parse (const char *bytes, gsize length, BureauHttpRequest **request,
                           gsize *head_length)
{
    Field fields[BUREAU_HTTP_MAX_HEADERS];
    Reader reader = {
        .position = bytes,
        .end = bytes + MIN (length, BUREAU_HTTP_MAX_HEAD),
        .fields = fields,
    };
    BureauHttpVerdict verdict = read_head (&reader);
    BureauHttpRequest *made;

    if (verdict == BUREAU_HTTP_INCOMPLETE && length >= BUREAU_HTTP_MAX_HEAD)
        return BUREAU_HTTP_TOO_LARGE;
    if (verdict != BUREAU_HTTP_GOOD)
        return verdict;
    if ((reader.bits & 0x80) != 0 && !g_utf8_validate_len (bytes, reader.position - bytes, NULL))
        return BUREAU_HTTP_BAD;
    made = make_request (&reader, reader.position - bytes);
    if (made == NULL)
        return BUREAU_HTTP_BAD;
    *request = made;
    *head_length = reader.position - bytes;
    return BUREAU_HTTP_GOOD;
}

void
bureau_http_request_free (BureauHttpRequest *request)
{
    g_hash_table_unref (request->query);
    g_free (request);
}

const char *
bureau_http_request_get_header (const BureauHttpRequest *request, const char *name)
{
    for (guint i = 0; i < request->n_headers; i++) {
        if (g_ascii_strcasecmp (request->headers[i].name, name) == 0)
            return request->headers[i].value;
    }
    return NULL;
}

gboolean
bureau_http_request_has_token (const BureauHttpRequest *request, const char *name,
                               const char *token)
{
    const char *list = bureau_http_request_get_header (request, name);

    while (list != NULL) {
        const char *comma = strchr (list, ',');
        Span member = trim ((Span){ list, comma == NULL ? strlen (list) : (gsize) (comma - list) });

        if (is_named (member, token))
            return TRUE;
        list = comma == NULL ? NULL : comma + 1;
    }
    return FALSE;
}

/* Sixteen bytes in base64. */
static gboolean
is_key (const char *key)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    return key != NULL && strspn (key, digits) == 22 && strcmp (key + 22, "==") == 0;
}

gboolean
bureau_http_request_is_upgrade (const BureauHttpRequest *request)
{
    return strcmp (request->method, "GET") == 0 && request->minor == 1 &&
           request->content_length == 0 &&
           bureau_http_request_has_token (request, "upgrade", "websocket") &&
           bureau_http_request_has_token (request, "connection", "upgrade") &&
           g_strcmp0 (bureau_http_request_get_header (request, "sec-websocket-version"), "13") ==
               0 &&
           is_key (bureau_http_request_get_header (request, "sec-websocket-key"));
}

char *
bureau_http_request_make_accept (const BureauHttpRequest *request)
{
    return bureau_handshake_make_accept (
        bureau_http_request_get_header (request, "sec-websocket-key"));
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-http-request.h"

#include <string.h>

#include "bureau-handshake.h"
#include "bureau-http-reader.h"

/* ------------------------------------------------------------------ the request made of it */

/* Each puts a text and its NUL at @out, which moves behind it. What a head puts fits in its own
 * length: where a text ends there, at least one byte is no text. The query comes twice, once as it
 * is and once decoded. */
static char *
put (char **out, BureauHttpSpan span)
{
    char *text = *out;

    if (span.length > 0)
        memcpy (text, span.text, span.length);
    text[span.length] = '\0';
    *out = text + span.length + 1;
    return text;
}

static char *
put_decoded (char **out, BureauHttpSpan span, gboolean is_form)
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
put_query (BureauHttpRequest *request, char **out, BureauHttpSpan query)
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
        name = put_decoded (out, (BureauHttpSpan){ start, equals - start }, TRUE);
        value = equals == next
                    ? name + strlen (name)
                    : put_decoded (out, (BureauHttpSpan){ equals + 1, next - equals - 1 }, TRUE);
        good &= g_utf8_validate (name, -1, NULL) && g_utf8_validate (value, -1, NULL);
        g_hash_table_insert (request->query, name, value);
    }
    return good;
}

static void
put_field (BureauHttpRequest *request, char **out, BureauHttpField field)
{
    char *name = put (out, field.name);

    for (char *byte = name; *byte != '\0'; byte++)
        *byte = g_ascii_tolower (*byte);
    request->headers[request->n_headers++] = (BureauHttpHeader){ name, put (out, field.value) };
}

/* Behind the value that was put last, those of the fields from @index on that are called @name too;
 * they have no name from then on. */
static void
put_repetitions (const BureauHttpReader *reader, char **out, guint index, BureauHttpSpan name)
{
    for (; index < reader->n_fields; index++) {
        BureauHttpField *other = &reader->fields[index];

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
put_fields (BureauHttpRequest *request, char **out, const BureauHttpReader *reader)
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
make_request (const BureauHttpReader *reader, gsize head_length)
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
    BureauHttpField fields[BUREAU_HTTP_MAX_HEADERS];
    BureauHttpReader reader = {
        .position = bytes,
        .end = bytes + MIN (length, BUREAU_HTTP_MAX_HEAD),
        .fields = fields,
    };
    BureauHttpVerdict verdict = bureau_http_reader_read (&reader);
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
        BureauHttpSpan member = bureau_http_span_trim (
            (BureauHttpSpan){ list, comma == NULL ? strlen (list) : (gsize) (comma - list) });

        if (bureau_http_span_is_named (member, token))
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

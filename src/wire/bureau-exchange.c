/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-server-private.h"

#include <string.h>

/* Of an answer's head, all but what its owner adds. */
#define HEAD_SIZE 256

BureauExchange *
bureau_exchange_ref (BureauExchange *exchange)
{
    exchange->references++;
    return exchange;
}

void
bureau_exchange_unref (BureauExchange *exchange)
{
    if (--exchange->references > 0)
        return;
    bureau_http_request_free (exchange->request);
    g_clear_pointer (&exchange->body, g_byte_array_unref);
    g_clear_pointer (&exchange->stream, bureau_stream_free);
    if (exchange->headers != NULL)
        g_string_free (exchange->headers, TRUE);
    g_free (exchange->address);
    g_free (exchange);
}

/* ------------------------------------------------------------------ the request */

const char *
bureau_exchange_get_method (BureauExchange *exchange)
{
    return exchange->request->method;
}

const char *
bureau_exchange_get_path (BureauExchange *exchange)
{
    return exchange->request->path;
}

GHashTable *
bureau_exchange_get_query (BureauExchange *exchange)
{
    return exchange->request->query;
}

const char *
bureau_exchange_get_query_text (BureauExchange *exchange)
{
    return exchange->request->query_text;
}

const char *
bureau_exchange_get_header (BureauExchange *exchange, const char *name)
{
    return bureau_http_request_get_header (exchange->request, name);
}

const char *
bureau_exchange_get_body (BureauExchange *exchange, gsize *length)
{
    *length = exchange->body == NULL ? 0 : exchange->body->len;
    return exchange->body == NULL ? "" : (const char *) exchange->body->data;
}

const char *
bureau_exchange_get_address (BureauExchange *exchange)
{
    return exchange->address;
}

gboolean
bureau_exchange_is_secure (BureauExchange *exchange)
{
    return exchange->is_secure;
}

gboolean
bureau_exchange_is_over (BureauExchange *exchange)
{
    return exchange->channel == NULL;
}

void
bureau_exchange_set_signed_in (BureauExchange *exchange)
{
    if (exchange->channel != NULL)
        bureau_channel_set_waiting (exchange->channel, FALSE);
}

/* ------------------------------------------------------------------ the answer */

static const char *
get_phrase (guint status)
{
    switch (status) {
    case 200:
        return "OK";
    case 204:
        return "No Content";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 421:
        return "Misdirected Request";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        /* It may be empty: RFC 9112, section 4. */
        return "";
    }
}

static gboolean
has_control (const char *text)
{
    for (; *text != '\0'; text++) {
        if (g_ascii_iscntrl (*text))
            return TRUE;
    }
    return FALSE;
}

void
bureau_exchange_set_header (BureauExchange *exchange, const char *name, const char *value)
{
    if (has_control (value))
        return;
    if (exchange->headers == NULL)
        exchange->headers = g_string_new (NULL);
    g_string_append (exchange->headers, name);
    g_string_append (exchange->headers, ": ");
    g_string_append (exchange->headers, value);
    g_string_append (exchange->headers, "\r\n");
}

GString *
bureau_http_format_head (guint status, const char *type, gsize length, gsize room)
{
    GString *head = g_string_sized_new (HEAD_SIZE + room);
    char number[32];

    g_snprintf (number, sizeof number, "HTTP/1.1 %u ", status);
    g_string_append (head, number);
    g_string_append (head, get_phrase (status));
    g_string_append (head, "\r\n");
    if (type != NULL) {
        g_string_append (head, "Content-Type: ");
        g_string_append (head, type);
        g_string_append (head, "\r\n");
    }
    /* RFC 9110, section 8.6 */
    if (status != 204 && length != BUREAU_NO_LENGTH) {
        g_snprintf (number, sizeof number, "%" G_GSIZE_FORMAT "\r\n", length);
        g_string_append (head, "Content-Length: ");
        g_string_append (head, number);
    }
    g_string_append (head, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n");
    return head;
}

BureauChannel *
bureau_exchange_leave_channel (BureauExchange *exchange)
{
    BureauChannel *channel = g_steal_pointer (&exchange->channel);

    channel->exchange = NULL;
    return channel;
}

/* Not where what comes next may be no request: what is not read of a body, or what a peer sends
 * behind an upgrade that it did not get. */
gboolean
bureau_exchange_is_kept_alive (BureauExchange *exchange)
{
    BureauHttpRequest *request = exchange->request;
    gsize read = exchange->body == NULL ? 0 : exchange->body->len;

    return request->keep_alive && !exchange->closes && read == request->content_length &&
           bureau_http_request_get_header (request, "upgrade") == NULL;
}

void
bureau_exchange_append_headers (BureauExchange *exchange, gboolean keep_alive, GString *head)
{
    if (exchange->headers != NULL)
        g_string_append_len (head, exchange->headers->str, exchange->headers->len);
    if (!keep_alive)
        g_string_append (head, "Connection: close\r\n");
    else if (exchange->request->minor == 0)
        g_string_append (head, "Connection: keep-alive\r\n");
    g_string_append (head, "\r\n");
}

static void
answer (BureauExchange *exchange, guint status, const char *type, const char *body, gsize length)
{
    gboolean keep_alive = bureau_exchange_is_kept_alive (exchange);
    BureauChannel *channel;
    GString *out;

    if (bureau_exchange_is_over (exchange))
        return;
    out = bureau_http_format_head (status, type, length, length);
    bureau_exchange_append_headers (exchange, keep_alive, out);
    if (strcmp (exchange->request->method, "HEAD") != 0)
        g_string_append_len (out, body, length);
    channel = bureau_exchange_leave_channel (exchange);
    bureau_channel_write (channel, out);
    bureau_http_go_on (channel, keep_alive);
    /* The channel's. */
    bureau_exchange_unref (exchange);
}

void
bureau_exchange_answer (BureauExchange *exchange, guint status, const char *type, GBytes *body)
{
    gsize length = 0;
    const char *data = body == NULL ? NULL : g_bytes_get_data (body, &length);

    answer (exchange, status, type, data == NULL ? "" : data, length);
}

void
bureau_exchange_answer_take (BureauExchange *exchange, guint status, const char *type, char *text)
{
    answer (exchange, status, type, text, strlen (text));
    g_free (text);
}

void
bureau_exchange_refuse (BureauExchange *exchange, guint status, const char *type, const char *body)
{
    exchange->closes = TRUE;
    answer (exchange, status, type, body == NULL ? "" : body, body == NULL ? 0 : strlen (body));
}

BureauChannel *
bureau_exchange_upgrade (BureauExchange *exchange, BureauSession *session, gsize max_message)
{
    g_autofree char *accept = bureau_http_request_make_accept (exchange->request);
    GString *out = g_string_sized_new (HEAD_SIZE);
    BureauChannel *channel;

    g_string_append (out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Accept: ");
    g_string_append (out, accept);
    g_string_append (out, "\r\n");
    if (exchange->headers != NULL)
        g_string_append_len (out, exchange->headers->str, exchange->headers->len);
    g_string_append (out, "\r\n");
    channel = bureau_exchange_leave_channel (exchange);
    bureau_channel_write (channel, out);
    bureau_channel_upgrade (channel, session, max_message);
    bureau_exchange_unref (exchange);
    return channel;
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The requests on a channel, one after the other: whether they are for us, from whom, and how large
 * they may be; then they are Engine.IO's or the owner's. */

#include "bureau-server-private.h"

#include <string.h>

#include "bureau-origin.h"

#define API_PATH "/api/"
#define JSON     "application/json"
/* For how long a browser may remember what a preflight said; more than this none does. */
#define MAX_AGE_SECONDS "7200"

static char *
format_error (const char *code, const char *text)
{
    return g_strdup_printf ("{\"ok\":false,\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}", code,
                            text);
}

static void
answer_error (BureauExchange *exchange, guint status, const char *code, const char *text)
{
    bureau_exchange_answer_take (exchange, status, JSON, format_error (code, text));
}

/* ------------------------------------------------------------------ the body */

gboolean
bureau_http_is_whole (BureauExchange *exchange)
{
    return exchange->request->content_length == 0 ||
           (exchange->body != NULL && exchange->body->len == exchange->request->content_length);
}

/* Answered now or later. */
static void
hand_over (BureauExchange *exchange)
{
    BureauServer *server = exchange->server;

    /* A held poll has its session's time. */
    bureau_channel_set_deadline (exchange->channel,
                                 exchange->is_engine ? NULL : &server->answering);
    if (exchange->is_engine) {
        bureau_engine_take (exchange);
    } else if (server->hooks.request != NULL) {
        server->hooks.request (server, exchange, server->data);
        bureau_server_need_turn (server);
    } else {
        bureau_exchange_answer (exchange, 404, NULL, NULL);
    }
}

static void
read_body (BureauExchange *exchange)
{
    GByteArray *body = exchange->body, *input = exchange->channel->input;
    gsize part = MIN (exchange->request->content_length - body->len, input->len);

    g_byte_array_append (body, input->data, part);
    g_byte_array_remove_range (input, 0, part);
    if (!bureau_http_is_whole (exchange))
        return;
    g_byte_array_append (body, (const guint8 *) "", 1);
    g_byte_array_set_size (body, body->len - 1);
    hand_over (exchange);
}

static void
begin_body (BureauExchange *exchange)
{
    BureauChannel *channel = exchange->channel;

    if (exchange->request->content_length == 0) {
        hand_over (exchange);
        return;
    }
    exchange->body = g_byte_array_new ();
    bureau_channel_set_deadline (channel, &channel->server->bodying);
    if (exchange->request->expects_continue && channel->input->len == 0)
        bureau_channel_write (channel, g_string_new ("HTTP/1.1 100 Continue\r\n\r\n"));
    read_body (exchange);
}

/* ------------------------------------------------------------------ checks */

/* Through TLS by any name: which ones a router gives this machine is not known, and a page that has
 * its own name lead here would have to show a certificate for it. */
static gboolean
is_for_us (BureauExchange *exchange)
{
    const char *host = exchange->request->host;

    return exchange->server->options.any_host ||
           (host != NULL &&
            (exchange->is_secure || bureau_origin_is_own_host (host, exchange->channel->local)));
}

static gboolean
is_behind_door (BureauExchange *exchange)
{
    const char *path = exchange->request->path;

    return g_str_has_prefix (path, BUREAU_SOCKET_IO_PATH) ||
           g_str_has_prefix (path, BUREAU_ENGINE_IO_PATH) || g_str_has_prefix (path, API_PATH);
}

/* Other people's pages come in only if the office has named them. FALSE: they may not. */
static gboolean
check_origin (BureauExchange *exchange)
{
    const char *const *allowed = exchange->server->options.allowed_origins;
    const char *origin = bureau_exchange_get_header (exchange, "Origin");

    if (origin == NULL || !is_behind_door (exchange))
        return TRUE;
    if (!bureau_origin_is_allowed (allowed, origin))
        return FALSE;
    if (g_strv_contains (allowed, "*")) {
        bureau_exchange_set_header (exchange, "Access-Control-Allow-Origin", "*");
    } else {
        bureau_exchange_set_header (exchange, "Access-Control-Allow-Origin", origin);
        bureau_exchange_set_header (exchange, "Vary", "Origin");
        if (exchange->server->options.credentials)
            bureau_exchange_set_header (exchange, "Access-Control-Allow-Credentials", "true");
    }
    return TRUE;
}

/* A browser asks before it sends what a plain page could not. */
static gboolean
is_preflight (BureauExchange *exchange)
{
    return strcmp (exchange->request->method, "OPTIONS") == 0 && is_behind_door (exchange) &&
           bureau_exchange_get_header (exchange, "Origin") != NULL;
}

static gboolean
is_list_of_tokens (const char *text)
{
    static const char allowed[] = "!#$%&'*+-.^_`|~0123456789, \t"
                                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    return text[strspn (text, allowed)] == '\0';
}

static void
answer_preflight (BureauExchange *exchange)
{
    const char *headers = bureau_exchange_get_header (exchange, "Access-Control-Request-Headers");

    bureau_exchange_set_header (exchange, "Access-Control-Allow-Methods",
                                "GET,HEAD,PUT,PATCH,POST,DELETE");
    if (headers != NULL && is_list_of_tokens (headers))
        bureau_exchange_set_header (exchange, "Access-Control-Allow-Headers", headers);
    bureau_exchange_set_header (exchange, "Access-Control-Max-Age", MAX_AGE_SECONDS);
    bureau_exchange_set_header (exchange, "Vary", "Access-Control-Request-Headers");
    bureau_exchange_answer (exchange, 204, NULL, NULL);
}

static void
refuse_body (BureauExchange *exchange)
{
    g_autofree char *json = NULL;

    if (exchange->is_engine) {
        bureau_exchange_refuse (exchange, 413, NULL, NULL);
        return;
    }
    json = format_error ("too_large", "That is too much at once.");
    bureau_exchange_refuse (exchange, 413, JSON, json);
}

/* ------------------------------------------------------------------ requests */

static gboolean
is_engine (BureauServer *server, const char *path)
{
    return g_str_has_prefix (path, BUREAU_SOCKET_IO_PATH) ||
           (server->hooks.message != NULL && g_str_has_prefix (path, BUREAU_ENGINE_IO_PATH));
}

static BureauExchange *
exchange_new (BureauChannel *channel, BureauHttpRequest *request)
{
    BureauExchange *exchange = g_new0 (BureauExchange, 1);

    exchange->references = 1;
    exchange->server = channel->server;
    exchange->channel = channel;
    exchange->request = request;
    exchange->address = g_strdup (channel->address->name);
    exchange->is_secure = channel->tls != NULL;
    exchange->is_engine = is_engine (channel->server, request->path);
    return exchange;
}

static void
begin (BureauExchange *exchange)
{
    BureauHttpRequest *request = exchange->request;

    if (!is_for_us (exchange))
        answer_error (exchange, 421, "forbidden", "This is not that host.");
    else if (!check_origin (exchange))
        answer_error (exchange, 403, "forbidden", "No other origin is allowed.");
    else if (request->content_length > exchange->server->options.max_payload)
        refuse_body (exchange);
    else if (is_preflight (exchange))
        answer_preflight (exchange);
    else if (*request->path == '*')
        bureau_exchange_answer (exchange, 204, NULL, NULL);
    else if (!exchange->is_engine || bureau_engine_begin (exchange))
        begin_body (exchange);
}

static void
refuse_head (BureauChannel *channel, BureauHttpVerdict verdict)
{
    guint status = verdict == BUREAU_HTTP_NO_LENGTH       ? 411
                   : verdict == BUREAU_HTTP_TOO_LARGE     ? 431
                   : verdict == BUREAU_HTTP_NOT_SUPPORTED ? 505
                                                          : 400;
    g_autofree char *json = format_error ("invalid", "This is not a request that the hub takes.");
    GString *out = bureau_http_format_head (status, JSON, strlen (json), strlen (json));

    g_string_append (out, "Connection: close\r\n\r\n");
    g_string_append (out, json);
    bureau_channel_write (channel, out);
    bureau_channel_finish (channel);
}

/* The time for a head runs from its first byte, not from each. */
static void
await_head (BureauChannel *channel)
{
    BureauDeadlineList *heading = &channel->server->heading;

    if (channel->deadline.list != heading)
        bureau_channel_set_deadline (channel, heading);
}

static void
read_request (BureauChannel *channel)
{
    GByteArray *input = channel->input;
    g_autoptr (BureauExchange) exchange = NULL;
    BureauHttpRequest *request;
    gsize head_length;
    BureauHttpVerdict verdict = bureau_http_request_parse ((const char *) input->data, input->len,
                                                           &request, &head_length);

    if (verdict == BUREAU_HTTP_INCOMPLETE) {
        await_head (channel);
        return;
    }
    if (verdict != BUREAU_HTTP_GOOD) {
        refuse_head (channel, verdict);
        return;
    }
    g_byte_array_remove_range (input, 0, head_length);
    exchange = exchange_new (channel, request);
    channel->exchange = bureau_exchange_ref (exchange);
    begin (exchange);
}

/* Who asks and asks, and reads no answer, is not asked what else they want. */
static gboolean
is_answered (BureauChannel *channel)
{
    if (channel->outgoing.count > 0 || channel->sealed.count > 0)
        bureau_flush_channel (channel);
    return !channel->closing && channel->outgoing.count == 0 && channel->sealed.count == 0;
}

void
bureau_http_take (BureauChannel *channel)
{
    if (channel->closing || channel->input->len == 0)
        return;
    if (channel->exchange == NULL) {
        if (is_answered (channel))
            read_request (channel);
    } else if (!bureau_http_is_whole (channel->exchange)) {
        g_autoptr (BureauExchange) exchange = bureau_exchange_ref (channel->exchange);

        read_body (exchange);
    }
}

void
bureau_http_go_on (BureauChannel *channel, gboolean keep_alive)
{
    gboolean more = channel->input->len > 0;

    /* Of who has said all there is no next request. */
    if (!keep_alive || (channel->ended && !more)) {
        bureau_channel_finish (channel);
        return;
    }
    bureau_channel_set_deadline (channel,
                                 more ? &channel->server->heading : &channel->server->idling);
    /* Not from within this call; and the end of file is found by reading on. */
    if (more || channel->hangup || channel->unread)
        bureau_channel_mark_ready (channel);
}

/* The owner answers whoever still listens. */
static gboolean
outlives_half (BureauExchange *exchange)
{
    return !exchange->is_engine && bureau_http_is_whole (exchange);
}

void
bureau_http_lose (BureauChannel *channel, gboolean half)
{
    g_autoptr (BureauExchange) exchange = NULL;

    if (channel->exchange == NULL || (half && outlives_half (channel->exchange)))
        return;
    exchange = g_steal_pointer (&channel->exchange);
    exchange->channel = NULL;
    g_clear_pointer (&exchange->stream, bureau_stream_free);
    if (exchange->session != NULL)
        bureau_session_lose_exchange (exchange->session, exchange);
    if (half)
        bureau_channel_finish (channel);
}

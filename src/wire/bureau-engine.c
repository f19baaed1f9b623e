/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The requests of Engine.IO v4: wire.md, A1 to A4. */

#include "bureau-engine.h"

#include <string.h>

#define RETRY_AFTER "5" /* s */

/* What is wrong with a request; the values are the protocol's. */
typedef enum {
    VERDICT_GOOD = -1,
    VERDICT_UNKNOWN_TRANSPORT = 0,
    VERDICT_UNKNOWN_SESSION = 1,
    VERDICT_BAD_METHOD = 2,
    VERDICT_BAD_REQUEST = 3,
    VERDICT_UNSUPPORTED_VERSION = 5,
    VERDICT_TAKEN, /* a WebSocket for a session that has one, or is about to have one */
} Verdict;

/* ------------------------------------------------------------------ what is asked */

static const char *
get_parameter (BureauExchange *exchange, const char *name)
{
    return g_hash_table_lookup (exchange->request->query, name);
}

static gboolean
is_get (BureauExchange *exchange)
{
    return g_str_equal (exchange->request->method, "GET");
}

static gboolean
is_post (BureauExchange *exchange)
{
    return g_str_equal (exchange->request->method, "POST");
}

static gboolean
wants_websocket (BureauExchange *exchange)
{
    return g_strcmp0 (get_parameter (exchange, "transport"), "websocket") == 0;
}

static gboolean
speaks_version_4 (BureauExchange *exchange)
{
    return g_strcmp0 (get_parameter (exchange, "EIO"), "4") == 0;
}

gboolean
bureau_engine_wants_base64 (BureauExchange *exchange)
{
    const char *value = get_parameter (exchange, "b64");

    return value != NULL && *value != '\0';
}

static BureauSession *
find_session (BureauExchange *exchange)
{
    BureauServer *server = exchange->server;
    const char *id = get_parameter (exchange, "sid");
    BureauSession *session = id == NULL ? NULL : g_hash_table_lookup (server->sessions, id);

    if (session == NULL ||
        session->is_plain != g_str_has_prefix (exchange->request->path, BUREAU_ENGINE_IO_PATH))
        return NULL;
    bureau_session_check_time (session, bureau_server_now ());
    return session->state == BUREAU_SESSION_CLOSED ? NULL : session;
}

/* ------------------------------------------------------------------ whether it is good */

static Verdict
check_handshake (BureauExchange *exchange)
{
    if (!is_get (exchange))
        return VERDICT_BAD_METHOD;
    if (wants_websocket (exchange) && !bureau_http_request_is_upgrade (exchange->request))
        return VERDICT_BAD_REQUEST;
    return speaks_version_4 (exchange) ? VERDICT_GOOD : VERDICT_UNSUPPORTED_VERSION;
}

/* One that names @session. A session that was born on a WebSocket stays there (wire.md, H5). */
static Verdict
check_named (BureauExchange *exchange, BureauSession *session)
{
    if (!wants_websocket (exchange))
        return session->websocket != NULL ? VERDICT_BAD_REQUEST : VERDICT_GOOD;
    if (session->state != BUREAU_SESSION_OPEN)
        return VERDICT_UNKNOWN_SESSION;
    if (!bureau_http_request_is_upgrade (exchange->request) || !speaks_version_4 (exchange))
        return VERDICT_BAD_REQUEST;
    return session->websocket != NULL || session->probe != NULL ? VERDICT_TAKEN : VERDICT_GOOD;
}

/* In the order of wire.md, A1. @session: NULL if the request names none. */
static Verdict
check (BureauExchange *exchange, BureauSession **session)
{
    const char *transport = get_parameter (exchange, "transport");

    *session = NULL;
    if (g_strcmp0 (transport, "polling") != 0 && g_strcmp0 (transport, "websocket") != 0)
        return VERDICT_UNKNOWN_TRANSPORT;
    if (get_parameter (exchange, "sid") == NULL)
        return check_handshake (exchange);
    *session = find_session (exchange);
    return *session == NULL ? VERDICT_UNKNOWN_SESSION : check_named (exchange, *session);
}

/* ------------------------------------------------------------------ refusing */

/* A client that gets no 101 takes that for an error; this it takes for the end that it is (wire.md,
 * A8). */
static void
upgrade_and_close (BureauExchange *exchange)
{
    BureauChannel *channel = bureau_exchange_upgrade (
        exchange, NULL, exchange->server->options.max_waiting_payload);

    bureau_channel_end (channel, BUREAU_CLOSE_NO_STATUS, "");
}

static void
answer_verdict (BureauExchange *exchange, Verdict verdict)
{
    static const char *const messages[] = {
        [VERDICT_UNKNOWN_TRANSPORT] = "Transport unknown",
        [VERDICT_UNKNOWN_SESSION] = "Session ID unknown",
        [VERDICT_BAD_METHOD] = "Bad handshake method",
        [VERDICT_BAD_REQUEST] = "Bad request",
        [VERDICT_UNSUPPORTED_VERSION] = "Unsupported protocol version",
    };

    if (verdict == VERDICT_TAKEN) {
        upgrade_and_close (exchange);
        return;
    }
    bureau_exchange_answer_take (
        exchange, 400, "application/json",
        g_strdup_printf ("{\"code\":%d,\"message\":\"%s\"}", verdict, messages[verdict]));
}

static void
answer_full (BureauExchange *exchange)
{
    bureau_exchange_set_header (exchange, "Retry-After", RETRY_AFTER);
    bureau_exchange_refuse (
        exchange, 503, "application/json",
        "{\"ok\":false,\"error\":{\"code\":\"rate_limited\","
        "\"message\":\"There are too many connections. Try again in a moment.\","
        "\"retryAfterMs\":" RETRY_AFTER "000}}");
}

/* ------------------------------------------------------------------ opening a session */

static void
open_session (BureauExchange *exchange)
{
    gboolean is_websocket = wants_websocket (exchange);
    g_autofree char *greeting = NULL;
    g_autoptr (BureauFrame) frame = NULL;
    BureauSession *session;

    if (!bureau_address_has_room_for_session (exchange->server, exchange->channel->address)) {
        answer_full (exchange);
        return;
    }
    session = bureau_session_new (exchange);
    greeting = bureau_session_make_greeting (session, !is_websocket);
    if (!is_websocket) {
        bureau_exchange_answer_take (exchange, 200, "text/plain; charset=UTF-8",
                                     g_steal_pointer (&greeting));
        return;
    }
    session->websocket = bureau_exchange_upgrade (exchange, session,
                                                  bureau_session_get_max_message (session));
    frame = bureau_frame_new_text (session->server, greeting, strlen (greeting));
    bureau_session_queue (session, frame, NULL);
}

/* ------------------------------------------------------------------ from HTTP */

gboolean
bureau_engine_begin (BureauExchange *exchange)
{
    BureauSession *session;
    Verdict verdict = check (exchange, &session);

    if (verdict != VERDICT_GOOD) {
        answer_verdict (exchange, verdict);
        return FALSE;
    }
    if (session != NULL && !session->waiting)
        bureau_channel_set_waiting (exchange->channel, FALSE);
    if (is_post (exchange))
        return bureau_polling_begin_post (session, exchange);
    /* The session does not mind. */
    if (!is_get (exchange)) {
        bureau_exchange_answer (exchange, 500, NULL, NULL);
        return FALSE;
    }
    /* Nobody sends a GET with a body, so none is read. */
    if (exchange->request->content_length > 0) {
        answer_verdict (exchange, VERDICT_BAD_REQUEST);
        return FALSE;
    }
    return TRUE;
}

void
bureau_engine_take (BureauExchange *exchange)
{
    BureauSession *session = exchange->session;
    Verdict verdict;

    if (session != NULL) {
        bureau_polling_take_post (session);
        return;
    }
    verdict = check (exchange, &session);
    /* A POST that its session let go of while it was read: it has left polling, or is gone. */
    if (verdict == VERDICT_GOOD && is_post (exchange))
        verdict = VERDICT_BAD_REQUEST;
    if (verdict != VERDICT_GOOD)
        answer_verdict (exchange, verdict);
    else if (session == NULL)
        open_session (exchange);
    else if (wants_websocket (exchange))
        bureau_upgrade_begin (session, exchange);
    else
        bureau_polling_take_get (session, exchange);
}

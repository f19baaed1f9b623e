/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* An Engine.IO session, whichever way it travels: wire.md, A4, A5, A7, A9. */

#include "bureau-engine.h"

#include "bureau-payload.h"

/* ------------------------------------------------------------------ the end */

/* CLOSING only by polling. */
static void
begin_end (BureauSession *session, BureauSessionState state, const char *reason)
{
    session->state = state;
    if (session->close_reason == NULL)
        session->close_reason = g_strdup (reason);
    bureau_deadline_leave (&session->heartbeat);
    bureau_deadline_leave (&session->admission);
    bureau_deadline_leave (&session->nudge);
    bureau_upgrade_cancel (session);
    if (state == BUREAU_SESSION_CLOSED) {
        g_hash_table_remove (session->server->sessions, session->id);
        bureau_outgoing_clear (&session->pending);
        bureau_polling_forget_post (session);
    }
    bureau_server_mark_doomed (session->server, session);
}

static BureauChannel *
detach_websocket (BureauSession *session)
{
    BureauChannel *channel = g_steal_pointer (&session->websocket);

    if (channel != NULL)
        channel->session = NULL;
    return channel;
}

void
bureau_session_close (BureauSession *session, guint16 code, const char *reason)
{
    BureauServer *server = session->server;
    BureauChannel *channel;

    if (session->state != BUREAU_SESSION_OPEN)
        return;
    if (session->websocket != NULL)
        bureau_session_end_rest (session);
    channel = detach_websocket (session);
    if (channel != NULL) {
        begin_end (session, BUREAU_SESSION_CLOSED, reason);
        bureau_channel_end (channel, code, reason);
        return;
    }
    begin_end (session, BUREAU_SESSION_CLOSING, reason);
    /* Who has as long as for signing in to fetch what waits, and does not, has gone. */
    bureau_deadline_enter (&server->admitting, &session->admission, session, bureau_server_now ());
    if (session->poll != NULL)
        bureau_server_mark_polled (server, session);
}

void
bureau_session_drop (BureauSession *session, guint16 code, const char *reason)
{
    BureauChannel *channel;

    if (session->state == BUREAU_SESSION_CLOSED)
        return;
    channel = detach_websocket (session);
    begin_end (session, BUREAU_SESSION_CLOSED, reason);
    bureau_polling_answer_with (session, "1");
    if (channel != NULL)
        bureau_channel_drop (channel, code, reason);
}

void
bureau_session_fail (BureauSession *session, const char *reason)
{
    if (session->websocket != NULL)
        bureau_session_close (session, BUREAU_CLOSE_BAD_PACKET, reason);
    else
        bureau_session_drop (session, BUREAU_CLOSE_BAD_PACKET, reason);
}

void
bureau_session_finish (BureauSession *session)
{
    begin_end (session, BUREAU_SESSION_CLOSED, NULL);
    bureau_polling_answer_with (session, "1");
}

/* It said `1`. */
static void
close_for_peer (BureauSession *session)
{
    if (session->websocket != NULL) {
        bureau_session_close (session, BUREAU_CLOSE_NO_STATUS, "transport close");
        return;
    }
    bureau_polling_answer_with (session, "6");
    bureau_session_drop (session, BUREAU_CLOSE_NO_STATUS, "transport close");
}

void
bureau_session_lose_channel (BureauSession *session, BureauChannel *channel, const char *reason)
{
    if (channel == session->probe) {
        bureau_upgrade_forget (session);
    } else if (channel == session->websocket) {
        detach_websocket (session);
        begin_end (session, BUREAU_SESSION_CLOSED, reason);
    }
}

void
bureau_session_report (BureauSession *session)
{
    if (session->state == BUREAU_SESSION_OPEN) {
        bureau_protocol_report (session);
        return;
    }
    bureau_protocol_end (session);
    if (session->state == BUREAU_SESSION_CLOSED)
        bureau_session_free (session);
}

/* ------------------------------------------------------------------ time */

/* From when the ping was due, not from now: a silent peer gains nothing by our being busy. But if
 * we were away (a machine that slept), it had no chance to answer, and its time begins now. */
static gint64
find_ping_time (BureauSession *session)
{
    BureauServer *server = session->server;
    gint64 now = bureau_server_now (), time = session->heartbeat.due;

    if (now - time > server->ponging.interval / 2)
        time = now;
    /* The list is in order. */
    server->last_ping = MAX (server->last_ping, time);
    return server->last_ping;
}

void
bureau_session_ping (BureauSession *session)
{
    BureauServer *server = session->server;
    gint64 time = find_ping_time (session);

    bureau_session_queue (session, server->ping, NULL);
    if (session->state != BUREAU_SESSION_OPEN)
        return;
    session->awaiting_pong = TRUE;
    bureau_deadline_enter (&server->ponging, &session->heartbeat, session, time);
}

static void
take_pong (BureauSession *session)
{
    /* One that nobody asked for is no sign of anything. */
    if (!session->awaiting_pong)
        return;
    session->awaiting_pong = FALSE;
    bureau_deadline_enter (&session->server->pinging, &session->heartbeat, session,
                           bureau_server_now ());
}

void
bureau_session_expire_pong (BureauSession *session)
{
    bureau_session_drop (session, BUREAU_CLOSE_PING, "ping timeout");
}

void
bureau_session_check_time (BureauSession *session, gint64 now)
{
    while (session->heartbeat.list != NULL && session->heartbeat.due <= now) {
        if (session->awaiting_pong)
            bureau_session_expire_pong (session);
        else
            bureau_session_ping (session);
    }
}

void
bureau_session_expire_admission (BureauSession *session)
{
    if (session->state == BUREAU_SESSION_CLOSING)
        bureau_session_finish (session);
    else
        bureau_session_close (session, BUREAU_CLOSE_NOT_SIGNED, "forced close");
}

/* ------------------------------------------------------------------ packets */

static void
take_message (BureauSession *session, const char *text, gsize length)
{
    BureauServer *server = session->server;

    if (!session->is_plain) {
        bureau_protocol_take_text (session, text, length);
        return;
    }
    bureau_server_need_turn (server);
    server->hooks.message (server, session, text, length, FALSE, server->data);
}

void
bureau_session_take_blob (BureauSession *session, const void *bytes, gsize length)
{
    BureauServer *server = session->server;

    if (!session->is_plain) {
        bureau_protocol_take_binary (session, bytes, length);
        return;
    }
    bureau_server_need_turn (server);
    server->hooks.message (server, session, bytes, length, TRUE, server->data);
}

gboolean
bureau_session_take_packet (BureauSession *session, const char *text, gsize length)
{
    switch (text[0]) {
    case '0':
    case '5':
    case '6':
        return TRUE;
    case '1':
        close_for_peer (session);
        return TRUE;
    case '2':
        /* Only the server asks. */
        bureau_session_fail (session, "transport error");
        return TRUE;
    case '3':
        take_pong (session);
        return TRUE;
    case '4':
        take_message (session, text + 1, length - 1);
        return TRUE;
    default:
        return FALSE;
    }
}

/* `b` and base64. */
static gboolean
take_blob_text (BureauSession *session, const char *text, gsize length)
{
    g_autoptr (GBytes) blob = bureau_payload_decode_blob (text, length);

    if (blob == NULL)
        return FALSE;
    bureau_session_take_blob (session, g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));
    return TRUE;
}

void
bureau_session_take_frame (BureauSession *session, BureauChannel *channel, gboolean is_binary,
                           const char *bytes, gsize length)
{
    gboolean good;

    if (channel == session->probe) {
        bureau_upgrade_take (session, is_binary, bytes, length);
    } else if (is_binary) {
        bureau_session_take_blob (session, bytes, length);
    } else {
        good = length > 0 &&
               (bytes[0] == 'b' ? take_blob_text (session, bytes + 1, length - 1)
                                : bureau_session_take_packet (session, bytes, length));
        if (!good)
            bureau_session_fail (session, "parse error");
    }
}

/* ------------------------------------------------------------------ queueing */

static gboolean
is_binary (BureauFrame *frame)
{
    return (frame->chunk->bytes[frame->offset] & 0xf) == BUREAU_WEBSOCKET_OPCODE_BINARY;
}

static BureauFrame *
frame_new_base64 (BureauServer *server, BureauFrame *frame)
{
    g_autoptr (GString) text = g_string_new (NULL);

    bureau_payload_append_binary (text, frame->chunk->bytes + frame->offset + frame->header,
                                  frame->length - frame->header);
    return bureau_frame_new_text (server, text->str, text->len);
}

static void
queue_for_poll (BureauSession *session, BureauFrame *frame, BureauRoom *room)
{
    BureauServer *server = session->server;
    gsize limit = server->options.max_unsent;

    bureau_outgoing_push (&session->pending, frame->chunk, frame->offset, frame->length, room);
    if (session->pending.unsent > limit)
        bureau_session_answer_poll (session);
    if (session->pending.unsent > limit)
        bureau_session_drop (session, BUREAU_CLOSE_SLOW, "transport error");
    else if (session->poll != NULL)
        bureau_server_mark_polled (server, session);
}

static gboolean
is_resting (BureauSession *session)
{
    return session->nudge.list == &session->server->resting;
}

static void
queue_behind_rest (BureauSession *session, BureauFrame *frame, BureauRoom *room)
{
    bureau_outgoing_push (&session->pending, frame->chunk, frame->offset, frame->length, room);
    if (session->pending.unsent > session->server->options.max_unsent)
        bureau_session_end_rest (session);
}

void
bureau_session_rest (BureauSession *session)
{
    if (session->websocket != NULL && !is_resting (session))
        bureau_deadline_enter (&session->server->resting, &session->nudge, session,
                               bureau_server_now ());
}

void
bureau_session_end_rest (BureauSession *session)
{
    bureau_deadline_leave (&session->nudge);
    if (session->websocket != NULL)
        bureau_channel_push_all (session->websocket, &session->pending);
}

void
bureau_session_queue (BureauSession *session, BureauFrame *frame, BureauRoom *room)
{
    g_autoptr (BureauFrame) text = NULL;

    if (session->state != BUREAU_SESSION_OPEN)
        return;
    if (session->websocket == NULL) {
        queue_for_poll (session, frame, room);
        return;
    }
    if (session->base64 && is_binary (frame))
        frame = text = frame_new_base64 (session->server, frame);
    if (is_resting (session))
        queue_behind_rest (session, frame, room);
    else
        bureau_channel_push (session->websocket, frame, room);
}

void
bureau_session_purge (BureauSession *session, BureauRoom *room)
{
    bureau_outgoing_filter (&session->pending, FALSE, room);
    if (session->websocket == NULL)
        return;
    bureau_outgoing_filter (&session->websocket->outgoing, FALSE, room);
    /* If nothing waits any more, it is not slow. */
    bureau_channel_mark (session->websocket);
}

void
bureau_session_send (BureauSession *session, const void *bytes, gsize length, gboolean is_binary)
{
    BureauServer *server = session->server;
    g_autoptr (BureauFrame) frame = NULL;

    if (is_binary) {
        frame = bureau_frame_new_raw (server, BUREAU_WEBSOCKET_OPCODE_BINARY, bytes, length);
    } else {
        g_string_assign (server->text, "4");
        g_string_append_len (server->text, bytes, length);
        frame = bureau_frame_new_text (server, server->text->str, server->text->len);
    }
    bureau_session_queue (session, frame, NULL);
}

/* ------------------------------------------------------------------ life */

gsize
bureau_session_get_max_message (BureauSession *session)
{
    const BureauServerOptions *options = &session->server->options;

    return session->waiting ? options->max_waiting_payload : options->max_payload;
}

static void
set_exchange_waiting (BureauExchange *exchange, gboolean waiting)
{
    if (exchange != NULL && exchange->channel != NULL)
        bureau_channel_set_waiting (exchange->channel, waiting);
}

static void
set_channel_waiting (BureauChannel *channel, gboolean waiting, gsize max_message)
{
    if (channel == NULL)
        return;
    bureau_channel_set_waiting (channel, waiting);
    bureau_channel_set_max_message (channel, max_message);
}

void
bureau_session_set_signed_in (BureauSession *session, gboolean signed_in)
{
    BureauServer *server = session->server;
    gboolean waiting = !signed_in;
    gsize max_message;

    if (session->state != BUREAU_SESSION_OPEN || session->waiting == waiting)
        return;
    session->waiting = waiting;
    bureau_address_set_session_waiting (server, session->address, waiting);
    max_message = bureau_session_get_max_message (session);
    set_channel_waiting (session->websocket, waiting, max_message);
    set_channel_waiting (session->probe, waiting, max_message);
    set_exchange_waiting (session->poll, waiting);
    set_exchange_waiting (session->post, waiting);
    if (signed_in)
        bureau_deadline_leave (&session->admission);
    else
        bureau_deadline_enter (&server->admitting, &session->admission, session,
                               bureau_server_now ());
}

BureauSession *
bureau_session_new (BureauExchange *exchange)
{
    BureauServer *server = exchange->server;
    BureauSession *session = g_new0 (BureauSession, 1);
    gint64 now = bureau_server_now ();

    session->server = server;
    session->address = exchange->channel->address;
    session->authorization = g_strdup (bureau_exchange_get_header (exchange, "authorization"));
    /* A page that may not come has not come so far. */
    if (server->options.credentials && bureau_exchange_get_header (exchange, "Origin") != NULL)
        session->cookies = g_strdup (bureau_exchange_get_header (exchange, "Cookie"));
    session->is_plain = g_str_has_prefix (exchange->request->path, BUREAU_ENGINE_IO_PATH);
    session->base64 = bureau_engine_wants_base64 (exchange);
    session->all_link.data = session->polled_link.data = session->doomed_link.data = session;
    bureau_protocol_make_id (session->id);
    bureau_address_hold_session (server, session->address);
    session->waiting = TRUE;
    g_hash_table_insert (server->sessions, session->id, session);
    g_queue_push_tail_link (&server->all_sessions, &session->all_link);
    bureau_deadline_enter (&server->pinging, &session->heartbeat, session, now);
    bureau_deadline_enter (&server->admitting, &session->admission, session, now);
    /* There is nothing to sign in to. */
    if (session->is_plain)
        bureau_session_set_signed_in (session, TRUE);
    return session;
}

char *
bureau_session_make_greeting (BureauSession *session, gboolean can_upgrade)
{
    const BureauServerOptions *options = &session->server->options;

    return g_strdup_printf ("0{\"sid\":\"%s\",\"upgrades\":[%s],\"pingInterval\":%" G_GINT64_FORMAT
                            ",\"pingTimeout\":%" G_GINT64_FORMAT ",\"maxPayload\":%" G_GSIZE_FORMAT
                            "}",
                            session->id, can_upgrade ? "\"websocket\"" : "", options->ping_interval,
                            options->ping_timeout, options->max_payload);
}

void
bureau_session_free (BureauSession *session)
{
    BureauServer *server = session->server;

    detach_websocket (session);
    /* Only the server's own end comes unannounced. */
    if (session->state != BUREAU_SESSION_CLOSED)
        begin_end (session, BUREAU_SESSION_CLOSED, "server shutting down");
    if (session->poll != NULL)
        session->poll->session = NULL;
    g_clear_pointer (&session->poll, bureau_exchange_unref);
    if (session->in_polled)
        g_queue_unlink (&server->polled, &session->polled_link);
    if (session->in_doomed)
        g_queue_unlink (&server->doomed, &session->doomed_link);
    g_queue_unlink (&server->all_sessions, &session->all_link);
    bureau_address_release_session (server, session->address, session->waiting);
    g_clear_pointer (&session->connections, g_ptr_array_unref);
    bureau_packet_clear (&session->binary);
    g_free (session->authorization);
    g_free (session->cookies);
    g_free (session->close_reason);
    g_free (session);
}

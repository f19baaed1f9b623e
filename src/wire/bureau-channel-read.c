/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What comes off a channel's socket goes through TLS, if it has that, to HTTP or to the WebSocket
 * codec. */

#include "bureau-server-private.h"

#include <errno.h>
#include <sys/socket.h>

/* Control frames: one each 100 ms, and this much credit. Each costs an answer that the peer may
 * never read. */
#define CONTROL_COST   (100 * G_TIME_SPAN_MILLISECOND)
#define CONTROL_CREDIT (4 * G_TIME_SPAN_SECOND)

/* ------------------------------------------------------------------ WebSocket */

/* The channel's own decision: its session hears of it. */
static void
end_websocket (BureauChannel *channel, guint16 code, const char *reason)
{
    BureauSession *session = g_steal_pointer (&channel->session);

    if (session != NULL)
        bureau_session_lose_channel (session, channel, reason);
    bureau_channel_end (channel, code, reason);
}

static void
answer_ping (BureauChannel *channel, const BureauWebsocketMessage *message)
{
    g_clear_pointer (&channel->pong, bureau_frame_free);
    channel->pong = bureau_frame_new_raw (channel->server, BUREAU_WEBSOCKET_OPCODE_PONG,
                                          message->data, message->length);
    bureau_channel_mark (channel);
}

static void
take_control (BureauChannel *channel, BureauWebsocketResult result,
              const BureauWebsocketMessage *message)
{
    if (!bureau_server_pay (&channel->control_due, CONTROL_COST, CONTROL_CREDIT))
        end_websocket (channel, BUREAU_CLOSE_POLICY, "transport error");
    else if (result == BUREAU_WEBSOCKET_PING)
        answer_ping (channel, message);
}

static void
take_frames (BureauChannel *channel, guint8 *bytes, gsize length)
{
    BureauWebsocketMessage message;
    BureauWebsocketResult result;

    if (channel->closing)
        return;
    bureau_websocket_codec_feed (channel->codec, bytes, length);
    do {
        result = bureau_websocket_codec_next (channel->codec, &message);
        switch (result) {
        case BUREAU_WEBSOCKET_NEED_MORE:
            break;
        case BUREAU_WEBSOCKET_TEXT:
        case BUREAU_WEBSOCKET_BINARY:
            if (channel->session != NULL)
                bureau_session_take_frame (channel->session, channel,
                                           result == BUREAU_WEBSOCKET_BINARY, message.data,
                                           message.length);
            break;
        case BUREAU_WEBSOCKET_PING:
        case BUREAU_WEBSOCKET_PONG:
            take_control (channel, result, &message);
            break;
        case BUREAU_WEBSOCKET_CLOSE:
            end_websocket (channel, message.close_code, "transport close");
            break;
        case BUREAU_WEBSOCKET_ERROR:
            end_websocket (channel, message.close_code, "transport error");
            break;
        }
    } while (result != BUREAU_WEBSOCKET_NEED_MORE && !channel->closing);
}

/* What came behind the request for the upgrade. */
static void
take_early_frames (BureauChannel *channel)
{
    g_autoptr (GByteArray) early = g_steal_pointer (&channel->input);

    if (early != NULL && early->len > 0)
        take_frames (channel, early->data, early->len);
}

/* ------------------------------------------------------------------ HTTP */

/* Its request is whole, or the last answer is not out: what comes behind waits in the kernel. */
static gboolean
is_busy (BureauChannel *channel)
{
    if (channel->phase == BUREAU_CHANNEL_HTTP && channel->blocked)
        return TRUE;
    return channel->exchange != NULL && bureau_http_is_whole (channel->exchange);
}

static void
keep_input (BureauChannel *channel, const guint8 *bytes, gsize length)
{
    if (channel->input == NULL)
        channel->input = g_byte_array_new ();
    g_byte_array_append (channel->input, bytes, length);
}

/* Behind all that one read has brought, in however many records: it takes one request. */
static void
take_requests (BureauChannel *channel)
{
    if (channel->phase == BUREAU_CHANNEL_HTTP && channel->input != NULL)
        bureau_http_take (channel);
}

/* ------------------------------------------------------------------ TLS */

/* The text in clear, wherever it came from; take_requests() is to follow. */
static void
take_clear (BureauChannel *channel, guint8 *bytes, gsize length)
{
    if (channel->closing)
        return;
    if (channel->phase == BUREAU_CHANNEL_WEBSOCKET) {
        take_early_frames (channel);
        take_frames (channel, bytes, length);
    } else {
        keep_input (channel, bytes, length);
    }
}

static void
on_cipher_text (const void *bytes, gsize length, gpointer data)
{
    BureauChannel *channel = data;
    BureauChunk *chunk;
    guint offset;

    if (channel->fd < 0)
        return;
    chunk = bureau_arena_append (&channel->server->arena, bytes, length, NULL, 0, &offset);
    bureau_outgoing_push (&channel->sealed, chunk, offset, length, NULL);
    bureau_chunk_unref (chunk);
}

static void
on_tls_ready (BureauChannel *channel)
{
    channel->phase = BUREAU_CHANNEL_HTTP;
    bureau_channel_set_deadline (channel, &channel->server->heading);
}

/* Whether the peer is yet to get something: an answer, or that no more comes (RFC 8446 section
 * 6.1). */
static gboolean
owes_peer (BureauChannel *channel)
{
    return channel->exchange != NULL || channel->outgoing.count > 0 || channel->sealed.count > 0 ||
           (channel->tls != NULL && !channel->tls_closed);
}

/* The peer says no more, by an end of file or by TLS's close_notify; it may still want its answer.
 */
static void
take_end (BureauChannel *channel, gboolean clean)
{
    channel->ended = TRUE;
    if (clean && !channel->closing && channel->phase == BUREAU_CHANNEL_HTTP &&
        channel->exchange != NULL)
        bureau_http_lose (channel, TRUE);
    if (!clean || channel->phase != BUREAU_CHANNEL_HTTP || !owes_peer (channel))
        bureau_channel_cut_for (channel, clean ? "transport close" : "transport error");
    else if (channel->exchange == NULL && !channel->in_ready)
        bureau_channel_finish (channel);
}

static void
open_sealed (BureauChannel *channel)
{
    guint8 *clear = channel->server->clear;
    BureauTlsResult result;
    gsize length;

    do {
        result = bureau_tls_read (channel->tls, clear, BUREAU_SCRATCH_SIZE, &length);
        if (result == BUREAU_TLS_DATA)
            take_clear (channel, clear, length);
        else if (result == BUREAU_TLS_READY)
            on_tls_ready (channel);
    } while ((result == BUREAU_TLS_DATA || result == BUREAU_TLS_READY) && channel->fd >= 0);
    take_requests (channel);
    if (result == BUREAU_TLS_END)
        take_end (channel, TRUE);
    /* The handshake's answers, an alert, a new key. */
    if (channel->sealed.count > 0)
        bureau_channel_mark (channel);
    if (result == BUREAU_TLS_ERROR) {
        bureau_channel_tell_user (channel, "transport error");
        bureau_channel_finish (channel);
    }
}

/* A handshake costs the loop its time: no more than a few in one turn, and none before the peer has
 * said all of its part. */
static void
take_hello (BureauChannel *channel)
{
    g_autoptr (GByteArray) hello = NULL;

    switch (bureau_tls_check_hello (channel->input->data, channel->input->len)) {
    case BUREAU_TLS_HELLO_INCOMPLETE:
        return;
    case BUREAU_TLS_HELLO_BAD:
        bureau_channel_cut (channel);
        return;
    case BUREAU_TLS_HELLO_WHOLE:
        break;
    }
    if (channel->server->handshakes == 0) {
        bureau_channel_mark_ready (channel);
        return;
    }
    channel->server->handshakes--;
    hello = g_steal_pointer (&channel->input);
    channel->phase = BUREAU_CHANNEL_HANDSHAKE;
    channel->tls = bureau_tls_new (channel->identity, on_cipher_text, channel);
    bureau_tls_feed (channel->tls, hello->data, hello->len);
    open_sealed (channel);
}

/* Its first byte is here. A handshake record of TLS begins like no request of HTTP's. */
static void
choose_language (BureauChannel *channel, const guint8 *bytes)
{
    channel->may_be_plain = FALSE;
    if (bureau_tls_check_hello (bytes, 1) != BUREAU_TLS_HELLO_BAD)
        return;
    g_clear_pointer (&channel->identity, bureau_tls_identity_unref);
    channel->phase = BUREAU_CHANNEL_HTTP;
    bureau_channel_set_deadline (channel, &channel->server->heading);
}

static void
take_hello_bytes (BureauChannel *channel, const guint8 *bytes, gsize length)
{
    keep_input (channel, bytes, length);
    take_hello (channel);
}

/* ------------------------------------------------------------------ reading */

static void
take_bytes (BureauChannel *channel, guint8 *bytes, gsize length)
{
    if (channel->closing)
        return;
    if (channel->may_be_plain)
        choose_language (channel, bytes);
    if (channel->phase == BUREAU_CHANNEL_HELLO) {
        take_hello_bytes (channel, bytes, length);
    } else if (channel->tls != NULL) {
        bureau_tls_feed (channel->tls, bytes, length);
        open_sealed (channel);
    } else {
        take_clear (channel, bytes, length);
        take_requests (channel);
    }
}

/* What is here already, and waited for its turn. */
static void
take_waiting (BureauChannel *channel)
{
    if (channel->input == NULL || channel->closing)
        return;
    if (channel->phase == BUREAU_CHANNEL_HELLO)
        take_hello (channel);
    else if (channel->phase == BUREAU_CHANNEL_HTTP)
        bureau_http_take (channel);
    else if (channel->phase == BUREAU_CHANNEL_WEBSOCKET)
        take_early_frames (channel);
}

/* While the answer is awaited, nothing is read; but a peer that has gone is noticed. */
static void
look_for_end (BureauChannel *channel)
{
    char byte;
    gssize got = recv (channel->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got < 0)
        bureau_channel_cut_for (channel, "transport error");
    else
        bureau_http_lose (channel, TRUE);
}

void
bureau_channel_read (BureauChannel *channel)
{
    BureauServer *server = channel->server;
    gssize got;

    if (channel->fd < 0)
        return;
    take_waiting (channel);
    if (channel->fd < 0 || channel->in_ready)
        return;
    if (is_busy (channel) && !channel->closing) {
        channel->unread = TRUE;
        if (channel->hangup)
            look_for_end (channel);
        return;
    }
    channel->unread = FALSE;
    do
        got = recv (channel->fd, server->scratch, BUREAU_SCRATCH_SIZE, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) {
        take_end (channel, got == 0);
        return;
    }
    if (got < 0)
        return;
    take_bytes (channel, server->scratch, got);
    /* A full buffer may have more behind it, and a hang-up its end of file: next turn, after the
     * others. */
    if (got == BUREAU_SCRATCH_SIZE || channel->hangup)
        bureau_channel_mark_ready (channel);
}

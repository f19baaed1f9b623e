/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* One TCP connection: its place in the loop, what is to go out on it, and how it ends. What comes
 * in is bureau-channel-read.c's. */

#include "bureau-server-private.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_REASON 123

/* ------------------------------------------------------------------ marks for the loop */

void
bureau_channel_mark (BureauChannel *channel)
{
    if (channel->in_unflushed || channel->fd < 0)
        return;
    channel->in_unflushed = TRUE;
    g_queue_push_tail_link (&channel->server->unflushed, &channel->flush_link);
    bureau_server_arm (channel->server);
}

void
bureau_channel_mark_ready (BureauChannel *channel)
{
    if (channel->in_ready || channel->fd < 0)
        return;
    channel->in_ready = TRUE;
    g_queue_push_tail_link (&channel->server->ready, &channel->ready_link);
    bureau_server_arm (channel->server);
}

void
bureau_channel_set_deadline (BureauChannel *channel, BureauDeadlineList *list)
{
    /* Once it lingers, that is its last. */
    if (channel->closing)
        return;
    if (list == NULL)
        bureau_deadline_leave (&channel->deadline);
    else
        bureau_deadline_enter (list, &channel->deadline, channel, bureau_server_now ());
    bureau_server_arm (channel->server);
}

void
bureau_channel_set_waiting (BureauChannel *channel, gboolean waiting)
{
    gint change = waiting ? 1 : -1;

    if (channel->waiting == waiting)
        return;
    channel->waiting = waiting;
    channel->address->waiting_channels += change;
    if (waiting)
        g_queue_push_tail_link (&channel->server->waiting, &channel->waiting_link);
    else
        g_queue_unlink (&channel->server->waiting, &channel->waiting_link);
}

/* ------------------------------------------------------------------ ends */

void
bureau_channel_tell_user (BureauChannel *channel, const char *reason)
{
    BureauSession *session = g_steal_pointer (&channel->session);

    if (session != NULL)
        bureau_session_lose_channel (session, channel, reason);
    if (channel->exchange != NULL)
        bureau_http_lose (channel, FALSE);
}

static void
linger (BureauChannel *channel)
{
    bureau_channel_set_deadline (channel, &channel->server->lingering);
    channel->closing = TRUE;
    bureau_channel_mark (channel);
}

void
bureau_channel_cut_for (BureauChannel *channel, const char *reason)
{
    if (channel->fd < 0)
        return;
    epoll_ctl (channel->server->epoll, EPOLL_CTL_DEL, channel->fd, NULL);
    close (channel->fd);
    channel->fd = -1;
    channel->closing = TRUE;
    bureau_deadline_leave (&channel->deadline);
    bureau_deadline_leave (&channel->stalled);
    bureau_outgoing_clear (&channel->outgoing);
    bureau_outgoing_clear (&channel->sealed);
    g_queue_push_tail_link (&channel->server->dead, &channel->dead_link);
    bureau_server_arm (channel->server);
    bureau_channel_tell_user (channel, reason);
}

void
bureau_channel_cut (BureauChannel *channel)
{
    bureau_channel_cut_for (channel, "transport close");
}

void
bureau_channel_finish (BureauChannel *channel)
{
    if (!channel->closing)
        linger (channel);
}

static BureauFrame *
close_frame_new (BureauServer *server, guint16 code, const char *reason)
{
    char payload[2 + MAX_REASON];
    gsize length = MIN (strlen (reason), MAX_REASON);

    while (length > 0 && length < strlen (reason) && (reason[length] & 0xc0) == 0x80)
        length--;
    payload[0] = code >> 8;
    payload[1] = code & 0xff;
    memcpy (payload + 2, reason, length);
    return bureau_frame_new_raw (server, BUREAU_WEBSOCKET_OPCODE_CLOSE, payload,
                                 code == BUREAU_CLOSE_NO_STATUS ? 0 : 2 + length);
}

void
bureau_channel_end (BureauChannel *channel, guint16 code, const char *reason)
{
    g_autoptr (BureauFrame) frame = NULL;

    if (channel->closing)
        return;
    frame = close_frame_new (channel->server, code, reason);
    bureau_outgoing_push (&channel->outgoing, frame->chunk, frame->offset, frame->length, NULL);
    linger (channel);
}

void
bureau_channel_drop (BureauChannel *channel, guint16 code, const char *reason)
{
    if (channel->closing)
        return;
    if (channel->phase != BUREAU_CHANNEL_WEBSOCKET) {
        bureau_channel_cut (channel);
        return;
    }
    bureau_outgoing_filter (&channel->outgoing, TRUE, NULL);
    bureau_channel_end (channel, code, reason);
}

void
bureau_channel_drop_slow (BureauChannel *channel)
{
    BureauSession *session = g_steal_pointer (&channel->session);

    if (session != NULL)
        bureau_session_lose_channel (session, channel, "transport error");
    bureau_channel_drop (channel, BUREAU_CLOSE_SLOW, "too slow");
}

/* ------------------------------------------------------------------ what is to go out */

void
bureau_channel_upgrade (BureauChannel *channel, BureauSession *session, gsize max_message)
{
    channel->phase = BUREAU_CHANNEL_WEBSOCKET;
    channel->codec = bureau_websocket_codec_new (BUREAU_WEBSOCKET_SERVER, max_message);
    channel->session = session;
    g_clear_object (&channel->local);
    bureau_channel_set_deadline (channel, NULL);
    bureau_channel_mark_ready (channel);
}

void
bureau_channel_set_max_message (BureauChannel *channel, gsize max_message)
{
    bureau_websocket_codec_set_max_message (channel->codec, max_message);
}

static gboolean
has_too_much (BureauChannel *channel)
{
    return channel->outgoing.unsent + channel->sealed.unsent > channel->server->options.max_unsent;
}

static void
drop_if_too_much (BureauChannel *channel)
{
    if (!has_too_much (channel))
        return;
    /* Much at once is no fault of the reader's, if the kernel takes it. */
    bureau_flush_channel (channel);
    if (!channel->closing && has_too_much (channel))
        bureau_channel_drop_slow (channel);
}

void
bureau_channel_push (BureauChannel *channel, BureauFrame *frame, BureauRoom *room)
{
    if (channel->closing)
        return;
    bureau_outgoing_push (&channel->outgoing, frame->chunk, frame->offset, frame->length, room);
    bureau_channel_mark (channel);
    drop_if_too_much (channel);
}

void
bureau_channel_push_all (BureauChannel *channel, BureauOutgoing *frames)
{
    if (channel->closing)
        return;
    bureau_outgoing_move (&channel->outgoing, frames);
    bureau_channel_mark (channel);
    drop_if_too_much (channel);
}

void
bureau_channel_write (BureauChannel *channel, GString *bytes)
{
    gsize length = bytes->len;
    BureauChunk *chunk = bureau_chunk_new_take ((guint8 *) g_string_free (bytes, FALSE), length);

    if (channel->fd >= 0)
        bureau_outgoing_push (&channel->outgoing, chunk, 0, length, BUREAU_NO_FRAMES);
    bureau_chunk_unref (chunk);
    bureau_channel_mark (channel);
}

/* ------------------------------------------------------------------ time */

/* The peer has not said all of its request in time, or the owner has not answered it. */
static void
answer_late (BureauChannel *channel)
{
    BureauExchange *exchange = channel->exchange;
    gboolean is_said = exchange != NULL && bureau_http_is_whole (exchange);
    GString *answer = bureau_http_format_head (is_said ? 503 : 408, NULL, 0, 0);

    if (exchange != NULL)
        bureau_http_lose (channel, FALSE);
    g_string_append (answer, "Connection: close\r\n\r\n");
    bureau_channel_write (channel, answer);
    bureau_channel_finish (channel);
}

/* What the kernel still holds for a peer that has not read it in time would be held for minutes: a
 * reset frees it, and tells the peer at once. */
static void
reset_if_unread (BureauChannel *channel)
{
    static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    int unread = 0;

    if (channel->closing && ioctl (channel->fd, SIOCOUTQ, &unread) == 0 && unread > 0)
        setsockopt (channel->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

/* An answer is on its way out: how long that may take without progress is server->stalled's to
 * say. */
static gboolean
is_sending (BureauChannel *channel)
{
    return channel->phase == BUREAU_CHANNEL_HTTP && !channel->closing &&
           channel->exchange == NULL && channel->stalled.list != NULL;
}

void
bureau_channel_expire (BureauChannel *channel)
{
    gboolean is_streaming = channel->exchange != NULL && channel->exchange->stream != NULL;
    gboolean half_said = channel->phase == BUREAU_CHANNEL_HTTP && !channel->closing &&
                         !is_streaming &&
                         (channel->exchange != NULL ||
                          (channel->input != NULL && channel->input->len > 0));

    if (is_sending (channel)) {
        bureau_channel_set_deadline (channel, &channel->server->idling);
    } else if (half_said) {
        answer_late (channel);
    } else {
        reset_if_unread (channel);
        bureau_channel_cut (channel);
    }
}

/* ------------------------------------------------------------------ life */

BureauChannel *
bureau_channel_new (BureauServer *server, int fd, BureauAddress *address, GSocketAddress *local,
                    BureauTlsIdentity *identity, gboolean may_be_plain)
{
    BureauChannel *channel = g_new0 (BureauChannel, 1);
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                 .data.ptr = channel };

    channel->server = server;
    channel->fd = fd;
    channel->address = address;
    channel->local = g_object_ref (local);
    channel->all_link.data = channel->ready_link.data = channel;
    channel->flush_link.data = channel->dead_link.data = channel;
    channel->feed_link.data = channel->waiting_link.data = channel;
    g_queue_push_tail_link (&server->all_channels, &channel->all_link);
    channel->phase = identity == NULL ? BUREAU_CHANNEL_HTTP : BUREAU_CHANNEL_HELLO;
    if (identity != NULL)
        channel->identity = bureau_tls_identity_ref (identity);
    channel->may_be_plain = may_be_plain;
    bureau_channel_set_deadline (channel, identity == NULL ? &server->heading : &server->greeting);
    if (epoll_ctl (server->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        bureau_server_trouble (server, "epoll: %s", g_strerror (errno));
        bureau_channel_cut (channel);
    }
    return channel;
}

void
bureau_channel_free (BureauChannel *channel)
{
    BureauServer *server = channel->server;

    bureau_channel_cut (channel);
    g_queue_unlink (&server->dead, &channel->dead_link);
    if (channel->in_ready)
        g_queue_unlink (&server->ready, &channel->ready_link);
    if (channel->in_unflushed)
        g_queue_unlink (&server->unflushed, &channel->flush_link);
    if (channel->in_feeding)
        g_queue_unlink (&server->feeding, &channel->feed_link);
    g_queue_unlink (&server->all_channels, &channel->all_link);
    bureau_gate_release_channel (channel);
    g_clear_pointer (&channel->input, g_byte_array_unref);
    g_clear_pointer (&channel->codec, bureau_websocket_codec_free);
    g_clear_pointer (&channel->pong, bureau_frame_free);
    g_clear_pointer (&channel->tls, bureau_tls_free);
    g_clear_pointer (&channel->identity, bureau_tls_identity_unref);
    g_clear_object (&channel->local);
    g_free (channel);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-server-private.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_REASON 123

/* ------------------------------------------------------------------ ends */

static void
mark_doomed (BureauConnection *connection)
{
    if (!connection->in_doomed) {
        connection->in_doomed = TRUE;
        g_queue_push_tail_link (&connection->server->doomed, &connection->doomed_link);
    }
    bureau_server_arm (connection->server);
}

static void
begin_end (BureauConnection *connection, const char *reason)
{
    BureauServer *server = connection->server;

    connection->closing = TRUE;
    connection->close_reason = g_strdup (reason);
    bureau_deadline_leave (connection->awaiting_pong ? &server->ponging : &server->pinging,
                           &connection->heartbeat);
    bureau_deadline_leave (&server->stalled, &connection->stalled);
    mark_doomed (connection);
}

static BureauFrame *
close_frame_new (guint16 code, const char *reason)
{
    char payload[2 + MAX_REASON];
    gsize length = MIN (strlen (reason), MAX_REASON);

    while (length > 0 && length < strlen (reason) && (reason[length] & 0xc0) == 0x80)
        length--;
    payload[0] = code >> 8;
    payload[1] = code & 0xff;
    memcpy (payload + 2, reason, length);
    return bureau_frame_new_raw (BUREAU_WEBSOCKET_OPCODE_CLOSE, payload,
                                 code == BUREAU_CLOSE_NO_STATUS ? 0 : 2 + length);
}

void
bureau_connection_end_with (BureauConnection *connection, BureauFrame *frame, const char *reason)
{
    if (connection->closing)
        return;
    begin_end (connection, reason);
    bureau_outgoing_push (connection, frame, NULL);
    /* Not longer than this for the peer to read it and to close its half. */
    bureau_deadline_enter (&connection->server->lingering, &connection->stalled, connection,
                           bureau_server_now ());
    bureau_outgoing_mark (connection);
}

void
bureau_connection_end (BureauConnection *connection, guint16 code, const char *reason)
{
    g_autoptr (BureauFrame) frame = close_frame_new (code, reason);

    bureau_connection_end_with (connection, frame, reason);
}

void
bureau_connection_drop (BureauConnection *connection, guint16 code, const char *reason)
{
    if (connection->closing)
        return;
    bureau_outgoing_filter (connection, TRUE, NULL);
    bureau_connection_end (connection, code, reason);
}

void
bureau_connection_cut (BureauConnection *connection, const char *reason)
{
    if (!connection->closing)
        begin_end (connection, reason);
    bureau_deadline_leave (&connection->server->lingering, &connection->stalled);
    bureau_outgoing_clear (connection);
    if (connection->fd >= 0) {
        epoll_ctl (connection->server->epoll, EPOLL_CTL_DEL, connection->fd, NULL);
        close (connection->fd);
        connection->fd = -1;
    }
    mark_doomed (connection);
}

void
bureau_connection_report (BureauConnection *connection)
{
    BureauServer *server = connection->server;
    GDestroyNotify destroy = connection->destroy;

    bureau_room_leave_all (connection);
    connection->state = BUREAU_NAMESPACE_NONE;
    if (connection->told) {
        connection->told = FALSE;
        server->turn_due = TRUE;
        server->hooks.closed (server, connection,
                              connection->closing ? connection->close_reason
                                                  : "client namespace disconnect",
                              server->data);
    }
    connection->destroy = NULL;
    if (destroy != NULL)
        destroy (connection->data);
    connection->data = NULL;
}

/* ------------------------------------------------------------------ reading */

static void
answer_ping (BureauConnection *connection, const BureauWebsocketMessage *message)
{
    g_clear_pointer (&connection->pong, bureau_frame_unref);
    connection->pong = bureau_frame_new_raw (BUREAU_WEBSOCKET_OPCODE_PONG, message->data,
                                             message->length);
    bureau_outgoing_mark (connection);
}

static void
take_bytes (BureauConnection *connection, const guint8 *bytes, gsize length)
{
    BureauWebsocketMessage message;

    bureau_websocket_codec_feed (connection->codec, bytes, length);
    while (!connection->closing) {
        switch (bureau_websocket_codec_next (connection->codec, &message)) {
        case BUREAU_WEBSOCKET_NEED_MORE:
            return;
        case BUREAU_WEBSOCKET_TEXT:
            bureau_protocol_take (connection, message.data, message.length);
            break;
        case BUREAU_WEBSOCKET_BINARY:
            /* Attachments of binary packets: no command has any, so this release does not take
             * them. */
            bureau_connection_end (connection, BUREAU_CLOSE_BAD_PACKET, "parse error");
            break;
        case BUREAU_WEBSOCKET_PING:
            answer_ping (connection, &message);
            break;
        case BUREAU_WEBSOCKET_PONG:
            break;
        case BUREAU_WEBSOCKET_CLOSE:
            bureau_connection_end (connection, message.close_code, "transport close");
            break;
        case BUREAU_WEBSOCKET_ERROR:
            bureau_connection_end (connection, message.close_code, "transport error");
            break;
        }
    }
}

void
bureau_connection_read (BureauConnection *connection)
{
    BureauServer *server = connection->server;
    gssize got;

    if (connection->fd < 0)
        return;
    do
        got = recv (connection->fd, server->scratch, BUREAU_SCRATCH_SIZE, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) {
        bureau_connection_cut (connection, got == 0 ? "transport close" : "transport error");
        return;
    }
    if (got < 0)
        return;
    /* A full buffer may have more behind it, and a hang-up its end of file: next turn, after the
     * others. */
    if ((got == BUREAU_SCRATCH_SIZE || connection->hangup) && !connection->in_ready) {
        connection->in_ready = TRUE;
        g_queue_push_tail_link (&server->ready, &connection->ready_link);
    }
    if (!connection->closing)
        take_bytes (connection, server->scratch, got);
}

/* ------------------------------------------------------------------ life */

BureauConnection *
bureau_connection_new (BureauAdmission *admission, int fd, const char *authorization)
{
    BureauServer *server = admission->server;
    BureauConnection *connection = g_new0 (BureauConnection, 1);
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                 .data.ptr = connection };

    connection->server = server;
    connection->fd = fd;
    connection->codec = bureau_websocket_codec_new (server->options.max_payload);
    connection->address = admission->address;
    connection->authorization = g_strdup (authorization);
    connection->admission = admission;
    connection->all_link.data = connection->ready_link.data = connection;
    connection->flush_link.data = connection->doomed_link.data = connection;
    g_queue_push_tail_link (&server->connections, &connection->all_link);
    bureau_admission_detach (admission, connection);
    if (epoll_ctl (server->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        bureau_server_trouble (server, "epoll: %s", g_strerror (errno));
        bureau_connection_cut (connection, "transport error");
    }
    return connection;
}

void
bureau_connection_start (BureauConnection *connection, const guint8 *early, gsize length)
{
    if (connection->closing)
        return;
    bureau_protocol_open (connection);
    if (length > 0)
        take_bytes (connection, early, length);
}

void
bureau_connection_free (BureauConnection *connection)
{
    BureauServer *server = connection->server;

    bureau_connection_cut (connection, "server shutting down");
    bureau_room_leave_all (connection);
    if (connection->destroy != NULL)
        connection->destroy (connection->data);
    if (connection->in_ready)
        g_queue_unlink (&server->ready, &connection->ready_link);
    if (connection->in_unflushed)
        g_queue_unlink (&server->unflushed, &connection->flush_link);
    if (connection->in_doomed)
        g_queue_unlink (&server->doomed, &connection->doomed_link);
    g_queue_unlink (&server->connections, &connection->all_link);
    g_clear_pointer (&connection->admission, bureau_admission_finish);
    bureau_gate_release_address (server, connection->address);
    bureau_websocket_codec_free (connection->codec);
    g_free (connection->authorization);
    g_free (connection->close_reason);
    g_free (connection);
}

/* ------------------------------------------------------------------ public */

void
bureau_connection_send (BureauConnection *connection, BureauFrame *frame)
{
    bureau_connection_queue (connection, frame, NULL);
}

void
bureau_connection_acknowledge (BureauConnection *connection, gint64 id, const char *json)
{
    GString *text = g_string_sized_new (strlen (json) + 32);
    g_autoptr (BureauFrame) frame = NULL;

    bureau_packet_append_ack (text, id, json);
    frame = bureau_frame_new_take (text);
    bureau_connection_queue (connection, frame, NULL);
}

void
bureau_connection_close (BureauConnection *connection, guint16 code, const char *reason)
{
    bureau_connection_end (connection, code, reason);
}

const char *
bureau_connection_get_address (BureauConnection *connection)
{
    return connection->address->name;
}

const char *
bureau_connection_get_authorization (BureauConnection *connection)
{
    return connection->authorization;
}

void
bureau_connection_set_data (BureauConnection *connection, gpointer data, GDestroyNotify destroy)
{
    if (connection->destroy != NULL)
        connection->destroy (connection->data);
    connection->data = data;
    connection->destroy = destroy;
}

gpointer
bureau_connection_get_data (BureauConnection *connection)
{
    return connection->data;
}

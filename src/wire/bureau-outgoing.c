/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What waits for a peer to read it, and how it is handed to the kernel. */

#include "bureau-server-private.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define QUEUE_MIN_SIZE 8
#define QUEUE_KEEP     64 /* an emptied queue larger than this is given back */
#define MAX_IOVEC      1024

/* ------------------------------------------------------------------ the queue of frames */

static BureauQueued *
queued_at (BureauConnection *connection, guint index)
{
    return &connection->queue[(connection->queue_first + index) & (connection->queue_size - 1)];
}

static void
grow_queue (BureauConnection *connection)
{
    guint size = MAX (QUEUE_MIN_SIZE, connection->queue_size * 2);
    BureauQueued *queue = g_new (BureauQueued, size);

    for (guint i = 0; i < connection->queue_length; i++)
        queue[i] = *queued_at (connection, i);
    g_free (connection->queue);
    connection->queue = queue;
    connection->queue_size = size;
    connection->queue_first = 0;
}

void
bureau_outgoing_push (BureauConnection *connection, BureauFrame *frame, BureauRoom *room)
{
    if (connection->queue_length == connection->queue_size)
        grow_queue (connection);
    *queued_at (connection, connection->queue_length++) = (BureauQueued){ bureau_frame_ref (frame),
                                                                          room };
    connection->unsent += frame->length;
}

void
bureau_outgoing_filter (BureauConnection *connection, gboolean all, BureauRoom *room)
{
    guint kept = 0;

    for (guint i = 0; i < connection->queue_length; i++) {
        BureauQueued *queued = queued_at (connection, i);
        gboolean half_out = i == 0 && connection->first_sent > 0;

        if (half_out || (!all && queued->room != room)) {
            *queued_at (connection, kept++) = *queued;
        } else {
            connection->unsent -= queued->frame->length;
            bureau_frame_unref (queued->frame);
        }
    }
    connection->queue_length = kept;
    /* The room may be gone next, and another take its place in memory. */
    if (kept > 0 && connection->first_sent > 0 && queued_at (connection, 0)->room == room)
        queued_at (connection, 0)->room = NULL;
}

void
bureau_outgoing_clear (BureauConnection *connection)
{
    for (guint i = 0; i < connection->queue_length; i++)
        bureau_frame_unref (queued_at (connection, i)->frame);
    g_clear_pointer (&connection->queue, g_free);
    connection->queue_size = connection->queue_first = connection->queue_length = 0;
    connection->first_sent = connection->unsent = 0;
    g_clear_pointer (&connection->pong, bureau_frame_unref);
}

/* @sent more bytes are out. */
static void
advance_queue (BureauConnection *connection, gsize sent)
{
    connection->unsent -= sent;
    sent += connection->first_sent;
    while (connection->queue_length > 0) {
        BureauFrame *frame = queued_at (connection, 0)->frame;

        if (sent < frame->length)
            break;
        sent -= frame->length;
        bureau_frame_unref (frame);
        connection->queue_first = (connection->queue_first + 1) & (connection->queue_size - 1);
        connection->queue_length--;
    }
    connection->first_sent = sent;
    if (connection->queue_length == 0 && connection->queue_size > QUEUE_KEEP) {
        g_clear_pointer (&connection->queue, g_free);
        connection->queue_size = connection->queue_first = 0;
    }
}

/* ------------------------------------------------------------------ writing */

void
bureau_outgoing_mark (BureauConnection *connection)
{
    if (!connection->in_unflushed) {
        connection->in_unflushed = TRUE;
        g_queue_push_tail_link (&connection->server->unflushed, &connection->flush_link);
    }
    bureau_server_arm (connection->server);
}

/* One system call for as many frames as it can take. */
static gssize
write_some (BureauConnection *connection)
{
    struct iovec vectors[MAX_IOVEC];
    struct msghdr message = { .msg_iov = vectors };
    guint count = MIN (connection->queue_length, MAX_IOVEC);
    gssize sent;

    for (guint i = 0; i < count; i++) {
        BureauFrame *frame = queued_at (connection, i)->frame;

        vectors[i].iov_base = frame->bytes;
        vectors[i].iov_len = frame->length;
    }
    vectors[0].iov_base = (guint8 *) vectors[0].iov_base + connection->first_sent;
    vectors[0].iov_len -= connection->first_sent;
    message.msg_iovlen = count;
    do
        sent = sendmsg (connection->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent;
}

static void
after_flush (BureauConnection *connection, gboolean progress)
{
    BureauServer *server = connection->server;

    if (connection->queue_length > 0) {
        if (!connection->closing && (progress || !connection->stalled.waiting))
            bureau_deadline_enter (&server->stalled, &connection->stalled, connection,
                                   bureau_server_now ());
    } else if (!connection->closing) {
        bureau_deadline_leave (&server->stalled, &connection->stalled);
    } else if (!connection->shut) {
        connection->shut = TRUE;
        shutdown (connection->fd, SHUT_WR);
    }
}

void
bureau_connection_flush (BureauConnection *connection)
{
    gboolean progress = FALSE;

    if (connection->fd < 0 || connection->blocked)
        return;
    if (connection->pong != NULL && !connection->closing)
        bureau_outgoing_push (connection, connection->pong, NULL);
    g_clear_pointer (&connection->pong, bureau_frame_unref);
    while (connection->queue_length > 0) {
        gssize sent = write_some (connection);

        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            connection->blocked = TRUE;
            break;
        }
        if (sent < 0) {
            bureau_connection_cut (connection, "transport error");
            return;
        }
        advance_queue (connection, sent);
        progress = TRUE;
    }
    after_flush (connection, progress);
}

void
bureau_connection_queue (BureauConnection *connection, BureauFrame *frame, BureauRoom *room)
{
    gsize limit = connection->server->options.max_unsent;

    if (connection->closing)
        return;
    bureau_outgoing_push (connection, frame, room);
    if (connection->unsent > limit) {
        /* Much at once is no fault of the reader's, if the kernel takes it. */
        bureau_connection_flush (connection);
        if (!connection->closing && connection->unsent > limit) {
            bureau_connection_drop (connection, BUREAU_CLOSE_SLOW, "too slow");
            return;
        }
    }
    bureau_outgoing_mark (connection);
}

void
bureau_connection_purge (BureauConnection *connection, BureauRoom *room)
{
    bureau_outgoing_filter (connection, FALSE, room);
}

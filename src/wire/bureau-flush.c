/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* How what waits is handed to the kernel: once for each channel and turn, many channels with one
 * system call where the kernel has io_uring for us (performance.md, 11.6). */

#include "bureau-server-private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#ifdef HAVE_LIBURING
#include <liburing.h>
#endif

/* Of one channel in one go; a turn's frames for one room are one. */
#define MAX_VECTORS 16
/* Plain text in one TLS record: RFC 8446 section 5.1 */
#define MAX_RECORD 16384
/* Cipher text made ahead of what the kernel takes: what is not yet sealed can still be dropped. */
#define MAX_SEALED (64 * 1024)

/* ------------------------------------------------------------------ TLS */

/* Puts the first vectors together into one record's text. */
static gsize
gather (const struct iovec *vectors, guint count, guint8 *record)
{
    gsize length = 0;

    for (guint i = 0; i < count && length < MAX_RECORD; i++) {
        gsize part = MIN (vectors[i].iov_len, MAX_RECORD - length);

        memcpy (record + length, vectors[i].iov_base, part);
        length += part;
    }
    return length;
}

static void
seal (BureauChannel *channel)
{
    struct iovec vectors[MAX_VECTORS];
    /* Not the server's: it may be full of what is just being read. */
    guint8 gathered[MAX_RECORD];
    guint count;

    while (channel->sealed.unsent < MAX_SEALED &&
           (count = bureau_outgoing_peek (&channel->outgoing, vectors, MAX_VECTORS)) > 0) {
        const guint8 *record = vectors[0].iov_base;
        gsize length = MIN (vectors[0].iov_len, MAX_RECORD);

        if (count > 1 && length < MAX_RECORD) {
            record = gathered;
            length = gather (vectors, count, gathered);
        }
        length = bureau_tls_write (channel->tls, record, length);
        if (length == 0)
            break;
        bureau_outgoing_advance (&channel->outgoing, length);
    }
    if (channel->closing && channel->outgoing.count == 0 && !channel->tls_closed) {
        channel->tls_closed = TRUE;
        bureau_tls_close (channel->tls);
    }
}

/* ------------------------------------------------------------------ one channel */

/* What is to go out on the socket. */
static BureauOutgoing *
prepare (BureauChannel *channel)
{
    if (channel->pong != NULL && !channel->closing)
        bureau_outgoing_push (&channel->outgoing, channel->pong->chunk, channel->pong->offset,
                              channel->pong->length, NULL);
    g_clear_pointer (&channel->pong, bureau_frame_free);
    if (channel->tls == NULL)
        return &channel->outgoing;
    seal (channel);
    return &channel->sealed;
}

/* What came of writing @asked bytes; FALSE if the connection is broken. A short write is a full
 * buffer: the kernel will say when it is not. */
static gboolean
take_result (BureauChannel *channel, gsize asked, gssize result)
{
    BureauOutgoing *outgoing = channel->tls == NULL ? &channel->outgoing : &channel->sealed;

    if (result > 0) {
        bureau_outgoing_advance (outgoing, result);
        bureau_deadline_leave (&channel->stalled);
        if (channel->closing)
            bureau_deadline_enter (&channel->server->lingering, &channel->deadline, channel,
                                   bureau_server_now ());
        channel->blocked = (gsize) result < asked;
    } else if (result == -EAGAIN || result == -EWOULDBLOCK) {
        channel->blocked = TRUE;
    } else if (result != -EINTR) {
        return FALSE;
    }
    return TRUE;
}

/* Nothing waits any more, or not now. */
static void
after_flush (BureauChannel *channel)
{
    BureauServer *server = channel->server;

    bureau_stream_go_on (channel);
    if (channel->outgoing.count > 0 || channel->sealed.count > 0) {
        bureau_outgoing_detach (&channel->outgoing, &server->arena);
        bureau_outgoing_detach (&channel->sealed, &server->arena);
        if (!channel->closing && channel->stalled.list == NULL)
            bureau_deadline_enter (&server->stalled, &channel->stalled, channel,
                                   bureau_server_now ());
        return;
    }
    bureau_deadline_leave (&channel->stalled);
    if (channel->closing && !channel->shut) {
        channel->shut = TRUE;
        shutdown (channel->fd, SHUT_WR);
    }
}

static gsize
sum (const struct iovec *vectors, guint count)
{
    gsize length = 0;

    for (guint i = 0; i < count; i++)
        length += vectors[i].iov_len;
    return length;
}

static gssize
send_vectors (int fd, struct iovec *vectors, guint count)
{
    struct msghdr message = { .msg_iov = vectors, .msg_iovlen = count };
    gssize sent = count == 1 ? send (fd, vectors[0].iov_base, vectors[0].iov_len,
                                     MSG_NOSIGNAL | MSG_DONTWAIT)
                             : sendmsg (fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);

    return sent < 0 ? -errno : sent;
}

void
bureau_flush_channel (BureauChannel *channel)
{
    while (channel->fd >= 0 && !channel->blocked) {
        struct iovec vectors[MAX_VECTORS];
        guint count = bureau_outgoing_peek (prepare (channel), vectors, MAX_VECTORS);

        if (count == 0)
            break;
        if (!take_result (channel, sum (vectors, count),
                          send_vectors (channel->fd, vectors, count)))
            bureau_channel_cut (channel);
    }
    if (channel->fd >= 0)
        after_flush (channel);
}

static BureauChannel *
take_unflushed (BureauServer *server)
{
    GList *link = g_queue_pop_head_link (&server->unflushed);
    BureauChannel *channel = link == NULL ? NULL : link->data;

    if (channel != NULL)
        channel->in_unflushed = FALSE;
    return channel;
}

/* ------------------------------------------------------------------ many channels */

#ifdef HAVE_LIBURING

#define RING_ENTRIES 256
#define RING_VECTORS 4
/* For fewer, the ring costs more than it saves. */
#define RING_WORTH 4

typedef struct {
    BureauChannel *channel;
    gsize asked;
    gboolean whole; /* the connection is not broken, so far as is known */
    struct msghdr message;
    struct iovec vectors[RING_VECTORS];
} RingWrite;

struct _BureauRing {
    struct io_uring ring;
    RingWrite writes[RING_ENTRIES];
};

BureauRing *
bureau_ring_new (void)
{
    BureauRing *ring = g_new (BureauRing, 1);
    int result = io_uring_queue_init (RING_ENTRIES, &ring->ring,
                                      IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN);

    if (result == -EINVAL)
        result = io_uring_queue_init (RING_ENTRIES, &ring->ring, 0);
    if (result == 0)
        return ring;
    g_free (ring);
    return NULL;
}

void
bureau_ring_free (BureauRing *ring)
{
    io_uring_queue_exit (&ring->ring);
    g_free (ring);
}

/* FALSE if there is nothing to write, or not now. */
static gboolean
submit_write (BureauRing *ring, RingWrite *write, BureauChannel *channel)
{
    struct io_uring_sqe *entry;
    guint count;

    if (channel->fd < 0 || channel->blocked)
        return FALSE;
    count = bureau_outgoing_peek (prepare (channel), write->vectors, RING_VECTORS);
    if (count == 0)
        return FALSE;
    entry = io_uring_get_sqe (&ring->ring);
    write->channel = channel;
    write->asked = sum (write->vectors, count);
    write->whole = TRUE;
    write->message = (struct msghdr){ .msg_iov = write->vectors, .msg_iovlen = count };
    if (count == 1)
        io_uring_prep_send (entry, channel->fd, write->vectors[0].iov_base,
                            write->vectors[0].iov_len, MSG_NOSIGNAL | MSG_DONTWAIT);
    else
        io_uring_prep_sendmsg (entry, channel->fd, &write->message, MSG_NOSIGNAL | MSG_DONTWAIT);
    io_uring_sqe_set_data (entry, write);
    return TRUE;
}

/* Returns how many. */
static guint
take_completions (BureauRing *ring)
{
    struct io_uring_cqe *completion;
    guint seen = 0, head;

    io_uring_for_each_cqe (&ring->ring, head, completion)
    {
        RingWrite *write = io_uring_cqe_get_data (completion);

        write->whole = take_result (write->channel, write->asked, completion->res);
        seen++;
    }
    io_uring_cq_advance (&ring->ring, seen);
    return seen;
}

/* FALSE if the kernel has taken no more writes, for want of memory most likely; none of those that
 * it took is under way then, for they never wait (MSG_DONTWAIT). */
static gboolean
await_writes (BureauRing *ring, guint submitted)
{
    guint completed = 0;

    while (completed < submitted) {
        int result = io_uring_submit_and_wait (&ring->ring, submitted - completed);

        completed += take_completions (ring);
        if (result < 0 && result != -EINTR)
            return FALSE;
    }
    return TRUE;
}

/* Writes to as many channels as the ring takes. */
static void
flush_some (BureauServer *server)
{
    BureauRing *ring = server->ring;
    BureauChannel *channel;
    guint submitted = 0;
    gboolean done;

    while (submitted < RING_ENTRIES && (channel = take_unflushed (server)) != NULL) {
        if (submit_write (ring, &ring->writes[submitted], channel))
            submitted++;
        else if (channel->fd >= 0)
            after_flush (channel);
    }
    done = await_writes (ring, submitted);
    if (!done)
        bureau_server_trouble (server, "io_uring: no more of it");
    /* Only now: the end of one may touch another, whose write must not be under way. */
    for (guint i = 0; i < submitted; i++) {
        channel = ring->writes[i].channel;
        if (!ring->writes[i].whole)
            bureau_channel_cut (channel);
        else
            bureau_flush_channel (channel);
    }
    if (!done)
        g_clear_pointer (&server->ring, bureau_ring_free);
}

static void
flush_ring (BureauServer *server)
{
    while (server->ring != NULL && server->unflushed.length >= RING_WORTH)
        flush_some (server);
}

#else

BureauRing *
bureau_ring_new (void)
{
    return NULL;
}

void
bureau_ring_free (BureauRing *ring)
{
}

static void
flush_ring (BureauServer *server)
{
}

#endif

void
bureau_flush_all (BureauServer *server)
{
    BureauChannel *channel;

    flush_ring (server);
    while ((channel = take_unflushed (server)) != NULL)
        bureau_flush_channel (channel);
}

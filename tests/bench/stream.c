/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One cipher and one group, so that two servers are asked for the same work. */
#define PRIORITY    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:-GROUP-ALL:+GROUP-X25519"
#define BUFFER_SIZE (256 * 1024)

#define NARROW_SEGMENT 1400
#define NARROW_BUFFER  (16 * 1024)

struct _StreamTls {
    gnutls_certificate_credentials_t credentials;
    gboolean resume;
    gnutls_datum_t ticket; /* (owned): of the first session that got one */
    char *description;     /* (owned) (nullable) */
};

StreamTls *
stream_tls_new (gboolean resume)
{
    StreamTls *tls = g_new0 (StreamTls, 1);

    gnutls_certificate_allocate_credentials (&tls->credentials);
    tls->resume = resume;
    return tls;
}

void
stream_tls_free (StreamTls *tls)
{
    gnutls_certificate_free_credentials (tls->credentials);
    gnutls_free (tls->ticket.data);
    gnutls_free (tls->description);
    g_free (tls);
}

const char *
stream_tls_get_description (StreamTls *tls)
{
    return tls->description;
}

/* ------------------------------------------------------------------ bytes on the socket */

static void
keep (Stream *stream, const void *bytes, gsize length)
{
    if (stream->unsent == NULL)
        stream->unsent = g_byte_array_new ();
    g_byte_array_append (stream->unsent, bytes, length);
}

/* An error of the socket is left for the next read to report. */
static void
send_or_keep (Stream *stream, const guint8 *bytes, gsize length)
{
    gssize sent;

    if (stream->unsent != NULL && stream->unsent->len > 0) {
        keep (stream, bytes, length);
        return;
    }
    sent = send (stream->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN)
        return;
    sent = MAX (sent, 0);
    if ((gsize) sent < length)
        keep (stream, bytes + sent, length - (gsize) sent);
}

static void
flush (Stream *stream)
{
    gssize sent;

    if (stream->unsent == NULL || stream->unsent->len == 0)
        return;
    sent = send (stream->fd, stream->unsent->data, stream->unsent->len,
                 MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0)
        g_byte_array_remove_range (stream->unsent, 0, (guint) sent);
}

/* ------------------------------------------------------------------ TLS */

static gssize
push_cipher_text (gnutls_transport_ptr_t transport, const void *bytes, gsize length)
{
    send_or_keep (transport, bytes, length);
    return (gssize) length;
}

static gssize
pull_cipher_text (gnutls_transport_ptr_t transport, void *bytes, gsize length)
{
    Stream *stream = transport;

    length = MIN (length, stream->arrived_length);
    if (length == 0) {
        gnutls_transport_set_errno (stream->tls, EAGAIN);
        return -1;
    }
    memcpy (bytes, stream->arrived, length);
    stream->arrived += length;
    stream->arrived_length -= length;
    return (gssize) length;
}

static void
start_tls (Stream *stream)
{
    StreamTls *shared = stream->shared;

    gnutls_init (&stream->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
    gnutls_priority_set_direct (stream->tls, PRIORITY, NULL);
    gnutls_credentials_set (stream->tls, GNUTLS_CRD_CERTIFICATE, shared->credentials);
    gnutls_transport_set_ptr (stream->tls, stream);
    gnutls_transport_set_push_function (stream->tls, push_cipher_text);
    gnutls_transport_set_pull_function (stream->tls, pull_cipher_text);
    if (shared->ticket.size > 0)
        gnutls_session_set_data (stream->tls, shared->ticket.data, shared->ticket.size);
}

static gboolean
shake_hands (Stream *stream, const char **why)
{
    int result;

    do
        result = gnutls_handshake (stream->tls);
    while (result == GNUTLS_E_AGAIN && stream->arrived_length > 0);
    if (result < 0) {
        *why = gnutls_strerror (result);
        return !gnutls_error_is_fatal (result);
    }
    stream->is_ready = TRUE;
    if (stream->shared->description == NULL)
        stream->shared->description = gnutls_session_get_desc (stream->tls);
    return TRUE;
}

static void
keep_ticket (Stream *stream)
{
    StreamTls *shared = stream->shared;

    if (shared->resume && shared->ticket.size == 0 &&
        (gnutls_session_get_flags (stream->tls) & GNUTLS_SFLAGS_SESSION_TICKET) != 0)
        gnutls_session_get_data2 (stream->tls, &shared->ticket);
}

/* Takes all that has arrived: GnuTLS keeps what is only half of a record. */
static gboolean
open_records (Stream *stream, StreamFunc func, gpointer data, const char **why)
{
    guint8 text[16 * 1024];

    if (!stream->is_ready && !shake_hands (stream, why))
        return FALSE;
    while (stream->is_ready && stream->fd >= 0) {
        gssize got = gnutls_record_recv (stream->tls, text, sizeof text);

        if (got > 0) {
            func (text, (gsize) got, data);
        } else if (got == GNUTLS_E_AGAIN) {
            keep_ticket (stream);
            /* It says so behind a ticket, too. */
            if (stream->arrived_length == 0)
                break;
        } else if (got == 0 || gnutls_error_is_fatal ((int) got)) {
            *why = got == 0 ? "close_notify" : gnutls_strerror ((int) got);
            return FALSE;
        }
    }
    return TRUE;
}

/* ------------------------------------------------------------------ the stream */

gboolean
stream_open (Stream *stream, guint16 port, gboolean narrow, StreamTls *tls)
{
    struct sockaddr_in target = { .sin_family = AF_INET, .sin_port = htons (port) };
    int on = 1, segment = NARROW_SEGMENT, buffer = NARROW_BUFFER;

    memset (stream, 0, sizeof *stream);
    stream->shared = tls;
    target.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    stream->fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (stream->fd < 0)
        return FALSE;
    setsockopt (stream->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (narrow) {
        setsockopt (stream->fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
        setsockopt (stream->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    }
    return connect (stream->fd, (struct sockaddr *) &target, sizeof target) == 0 ||
           errno == EINPROGRESS;
}

void
stream_close (Stream *stream)
{
    if (stream->fd < 0)
        return;
    close (stream->fd);
    stream->fd = -1;
    g_clear_pointer (&stream->tls, gnutls_deinit);
    g_clear_pointer (&stream->unsent, g_byte_array_unref);
}

static gboolean
start (Stream *stream, const char **why)
{
    int error = 0;
    socklen_t length = sizeof error;

    getsockopt (stream->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) {
        *why = g_strerror (error);
        return FALSE;
    }
    stream->is_started = TRUE;
    if (stream->shared == NULL) {
        stream->is_ready = TRUE;
        return TRUE;
    }
    start_tls (stream);
    return shake_hands (stream, why);
}

gboolean
stream_on_writable (Stream *stream, const char **why)
{
    if (!stream->is_started)
        return start (stream, why);
    flush (stream);
    return TRUE;
}

gboolean
stream_on_readable (Stream *stream, StreamFunc func, gpointer data, const char **why)
{
    static guint8 buffer[BUFFER_SIZE];
    gssize got;

    do {
        got = recv (stream->fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN)
            return TRUE;
        if (got <= 0) {
            *why = got == 0 ? "end of file" : g_strerror (errno);
            return FALSE;
        }
        if (stream->tls == NULL) {
            func (buffer, (gsize) got, data);
        } else {
            stream->arrived = buffer;
            stream->arrived_length = (gsize) got;
            if (!open_records (stream, func, data, why))
                return FALSE;
        }
        /* Edge-triggered: less than asked for means that there is no more. */
    } while (stream->fd >= 0 && got == sizeof buffer);
    return TRUE;
}

void
stream_write (Stream *stream, const void *bytes, gsize length)
{
    if (stream->tls == NULL)
        send_or_keep (stream, bytes, length);
    else
        gnutls_record_send (stream->tls, bytes, length);
}

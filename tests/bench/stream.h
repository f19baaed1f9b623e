/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One client's stream of bytes to a server on loopback, non-blocking, plain or over TLS 1.3. Made
 * for many at once: nothing is allocated for a plain one but what the kernel does not take. */

typedef struct _StreamTls StreamTls; /* what the streams over TLS share */

typedef struct {
    int fd;                         /* -1 once closed */
    struct gnutls_session_int *tls; /* (owned) (nullable) */
    StreamTls *shared;              /* (unowned) (nullable) */
    GByteArray *unsent;             /* (owned) (nullable) */
    const guint8 *arrived;          /* (unowned): cipher text, only while it is being read */
    gsize arrived_length;
    gboolean is_ready : 1; /* connected, and its handshake done */
    gboolean is_started : 1;
} Stream;

/* No certificate is checked. @resume: a later stream takes up an earlier one's session. */
StreamTls *stream_tls_new (gboolean resume);
void stream_tls_free (StreamTls *tls);
/* What the first handshake agreed on. (nullable) (transfer none) */
const char *stream_tls_get_description (StreamTls *tls);

/* Begins to connect to 127.0.0.1. @narrow: the kernel keeps little of what arrives and is not yet
 * read, and takes it in the segments of a real network. FALSE with errno set. */
gboolean stream_open (Stream *stream, guint16 port, gboolean narrow, StreamTls *tls);
void stream_close (Stream *stream);

/* What epoll tells. On FALSE, @why says how it ended. */
gboolean stream_on_writable (Stream *stream, const char **why);
/* Reads all there is and hands it to @func in pieces; it may close the stream. */
typedef void (*StreamFunc) (const guint8 *bytes, gsize length, gpointer data);
gboolean stream_on_readable (Stream *stream, StreamFunc func, gpointer data, const char **why);

/* Keeps what the kernel does not take until stream_on_writable(). */
void stream_write (Stream *stream, const void *bytes, gsize length);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* TLS 1.3 as a filter of bytes, the server's side, over GnuTLS: it owns no socket, no timer, no
 * thread, and never blocks. What comes off the socket is put in; plain text comes out; and the
 * other way round.
 *
 * Nothing older than TLS 1.3, no early data, no client certificates. A connection that is lost is
 * resumed by a ticket, for which nothing is kept here. Of ALPN's protocols there is "http/1.1"; a
 * client that offers only others is let in without one, and speaks HTTP/1.1 or is refused as what
 * it speaks then. */

typedef struct _BureauTlsIdentity BureauTlsIdentity; /* certificate and key; shared by many */
typedef struct _BureauTls BureauTls;                 /* one connection */

typedef enum {
    BUREAU_TLS_NEED_MORE, /* put in more */
    BUREAU_TLS_DATA,      /* plain text was read */
    BUREAU_TLS_READY,     /* the handshake has just been done */
    BUREAU_TLS_END,       /* the peer's close_notify: no more comes */
    BUREAU_TLS_ERROR,     /* nothing more comes; an alert for the peer may have gone out */
} BureauTlsResult;

/* PEM texts; @certificate may be a chain. G_IO_ERROR_INVALID_DATA if they don't fit each other.
 * Makes the key for session tickets, from which GnuTLS derives another every few hours. */
BureauTlsIdentity *bureau_tls_identity_new (const char *certificate, const char *key,
                                            GError **error);
BureauTlsIdentity *bureau_tls_identity_ref (BureauTlsIdentity *identity);
void bureau_tls_identity_unref (BureauTlsIdentity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauTlsIdentity, bureau_tls_identity_unref)

/* Whether a whole ClientHello is there, so that no session is made for a peer that says nothing (or
 * only half of it): a pure function of the first bytes off the socket. */
typedef enum {
    BUREAU_TLS_HELLO_INCOMPLETE,
    BUREAU_TLS_HELLO_WHOLE,
    BUREAU_TLS_HELLO_BAD, /* no TLS, or larger than 16 KiB with its record headers */
} BureauTlsHello;
BureauTlsHello bureau_tls_check_hello (const guint8 *bytes, gsize length);

/* Called with cipher text that is to go out on the socket, from within the calls below that say so.
 */
typedef void (*BureauTlsOutputFunc) (const void *bytes, gsize length, gpointer data);

BureauTls *bureau_tls_new (BureauTlsIdentity *identity, BureauTlsOutputFunc output, gpointer data);
void bureau_tls_free (BureauTls *tls);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauTls, bureau_tls_free)

/* Takes in bytes off the socket; they are not copied, and all used up when bureau_tls_read()
 * answers NEED_MORE, END or ERROR. Not before the last ones are. */
void bureau_tls_feed (BureauTls *tls, const void *bytes, gsize length);
/* One step: of the handshake, or of reading. On DATA, @length bytes are in @buffer (of @size, at
 * least 16 KiB). Call until NEED_MORE, END or ERROR. Calls `output`. */
BureauTlsResult bureau_tls_read (BureauTls *tls, void *buffer, gsize size, gsize *length);
/* Encrypts up to @length bytes (one record: at most 16 KiB) and returns how many. 0 before READY
 * and after an error or bureau_tls_close(). Calls `output`. */
gsize bureau_tls_write (BureauTls *tls, const void *bytes, gsize length);
/* Says that no more will come: close_notify. Calls `output`. */
void bureau_tls_close (BureauTls *tls);

G_END_DECLS

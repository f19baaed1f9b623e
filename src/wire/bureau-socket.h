/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* A Socket.IO v5 client: one connection, one namespace ("/"), over a WebSocket of its own or by
 * long-polling, no reconnection of its own. Treats the hub as hostile: every message passes the
 * packet parser and the strict scanner, sizes are limited, a server that breaks the protocol is
 * left.
 *
 * Signals, all in the main context of the thread that connected:
 *   "event" (const char *name, const char *json)   json: its first argument, or "null"
 *   "upgraded" ()                                  the transport is a WebSocket now
 *   "closed" (const GError *reason)                once, when it is over; not by dispose */
#define BUREAU_TYPE_SOCKET (bureau_socket_get_type ())
G_DECLARE_FINAL_TYPE (BureauSocket, bureau_socket, BUREAU, SOCKET, GObject)

#define BUREAU_SOCKET_ERROR (bureau_socket_error_quark ())
GQuark bureau_socket_error_quark (void);

typedef enum {
    BUREAU_SOCKET_ERROR_REFUSED,  /* CONNECT_ERROR; see bureau_socket_error_get_code() */
    BUREAU_SOCKET_ERROR_PROTOCOL, /* the peer broke the protocol */
    BUREAU_SOCKET_ERROR_TIMEOUT,  /* no ping within interval + timeout, or no answer to CONNECT */
    BUREAU_SOCKET_ERROR_CLOSED,   /* the peer closed, or is gone */
    BUREAU_SOCKET_ERROR_HTTP,     /* see bureau_socket_error_get_status() */
    BUREAU_SOCKET_ERROR_STRANGER, /* another key than the pinned one; nothing was sent; see
                                     bureau_socket_error_get_expected_pin() and its like */
    BUREAU_SOCKET_ERROR_PLAIN,    /* it would not have been encrypted; nothing was sent */
} BureauSocketError;

/* `data.code` of a CONNECT_ERROR, e.g. "unauthenticated". (nullable) (transfer none) */
const char *bureau_socket_error_get_code (const GError *error);

/* The HTTP status that a hub answered instead of what it was asked for; 0 for other errors. */
guint bureau_socket_error_get_status (const GError *error);

/* The hub's word on the token that a connection goes by: it has expired, or does not count any
 * more.
 */
#define BUREAU_SOCKET_CLOSE_EXPIRED    4401
#define BUREAU_SOCKET_CLOSE_SIGNED_OUT 4403

/* The close code of a hub that closed a WebSocket; 0 for other errors. */
guint16 bureau_socket_error_get_close_code (const GError *error);

/* Of a BUREAU_SOCKET_ERROR_STRANGER: the pin that was expected, and the one of whoever answered (""
 * if there is none); NULL for other errors. (transfer none) */
const char *bureau_socket_error_get_expected_pin (const GError *error);
const char *bureau_socket_error_get_presented_pin (const GError *error);

typedef enum {
    BUREAU_SOCKET_WEBSOCKET,
    BUREAU_SOCKET_POLLING, /* HTTP long-polling, for where no WebSocket gets through */
} BureauSocketTransport;

/* @session: for polling; a WebSocket takes its TLS database. @base_uri: "http://host:port". @auth:
 * JSON object of the CONNECT. @max_payload: bytes of one incoming message. Finishes when CONNECT is
 * answered. Errors are BUREAU_SOCKET_ERROR if anybody was reached, else what the network says. */
void bureau_socket_connect_async (SoupSession *session, const char *base_uri, const char *auth,
                                  gsize max_payload, BureauSocketTransport transport,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer data);
/* (transfer full). Events that came with the answer are delivered after this returns, never before.
 */
BureauSocket *bureau_socket_connect_finish (GAsyncResult *result, GError **error);

/* @json: acknowledgement's first argument ("null" if none), or NULL with @error when the socket
 * closed first. */
typedef void (*BureauSocketAck) (const char *json, const GError *error, gpointer data);
/* Sends `42ID["name",json]`; @ack may be NULL, then no acknowledgement is asked for. */
void bureau_socket_emit (BureauSocket *self, const char *name, const char *json,
                         BureauSocketAck ack, gpointer data);
gboolean bureau_socket_is_open (BureauSocket *self);
BureauSocketTransport bureau_socket_get_transport (BureauSocket *self);
/* Open by polling: tries to go on over a WebSocket; nothing is lost either way. */
void bureau_socket_upgrade (BureauSocket *self);
/* Leaves politely; "closed" is not emitted. */
void bureau_socket_close (BureauSocket *self);

/* A session for talking to hubs: no cookies, no cache, no content sniffing, no redirects, no
 * proxies, no HTTP authentication (reliability.md, 4), and no timeout: a poll may be held for long.
 * It speaks to this very machine only, until it is given another bureau_pin_database_new().
 * (transfer full) */
SoupSession *bureau_socket_session_new (void);

G_END_DECLS

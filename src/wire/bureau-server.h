/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "bureau-exchange.h"
#include "bureau-frame.h"
#include "bureau-packet.h"
#include "bureau-tls.h"

G_BEGIN_DECLS

/* The hub's transport: own accept loop, strict HTTP/1.1, own TLS and WebSocket, all behind one
 * epoll descriptor (performance.md, 11); Engine.IO v4 by polling and WebSocket, Socket.IO v5 above
 * it. It knows connections, rooms and turns; of tasks it knows nothing.
 *
 * A turn of the loop: read what is ready and hand each packet to `event`; then call `turn` once, in
 * which the owner does its work, acknowledges and broadcasts; then write once for each connection
 * that has something waiting. A turn in which nothing arrived is not made, unless
 * bureau_server_wake() asked for one.
 *
 * Everything runs in the thread-default main context of the thread that made the server. No hook is
 * called from within a call of the owner's. */

typedef struct _BureauConnection BureauConnection; /* a Socket.IO client in one namespace (owned by
                                                      the server): valid until its `closed` */
typedef struct _BureauSession BureauSession;       /* an Engine.IO session */

typedef struct {
    /* A client asks to join a namespace. @auth is its JSON object or NULL. Answer now or later,
     * once, with accept or refuse. */
    void (*connect) (BureauServer *server, BureauConnection *connection, const char *auth,
                     gpointer data);
    /* An EVENT of an accepted connection, binary or not; ["name", …] in packet->json. */
    void (*event) (BureauServer *server, BureauConnection *connection, const BureauPacket *packet,
                   gpointer data);
    /* A connection that `connect` was called for, and that was not refused, is gone, whether it was
     * accepted yet or not; its rooms are left already. The last call about it. @reason: one of
     * wire.md, B6. Its data is destroyed after this. */
    void (*closed) (BureauServer *server, BureauConnection *connection, const char *reason,
                    gpointer data);
    /* What was read this turn has been handed over: decide, answer, broadcast. */
    void (*turn) (BureauServer *server, gpointer data);
    /* Any HTTP request outside /socket.io/. (nullable): all are answered 404. */
    void (*request) (BureauServer *server, BureauExchange *exchange, gpointer data);
    /* A message of a plain Engine.IO session, opened below /engine.io/. (nullable): there is no
     * such path. */
    void (*message) (BureauServer *server, BureauSession *session, const void *bytes, gsize length,
                     gboolean is_binary, gpointer data);
    /* Of what waited for a connection, as much has gone out as bureau_connection_await_drain()
     * asks. (nullable) */
    void (*drained) (BureauServer *server, BureauConnection *connection, gpointer data);
    /* What the owner can't mend, for the log: no more file descriptors, a listener lost … It comes
     * in the midst of other work, and must call nothing of the server's. */
    void (*trouble) (BureauServer *server, const char *what, gpointer data);
} BureauServerHooks;

typedef struct {
    gint64 ping_interval;   /* ms */
    gint64 ping_timeout;    /* ms */
    gint64 upgrade_timeout; /* ms from the probe's 101 to its end */
    gint64 ack_timeout;     /* ms for an acknowledgement that was asked for */
    gint64 connect_timeout; /* ms from the session's handshake to an accepted CONNECT */
    gint64 request_timeout; /* ms for the head of a request, from accept() or from its first byte */
    gint64 body_timeout;    /* ms for its body, from the end of the head */
    gsize max_payload;      /* bytes of one message, > 0; also of an HTTP body */
    gsize max_waiting_payload; /* the same before a session is signed in */
    guint max_packets;         /* of one polling request */
    gsize max_unsent;          /* bytes waiting for one connection before it is dropped */
    gint64 unsent_timeout;     /* ms without progress of a connection that has bytes waiting */
    guint max_connections;     /* TCP connections, and sessions, in all */
    guint max_connections_per_address;
    guint max_waiting; /* not yet signed in, in all: one more takes the place of another */
    guint max_waiting_per_address;
    gint64 recovery_time; /* ms for which a lost connection can be taken up again; 0: not at all */
    gsize recovery_bytes; /* of events kept for that */
    const char *const *namespaces; /* NULL-terminated; copied */
    /* (nullable) NULL-terminated; copied: pages from elsewhere that may come, e.g.
     * "https://wall.example"; "*" for all */
    const char *const *allowed_origins;
    gboolean credentials; /* lets those pages send cookies, unless it is all pages that may come */
    gboolean without_uring; /* writes with sendmsg() even where the kernel has io_uring */
    gboolean any_host;      /* takes any Host header; FALSE: plainly, only this machine's names and
                               addresses */
} BureauServerOptions;

/* The defaults of rules.md, Limits. */
extern const BureauServerOptions bureau_server_default_options;

BureauServer *bureau_server_new (const BureauServerOptions *options, const BureauServerHooks *hooks,
                                 gpointer data);
/* Closes the listeners and every connection at once. Calls no hook, but destroys the connections'
 * data. Not from within a hook. */
void bureau_server_free (BureauServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauServer, bureau_server_free)

/* Listens on a numeric address; port 0 picks a free one. Returns "http://127.0.0.1:43121", or
 * "https://…" with an @identity (nullable) (transfer full), or NULL with a GError of G_IO_ERROR.
 * Plain HTTP is for loopback: elsewhere without @identity is G_IO_ERROR_NOT_SUPPORTED. A wildcard
 * address takes both: TLS, and plain HTTP from those who come over loopback. The one of IPv6 takes
 * IPv4 too. */
char *bureau_server_listen (BureauServer *server, const char *address, guint16 port,
                            BureauTlsIdentity *identity, GError **error);
/* @uri (nullable): as bureau_server_listen() returned it; NULL: all. */
void bureau_server_stop_listening (BureauServer *server, const char *uri);

/* Makes a turn happen soon even if no packet arrives. Cheap; many calls make one turn. This thread
 * only. */
void bureau_server_wake (BureauServer *server);

/* Writes out what is waiting as far as the kernel takes it, then closes every connection with @code
 * and @reason. */
void bureau_server_close_all (BureauServer *server, guint16 code, const char *reason);
/* Closes at once what comes from other machines, and drops what waits for them. Not from within a
 * hook. */
void bureau_server_close_distant (BureauServer *server, guint16 code, const char *reason);
/* How many Socket.IO connections are accepted. */
guint bureau_server_count_connections (BureauServer *server);

/* ------------------------------------------------------------------ one connection */

/* Answers CONNECT with {"sid":…}; the connection may now send events. It may have been put into
 * rooms before: one that is recovered gets what it missed of those first. */
void bureau_connection_accept (BureauConnection *connection);
/* CONNECT_ERROR {"message":…,"data":{"code":…}}; the session stays until its connect timeout. */
void bureau_connection_refuse (BureauConnection *connection, const char *message, const char *code);
/* Socket.IO's connection state recovery (wire.md, D), before accept. TRUE if the CONNECT names
 * one of @owner's connections, lost not long ago or still alive (then that one is closed, 4409),
 * and nothing that it missed is lost. It then has that one's id. FALSE: it is new, but can be
 * recovered later. @owner: who it is, checked anew by the caller. Without this call, a connection
 * can't be recovered. */
gboolean bureau_connection_recover (BureauConnection *connection, const char *owner);
/* Queues a frame; it goes out with the turn's write. */
void bureau_connection_send (BureauConnection *connection, BureauFrame *frame);
/* Queues an event of the connection's own namespace. @json (nullable): the arguments, compact,
 * joined by commas. @blobs (nullable) (element-type GBytes): its attachments, whose placeholders
 * are in @json. */
void bureau_connection_emit (BureauConnection *connection, const char *name, const char *json,
                             GPtrArray *blobs);
/* The same, asking for an acknowledgement. @func is called once: with the ACK, ["…"] in
 * packet->json, or with NULL when options.ack_timeout has passed or the connection is gone, just
 * before its `closed`. One that is not accepted, or has left, is asked nothing, and @func is not
 * called. */
typedef void (*BureauAckFunc) (BureauConnection *connection, const BureauPacket *packet,
                               gpointer data);
void bureau_connection_ask (BureauConnection *connection, const char *name, const char *json,
                            GPtrArray *blobs, BureauAckFunc func, gpointer data);
/* Queues the acknowledgement `43ID[json]`, or `46…` with @blobs (nullable). */
void bureau_connection_acknowledge (BureauConnection *connection, gint64 id, const char *json,
                                    GPtrArray *blobs);
/* Leaves the namespace: DISCONNECT is sent, the session stays. `closed` follows, not from within
 * this call. */
void bureau_connection_disconnect (BureauConnection *connection);
/* Ends the whole session: what waits is sent, then a WebSocket close frame (or `1`, by polling).
 * `closed` follows, not from within this call. */
void bureau_connection_close (BureauConnection *connection, guint16 code, const char *reason);
/* How many bytes wait for its session. By polling, all until they are fetched. */
gsize bureau_connection_get_unsent (BureauConnection *connection);
/* Has `drained` called, once, when no more than @bytes wait for its session. */
void bureau_connection_await_drain (BureauConnection *connection, gsize bytes);
/* FALSE once it has left its namespace or its session is ending: its `closed` is to come. */
gboolean bureau_connection_is_open (BureauConnection *connection);
/* The peer's numeric address without the port. (transfer none) */
const char *bureau_connection_get_address (BureauConnection *connection);
const char *bureau_connection_get_namespace (BureauConnection *connection);
/* The value of the session's first request's Authorization header. (nullable) (transfer none) */
const char *bureau_connection_get_authorization (BureauConnection *connection);
/* The same request's Cookie header; NULL unless options.credentials is set and it came from a page
 * that may come. (nullable) (transfer none) */
const char *bureau_connection_get_cookies (BureauConnection *connection);
/* Whatever the owner wants to keep with it. */
void bureau_connection_set_data (BureauConnection *connection, gpointer data,
                                 GDestroyNotify destroy);
gpointer bureau_connection_get_data (BureauConnection *connection);

/* ------------------------------------------------------------------ a plain session */

/* Queues a message of a plain Engine.IO session; copied. */
void bureau_session_send (BureauSession *session, const void *bytes, gsize length,
                          gboolean is_binary);

/* ------------------------------------------------------------------ rooms of namespace "/" */

void bureau_server_join (BureauServer *server, BureauConnection *connection, const char *room);
/* Into @room for bureau_server_send() alone: what is broadcast to it is not for this one, not even
 * as a member of another of the broadcast's rooms that is named after it; until unmute. Who is in
 * the room already stays in it as they are. */
void bureau_server_join_muted (BureauServer *server, BureauConnection *connection,
                               const char *room);
/* From now on it gets what is broadcast to @room, if it is in it. */
void bureau_server_unmute (BureauServer *server, BureauConnection *connection, const char *room);
gboolean bureau_server_is_muted (BureauServer *server, BureauConnection *connection,
                                 const char *room);
void bureau_server_leave (BureauServer *server, BureauConnection *connection, const char *room);
/* Out of every room it is in; what waits of them is dropped. */
void bureau_server_leave_all (BureauServer *server, BureauConnection *connection);
gboolean bureau_server_is_member (BureauServer *server, BureauConnection *connection,
                                  const char *room);
/* Queues @frame for this one, which is in @room; what waits of it is dropped if it leaves. */
void bureau_server_send (BureauServer *server, BureauConnection *connection, const char *room,
                         BureauFrame *frame);
/* Queues @frame for each connection that is in any of @rooms (NULL-terminated), once each. @except:
 * nullable. */
void bureau_server_broadcast (BureauServer *server, const char *const *rooms, BureauFrame *frame,
                              BureauConnection *except);
/* The same for those in @within who are in any of @rooms, too. It is of @within: what waits of it
 * is dropped when they leave that. */
void bureau_server_broadcast_within (BureauServer *server, const char *within,
                                     const char *const *rooms, BureauFrame *frame);
/* bureau_server_broadcast(), but not for those whom the last broadcast reached: it told them all of
 * it, and this tells the others less. */
void bureau_server_broadcast_rest (BureauServer *server, const char *const *rooms,
                                   BureauFrame *frame, BureauConnection *except);
/* Makes the event, broadcasts it, and keeps it for those who are recovered later: it has one more
 * argument, its offset. */
void bureau_server_publish (BureauServer *server, const char *const *rooms, const char *name,
                            const char *json);
/* Like bureau_server_broadcast_within(), and kept as well. */
void bureau_server_publish_within (BureauServer *server, const char *within,
                                   const char *const *rooms, const char *name, const char *json);
/* Like bureau_server_broadcast_rest() after a publish. */
void bureau_server_publish_rest (BureauServer *server, const char *const *rooms, const char *name,
                                 const char *json);
/* Calls @func for each connection in @room; the callback must not join or leave. */
typedef void (*BureauConnectionFunc) (BureauConnection *connection, gpointer data);
void bureau_server_foreach_member (BureauServer *server, const char *room,
                                   BureauConnectionFunc func, gpointer data);

G_END_DECLS

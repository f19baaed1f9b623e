/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "bureau-frame.h"
#include "bureau-packet.h"

G_BEGIN_DECLS

/* The hub's transport: own accept loop, SoupServer for HTTP, own WebSocket connections behind one
 * epoll descriptor (performance.md, 11). It knows connections, rooms and turns; of tasks it knows
 * nothing.
 *
 * A turn of the loop: read what is ready and hand each packet to `event`; then call `turn` once, in
 * which the owner does its work, acknowledges and broadcasts; then write once for each connection
 * that has something waiting. A turn in which nothing arrived is not made, unless
 * bureau_server_wake() asked for one.
 *
 * Everything runs in the thread-default main context of the thread that made the server. No hook is
 * called from within a call of the owner's. */

typedef struct _BureauServer BureauServer;
typedef struct _BureauConnection
    BureauConnection; /* (owned by the server): valid until its `closed` */

typedef struct {
    /* A client asks to join namespace "/". @auth is its JSON object or NULL. Answer now or later,
     * once, with accept or refuse. */
    void (*connect) (BureauServer *server, BureauConnection *connection, const char *auth,
                     gpointer data);
    /* An EVENT of an accepted connection; ["name", …] in packet->json. */
    void (*event) (BureauServer *server, BureauConnection *connection, const BureauPacket *packet,
                   gpointer data);
    /* A connection that `connect` was called for, and that was not refused, is gone, whether it was
     * accepted yet or not; its rooms are left already. The last call about it, unless it left
     * politely (41) and asks again: then `connect` comes anew. Its data is destroyed after this. */
    void (*closed) (BureauServer *server, BureauConnection *connection, const char *reason,
                    gpointer data);
    void (*turn) (BureauServer *server, gpointer data);
    /* Any HTTP request outside /socket.io/. Answer by setting a status, now, or pause and unpause.
     */
    void (*request) (BureauServer *server, SoupServerMessage *message, const char *path,
                     gpointer data);
    /* An open file descriptor limit, a listener lost …: for the log. */
    void (*trouble) (BureauServer *server, const char *what, gpointer data);
} BureauServerHooks;

typedef struct {
    gint64 ping_interval;   /* ms */
    gint64 ping_timeout;    /* ms */
    gint64 connect_timeout; /* ms from the TCP connection to an accepted CONNECT */
    gsize max_payload;      /* bytes of one message, > 0; also of an HTTP body */
    gsize max_unsent;       /* bytes waiting for one connection before it is dropped */
    gint64 unsent_timeout;  /* ms without progress of a connection that has bytes waiting */
    guint max_connections;
    guint max_connections_per_address;
    guint max_waiting; /* not yet signed in, in all */
    guint max_waiting_per_address;
} BureauServerOptions;

/* The defaults of rules.md, Limits. */
extern const BureauServerOptions bureau_server_default_options;

BureauServer *bureau_server_new (const BureauServerOptions *options, const BureauServerHooks *hooks,
                                 gpointer data);
/* Closes the listeners and every connection at once. Calls no hook, but destroys the connections'
 * data. Not from within a hook. */
void bureau_server_free (BureauServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauServer, bureau_server_free)

/* Listens on a numeric address; port 0 picks a free one. Returns "http://127.0.0.1:43121" (transfer
 * full), or NULL with a GError of G_IO_ERROR. Addresses other than loopback are
 * G_IO_ERROR_NOT_SUPPORTED until the gate has TLS. */
char *bureau_server_listen (BureauServer *server, const char *address, guint16 port,
                            GError **error);
void bureau_server_stop_listening (BureauServer *server);

/* Makes a turn happen soon even if no packet arrives. Cheap; many calls make one turn. This thread
 * only. */
void bureau_server_wake (BureauServer *server);

/* Writes out what is waiting as far as the kernel takes it, then closes every connection with @code
 * and
 * @reason. */
void bureau_server_close_all (BureauServer *server, guint16 code, const char *reason);
guint bureau_server_count_connections (BureauServer *server);

/* ------------------------------------------------------------------ one connection */

/* Answers CONNECT with {"sid":…}; the connection may now send events. */
void bureau_connection_accept (BureauConnection *connection);
/* CONNECT_ERROR {"message":…,"data":{"code":…}}; the connection stays until its connect timeout. */
void bureau_connection_refuse (BureauConnection *connection, const char *message, const char *code);
/* Queues a frame; it goes out with the turn's write. */
void bureau_connection_send (BureauConnection *connection, BureauFrame *frame);
/* Queues the acknowledgement `43ID[json]`. */
void bureau_connection_acknowledge (BureauConnection *connection, gint64 id, const char *json);
/* Sends what waits, then a close frame. `closed` follows, not from within this call. */
void bureau_connection_close (BureauConnection *connection, guint16 code, const char *reason);
/* The peer's numeric address without the port. (transfer none) */
const char *bureau_connection_get_address (BureauConnection *connection);
/* The value of the upgrade request's Authorization header. (nullable) (transfer none) */
const char *bureau_connection_get_authorization (BureauConnection *connection);
/* Whatever the owner wants to keep with it. */
void bureau_connection_set_data (BureauConnection *connection, gpointer data,
                                 GDestroyNotify destroy);
gpointer bureau_connection_get_data (BureauConnection *connection);

/* ------------------------------------------------------------------ rooms */

void bureau_server_join (BureauServer *server, BureauConnection *connection, const char *room);
void bureau_server_leave (BureauServer *server, BureauConnection *connection, const char *room);
gboolean bureau_server_is_member (BureauServer *server, BureauConnection *connection,
                                  const char *room);
/* Queues @frame for this one, which is in @room; what waits of it is dropped if it leaves. */
void bureau_server_send (BureauServer *server, BureauConnection *connection, const char *room,
                         BureauFrame *frame);
/* Queues @frame for each connection that is in any of @rooms (NULL-terminated), once each. @except:
 * nullable. */
void bureau_server_broadcast (BureauServer *server, const char *const *rooms, BureauFrame *frame,
                              BureauConnection *except);
/* The same, but not for those whom the last broadcast reached: it told them all of it, and this
 * tells the others less. */
void bureau_server_broadcast_rest (BureauServer *server, const char *const *rooms,
                                   BureauFrame *frame, BureauConnection *except);
/* Calls @func for each connection in @room; the callback must not join or leave. */
typedef void (*BureauConnectionFunc) (BureauConnection *connection, gpointer data);
void bureau_server_foreach_member (BureauServer *server, const char *room,
                                   BureauConnectionFunc func, gpointer data);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-server.h"

#include "bureau-frame-private.h"
#include "bureau-http-head.h"
#include "bureau-websocket-codec.h"

G_BEGIN_DECLS

/* Close codes beside those of RFC 6455 section 7.4.1: reliability.md 2. */
#define BUREAU_CLOSE_NORMAL     1000
#define BUREAU_CLOSE_NO_STATUS  1005
#define BUREAU_CLOSE_BAD_PACKET 4400
#define BUREAU_CLOSE_SLOW       4408
#define BUREAU_CLOSE_NOT_SIGNED 4401
#define BUREAU_CLOSE_PING       4410

typedef struct _BureauAddress BureauAddress;
typedef struct _BureauAdmission BureauAdmission;
typedef struct _BureauRoom BureauRoom;

/* ------------------------------------------------------------------ deadlines */

/* A list of things that all get the same time, so that the first to enter is the first due:
 * entering, leaving and asking for the next cost the same however many there are. */
typedef struct {
    GList link; /* data: the thing itself; embedded, never freed */
    gint64 due; /* monotonic, µs */
    gboolean waiting;
} BureauDeadline;

typedef struct {
    GQueue queue;
    gint64 interval; /* µs */
} BureauDeadlineList;

void bureau_deadline_list_init (BureauDeadlineList *list, gint64 milliseconds);
/* Enters @thing at the end, or moves it there. */
void bureau_deadline_enter (BureauDeadlineList *list, BureauDeadline *deadline, gpointer thing,
                            gint64 now);
void bureau_deadline_leave (BureauDeadlineList *list, BureauDeadline *deadline);
/* Takes out the first thing if it is due. (nullable) */
gpointer bureau_deadline_take_due (BureauDeadlineList *list, gint64 now);
/* When the first is due; G_MAXINT64 if there is none. */
gint64 bureau_deadline_next (BureauDeadlineList *list);

/* ------------------------------------------------------------------ admissions */

/* How many come from one address. Freed with its last. */
struct _BureauAddress {
    char *name;        /* (owned): numeric, no port */
    guint connections; /* all of them */
    guint waiting;     /* of those, not yet signed in */
};

/* A peer that is not signed in: from accept() to an accepted CONNECT. Until the upgrade it belongs
 * to the stream, then to the connection. */
struct _BureauAdmission {
    BureauServer *server;
    GSocketConnection
        *stream; /* (unowned, but while head waits owned) (nullable): until the upgrade */
    GSocketAddress *remote;       /* (owned) (nullable): of the stream */
    GSource *head;                /* (owned) (nullable): waits for the request */
    BureauConnection *connection; /* (unowned) (nullable): from the upgrade on */
    BureauAddress *address;
    BureauDeadline deadline;
    gboolean answering; /* its deadline is in server->answering, not server->admitting */
    GList link;         /* in server->admissions */
};

/* ------------------------------------------------------------------ connections */

typedef enum {
    BUREAU_NAMESPACE_NONE,
    BUREAU_NAMESPACE_ASKED, /* hooks.connect was called and not answered */
    BUREAU_NAMESPACE_JOINED,
} BureauNamespaceState;

typedef struct {
    BureauFrame *frame; /* (owned) */
    BureauRoom *room;   /* (unowned) (nullable): it was sent to; only ever compared */
} BureauQueued;

struct _BureauConnection {
    BureauServer *server;
    int fd; /* -1 once closed */
    BureauWebsocketCodec *codec;
    BureauAddress *address;
    char *authorization;        /* (owned) (nullable) */
    BureauAdmission *admission; /* (owned) (nullable): until signed in */
    BureauNamespaceState state;
    GPtrArray *memberships; /* (owned) (nullable) (element-type BureauMembership) */
    gpointer data;
    GDestroyNotify destroy;
    guint64 stamp; /* of the last broadcast that reached it */

    BureauQueued *queue; /* (owned): a ring; its size is a power of two */
    guint queue_size;
    guint queue_first;
    guint queue_length;
    gsize first_sent; /* bytes of the first frame that are out already */
    gsize unsent;     /* bytes of all frames, less first_sent */
    BureauFrame
        *pong; /* (owned) (nullable): only the latest ping is answered, RFC 6455 section 5.5.3 */

    char *close_reason;   /* (owned): set once closing */
    gboolean closing : 1; /* no more messages in or out, but what is queued */
    gboolean blocked : 1; /* the kernel takes no more until EPOLLOUT */
    gboolean hangup : 1;  /* read on to the end of file */
    gboolean shut : 1;    /* our half is shut down */
    gboolean told : 1;    /* hooks.connect was called, and closed is owed */

    GList all_link;    /* in server->connections */
    GList ready_link;  /* in server->ready */
    GList flush_link;  /* in server->unflushed */
    GList doomed_link; /* in server->doomed */
    gboolean in_ready : 1, in_unflushed : 1, in_doomed : 1;
    BureauDeadline heartbeat; /* in server->pinging or server->ponging */
    gboolean awaiting_pong;
    BureauDeadline stalled; /* in server->stalled, then server->lingering */
};

typedef struct {
    BureauRoom *room;
    BureauConnection *connection;
    guint position; /* in room->members */
} BureauMembership;

struct _BureauRoom {
    char *name;
    GPtrArray *members; /* (element-type BureauMembership) (owned by their connections) */
};

/* Takes @fd and @admission. */
BureauConnection *bureau_connection_new (BureauAdmission *admission, int fd,
                                         const char *authorization);
void bureau_connection_free (BureauConnection *connection);
/* Sends the open packet and takes in what came with the upgrade. */
void bureau_connection_start (BureauConnection *connection, const guint8 *early, gsize length);
/* Reads up to a budget, and lets the session see what came. */
void bureau_connection_read (BureauConnection *connection);
/* The end, with a close frame behind what waits. */
void bureau_connection_end (BureauConnection *connection, guint16 code, const char *reason);
/* The end, with @frame behind what waits. */
void bureau_connection_end_with (BureauConnection *connection, BureauFrame *frame,
                                 const char *reason);
/* The end, dropping what waits, all but a frame that is half out. */
void bureau_connection_drop (BureauConnection *connection, guint16 code, const char *reason);
/* The end without a word: the peer is gone. */
void bureau_connection_cut (BureauConnection *connection, const char *reason);
/* Takes it out of its rooms and tells the owner, if that is owed. From the loop only. */
void bureau_connection_report (BureauConnection *connection);

/* ------------------------------------------------------------------ outgoing */

/* Puts @frame last in the queue, whatever state the connection is in. */
void bureau_outgoing_push (BureauConnection *connection, BureauFrame *frame, BureauRoom *room);
/* Drops what waits, @all of it or what was sent to @room; but never a frame that is half out. */
void bureau_outgoing_filter (BureauConnection *connection, gboolean all, BureauRoom *room);
void bureau_outgoing_clear (BureauConnection *connection);
/* Has the connection flushed at the end of the turn. */
void bureau_outgoing_mark (BureauConnection *connection);
/* Hands the kernel what waits, as far as it takes it. */
void bureau_connection_flush (BureauConnection *connection);
/* Like bureau_connection_send(), remembering the room it was for. */
void bureau_connection_queue (BureauConnection *connection, BureauFrame *frame, BureauRoom *room);
/* Drops what waits and was sent to @room. */
void bureau_connection_purge (BureauConnection *connection, BureauRoom *room);

/* ------------------------------------------------------------------ protocol */

/* One Engine.IO message from the peer. */
void bureau_protocol_take (BureauConnection *connection, const char *text, gsize length);
void bureau_protocol_open (BureauConnection *connection);

/* ------------------------------------------------------------------ rooms */

void bureau_room_leave_all (BureauConnection *connection);
void bureau_room_free (BureauRoom *room);

/* ------------------------------------------------------------------ gate */

/* Called for each upgrade that passed. Steals the stream of @message. */
void bureau_gate_upgrade (SoupServerMessage *message);
/* Answers with these bytes, and reads nothing more that means anything. Steals the stream of
 * @message, takes
 * @answer. */
void bureau_gate_turn_away (SoupServerMessage *message, GString *answer);
BureauAdmission *bureau_gate_get_admission (SoupServerMessage *message);
BureauAddress *bureau_gate_hold_address (BureauServer *server, const char *name);
void bureau_gate_drop_unused_address (BureauServer *server, BureauAddress *address);
gboolean bureau_gate_has_room (BureauServer *server, BureauAddress *address);
BureauAdmission *bureau_admission_new (BureauServer *server, BureauAddress *address,
                                       GSocketConnection *stream, GSocketAddress *remote);
/* No longer waits for the head, and lets go of the stream: @admission is gone unless somebody else
 * holds that. */
void bureau_admission_end_head (BureauAdmission *admission);
/* The request is read: what follows is ours, and may take longer. */
void bureau_admission_set_answering (BureauAdmission *admission);
/* The stream has become @connection's. */
void bureau_admission_detach (BureauAdmission *admission, BureauConnection *connection);
/* Starts the time again, for a connection that has left "/". */
BureauAdmission *bureau_admission_new_again (BureauConnection *connection);
/* Signed in: no longer counted as waiting. */
void bureau_admission_finish (BureauAdmission *admission);
void bureau_admission_expire (BureauAdmission *admission);
void bureau_gate_release_address (BureauServer *server, BureauAddress *address);
void bureau_gate_close_listeners (BureauServer *server);
/* Closes what has not become a connection. */
void bureau_gate_abandon_streams (BureauServer *server);

/* ------------------------------------------------------------------ HTTP */

/* The handlers of the SoupServer. */
void bureau_http_add_handlers (BureauServer *server);
/* The whole answer to a head that is not good. (transfer full) */
GString *bureau_http_format_refusal (BureauHttpHead verdict);

/* ------------------------------------------------------------------ server */

struct _BureauServer {
    BureauServerOptions options;
    BureauServerHooks hooks;
    gpointer data;
    GMainContext *context;
    SoupServer *soup;
    int epoll;
    GSource *source;
    GPtrArray *listeners;  /* (element-type BureauListener) */
    GHashTable *addresses; /* char * → BureauAddress */
    GHashTable *rooms;     /* char * → BureauRoom */
    GQueue admissions;     /* all BureauAdmission that still have their stream */
    GQueue connections;    /* all BureauConnection */
    GQueue ready;          /* have something to read */
    GQueue unflushed;      /* have something to write */
    GQueue doomed;         /* closing and not reported, or to be freed */
    BureauDeadlineList admitting, answering, pinging, ponging, stalled, lingering;
    guint waiting;   /* admissions, in all */
    guint connected; /* TCP connections, in all */
    guint64 stamp;
    gboolean dispatching;
    gboolean turn_due;
    gint64 ready_time;
    BureauFrame *ping;
    guint8 *scratch; /* (owned): where bytes off a socket land first */
};

#define BUREAU_SCRATCH_SIZE (32 * 1024)

gint64 bureau_server_now (void);
/* Has the source dispatched soon. */
void bureau_server_arm (BureauServer *server);
void bureau_server_trouble (BureauServer *server, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS

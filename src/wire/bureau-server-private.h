/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-server.h"

#include "bureau-arena.h"
#include "bureau-deadline.h"
#include "bureau-http-request.h"
#include "bureau-outgoing.h"
#include "bureau-room.h"
#include "bureau-websocket-codec.h"

G_BEGIN_DECLS

/* From the kernel upwards:
 *
 *   gate      accept(), caps by address
 *   channel   one TCP connection: reading, TLS, writing, its deadline; HTTP, then perhaps WebSocket
 *   http      the requests on a channel, each an exchange
 *   session   Engine.IO: heartbeat, upgrade, close; carried by exchanges (polling) or a channel
 *   protocol  Socket.IO: the packets of a session; its namespaces are connections
 *   room      connections that get the same events
 */

/* Close codes beside those of RFC 6455 section 7.4.1: reliability.md 2. */
#define BUREAU_CLOSE_POLICY     1008
#define BUREAU_CLOSE_NO_STATUS  1005
#define BUREAU_CLOSE_BAD_PACKET 4400
#define BUREAU_CLOSE_NOT_SIGNED 4401
#define BUREAU_CLOSE_SLOW       4408
#define BUREAU_CLOSE_REPLACED   4409
#define BUREAU_CLOSE_PING       4410

#define BUREAU_SOCKET_IO_PATH "/socket.io/"
#define BUREAU_ENGINE_IO_PATH "/engine.io/"
#define BUREAU_ID_SIZE        24 /* 20 characters of base64url and NUL, rounded up */

typedef struct _BureauAddress BureauAddress;
typedef struct _BureauChannel BureauChannel;
typedef struct _BureauRecovery BureauRecovery;
typedef struct _BureauRing BureauRing;

/* ------------------------------------------------------------------ addresses: bureau-gate.c */

/* How many come from one address. Freed with its last. Channels count while they are open; sessions
 * too, since a polling one has no channel of its own. */
struct _BureauAddress {
    char *name; /* (owned): numeric, no port */
    gboolean is_loopback;
    guint channels;
    guint sessions;
    guint turned_away;      /* channels over a cap, beside those */
    guint waiting_channels; /* of those, with nobody signed in behind them */
    guint waiting_sessions; /* of those, not yet signed in */
};

/* Whether one more session may be: FALSE at a cap. Then hold; release when it ends. */
gboolean bureau_address_has_room_for_session (BureauServer *server, BureauAddress *address);
void bureau_address_hold_session (BureauServer *server, BureauAddress *address);
void bureau_address_release_session (BureauServer *server, BureauAddress *address,
                                     gboolean waiting);
/* A waiting session is signed in, or a signed-in one waits again. */
void bureau_address_set_session_waiting (BureauServer *server, BureauAddress *address,
                                         gboolean waiting);

/* ------------------------------------------------------------------ channels: bureau-channel*.c */

typedef enum {
    BUREAU_CHANNEL_HELLO,     /* TLS: waits for a whole ClientHello */
    BUREAU_CHANNEL_HANDSHAKE, /* TLS */
    BUREAU_CHANNEL_HTTP,
    BUREAU_CHANNEL_WEBSOCKET,
} BureauChannelPhase;

struct _BureauChannel {
    BureauServer *server;
    int fd; /* -1 once closed */
    BureauChannelPhase phase;
    BureauAddress *address;
    GSocketAddress *local; /* (owned) (nullable): where it came in; not kept for a WebSocket */
    BureauTlsIdentity *identity; /* (owned) (nullable): TLS is spoken here */
    BureauTls *tls;              /* (owned) (nullable) */
    BureauOutgoing outgoing;     /* plain text */
    BureauOutgoing sealed;       /* with TLS: cipher text */

    /* HTTP */
    GByteArray *input;        /* (owned) (nullable): of a request, and what is behind it */
    BureauExchange *exchange; /* (owned) (nullable): read, or being answered */

    /* WebSocket */
    BureauWebsocketCodec *codec; /* (owned) (nullable) */
    BureauSession *session;      /* (unowned) (nullable): whose transport, or probe, it is */
    BureauFrame *pong;           /* (owned) (nullable): for the latest ping, RFC 6455, 5.5.3 */
    gint64 control_due; /* monotonic, µs: when all its control frames so far are paid for */

    guint waiting : 1;      /* counted in address->waiting_channels */
    guint closing : 1;      /* nothing more in, nothing more out but what is queued */
    guint blocked : 1;      /* the kernel takes no more until EPOLLOUT */
    guint hangup : 1;       /* the peer has closed its half, or all: read on to the end of file */
    guint turned_away : 1;  /* over a cap: it only gets its answer, and counts nowhere */
    guint unread : 1;       /* something may wait in the kernel, of which it does not tell again */
    guint ended : 1;        /* the end of file was read */
    guint may_be_plain : 1; /* its first byte tells whether it speaks TLS */
    guint tls_closed : 1;   /* close_notify is on its way */
    guint shut : 1;         /* our half is shut down */
    guint in_ready : 1, in_unflushed : 1, in_feeding : 1;
    GList all_link, ready_link, flush_link, dead_link, feed_link;
    GList waiting_link;      /* in server->waiting */
    BureauDeadline deadline; /* of its phase: in one of the server's lists */
    BureauDeadline stalled;  /* in server->stalled while bytes wait */
};

/* Bytes that are no frames: an HTTP answer. Takes @bytes. */
void bureau_channel_write (BureauChannel *channel, GString *bytes);
/* Queues a frame's span. A channel over its limit is dropped with BUREAU_CLOSE_SLOW, which tells
 * its session. */
void bureau_channel_push (BureauChannel *channel, BureauFrame *frame, BureauRoom *room);
/* The same for all that waits in @frames, which is empty then. */
void bureau_channel_push_all (BureauChannel *channel, BureauOutgoing *frames);
/* Becomes a WebSocket of @session, from behind the 101 on; what was read ahead is taken as frames
 * (but not from within this call). */
void bureau_channel_upgrade (BureauChannel *channel, BureauSession *session, gsize max_message);
void bureau_channel_set_max_message (BureauChannel *channel, gsize max_message);
/* HTTP: no more requests; closed when what is queued is out and the peer has seen it. */
void bureau_channel_finish (BureauChannel *channel);
/* WebSocket: the same, with a close frame behind what waits. 1005: without a code. The session is
 * not told: it is who asks, or bureau_session_lose_channel() was called before. */
void bureau_channel_end (BureauChannel *channel, guint16 code, const char *reason);
/* The same, dropping what waits, all but a frame that is half out. */
void bureau_channel_drop (BureauChannel *channel, guint16 code, const char *reason);
/* The end without a word. */
void bureau_channel_cut (BureauChannel *channel);
/* The same; @reason is what its session's owner hears. */
void bureau_channel_cut_for (BureauChannel *channel, const char *reason);
/* Who used the channel hears that it is gone. */
void bureau_channel_tell_user (BureauChannel *channel, const char *reason);
/* Signed in or not, for the caps. */
void bureau_channel_set_waiting (BureauChannel *channel, gboolean waiting);
/* Its phase's time starts again in @list; NULL: it has none. */
void bureau_channel_set_deadline (BureauChannel *channel, BureauDeadlineList *list);
/* Has the channel flushed at the end of the turn. */
void bureau_channel_mark (BureauChannel *channel);
/* Has the channel looked at again in the next turn, though nothing arrived. */
void bureau_channel_mark_ready (BureauChannel *channel);

/* For the loop. @identity (nullable): TLS is spoken; @may_be_plain: or not, as the peer likes. */
BureauChannel *bureau_channel_new (BureauServer *server, int fd, BureauAddress *address,
                                   GSocketAddress *local, BureauTlsIdentity *identity,
                                   gboolean may_be_plain);
void bureau_channel_read (BureauChannel *channel);
void bureau_channel_expire (BureauChannel *channel);    /* its deadline has passed */
void bureau_channel_drop_slow (BureauChannel *channel); /* bytes have waited too long */
void bureau_channel_free (BureauChannel *channel);

/* ------------------------------------------------------------------ writing: bureau-flush.c */

/* Hands the kernel what waits on all channels of server->unflushed, as far as it takes it. */
void bureau_flush_all (BureauServer *server);
/* The same for one, now. */
void bureau_flush_channel (BureauChannel *channel);
/* io_uring, for many channels at once. (nullable): where the kernel, or who built us, has none. */
BureauRing *bureau_ring_new (void);
void bureau_ring_free (BureauRing *ring);

/* ------------------------------------------------------------------ frames: bureau-frame.c */

struct _BureauFrame {
    BureauChunk *chunk; /* (owned) */
    guint offset;       /* of the WebSocket header */
    guint header;       /* bytes of it; the message follows */
    guint length;       /* bytes in all */
};

/* An Engine.IO message as text, e.g. `3probe` or `42[…]`; copied into the arena. */
BureauFrame *bureau_frame_new_text (BureauServer *server, const char *text, gsize length);
/* Any WebSocket frame: BUREAU_WEBSOCKET_OPCODE_BINARY for a message's bytes, a pong, a close. */
BureauFrame *bureau_frame_new_raw (BureauServer *server, guint8 opcode, const void *data,
                                   gsize length);
/* A text frame that outlives the turn. */
BureauFrame *bureau_frame_new_lasting (const char *text);

/* ------------------------------------------------------------------ HTTP: bureau-http.c */

typedef struct _BureauStream BureauStream;

struct _BureauExchange {
    guint references;
    BureauServer *server;
    BureauChannel *channel;     /* (unowned) (nullable): NULL once it is over */
    BureauHttpRequest *request; /* (owned) */
    GByteArray *body;           /* (owned) (nullable): so far; NUL-terminated when whole */
    char *address;              /* (owned) */
    GString *headers;           /* (owned) (nullable): of the answer */
    BureauStream *stream;       /* (owned) (nullable): the answer, while it is given in pieces */
    BureauSession *session;     /* (unowned) (nullable): whose poll or post it is; it clears this */
    gboolean is_secure;         /* through TLS */
    gboolean is_engine;         /* below one of the two paths of Engine.IO */
    gboolean closes;            /* the connection, whatever the peer wishes */
};

/* channel->input has grown, or an answer is out: reads the next request, if it is there. */
void bureau_http_take (BureauChannel *channel);
/* Whether all of the request's body is there. */
gboolean bureau_http_is_whole (BureauExchange *exchange);
/* The peer is gone, or has closed its half: the exchange, if there is one, is over; whose poll or
 * post it was is told (bureau_session_lose_exchange()). A half-closed peer still gets the answer to
 * a request of the owner's. */
void bureau_http_lose (BureauChannel *channel, gboolean half);
/* An answer's first lines, of a string that has @room for more: Content-Type (nullable),
 * Content-Length unless it is BUREAU_NO_LENGTH, and what all answers have. (transfer full) */
#define BUREAU_NO_LENGTH G_MAXSIZE
GString *bureau_http_format_head (guint status, const char *type, gsize length, gsize room);
/* The channel's exchange is answered: the next request, or the end. */
void bureau_http_go_on (BureauChannel *channel, gboolean keep_alive);
/* The channel has room for more of what its exchange streams, if it does. */
void bureau_stream_go_on (BureauChannel *channel);
/* The next piece for one of server->feeding. From the loop only. */
void bureau_stream_feed (BureauServer *server);
void bureau_stream_free (BureauStream *stream);
/* Takes the exchange from its channel: it is over. */
BureauChannel *bureau_exchange_leave_channel (BureauExchange *exchange);
/* FALSE where the connection ends with the answer. */
gboolean bureau_exchange_is_kept_alive (BureauExchange *exchange);
/* What the owner has set, and whether the connection is kept; the end of the head. */
void bureau_exchange_append_headers (BureauExchange *exchange, gboolean keep_alive, GString *head);
/* Answers 101 and makes the channel @session's WebSocket; returns it. The request is a good
 * upgrade. */
BureauChannel *bureau_exchange_upgrade (BureauExchange *exchange, BureauSession *session,
                                        gsize max_message);
/* An answer with Connection: close, for a request whose body will not be read. */
void bureau_exchange_refuse (BureauExchange *exchange, guint status, const char *type,
                             const char *body);

/* ------------------------------------------------------------------ Engine.IO: bureau-engine.h */

/* A request below one of the two paths whose head is good: TRUE if its body is to be read, FALSE if
 * it was answered. For a POST this is where a second one is noticed, and where the session takes
 * the exchange. */
gboolean bureau_engine_begin (BureauExchange *exchange);
/* The same request, whole. */
void bureau_engine_take (BureauExchange *exchange);

typedef enum {
    BUREAU_SESSION_OPEN,
    BUREAU_SESSION_CLOSING, /* polling: what waits, and `1`, go out with the next GET */
    BUREAU_SESSION_CLOSED,
} BureauSessionState;

struct _BureauSession {
    BureauServer *server;
    BureauSessionState state;
    guint noops; /* that this upgrade's GETs got without waiting */
    char id[BUREAU_ID_SIZE];
    BureauAddress *address;
    char *authorization;      /* (owned) (nullable) */
    char *cookies;            /* (owned) (nullable) */
    BureauChannel *websocket; /* (unowned) (nullable): its transport; NULL: polling */
    BureauChannel *probe;     /* (unowned) (nullable): a WebSocket on its way to be that */
    BureauExchange *poll;     /* (owned) (nullable): the held GET */
    BureauExchange *post;     /* (owned) (nullable): the POST that is being read */
    BureauOutgoing pending;   /* by polling: what waits for a GET; else see nudge */
    BureauDeadline heartbeat; /* in server->pinging or server->ponging */
    BureauDeadline upgrading; /* in server->upgrading */
    BureauDeadline nudge;     /* in server->nudging: the held GET gets its noop then; or, on a
                                 WebSocket, in server->resting: what is queued until then is pending */
    BureauDeadline admission; /* in server->admitting: until a namespace is joined */
    char *close_reason;       /* (owned) (nullable): once closing */

    /* Socket.IO: bureau-protocol.c */
    GPtrArray *connections; /* (owned) (nullable) (element-type BureauConnection): one for each
                               namespace */
    gint64 connect_due;     /* monotonic, µs: when all its CONNECTs so far are paid for */
    BureauPacket binary;    /* waits for attachments if binary.json is set */
    gsize binary_bytes;

    guint is_plain : 1; /* below /engine.io/ */
    guint waiting : 1;  /* counted in address->waiting_sessions */
    guint awaiting_pong : 1;
    guint probed : 1; /* the probe has said `2probe` */
    guint base64 : 1; /* the WebSocket wants binary as base64 text */
    guint in_polled : 1, in_doomed : 1;
    GList all_link, polled_link, doomed_link;
};

/* Queues a frame: on the WebSocket, or for the next GET. */
void bureau_session_queue (BureauSession *session, BureauFrame *frame, BureauRoom *room);
/* On a WebSocket: what is queued from now on leaves a moment after what is queued already. */
void bureau_session_rest (BureauSession *session);
void bureau_session_end_rest (BureauSession *session);
/* Drops what waits and was sent to @room. */
void bureau_session_purge (BureauSession *session, BureauRoom *room);
/* The end: what waits is sent, then the close. The owner is told by the loop. Many calls are one.
 */
void bureau_session_close (BureauSession *session, guint16 code, const char *reason);
/* The end: what waits is dropped. */
void bureau_session_drop (BureauSession *session, guint16 code, const char *reason);
/* A whole message came over @channel. */
void bureau_session_take_frame (BureauSession *session, BureauChannel *channel, gboolean is_binary,
                                const char *bytes, gsize length);
/* @channel, the session's WebSocket or its probe, is gone or going; it is no longer the session's.
 */
void bureau_session_lose_channel (BureauSession *session, BureauChannel *channel,
                                  const char *reason);
/* The held poll, or the post, was left by its peer. */
void bureau_session_lose_exchange (BureauSession *session, BureauExchange *exchange);
/* Signed in (a namespace is joined), or not. */
void bureau_session_set_signed_in (BureauSession *session, gboolean signed_in);
/* For the loop. */
void bureau_session_ping (BureauSession *session); /* pinging has passed */
void bureau_session_expire_pong (BureauSession *session);
void bureau_session_expire_admission (BureauSession *session);
void bureau_session_expire_upgrade (BureauSession *session);
void bureau_session_expire_nudge (BureauSession *session);
void bureau_session_answer_poll (
    BureauSession *session); /* of server->polled: a GET is held and something waits */
void bureau_session_report (BureauSession *session); /* of server->doomed: tells the owner */
void bureau_session_free (BureauSession *session);

/* ------------------------------------------------------------------ Socket.IO: bureau-protocol.c
 */

typedef enum {
    BUREAU_NAMESPACE_ASKED, /* hooks.connect was called and not answered */
    BUREAU_NAMESPACE_JOINED,
    BUREAU_NAMESPACE_LEFT, /* `closed` is owed */
} BureauNamespaceState;

struct _BureauConnection {
    BureauServer *server;
    BureauSession *session;
    BureauNamespaceState state;
    const char *nsp; /* (unowned): one of server->options.namespaces */
    char id[BUREAU_ID_SIZE];
    const char *left_reason; /* (unowned) (nullable): once LEFT; NULL: it was refused, so that no
                                `closed` is owed */
    char *asked_pid;         /* (owned) (nullable): of the CONNECT */
    char *asked_offset;      /* (owned) (nullable) */
    char *pid;               /* (owned) (nullable): can be recovered */
    char *owner;             /* (owned) (nullable): who it is recovered for */
    gint64 since;            /* with a pid: it has missed nothing up to this event */
    gint64 next_ack;
    GHashTable *acks;       /* (owned) (nullable): those asked for */
    GPtrArray *memberships; /* (owned) (nullable) (element-type BureauMembership) */
    gpointer data;
    GDestroyNotify destroy;
    guint64 stamp; /* of the last broadcast that reached it */
    gsize drain;   /* while it is in server->draining: until no more bytes than this wait */
    gboolean is_draining;
    GList draining_link;
};

/* One message of an open session, without Engine.IO's type. A bad one closes the session. */
void bureau_protocol_take_text (BureauSession *session, const char *text, gsize length);
void bureau_protocol_take_binary (BureauSession *session, const void *bytes, gsize length);
/* The session has ended: its connections leave their rooms, the owner is told, all are freed. From
 * the loop only. */
void bureau_protocol_end (BureauSession *session);
/* Those that have left their namespace: the owner is told. From the loop only. */
void bureau_protocol_report (BureauSession *session);
/* @pending, of server->asking, has waited too long. */
void bureau_protocol_expire_ack (gpointer pending);
/* Fills in an id that nobody can guess. */
void bureau_protocol_make_id (char id[BUREAU_ID_SIZE]);

BureauConnection *bureau_connection_new (BureauSession *session, const char *nsp);
void bureau_connection_free (BureauConnection *connection);
/* Out of its namespace and its rooms; `closed` is owed with @reason, which must outlive it, or not,
 * for NULL. */
void bureau_connection_leave (BureauConnection *connection, const char *reason);
/* Tells the owner of those whose bytes have gone out. From the loop only. */
void bureau_connection_report_drained (BureauServer *server);
void bureau_connection_take_ack (BureauConnection *connection, const BureauPacket *packet);
void bureau_connection_fail_acks (BureauConnection *connection);

/* Lost connections, and the events that they may have missed: wire.md, D. */
BureauRecovery *bureau_recovery_new (BureauServer *server);
void bureau_recovery_free (BureauRecovery *recovery);
/* @connection, which has a pid, is accepted: sends what it missed of the rooms it is in. */
void bureau_recovery_replay (BureauRecovery *recovery, BureauConnection *connection);
/* @connection is lost for one of the reasons that can be recovered from. */
void bureau_recovery_park (BureauRecovery *recovery, BureauConnection *connection);
/* @connection can't be recovered from now on. */
void bureau_recovery_forget (BureauRecovery *recovery, BureauConnection *connection);
/* Drops what is too old; returns when to be called next, monotonic µs, G_MAXINT64 for never. */
gint64 bureau_recovery_expire (BureauRecovery *recovery, gint64 now);

/* ------------------------------------------------------------------ rooms: bureau-room.c */

typedef struct {
    BureauRoom *room;
    BureauConnection *connection;
    guint position; /* in room->members */
    gboolean muted; /* what is broadcast to the room is not for it */
} BureauMembership;

struct _BureauRoom {
    char *name;         /* (owned) */
    GPtrArray *members; /* (owned) (element-type BureauMembership): owned by their connections */
};

void bureau_room_leave_all (BureauConnection *connection);
void bureau_room_free (BureauRoom *room);

/* ------------------------------------------------------------------ gate: bureau-gate.c */

/* The end of a channel, for the caps. */
void bureau_gate_release_channel (BureauChannel *channel);

/* ------------------------------------------------------------------ server: bureau-server.c */

struct _BureauServer {
    BureauServerOptions options; /* its lists are copies (owned) */
    BureauServerHooks hooks;
    gpointer data;
    GMainContext *context; /* (owned) */
    int epoll;
    GSource *source;  /* (owned): of epoll, and of the next deadline */
    BureauRing *ring; /* (owned) (nullable): none where the kernel has none for us */
    BureauArena arena;
    GPtrArray *listeners;     /* (owned) (element-type BureauListener), of bureau-gate.c */
    GHashTable *addresses;    /* (owned): char * → BureauAddress */
    GHashTable *rooms;        /* (owned): char * → BureauRoom */
    GHashTable *sessions;     /* (owned): id → BureauSession (unowned) that requests may name */
    BureauRecovery *recovery; /* (owned) (nullable) */
    gint64 recovery_due;      /* when to look at it next: monotonic, µs */
    GQueue all_channels;
    GQueue waiting; /* channels with nobody signed in behind them, the oldest first */
    GQueue all_sessions;
    GQueue ready;     /* channels that have something to read */
    GQueue unflushed; /* channels that have something to write */
    GQueue polled;    /* sessions that have an answer for a held GET */
    GQueue doomed;    /* sessions, or connections in them, that have ended and not been reported */
    GQueue dead;      /* channels to be freed */
    GQueue draining;  /* connections whose owner waits until their bytes are out */
    GQueue feeding;   /* channels that can take the next piece of an answer */
    BureauDeadlineList greeting;  /* channels: TLS handshake */
    BureauDeadlineList heading;   /* channels: the head of a request */
    BureauDeadlineList bodying;   /* channels: its body */
    BureauDeadlineList answering; /* channels: the owner's answer */
    BureauDeadlineList streaming; /* channels: all pieces of one */
    BureauDeadlineList idling;    /* channels: between two requests */
    BureauDeadlineList lingering; /* channels: closing, for the peer to read on or close its half */
    BureauDeadlineList stalled;   /* channels: bytes wait, no progress */
    BureauDeadlineList admitting; /* sessions: no namespace joined yet */
    BureauDeadlineList pinging, ponging, upgrading, nudging, resting; /* sessions */
    gint64 last_ping;          /* monotonic, µs: from when the last that went out counts */
    BureauDeadlineList asking; /* acknowledgements: bureau_protocol_expire_ack() */
    guint channels, sessions_count, waiting_sessions; /* in all */
    guint turned_away;                                /* channels */
    guint handshakes; /* TLS: how many may still begin in this turn */
    guint64 stamp;    /* of the last broadcast */
    gboolean dispatching;
    gboolean turn_due; /* the owner's, with this dispatch */
    gint64 ready_time; /* the source's: monotonic, µs; G_MAXINT64 for none */
    BureauFrame *ping; /* lasting */
    GString *text;     /* (owned): where messages are put together */
    guint8 *scratch;   /* (owned): where bytes off a socket land first */
    guint8 *clear;     /* (owned): the same, decrypted */
};

#define BUREAU_SCRATCH_SIZE (32 * 1024)

gint64 bureau_server_now (void);
/* For what may be done only so often: FALSE if it comes too soon. @due: when all so far is paid
 * for; each time costs @cost, and @credit is given; monotonic, µs. */
gboolean bureau_server_pay (gint64 *due, gint64 cost, gint64 credit);
/* Has the source dispatched soon. */
void bureau_server_arm (BureauServer *server);
/* Has the owner's turn come with this dispatch. */
void bureau_server_need_turn (BureauServer *server);
void bureau_server_mark_doomed (BureauServer *server, BureauSession *session);
void bureau_server_mark_polled (BureauServer *server, BureauSession *session);
void bureau_server_trouble (BureauServer *server, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

/* How the parts of a BureauSocket meet: bureau-socket.c connects, speaks and ends;
 * bureau-socket-delivery.c hands on what came; bureau-socket-upgrade.c changes the transport. */

#include "bureau-carrier.h"
#include "bureau-packet.h"
#include "bureau-socket.h"

G_BEGIN_DECLS

/* WebSocket close codes */
#define BUREAU_SOCKET_CLOSE_NORMAL         1000
#define BUREAU_SOCKET_CLOSE_GOING_AWAY     1001
#define BUREAU_SOCKET_CLOSE_PROTOCOL_ERROR 1002

typedef enum {
    BUREAU_SOCKET_STATE_HANDSHAKE,  /* waiting for the Engine.IO open packet */
    BUREAU_SOCKET_STATE_CONNECTING, /* waiting for the answer to CONNECT */
    BUREAU_SOCKET_STATE_OPEN,
    BUREAU_SOCKET_STATE_CLOSED,
} BureauSocketState;

struct _BureauSocket {
    GObject parent_instance;

    BureauSocketState state;
    BureauSocketTransport transport;
    BureauCarrier *carrier; /* (owned) (nullable) */
    BureauCarrier *probe;   /* (owned) (nullable): a WebSocket that may become the carrier */
    gboolean pausing;       /* the probe was answered */
    SoupSession *session;   /* (owned) */
    char *base_uri;         /* (owned) */
    char *sid;              /* (owned) (nullable): of Engine.IO, a secret */
    gsize max_payload;
    char *auth;  /* (owned) (nullable) */
    GTask *task; /* (owned) (nullable): until CONNECT is answered */
    GMainContext *context;
    GSource *deadline; /* (owned) (nullable): for the answer to CONNECT, then for the next ping */
    GSource *probe_deadline; /* (owned) (nullable) */
    GSource *cancelled;      /* (owned) (nullable) */
    gint64 ping_within;      /* ms */
    GHashTable *acks;        /* (owned): gint64 * → PendingAck */
    gint64 next_id;
    GQueue held; /* (element-type BureauPacket): came before finish was called */
    gsize held_bytes;
    GSource *release; /* (owned) (nullable): delivers `held` */
    gboolean released;
};

/* ------------------------------------------------------------------ bureau-socket.c */

void bureau_socket_clear_source (GSource **source);
/* (transfer full) */
GSource *bureau_socket_plan (BureauSocket *self, gint64 milliseconds, GSourceFunc callback);
/* (transfer full) */
BureauCarrier *bureau_socket_make_carrier (BureauSocket *self, BureauSocketTransport transport);
/* Ends it: the hub did @what. */
void bureau_socket_fail_protocol (BureauSocket *self, const char *what);
void bureau_socket_tell_event (BureauSocket *self, const char *name, const char *json);
void bureau_socket_tell_upgraded (BureauSocket *self);

/* ------------------------------------------------------------------ bureau-socket-delivery.c */

void bureau_socket_init_delivery (BureauSocket *self);
/* The id to send along. */
gint64 bureau_socket_expect_ack (BureauSocket *self, BureauSocketAck ack, gpointer data);
/* There is no connection: says so to @ack, not from within the caller's own call. */
void bureau_socket_refuse_ack (BureauSocket *self, BureauSocketAck ack, gpointer data);
/* Those that are still expected; none can be from here on. */
void bureau_socket_fail_acks (BureauSocket *self, const GError *error);
/* An event or an acknowledgement. Takes what @packet holds, or leaves it. */
void bureau_socket_deliver (BureauSocket *self, BureauPacket *packet);
/* The owner is about to have the socket: soon delivers what is held, and then all at once. */
void bureau_socket_plan_release (BureauSocket *self);
void bureau_socket_clear_held (BureauSocket *self);

/* ------------------------------------------------------------------ bureau-socket-upgrade.c */

/* The probe is open: asks whether it gets through. */
void bureau_socket_begin_probe (BureauSocket *self);
void bureau_socket_take_probe_answer (BureauSocket *self, const char *text, gsize length);
/* Polling is paused: the probe becomes the carrier. */
void bureau_socket_finish_upgrade (BureauSocket *self);
/* Polling goes on as before. */
void bureau_socket_drop_probe (BureauSocket *self);
/* If there is one. */
void bureau_socket_leave_probe (BureauSocket *self, guint16 code);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "stream.h"
#include "tally.h"

G_BEGIN_DECLS

/* Many Socket.IO clients over WebSocket, all on one edge-triggered epoll descriptor: what the
 * server under measurement talks to. */

typedef enum {
    CLIENT_CONNECTING,
    CLIENT_UPGRADING, /* the request is out */
    CLIENT_OPENING,   /* awaits Engine.IO's open packet */
    CLIENT_JOINING,   /* awaits CONNECT's answer */
    CLIENT_READY,
    CLIENT_CLOSED,
} ClientState;

typedef enum {
    CLIENT_PUBLISHER,
    CLIENT_RECEIVER, /* joins the room; what it gets is counted */
    CLIENT_SLOW,     /* joins the room and never reads again */
    CLIENT_IDLE,     /* joins nothing */
} ClientRole;

typedef struct _Clients Clients;

typedef struct {
    Clients *clients;
    Stream stream;
    ClientState state;
    ClientRole role;
    guint64 opened;
    GByteArray *rest;   /* (owned) (nullable): half a frame */
    const char *ending; /* (unowned) (nullable): why it is closed */
    guint close_code;   /* of the server's close frame; 0: none came */
} Client;

typedef struct {
    guint16 port;
    guint publishers;
    guint receivers;
    guint slow;
    guint idle;
    guint concurrency; /* handshakes at once */
    gboolean tls;
    gboolean resume;
    char **connect; /* (owned): CONNECT packets; clients take turns */
    char *join;     /* (owned): sent once connected; empty: nothing is */
} ClientsOptions;

struct _Clients {
    ClientsOptions options;
    int epoll;
    char *request;  /* (owned) */
    StreamTls *tls; /* (owned) (nullable) */
    Client *all;    /* (owned): the publishers first, then by role as above */
    guint count;
    guint opened;
    guint in_flight;
    guint ready;
    guint closed; /* of those that are not slow */
    guint slow_closed;
    gssize marker_hint;
    Tally tally;
    Histogram handshakes;
    guint64 reads;
    guint64 pings;
    guint64 others; /* messages that are no events of ours */
};

/* @options: copied, its texts are taken over. */
Clients *clients_new (const ClientsOptions *options);
void clients_free (Clients *clients);
/* Opens as many as may be in flight. FALSE with errno set if one can't be. */
gboolean clients_open_more (Clients *clients);
/* Waits for what comes until @until (meter_now()) at most, and takes it; returns after one round.
 */
void clients_poll (Clients *clients, guint64 until);
/* The same, to the end. */
void clients_run (Clients *clients, guint64 until);
void client_send_text (Client *client, const char *text, gsize length);
/* A slow one reads after all: what it was told at the end. */
void client_read_on (Client *client);

G_END_DECLS

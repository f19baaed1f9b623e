/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-websocket-codec.h"

G_BEGIN_DECLS

/* The other end of one connection. What comes back is looked through for what a client needs to go
 * on; and if it is a WebSocket's, it must be sound. */
typedef struct {
    int fd; /* -1: not open */
    gboolean shut;
    gboolean ended;              /* the server has closed it */
    GByteArray *in;              /* (owned) */
    BureauWebsocketCodec *codec; /* (owned) (nullable): behind the 101 */
} Peer;

/* What the last answers gave. */
typedef struct {
    char sid[32];
    char pid[32];
    char offset[32];
} Keys;

/* From one of many of this machine's addresses, or there would soon be no pair of ports left that
 * has not been used a short time ago. */
void peer_open (Peer *peer, guint16 port, guint16 from);
void peer_send (Peer *peer, const void *bytes, gsize length);
/* Takes in all that is there. */
void peer_receive (Peer *peer, Keys *keys);
void peer_shut (Peer *peer);
/* Without a word, as a machine does that is switched off. */
void peer_reset (Peer *peer);

G_END_DECLS

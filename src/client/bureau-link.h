/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-credentials.h"
#include "bureau-transport.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The connection to the hub, made again and again (sync.md, Reconnect): after 1, 2, 4, 8 and 16 s,
 * each ±25 %, then every 30 s, whatever the attempt before ended with; at once when there is a way
 * to the hub again or the machine wakes up, and offline at once when there is none. Where the hub
 * can be reached but no WebSocket gets through, it is long-polling, and where not even that does,
 * asking again and again (BureauRung); it goes on trying for something better. A hub that lets
 * nobody through in any way, and says nothing, costs 10 s for each of the three. Knows nothing of
 * what is said. */

typedef enum {
    BUREAU_LINK_IDLE,       /* not started, or stopped */
    BUREAU_LINK_CONNECTING, /* or about to try again soon */
    BUREAU_LINK_OPEN,
    BUREAU_LINK_OFFLINE,    /* has failed so often that it tries but each 30 s */
    BUREAU_LINK_SIGNED_OUT, /* the refresh token is refused: tries no more by itself */
    BUREAU_LINK_STRANGER,   /* somebody else answers: the same */
} BureauLinkState;

typedef struct {
    /* Adds what the hub should know on CONNECT to @auth. */
    void (*describe) (gpointer data, JsonObject *auth);
    void (*opened) (gpointer data);
    /* @json: the event's object; empty if it had none. */
    void (*event) (gpointer data, const char *name, JsonObject *json);
    /* The connection is over. */
    void (*closed) (gpointer data);
    /* Also when the transport has changed. */
    void (*state_changed) (gpointer data);
} BureauLinkListener;

#define BUREAU_TYPE_LINK (bureau_link_get_type ())
G_DECLARE_FINAL_TYPE (BureauLink, bureau_link, BUREAU, LINK, GObject)

/* @listener and @data must live until bureau_link_stop(). */
BureauLink *bureau_link_new (BureauCredentials *credentials, const BureauLinkListener *listener,
                             gpointer data);
void bureau_link_start (BureauLink *self);
/* Leaves and never calls the listener again. */
void bureau_link_stop (BureauLink *self);
BureauLinkState bureau_link_get_state (BureauLink *self);
/* How often a connection was tried since one last worked for a while. */
guint bureau_link_get_failures (BureauLink *self);
/* NONE while not connected. */
BureauTransport bureau_link_get_transport (BureauLink *self);
/* When it tries again, in monotonic time (µs); 0 while it is connected, is trying, or has given up.
 */
gint64 bureau_link_get_next_attempt (BureauLink *self);
/* Not connected: try now, also where it had given up. Else, if there may be something better: try
 * for that now. */
void bureau_link_reconnect (BureauLink *self);
/* @why one is signed out, or who the stranger is: leaves the connection and tries no more. */
void bureau_link_give_up (BureauLink *self, const GError *why);
/* The error that SIGNED_OUT and STRANGER are there for. (nullable) (transfer none) */
const GError *bureau_link_get_reason (BureauLink *self);
/* The connection works; when it has done so for a while, the failures before it are forgotten. */
void bureau_link_set_works (BureauLink *self);
/* Leaves this connection, to make another. */
void bureau_link_drop (BureauLink *self, const char *why);
/* The hub asks to stay away that long after it closes; milliseconds. */
void bureau_link_set_pause (BureauLink *self, gint64 pause);

/* @answer gets the acknowledgement's object, or NULL with the error; it is always called unless it
 * is NULL. */
typedef BureauCredentialsAnswer BureauLinkAnswer;
void bureau_link_emit (BureauLink *self, const char *name, JsonObject *params,
                       BureauLinkAnswer answer, gpointer data);

G_END_DECLS

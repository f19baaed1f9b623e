/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-credentials.h"
#include "bureau-transport.h"

G_BEGIN_DECLS

/* A rung of the ladder that a BureauLink climbs (sync.md, Reconnect): one connection with the hub,
 * in one of the ways there are. Whichever it is, the hub is heard and spoken to in the same words.
 *
 * Signals, in the main context of the thread that opened it:
 *  - "event" (const char *name, JsonObject *json): the hub says something; json is empty if there
 *    is nothing more to it
 *  - "changed" (): its transport is another
 *  - "closed" (const GError *reason): once, when it is over; not by bureau_rung_close() */
#define BUREAU_TYPE_RUNG (bureau_rung_get_type ())
G_DECLARE_DERIVABLE_TYPE (BureauRung, bureau_rung, BUREAU, RUNG, GObject)

struct _BureauRungClass {
    GObjectClass parent_class;

    BureauTransport (*get_transport) (BureauRung *self);
    void (*emit) (BureauRung *self, const char *name, JsonObject *params,
                  BureauCredentialsAnswer answer, gpointer data);
    void (*hurry) (BureauRung *self);
    void (*close) (BureauRung *self);
};

/* @rung (nullable) (transfer full): the hub has let us in, and says nothing before this returns.
 * @error: why it has not, BUREAU_SOCKET_ERROR, BUREAU_ERROR, or what the network says. */
typedef void (*BureauRungOpened) (BureauRung *rung, const GError *error, gpointer data);
/* @auth: what the hub is told of who is there and what they have: {token, since, epoch}. @opened
 * is always called, and never from within this. */
void bureau_rung_open (BureauTransport transport, BureauCredentials *credentials, JsonObject *auth,
                       GCancellable *cancellable, BureauRungOpened opened, gpointer data);

BureauTransport bureau_rung_get_transport (BureauRung *self);
/* @answer (nullable) gets the acknowledgement's object, or NULL with the error; called always, if
 * the rung is closed, before that returns. */
void bureau_rung_emit (BureauRung *self, const char *name, JsonObject *params,
                       BureauCredentialsAnswer answer, gpointer data);
/* Does now what it would do by itself some time: polling, it tries for a WebSocket; by REST, it
 * asks what is new. */
void bureau_rung_hurry (BureauRung *self);
/* Leaves politely. */
void bureau_rung_close (BureauRung *self);

/* For those who are one. */
void bureau_rung_tell_event (BureauRung *self, const char *name, JsonObject *json);
void bureau_rung_tell_changed (BureauRung *self);
void bureau_rung_tell_closed (BureauRung *self, const GError *reason);

G_END_DECLS

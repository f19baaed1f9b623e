/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-socket.h"

G_BEGIN_DECLS

/* What carries a BureauSocket's Engine.IO packets, each one text: a WebSocket, or long-polling. It
 * checks all that is of HTTP and RFC 6455, and knows nothing of what the packets say. Memory is
 * bounded both ways; time is not: deadlines are the owner's, except for that of leaving. Lives in
 * the thread-default main context of the thread that opened it. */

typedef struct _BureauCarrier BureauCarrier;

typedef struct {
    /* A WebSocket: may be sent over now. */
    void (*opened) (gpointer owner, BureauCarrier *carrier);
    /* @text is NUL-terminated nowhere, and good only during the call. */
    void (*packet) (gpointer owner, BureauCarrier *carrier, const char *text, gsize length);
    /* Polling: nothing is under way any more, as asked for. */
    void (*paused) (gpointer owner, BureauCarrier *carrier);
    /* It is over; leaving it does nothing. The last call. @error (transfer full): of
     * BUREAU_SOCKET_ERROR if there was anybody at the other end. */
    void (*failed) (gpointer owner, BureauCarrier *carrier, GError *error);
} BureauCarrierEvents;

#define BUREAU_TYPE_CARRIER (bureau_carrier_get_type ())
G_DECLARE_DERIVABLE_TYPE (BureauCarrier, bureau_carrier, BUREAU, CARRIER, GObject)

struct _BureauCarrierClass {
    GObjectClass parent_class;

    void (*open) (BureauCarrier *self);
    void (*begin) (BureauCarrier *self, const char *sid, gsize max_post);
    void (*send) (BureauCarrier *self, const char *text, gsize length);
    void (*leave) (BureauCarrier *self, guint16 code);
};

/* The address of an Engine.IO request. @sid: nullable. NULL if @base_uri is no address that one
 * could ask. (transfer full) */
GUri *bureau_carrier_make_uri (const char *base_uri, const char *transport, const char *sid);
/* @base_uri: make_uri() makes something of it. @sid (nullable): the session to be upgraded.
 * (transfer full) */
BureauCarrier *bureau_carrier_new_websocket (SoupSession *session, const char *base_uri,
                                             const char *sid, gsize max_payload,
                                             const BureauCarrierEvents *events, gpointer owner);
BureauCarrier *bureau_carrier_new_polling (SoupSession *session, const char *base_uri,
                                           gsize max_payload, const BureauCarrierEvents *events,
                                           gpointer owner);
/* Calls no event. */
void bureau_carrier_open (BureauCarrier *self);
/* What the open packet said. @max_post: bytes that a polling request may have. */
void bureau_carrier_begin (BureauCarrier *self, const char *sid, gsize max_post);
/* Copies. May call `failed`. */
void bureau_carrier_send (BureauCarrier *self, const char *text, gsize length);
/* Sends what waits and says goodbye, with the close code @code where there are any. The owner is
 * forgotten at once; the carrier lives on by itself for as long as that takes. */
void bureau_carrier_leave (BureauCarrier *self, guint16 code);

/* Polling alone: lets what is under way come back and begins nothing new; then `paused`. */
void bureau_carrier_polling_pause (BureauCarrier *self);
void bureau_carrier_polling_resume (BureauCarrier *self);
/* Once paused: what waits goes to @target, where the session lives from now on. */
void bureau_carrier_polling_hand_over (BureauCarrier *self, BureauCarrier *target);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-credentials.h"

G_BEGIN_DECLS

/* Asking the hub, by GET alone, what is new in one's rooms. */

/* How far each room has been told. */
typedef struct _BureauRestPlaces BureauRestPlaces;

/* @auth: {since: {ROOM: seq}, epoch}, as a live connection would be told. (transfer full) */
BureauRestPlaces *bureau_rest_places_new (JsonObject *auth);
void bureau_rest_places_free (BureauRestPlaces *self);

/* Only whether there is anybody who answers; finish with bureau_rest_round_finish(). */
void bureau_rest_round_look_async (BureauCredentials *credentials, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer data);

/* What a live connection would say: @name is the event's. */
typedef void (*BureauRestTell) (gpointer data, const char *name, JsonObject *json);
/* Tells all that has happened since @places, which move on, room by room and in order; at the end
 * sync:heads, or, the first time and whenever one is in other rooms than before, sync:ready. Tells
 * no more once @cancellable is cancelled. @places and @tell_data must live until it is finished. */
void bureau_rest_round_async (BureauCredentials *credentials, BureauRestPlaces *places,
                              BureauRestTell tell, gpointer tell_data, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer data);
/* BUREAU_ERROR_UNAVAILABLE if nobody was reached, or what was answered is no hub's answer, or of a
 * hub that has begun another life meanwhile; else the hub's own, as bureau_inquiry_finish(). */
gboolean bureau_rest_round_finish (GAsyncResult *result, GError **error);

G_END_DECLS

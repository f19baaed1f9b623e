/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-live.h"

G_BEGIN_DECLS

/* What a connection missed, page by page, as fast as it takes it (sync.md, On the hub).
 *
 * It is in its rooms from the beginning, so that what waits of a room is dropped if it is put out
 * of that, but muted. When a page has brought it up to the heads of all of them, it is told
 * sync:ready and gets what comes live: in the same turn of the loop, so that there is no gap and no
 * overlap.
 *
 * Few are under way at a time, so that they are soon done and hold little memory; who takes what it
 * is sent too slowly makes place for the next and comes again behind the others. */
typedef struct _BureauCatchUps BureauCatchUps;

BureauCatchUps *bureau_catch_ups_new (BureauLiveTable *table);
void bureau_catch_ups_free (BureauCatchUps *self);

/* Puts the connection into @rooms, accepts it, and replays what it missed in them since @since
 * (nullable): {ROOM: seq}, all it has. */
gboolean bureau_catch_up_begin (BureauCatchUps *self, BureauLive *live, const char *const *rooms,
                                JsonObject *since, const char *epoch, GError **error);
/* The connection is gone. */
void bureau_catch_up_end (BureauLive *live);
/* The server's hook; data is the BureauAuthority. */
void bureau_catch_up_on_drained (BureauServer *server, BureauConnection *connection, gpointer data);

G_END_DECLS

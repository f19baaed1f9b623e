/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-kind.h"

G_BEGIN_DECLS

/* The visible state of some rooms, as the hub's snapshot tells it: one JSON object a line, the last
 * of them "end". The hub is not trusted: every line passes the strict scanner. May be used in any
 * thread. */

typedef struct {
    BureauKind kind;
    JsonObject *value; /* (owned): has a valid id */
    GObject *object;   /* (owned) (nullable): made of it, for whoever has none yet */
} BureauSnapshotObject;

typedef struct {
    char *room;         /* (owned) */
    gint64 seq;         /* the room's log up to here is in it */
    GPtrArray *objects; /* (owned): of BureauSnapshotObject */
} BureauSnapshotRoom;

typedef struct {
    char *epoch;        /* (owned) */
    gint64 server_time; /* instant */
    GPtrArray *rooms;   /* (owned): of BureauSnapshotRoom */
} BureauSnapshot;

/* Objects of unknown kinds are left out. Sets BUREAU_ERROR_INVALID if a line is none of ours, and
 * BUREAU_ERROR_UNAVAILABLE if the snapshot is cut off. */
BureauSnapshot *bureau_snapshot_reader_parse (const char *text, gsize length, GError **error);
void bureau_snapshot_reader_free (BureauSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauSnapshot, bureau_snapshot_reader_free)

/* (nullable) (transfer none) */
BureauSnapshotRoom *bureau_snapshot_reader_find_room (BureauSnapshot *snapshot, const char *room);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"

G_BEGIN_DECLS

/* What a person may see of some rooms, with the seq it is true at, as NDJSON lines: "epoch", then
 * for each room "room" and its objects, at last "end". Read on a connection to the store of its
 * own, in one transaction, so it is one moment of the office; a few lines at a time, as they are
 * asked for, so it is nowhere as a whole. */
typedef struct _BureauSnapshotStream BureauSnapshotStream;

/* Of @rooms (nullable: of all their rooms), as far as they are of the workspace (nullable: of any).
 * Rooms that are not theirs are left out. BUREAU_ERROR_RATE_LIMITED if too many are on their way.
 */
BureauSnapshotStream *bureau_snapshot_stream_new (BureauAuthority *authority, const char *user_id,
                                                  const char *workspace_id,
                                                  const char *const *rooms, GError **error);
/* Appends the next lines: a BureauPieceFunc. */
BureauPiece bureau_snapshot_stream_write (GString *out, gpointer snapshot);
void bureau_snapshot_stream_free (gpointer snapshot);

/* None of these people's (nullable: of anybody's) goes on: what they may see has become less. */
void bureau_snapshot_end_all (BureauAuthority *authority, const char *const *user_ids);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"

G_BEGIN_DECLS

/* What a person may see of @rooms (nullable: of all their rooms), as far as they are of the
 * workspace (nullable: of any), with the seq it is true at, as NDJSON lines appended to @out:
 * "epoch", then for each room "room" and its objects, at last "end". Rooms that are not theirs are
 * left out. Read between two turns, so it is one moment of the office. */
gboolean bureau_snapshot_write (BureauAuthority *authority, const char *user_id,
                                const char *workspace_id, const char *const *rooms, GString *out,
                                GError **error);

G_END_DECLS

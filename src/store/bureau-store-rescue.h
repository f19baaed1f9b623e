/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-store.h"

G_BEGIN_DECLS

/* A client's replica, its file of what one person may see of one office, as far as an office can be
 * made anew from it. The file is only read. */
typedef struct _BureauReplicaFile BureauReplicaFile;

/* G_IO_ERROR_INVALID_DATA if it is no replica; G_IO_ERROR_NOT_SUPPORTED if a newer Bureau wrote it.
 */
BureauReplicaFile *bureau_replica_file_open (const char *path, GError **error);
void bureau_replica_file_close (BureauReplicaFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauReplicaFile, bureau_replica_file_close)

/* {"offices":[NAME], "workspaceId", "people", "projects", "tasks", "entries"}. (transfer full) */
JsonObject *bureau_replica_file_summarize (BureauReplicaFile *file, GError **error);
/* What somebody is in the office, as far as the replica knows; BUREAU_ROLE_NONE if they are not. */
BureauRole bureau_replica_file_get_role (BureauReplicaFile *file, const char *user_id,
                                         GError **error);

/* Puts all of it into an empty store, in the caller's transaction: ids, numbers and instants as
 * they were. Everybody but @owner_id becomes a placeholder, whom nobody signs in as until they are
 * invited. Whoever is named and no member any more keeps their name. */
gboolean bureau_store_rescue (BureauStore *store, BureauReplicaFile *file, const char *owner_id,
                              gint64 now, GError **error);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "hub.h"

G_BEGIN_DECLS

/* An office's `backups/`: those that the hub makes by itself each day, of which it keeps the last
 * of each of seven days and of each of four weeks, and one before each change of the schema, of
 * which it keeps three. Whatever else lies there is somebody's, and left alone. Blocking. */
#define BUREAU_BACKUPS       "backups"
#define BUREAU_BACKUP_SUFFIX ".bureau-backup.tar.gz"

#define BUREAU_RING_DAILY  "daily"
#define BUREAU_RING_SCHEMA "schema"
#define BUREAU_RING_ASKED  "asked" /* by somebody: kept for good */

/* "daily-20261121T093000Z.bureau-backup.tar.gz" (transfer full) */
char *bureau_ring_make_name (const char *kind, gint64 now, const char *suffix);
/* The file, which is not there yet, that a backup of this kind is to be now; makes `backups/`.
 * (transfer full); NULL with @error */
char *bureau_ring_make_path (const char *directory, const char *kind, gint64 now, GError **error);
/* Whether the last daily one is a day old. */
gboolean bureau_ring_is_due (const char *directory, gint64 now);
/* Removes what is one too many now. */
void bureau_ring_prune (const char *directory, gint64 now);
/* Of @kind (nullable: of any), the newest first, by their names alone. (element-type
 * BureauHubBackup) (transfer full) */
GPtrArray *bureau_ring_list (const char *directory, const char *kind);
/* When the newest was made, whichever it is, as an instant; 0 if there is none. */
gint64 bureau_ring_get_newest (const char *directory);
/* The newest that is whole. (transfer full) (nullable) */
char *bureau_ring_find_good (const char *directory, GCancellable *cancellable);

/* Removes what was left where one of @kind was interrupted: for whoever alone makes such. */
void bureau_ring_clean (const char *directory, const char *kind);

G_END_DECLS

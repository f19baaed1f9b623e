/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Backups (reliability.md, G21): all of an office as it is at one moment, in one file
 * (bureau-archive.h): `hub.db`, `keys/` and `files/`. Whoever has the file can be the hub: it is
 * for nobody else to read. Blocking, and for any thread: a hub that serves goes on meanwhile.
 *
 * A backup's manifest says {"bureau":1, "at"}, "handedOver" of an office that is no more served
 * where it was (bureau-hand-over.h), and what bureau_store_summarize() does. */
#define BUREAU_BACKUP_FORMAT   1
#define BUREAU_BACKUP_DATABASE "hub.db"

/* Makes the new file @to of the office in @directory. It gets its name once it has been read again,
 * and the database in it been examined. @now: an instant. Returns the manifest (transfer full). */
JsonObject *bureau_backup_make (const char *directory, const char *to, gint64 now,
                                GCancellable *cancellable, GError **error);
/* The same from @pages, a copy of the database's pages that somebody has made already, beside @to
 * (bureau-store-copy.h). It is removed. */
JsonObject *bureau_backup_make_from (const char *directory, const char *pages, const char *to,
                                     gint64 now, GCancellable *cancellable, GError **error);
/* Where such a copy is made: beside @to, where there is room for all. NULL with @error if there is
 * not. (transfer full) */
char *bureau_backup_prepare (const char *directory, const char *to, GError **error);
/* The same for a file that somebody has chosen: it takes the place of one that is there, and where
 * it lies no other name need be allowed (a sandbox's portal gives but the one). */
JsonObject *bureau_backup_save (const char *directory, const char *to, gint64 now,
                                GCancellable *cancellable, GError **error);
/* Reads all of a backup. G_IO_ERROR_INVALID_DATA if it is damaged, or none of an office. Returns
 * the manifest (transfer full). */
JsonObject *bureau_backup_examine (const char *path, GCancellable *cancellable, GError **error);
/* The same, and puts what is in it below @directory, an empty one. */
JsonObject *bureau_backup_extract (const char *path, const char *directory,
                                   GCancellable *cancellable, GError **error);

G_END_DECLS

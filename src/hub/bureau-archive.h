/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One file that holds others: a tar archive, compressed by gzip, as any machine can open it. First
 * comes `manifest.json`, what its maker says of it with each file's name, length and SHA-256, and
 * its own hash; then the files. What is read is hostile until its hash is right. Blocking. */

typedef struct {
    char *name; /* (owned): in the archive, "keys/token.key" */
    char *path; /* (owned): on the disk */
} BureauArchived;
BureauArchived *bureau_archived_new (const char *name, const char *path);
void bureau_archived_free (BureauArchived *self);

/* Writes the new file @path and leaves it on the disk, or no file at all. @about: its maker's
 * members of the manifest, (transfer none) and left with the list of files. */
gboolean bureau_archive_write (const char *path, JsonObject *about, GPtrArray *files,
                               GCancellable *cancellable, GError **error);

/* Reads all of it, and puts the files below @directory (nullable: nowhere), an empty one. FALSE
 * with G_IO_ERROR_INVALID_DATA if it is damaged, or holds what no archive of ours does. Returns the
 * manifest (transfer full). */
JsonObject *bureau_archive_read (const char *path, const char *directory, GCancellable *cancellable,
                                 GError **error);

/* For both: "hub.db", "keys/token.key", "files/ab/abcdef": no way out of a directory, nor a hidden
 * file. */
gboolean bureau_archive_is_name (const char *name);
#define BUREAU_ARCHIVE_MANIFEST      "manifest.json"
#define BUREAU_ARCHIVE_MANIFEST_HASH "manifest.sha256"
#define BUREAU_ARCHIVE_PIECE         (64 * 1024)

G_END_DECLS

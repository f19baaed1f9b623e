/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Files whose loss would matter: what is done with them is on the disk when it is said to be done.
 * No file is written to, read or removed behind a symbolic link. Blocking. */

/* What errno says of what could not be done with @path: "Can't open /a/b: No such file." A
 * G_IO_ERROR; returns FALSE. */
gboolean bureau_files_set_errno (GError **error, const char *what, const char *path);
/* Opened to be read, if it is a plain file; -1 with @error. */
int bureau_files_open (const char *path, GError **error);
/* A new one to be written to, mode 0600; fails if there is something of that name. -1 with @error.
 */
int bureau_files_create (const char *path, GError **error);
/* All of @bytes, or FALSE with errno. */
gboolean bureau_files_write (int fd, const void *bytes, gsize length);
/* Has the disk take what has been written to @fd by now, and waits for that. Who writes much calls
 * it each so many bytes: or somebody else, who waits for a few of their own, waits for all of
 * these. */
#define BUREAU_FILES_FLUSHED (4 * 1024 * 1024)
void bureau_files_flush (int fd);
/* Removes the file @path, if there is one, a piece at a time: a filesystem that gives back much at
 * once keeps others waiting as well. */
void bureau_files_unlink (const char *path);
/* The contents, or, for a directory, the names in it. */
gboolean bureau_files_sync (const char *path, GError **error);
/* All that has been written to the disk that @path is on. */
gboolean bureau_files_sync_disk (const char *path, GError **error);
/* Both names are on the disk then. */
gboolean bureau_files_rename (const char *from, const char *to, GError **error);
/* Mode 0700; one that is there already will do if it is ours. */
gboolean bureau_files_make_directory (const char *path, GError **error);
/* What is at @path, with all that is in it, where nobody else may write; nothing is fine as well.
 */
void bureau_files_remove (const char *path);
/* SHA-256 as 64 hexadecimal digits (transfer full), and the length: of all that there is to read of
 * @fd, which is @path. */
char *bureau_files_hash (int fd, const char *path, goffset *length, GCancellable *cancellable,
                         GError **error);
/* Bytes that are free where @path is; 0 if that is not known. */
guint64 bureau_files_get_free (const char *path);

G_END_DECLS

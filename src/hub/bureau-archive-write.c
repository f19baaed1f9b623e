/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "bureau-files.h"
#include "bureau-json.h"

BureauArchived *
bureau_archived_new (const char *name, const char *path)
{
    BureauArchived *self = g_new0 (BureauArchived, 1);

    self->name = g_strdup (name);
    self->path = g_strdup (path);
    return self;
}

void
bureau_archived_free (BureauArchived *self)
{
    g_free (self->name);
    g_free (self->path);
    g_free (self);
}

static gboolean
set_error (struct archive *archive, GError **error)
{
    int code = archive_errno (archive);

    g_set_error (error, G_IO_ERROR, code != 0 ? g_io_error_from_errno (code) : G_IO_ERROR_FAILED,
                 "Can't write the backup: %s.", archive_error_string (archive));
    return FALSE;
}

/* ------------------------------------------------------------------ the manifest */

static gboolean
describe_file (JsonArray *list, const BureauArchived *file, GCancellable *cancellable,
               GError **error)
{
    int fd = bureau_files_open (file->path, error);
    JsonObject *entry = json_object_new ();
    g_autofree char *hash = NULL;
    goffset length = 0;

    json_array_add_object_element (list, entry);
    if (fd < 0)
        return FALSE;
    hash = bureau_files_hash (fd, file->path, &length, cancellable, error);
    close (fd);
    bureau_json_set_string (entry, "name", file->name);
    json_object_set_int_member (entry, "length", length);
    bureau_json_set_string (entry, "sha256", hash);
    return hash != NULL;
}

static gboolean
describe_files (JsonObject *about, GPtrArray *files, GCancellable *cancellable, GError **error)
{
    JsonArray *list = json_array_new ();

    json_object_set_array_member (about, "files", list);
    for (guint i = 0; i < files->len; i++) {
        if (!describe_file (list, g_ptr_array_index (files, i), cancellable, error))
            return FALSE;
    }
    return TRUE;
}

/* ------------------------------------------------------------------ writing */

static gboolean
begin_entry (struct archive *archive, const char *name, goffset length, GError **error)
{
    struct archive_entry *entry = archive_entry_new ();
    int code;

    archive_entry_set_pathname (entry, name);
    archive_entry_set_filetype (entry, AE_IFREG);
    archive_entry_set_perm (entry, 0600);
    archive_entry_set_size (entry, length);
    archive_entry_set_mtime (entry, g_get_real_time () / G_USEC_PER_SEC, 0);
    code = archive_write_header (archive, entry);
    archive_entry_free (entry);
    return code == ARCHIVE_OK || set_error (archive, error);
}

static gboolean
add_text (struct archive *archive, const char *name, const char *text, GError **error)
{
    gsize length = strlen (text);

    if (!begin_entry (archive, name, length, error))
        return FALSE;
    return archive_write_data (archive, text, length) == (la_ssize_t) length ||
           set_error (archive, error);
}

/* As much of it as there was when it was described: what has changed since, its hash tells. */
static gboolean
copy_file (struct archive *archive, int out, int fd, const char *path, goffset length,
           GCancellable *cancellable, GError **error)
{
    g_autofree char *piece = g_malloc (BUREAU_ARCHIVE_PIECE);
    gsize unflushed = 0;

    while (length > 0) {
        gssize got = read (fd, piece, MIN (length, BUREAU_ARCHIVE_PIECE));

        if (g_cancellable_set_error_if_cancelled (cancellable, error))
            return FALSE;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return bureau_files_set_errno (error, "Can't read", path);
        if (got == 0) {
            g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                         "%s was cut while it was read. Try again.", path);
            return FALSE;
        }
        if (archive_write_data (archive, piece, got) != got)
            return set_error (archive, error);
        length -= got;
        unflushed += got;
        if (unflushed < BUREAU_FILES_FLUSHED)
            continue;
        bureau_files_flush (out);
        unflushed = 0;
    }
    return TRUE;
}

static gboolean
add_file (struct archive *archive, int out, const BureauArchived *file, JsonObject *entry,
          GCancellable *cancellable, GError **error)
{
    goffset length = bureau_json_get_int (entry, "length", 0);
    int fd = bureau_files_open (file->path, error);
    gboolean added;

    if (fd < 0)
        return FALSE;
    added = begin_entry (archive, file->name, length, error) &&
            copy_file (archive, out, fd, file->path, length, cancellable, error);
    close (fd);
    return added;
}

static gboolean
add_all (struct archive *archive, int out, JsonObject *about, GPtrArray *files,
         GCancellable *cancellable, GError **error)
{
    g_autofree char *manifest = bureau_json_object_to_string (about);
    g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, manifest, -1);
    JsonArray *list = bureau_json_get_array (about, "files");

    if (!add_text (archive, BUREAU_ARCHIVE_MANIFEST, manifest, error) ||
        !add_text (archive, BUREAU_ARCHIVE_MANIFEST_HASH, hash, error))
        return FALSE;
    for (guint i = 0; i < files->len; i++) {
        if (!add_file (archive, out, g_ptr_array_index (files, i),
                       bureau_json_array_get_object (list, i), cancellable, error))
            return FALSE;
    }
    return archive_write_close (archive) == ARCHIVE_OK || set_error (archive, error);
}

static gboolean
write_archive (int fd, JsonObject *about, GPtrArray *files, GCancellable *cancellable,
               GError **error)
{
    struct archive *archive = archive_write_new ();
    gboolean written;

    /* Quick rather than small: it is made while people work. */
    written = (archive_write_set_format_pax_restricted (archive) == ARCHIVE_OK &&
               archive_write_add_filter_gzip (archive) == ARCHIVE_OK &&
               archive_write_set_filter_option (archive, "gzip", "compression-level", "1") ==
                   ARCHIVE_OK &&
               archive_write_open_fd (archive, fd) == ARCHIVE_OK) ||
              set_error (archive, error);
    written = written && add_all (archive, fd, about, files, cancellable, error);
    archive_write_free (archive);
    return written;
}

gboolean
bureau_archive_write (const char *path, JsonObject *about, GPtrArray *files,
                      GCancellable *cancellable, GError **error)
{
    gboolean written;
    int fd;

    if (!describe_files (about, files, cancellable, error))
        return FALSE;
    fd = bureau_files_create (path, error);
    if (fd < 0)
        return FALSE;
    written = write_archive (fd, about, files, cancellable, error);
    if (written && fsync (fd) != 0)
        written = bureau_files_set_errno (error, "Can't write", path);
    close (fd);
    if (!written)
        g_unlink (path);
    return written;
}

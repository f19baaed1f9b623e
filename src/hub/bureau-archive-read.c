/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <unistd.h>

#include "bureau-files.h"
#include "bureau-catalog.h"
#include "bureau-json-scanner.h"
#include "bureau-json.h"

#define MAX_MANIFEST (16 * 1024 * 1024)
#define MAX_NAME     255
#define HASH_LENGTH  64

typedef struct {
    struct archive *archive;
    const char *directory; /* (nullable) */
    JsonObject *manifest;  /* (owned) */
    GHashTable *awaited;   /* name → its entry of the manifest (not owned) */
    GCancellable *cancellable;
} Reading;

static gboolean
set_damaged (GError **error)
{
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                         "This backup is damaged, or it is none. Use another one.");
    return FALSE;
}

gboolean
bureau_archive_is_name (const char *name)
{
    g_auto (GStrv) parts = NULL;

    if (name == NULL || *name == '\0' || strlen (name) > MAX_NAME)
        return FALSE;
    parts = g_strsplit (name, "/", -1);
    for (guint i = 0; parts[i] != NULL; i++) {
        if (parts[i][0] == '\0' || parts[i][0] == '.')
            return FALSE;
        for (const char *c = parts[i]; *c != '\0'; c++) {
            if (!g_ascii_isalnum (*c) && strchr ("._-", *c) == NULL)
                return FALSE;
        }
    }
    return TRUE;
}

/* ------------------------------------------------------------------ the manifest */

/* The next entry's name, a plain file's; NULL at the end, or with @error. */
static const char *
next_name (Reading *self, struct archive_entry **entry, GError **error)
{
    int code = archive_read_next_header (self->archive, entry);

    if (code == ARCHIVE_EOF)
        return NULL;
    if (code != ARCHIVE_OK || archive_entry_filetype (*entry) != AE_IFREG ||
        archive_entry_hardlink (*entry) != NULL || archive_entry_pathname (*entry) == NULL) {
        set_damaged (error);
        return NULL;
    }
    return archive_entry_pathname (*entry);
}

/* The text of the entry that must come now. (transfer full) */
static char *
read_text (Reading *self, const char *name, gsize max, GError **error)
{
    struct archive_entry *entry;
    const char *found = next_name (self, &entry, error);
    g_autofree char *text = NULL;
    gint64 length;

    if (found == NULL || !g_str_equal (found, name) || !archive_entry_size_is_set (entry)) {
        if (error == NULL || *error == NULL)
            set_damaged (error);
        return NULL;
    }
    length = archive_entry_size (entry);
    if (length < 0 || length > (gint64) max) {
        set_damaged (error);
        return NULL;
    }
    text = g_malloc0 (length + 1);
    if (archive_read_data (self->archive, text, length) != length) {
        set_damaged (error);
        return NULL;
    }
    return g_steal_pointer (&text);
}

static gboolean
await_file (Reading *self, JsonObject *entry)
{
    const char *name = entry != NULL ? bureau_json_get_string (entry, "name") : NULL;
    const char *hash = entry != NULL ? bureau_json_get_string (entry, "sha256") : NULL;

    return bureau_archive_is_name (name) && hash != NULL && strlen (hash) == HASH_LENGTH &&
           bureau_json_get_int (entry, "length", -1) >= 0 &&
           g_hash_table_insert (self->awaited, (gpointer) name, entry);
}

static gboolean
read_manifest (Reading *self, GError **error)
{
    g_autofree char *text = read_text (self, BUREAU_ARCHIVE_MANIFEST, MAX_MANIFEST, error);
    g_autofree char *hash = NULL;
    g_autofree char *expected = NULL;
    JsonArray *files;

    if (text == NULL)
        return FALSE;
    expected = read_text (self, BUREAU_ARCHIVE_MANIFEST_HASH, HASH_LENGTH, error);
    if (expected == NULL)
        return FALSE;
    hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
    if (!g_str_equal (hash, expected) ||
        !bureau_json_scan (text, strlen (text), BUREAU_MAX_JSON_DEPTH, NULL, NULL))
        return set_damaged (error);
    self->manifest = bureau_json_parse_object (text, -1, NULL);
    files = self->manifest != NULL ? bureau_json_get_array (self->manifest, "files") : NULL;
    if (files == NULL)
        return set_damaged (error);
    for (guint i = 0; i < json_array_get_length (files); i++) {
        if (!await_file (self, bureau_json_array_get_object (files, i)))
            return set_damaged (error);
    }
    return TRUE;
}

/* ------------------------------------------------------------------ the files */

/* The entry's contents, which are @length bytes of that hash; into @fd, if that is not -1. */
static gboolean
take_contents (Reading *self, JsonObject *entry, int fd, GError **error)
{
    gint64 left = bureau_json_get_int (entry, "length", 0);
    g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
    g_autofree char *piece = g_malloc (BUREAU_ARCHIVE_PIECE);
    la_ssize_t got;

    while ((got = archive_read_data (self->archive, piece, BUREAU_ARCHIVE_PIECE)) > 0) {
        if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
            return FALSE;
        if (got > left)
            return set_damaged (error);
        left -= got;
        g_checksum_update (checksum, (const guchar *) piece, got);
        if (fd >= 0 && !bureau_files_write (fd, piece, got))
            return bureau_files_set_errno (error, "Can't write", self->directory);
    }
    if (got < 0 || left != 0 ||
        !g_str_equal (g_checksum_get_string (checksum), bureau_json_get_string (entry, "sha256")))
        return set_damaged (error);
    return TRUE;
}

/* The directories that lead to it are made on the way. */
static int
create_below (const char *directory, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename (directory, name, NULL);
    g_auto (GStrv) parts = g_strsplit (name, "/", -1);
    g_autoptr (GString) parent = g_string_new (directory);

    for (guint i = 0; parts[i + 1] != NULL; i++) {
        g_string_append_printf (parent, "/%s", parts[i]);
        if (!bureau_files_make_directory (parent->str, error))
            return -1;
    }
    return bureau_files_create (path, error);
}

static gboolean
extract (Reading *self, JsonObject *entry, GError **error)
{
    const char *name = bureau_json_get_string (entry, "name");
    int fd = create_below (self->directory, name, error);
    gboolean extracted;

    if (fd < 0)
        return FALSE;
    extracted = take_contents (self, entry, fd, error);
    if (extracted && fsync (fd) != 0)
        extracted = bureau_files_set_errno (error, "Can't write", name);
    close (fd);
    return extracted;
}

static gboolean
read_files (Reading *self, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    struct archive_entry *header;
    const char *name;

    while ((name = next_name (self, &header, &local_error)) != NULL) {
        JsonObject *entry = g_hash_table_lookup (self->awaited, name);

        if (entry == NULL)
            return set_damaged (error);
        g_hash_table_remove (self->awaited, name);
        if (!(self->directory != NULL ? extract (self, entry, error)
                                      : take_contents (self, entry, -1, error)))
            return FALSE;
    }
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    return g_hash_table_size (self->awaited) == 0 || set_damaged (error);
}

JsonObject *
bureau_archive_read (const char *path, const char *directory, GCancellable *cancellable,
                     GError **error)
{
    g_autoptr (GHashTable) awaited = g_hash_table_new (g_str_hash, g_str_equal);
    Reading self = { .directory = directory, .awaited = awaited, .cancellable = cancellable };
    int fd = bureau_files_open (path, error);
    gboolean good;

    if (fd < 0)
        return NULL;
    self.archive = archive_read_new ();
    archive_read_support_filter_gzip (self.archive);
    archive_read_support_format_tar (self.archive);
    good = archive_read_open_fd (self.archive, fd, BUREAU_ARCHIVE_PIECE) == ARCHIVE_OK ||
           set_damaged (error);
    good = good && read_manifest (&self, error) && read_files (&self, error);
    archive_read_free (self.archive);
    close (fd);
    if (!good)
        g_clear_pointer (&self.manifest, json_object_unref);
    return self.manifest;
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-backup.h"

#include <glib/gstdio.h>

#include "bureau-archive.h"
#include "bureau-files.h"
#include "bureau-hand-over.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-store-check.h"
#include "bureau-store-copy.h"

/* What has to be free besides: whoever works must not run out of it. */
#define SPARE_BYTES (32 * 1024 * 1024)
/* In the office's directory: what is on its way to somebody's file. */
#define SAVED ".saved"
/* Directories below files/. */
#define MAX_DEPTH 8

/* ------------------------------------------------------------------ the database */

static gboolean
check_copy (BureauStore *store, GCancellable *cancellable, GError **error)
{
    g_autofree char *wrong = bureau_store_find_damage (store);

    if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
    if (wrong == NULL)
        return TRUE;
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, wrong);
    return FALSE;
}

/* What the manifest says of the database that was copied, which is sound. */
static JsonObject *
describe_copy (const char *path, gint64 now, GCancellable *cancellable, GError **error)
{
    g_autoptr (BureauStore) store = bureau_store_open_read_only (path, error);
    g_autoptr (JsonObject) about = NULL;
    g_autofree char *at = bureau_instant_to_string (now);

    if (store == NULL)
        return NULL;
    bureau_store_set_cancellable (store, cancellable);
    if (!check_copy (store, cancellable, error))
        return NULL;
    about = bureau_store_summarize (store, error);
    if (about == NULL)
        return NULL;
    json_object_set_int_member (about, "bureau", BUREAU_BACKUP_FORMAT);
    bureau_json_set_string (about, "at", at);
    return g_steal_pointer (&about);
}

/* First its pages, which are quickly read: meanwhile no checkpoint carries over what is written.
 * What takes long is done with those. */
static gboolean
copy_pages (const char *from, const char *to, GCancellable *cancellable, GError **error)
{
    g_autoptr (BureauStore) store = bureau_store_open_read_only (from, error);

    return store != NULL && bureau_store_copy_pages (store, to, cancellable, error);
}

static gboolean
copy_content (const char *from, const char *to, GCancellable *cancellable, GError **error)
{
    g_autoptr (BureauStore) store = bureau_store_open_read_only (from, error);

    if (store == NULL)
        return FALSE;
    bureau_store_set_cancellable (store, cancellable);
    return bureau_store_copy_content (store, to, error);
}

/* ------------------------------------------------------------------ the files */

/* Every plain file below @path, if that is there; what has another name than ours have is
 * somebody's who is at it. */
static gboolean
list_files (GPtrArray *files, const char *path, const char *name, guint depth, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    g_autoptr (GDir) directory = g_dir_open (path, 0, &local_error);
    const char *child;

    if (directory == NULL && !g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    while (directory != NULL && (child = g_dir_read_name (directory)) != NULL) {
        g_autofree char *child_path = g_build_filename (path, child, NULL);
        g_autofree char *child_name = g_strconcat (name, "/", child, NULL);

        if (!bureau_archive_is_name (child_name) || g_str_has_suffix (child, ".new") ||
            g_file_test (child_path, G_FILE_TEST_IS_SYMLINK))
            continue;
        if (!g_file_test (child_path, G_FILE_TEST_IS_DIR))
            g_ptr_array_add (files, bureau_archived_new (child_name, child_path));
        else if (depth < MAX_DEPTH && !list_files (files, child_path, child_name, depth + 1, error))
            return FALSE;
    }
    return TRUE;
}

/* ------------------------------------------------------------------ making one */

static gboolean
check_room (const char *database, const char *directory, GError **error)
{
    g_autofree char *wal = g_strconcat (database, "-wal", NULL);
    GStatBuf info;
    guint64 needed = SPARE_BYTES;

    if (g_stat (database, &info) == 0)
        needed += 2 * (guint64) info.st_size;
    if (g_stat (wal, &info) == 0)
        needed += 2 * (guint64) info.st_size;
    if (bureau_files_get_free (directory) >= needed)
        return TRUE;
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 "There is not enough room for a backup in %s: it takes %" G_GUINT64_FORMAT
                 " MiB while it is made.",
                 directory, needed >> 20);
    return FALSE;
}

static gboolean
write_backup (const char *directory, const char *copy, const char *unfinished, JsonObject *about,
              GCancellable *cancellable, GError **error)
{
    static const char *const kinds[] = { "keys", "files" };
    g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (
        (GDestroyNotify) bureau_archived_free);
    g_autoptr (JsonObject) read_again = NULL;

    g_ptr_array_add (files, bureau_archived_new (BUREAU_BACKUP_DATABASE, copy));
    for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
        g_autofree char *path = g_build_filename (directory, kinds[i], NULL);

        if (!list_files (files, path, kinds[i], 0, error))
            return FALSE;
    }
    if (!bureau_archive_write (unfinished, about, files, cancellable, error))
        return FALSE;
    read_again = bureau_backup_examine (unfinished, cancellable, error);
    return read_again != NULL;
}

/* Beside the file that it will be. */
static char *
make_name (const char *to, const char *suffix)
{
    g_autofree char *directory = g_path_get_dirname (to);
    g_autofree char *name = g_path_get_basename (to);
    g_autofree char *hidden = g_strconcat (".", name, suffix, NULL);

    return g_build_filename (directory, hidden, NULL);
}

/* In the place of @pages @copy, which is smaller. */
static gboolean
replace_pages (const char *pages, const char *copy, GCancellable *cancellable, GError **error)
{
    gboolean copied = copy_content (pages, copy, cancellable, error);

    bureau_files_unlink (pages);
    return copied;
}

static JsonObject *
make_backup (const char *directory, const char *to, const char *pages, const char *copy,
             const char *unfinished, gint64 now, GCancellable *cancellable, GError **error)
{
    g_autoptr (JsonObject) about = NULL;

    if (!replace_pages (pages, copy, cancellable, error))
        return NULL;
    about = describe_copy (copy, now, cancellable, error);
    if (about != NULL && bureau_hand_over_is_marked (directory))
        json_object_set_boolean_member (about, "handedOver", TRUE);
    if (about == NULL || !write_backup (directory, copy, unfinished, about, cancellable, error) ||
        !bureau_files_rename (unfinished, to, error))
        return NULL;
    return g_steal_pointer (&about);
}

char *
bureau_backup_prepare (const char *directory, const char *to, GError **error)
{
    g_autofree char *database = g_build_filename (directory, BUREAU_BACKUP_DATABASE, NULL);
    g_autofree char *target = g_path_get_dirname (to);
    g_autofree char *pages = make_name (to, ".pages");

    if (g_file_test (to, G_FILE_TEST_EXISTS)) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                     "There is a file %s already. Name another one.", to);
        return NULL;
    }
    /* Left by one that was interrupted. A file and no directory: what is beside @to may be
     * somebody else's, who would like to see more removed than that. */
    bureau_files_unlink (pages);
    return check_room (database, target, error) ? g_steal_pointer (&pages) : NULL;
}

JsonObject *
bureau_backup_make_from (const char *directory, const char *pages, const char *to, gint64 now,
                         GCancellable *cancellable, GError **error)
{
    g_autofree char *copy = make_name (to, ".db");
    g_autofree char *unfinished = make_name (to, ".part");
    JsonObject *about;

    bureau_files_unlink (copy);
    bureau_files_unlink (unfinished);
    about = make_backup (directory, to, pages, copy, unfinished, now, cancellable, error);
    bureau_files_unlink (copy);
    bureau_files_unlink (unfinished);
    return about;
}

JsonObject *
bureau_backup_make (const char *directory, const char *to, gint64 now, GCancellable *cancellable,
                    GError **error)
{
    g_autofree char *database = g_build_filename (directory, BUREAU_BACKUP_DATABASE, NULL);
    g_autofree char *pages = bureau_backup_prepare (directory, to, error);
    JsonObject *about;

    if (pages == NULL)
        return NULL;
    about = copy_pages (database, pages, cancellable, error)
                ? bureau_backup_make_from (directory, pages, to, now, cancellable, error)
                : NULL;
    bureau_files_unlink (pages);
    return about;
}

/* ------------------------------------------------------------------ for somebody to take away */

/* Mode 0600, as @made is. What is there then is read again, wherever it is. */
static gboolean
copy_out (const char *made, const char *to, GCancellable *cancellable, GError **error)
{
    g_autoptr (GFile) source = g_file_new_for_path (made);
    g_autoptr (GFile) target = g_file_new_for_path (to);
    g_autoptr (JsonObject) read_again = NULL;

    if (!g_file_copy (source, target, G_FILE_COPY_OVERWRITE, cancellable, NULL, NULL, error) ||
        !bureau_files_sync (to, error))
        return FALSE;
    read_again = bureau_backup_examine (to, cancellable, error);
    return read_again != NULL;
}

JsonObject *
bureau_backup_save (const char *directory, const char *to, gint64 now, GCancellable *cancellable,
                    GError **error)
{
    g_autofree char *made = g_build_filename (directory, SAVED, NULL);
    g_autoptr (JsonObject) about = NULL;
    gboolean saved;

    /* Left by one that was interrupted. */
    bureau_files_remove (made);
    about = bureau_backup_make (directory, made, now, cancellable, error);
    saved = about != NULL && copy_out (made, to, cancellable, error);
    bureau_files_remove (made);
    return saved ? g_steal_pointer (&about) : NULL;
}

/* ------------------------------------------------------------------ reading one */

/* Whether it is of an office: takes @about. */
static JsonObject *
check_manifest (JsonObject *about, GError **error)
{
    JsonArray *files = about != NULL ? bureau_json_get_array (about, "files") : NULL;
    JsonObject *first = files != NULL ? bureau_json_array_get_object (files, 0) : NULL;

    if (about == NULL)
        return NULL;
    if (bureau_json_get_int (about, "bureau", 0) == BUREAU_BACKUP_FORMAT && first != NULL &&
        g_strcmp0 (bureau_json_get_string (first, "name"), BUREAU_BACKUP_DATABASE) == 0 &&
        bureau_instant_from_string (bureau_json_get_string (about, "at")) != 0)
        return about;
    if (bureau_json_get_int (about, "bureau", 0) > BUREAU_BACKUP_FORMAT)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                             "This backup is of a newer Bureau. Update Bureau to put it back.");
    else
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                             "This is no backup of an office.");
    json_object_unref (about);
    return NULL;
}

JsonObject *
bureau_backup_examine (const char *path, GCancellable *cancellable, GError **error)
{
    return check_manifest (bureau_archive_read (path, NULL, cancellable, error), error);
}

JsonObject *
bureau_backup_extract (const char *path, const char *directory, GCancellable *cancellable,
                       GError **error)
{
    return check_manifest (bureau_archive_read (path, directory, cancellable, error), error);
}

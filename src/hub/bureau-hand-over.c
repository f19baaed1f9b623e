/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-hand-over.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bureau-backup.h"
#include "bureau-data-directory.h"
#include "bureau-files.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-key-file.h"
#include "bureau-restore.h"

/* In an office's directory: {"at", "package"}. */
#define MARK     "handed-over"
#define MAX_MARK (16 * 1024)

/* (transfer full) */
static char *
get_mark (const char *directory)
{
    return g_build_filename (directory, MARK, NULL);
}

/* ------------------------------------------------------------------ the mark */

static gboolean
set_mark (const char *directory, const char *package, gint64 now, GError **error)
{
    g_autofree char *path = get_mark (directory);
    g_autofree char *at = bureau_instant_to_string (now);
    g_autoptr (JsonObject) json = json_object_new ();
    g_autofree char *text = NULL;

    bureau_json_set_string (json, "at", at);
    bureau_json_set_string (json, "package", package);
    text = bureau_json_object_to_string (json);
    return bureau_key_file_save (path, text, strlen (text), error);
}

static gboolean
remove_mark (const char *directory, GError **error)
{
    g_autofree char *path = get_mark (directory);

    if (unlink (path) != 0)
        return bureau_files_set_errno (error, "Can't remove", path);
    return bureau_files_sync (directory, error);
}

gboolean
bureau_hand_over_is_marked (const char *directory)
{
    g_autofree char *path = get_mark (directory);

    return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* "at 2026-11-21T14:20:00Z, as office.tar.gz": one that can't be read counts as well.
 * (transfer full) */
static char *
describe_mark (const char *directory)
{
    g_autofree char *path = get_mark (directory);
    gsize length = 0;
    g_autofree char *text = bureau_key_file_load (path, MAX_MARK, &length, NULL);
    g_autoptr (JsonObject) json = text != NULL ? bureau_json_parse_object (text, length, NULL)
                                               : NULL;
    const char *at = json != NULL ? bureau_json_get_string (json, "at") : NULL;
    const char *package = json != NULL ? bureau_json_get_string (json, "package") : NULL;

    return g_strdup_printf ("at %s, as %s", at != NULL ? at : "an unknown time",
                            package != NULL ? package : "an unknown file");
}

gboolean
bureau_hand_over_check (const char *directory, GError **error)
{
    g_autofree char *what = NULL;

    if (!bureau_hand_over_is_marked (directory))
        return TRUE;
    what = describe_mark (directory);
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 "The office in %s was handed over to another machine %s. It is served there, and "
                 "no more here. If no other machine serves it, nor ever will, take it back with: "
                 "bureau-hub take-back --data %s",
                 directory, what, directory);
    return FALSE;
}

gboolean
bureau_hand_over_take_back (const char *directory, GError **error)
{
    g_autoptr (BureauDataDirectory) data = bureau_data_directory_open (directory, error);

    if (data == NULL || !bureau_data_directory_lock_marked (data, error))
        return FALSE;
    if (bureau_hand_over_is_marked (directory))
        return remove_mark (directory, error);
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "There is no office in %s that was handed over.", directory);
    return FALSE;
}

/* ------------------------------------------------------------------ handing over */

/* From the mark on, nobody serves it here: only then is there something to serve it from
 * elsewhere. */
static JsonObject *
pack (const char *directory, const char *to, gint64 now, GCancellable *cancellable, GError **error)
{
    JsonObject *about;

    if (!set_mark (directory, to, now, error))
        return NULL;
    about = bureau_backup_save (directory, to, now, cancellable, error);
    if (about == NULL && !remove_mark (directory, NULL))
        g_warning ("The office in %s is not packed, and still marked as handed over. Run: "
                   "bureau-hub take-back --data %s",
                   directory, directory);
    return about;
}

JsonObject *
bureau_hand_over (const char *directory, const char *to, gint64 now, GCancellable *cancellable,
                  GError **error)
{
    g_autoptr (BureauDataDirectory) data = bureau_data_directory_open (directory, error);

    if (data == NULL || !bureau_data_directory_lock (data, error))
        return NULL;
    if (bureau_data_directory_has_office (data))
        return pack (directory, to, now, cancellable, error);
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no office in %s.", directory);
    return NULL;
}

/* ------------------------------------------------------------------ taking over */

static gboolean
check_place (const char *directory, GError **error)
{
    g_autoptr (BureauDataDirectory) data = bureau_data_directory_open (directory, error);

    if (data == NULL)
        return FALSE;
    if (!bureau_data_directory_has_office (data))
        return TRUE;
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                 "There is an office in %s already. Take this one over into another directory.",
                 directory);
    return FALSE;
}

JsonObject *
bureau_take_over (const char *directory, const char *from, gint64 now, GError **error)
{
    g_autofree char *aside = NULL;

    return check_place (directory, error) ? bureau_restore (directory, from, now, &aside, error)
                                          : NULL;
}

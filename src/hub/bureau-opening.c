/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-opening.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "bureau-backup-ring.h"
#include "bureau-backup.h"
#include "bureau-error.h"
#include "bureau-files.h"
#include "bureau-store-check.h"

/* What is larger takes too long to read as a whole before anybody is served: the daily check does
 * it (bureau-upkeep.h). */
#define MAX_CHECKED (64 * 1024 * 1024)

char *
bureau_opening_advise (const char *directory, const char *what, GCancellable *cancellable)
{
    g_autofree char *backup = bureau_ring_find_good (directory, cancellable);

    if (backup == NULL)
        return g_strdup_printf ("%s There is no backup of it in %s/" BUREAU_BACKUPS
                                "; if you have one elsewhere, put it back with: bureau-hub restore "
                                "--data %s --from FILE",
                                what, directory, directory);
    return g_strdup_printf ("%s Put back the newest good backup with: bureau-hub restore --data %s "
                            "--from %s",
                            what, directory, backup);
}

static gboolean
set_damaged (GError **error, const char *directory, const char *what)
{
    g_autofree char *advice = bureau_opening_advise (directory, what, NULL);

    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE, advice);
    return FALSE;
}

/* ------------------------------------------------------------------ before it is opened */

static gboolean
is_small (const char *database)
{
    GStatBuf info;

    return g_stat (database, &info) == 0 && info.st_size <= MAX_CHECKED;
}

/* One that only looks: whatever is found, nothing has been changed. */
static gboolean
examine (BureauStore *store, const char *path, const char *database, gboolean *is_older,
         GError **error)
{
    g_autoptr (GError) local_error = NULL;
    g_autofree char *wrong = NULL;

    if (!bureau_store_begin_reading (store, &local_error) ||
        !bureau_store_is_older (store, is_older, &local_error)) {
        if (bureau_store_get_state (store) == BUREAU_STORAGE_DAMAGED)
            return set_damaged (error, path, "The office's file is damaged; it is left as it is.");
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    wrong = bureau_store_check_tables (store);
    if (wrong == NULL && is_small (database))
        wrong = bureau_store_check_quickly (store);
    return wrong == NULL || set_damaged (error, path, wrong);
}

/* SQLite would not say what keeps it from the file. Nothing is opened here: to close it would take
 * away the locks of whoever else in this process reads it. */
static gboolean
check_access (const char *database, GError **error)
{
    GStatBuf info;

    if (g_lstat (database, &info) != 0)
        return bureau_files_set_errno (error, "Can't look at", database);
    if (!S_ISREG (info.st_mode)) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
                     "%s is not a file but a link, or something else.", database);
        return FALSE;
    }
    return faccessat (AT_FDCWD, database, R_OK | W_OK, AT_EACCESS) == 0 ||
           bureau_files_set_errno (error, "Can't write to", database);
}

static gboolean
look (const char *path, const char *database, gboolean *is_older, GError **error)
{
    g_autoptr (BureauStore) store = bureau_store_open_read_only (database, error);

    return store != NULL && examine (store, path, database, is_older, error);
}

static gboolean
back_up (const char *path, GError **error)
{
    gint64 now = g_get_real_time () / 1000;
    g_autofree char *to = bureau_ring_make_path (path, BUREAU_RING_SCHEMA, now, error);
    g_autoptr (JsonObject) about = to != NULL ? bureau_backup_make (path, to, now, NULL, error)
                                              : NULL;

    if (about == NULL) {
        g_prefix_error (error, "The office is of an older Bureau, and can't be backed up before it "
                               "is brought up to date. ");
        return FALSE;
    }
    g_message ("Before the office was brought up to date, it was backed up in %s", to);
    bureau_ring_prune (path, now);
    return TRUE;
}

BureauStore *
bureau_opening_open_store (BureauDataDirectory *directory, GError **error)
{
    const char *database = bureau_data_directory_get_database (directory);
    const char *path = bureau_data_directory_get_path (directory);
    gboolean is_older;

    if (!check_access (database, error) || !look (path, database, &is_older, error) ||
        (is_older && !back_up (path, error)))
        return NULL;
    return bureau_store_open (database, error);
}

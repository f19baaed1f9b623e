/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-restore.h"

#include <sodium.h>
#include <unistd.h>

#include "bureau-archive.h"
#include "bureau-audit-act.h"
#include "bureau-audit-chain.h"
#include "bureau-backup-ring.h"
#include "bureau-backup.h"
#include "bureau-clock.h"
#include "bureau-data-directory.h"
#include "bureau-files.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-store-check.h"
#include "bureau-token.h"

/* All of it is made ready here … */
#define STAGE "restore.new"
/* … which is then called this: from then on it is what the directory holds, and whoever locks that
 * goes on with moving it to its places. */
#define READY "restore.ready"
/* In it: the name of the directory for what was there. It goes when all is done. */
#define ASIDE "aside"

static gboolean
is_there (const char *path)
{
    return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* ------------------------------------------------------------------ moving it to its places */

/* What is at @name in the directory, if anything is: an empty directory is nothing. */
static gboolean
set_aside (const char *directory, const char *aside, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename (directory, name, NULL);
    g_autofree char *kept = g_build_filename (aside, name, NULL);

    if (!is_there (path) || rmdir (path) == 0)
        return TRUE;
    return bureau_files_make_directory (aside, error) && bureau_files_rename (path, kept, error);
}

/* What has moved already stays: what is in its place then is the new one. */
static gboolean
move (const char *directory, const char *aside, const char *name, GError **error)
{
    g_autofree char *from = g_build_filename (directory, READY, name, NULL);
    g_autofree char *to = g_build_filename (directory, name, NULL);

    return !is_there (from) ||
           (set_aside (directory, aside, name, error) && bureau_files_rename (from, to, error));
}

/* A log without its database would be taken for the new one's. */
static gboolean
move_database (const char *directory, const char *aside, GError **error)
{
    g_autofree char *from = g_build_filename (directory, READY, BUREAU_BACKUP_DATABASE, NULL);

    return !is_there (from) ||
           (set_aside (directory, aside, BUREAU_BACKUP_DATABASE "-wal", error) &&
            set_aside (directory, aside, BUREAU_BACKUP_DATABASE "-shm", error) &&
            move (directory, aside, BUREAU_BACKUP_DATABASE, error));
}

/* The database last: where there is none, nobody serves. */
static gboolean
move_all (const char *directory, const char *name, GError **error)
{
    g_autofree char *aside = g_build_filename (directory, BUREAU_BACKUPS, name, NULL);

    return move (directory, aside, "keys", error) && move (directory, aside, "files", error) &&
           move_database (directory, aside, error);
}

gboolean
bureau_restore_finish (const char *directory, GError **error)
{
    g_autofree char *ready = g_build_filename (directory, READY, NULL);
    g_autofree char *note = g_build_filename (ready, ASIDE, NULL);
    g_autofree char *backups = g_build_filename (directory, BUREAU_BACKUPS, NULL);
    g_autofree char *name = NULL;

    if (!is_there (ready))
        return TRUE;
    if (is_there (note)) {
        if (!g_file_get_contents (note, &name, NULL, error))
            return FALSE;
        if (!bureau_archive_is_name (name)) {
            g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s is damaged.", note);
            return FALSE;
        }
        if (!bureau_files_make_directory (backups, error) || !move_all (directory, name, error))
            return FALSE;
    }
    bureau_files_remove (ready);
    return TRUE;
}

/* ------------------------------------------------------------------ making it ready */

/* What has expired by the office's time stays so, though that is an older one's now. */
static gboolean
keep_time (BureauStore *store, const char *replaced, GError **error)
{
    g_autoptr (BureauStore) old = is_there (replaced) ? bureau_store_open_read_only (replaced, NULL)
                                                      : NULL;
    BureauClock known = { 0 }, restored = { 0 };

    if (old == NULL || !bureau_clock_load (&known, old, 0, NULL))
        return TRUE;
    if (!bureau_clock_load (&restored, store, 0, error))
        return FALSE;
    bureau_clock_read (&restored, known.stored, 0);
    return bureau_clock_store (&restored, store, error);
}

/* @act: what has happened, seen from where the office is now. */
static gboolean
write_audit (BureauStore *store, const char *stage, BureauAuditAct act, JsonObject *about,
             gint64 now, GError **error)
{
    g_autoptr (BureauDataDirectory) directory = bureau_data_directory_open (stage, error);
    g_autoptr (JsonObject) details = json_object_new ();
    g_autofree char *text = NULL;
    BureauAuditRow row = { .at = now, .act = bureau_audit_act_to_string (act) };
    guint8 key[BUREAU_KEY_SIZE];
    gboolean written;

    if (directory == NULL ||
        !bureau_data_directory_read_key (directory, BUREAU_AUDIT_KEY, key, error))
        return FALSE;
    bureau_json_set_string (details, "backup", bureau_json_get_string (about, "at"));
    row.details = text = bureau_json_object_to_string (details);
    written = bureau_audit_chain_append (store, key, &row, error);
    sodium_memzero (key, sizeof key);
    return written;
}

/* Brings it up to date, and makes it another life of the office than the one it was copied from. */
static gboolean
begin_epoch (const char *database, const char *stage, const char *replaced, JsonObject *about,
             gint64 now, GError **error)
{
    g_autoptr (BureauStore) store = bureau_store_open (database, error);
    g_autofree char *epoch = bureau_id_new ();
    BureauAuditAct act = is_there (replaced) ? BUREAU_AUDIT_OFFICE_RESTORED
                                             : BUREAU_AUDIT_OFFICE_TAKEN_OVER;

    if (store == NULL || !bureau_store_begin (store, error))
        return FALSE;
    if (bureau_store_set_meta (store, "epoch", epoch, error) &&
        keep_time (store, replaced, error) && write_audit (store, stage, act, about, now, error) &&
        bureau_store_commit (store, error))
        return TRUE;
    bureau_store_rollback (store);
    return FALSE;
}

static gboolean
check_database (const char *database, GError **error)
{
    g_autoptr (BureauStore) store = bureau_store_open_read_only (database, error);
    g_autofree char *wrong = store != NULL ? bureau_store_find_damage (store) : NULL;

    if (wrong != NULL)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, wrong);
    return store != NULL && wrong == NULL;
}

/* Its log is in it, for that alone is moved. */
static gboolean
check_closed (const char *database, GError **error)
{
    g_autofree char *wal = g_strconcat (database, "-wal", NULL);

    if (!is_there (wal))
        return TRUE;
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Can't write %s.", database);
    return FALSE;
}

static gboolean
prepare (const char *stage, const char *directory, JsonObject *about, gint64 now, GError **error)
{
    static const char *const kinds[] = { "keys", "files" };
    g_autofree char *database = g_build_filename (stage, BUREAU_BACKUP_DATABASE, NULL);
    g_autofree char *replaced = g_build_filename (directory, BUREAU_BACKUP_DATABASE, NULL);

    /* Also where the backup has none: what was there is set aside. */
    for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
        g_autofree char *path = g_build_filename (stage, kinds[i], NULL);

        if (!bureau_files_make_directory (path, error))
            return FALSE;
    }
    return check_database (database, error) &&
           begin_epoch (database, stage, replaced, about, now, error) &&
           check_closed (database, error);
}

/* A name that is not taken. (transfer full) */
static char *
name_aside (const char *directory, gint64 now)
{
    for (;; now += 1000) {
        g_autofree char *name = bureau_ring_make_name ("replaced", now, "");
        g_autofree char *path = g_build_filename (directory, BUREAU_BACKUPS, name, NULL);

        if (!is_there (path))
            return g_steal_pointer (&name);
    }
}

/* From here on the office is the new one. */
static gboolean
decide (const char *stage, const char *directory, const char *aside, GError **error)
{
    g_autofree char *note = g_build_filename (stage, ASIDE, NULL);
    g_autofree char *ready = g_build_filename (directory, READY, NULL);

    return g_file_set_contents_full (note, aside, -1, G_FILE_SET_CONTENTS_DURABLE, 0600, error) &&
           bureau_files_sync_disk (stage, error) && bureau_files_rename (stage, ready, error);
}

static JsonObject *
restore (BureauDataDirectory *data, const char *directory, const char *stage, const char *from,
         gint64 now, char **aside, GError **error)
{
    g_autoptr (JsonObject) about = NULL;
    g_autofree char *name = NULL;
    g_autofree char *kept = NULL;

    if (!bureau_data_directory_lock (data, error))
        return NULL;
    bureau_files_remove (stage);
    if (!bureau_files_make_directory (stage, error))
        return NULL;
    about = bureau_backup_extract (from, stage, NULL, error);
    if (about == NULL || !prepare (stage, directory, about, now, error))
        return NULL;
    name = name_aside (directory, now);
    if (!decide (stage, directory, name, error) || !bureau_restore_finish (directory, error))
        return NULL;
    kept = g_build_filename (directory, BUREAU_BACKUPS, name, NULL);
    *aside = is_there (kept) ? g_steal_pointer (&kept) : NULL;
    return g_steal_pointer (&about);
}

JsonObject *
bureau_restore (const char *directory, const char *from, gint64 now, char **aside, GError **error)
{
    g_autoptr (BureauDataDirectory) data = bureau_data_directory_open (directory, error);
    g_autofree char *stage = g_build_filename (directory, STAGE, NULL);
    JsonObject *about;

    *aside = NULL;
    if (data == NULL || !bureau_token_init (error))
        return NULL;
    about = restore (data, directory, stage, from, now, aside, error);
    if (about == NULL && bureau_data_directory_is_locked (data))
        bureau_files_remove (stage);
    return about;
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-disk-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bureau-json.h"

/* Each takes the file from the version before to its own number; never changed once released. */
static const char *const MIGRATIONS[] = {
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE rooms (room TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE objects (kind TEXT NOT NULL, id TEXT NOT NULL, room TEXT NOT NULL, json TEXT NOT NULL,"
    "  PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX objects_by_room ON objects (room);"
    "CREATE TABLE outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, op_id TEXT NOT NULL UNIQUE,"
    "  command TEXT NOT NULL, params TEXT NOT NULL, given_at INTEGER NOT NULL) STRICT;",

    /* `state`: 0 waits, 1 has been refused, for what `error` says. */
    "ALTER TABLE outbox ADD COLUMN state INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE outbox ADD COLUMN error TEXT;"
    "ALTER TABLE outbox ADD COLUMN subject TEXT;",
};

static const char *const STATEMENTS[BUREAU_N_STATEMENTS] = {
    [BUREAU_STATEMENT_SET_META] = "INSERT INTO meta (name, value) VALUES (?1, ?2)"
                                  " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    [BUREAU_STATEMENT_GET_META] = "SELECT value FROM meta WHERE name = ?1",
    [BUREAU_STATEMENT_ADVANCE_ROOM] = "UPDATE rooms SET seq = ?2 WHERE room = ?1 AND seq = ?2 - 1",
    [BUREAU_STATEMENT_SET_ROOM] = "INSERT INTO rooms (room, seq) VALUES (?1, ?2)"
                                  " ON CONFLICT (room) DO UPDATE SET seq = excluded.seq",
    [BUREAU_STATEMENT_FORGET_ROOMS] = "DELETE FROM rooms",
    [BUREAU_STATEMENT_FORGET_ROOM] = "DELETE FROM rooms WHERE room = ?1",
    [BUREAU_STATEMENT_DROP_ROOM] = "DELETE FROM objects WHERE room = ?1",
    [BUREAU_STATEMENT_PUT_OBJECT] =
        "INSERT INTO objects (kind, id, room, json) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (kind, id) DO UPDATE SET room = excluded.room, json = excluded.json",
    [BUREAU_STATEMENT_DELETE_OBJECT] = "DELETE FROM objects WHERE kind = ?1 AND id = ?2",
    [BUREAU_STATEMENT_ADD_COMMAND] =
        "INSERT INTO outbox (op_id, command, params, given_at, subject) VALUES (?1, ?2, ?3, ?4, ?5)",
    [BUREAU_STATEMENT_REMOVE_COMMAND] = "DELETE FROM outbox WHERE op_id = ?1",
    [BUREAU_STATEMENT_REFUSE_COMMAND] = "UPDATE outbox SET state = 1, error = ?2 WHERE op_id = ?1",
    [BUREAU_STATEMENT_RETRY_COMMAND] =
        "UPDATE outbox SET state = 0, error = NULL,"
        " position = (SELECT max(position) + 1 FROM outbox) WHERE op_id = ?1",
    [BUREAU_STATEMENT_LIST_ROOMS] = "SELECT room, seq FROM rooms",
    [BUREAU_STATEMENT_LIST_OBJECTS] = "SELECT kind, id, json FROM objects",
    [BUREAU_STATEMENT_LIST_OBJECT_ROOMS] = "SELECT DISTINCT room FROM objects",
    [BUREAU_STATEMENT_LIST_OUTBOX] =
        "SELECT command, params, given_at, state, error, subject FROM outbox ORDER BY position",
};

gboolean
bureau_disk_fail (BureauDisk *disk, GError **error)
{
    GIOErrorEnum code = G_IO_ERROR_FAILED;

    switch (sqlite3_errcode (disk->db) & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        code = G_IO_ERROR_INVALID_DATA;
        break;
    case SQLITE_FULL:
        code = G_IO_ERROR_NO_SPACE;
        break;
    case SQLITE_BUSY:
        code = G_IO_ERROR_BUSY;
        break;
    default:
        break;
    }
    g_set_error (error, G_IO_ERROR, code, "The replica: %s", sqlite3_errmsg (disk->db));
    return FALSE;
}

gboolean
bureau_disk_execute (BureauDisk *disk, const char *sql, GError **error)
{
    if (sqlite3_exec (disk->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return TRUE;
    return bureau_disk_fail (disk, error);
}

static gboolean
read_number (BureauDisk *disk, const char *sql, gint64 *number, GError **error)
{
    sqlite3_stmt *statement = NULL;
    gboolean ok = sqlite3_prepare_v2 (disk->db, sql, -1, &statement, NULL) == SQLITE_OK &&
                  sqlite3_step (statement) == SQLITE_ROW;

    if (ok)
        *number = sqlite3_column_int64 (statement, 0);
    else
        bureau_disk_fail (disk, error);
    sqlite3_finalize (statement);
    return ok;
}

static gboolean
migrate (BureauDisk *disk, GError **error)
{
    gint64 version = 0;

    if (!read_number (disk, "PRAGMA user_version", &version, error))
        return FALSE;
    if (version > (gint64) G_N_ELEMENTS (MIGRATIONS)) {
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                             "The replica was written by a newer Bureau.");
        return FALSE;
    }
    for (; version < (gint64) G_N_ELEMENTS (MIGRATIONS); version++) {
        g_autofree char *sql = g_strdup_printf (
            "BEGIN IMMEDIATE; %s PRAGMA user_version = %" G_GINT64_FORMAT "; COMMIT;",
            MIGRATIONS[version], version + 1);

        if (!bureau_disk_execute (disk, sql, error)) {
            bureau_disk_rollback (disk);
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
prepare (BureauDisk *disk, GError **error)
{
    for (guint i = 0; i < BUREAU_N_STATEMENTS; i++) {
        if (sqlite3_prepare_v3 (disk->db, STATEMENTS[i], -1, SQLITE_PREPARE_PERSISTENT,
                                &disk->statements[i], NULL) != SQLITE_OK)
            return bureau_disk_fail (disk, error);
    }
    return TRUE;
}

/* The first use of the file says whose it is. */
static gboolean
check_office (BureauDisk *disk, const char *office, GError **error)
{
    sqlite3_stmt *get = disk->statements[BUREAU_STATEMENT_GET_META];
    sqlite3_stmt *set = disk->statements[BUREAU_STATEMENT_SET_META];
    g_autofree char *found = NULL;
    gboolean ok;

    sqlite3_bind_text (get, 1, "office", -1, SQLITE_STATIC);
    if (sqlite3_step (get) == SQLITE_ROW)
        found = g_strdup ((const char *) sqlite3_column_text (get, 0));
    sqlite3_reset (get);
    if (g_strcmp0 (found, office) == 0)
        return TRUE;
    if (found) {
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                             "It belongs to another office.");
        return FALSE;
    }
    sqlite3_bind_text (set, 1, "office", -1, SQLITE_STATIC);
    sqlite3_bind_text (set, 2, office, -1, SQLITE_TRANSIENT);
    ok = sqlite3_step (set) == SQLITE_DONE || bureau_disk_fail (disk, error);
    sqlite3_reset (set);
    return ok;
}

static BureauDisk *
open_file (const char *path, const char *office, GError **error)
{
    /* One connection to a file: no shared memory beside it, and a second client waits its turn. */
    static const char *const SETTINGS = "PRAGMA locking_mode = EXCLUSIVE;"
                                        "PRAGMA journal_mode = WAL;"
                                        "PRAGMA synchronous = FULL;"
                                        "PRAGMA trusted_schema = OFF;"
                                        "PRAGMA cell_size_check = ON;"
                                        "PRAGMA journal_size_limit = 16777216;";
    BureauDisk *disk = g_new0 (BureauDisk, 1);
    int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd >= 0)
        close (fd);
    if (sqlite3_open_v2 (path, &disk->db,
                         SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW,
                         NULL) != SQLITE_OK)
        bureau_disk_fail (disk, error);
    else if (sqlite3_busy_timeout (disk->db, 5000) == SQLITE_OK &&
             bureau_disk_execute (disk, SETTINGS, error) && migrate (disk, error) &&
             prepare (disk, error) && check_office (disk, office, error))
        return disk;

    bureau_disk_close (disk);
    return NULL;
}

/* A name beside @path that nothing has yet. (transfer full) */
static char *
find_aside (const char *path)
{
    for (guint i = 1;; i++) {
        g_autofree char *aside = g_strdup_printf ("%s.damaged-%u", path, i);

        if (!g_file_test (aside, G_FILE_TEST_EXISTS))
            return g_steal_pointer (&aside);
    }
}

/* Renames the file and its log, so that a new one can be begun. */
static void
put_aside (const char *path)
{
    static const char *const SUFFIXES[] = { "", "-wal", "-shm" };
    g_autofree char *aside = find_aside (path);

    for (guint i = 0; i < G_N_ELEMENTS (SUFFIXES); i++) {
        g_autofree char *from = g_strconcat (path, SUFFIXES[i], NULL);
        g_autofree char *to = g_strconcat (aside, SUFFIXES[i], NULL);

        (void) g_rename (from, to);
    }
}

/* SQLite, told to follow no link, refuses one anywhere on the way, and a home may lie behind one.
 * (transfer full) */
static char *
follow_directory (const char *directory, const char *path)
{
    g_autofree char *name = g_path_get_basename (path);
    g_autofree char *real = realpath (directory, NULL);

    return g_build_filename (real ? real : directory, name, NULL);
}

BureauDisk *
bureau_disk_open (const char *path, const char *office, GError **error)
{
    g_autofree char *directory = g_path_get_dirname (path);
    g_autofree char *real = NULL;
    g_autoptr (GError) open_error = NULL;
    BureauDisk *disk;

    if (g_mkdir_with_parents (directory, 0700) != 0) {
        g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "%s: %s", directory,
                     g_strerror (errno));
        return NULL;
    }
    real = follow_directory (directory, path);
    disk = open_file (real, office, &open_error);
    if (!disk && g_error_matches (open_error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA)) {
        g_message ("Put aside, and a new one begun: %s", open_error->message);
        put_aside (real);
        return open_file (real, office, error);
    }
    if (!disk)
        g_propagate_error (error, g_steal_pointer (&open_error));
    return disk;
}

static gboolean
put_command (BureauDisk *disk, const BureauOutboxEntry *entry, GError **error)
{
    g_autofree char *params = bureau_json_object_to_string (entry->params);
    g_autofree char *refusal = entry->error ? bureau_outbox_error_to_text (entry->error) : NULL;

    return bureau_disk_add_command (disk, entry->op_id, entry->command->name, params,
                                    entry->given_at, entry->subject, error) &&
           (!refusal || bureau_disk_refuse_command (disk, entry->op_id, refusal, error));
}

static gboolean
put_outbox (BureauDisk *disk, GPtrArray *outbox, GError **error)
{
    if (!bureau_disk_begin (disk, error))
        return FALSE;
    for (guint i = 0; i < outbox->len; i++) {
        if (!put_command (disk, outbox->pdata[i], error)) {
            bureau_disk_rollback (disk);
            return FALSE;
        }
    }
    return bureau_disk_commit (disk, error);
}

BureauDisk *
bureau_disk_renew (BureauDisk *disk, const char *office, GError **error)
{
    g_autofree char *path = g_strdup (sqlite3_db_filename (disk->db, "main"));
    g_autoptr (GPtrArray) outbox = bureau_disk_load_outbox (disk, NULL);

    bureau_disk_close (disk);
    put_aside (path);
    disk = open_file (path, office, error);
    if (disk && !put_outbox (disk, outbox, error))
        g_clear_pointer (&disk, bureau_disk_close);
    return disk;
}

void
bureau_disk_close (BureauDisk *disk)
{
    for (guint i = 0; i < BUREAU_N_STATEMENTS; i++)
        sqlite3_finalize (disk->statements[i]);
    sqlite3_close (disk->db);
    g_free (disk);
}

gboolean
bureau_disk_begin (BureauDisk *disk, GError **error)
{
    return bureau_disk_execute (disk, "BEGIN IMMEDIATE", error);
}

gboolean
bureau_disk_commit (BureauDisk *disk, GError **error)
{
    if (bureau_disk_execute (disk, "COMMIT", error))
        return TRUE;
    bureau_disk_rollback (disk);
    return FALSE;
}

void
bureau_disk_rollback (BureauDisk *disk)
{
    if (!sqlite3_get_autocommit (disk->db))
        bureau_disk_execute (disk, "ROLLBACK", NULL);
}

gboolean
bureau_disk_is_in_transaction (BureauDisk *disk)
{
    return !sqlite3_get_autocommit (disk->db);
}

gboolean
bureau_disk_savepoint (BureauDisk *disk, GError **error)
{
    return bureau_disk_execute (disk, "SAVEPOINT job", error);
}

gboolean
bureau_disk_release (BureauDisk *disk, GError **error)
{
    return bureau_disk_execute (disk, "RELEASE job", error);
}

void
bureau_disk_rollback_to_savepoint (BureauDisk *disk)
{
    bureau_disk_execute (disk, "ROLLBACK TO job; RELEASE job", NULL);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-sql.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bureau-error.h"
#include "bureau-files.h"
#include "bureau-utf8.h"

/* Of SQLite's machine, between two looks at whether to go on. */
#define STEPS 1000

struct _BureauSql {
    sqlite3 *db;
    GHashTable *statements; /* literal text → BureauRows (owned) */
    guint wal_pages;        /* in the WAL since it was begun anew */
    BureauStorageState state;
    gboolean refuses_writes;
    GCancellable *cancellable; /* (not owned) (nullable) */
    int output;                /* (not owned): -1 for none */
    goffset flushed;           /* of that */
};

struct _BureauRows {
    BureauSql *sql; /* (not owned) */
    sqlite3_stmt *statement;
    GPtrArray *mended; /* (owned) (nullable): texts of this row */
};

static void
set_error (GError **error, int code, BureauSql *sql)
{
    /* At once: SQLite keeps no errno of what fails in a commit. */
    BureauStorageState state = bureau_storage_from_code (code, errno);

    if (code == SQLITE_INTERRUPT) {
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "It was cancelled.");
        return;
    }
    if (state == BUREAU_STORAGE_OK) {
        g_set_error (error, BUREAU_ERROR, BUREAU_ERROR_INTERNAL, "The hub's storage failed: %s.",
                     sqlite3_errmsg (sql->db));
        return;
    }
    /* A write that was refused as it should be says nothing new of the disk. */
    if (state == BUREAU_STORAGE_READ_ONLY && sql->refuses_writes)
        state = sql->state != BUREAU_STORAGE_OK ? sql->state : BUREAU_STORAGE_FAILING;
    else
        bureau_sql_set_state (sql, state);
    g_debug ("Storage: %s", sqlite3_errmsg (sql->db));
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                         bureau_storage_get_message (state));
}

static int
on_wal_commit (gpointer data, sqlite3 *db, const char *name, int pages)
{
    BureauSql *sql = data;

    sql->wal_pages = pages;
    if (sql->state != BUREAU_STORAGE_DAMAGED)
        sql->state = BUREAU_STORAGE_OK;
    return SQLITE_OK;
}

static void
rows_free (gpointer data)
{
    BureauRows *rows = data;

    sqlite3_finalize (rows->statement);
    g_clear_pointer (&rows->mended, g_ptr_array_unref);
    g_free (rows);
}

char *
bureau_sql_follow_directory (const char *path)
{
    g_autofree char *directory = g_path_get_dirname (path);
    g_autofree char *name = g_path_get_basename (path);
    g_autofree char *real = strchr (path, '/') != NULL ? realpath (directory, NULL) : NULL;

    return real != NULL ? g_build_filename (real, name, NULL) : g_strdup (path);
}

BureauSql *
bureau_sql_open (const char *path, gboolean read_only, GError **error)
{
    g_autoptr (BureauSql) sql = g_new0 (BureauSql, 1);
    g_autofree char *real = bureau_sql_follow_directory (path);
    int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int code = sqlite3_open_v2 (real, &sql->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
                                NULL);

    sql->output = -1;
    sql->statements = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, rows_free);
    if (code != SQLITE_OK) {
        set_error (error, code, sql);
        return NULL;
    }

    sqlite3_extended_result_codes (sql->db, 1);
    sqlite3_db_config (sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* One for copying itself; text that would attach another is nobody's. */
    sqlite3_limit (sql->db, SQLITE_LIMIT_ATTACHED, read_only ? 1 : 0);
    sqlite3_busy_timeout (sql->db, 5000);
    if (!bureau_sql_execute (
            sql,
            "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
            "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;",
            error))
        return NULL;

    /* Checkpoints are the writer's own, when it is idle: an automatic one inside a commit costs
     * milliseconds, one from a second connection can corrupt the file (reliability.md, 0.9). */
    if (!read_only &&
        !bureau_sql_execute (
            sql,
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
            "PRAGMA journal_size_limit=67108864;",
            error))
        return NULL;
    sqlite3_wal_hook (sql->db, on_wal_commit, sql);

    return g_steal_pointer (&sql);
}

void
bureau_sql_close (BureauSql *sql)
{
    if (sql == NULL)
        return;

    g_clear_pointer (&sql->statements, g_hash_table_unref);
    sqlite3_close (sql->db);
    g_free (sql);
}

gboolean
bureau_sql_execute (BureauSql *sql, const char *text, GError **error)
{
    int code;

    errno = 0;
    code = sqlite3_exec (sql->db, text, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        set_error (error, code, sql);
    return code == SQLITE_OK;
}

static BureauRows *
prepare (BureauSql *sql, const char *text, GError **error)
{
    BureauRows *rows = g_hash_table_lookup (sql->statements, text);
    sqlite3_stmt *statement;
    int code;

    if (rows != NULL) {
        g_assert (!sqlite3_stmt_busy (rows->statement));
        return rows;
    }

    code = sqlite3_prepare_v3 (sql->db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (code != SQLITE_OK) {
        set_error (error, code, sql);
        return NULL;
    }
    rows = g_new0 (BureauRows, 1);
    rows->sql = sql;
    rows->statement = statement;
    g_hash_table_insert (sql->statements, (gpointer) text, rows);
    return rows;
}

static void
bind (sqlite3_stmt *statement, const char *types, va_list values)
{
    for (int i = 1; *types != '\0'; i++, types++) {
        switch (*types) {
        case 's':
            sqlite3_bind_text (statement, i, va_arg (values, const char *), -1, SQLITE_STATIC);
            break;
        case 'i':
            sqlite3_bind_int64 (statement, i, va_arg (values, gint64));
            break;
        case 'b': {
            const void *bytes = va_arg (values, const void *);
            sqlite3_bind_blob64 (statement, i, bytes, va_arg (values, gsize), SQLITE_STATIC);
            break;
        }
        default:
            g_assert_not_reached ();
        }
    }
}

BureauRows *
bureau_sql_query (BureauSql *sql, GError **error, const char *text, const char *types, ...)
{
    BureauRows *rows = prepare (sql, text, error);
    va_list values;

    if (rows == NULL)
        return NULL;

    va_start (values, types);
    bind (rows->statement, types, values);
    va_end (values);
    return rows;
}

gboolean
bureau_rows_next (BureauRows *rows, GError **error)
{
    int code;

    g_clear_pointer (&rows->mended, g_ptr_array_unref);
    errno = 0;
    code = sqlite3_step (rows->statement);
    if (code == SQLITE_ROW)
        return TRUE;
    if (code != SQLITE_DONE)
        set_error (error, code, rows->sql);
    return FALSE;
}

static const char *
mend (BureauRows *rows, const char *text, int length)
{
    char *mended = g_utf8_make_valid (text, length);

    if (rows->mended == NULL)
        rows->mended = g_ptr_array_new_with_free_func (g_free);
    g_ptr_array_add (rows->mended, mended);
    return mended;
}

const char *
bureau_rows_text (BureauRows *rows, int column)
{
    const char *text = (const char *) sqlite3_column_text (rows->statement, column);
    int length = text != NULL ? sqlite3_column_bytes (rows->statement, column) : 0;

    return text == NULL || bureau_utf8_check (text, length) ? text : mend (rows, text, length);
}

gint64
bureau_rows_int (BureauRows *rows, int column)
{
    return sqlite3_column_int64 (rows->statement, column);
}

const void *
bureau_rows_bytes (BureauRows *rows, int column, gsize *length)
{
    const void *bytes = sqlite3_column_blob (rows->statement, column);

    *length = sqlite3_column_bytes (rows->statement, column);
    return bytes;
}

void
bureau_rows_release (BureauRows *rows)
{
    sqlite3_reset (rows->statement);
    sqlite3_clear_bindings (rows->statement);
}

gboolean
bureau_sql_run (BureauSql *sql, GError **error, const char *text, const char *types, ...)
{
    g_autoptr (BureauRows) rows = prepare (sql, text, error);
    g_autoptr (GError) local_error = NULL;
    va_list values;

    if (rows == NULL)
        return FALSE;

    va_start (values, types);
    bind (rows->statement, types, values);
    va_end (values);

    while (bureau_rows_next (rows, &local_error))
        ;
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    return TRUE;
}

/* ------------------------------------------------------------------ texts */

static gboolean
has_bad_text (sqlite3_stmt *row)
{
    for (int i = 0; i < sqlite3_column_count (row); i++) {
        if (sqlite3_column_type (row, i) == SQLITE_TEXT &&
            !bureau_utf8_check (sqlite3_column_text (row, i), sqlite3_column_bytes (row, i)))
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_bad (BureauSql *sql, const char *table, GError **error)
{
    char *text = sqlite3_mprintf ("SELECT * FROM \"%w\"", table);
    sqlite3_stmt *rows = NULL;
    gboolean bad = FALSE;
    int code;

    errno = 0;
    code = sqlite3_prepare_v2 (sql->db, text, -1, &rows, NULL);
    sqlite3_free (text);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step (rows);
        bad = code == SQLITE_ROW && has_bad_text (rows);
        if (bad)
            code = SQLITE_DONE;
    }
    if (code != SQLITE_DONE)
        set_error (error, code, sql);
    sqlite3_finalize (rows);
    return bad;
}

char *
bureau_sql_find_bad_text (BureauSql *sql, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        sql, error, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", "");
    g_autoptr (GError) local_error = NULL;

    while (rows != NULL && bureau_rows_next (rows, &local_error)) {
        const char *table = bureau_rows_text (rows, 0);

        if (is_bad (sql, table, &local_error))
            return g_strdup (table);
        if (local_error != NULL)
            break;
    }
    if (local_error != NULL)
        g_propagate_error (error, g_steal_pointer (&local_error));
    return NULL;
}

gint64
bureau_sql_count_changes (BureauSql *sql)
{
    return sqlite3_changes64 (sql->db);
}

gboolean
bureau_sql_in_transaction (BureauSql *sql)
{
    return !sqlite3_get_autocommit (sql->db);
}

guint
bureau_sql_get_wal_pages (BureauSql *sql)
{
    return sql->wal_pages;
}

static void
flush_output (BureauSql *sql)
{
    struct stat info;

    if (fstat (sql->output, &info) != 0 || info.st_size - sql->flushed < BUREAU_FILES_FLUSHED)
        return;
    bureau_files_flush (sql->output);
    sql->flushed = info.st_size;
}

static int
on_progress (gpointer data)
{
    BureauSql *sql = data;

    if (sql->output >= 0)
        flush_output (sql);
    return g_cancellable_is_cancelled (sql->cancellable);
}

void
bureau_sql_set_cancellable (BureauSql *sql, GCancellable *cancellable)
{
    sql->cancellable = cancellable;
    sqlite3_progress_handler (sql->db, STEPS, on_progress, sql);
}

void
bureau_sql_set_output (BureauSql *sql, int fd)
{
    sql->output = fd;
    sql->flushed = 0;
    sqlite3_progress_handler (sql->db, STEPS, on_progress, sql);
}

/* ------------------------------------------------------------------ copies */

struct _BureauSqlCopy {
    sqlite3 *db;
    sqlite3_backup *backup;
};

static gboolean
fail_copy (int code, GError **error)
{
    BureauStorageState state = bureau_storage_from_code (code, errno);

    g_set_error (error, BUREAU_ERROR,
                 state == BUREAU_STORAGE_OK ? BUREAU_ERROR_INTERNAL : BUREAU_ERROR_UNAVAILABLE,
                 "The office can't be copied: %s.", sqlite3_errstr (code));
    return FALSE;
}

BureauSqlCopy *
bureau_sql_copy_open (BureauSql *sql, const char *path, GError **error)
{
    g_autoptr (BureauSqlCopy) copy = g_new0 (BureauSqlCopy, 1);
    g_autofree char *real = bureau_sql_follow_directory (path);
    int code;

    errno = 0;
    code = sqlite3_open_v2 (
        real, &copy->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec (copy->db,
                             "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=OFF;"
                             "PRAGMA journal_mode=OFF;",
                             NULL, NULL, NULL);
    /* What it remembers of the file would hide that the disk has spoilt it since. */
    sqlite3_db_release_memory (sql->db);
    if (code == SQLITE_OK)
        copy->backup = sqlite3_backup_init (copy->db, "main", sql->db, "main");
    if (copy->backup != NULL)
        return g_steal_pointer (&copy);
    fail_copy (code != SQLITE_OK ? code : sqlite3_extended_errcode (copy->db), error);
    return NULL;
}

/* The pages say that the database has a WAL, and this one shall have none. */
static gboolean
finish_copy (BureauSqlCopy *copy, GError **error)
{
    int code = sqlite3_backup_finish (g_steal_pointer (&copy->backup));

    if (code == SQLITE_OK)
        code = sqlite3_exec (copy->db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
    return code == SQLITE_OK || fail_copy (code, error);
}

gboolean
bureau_sql_copy_step (BureauSqlCopy *copy, int pages, gboolean *done, GError **error)
{
    int code;

    errno = 0;
    code = sqlite3_backup_step (copy->backup, pages);
    *done = code == SQLITE_DONE;
    if (code == SQLITE_DONE)
        return finish_copy (copy, error);
    /* Something is being written just now. */
    return code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED ||
           fail_copy (code, error);
}

void
bureau_sql_copy_close (BureauSqlCopy *copy)
{
    if (copy == NULL)
        return;

    sqlite3_backup_finish (copy->backup);
    sqlite3_close (copy->db);
    g_free (copy);
}

/* ------------------------------------------------------------------ the disk */

BureauStorageState
bureau_sql_get_state (BureauSql *sql)
{
    return sql->state;
}

void
bureau_sql_set_state (BureauSql *sql, BureauStorageState state)
{
    if (sql->state == BUREAU_STORAGE_DAMAGED)
        return;
    sql->state = state;
    /* It is left as it is, in the end as well. */
    if (state == BUREAU_STORAGE_DAMAGED)
        sqlite3_db_config (sql->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

void
bureau_sql_refuse_writes (BureauSql *sql, gboolean refuse)
{
    sql->refuses_writes = refuse;
    bureau_sql_execute (sql, refuse ? "PRAGMA query_only=1" : "PRAGMA query_only=0", NULL);
}

gboolean
bureau_sql_refuses_writes (BureauSql *sql)
{
    return sql->refuses_writes;
}

gboolean
bureau_sql_is_in_place (BureauSql *sql)
{
    int moved = 0;

    sqlite3_file_control (sql->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return !moved;
}

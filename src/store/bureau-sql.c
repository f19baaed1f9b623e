/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-sql.h"

#include "bureau-error.h"

struct _BureauSql {
    sqlite3 *db;
    GHashTable *statements; /* literal text → sqlite3_stmt (owned) */
    guint wal_pages;        /* in the WAL since it was begun anew */
};

static void
set_error (GError **error, int code, sqlite3 *db)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        g_set_error_literal (
            error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
            "The hub's disk is full. Nothing was changed; free some space and try again.");
        break;
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_BUSY:
    case SQLITE_CANTOPEN:
        g_set_error (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                     "The hub can't use its storage at the moment (%s). Nothing was changed.",
                     sqlite3_errmsg (db));
        break;
    default:
        g_set_error (error, BUREAU_ERROR, BUREAU_ERROR_INTERNAL, "The hub's storage failed: %s.",
                     sqlite3_errmsg (db));
    }
}

static int
on_wal_commit (gpointer data, sqlite3 *db, const char *name, int pages)
{
    ((BureauSql *) data)->wal_pages = pages;
    return SQLITE_OK;
}

static void
finalize (gpointer statement)
{
    sqlite3_finalize (statement);
}

BureauSql *
bureau_sql_open (const char *path, gboolean read_only, GError **error)
{
    g_autoptr (BureauSql) sql = g_new0 (BureauSql, 1);
    int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    int code = sqlite3_open_v2 (path, &sql->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW,
                                NULL);

    sql->statements = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, finalize);
    if (code != SQLITE_OK) {
        set_error (error, code, sql->db);
        return NULL;
    }

    sqlite3_extended_result_codes (sql->db, 1);
    sqlite3_db_config (sql->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_limit (sql->db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_busy_timeout (sql->db, 5000);
    if (!bureau_sql_execute (
            sql,
            "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;"
            "PRAGMA mmap_size=0;",
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
    int code = sqlite3_exec (sql->db, text, NULL, NULL, NULL);

    if (code != SQLITE_OK)
        set_error (error, code, sql->db);
    return code == SQLITE_OK;
}

static sqlite3_stmt *
prepare (BureauSql *sql, const char *text, GError **error)
{
    sqlite3_stmt *statement = g_hash_table_lookup (sql->statements, text);
    int code;

    if (statement != NULL) {
        g_assert (!sqlite3_stmt_busy (statement));
        return statement;
    }

    code = sqlite3_prepare_v3 (sql->db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (code != SQLITE_OK) {
        set_error (error, code, sql->db);
        return NULL;
    }
    g_hash_table_insert (sql->statements, (gpointer) text, statement);
    return statement;
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
    sqlite3_stmt *statement = prepare (sql, text, error);
    va_list values;

    if (statement == NULL)
        return NULL;

    va_start (values, types);
    bind (statement, types, values);
    va_end (values);
    return statement;
}

gboolean
bureau_rows_next (BureauRows *rows, GError **error)
{
    int code = sqlite3_step (rows);

    if (code == SQLITE_ROW)
        return TRUE;
    if (code != SQLITE_DONE)
        set_error (error, code, sqlite3_db_handle (rows));
    return FALSE;
}

const char *
bureau_rows_text (BureauRows *rows, int column)
{
    return (const char *) sqlite3_column_text (rows, column);
}

gint64
bureau_rows_int (BureauRows *rows, int column)
{
    return sqlite3_column_int64 (rows, column);
}

const void *
bureau_rows_bytes (BureauRows *rows, int column, gsize *length)
{
    const void *bytes = sqlite3_column_blob (rows, column);

    *length = sqlite3_column_bytes (rows, column);
    return bytes;
}

void
bureau_rows_release (BureauRows *rows)
{
    sqlite3_reset (rows);
    sqlite3_clear_bindings (rows);
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
    bind (rows, types, values);
    va_end (values);

    while (bureau_rows_next (rows, &local_error))
        ;
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    return TRUE;
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

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-private.h"

#include "bureau-error.h"

/* Each entry takes the schema from its index to the next version; user_version says how many have
 * run. A released entry is never edited: what changes is added at the end. */
static const char *const migrations[] = {
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE workspaces (id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;"
    "CREATE TABLE users (id TEXT PRIMARY KEY, handle TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    "  color TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;"
    "CREATE TABLE members (workspace_id TEXT NOT NULL REFERENCES workspaces, user_id TEXT NOT NULL REFERENCES users,"
    "  role TEXT NOT NULL, active INTEGER NOT NULL DEFAULT 1, joined_at INTEGER NOT NULL,"
    "  PRIMARY KEY (workspace_id, user_id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX members_by_user ON members (user_id);"
    "CREATE TABLE sessions (id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users, device TEXT NOT NULL,"
    "  hash BLOB NOT NULL UNIQUE, previous_hash BLOB UNIQUE, created_at INTEGER NOT NULL, used_at INTEGER NOT NULL,"
    "  revoked_at INTEGER) STRICT;"
    "CREATE TABLE invitations (id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspaces,"
    "  role TEXT NOT NULL, project_id TEXT REFERENCES projects, secret_hash BLOB NOT NULL UNIQUE,"
    "  code_hash BLOB NOT NULL UNIQUE, uses INTEGER NOT NULL, expires_at INTEGER NOT NULL,"
    "  created_by TEXT NOT NULL REFERENCES users, created_at INTEGER NOT NULL) STRICT;"

    "CREATE TABLE projects (id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspaces,"
    "  name TEXT NOT NULL, key TEXT NOT NULL, color TEXT NOT NULL, archived INTEGER NOT NULL DEFAULT 0,"
    "  last_number INTEGER NOT NULL DEFAULT 0, version INTEGER NOT NULL DEFAULT 1,"
    "  created_by TEXT NOT NULL REFERENCES users, created_at INTEGER NOT NULL,"
    "  UNIQUE (workspace_id, key)) STRICT;"
    "CREATE TABLE project_members (project_id TEXT NOT NULL REFERENCES projects,"
    "  user_id TEXT NOT NULL REFERENCES users, PRIMARY KEY (project_id, user_id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX project_members_by_user ON project_members (user_id);"

    "CREATE TABLE tasks (id TEXT PRIMARY KEY, project_id TEXT NOT NULL REFERENCES projects,"
    "  number INTEGER NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL, status TEXT NOT NULL,"
    "  position TEXT NOT NULL, priority INTEGER NOT NULL, due_at TEXT, kind TEXT NOT NULL,"
    "  created_by TEXT NOT NULL REFERENCES users, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,"
    "  completed_at INTEGER, deleted_at INTEGER, version INTEGER NOT NULL DEFAULT 1,"
    "  UNIQUE (project_id, number)) STRICT;"
    "CREATE INDEX tasks_by_place ON tasks (project_id, status, position);"
    "CREATE TABLE task_assignees (task_id TEXT NOT NULL REFERENCES tasks, user_id TEXT NOT NULL REFERENCES users,"
    "  place INTEGER NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (task_id, user_id))"
    "  STRICT, WITHOUT ROWID;"

    "CREATE TABLE time_entries (id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspaces,"
    "  user_id TEXT NOT NULL REFERENCES users, task_id TEXT REFERENCES tasks,"
    "  project_id TEXT REFERENCES projects, note TEXT, start_time INTEGER NOT NULL, end_time INTEGER) STRICT;"
    "CREATE UNIQUE INDEX timers ON time_entries (workspace_id, user_id) WHERE end_time IS NULL;"
    "CREATE INDEX time_entries_by_start ON time_entries (workspace_id, start_time);"

    "CREATE TABLE rooms (room TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE events (room TEXT NOT NULL, seq INTEGER NOT NULL, event_id TEXT NOT NULL, name TEXT NOT NULL,"
    "  actor_id TEXT NOT NULL, device_id TEXT NOT NULL, op_id TEXT, at INTEGER NOT NULL, payload TEXT NOT NULL,"
    "  PRIMARY KEY (room, seq)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE answers (device_id TEXT NOT NULL, op_id TEXT NOT NULL, digest BLOB NOT NULL, answer TEXT NOT NULL,"
    "  at INTEGER NOT NULL, PRIMARY KEY (device_id, op_id)) STRICT, WITHOUT ROWID;",

    /* People. A placeholder is a member whom nobody signs in as yet. */
    "ALTER TABLE users ADD COLUMN password TEXT;"
    "ALTER TABLE users ADD COLUMN placeholder INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE members ADD COLUMN removed_at INTEGER;"

    /* Devices. The tokens of before can't be renewed by generation: whoever had one signs in anew.
     */
    "DROP TABLE sessions;"
    "CREATE TABLE sessions (id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users, device TEXT NOT NULL,"
    "  used INTEGER NOT NULL, first_next INTEGER NOT NULL, last_next INTEGER NOT NULL,"
    "  created_at INTEGER NOT NULL, used_at INTEGER NOT NULL, revoked_at INTEGER) STRICT;"
    "CREATE INDEX sessions_by_user ON sessions (user_id);"

    /* A link is known by its secret's hash. A typed code must be known itself to be proven: it
     * stands here, sealed by the hub, for its few minutes. */
    "DROP TABLE invitations;"
    "CREATE TABLE invitations (id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES workspaces,"
    "  project_id TEXT REFERENCES projects, member_id TEXT REFERENCES users,"
    "  created_by TEXT NOT NULL REFERENCES users, role TEXT NOT NULL, uses INTEGER NOT NULL,"
    "  uses_left INTEGER NOT NULL CHECK (uses_left >= 0), expires_at INTEGER NOT NULL,"
    "  created_at INTEGER NOT NULL, secret_hash BLOB NOT NULL UNIQUE, code BLOB,"
    "  code_expires_at INTEGER, code_tries INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE INDEX invitations_by_workspace ON invitations (workspace_id);"
    "CREATE TABLE tickets (hash BLOB PRIMARY KEY, invitation_id TEXT NOT NULL REFERENCES invitations,"
    "  expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE guesses (key BLOB PRIMARY KEY, count INTEGER NOT NULL, at INTEGER NOT NULL,"
    "  good_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"

    /* Rows are added at the end, and that is all: even by whoever has a shell of SQLite. */
    "CREATE TABLE audit (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, workspace_id TEXT, act TEXT NOT NULL,"
    "  actor_id TEXT, subject TEXT, address TEXT, details TEXT CHECK (length(details) <= 2000),"
    "  hash BLOB NOT NULL) STRICT;"
    "CREATE INDEX audit_by_workspace ON audit (workspace_id, n);"
    "CREATE TRIGGER audit_is_added_to BEFORE INSERT ON audit WHEN new.n <= (SELECT max(n) FROM audit)"
    "  BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;"
    "CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit"
    "  BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;"
    "CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit"
    "  BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;",

    /* What fields were before somebody changed them. Forgotten values are NULL. */
    "CREATE TABLE task_changes (task_id TEXT NOT NULL REFERENCES tasks, field TEXT NOT NULL,"
    "  version INTEGER NOT NULL, user_id TEXT NOT NULL REFERENCES users, device_id TEXT NOT NULL,"
    "  at INTEGER NOT NULL, old_value TEXT, given TEXT, UNIQUE (task_id, field, version)) STRICT;"
    "CREATE INDEX task_changes_by_age ON task_changes (at) WHERE old_value IS NOT NULL;",

    /* What is old goes: of a room's log all up to its floor, and answers, by their age. */
    "ALTER TABLE rooms ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX answers_by_age ON answers (at);",
};

/* "Bure": tells a hub's file from any other SQLite file. */
#define APPLICATION_ID 0x42757265

static gboolean
read_pragma (BureauSql *sql, const char *text, gint64 *value, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (sql, error, text, "");

    if (rows == NULL || !bureau_rows_next (rows, error))
        return FALSE;
    *value = bureau_rows_int (rows, 0);
    return TRUE;
}

static gboolean
run_migrations (BureauSql *sql, guint from, guint to, GError **error)
{
    g_autofree char *marks = g_strdup_printf ("PRAGMA application_id=%d; PRAGMA user_version=%u",
                                              APPLICATION_ID, to);

    for (guint i = from; i < to; i++) {
        if (!bureau_sql_execute (sql, migrations[i], error))
            return FALSE;
    }
    return bureau_sql_execute (sql, marks, error);
}

static gboolean
check_version (BureauSql *sql, gint64 *version, GError **error)
{
    gint64 application;

    if (!read_pragma (sql, "PRAGMA user_version", version, error) ||
        !read_pragma (sql, "PRAGMA application_id", &application, error))
        return FALSE;

    if (*version > (gint64) G_N_ELEMENTS (migrations)) {
        g_set_error_literal (
            error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
            "This office was last served by a newer Bureau. Update Bureau to open it.");
        return FALSE;
    }
    if (*version < 0 || (*version > 0 && application != APPLICATION_ID)) {
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                             "This file is not a Bureau office.");
        return FALSE;
    }
    return TRUE;
}

gboolean
bureau_store_check_version (BureauSql *sql, gboolean *is_older, GError **error)
{
    gint64 version;

    if (!check_version (sql, &version, error))
        return FALSE;
    *is_older = version < (gint64) G_N_ELEMENTS (migrations);
    return TRUE;
}

/* All at once: whatever stops it, the file is as it was, or as this release wants it. */
gboolean
bureau_store_migrate_to (BureauSql *sql, guint to, GError **error)
{
    gint64 version;

    if (!check_version (sql, &version, error))
        return FALSE;
    if (version >= to)
        return TRUE;
    if (bureau_sql_execute (sql, "BEGIN IMMEDIATE", error) &&
        run_migrations (sql, version, to, error) && bureau_sql_execute (sql, "COMMIT", error))
        return TRUE;
    bureau_sql_execute (sql, "ROLLBACK", NULL);
    return FALSE;
}

gboolean
bureau_store_migrate (BureauSql *sql, GError **error)
{
    return bureau_store_migrate_to (sql, G_N_ELEMENTS (migrations), error);
}

gboolean
bureau_store_has_column (BureauSql *sql, const char *table, const char *column)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        sql, NULL, "SELECT 1 FROM pragma_table_info (?) WHERE name = ?", "ss", table, column);

    return rows != NULL && bureau_rows_next (rows, NULL);
}

/* ------------------------------------------------------------------ as it should be */

static GStrv
list_tables (BureauSql *sql, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        sql, error,
        "SELECT type || ' ' || name || ' ' || sql FROM sqlite_schema WHERE sql IS NOT NULL"
        " ORDER BY type, name",
        "");

    return rows != NULL ? bureau_store_collect (rows, error) : NULL;
}

/* What a file of this version holds that was never anything else's. */
static GStrv
list_expected (gint64 version, GError **error)
{
    g_autoptr (BureauSql) sql = bureau_sql_open (":memory:", FALSE, error);

    return sql != NULL && run_migrations (sql, 0, version, error) ? list_tables (sql, error) : NULL;
}

gboolean
bureau_store_compare_tables (BureauSql *sql, gboolean *are_equal, GError **error)
{
    g_auto (GStrv) expected = NULL;
    g_auto (GStrv) found = NULL;
    gint64 version;

    if (!check_version (sql, &version, error))
        return FALSE;
    expected = list_expected (version, error);
    found = expected != NULL ? list_tables (sql, error) : NULL;
    if (found == NULL)
        return FALSE;
    *are_equal = version > 0 &&
                 g_strv_equal ((const char *const *) expected, (const char *const *) found);
    return TRUE;
}

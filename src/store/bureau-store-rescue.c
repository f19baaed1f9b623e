/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-rescue.h"

#include "bureau-json.h"
#include "bureau-store-private.h"

/* As client/bureau-disk.c writes it. */
#define REPLICA_VERSION 2

struct _BureauReplicaFile {
    BureauSql *sql; /* (owned) */
};

/* ------------------------------------------------------------------ the file */

static gboolean
check_file (BureauSql *sql, const char *path, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        sql, NULL,
        "SELECT (SELECT user_version FROM pragma_user_version),"
        " (SELECT count(*) FROM objects WHERE kind = 'workspace')",
        "");

    if (rows == NULL || !bureau_rows_next (rows, NULL)) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s is no replica of an office.",
                     path);
        return FALSE;
    }
    if (bureau_rows_int (rows, 0) > REPLICA_VERSION) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                     "%s was written by a newer Bureau. Update this one.", path);
        return FALSE;
    }
    if (bureau_rows_int (rows, 1) == 1)
        return TRUE;
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 "%s has never held a whole office: nothing can be made of it.", path);
    return FALSE;
}

BureauReplicaFile *
bureau_replica_file_open (const char *path, GError **error)
{
    g_autoptr (BureauSql) sql = bureau_sql_open (path, TRUE, error);
    BureauReplicaFile *file;

    if (sql == NULL || !check_file (sql, path, error))
        return NULL;
    file = g_new0 (BureauReplicaFile, 1);
    file->sql = g_steal_pointer (&sql);
    return file;
}

void
bureau_replica_file_close (BureauReplicaFile *file)
{
    bureau_sql_close (file->sql);
    g_free (file);
}

JsonObject *
bureau_replica_file_summarize (BureauReplicaFile *file, GError **error)
{
    static const char *const names[] = { "people", "projects", "tasks", "entries" };
    g_autoptr (BureauRows) rows = bureau_sql_query (
        file->sql, error,
        "SELECT count(*) FILTER (WHERE kind = 'member'), count(*) FILTER (WHERE kind = 'project'),"
        " count(*) FILTER (WHERE kind = 'task'), count(*) FILTER (WHERE kind = 'entry'),"
        " max(json ->> 'id') FILTER (WHERE kind = 'workspace'),"
        " max(json ->> 'name') FILTER (WHERE kind = 'workspace') FROM objects",
        "");
    JsonArray *offices;
    JsonObject *summary;

    if (rows == NULL || !bureau_rows_next (rows, error))
        return NULL;
    summary = json_object_new ();
    for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        json_object_set_int_member (summary, names[i], bureau_rows_int (rows, i));
    bureau_json_set_string (summary, "workspaceId", bureau_rows_text (rows, 4));
    offices = json_array_new ();
    json_array_add_string_element (offices, bureau_rows_text (rows, 5));
    json_object_set_array_member (summary, "offices", offices);
    return summary;
}

BureauRole
bureau_replica_file_get_role (BureauReplicaFile *file, const char *user_id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        file->sql, error,
        "SELECT json ->> 'role' FROM objects WHERE kind = 'member' AND id = ?"
        " AND json ->> 'active'",
        "s", user_id);

    if (rows == NULL || !bureau_rows_next (rows, error))
        return BUREAU_ROLE_NONE;
    return MAX (bureau_role_from_string (bureau_rows_text (rows, 0)), BUREAU_ROLE_NONE);
}

/* ------------------------------------------------------------------ into the store */

/* A rescue: each statement gets an object as its first parameter, and these. */
typedef struct {
    BureauStore *store;
    BureauSql *from;
    const char *owner_id;
    gint64 now;
} Rescue;

/* An instant of the wire's, as the database keeps it. */
#define MS(name) "CAST (round((julianday(j ->> '" name "') - 2440587.5) * 86400000) AS INTEGER)"

/* Of whoever is no member any more only the name is left, if that. */
#define ADD_STRANGER                                                                               \
    "INSERT OR IGNORE INTO users (id, handle, name, color, created_at, placeholder)"               \
    " SELECT who, 'gone-' || lower(hex(randomblob(6))), coalesce(name, '?'), '#77767b', ?2, 1 FROM "

static gboolean
add_workspace (Rescue *self, const char *json, GError **error)
{
    return bureau_sql_run (self->store->sql, error,
                           "INSERT INTO workspaces (id, name, created_at)"
                           " SELECT j ->> 'id', j ->> 'name', ?2 FROM (SELECT ?1 AS j)",
                           "si", json, self->now);
}

static gboolean
add_member (Rescue *self, const char *json, GError **error)
{
    return bureau_sql_run (self->store->sql, error,
                           "INSERT INTO users (id, handle, name, color, created_at, placeholder)"
                           " SELECT j ->> 'id', coalesce(j ->> 'handle', j ->> 'id'), j ->> 'name',"
                           " j ->> 'color', ?2, j ->> 'id' <> ?3 FROM (SELECT ?1 AS j)",
                           "sis", json, self->now, self->owner_id) &&
           bureau_sql_run (self->store->sql, error,
                           "INSERT INTO members (workspace_id, user_id, role, active, joined_at)"
                           " SELECT w.id, j ->> 'id', j ->> 'role', j ->> 'active',"
                           " ?2 + (j ->> 'id' <> ?3) FROM (SELECT ?1 AS j), workspaces w",
                           "sis", json, self->now, self->owner_id);
}

static gboolean
add_project (Rescue *self, const char *json, GError **error)
{
    return bureau_sql_run (self->store->sql, error,
                           "INSERT INTO projects (id, workspace_id, name, key, color, archived,"
                           " version, created_by, created_at)"
                           " SELECT j ->> 'id', w.id, j ->> 'name', j ->> 'key', j ->> 'color',"
                           " j ->> 'archived', j ->> 'version', ?3, ?2"
                           " FROM (SELECT ?1 AS j), workspaces w",
                           "sis", json, self->now, self->owner_id) &&
           bureau_sql_run (self->store->sql, error,
                           "INSERT OR IGNORE INTO project_members (project_id, user_id)"
                           " SELECT ?1 ->> 'id', u.id FROM json_each(?1, '$.memberIds') m"
                           " JOIN users u ON u.id = m.value",
                           "s", json);
}

static gboolean
add_named (Rescue *self, const char *json, GError **error)
{
    return bureau_sql_run (self->store->sql, error,
                           ADD_STRANGER
                           "(SELECT value ->> 'userId' AS who, value ->> 'name' AS name"
                           " FROM json_each(?1, '$.assignees')) WHERE who IS NOT NULL",
                           "si", json, self->now) &&
           bureau_sql_run (self->store->sql, error,
                           ADD_STRANGER "(SELECT ?1 ->> 'createdBy' AS who, NULL AS name)"
                                        " WHERE who IS NOT NULL",
                           "si", json, self->now);
}

static gboolean
add_task_row (Rescue *self, const char *json, GError **error)
{
    return bureau_sql_run (
        self->store->sql, error,
        "INSERT INTO tasks (id, project_id, number, title, description, status, position,"
        " priority, due_at, kind, created_by, created_at, updated_at, completed_at, version)"
        " SELECT j ->> 'id', j ->> 'projectId', substr(j ->> 'key', instr(j ->> 'key', '-') + 1),"
        " j ->> 'title', j ->> 'description', j ->> 'status', j ->> 'position', j ->> 'priority',"
        " j ->> 'dueAt', j ->> 'kind', coalesce(j ->> 'createdBy', ?2), " MS (
            "createdAt") ","
                         " " MS ("updatedAt") ", " MS (
                             "completedAt") ", j ->> 'version' FROM (SELECT ?1 AS j)",
        "ss", json, self->owner_id);
}

/* Numbers go on after the highest that is known. */
static gboolean
add_task (Rescue *self, const char *json, GError **error)
{
    return add_named (self, json, error) && add_task_row (self, json, error) &&
           bureau_sql_run (self->store->sql, error,
                           "INSERT INTO task_assignees (task_id, user_id, place, state, at)"
                           " SELECT ?1 ->> 'id', j ->> 'userId', place,"
                           " coalesce(j ->> 'state', 'sent'), coalesce(" MS (
                               "at") ", ?2)"
                                     " FROM (SELECT value AS j, key AS place"
                                     "   FROM json_each(?1, '$.assignees'))",
                           "si", json, self->now) &&
           bureau_sql_run (self->store->sql, error,
                           "UPDATE projects SET last_number = max(last_number,"
                           " (SELECT number FROM tasks WHERE id = ?1 ->> 'id'))"
                           " WHERE id = ?1 ->> 'projectId'",
                           "s", json);
}

/* What was worked on may be gone. */
static gboolean
add_entry (Rescue *self, const char *json, GError **error)
{
    return bureau_sql_run (self->store->sql, error,
                           ADD_STRANGER "(SELECT ?1 ->> 'userId' AS who, NULL AS name)"
                                        " WHERE who IS NOT NULL",
                           "si", json, self->now) &&
           bureau_sql_run (
               self->store->sql, error,
               "INSERT INTO time_entries (id, workspace_id, user_id, task_id,"
               " project_id, note, start_time, end_time)"
               " SELECT j ->> 'id', w.id, j ->> 'userId', t.id, p.id, j ->> 'note',"
               " " MS ("startTime") ", " MS (
                   "endTime") " FROM (SELECT ?1 AS j)"
                              " JOIN workspaces w LEFT JOIN tasks t ON t.id = j ->> 'taskId'"
                              " LEFT JOIN projects p ON p.id = j ->> 'projectId'",
               "s", json);
}

static gboolean
add_all (Rescue *self, const char *kind, gboolean (*add) (Rescue *, const char *, GError **),
         GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        self->from, error, "SELECT json FROM objects WHERE kind = ? ORDER BY id", "s", kind);
    g_autoptr (GError) local_error = NULL;

    if (rows == NULL)
        return FALSE;
    while (bureau_rows_next (rows, &local_error)) {
        if (!add (self, bureau_rows_text (rows, 0), error))
            return FALSE;
    }
    if (local_error == NULL)
        return TRUE;
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

gboolean
bureau_store_rescue (BureauStore *store, BureauReplicaFile *file, const char *owner_id, gint64 now,
                     GError **error)
{
    Rescue self = { store, file->sql, owner_id, now };

    return add_all (&self, "workspace", add_workspace, error) &&
           add_all (&self, "member", add_member, error) &&
           add_all (&self, "project", add_project, error) &&
           add_all (&self, "task", add_task, error) && add_all (&self, "entry", add_entry, error);
}

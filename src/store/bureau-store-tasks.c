/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-private.h"

#include <string.h>

#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"

/* The assignees come as one JSON text, so that a task is one row and one query. */
#define TASK_COLUMNS                                                                                                 \
    "SELECT t.id, p.key || '-' || t.number, t.project_id, t.title, t.description, t.status, t.position, t.priority," \
    " t.due_at, t.kind, t.completed_at, t.created_at, t.created_by, t.updated_at, t.version, p.name,"                \
    " (SELECT json_group_array(json_object('userId', user_id, 'name', name, 'state', state, 'at', at)) FROM"         \
    "   (SELECT a.user_id, u.name, a.state, a.at FROM task_assignees a JOIN users u ON u.id = a.user_id"             \
    "     WHERE a.task_id = t.id ORDER BY a.place))"                                                                 \
    " FROM tasks t JOIN projects p ON p.id = t.project_id "

static void
set_instant (JsonObject *object, const char *name, gint64 instant)
{
    g_autofree char *text = bureau_instant_to_string (instant);

    bureau_json_set_string (object, name, text);
}

/* Puts the instants into wire form, and the names, joined, beside the list. */
static void
set_assignees (JsonObject *task, const char *json)
{
    JsonArray *assignees = bureau_json_parse_array (json, -1, NULL);
    g_autoptr (GString) names = g_string_new (NULL);

    for (guint i = 0; i < json_array_get_length (assignees); i++) {
        JsonObject *assignee = json_array_get_object_element (assignees, i);

        set_instant (assignee, "at", bureau_json_get_int (assignee, "at", 0));
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "",
                                bureau_json_get_string (assignee, "name"));
    }
    json_object_set_array_member (task, "assignees", assignees);
    bureau_json_set_string (task, "assigneeName", names->len > 0 ? names->str : NULL);
}

static JsonObject *
read_task (BureauRows *rows)
{
    JsonObject *task = json_object_new ();

    bureau_json_set_string (task, "id", bureau_rows_text (rows, 0));
    bureau_json_set_string (task, "key", bureau_rows_text (rows, 1));
    bureau_json_set_string (task, "projectId", bureau_rows_text (rows, 2));
    bureau_json_set_string (task, "title", bureau_rows_text (rows, 3));
    bureau_json_set_string (task, "description", bureau_rows_text (rows, 4));
    bureau_json_set_string (task, "status", bureau_rows_text (rows, 5));
    bureau_json_set_string (task, "position", bureau_rows_text (rows, 6));
    json_object_set_int_member (task, "priority", bureau_rows_int (rows, 7));
    bureau_json_set_string (task, "dueAt", bureau_rows_text (rows, 8));
    bureau_json_set_string (task, "kind", bureau_rows_text (rows, 9));
    set_instant (task, "completedAt", bureau_rows_int (rows, 10));
    set_instant (task, "createdAt", bureau_rows_int (rows, 11));
    bureau_json_set_string (task, "createdBy", bureau_rows_text (rows, 12));
    set_instant (task, "updatedAt", bureau_rows_int (rows, 13));
    json_object_set_int_member (task, "version", bureau_rows_int (rows, 14));
    bureau_json_set_string (task, "projectName", bureau_rows_text (rows, 15));
    set_assignees (task, bureau_rows_text (rows, 16));
    bureau_json_set_string (task, "systemName", NULL);
    return task;
}

JsonObject *
bureau_store_get_task (BureauStore *store, const char *id, gboolean deleted, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, TASK_COLUMNS "WHERE t.id = ? AND (t.deleted_at IS NOT NULL) = ?", "si",
        id, (gint64) deleted);

    return rows != NULL && bureau_rows_next (rows, error) ? read_task (rows) : NULL;
}

gboolean
bureau_store_has_task (BureauStore *store, const char *id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (store->sql, error,
                                                    "SELECT 1 FROM tasks WHERE id = ?", "s", id);

    return rows != NULL && bureau_rows_next (rows, error);
}

BureauCursor *
bureau_store_open_tasks (BureauStore *store, const char *project_id, GError **error)
{
    return bureau_cursor_new (bureau_sql_query (store->sql, error,
                                                TASK_COLUMNS
                                                "WHERE t.project_id = ? AND t.deleted_at IS NULL"
                                                " ORDER BY t.status, t.position, t.id",
                                                "s", project_id),
                              read_task);
}

gboolean
bureau_store_foreach_task (BureauStore *store, const char *project_id, BureauStoreFunc func,
                           gpointer data, GError **error)
{
    return bureau_cursor_foreach (bureau_store_open_tasks (store, project_id, error), func, data,
                                  error);
}

static gint64
take_number (BureauStore *store, const char *project_id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "UPDATE projects SET last_number = last_number + 1 WHERE id = ? RETURNING last_number", "s",
        project_id);
    gint64 number;

    if (rows == NULL || !bureau_rows_next (rows, error))
        return -1;
    number = bureau_rows_int (rows, 0);
    bureau_rows_next (rows, NULL);
    return number;
}

gboolean
bureau_store_add_task (BureauStore *store, JsonObject *task, const char *created_by, gint64 now,
                       GError **error)
{
    const char *project_id = bureau_json_get_string (task, "projectId");
    const char *description = bureau_json_get_string (task, "description");
    gint64 number = take_number (store, project_id, error);

    if (number < 0)
        return FALSE;

    return bureau_sql_run (
        store->sql, error,
        "INSERT INTO tasks (id, project_id, number, title, description, status, position, priority,"
        " due_at, kind, created_by, created_at, updated_at, completed_at)"
        " VALUES (?, ?, ?, ?, ?, ?6, ?, ?, ?, ?, ?, ?12, ?12, iif(?6 = 'done', ?12, NULL))",
        "ssissssisssi", bureau_json_get_string (task, "id"), project_id, number,
        bureau_json_get_string (task, "title"), description != NULL ? description : "",
        bureau_json_get_string (task, "status"), bureau_json_get_string (task, "position"),
        bureau_json_get_int (task, "priority", 4), bureau_json_get_string (task, "dueAt"),
        bureau_json_get_string (task, "kind"), created_by, now);
}

gboolean
bureau_store_update_task (BureauStore *store, const char *id, JsonObject *changes, gint64 now,
                          GError **error)
{
    gboolean has_due = json_object_has_member (changes, "dueAt");

    return bureau_sql_run (
        store->sql, error,
        "UPDATE tasks SET title = coalesce(?1, title), description = coalesce(?2, description),"
        " status = coalesce(?3, status), position = coalesce(?4, position), priority = iif(?5 = 0, priority, ?5),"
        " due_at = iif(?6, ?7, due_at), completed_at = CASE WHEN ?3 IS NULL THEN completed_at"
        "   WHEN ?3 = 'done' THEN coalesce(completed_at, ?8) ELSE NULL END,"
        " updated_at = ?8, version = version + 1 WHERE id = ?9",
        "ssssiisis", bureau_json_get_string (changes, "title"),
        bureau_json_get_string (changes, "description"), bureau_json_get_string (changes, "status"),
        bureau_json_get_string (changes, "position"), bureau_json_get_int (changes, "priority", 0),
        (gint64) has_due, bureau_json_get_string (changes, "dueAt"), now, id);
}

gboolean
bureau_store_set_task_deleted (BureauStore *store, const char *id, gboolean deleted, gint64 now,
                               GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "UPDATE tasks SET deleted_at = iif(?, ?2, NULL), updated_at = ?2, version = version + 1"
        " WHERE id = ?",
        "iis", (gint64) deleted, now, id);
}

gboolean
bureau_store_set_assignees (BureauStore *store, const char *task_id, const char *const *user_ids,
                            gint64 now, GError **error)
{
    g_autoptr (JsonArray) ids = json_array_new ();
    g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
    g_autofree char *json = NULL;

    for (guint i = 0; user_ids[i] != NULL; i++)
        json_array_add_string_element (ids, user_ids[i]);
    json_node_set_array (node, ids);
    json = json_to_string (node, FALSE);

    return bureau_sql_run (store->sql, error,
                           "DELETE FROM task_assignees WHERE task_id = ? AND user_id NOT IN"
                           " (SELECT value FROM json_each(?))",
                           "ss", task_id, json) &&
           bureau_sql_run (store->sql, error,
                           "INSERT INTO task_assignees (task_id, user_id, place, state, at)"
                           " SELECT ?, value, key, 'sent', ? FROM json_each(?) WHERE TRUE"
                           " ON CONFLICT DO UPDATE SET place = excluded.place",
                           "sis", task_id, now, json);
}

static gboolean
read_position (BureauRows *rows, char **position, GError **error)
{
    if (rows == NULL || !bureau_rows_next (rows, error))
        return FALSE;
    *position = g_strdup (bureau_rows_text (rows, 0));
    return TRUE;
}

gboolean
bureau_store_find_place (BureauStore *store, const char *project_id, BureauStatus status,
                         const char *after_id, gboolean last, const char *moved_id, char **before,
                         char **after, GError **error)
{
    const char *word = bureau_status_to_string (status);
    g_autoptr (BureauRows) before_rows = NULL;
    g_autoptr (BureauRows) after_rows = NULL;
    g_autoptr (GError) local_error = NULL;

    /* A deleted task keeps its place, so that it has one of its own when it comes back. */
    *before = *after = NULL;
    if (last || after_id != NULL) {
        before_rows = bureau_sql_query (
            store->sql, error,
            "SELECT position FROM tasks WHERE project_id = ?1 AND status = ?2"
            " AND (deleted_at IS NULL OR ?4 IS NULL) AND id IS NOT ?3"
            " AND (?4 IS NULL OR id = ?4)"
            " ORDER BY position DESC LIMIT 1",
            "ssss", project_id, word, moved_id, after_id);
        if (before_rows == NULL)
            return FALSE;
        if (!read_position (before_rows, before, &local_error) &&
            (local_error != NULL || after_id != NULL)) {
            if (local_error != NULL)
                g_propagate_error (error, g_steal_pointer (&local_error));
            return FALSE;
        }
    }
    if (last)
        return TRUE;

    after_rows = bureau_sql_query (
        store->sql, error,
        "SELECT position FROM tasks WHERE project_id = ?1 AND status = ?2"
        " AND id IS NOT ?3 AND (?4 IS NULL OR position > ?4)"
        " ORDER BY position LIMIT 1",
        "ssss", project_id, word, moved_id, *before);
    if (after_rows == NULL)
        return FALSE;
    if (!read_position (after_rows, after, &local_error) && local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    return TRUE;
}

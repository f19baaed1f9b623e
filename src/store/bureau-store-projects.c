/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-private.h"

#include <string.h>

#include "bureau-error.h"
#include "bureau-json.h"

void
bureau_access_clear (BureauAccess *access)
{
    g_clear_pointer (&access->workspace_id, g_free);
}

/* Releases @rows (nullable). */
static gboolean
read_access (BureauRows *rows, BureauAccess *access, GError **error)
{
    g_autoptr (BureauRows) own = rows;
    g_autoptr (GError) local_error = NULL;
    int role;

    memset (access, 0, sizeof *access);
    if (rows == NULL)
        return FALSE;
    if (!bureau_rows_next (rows, &local_error)) {
        if (local_error == NULL)
            return TRUE;
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }

    role = bureau_role_from_string (bureau_rows_text (rows, 1));
    if (role >= BUREAU_ROLE_MANAGER || bureau_rows_int (rows, 3)) {
        access->workspace_id = g_strdup (bureau_rows_text (rows, 0));
        access->role = MAX (role, 0);
        access->archived = bureau_rows_int (rows, 2) != 0;
    }
    return TRUE;
}

#define ACCESS_COLUMNS                                                                             \
    "SELECT p.workspace_id, m.role, p.archived, EXISTS (SELECT 1 FROM project_members pm"          \
    "   WHERE pm.project_id = p.id AND pm.user_id = m.user_id)"
#define ACCESS_MEMBER " JOIN members m ON m.workspace_id = p.workspace_id AND m.active"

gboolean
bureau_store_get_access (BureauStore *store, const char *project_id, const char *user_id,
                         BureauAccess *access, GError **error)
{
    return read_access (bureau_sql_query (store->sql, error,
                                          ACCESS_COLUMNS " FROM projects p" ACCESS_MEMBER
                                                         " WHERE p.id = ? AND m.user_id = ?",
                                          "ss", project_id, user_id),
                        access, error);
}

gboolean
bureau_store_get_task_access (BureauStore *store, const char *task_id, const char *user_id,
                              BureauAccess *access, GError **error)
{
    return read_access (
        bureau_sql_query (store->sql, error,
                          ACCESS_COLUMNS
                          " FROM tasks t JOIN projects p ON p.id = t.project_id" ACCESS_MEMBER
                          " WHERE t.id = ? AND m.user_id = ?",
                          "ss", task_id, user_id),
        access, error);
}

static JsonArray *
list_member_ids (BureauStore *store, const char *project_id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT user_id FROM project_members WHERE project_id = ? ORDER BY user_id", "s",
        project_id);
    g_autoptr (JsonArray) ids = json_array_new ();
    g_autoptr (GError) local_error = NULL;

    if (rows == NULL)
        return NULL;

    while (bureau_rows_next (rows, &local_error))
        json_array_add_string_element (ids, bureau_rows_text (rows, 0));
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
    }
    return g_steal_pointer (&ids);
}

JsonObject *
bureau_store_get_project (BureauStore *store, const char *id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT id, workspace_id, name, key, color, archived, version FROM projects WHERE id = ?",
        "s", id);
    g_autoptr (JsonObject) project = NULL;
    JsonArray *members;

    if (rows == NULL || !bureau_rows_next (rows, error))
        return NULL;

    project = json_object_new ();
    bureau_json_set_string (project, "id", bureau_rows_text (rows, 0));
    bureau_json_set_string (project, "workspaceId", bureau_rows_text (rows, 1));
    bureau_json_set_string (project, "name", bureau_rows_text (rows, 2));
    bureau_json_set_string (project, "key", bureau_rows_text (rows, 3));
    bureau_json_set_string (project, "color", bureau_rows_text (rows, 4));
    json_object_set_boolean_member (project, "archived", bureau_rows_int (rows, 5) != 0);
    json_object_set_int_member (project, "version", bureau_rows_int (rows, 6));

    members = list_member_ids (store, id, error);
    if (members == NULL)
        return NULL;
    json_object_set_array_member (project, "memberIds", members);
    return g_steal_pointer (&project);
}

char *
bureau_store_find_project (BureauStore *store, const char *workspace_id, const char *key,
                           GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, "SELECT id FROM projects WHERE workspace_id = ? AND key = ?", "ss",
        workspace_id, key);

    return rows != NULL && bureau_rows_next (rows, error) ? g_strdup (bureau_rows_text (rows, 0))
                                                          : NULL;
}

GStrv
bureau_store_list_visible_projects (BureauStore *store, const char *user_id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT p.id FROM projects p JOIN members m ON m.workspace_id = p.workspace_id"
        " WHERE m.user_id = ?1 AND m.active AND (m.role IN ('manager', 'owner') OR p.id IN"
        "   (SELECT project_id FROM project_members WHERE user_id = ?1))"
        " ORDER BY p.created_at, p.id",
        "s", user_id);

    return rows != NULL ? bureau_store_collect (rows, error) : NULL;
}

GStrv
bureau_store_list_projects (BureauStore *store, const char *workspace_id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT id FROM projects WHERE workspace_id = ? AND NOT archived ORDER BY created_at, id",
        "s", workspace_id);

    return rows != NULL ? bureau_store_collect (rows, error) : NULL;
}

GStrv
bureau_store_list_project_audience (BureauStore *store, const char *project_id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT m.user_id FROM projects p JOIN members m ON m.workspace_id = p.workspace_id"
        " WHERE p.id = ?1 AND m.active AND (m.role IN ('manager', 'owner') OR m.user_id IN"
        "   (SELECT user_id FROM project_members WHERE project_id = ?1))",
        "s", project_id);

    return rows != NULL ? bureau_store_collect (rows, error) : NULL;
}

/* "Studio B refit" → "STU": the first letters that are letters, in ASCII. */
static char *
make_key (const char *name)
{
    g_autofree char *ascii = g_str_to_ascii (name, "C");
    GString *key = g_string_new (NULL);

    for (const char *c = ascii; *c != '\0' && key->len < 3; c++) {
        if (g_ascii_isalpha (*c))
            g_string_append_c (key, g_ascii_toupper (*c));
    }
    if (key->len == 0)
        g_string_append (key, "PRO");
    return g_string_free (key, FALSE);
}

char *
bureau_store_pick_project_key (BureauStore *store, const char *workspace_id, const char *wanted,
                               const char *name, GError **error)
{
    g_autofree char *stem = wanted != NULL ? g_ascii_strup (wanted, -1) : make_key (name);
    g_autofree char *key = g_strdup (stem);

    for (guint n = 2;; n++) {
        g_autoptr (BureauRows) rows = bureau_sql_query (
            store->sql, error, "SELECT 1 FROM projects WHERE workspace_id = ? AND key = ?", "ss",
            workspace_id, key);
        g_autoptr (GError) local_error = NULL;

        if (rows == NULL)
            return NULL;
        if (!bureau_rows_next (rows, &local_error)) {
            if (local_error == NULL)
                return g_steal_pointer (&key);
            g_propagate_error (error, g_steal_pointer (&local_error));
            return NULL;
        }
        g_free (key);
        key = g_strdup_printf ("%s%u", stem, n);
    }
}

gboolean
bureau_store_add_project (BureauStore *store, const char *id, const char *workspace_id,
                          const char *name, const char *key, const char *color,
                          const char *created_by, gint64 now, GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "INSERT INTO projects (id, workspace_id, name, key, color, created_by, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        "ssssssi", id, workspace_id, name, key, color, created_by, now);
}

gboolean
bureau_store_update_project (BureauStore *store, const char *id, JsonObject *changes,
                             GError **error)
{
    gint64 archived = json_object_has_member (changes, "archived")
                          ? bureau_json_get_boolean (changes, "archived", FALSE)
                          : -1;

    return bureau_sql_run (
        store->sql, error,
        "UPDATE projects SET name = coalesce(?, name), color = coalesce(?, color),"
        " archived = iif(?3 < 0, archived, ?3), version = version + 1 WHERE id = ?",
        "ssis", bureau_json_get_string (changes, "name"), bureau_json_get_string (changes, "color"),
        archived, id);
}

gboolean
bureau_store_add_project_member (BureauStore *store, const char *project_id, const char *user_id,
                                 GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "INSERT OR IGNORE INTO project_members (project_id, user_id) VALUES (?, ?)", "ss",
        project_id, user_id);
}

gboolean
bureau_store_remove_project_member (BureauStore *store, const char *project_id, const char *user_id,
                                    GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "DELETE FROM project_members WHERE project_id = ? AND user_id = ?", "ss",
                           project_id, user_id);
}

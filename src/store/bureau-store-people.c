/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-private.h"

#include <string.h>

#include "bureau-error.h"
#include "bureau-json.h"

/* ------------------------------------------------------------------ workspaces */

gboolean
bureau_store_add_workspace (BureauStore *store, const char *id, const char *name, gint64 now,
                            GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "INSERT INTO workspaces (id, name, created_at) VALUES (?, ?, ?)", "ssi",
                           id, name, now);
}

char *
bureau_store_find_workspace (BureauStore *store, const char *name, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT id FROM workspaces WHERE ?1 IS NULL OR name = ?1 ORDER BY created_at, id LIMIT 1",
        "s", name);

    return rows != NULL && bureau_rows_next (rows, error) ? g_strdup (bureau_rows_text (rows, 0))
                                                          : NULL;
}

JsonObject *
bureau_store_get_workspace (BureauStore *store, const char *workspace_id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, "SELECT id, name FROM workspaces WHERE id = ?", "s", workspace_id);
    JsonObject *workspace;

    if (rows == NULL || !bureau_rows_next (rows, error))
        return NULL;

    workspace = json_object_new ();
    bureau_json_set_string (workspace, "id", bureau_rows_text (rows, 0));
    bureau_json_set_string (workspace, "name", bureau_rows_text (rows, 1));
    return workspace;
}

JsonArray *
bureau_store_list_workspaces (BureauStore *store, const char *user_id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT w.id, w.name, m.role FROM workspaces w JOIN members m ON m.workspace_id = w.id"
        " WHERE m.user_id = ? AND m.active ORDER BY m.joined_at, w.id",
        "s", user_id);
    g_autoptr (JsonArray) workspaces = json_array_new ();
    g_autoptr (GError) local_error = NULL;

    if (rows == NULL)
        return NULL;

    while (bureau_rows_next (rows, &local_error)) {
        JsonObject *workspace = json_object_new ();

        bureau_json_set_string (workspace, "id", bureau_rows_text (rows, 0));
        bureau_json_set_string (workspace, "name", bureau_rows_text (rows, 1));
        bureau_json_set_string (workspace, "role", bureau_rows_text (rows, 2));
        json_array_add_object_element (workspaces, workspace);
    }
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
    }
    return g_steal_pointer (&workspaces);
}

/* ------------------------------------------------------------------ members */

#define MEMBER_COLUMNS                                                                             \
    "SELECT u.id, u.name, u.handle, u.color, m.role, m.active, m.workspace_id, u.placeholder"      \
    " FROM members m JOIN users u ON u.id = m.user_id "

static JsonObject *
read_member (BureauRows *rows)
{
    JsonObject *member = json_object_new ();

    bureau_json_set_string (member, "id", bureau_rows_text (rows, 0));
    bureau_json_set_string (member, "name", bureau_rows_text (rows, 1));
    bureau_json_set_string (member, "handle", bureau_rows_text (rows, 2));
    bureau_json_set_string (member, "color", bureau_rows_text (rows, 3));
    bureau_json_set_string (member, "role", bureau_rows_text (rows, 4));
    json_object_set_boolean_member (member, "active", bureau_rows_int (rows, 5) != 0);
    bureau_json_set_string (member, "workspaceId", bureau_rows_text (rows, 6));
    json_object_set_boolean_member (member, "placeholder", bureau_rows_int (rows, 7) != 0);
    return member;
}

JsonObject *
bureau_store_get_member (BureauStore *store, const char *workspace_id, const char *user_id,
                         GError **error)
{
    g_autoptr (BureauRows) rows =
        workspace_id != NULL
            ? bureau_sql_query (store->sql, error,
                                MEMBER_COLUMNS "WHERE m.workspace_id = ? AND m.user_id = ?", "ss",
                                workspace_id, user_id)
            : bureau_sql_query (store->sql, error,
                                MEMBER_COLUMNS "WHERE m.user_id = ?"
                                               " ORDER BY m.active DESC, m.joined_at LIMIT 1",
                                "s", user_id);

    return rows != NULL && bureau_rows_next (rows, error) ? read_member (rows) : NULL;
}

BureauCursor *
bureau_store_open_members (BureauStore *store, const char *workspace_id, GError **error)
{
    return bureau_cursor_new (bureau_sql_query (store->sql, error,
                                                MEMBER_COLUMNS
                                                "WHERE m.workspace_id = ? AND m.removed_at IS NULL"
                                                " ORDER BY m.joined_at, u.id",
                                                "s", workspace_id),
                              read_member);
}

static gboolean
add_member (JsonObject *member, gpointer data, GError **error)
{
    json_array_add_object_element (data, json_object_ref (member));
    return TRUE;
}

JsonArray *
bureau_store_list_members (BureauStore *store, const char *workspace_id, GError **error)
{
    g_autoptr (JsonArray) members = json_array_new ();

    return bureau_cursor_foreach (bureau_store_open_members (store, workspace_id, error),
                                  add_member, members, error)
               ? g_steal_pointer (&members)
               : NULL;
}

BureauRole
bureau_store_get_role (BureauStore *store, const char *workspace_id, const char *user_id,
                       GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT role FROM members WHERE workspace_id = ? AND user_id = ? AND active", "ss",
        workspace_id, user_id);

    if (rows == NULL || !bureau_rows_next (rows, error))
        return BUREAU_ROLE_NONE;
    return MAX (bureau_role_from_string (bureau_rows_text (rows, 0)), BUREAU_ROLE_NONE);
}

GStrv
bureau_store_list_member_ids (BureauStore *store, const char *workspace_id, BureauRole role,
                              GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT user_id, role FROM members WHERE workspace_id = ? AND active ORDER BY user_id", "s",
        workspace_id);
    g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
    g_autoptr (GError) local_error = NULL;

    if (rows == NULL)
        return NULL;

    while (bureau_rows_next (rows, &local_error)) {
        if (bureau_role_from_string (bureau_rows_text (rows, 1)) >= (int) role)
            g_strv_builder_add (builder, bureau_rows_text (rows, 0));
    }
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
    }
    return g_strv_builder_end (builder);
}

char *
bureau_store_find_user (BureauStore *store, const char *handle, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, "SELECT id FROM users WHERE handle = ?", "s", handle);

    return rows != NULL && bureau_rows_next (rows, error) ? g_strdup (bureau_rows_text (rows, 0))
                                                          : NULL;
}

gboolean
bureau_store_has_user (BureauStore *store, const char *id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (store->sql, error,
                                                    "SELECT 1 FROM users WHERE id = ?", "s", id);

    return rows != NULL && bureau_rows_next (rows, error);
}

char *
bureau_store_find_owner (BureauStore *store, const char *workspace_id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT user_id FROM members WHERE role = 'owner' AND active"
        " AND (?1 IS NULL OR workspace_id = ?1) ORDER BY joined_at, user_id LIMIT 1",
        "s", workspace_id);

    return rows != NULL && bureau_rows_next (rows, error) ? g_strdup (bureau_rows_text (rows, 0))
                                                          : NULL;
}

GStrv
bureau_store_list_owners (BureauStore *store, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, "SELECT DISTINCT user_id FROM members WHERE role = 'owner' AND active",
        "");

    return rows != NULL ? bureau_store_collect (rows, error) : NULL;
}

/* "Änne Müller" → "anne": the first word, in ASCII, lower case; "user" where nothing is left. */
static char *
make_handle (const char *name)
{
    g_autofree char *ascii = g_str_to_ascii (name, "C");
    GString *handle = g_string_new (NULL);

    for (const char *c = ascii; *c != '\0' && handle->len < 24; c++) {
        if (g_ascii_isalnum (*c))
            g_string_append_c (handle, g_ascii_tolower (*c));
        else if (*c == ' ' && handle->len > 0)
            break;
    }
    if (handle->len == 0)
        g_string_append (handle, "user");
    return g_string_free (handle, FALSE);
}

/* One that nobody but @id has. (transfer full) */
static char *
find_handle (BureauStore *store, const char *id, const char *name, GError **error)
{
    g_autofree char *wanted = make_handle (name);
    g_autofree char *handle = g_strdup (wanted);

    for (guint n = 2;; n++) {
        g_autoptr (GError) local_error = NULL;
        g_autofree char *owner = bureau_store_find_user (store, handle, &local_error);

        if (local_error != NULL) {
            g_propagate_error (error, g_steal_pointer (&local_error));
            return NULL;
        }
        if (owner == NULL || g_str_equal (owner, id))
            return g_steal_pointer (&handle);
        g_free (handle);
        handle = g_strdup_printf ("%s%u", wanted, n);
    }
}

gboolean
bureau_store_add_user (BureauStore *store, const char *id, const char *name, const char *color,
                       gint64 now, GError **error)
{
    g_autofree char *handle = find_handle (store, id, name, error);

    return handle != NULL &&
           bureau_sql_run (
               store->sql, error,
               "INSERT INTO users (id, handle, name, color, created_at) VALUES (?, ?, ?, ?, ?)",
               "ssssi", id, handle, name, color, now);
}

gboolean
bureau_store_claim_placeholder (BureauStore *store, const char *id, const char *name,
                                GError **error)
{
    g_autofree char *handle = find_handle (store, id, name, error);
    g_autoptr (BureauRows) rows = NULL;

    if (handle == NULL)
        return FALSE;
    rows = bureau_sql_query (store->sql, error,
                             "UPDATE users SET name = ?, handle = ?, placeholder = 0"
                             " WHERE id = ? AND placeholder RETURNING 1",
                             "sss", name, handle, id);
    /* To its end: only then is the row written. */
    return rows != NULL && bureau_rows_next (rows, error) && !bureau_rows_next (rows, NULL);
}

gboolean
bureau_store_update_user (BureauStore *store, const char *id, const char *name, const char *color,
                          GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "UPDATE users SET name = coalesce(?, name), color = coalesce(?, color) WHERE id = ?", "sss",
        name, color, id);
}

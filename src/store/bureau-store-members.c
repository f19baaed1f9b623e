/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-members.h"

#include "bureau-store-private.h"

#include <string.h>

#include "bureau-error.h"

gboolean
bureau_store_get_membership (BureauStore *store, const char *workspace_id, const char *user_id,
                             BureauMembership *membership, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT m.role, m.active, u.placeholder FROM members m JOIN users u ON u.id = m.user_id"
        " WHERE m.workspace_id = ? AND m.user_id = ? AND m.removed_at IS NULL",
        "ss", workspace_id, user_id);
    g_autoptr (GError) local_error = NULL;

    memset (membership, 0, sizeof *membership);
    if (rows == NULL)
        return FALSE;
    if (bureau_rows_next (rows, &local_error)) {
        membership->role = MAX (bureau_role_from_string (bureau_rows_text (rows, 0)), 0);
        membership->active = bureau_rows_int (rows, 1) != 0;
        membership->placeholder = bureau_rows_int (rows, 2) != 0;
    }
    if (local_error == NULL)
        return TRUE;
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

gboolean
bureau_store_add_member (BureauStore *store, const char *workspace_id, const char *user_id,
                         BureauRole role, gint64 now, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "INSERT INTO members (workspace_id, user_id, role, joined_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (workspace_id, user_id) DO UPDATE SET role = excluded.role, active = 1,"
        "  joined_at = excluded.joined_at, removed_at = NULL WHERE removed_at IS NOT NULL"
        " RETURNING 1",
        "sssi", workspace_id, user_id, bureau_role_to_string (role), now);
    g_autoptr (GError) local_error = NULL;

    if (rows == NULL)
        return FALSE;
    if (bureau_rows_next (rows, &local_error)) {
        bureau_rows_next (rows, NULL);
        return TRUE;
    }
    if (local_error == NULL)
        g_set_error_literal (&local_error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                             "This person is in the office already.");
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

gboolean
bureau_store_set_role (BureauStore *store, const char *workspace_id, const char *user_id,
                       BureauRole role, GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "UPDATE members SET role = ? WHERE workspace_id = ? AND user_id = ?",
                           "sss", bureau_role_to_string (role), workspace_id, user_id);
}

gboolean
bureau_store_set_active (BureauStore *store, const char *workspace_id, const char *user_id,
                         gboolean active, GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "UPDATE members SET active = ? WHERE workspace_id = ? AND user_id = ?",
                           "iss", (gint64) active, workspace_id, user_id);
}

gboolean
bureau_store_remove_member (BureauStore *store, const char *workspace_id, const char *user_id,
                            gint64 now, GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "DELETE FROM project_members WHERE user_id = ? AND project_id IN"
                           " (SELECT id FROM projects WHERE workspace_id = ?)",
                           "ss", user_id, workspace_id) &&
           bureau_sql_run (store->sql, error,
                           "UPDATE members SET active = 0, removed_at = ?"
                           " WHERE workspace_id = ? AND user_id = ?",
                           "iss", now, workspace_id, user_id);
}

gboolean
bureau_store_has_other_owner (BureauStore *store, const char *workspace_id, const char *user_id,
                              GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT 1 FROM members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = ?"
        " AND m.user_id <> ? AND m.role = 'owner' AND m.active AND NOT u.placeholder LIMIT 1",
        "ss", workspace_id, user_id);

    return rows != NULL && bureau_rows_next (rows, error);
}

GStrv
bureau_store_list_member_projects (BureauStore *store, const char *workspace_id,
                                   const char *user_id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT p.id FROM projects p JOIN project_members pm ON pm.project_id = p.id"
        " WHERE p.workspace_id = ? AND pm.user_id = ? ORDER BY p.created_at, p.id",
        "ss", workspace_id, user_id);

    return rows != NULL ? bureau_store_collect (rows, error) : NULL;
}

gboolean
bureau_store_set_placeholder (BureauStore *store, const char *user_id, gboolean placeholder,
                              GError **error)
{
    return bureau_sql_run (store->sql, error, "UPDATE users SET placeholder = ? WHERE id = ?", "is",
                           (gint64) placeholder, user_id);
}

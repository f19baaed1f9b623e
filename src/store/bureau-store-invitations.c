/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-invitations.h"

#include "bureau-store-private.h"

#include "bureau-json.h"

gboolean
bureau_store_add_invitation (BureauStore *store, const char *id, const char *workspace_id,
                             BureauRole role, const char *project_id, const guint8 *secret_hash,
                             const guint8 *code_hash, gint64 uses, gint64 expires_at,
                             const char *created_by, gint64 now, GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "INSERT INTO invitations (id, workspace_id, role, project_id, secret_hash, code_hash, uses,"
        " expires_at, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "ssssbbiisi", id, workspace_id, bureau_role_to_string (role), project_id, secret_hash,
        (gsize) BUREAU_STORE_HASH_SIZE, code_hash, (gsize) BUREAU_STORE_HASH_SIZE, uses, expires_at,
        created_by, now);
}

JsonObject *
bureau_store_use_invitation (BureauStore *store, const guint8 *hash, gint64 now, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "UPDATE invitations SET uses = uses - 1"
        " WHERE (secret_hash = ?1 OR code_hash = ?1) AND uses > 0 AND expires_at > ?2"
        " RETURNING id, workspace_id, role, project_id",
        "bi", hash, (gsize) BUREAU_STORE_HASH_SIZE, now);
    JsonObject *invitation;

    if (rows == NULL || !bureau_rows_next (rows, error))
        return NULL;

    invitation = json_object_new ();
    bureau_json_set_string (invitation, "id", bureau_rows_text (rows, 0));
    bureau_json_set_string (invitation, "workspaceId", bureau_rows_text (rows, 1));
    bureau_json_set_string (invitation, "role", bureau_rows_text (rows, 2));
    bureau_json_set_optional (invitation, "projectId", bureau_rows_text (rows, 3));
    bureau_rows_next (rows, NULL);
    return invitation;
}

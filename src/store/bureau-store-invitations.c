/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-invitations.h"

#include "bureau-store-private.h"

void
bureau_invitation_row_free (BureauInvitationRow *row)
{
    g_free (row->id);
    g_free (row->workspace_id);
    g_free (row->project_id);
    g_free (row->member_id);
    g_free (row->created_by);
    g_clear_pointer (&row->code, g_bytes_unref);
    g_free (row);
}

/* ------------------------------------------------------------------ reading */

/* A code that has expired is none. ?1: now. */
#define COLUMNS                                                                                    \
    "SELECT id, workspace_id, project_id, member_id, created_by, role, uses, uses_left,"           \
    " expires_at, created_at, iif(code_expires_at > ?1, code, NULL), code_expires_at"              \
    " FROM invitations WHERE uses_left > 0 AND expires_at > ?1 "

static BureauInvitationRow *
read_row (BureauRows *rows)
{
    BureauInvitationRow *row = g_new0 (BureauInvitationRow, 1);
    const void *bytes;
    gsize length;

    row->id = g_strdup (bureau_rows_text (rows, 0));
    row->workspace_id = g_strdup (bureau_rows_text (rows, 1));
    row->project_id = g_strdup (bureau_rows_text (rows, 2));
    row->member_id = g_strdup (bureau_rows_text (rows, 3));
    row->created_by = g_strdup (bureau_rows_text (rows, 4));
    row->role = (BureauRole) bureau_role_from_string (bureau_rows_text (rows, 5));
    row->uses = bureau_rows_int (rows, 6);
    row->uses_left = bureau_rows_int (rows, 7);
    row->expires_at = bureau_rows_int (rows, 8);
    row->created_at = bureau_rows_int (rows, 9);
    bytes = bureau_rows_bytes (rows, 10, &length);
    row->code = bytes != NULL ? g_bytes_new (bytes, length) : NULL;
    row->code_expires_at = row->code != NULL ? bureau_rows_int (rows, 11) : 0;
    return row;
}

static GPtrArray *
read_rows (BureauRows *rows, GError **error)
{
    g_autoptr (GPtrArray) list = NULL;
    g_autoptr (GError) local_error = NULL;

    if (rows == NULL)
        return NULL;

    list = g_ptr_array_new_with_free_func ((GDestroyNotify) bureau_invitation_row_free);
    while (bureau_rows_next (rows, &local_error))
        g_ptr_array_add (list, read_row (rows));
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
    }
    return g_steal_pointer (&list);
}

BureauInvitationRow *
bureau_store_get_invitation (BureauStore *store, const char *id, gint64 now, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (store->sql, error, COLUMNS "AND id = ?2", "is",
                                                    now, id);

    return rows != NULL && bureau_rows_next (rows, error) ? read_row (rows) : NULL;
}

BureauInvitationRow *
bureau_store_find_invitation (BureauStore *store, const guint8 *hash, gint64 now, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        COLUMNS "AND id IN (SELECT id FROM invitations WHERE secret_hash = ?2 UNION"
                " SELECT invitation_id FROM tickets WHERE hash = ?2 AND expires_at > ?1)",
        "ib", now, hash, (gsize) BUREAU_STORE_HASH_SIZE);

    return rows != NULL && bureau_rows_next (rows, error) ? read_row (rows) : NULL;
}

GPtrArray *
bureau_store_list_invitations (BureauStore *store, const char *workspace_id, gint64 now,
                               guint limit, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, COLUMNS "AND workspace_id = ?2 ORDER BY created_at, id LIMIT ?3", "isi",
        now, workspace_id, (gint64) limit);

    return read_rows (rows, error);
}

GPtrArray *
bureau_store_list_codes (BureauStore *store, gint64 now, guint limit, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        COLUMNS "AND code_expires_at > ?1 ORDER BY code_expires_at DESC, id LIMIT ?2", "ii", now,
        (gint64) limit);

    return read_rows (rows, error);
}

/* ------------------------------------------------------------------ making and using */

gboolean
bureau_store_add_invitation (BureauStore *store, const BureauInvitationRow *row,
                             const guint8 *secret_hash, GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "INSERT INTO invitations (id, workspace_id, project_id, member_id, created_by, role, uses,"
        " uses_left, expires_at, created_at, secret_hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?7, ?7, ?, ?, ?)",
        "ssssssiiib", row->id, row->workspace_id, row->project_id, row->member_id, row->created_by,
        bureau_role_to_string (row->role), row->uses, row->expires_at, row->created_at, secret_hash,
        (gsize) BUREAU_STORE_HASH_SIZE);
}

/* Nothing that is over keeps a code. */
static gboolean
end_code (BureauStore *store, const char *id, GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "UPDATE invitations SET code = NULL, code_expires_at = NULL"
                           " WHERE id = ? AND uses_left = 0",
                           "s", id);
}

gboolean
bureau_store_use_invitation (BureauStore *store, const char *id, const guint8 *hash, GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "UPDATE invitations SET uses_left = uses_left - 1 WHERE id = ?", "s",
                           id) &&
           bureau_sql_run (store->sql, error, "DELETE FROM tickets WHERE hash = ?", "b", hash,
                           (gsize) BUREAU_STORE_HASH_SIZE) &&
           end_code (store, id, error);
}

gboolean
bureau_store_end_invitation (BureauStore *store, const char *id, GError **error)
{
    return bureau_sql_run (store->sql, error, "UPDATE invitations SET uses_left = 0 WHERE id = ?",
                           "s", id) &&
           bureau_sql_run (store->sql, error, "DELETE FROM tickets WHERE invitation_id = ?", "s",
                           id) &&
           end_code (store, id, error);
}

gboolean
bureau_store_forget_invitations (BureauStore *store, const char *workspace_id, gint64 before,
                                 GError **error)
{
    return bureau_sql_run (store->sql, error, "DELETE FROM tickets WHERE expires_at < ?", "i",
                           before) &&
           bureau_sql_run (
               store->sql, error,
               "DELETE FROM invitations WHERE workspace_id = ? AND expires_at < ?"
               " AND NOT EXISTS (SELECT 1 FROM tickets WHERE invitation_id = invitations.id)",
               "si", workspace_id, before);
}

/* ------------------------------------------------------------------ codes and tickets */

gboolean
bureau_store_set_code (BureauStore *store, const char *id, const char *created_by, GBytes *code,
                       gint64 expires_at, GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "UPDATE invitations SET code = NULL, code_expires_at = NULL"
                           " WHERE created_by = ? AND code IS NOT NULL",
                           "s", created_by) &&
           bureau_sql_run (store->sql, error,
                           "UPDATE invitations SET code = ?, code_expires_at = ?, code_tries = 0"
                           " WHERE id = ?",
                           "bis", g_bytes_get_data (code, NULL), g_bytes_get_size (code),
                           expires_at, id);
}

gboolean
bureau_store_count_try (BureauStore *store, const char *id, GBytes *code, guint max_tries,
                        GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "UPDATE invitations SET code_tries = code_tries + 1"
                           " WHERE id = ? AND code = ?",
                           "sb", id, g_bytes_get_data (code, NULL), g_bytes_get_size (code)) &&
           bureau_sql_run (store->sql, error,
                           "UPDATE invitations SET code = NULL, code_expires_at = NULL"
                           " WHERE id = ? AND code_tries >= ?",
                           "si", id, (gint64) max_tries);
}

gboolean
bureau_store_add_ticket (BureauStore *store, const char *invitation_id, const guint8 *hash,
                         gint64 expires_at, GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "INSERT INTO tickets (hash, invitation_id, expires_at) VALUES (?, ?, ?)",
                           "bsi", hash, (gsize) BUREAU_STORE_HASH_SIZE, invitation_id, expires_at);
}

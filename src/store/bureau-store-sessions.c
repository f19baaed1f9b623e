/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-sessions.h"

#include "bureau-store-private.h"

void
bureau_session_row_free (BureauSessionRow *row)
{
    g_free (row->id);
    g_free (row->user_id);
    g_free (row);
}

gboolean
bureau_store_add_session (BureauStore *store, const char *id, const char *user_id,
                          const char *device, const guint8 *hash, gint64 now, GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "INSERT INTO sessions (id, user_id, device, hash, created_at, used_at)"
                           " VALUES (?, ?, ?, ?, ?5, ?5)",
                           "sssbi", id, user_id, device, hash, (gsize) BUREAU_STORE_HASH_SIZE, now);
}

BureauSessionRow *
bureau_store_find_session (BureauStore *store, const guint8 *hash, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT id, user_id FROM sessions WHERE (hash = ?1 OR previous_hash = ?1)"
        " AND revoked_at IS NULL",
        "b", hash, (gsize) BUREAU_STORE_HASH_SIZE);
    BureauSessionRow *row;

    if (rows == NULL || !bureau_rows_next (rows, error))
        return NULL;

    row = g_new0 (BureauSessionRow, 1);
    row->id = g_strdup (bureau_rows_text (rows, 0));
    row->user_id = g_strdup (bureau_rows_text (rows, 1));
    return row;
}

gboolean
bureau_store_rotate_session (BureauStore *store, const char *id, const guint8 *used,
                             const guint8 *next, gint64 now, GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "UPDATE sessions SET previous_hash = ?, hash = ?, used_at = ? WHERE id = ?", "bbis", used,
        (gsize) BUREAU_STORE_HASH_SIZE, next, (gsize) BUREAU_STORE_HASH_SIZE, now, id);
}

gboolean
bureau_store_is_session_live (BureauStore *store, const char *id, const char *user_id,
                              GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT 1 FROM sessions WHERE id = ? AND user_id = ? AND revoked_at IS NULL", "ss", id,
        user_id);

    return rows != NULL && bureau_rows_next (rows, error);
}

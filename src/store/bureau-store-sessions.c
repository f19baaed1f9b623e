/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-sessions.h"

#include "bureau-instant.h"
#include "bureau-json.h"
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
                          const char *device, gint64 now, GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "INSERT INTO sessions"
        " (id, user_id, device, used, first_next, last_next, created_at, used_at)"
        " VALUES (?, ?, ?, 0, 1, 1, ?4, ?4)",
        "sssi", id, user_id, device, now);
}

BureauSessionRow *
bureau_store_get_session (BureauStore *store, const char *id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT id, user_id, used, first_next, last_next, created_at, used_at FROM sessions"
        " WHERE id = ? AND revoked_at IS NULL",
        "s", id);
    BureauSessionRow *row;

    if (rows == NULL || !bureau_rows_next (rows, error))
        return NULL;

    row = g_new0 (BureauSessionRow, 1);
    row->id = g_strdup (bureau_rows_text (rows, 0));
    row->user_id = g_strdup (bureau_rows_text (rows, 1));
    row->generations.used = bureau_rows_int (rows, 2);
    row->generations.first_next = bureau_rows_int (rows, 3);
    row->generations.last_next = bureau_rows_int (rows, 4);
    row->created_at = bureau_rows_int (rows, 5);
    row->used_at = bureau_rows_int (rows, 6);
    return row;
}

gboolean
bureau_store_renew_session (BureauStore *store, const char *id,
                            const BureauGenerations *generations, gint64 now, GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "UPDATE sessions SET used = ?, first_next = ?, last_next = ?, used_at = ? WHERE id = ?",
        "iiiis", generations->used, generations->first_next, generations->last_next, now, id);
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

char *
bureau_store_find_session_user (BureauStore *store, const char *id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, "SELECT user_id FROM sessions WHERE id = ?", "s", id);

    if (rows == NULL || !bureau_rows_next (rows, error))
        return NULL;
    return g_strdup (bureau_rows_text (rows, 0));
}

gboolean
bureau_store_is_session_revoked (BureauStore *store, const char *id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, "SELECT 1 FROM sessions WHERE id = ? AND revoked_at IS NOT NULL", "s",
        id);

    return rows != NULL && bureau_rows_next (rows, error);
}

gboolean
bureau_store_revoke_sessions (BureauStore *store, const char *user_id, const char *session_id,
                              const char *except, gint64 now, GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "UPDATE sessions SET revoked_at = ?4 WHERE user_id = ?1"
                           " AND revoked_at IS NULL AND id = ifnull(?2, id) AND id IS NOT ?3",
                           "sssi", user_id, session_id, except, now);
}

gboolean
bureau_store_forget_sessions (BureauStore *store, const char *user_id, gint64 created_before,
                              GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "DELETE FROM sessions WHERE user_id = ? AND created_at < ?", "si",
                           user_id, created_before);
}

GStrv
bureau_store_list_sessions (BureauStore *store, const char *user_id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (store->sql, error,
                                                    "SELECT id FROM sessions WHERE user_id = ?"
                                                    " AND revoked_at IS NULL ORDER BY used_at, id",
                                                    "s", user_id);

    return rows != NULL ? bureau_store_collect (rows, error) : NULL;
}

static JsonObject *
read_device (BureauRows *rows)
{
    JsonObject *device = json_object_new ();
    g_autofree char *created_at = bureau_instant_to_string (bureau_rows_int (rows, 2));
    g_autofree char *used_at = bureau_instant_to_string (bureau_rows_int (rows, 3));

    bureau_json_set_string (device, "id", bureau_rows_text (rows, 0));
    bureau_json_set_string (device, "device", bureau_rows_text (rows, 1));
    bureau_json_set_string (device, "createdAt", created_at);
    bureau_json_set_string (device, "usedAt", used_at);
    return device;
}

JsonArray *
bureau_store_describe_sessions (BureauStore *store, const char *user_id, gint64 used_after,
                                gint64 created_after, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT id, device, created_at, used_at FROM sessions WHERE user_id = ?"
        " AND revoked_at IS NULL AND used_at > ? AND created_at > ? ORDER BY used_at DESC, id",
        "sii", user_id, used_after, created_after);
    g_autoptr (JsonArray) devices = json_array_new ();
    g_autoptr (GError) local_error = NULL;

    while (rows != NULL && bureau_rows_next (rows, &local_error))
        json_array_add_object_element (devices, read_device (rows));
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
    }
    return rows != NULL ? g_steal_pointer (&devices) : NULL;
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-private.h"

#include <string.h>

#include "bureau-error.h"

gint64
bureau_store_get_head (BureauStore *store, const char *room, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, "SELECT seq FROM rooms WHERE room = ?", "s", room);
    g_autoptr (GError) local_error = NULL;

    if (rows == NULL)
        return -1;
    if (bureau_rows_next (rows, &local_error))
        return bureau_rows_int (rows, 0);
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return -1;
    }
    return 0;
}

gint64
bureau_store_take_seq (BureauStore *store, const char *room, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "INSERT INTO rooms (room, seq) VALUES (?, 1)"
        " ON CONFLICT (room) DO UPDATE SET seq = seq + 1 RETURNING seq",
        "s", room);
    gint64 seq;

    if (rows == NULL || !bureau_rows_next (rows, error))
        return -1;
    seq = bureau_rows_int (rows, 0);
    /* A statement with RETURNING is done only when it has been stepped to its end. */
    bureau_rows_next (rows, NULL);
    return seq;
}

gboolean
bureau_store_append_event (BureauStore *store, const char *room, gint64 seq, const char *event_id,
                           const char *name, const char *actor_id, const char *device_id,
                           const char *op_id, gint64 at, const char *payload, GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "INSERT INTO events (room, seq, event_id, name, actor_id, device_id, op_id, at, payload)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "sisssssis", room, seq, event_id, name, actor_id, device_id, op_id, at, payload);
}

gboolean
bureau_store_foreach_event (BureauStore *store, const char *room, gint64 since, guint limit,
                            BureauEventFunc func, gpointer data, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT name, seq, payload FROM events WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?",
        "sii", room, since, (gint64) limit);
    g_autoptr (GError) local_error = NULL;

    if (rows == NULL)
        return FALSE;

    while (bureau_rows_next (rows, &local_error))
        func (bureau_rows_text (rows, 0), bureau_rows_int (rows, 1), bureau_rows_text (rows, 2),
              data);
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    return TRUE;
}

char *
bureau_store_find_answer (BureauStore *store, const char *device_id, const char *op_id,
                          const guint8 *digest, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT answer, digest = ? FROM answers WHERE device_id = ? AND op_id = ?", "bss", digest,
        (gsize) BUREAU_STORE_HASH_SIZE, device_id, op_id);

    if (rows == NULL || !bureau_rows_next (rows, error))
        return NULL;
    if (!bureau_rows_int (rows, 1)) {
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                             "This id was already used for another command. Use a new one.");
        return NULL;
    }
    return g_strdup (bureau_rows_text (rows, 0));
}

gboolean
bureau_store_keep_answer (BureauStore *store, const char *device_id, const char *op_id,
                          const guint8 *digest, const char *answer, gint64 now, GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "INSERT INTO answers (device_id, op_id, digest, answer, at) VALUES (?, ?, ?, ?, ?)",
        "ssbsi", device_id, op_id, digest, (gsize) BUREAU_STORE_HASH_SIZE, answer, now);
}

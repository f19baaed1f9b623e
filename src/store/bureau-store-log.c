/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-private.h"

#include <string.h>

#include "bureau-error.h"

gboolean
bureau_store_get_span (BureauStore *store, const char *room, gint64 *floor, gint64 *head,
                       GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, "SELECT floor, seq FROM rooms WHERE room = ?", "s", room);
    g_autoptr (GError) local_error = NULL;

    if (rows == NULL)
        return FALSE;
    *floor = *head = 0;
    if (bureau_rows_next (rows, &local_error)) {
        *floor = bureau_rows_int (rows, 0);
        *head = bureau_rows_int (rows, 1);
    }
    if (local_error == NULL)
        return TRUE;
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

gint64
bureau_store_get_head (BureauStore *store, const char *room, GError **error)
{
    gint64 floor, head;

    return bureau_store_get_span (store, room, &floor, &head, error) ? head : -1;
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

    while (bureau_rows_next (rows, &local_error) &&
           func (bureau_rows_text (rows, 0), bureau_rows_int (rows, 1), bureau_rows_text (rows, 2),
                 data))
        ;
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

/* ------------------------------------------------------------------ what is old */

char *
bureau_store_find_long_log (BureauStore *store, const char *after, gint64 keep, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT room FROM rooms WHERE room > ? AND seq - floor > ? ORDER BY room LIMIT 1", "si",
        after != NULL ? after : "", keep);

    return rows != NULL && bureau_rows_next (rows, error) ? g_strdup (bureau_rows_text (rows, 0))
                                                          : NULL;
}

/* How far the room's floor may rise: to before the first event that is young, or one of the last
 * @keep. The clock may have been turned back between two, so each is looked at. -1 with @error. */
static gint64
find_floor (BureauStore *store, const char *room, gint64 before, gint64 keep, guint limit,
            gint64 floor, gint64 head, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT seq, at FROM events WHERE room = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
        "siii", room, floor, head - keep, (gint64) limit);
    g_autoptr (GError) local_error = NULL;

    if (rows == NULL)
        return -1;
    while (bureau_rows_next (rows, &local_error) && bureau_rows_int (rows, 1) < before)
        floor = bureau_rows_int (rows, 0);
    if (local_error == NULL)
        return floor;
    g_propagate_error (error, g_steal_pointer (&local_error));
    return -1;
}

gint64
bureau_store_prune_events (BureauStore *store, const char *room, gint64 before, gint64 keep,
                           guint limit, GError **error)
{
    gint64 floor, head, risen;

    if (!bureau_store_get_span (store, room, &floor, &head, error))
        return -1;
    risen = find_floor (store, room, before, keep, limit, floor, head, error);
    if (risen <= floor)
        return risen < 0 ? -1 : 0;
    if (!bureau_sql_run (store->sql, error, "DELETE FROM events WHERE room = ? AND seq <= ?", "si",
                         room, risen) ||
        !bureau_sql_run (store->sql, error, "UPDATE rooms SET floor = ? WHERE room = ?", "is",
                         risen, room))
        return -1;
    return risen - floor;
}

gint64
bureau_store_prune_answers (BureauStore *store, gint64 before, guint limit, GError **error)
{
    if (!bureau_sql_run (store->sql, error,
                         "DELETE FROM answers WHERE (device_id, op_id) IN"
                         " (SELECT device_id, op_id FROM answers WHERE at < ? LIMIT ?)",
                         "ii", before, (gint64) limit))
        return -1;
    return bureau_sql_count_changes (store->sql);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-private.h"

#include "bureau-instant.h"
#include "bureau-json.h"

#define ENTRY_COLUMNS                                                                              \
    "SELECT e.id, e.workspace_id, e.user_id, e.task_id, e.project_id, e.note, e.start_time, e.end_time"
#define ENTRIES ENTRY_COLUMNS " FROM time_entries e "

static JsonObject *
read_entry (BureauRows *rows)
{
    JsonObject *entry = json_object_new ();
    g_autofree char *start = bureau_instant_to_string (bureau_rows_int (rows, 6));
    g_autofree char *end = bureau_instant_to_string (bureau_rows_int (rows, 7));

    bureau_json_set_string (entry, "id", bureau_rows_text (rows, 0));
    bureau_json_set_string (entry, "workspaceId", bureau_rows_text (rows, 1));
    bureau_json_set_string (entry, "userId", bureau_rows_text (rows, 2));
    bureau_json_set_string (entry, "taskId", bureau_rows_text (rows, 3));
    bureau_json_set_string (entry, "projectId", bureau_rows_text (rows, 4));
    bureau_json_set_string (entry, "note", bureau_rows_text (rows, 5));
    bureau_json_set_string (entry, "startTime", start);
    bureau_json_set_string (entry, "endTime", end);
    return entry;
}

JsonObject *
bureau_store_get_entry (BureauStore *store, const char *id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (store->sql, error, ENTRIES "WHERE id = ?", "s",
                                                    id);

    return rows != NULL && bureau_rows_next (rows, error) ? read_entry (rows) : NULL;
}

JsonObject *
bureau_store_find_entry (BureauStore *store, const char *id, const char *user_id, BureauRole *role,
                         GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        ENTRY_COLUMNS ", m.role FROM time_entries e JOIN members m"
                      " ON m.workspace_id = e.workspace_id AND m.active"
                      " WHERE e.id = ? AND m.user_id = ?",
        "ss", id, user_id);

    if (rows == NULL || !bureau_rows_next (rows, error))
        return NULL;
    *role = MAX (bureau_role_from_string (bureau_rows_text (rows, 8)), BUREAU_ROLE_NONE);
    return read_entry (rows);
}

JsonObject *
bureau_store_get_timer (BureauStore *store, const char *workspace_id, const char *user_id,
                        GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, ENTRIES "WHERE workspace_id = ? AND user_id = ? AND end_time IS NULL",
        "ss", workspace_id, user_id);

    return rows != NULL && bureau_rows_next (rows, error) ? read_entry (rows) : NULL;
}

BureauCursor *
bureau_store_open_entries (BureauStore *store, const char *workspace_id, gint64 since,
                           GError **error)
{
    return bureau_cursor_new (
        bureau_sql_query (store->sql, error,
                          ENTRIES "WHERE workspace_id = ? AND (end_time IS NULL OR end_time > ?)"
                                  " ORDER BY start_time, id",
                          "si", workspace_id, since),
        read_entry);
}

gboolean
bureau_store_add_entry (BureauStore *store, const char *id, const char *workspace_id,
                        const char *user_id, const char *task_id, const char *project_id,
                        const char *note, gint64 start_time, GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "INSERT INTO time_entries (id, workspace_id, user_id, task_id, project_id, note, start_time)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        "ssssssi", id, workspace_id, user_id, task_id, project_id, note, start_time);
}

gboolean
bureau_store_end_entry (BureauStore *store, const char *id, gint64 end_time, GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "UPDATE time_entries SET end_time = max(?, start_time) WHERE id = ?",
                           "is", end_time, id);
}

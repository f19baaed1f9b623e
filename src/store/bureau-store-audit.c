/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-audit.h"

#include <string.h>

#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-store-private.h"

gboolean
bureau_store_add_audit (BureauStore *store, const BureauAuditRow *row, GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "INSERT INTO audit (n, at, workspace_id, act, actor_id, subject, address, details, hash)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "iissssssb", row->n, row->at, row->workspace_id, row->act, row->actor_id, row->subject,
        row->address, row->details, row->hash, (gsize) BUREAU_AUDIT_HASH_SIZE);
}

/* A hash of another length is no hash of ours: all zeroes, which none of ours is either. */
static void
read_hash (BureauRows *rows, int column, guint8 *hash)
{
    gsize length;
    const void *bytes = bureau_rows_bytes (rows, column, &length);

    memset (hash, 0, BUREAU_AUDIT_HASH_SIZE);
    if (length == BUREAU_AUDIT_HASH_SIZE)
        memcpy (hash, bytes, length);
}

gboolean
bureau_store_get_last_audit (BureauStore *store, gint64 *n, guint8 *hash, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, "SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1", "");
    g_autoptr (GError) local_error = NULL;

    *n = 0;
    memset (hash, 0, BUREAU_AUDIT_HASH_SIZE);
    if (rows == NULL)
        return FALSE;
    if (bureau_rows_next (rows, &local_error)) {
        *n = bureau_rows_int (rows, 0);
        read_hash (rows, 1, hash);
    }
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    return TRUE;
}

gboolean
bureau_store_foreach_audit (BureauStore *store, BureauAuditFunc func, gpointer data, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT n, at, workspace_id, act, actor_id, subject, address, details, hash FROM audit"
        " ORDER BY n",
        "");
    g_autoptr (GError) local_error = NULL;

    while (rows != NULL && bureau_rows_next (rows, &local_error)) {
        BureauAuditRow row = { .n = bureau_rows_int (rows, 0),
                               .at = bureau_rows_int (rows, 1),
                               .workspace_id = bureau_rows_text (rows, 2),
                               .act = bureau_rows_text (rows, 3),
                               .actor_id = bureau_rows_text (rows, 4),
                               .subject = bureau_rows_text (rows, 5),
                               .address = bureau_rows_text (rows, 6),
                               .details = bureau_rows_text (rows, 7) };

        read_hash (rows, 8, row.hash);
        if (!func (&row, data))
            break;
    }
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    return rows != NULL;
}

/* Of the whole hub's rows a workspace sees those about somebody who was in it at that time. */
#define WAS_IN_IT                                                                                  \
    "EXISTS (SELECT 1 FROM members m WHERE m.workspace_id = ?1"                                    \
    " AND m.user_id IN (a.actor_id, a.subject)"                                                    \
    " AND a.at BETWEEN m.joined_at AND coalesce(m.removed_at, a.at))"

/* Names as they are today, and only those that the workspace knows. */
#define LIST_COLUMNS                                                                               \
    "SELECT a.n, a.at, a.act, a.actor_id,"                                                         \
    " (SELECT u.name FROM users u JOIN members m ON m.user_id = u.id"                              \
    "  WHERE u.id = a.actor_id AND m.workspace_id = ?1),"                                          \
    " a.subject,"                                                                                  \
    " coalesce((SELECT u.name FROM users u JOIN members m ON m.user_id = u.id"                     \
    "  WHERE u.id = a.subject AND m.workspace_id = ?1),"                                           \
    "  (SELECT p.name FROM projects p WHERE p.id = a.subject AND p.workspace_id = ?1),"            \
    "  (SELECT p.key || '-' || t.number FROM tasks t JOIN projects p ON p.id = t.project_id"       \
    "   WHERE t.id = a.subject AND p.workspace_id = ?1)),"                                         \
    " a.address, a.details FROM audit a WHERE a.n < ?2 AND "

static JsonObject *
read_entry (BureauRows *rows)
{
    JsonObject *entry = json_object_new ();
    g_autofree char *at = bureau_instant_to_string (bureau_rows_int (rows, 1));
    const char *details = bureau_rows_text (rows, 8);

    json_object_set_int_member (entry, "n", bureau_rows_int (rows, 0));
    bureau_json_set_string (entry, "at", at);
    bureau_json_set_string (entry, "act", bureau_rows_text (rows, 2));
    bureau_json_set_optional (entry, "actorId", bureau_rows_text (rows, 3));
    bureau_json_set_optional (entry, "actorName", bureau_rows_text (rows, 4));
    bureau_json_set_optional (entry, "subject", bureau_rows_text (rows, 5));
    bureau_json_set_optional (entry, "subjectName", bureau_rows_text (rows, 6));
    bureau_json_set_optional (entry, "address", bureau_rows_text (rows, 7));
    if (details != NULL) {
        JsonObject *object = bureau_json_parse_object (details, -1, NULL);

        if (object != NULL)
            json_object_set_object_member (entry, "details", object);
    }
    return entry;
}

JsonArray *
bureau_store_list_audit (BureauStore *store, const char *workspace_id, gint64 before, guint limit,
                         GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        LIST_COLUMNS "a.workspace_id = ?1 UNION ALL " LIST_COLUMNS
                     "a.workspace_id IS NULL AND ((SELECT count(*) FROM workspaces) = 1"
                     " OR " WAS_IN_IT ") ORDER BY 1 DESC LIMIT ?3",
        "sii", workspace_id, before > 0 ? before : G_MAXINT64, (gint64) limit);
    g_autoptr (JsonArray) entries = json_array_new ();
    g_autoptr (GError) local_error = NULL;

    if (rows == NULL)
        return NULL;

    while (bureau_rows_next (rows, &local_error))
        json_array_add_object_element (entries, read_entry (rows));
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
    }
    return g_steal_pointer (&entries);
}

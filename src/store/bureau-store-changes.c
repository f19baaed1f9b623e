/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-changes.h"

#include "bureau-store-private.h"

gboolean
bureau_store_add_task_change (BureauStore *store, const BureauTaskChange *change, GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "INSERT INTO task_changes (task_id, field, version, user_id, device_id, at,"
        " old_value, given) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        "ssississ", change->task_id, change->field, change->version, change->user_id,
        change->device_id, change->at, change->old_value, change->given);
}

void
bureau_others_change_clear (BureauOthersChange *change)
{
    g_free (change->user_id);
    g_free (change->known);
    *change = (BureauOthersChange){ 0 };
}

/* The device's own last change after @since: the version moves on to it. @given (out): see above.
 */
static gboolean
find_own (BureauStore *store, const char *task_id, const char *field, const char *device_id,
          gint64 *since, char **given, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT version, given FROM task_changes WHERE task_id = ? AND field = ? AND version > ?"
        " AND device_id = ? ORDER BY version DESC LIMIT 1",
        "ssis", task_id, field, *since, device_id);
    g_autoptr (GError) local_error = NULL;

    if (rows == NULL)
        return FALSE;
    if (bureau_rows_next (rows, &local_error)) {
        *since = bureau_rows_int (rows, 0);
        *given = g_strdup (bureau_rows_text (rows, 1));
    }
    if (local_error == NULL)
        return TRUE;
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

static gboolean
find_newest (BureauStore *store, const char *task_id, const char *field, gint64 since,
             const char *device_id, BureauOthersChange *change, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT user_id, at FROM task_changes WHERE task_id = ? AND field = ? AND version > ?"
        " AND device_id <> ? ORDER BY version DESC LIMIT 1",
        "ssis", task_id, field, since, device_id);
    g_autoptr (GError) local_error = NULL;

    if (rows == NULL)
        return FALSE;
    if (bureau_rows_next (rows, &local_error)) {
        change->is_changed = TRUE;
        change->user_id = g_strdup (bureau_rows_text (rows, 0));
        change->at = bureau_rows_int (rows, 1);
    }
    if (local_error == NULL)
        return TRUE;
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

/* The value at @since is what the first change after it has found. */
static gboolean
find_known (BureauStore *store, const char *task_id, const char *field, gint64 since, char **known,
            GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT old_value FROM task_changes WHERE task_id = ? AND field = ? AND version > ?"
        " ORDER BY version LIMIT 1",
        "ssi", task_id, field, since);

    if (rows == NULL || !bureau_rows_next (rows, error))
        return FALSE;
    *known = g_strdup (bureau_rows_text (rows, 0));
    return TRUE;
}

gboolean
bureau_store_get_others_change (BureauStore *store, const char *task_id, const char *field,
                                gint64 base, const char *device_id, BureauOthersChange *change,
                                GError **error)
{
    g_autofree char *given = NULL;
    gint64 since = base;

    if (!find_own (store, task_id, field, device_id, &since, &given, error))
        return FALSE;
    /* It does not know what its last change was merged with. */
    if (!find_newest (store, task_id, field, given != NULL ? base : since, device_id, change,
                      error))
        return FALSE;
    if (!change->is_changed)
        return TRUE;
    if (given != NULL) {
        change->known = g_steal_pointer (&given);
        return TRUE;
    }
    return find_known (store, task_id, field, since, &change->known, error);
}

/* ------------------------------------------------------------------ pruning */

/* What is older than a forgotten one is not asked for any more. */
static gboolean
forget (BureauStore *store, const char *task_id, const char *field, gint64 version, GError **error)
{
    return bureau_sql_run (
               store->sql, error,
               "DELETE FROM task_changes WHERE task_id = ? AND field = ? AND version < ?", "ssi",
               task_id, field, version) &&
           bureau_sql_run (store->sql, error,
                           "UPDATE task_changes SET old_value = NULL, given = NULL"
                           " WHERE task_id = ? AND field = ? AND version = ?",
                           "ssi", task_id, field, version);
}

gboolean
bureau_store_prune_task_changes (BureauStore *store, gint64 before, guint limit, guint *n,
                                 GError **error)
{
    for (*n = 0; *n < limit; ++*n) {
        g_autoptr (BureauRows) rows = bureau_sql_query (
            store->sql, error,
            "SELECT task_id, field, version FROM task_changes"
            " WHERE at < ? AND old_value IS NOT NULL ORDER BY at LIMIT 1",
            "i", before);
        g_autoptr (GError) local_error = NULL;
        g_autofree char *task_id = NULL;
        g_autofree char *field = NULL;
        gint64 version;

        if (rows == NULL)
            return FALSE;
        if (!bureau_rows_next (rows, &local_error)) {
            if (local_error != NULL)
                g_propagate_error (error, g_steal_pointer (&local_error));
            return local_error == NULL;
        }
        task_id = g_strdup (bureau_rows_text (rows, 0));
        field = g_strdup (bureau_rows_text (rows, 1));
        version = bureau_rows_int (rows, 2);
        g_clear_pointer (&rows, bureau_rows_release);
        if (!forget (store, task_id, field, version, error))
            return FALSE;
    }
    return TRUE;
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-accounts.h"

#include "bureau-store-private.h"

/* ------------------------------------------------------------------ passwords */

char *
bureau_store_find_account (BureauStore *store, const char *handle, char **hash, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        "SELECT id, password FROM users WHERE handle = ? AND password IS NOT NULL"
        " AND NOT placeholder"
        " AND EXISTS (SELECT 1 FROM members WHERE user_id = users.id AND active)",
        "s", handle);

    if (rows == NULL || !bureau_rows_next (rows, error))
        return NULL;
    *hash = g_strdup (bureau_rows_text (rows, 1));
    return g_strdup (bureau_rows_text (rows, 0));
}

char *
bureau_store_get_password (BureauStore *store, const char *user_id, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, "SELECT password FROM users WHERE id = ?", "s", user_id);

    return rows != NULL && bureau_rows_next (rows, error) ? g_strdup (bureau_rows_text (rows, 0))
                                                          : NULL;
}

gboolean
bureau_store_set_password (BureauStore *store, const char *user_id, const char *hash,
                           GError **error)
{
    return bureau_sql_run (store->sql, error, "UPDATE users SET password = ? WHERE id = ?", "ss",
                           hash, user_id);
}

/* ------------------------------------------------------------------ guesses */

gboolean
bureau_store_get_guesses (BureauStore *store, const guint8 *key, BureauGuessRow *row,
                          GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, "SELECT count, at, good_at FROM guesses WHERE key = ?", "b", key,
        (gsize) BUREAU_GUESS_KEY_SIZE);
    g_autoptr (GError) local_error = NULL;

    *row = (BureauGuessRow){ 0 };
    if (rows == NULL)
        return FALSE;
    if (bureau_rows_next (rows, &local_error)) {
        row->count = bureau_rows_int (rows, 0);
        row->at = bureau_rows_int (rows, 1);
        row->good_at = bureau_rows_int (rows, 2);
    }
    if (local_error == NULL)
        return TRUE;
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

gboolean
bureau_store_set_guesses (BureauStore *store, const guint8 *key, const BureauGuessRow *row,
                          GError **error)
{
    return bureau_sql_run (
        store->sql, error,
        "INSERT OR REPLACE INTO guesses (key, count, at, good_at) VALUES (?, ?, ?, ?)", "biii", key,
        (gsize) BUREAU_GUESS_KEY_SIZE, row->count, row->at, row->good_at);
}

gint64
bureau_store_count_guesses (BureauStore *store, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (store->sql, error,
                                                    "SELECT count(*) FROM guesses", "");

    return rows != NULL && bureau_rows_next (rows, error) ? bureau_rows_int (rows, 0) : -1;
}

gboolean
bureau_store_forget_guesses (BureauStore *store, gint64 before, gint64 good, GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "DELETE FROM guesses WHERE at < ? AND (good_at = 0 OR good_at < ?)",
                           "ii", before, good);
}

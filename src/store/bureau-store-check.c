/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-check.h"

#include "bureau-store-private.h"

gboolean
bureau_store_begin_reading (BureauStore *store, GError **error)
{
    /* The snapshot is taken by the first read. */
    return bureau_sql_execute (store->sql, "BEGIN; SELECT count(*) FROM sqlite_schema", error);
}

char *
bureau_store_check_schema (BureauStore *store)
{
    g_autoptr (GError) error = NULL;
    gboolean is_older;

    if (!bureau_store_check_version (store->sql, &is_older, &error))
        return g_strdup (error->message);
    return is_older ? g_strdup ("It is of an older Bureau. Serve it once, which brings it up to "
                                "date; then look again.")
                    : NULL;
}

gboolean
bureau_store_is_older (BureauStore *store, gboolean *is_older, GError **error)
{
    return bureau_store_check_version (store->sql, is_older, error);
}

char *
bureau_store_check_tables (BureauStore *store)
{
    g_autoptr (GError) error = NULL;
    gboolean are_equal;

    if (!bureau_store_compare_tables (store->sql, &are_equal, &error))
        return g_strdup (error->message);
    return are_equal ? NULL
                     : g_strdup ("The file's tables are not as Bureau made them. Put back a "
                                 "backup.");
}

/* The first row's first column between two pieces of a sentence; NULL where there is no row. */
static char *
describe_first (BureauStore *store, const char *query, const char *before, const char *after)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauRows) rows = bureau_sql_query (store->sql, &error, query, "");

    if (rows != NULL && bureau_rows_next (rows, &error))
        return g_strconcat (before, bureau_rows_text (rows, 0), after, NULL);
    return error != NULL ? g_strdup (error->message) : NULL;
}

char *
bureau_store_check_pages (BureauStore *store)
{
    return describe_first (
        store,
        "SELECT replace (integrity_check, '*** in database main ***' || char (10), '')"
        " FROM pragma_integrity_check(1)"
        " WHERE integrity_check <> 'ok'",
        "The file is damaged (", "). Put back a backup.");
}

char *
bureau_store_check_quickly (BureauStore *store)
{
    return describe_first (
        store,
        "SELECT replace (quick_check, '*** in database main ***' || char (10), '')"
        " FROM pragma_quick_check(1) WHERE quick_check <> 'ok'",
        "The file is damaged (", "). Put back a backup.");
}

#define FIND_BAD_JSON "SELECT 'events' FROM events WHERE NOT json_valid(payload)"

char *
bureau_store_check_texts (BureauStore *store)
{
    g_autoptr (GError) error = NULL;
    g_autofree char *table = bureau_sql_find_bad_text (store->sql, &error);
    /* In an office of the first release they are not kept yet. */
    gboolean has_answers = bureau_store_has_column (store->sql, "answers", "answer");

    if (error != NULL)
        return g_strdup (error->message);
    if (table != NULL)
        return g_strdup_printf (
            "In the table “%s” a text can't be read any more. Put back a backup.", table);
    return describe_first (store,
                           has_answers ? FIND_BAD_JSON " UNION ALL SELECT 'answers' FROM answers"
                                                       " WHERE NOT json_valid(answer) LIMIT 1"
                                       : FIND_BAD_JSON " LIMIT 1",
                           "In the table “",
                           "” an entry can't be read any more. Put back a backup.");
}

char *
bureau_store_check_references (BureauStore *store)
{
    return describe_first (store, "SELECT DISTINCT \"table\" FROM pragma_foreign_key_check",
                           "In the table “",
                           "” a row refers to one that is not there. Put back a backup.");
}

/* The first room whose events don't go from @floor to its head, one after the other, or that is not
 * known. */
#define FIND_GAP(floor)                                                                            \
    "SELECT r.room FROM rooms r LEFT JOIN events e ON e.room = r.room GROUP BY r.room"             \
    " HAVING r.seq <> coalesce(max(e.seq), " floor ") OR count(e.seq) <> r.seq - " floor           \
    " UNION ALL SELECT room FROM events WHERE room NOT IN (SELECT room FROM rooms)"                \
    " LIMIT 1"

char *
bureau_store_check_log (BureauStore *store)
{
    /* In an office of before logs were cut they begin with their first event. */
    gboolean is_cut = bureau_store_has_column (store->sql, "rooms", "floor");

    return describe_first (store, is_cut ? FIND_GAP ("r.floor") : FIND_GAP ("0"),
                           "In the log of the room “", "” events are missing. Put back a backup.");
}

char *
bureau_store_find_damage (BureauStore *store)
{
    static char *(*const checks[]) (BureauStore * store) = {
        bureau_store_check_tables,     bureau_store_check_pages, bureau_store_check_texts,
        bureau_store_check_references, bureau_store_check_log,
    };
    char *wrong = NULL;

    for (guint i = 0; i < G_N_ELEMENTS (checks) && wrong == NULL; i++)
        wrong = checks[i](store);
    return wrong;
}

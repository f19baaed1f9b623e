/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-copy.h"

#include <unistd.h>

#include "bureau-files.h"
#include "bureau-json.h"
#include "bureau-store-check.h"
#include "bureau-store-private.h"

/* At once: 256 KiB, which takes about a millisecond. */
#define STEP_PAGES 64

void
bureau_store_set_cancellable (BureauStore *store, GCancellable *cancellable)
{
    bureau_sql_set_cancellable (store->sql, cancellable);
}

/* ------------------------------------------------------------------ its pages */

struct _BureauStoreCopy {
    BureauSqlCopy *pages; /* (owned) (nullable) */
    int fd;               /* (owned) */
};

BureauStoreCopy *
bureau_store_copy_begin (BureauStore *store, const char *path, GError **error)
{
    g_autoptr (BureauStoreCopy) copy = g_new0 (BureauStoreCopy, 1);

    copy->fd = bureau_files_create (path, error);
    if (copy->fd >= 0)
        copy->pages = bureau_sql_copy_open (store->sql, path, error);
    return copy->pages != NULL ? g_steal_pointer (&copy) : NULL;
}

gboolean
bureau_store_copy_step (BureauStoreCopy *copy, gboolean *done, GError **error)
{
    return bureau_sql_copy_step (copy->pages, STEP_PAGES, done, error);
}

void
bureau_store_copy_flush (BureauStoreCopy *copy)
{
    bureau_files_flush (copy->fd);
}

void
bureau_store_copy_free (BureauStoreCopy *copy)
{
    if (copy == NULL)
        return;
    bureau_sql_copy_close (copy->pages);
    if (copy->fd >= 0)
        close (copy->fd);
    g_free (copy);
}

gboolean
bureau_store_copy_pages (BureauStore *store, const char *path, GCancellable *cancellable,
                         GError **error)
{
    g_autoptr (BureauStoreCopy) copy = NULL;
    gboolean done = FALSE;

    if (bureau_store_begin_reading (store, error))
        copy = bureau_store_copy_begin (store, path, error);
    for (guint i = 1; copy != NULL && !done; i++) {
        if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
            !bureau_store_copy_step (copy, &done, error))
            return FALSE;
        if (i % BUREAU_STORE_COPY_STEPS == 0)
            bureau_store_copy_flush (copy);
    }
    return done;
}

/* ------------------------------------------------------------------ its content */

gboolean
bureau_store_copy_content (BureauStore *store, const char *path, GError **error)
{
    /* Ours before it is SQLite's: what is in it must not be public. */
    g_autofree char *real = bureau_sql_follow_directory (path);
    int fd = bureau_files_create (real, error);
    gboolean copied;

    if (fd < 0)
        return FALSE;
    bureau_sql_set_output (store->sql, fd);
    copied = bureau_sql_run (store->sql, error, "VACUUM INTO ?", "s", real);
    bureau_sql_set_output (store->sql, -1);
    close (fd);
    return copied;
}

/* ------------------------------------------------------------------ what is in it */

#define COUNT(members)                                                                             \
    "SELECT (SELECT count(DISTINCT user_id) FROM " members "),"                                    \
    " (SELECT count(*) FROM projects),"                                                            \
    " (SELECT count(*) FROM tasks WHERE deleted_at IS NULL),"                                      \
    " (SELECT count(*) FROM time_entries), (SELECT count(*) FROM events)"

static gboolean
count (BureauStore *store, JsonObject *summary, GError **error)
{
    /* In an office of before people could be removed all of them are there. */
    gboolean are_some_gone = bureau_store_has_column (store->sql, "members", "removed_at");
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error,
        are_some_gone ? COUNT ("members WHERE removed_at IS NULL") : COUNT ("members"), "");
    static const char *const names[] = { "people", "projects", "tasks", "entries", "events" };

    if (rows == NULL || !bureau_rows_next (rows, error))
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        json_object_set_int_member (summary, names[i], bureau_rows_int (rows, i));
    return TRUE;
}

JsonObject *
bureau_store_summarize (BureauStore *store, GError **error)
{
    /* What keeps it from being read keeps the rest. */
    g_autofree char *hub = bureau_store_get_meta (store, "hub", NULL);
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, "SELECT name FROM workspaces ORDER BY created_at, id", "");
    g_auto (GStrv) names = rows != NULL ? bureau_store_collect (rows, error) : NULL;
    g_autoptr (JsonObject) summary = json_object_new ();
    JsonArray *offices = json_array_new ();

    json_object_set_array_member (summary, "offices", offices);
    bureau_json_set_optional (summary, "hub", hub);
    for (guint i = 0; names != NULL && names[i] != NULL; i++)
        json_array_add_string_element (offices, names[i]);
    return names != NULL && count (store, summary, error) ? g_steal_pointer (&summary) : NULL;
}

gboolean
bureau_store_count_events_since (BureauStore *store, gint64 since, gint64 *n_events, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, "SELECT count(*) FROM events WHERE at > ?", "i", since);

    if (rows == NULL || !bureau_rows_next (rows, error))
        return FALSE;
    *n_events = bureau_rows_int (rows, 0);
    return TRUE;
}

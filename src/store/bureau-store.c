/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-private.h"

#include "bureau-store-check.h"

#include "bureau-error.h"

/* Pages of the WAL after which a checkpoint is due at the latest. It holds up the turn after it, so
 * it must be small; but each costs the disk a sync, so not too small. */
#define CHECKPOINT_PAGES 1000
/* Pages by which the WAL may grow before its readers have to let go of it: 32 MiB, which a
 * checkpoint carries over without anybody's noticing. */
#define LONG_PAGES (8 * 1024)

BureauStore *
bureau_store_open (const char *path, GError **error)
{
    g_autoptr (BureauStore) store = g_new0 (BureauStore, 1);

    store->sql = bureau_sql_open (path, FALSE, error);
    if (store->sql == NULL || !bureau_store_migrate (store->sql, error))
        return NULL;
    return g_steal_pointer (&store);
}

BureauStore *
bureau_store_open_read_only (const char *path, GError **error)
{
    g_autoptr (BureauStore) store = g_new0 (BureauStore, 1);

    store->sql = bureau_sql_open (path, TRUE, error);
    return store->sql != NULL ? g_steal_pointer (&store) : NULL;
}

BureauStore *
bureau_store_open_snapshot (const char *path, GError **error)
{
    g_autoptr (BureauStore) store = bureau_store_open_read_only (path, error);

    /* It is one of many, and reads each page once. */
    return store != NULL && bureau_sql_execute (store->sql, "PRAGMA cache_size=-512", error) &&
                   bureau_store_begin_reading (store, error)
               ? g_steal_pointer (&store)
               : NULL;
}

void
bureau_store_close (BureauStore *store)
{
    if (store == NULL)
        return;

    g_clear_pointer (&store->sql, bureau_sql_close);
    g_free (store);
}

gboolean
bureau_store_begin (BureauStore *store, GError **error)
{
    return bureau_sql_run (store->sql, error, "BEGIN IMMEDIATE", "");
}

/* What goes into a file that has been removed would be acknowledged and lost. */
static gboolean
check_place (BureauStore *store, GError **error)
{
    if (bureau_sql_is_in_place (store->sql))
        return TRUE;
    bureau_sql_set_state (store->sql, BUREAU_STORAGE_FAILING);
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                         "The hub's file is no longer in its place. Nothing was changed; the hub "
                         "must be started anew.");
    return FALSE;
}

gboolean
bureau_store_commit (BureauStore *store, GError **error)
{
    return check_place (store, error) && bureau_sql_run (store->sql, error, "COMMIT", "");
}

void
bureau_store_rollback (BureauStore *store)
{
    bureau_sql_run (store->sql, NULL, "ROLLBACK", "");
}

gboolean
bureau_store_in_transaction (BureauStore *store)
{
    return bureau_sql_in_transaction (store->sql);
}

gboolean
bureau_store_savepoint (BureauStore *store, GError **error)
{
    return bureau_sql_run (store->sql, error, "SAVEPOINT command", "");
}

gboolean
bureau_store_release (BureauStore *store, GError **error)
{
    return bureau_sql_run (store->sql, error, "RELEASE command", "");
}

void
bureau_store_rollback_to_savepoint (BureauStore *store)
{
    bureau_sql_run (store->sql, NULL, "ROLLBACK TO command", "");
    bureau_sql_run (store->sql, NULL, "RELEASE command", "");
}

void
bureau_store_checkpoint (BureauStore *store)
{
    if (bureau_sql_get_wal_pages (store->sql) == store->checkpointed ||
        bureau_sql_get_state (store->sql) == BUREAU_STORAGE_DAMAGED)
        return;

    if (bureau_sql_run (store->sql, NULL, "PRAGMA wal_checkpoint(PASSIVE)", "")) {
        store->checkpoint_state = BUREAU_STORAGE_OK;
        store->checkpointed = bureau_sql_get_wal_pages (store->sql);
    } else {
        store->checkpoint_state = bureau_sql_get_state (store->sql);
    }
}

gboolean
bureau_store_wants_checkpoint (BureauStore *store)
{
    guint pages = bureau_sql_get_wal_pages (store->sql);

    /* Fewer than before: it was begun anew. */
    if (pages < store->checkpointed)
        store->checkpointed = 0;
    return pages - store->checkpointed >= CHECKPOINT_PAGES;
}

gboolean
bureau_store_is_held_up (BureauStore *store)
{
    guint pages = bureau_sql_get_wal_pages (store->sql);

    if (pages < store->held_up)
        store->held_up = 0;
    if (pages - store->held_up < LONG_PAGES)
        return FALSE;
    store->held_up = pages;
    return TRUE;
}

/* ------------------------------------------------------------------ the disk */

/* Commits may go on for a while where checkpoints fail: the WAL has room that the file lacks. */
BureauStorageState
bureau_store_get_state (BureauStore *store)
{
    return MAX (bureau_sql_get_state (store->sql), store->checkpoint_state);
}

void
bureau_store_set_damaged (BureauStore *store)
{
    bureau_sql_set_state (store->sql, BUREAU_STORAGE_DAMAGED);
}

gboolean
bureau_store_begin_refusing (BureauStore *store, GError **error)
{
    bureau_sql_refuse_writes (store->sql, TRUE);
    return bureau_sql_run (store->sql, error, "BEGIN", "");
}

void
bureau_store_end_refusing (BureauStore *store)
{
    bureau_store_rollback (store);
    bureau_sql_refuse_writes (store->sql, FALSE);
}

gboolean
bureau_store_is_refusing (BureauStore *store)
{
    return bureau_sql_refuses_writes (store->sql);
}

/* ------------------------------------------------------------------ meta */

char *
bureau_store_get_meta (BureauStore *store, const char *key, GError **error)
{
    g_autoptr (BureauRows) rows = bureau_sql_query (
        store->sql, error, "SELECT value FROM meta WHERE key = ?", "s", key);

    if (rows == NULL || !bureau_rows_next (rows, error))
        return NULL;
    return g_strdup (bureau_rows_text (rows, 0));
}

gboolean
bureau_store_set_meta (BureauStore *store, const char *key, const char *value, GError **error)
{
    return bureau_sql_run (store->sql, error,
                           "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", "ss", key,
                           value);
}

GStrv
bureau_store_collect (BureauRows *rows, GError **error)
{
    g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
    g_autoptr (GError) local_error = NULL;

    while (bureau_rows_next (rows, &local_error))
        g_strv_builder_add (builder, bureau_rows_text (rows, 0));
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
    }
    return g_strv_builder_end (builder);
}

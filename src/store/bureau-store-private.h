/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-sql.h"
#include "bureau-store.h"

struct _BureauStore {
    BureauSql *sql;                      /* (owned) */
    guint checkpointed;                  /* pages of the WAL that the last checkpoint has seen */
    BureauStorageState checkpoint_state; /* what kept it from carrying them over */
    guint held_up;                       /* pages of the WAL when its readers were told of last */
};

#define BUREAU_STORE_HASH_SIZE 32

/* Brings the schema to the version this program knows (bureau-store-schema.c). */
gboolean bureau_store_migrate (BureauSql *sql, GError **error);
/* To that of an earlier release. */
gboolean bureau_store_migrate_to (BureauSql *sql, guint version, GError **error);

/* The same errors for a file that this program can't serve, without changing anything. */
gboolean bureau_store_check_version (BureauSql *sql, gboolean *is_older, GError **error);

/* Whether its tables, indexes and triggers are those that its version's are. */
gboolean bureau_store_compare_tables (BureauSql *sql, gboolean *are_equal, GError **error);

/* FALSE in a file of a release before the column was, and where it can't be known. */
gboolean bureau_store_has_column (BureauSql *sql, const char *table, const char *column);

/* What @rows (nullable) (taken) give, as @read makes it of each; NULL for NULL. */
BureauCursor *bureau_cursor_new (BureauRows *rows, JsonObject *(*read) (BureauRows *rows));
/* Calls @func for each, and frees it. @cursor (nullable): there was an error. */
gboolean bureau_cursor_foreach (BureauCursor *cursor, BureauStoreFunc func, gpointer data,
                                GError **error);

/* Collects a query's first column. */
GStrv bureau_store_collect (BureauRows *rows, GError **error);

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <sqlite3.h>

#include "bureau-disk.h"

G_BEGIN_DECLS

typedef enum {
    BUREAU_STATEMENT_SET_META,
    BUREAU_STATEMENT_GET_META,
    BUREAU_STATEMENT_ADVANCE_ROOM,
    BUREAU_STATEMENT_SET_ROOM,
    BUREAU_STATEMENT_FORGET_ROOMS,
    BUREAU_STATEMENT_FORGET_ROOM,
    BUREAU_STATEMENT_DROP_ROOM,
    BUREAU_STATEMENT_PUT_OBJECT,
    BUREAU_STATEMENT_DELETE_OBJECT,
    BUREAU_STATEMENT_ADD_COMMAND,
    BUREAU_STATEMENT_REMOVE_COMMAND,
    BUREAU_STATEMENT_REFUSE_COMMAND,
    BUREAU_STATEMENT_RETRY_COMMAND,
    BUREAU_STATEMENT_LIST_ROOMS,
    BUREAU_STATEMENT_LIST_OBJECTS,
    BUREAU_STATEMENT_LIST_OBJECT_ROOMS,
    BUREAU_STATEMENT_LIST_OUTBOX,
    BUREAU_N_STATEMENTS
} BureauStatement;

struct _BureauDisk {
    sqlite3 *db;                                   /* (owned) */
    sqlite3_stmt *statements[BUREAU_N_STATEMENTS]; /* (owned) */
};

/* Sets @error from the database's last error. Returns FALSE. */
gboolean bureau_disk_fail (BureauDisk *disk, GError **error);
gboolean bureau_disk_execute (BureauDisk *disk, const char *sql, GError **error);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-storage.h"

#include <errno.h>
#include <sqlite3.h>

BureauStorageState
bureau_storage_from_code (int code, int system_error)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return BUREAU_STORAGE_FULL;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return BUREAU_STORAGE_DAMAGED;
    case SQLITE_READONLY:
        return BUREAU_STORAGE_READ_ONLY;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        /* SQLite knows of a full disk by its writes alone, and of no quota. */
        if (system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG)
            return BUREAU_STORAGE_FULL;
        return system_error == EROFS ? BUREAU_STORAGE_READ_ONLY : BUREAU_STORAGE_FAILING;
    case SQLITE_BUSY:
        return BUREAU_STORAGE_FAILING;
    default:
        return BUREAU_STORAGE_OK;
    }
}

const char *
bureau_storage_get_word (BureauStorageState state)
{
    static const char *const words[] = { "ok", "full", "failing", "read_only", "damaged" };

    return words[state];
}

const char *
bureau_storage_get_message (BureauStorageState state)
{
    static const char *const messages[] = {
        [BUREAU_STORAGE_FULL] = "The hub's disk is full. Nothing was changed; it goes on when "
                                "there is space again.",
        [BUREAU_STORAGE_FAILING] = "The hub can't use its storage at the moment. Nothing was "
                                   "changed; try again later.",
        [BUREAU_STORAGE_READ_ONLY] = "The hub may not write to its disk. Nothing was changed; it "
                                     "goes on when it may.",
        [BUREAU_STORAGE_DAMAGED] = "The hub's file is damaged, and nothing is written to it any "
                                   "more. Nothing was changed; the office has to be put back from "
                                   "a backup.",
    };

    return messages[state];
}

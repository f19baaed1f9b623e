/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How the disk under an office does (reliability.md, G19 and G20): the later, the worse. */
typedef enum {
    BUREAU_STORAGE_OK,
    BUREAU_STORAGE_FULL,
    BUREAU_STORAGE_FAILING, /* errors, another program's lock, or a file that is gone */
    BUREAU_STORAGE_READ_ONLY,
    BUREAU_STORAGE_DAMAGED, /* what it holds is not what was written: for good */
} BureauStorageState;

/* What an error of SQLite says of it; OK if that is not about the disk. @system_error: errno. */
BureauStorageState bureau_storage_from_code (int code, int system_error);
/* "ok", "full", "failing", "read_only", "damaged": for the wire. (transfer none) */
const char *bureau_storage_get_word (BureauStorageState state);
/* What it is to whoever wanted something changed; for all but OK. (transfer none) */
const char *bureau_storage_get_message (BureauStorageState state);

G_END_DECLS

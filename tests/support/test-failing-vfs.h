/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* SQLite's files on a disk that fails when it is told to. What changes a file is counted: writes,
 * syncs, truncations, the growth of shared memory. One thread. */

typedef enum {
    FAULT_FULL,      /* ENOSPC */
    FAULT_ERROR,     /* EIO */
    FAULT_READ_ONLY, /* EROFS */
} Fault;

/* For every file that SQLite opens from now on. */
void failing_vfs_install (void);
/* Of the changes from now on, @n from the one numbered @first (from 0) fail. */
void failing_vfs_fail (Fault fault, guint first, guint n);
void failing_vfs_heal (void);
/* How many have failed since the last failing_vfs_fail(). */
guint failing_vfs_get_failed (void);

G_END_DECLS

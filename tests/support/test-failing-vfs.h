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
    FAULT_DEATH,     /* kill -9 of this process */
} Fault;

/* For every file that SQLite opens from now on. */
void failing_vfs_install (void);
/* Of the changes from now on, @n from the one numbered @first (from 0) fail. */
void failing_vfs_fail (Fault fault, guint first, guint n);
void failing_vfs_heal (void);
/* One more change, of a file that is not SQLite's. */
void failing_vfs_touch (void);
/* How many there were since the last failing_vfs_fail(). */
guint failing_vfs_get_calls (void);
/* How many have failed since the last failing_vfs_fail(). */
guint failing_vfs_get_failed (void);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A SQLite VFS over the one that is the default, and the default from then on: it remembers of each
 * database and log what has been written since the last sync, and can write down at any moment what
 * a disk could hold if the machine died in it (reliability.md, F4). Any thread may use it. */

typedef enum {
    CRASH_SYNCED,  /* nothing but what was synced */
    CRASH_WRITTEN, /* all: the program died, and not the machine */
    CRASH_SOME,    /* of what was not synced, each sector or not */
    CRASH_TORN,    /* the same, and one sector only in part */
    CRASH_N_IMAGES
} CrashImage;

void crash_vfs_install (void);
/* Only once all files are closed. */
void crash_vfs_remove (void);

/* Copies all files of @directory into the new directory @target, databases and their logs as
 * @image says, other files as they are. Both without a slash at their end. */
void crash_vfs_write_image (const char *directory, const char *target, CrashImage image,
                            GRand *chance);

/* Called before each write and each sync, as long as it is set; in the thread that does it. It may
 * write an image. */
typedef enum { CRASH_AT_WRITE, CRASH_AT_SYNC } CrashMoment;
typedef void (*CrashHook) (CrashMoment moment, const char *path, gpointer data);
void crash_vfs_set_hook (CrashHook hook, gpointer data);
/* Syncs from now on do nothing, as a disk's that lies, or as if nobody asked for them. */
void crash_vfs_set_lying (gboolean lying);

/* Under @directory (nullable: nowhere), each write and each sync but the first @after fails with
 * SQLite's @result from now on: SQLITE_FULL, SQLITE_IOERR_FSYNC … */
void crash_vfs_set_failure (const char *directory, int result, guint after);

/* Forgets what was under @directory, which has been removed. */
void crash_vfs_forget (const char *directory);

G_END_DECLS

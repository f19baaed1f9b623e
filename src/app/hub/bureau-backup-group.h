/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* An office's backups: the newest, all that are kept, making one, saving one elsewhere. Putting one
 * back is the window's: win.restore-backup with the file's name. */
#define BUREAU_TYPE_BACKUP_GROUP (bureau_backup_group_get_type ())
G_DECLARE_FINAL_TYPE (BureauBackupGroup, bureau_backup_group, BUREAU, BACKUP_GROUP,
                      AdwPreferencesGroup)

/* @directory: the office's. */
GtkWidget *bureau_backup_group_new (const char *directory);
/* Looks again which there are. */
void bureau_backup_group_refresh (BureauBackupGroup *self);

G_END_DECLS

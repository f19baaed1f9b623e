/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Asking for a backup's file by the desktop's own dialog, which reaches beyond a sandbox. */

/* @path: what was chosen; not called if nothing was. */
typedef void (*BureauBackupFileFunc) (const char *path, gpointer widget);

/* Over @widget's window; @func gets @widget, which is kept until then. */
void bureau_backup_file_open (GtkWidget *widget, const char *title, BureauBackupFileFunc func);
/* One to be written: proposed is "@stem-2026-11-21.bureau-backup.tar.gz". */
void bureau_backup_file_save (GtkWidget *widget, const char *title, const char *stem,
                              BureauBackupFileFunc func);

G_END_DECLS

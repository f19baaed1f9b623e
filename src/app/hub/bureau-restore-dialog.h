/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "hub.h"

G_BEGIN_DECLS

/* Asks whether the office in @directory is to be put back to the backup @path, once it has read
 * that: from when it is, what is in it, what would be gone. Of one that can't be used it says why.
 */

/* @backup: what was agreed to. */
typedef void (*BureauRestoreFunc) (const BureauHubSummary *backup, gpointer window);

/* @func gets @parent. */
void bureau_restore_dialog_present (GtkWindow *parent, const char *directory, const char *path,
                                    BureauRestoreFunc func);

G_END_DECLS

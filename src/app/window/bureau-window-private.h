/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "window/bureau-shell.h"
#include "window/bureau-toaster.h"
#include "window/bureau-window.h"

G_BEGIN_DECLS

/* What the window's actions (bureau-window-actions.c) need of it. */

void bureau_window_install_actions (GtkWidgetClass *widget_class);
/* Enables what may be done now: by whom one is, and whether an office is open at all. */
void bureau_window_update_actions (BureauWindow *self);

/* Leaves the office for the page to join at. Its replica and what waits in it stay. */
void bureau_window_join_again (BureauWindow *self);
/* Both NULL while no office is open. (nullable) (transfer none) */
BureauClient *bureau_window_get_client (BureauWindow *self);
BureauShell *bureau_window_get_shell (BureauWindow *self);
BureauToaster *bureau_window_get_toaster (BureauWindow *self);
/* Id of the task deleted last, for Ctrl+Z. (nullable) */
const char *bureau_window_get_last_deleted (BureauWindow *self);
void bureau_window_set_last_deleted (BureauWindow *self, const char *task_id);

G_END_DECLS

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

/* Leaves an office that no longer takes its secret, and opens it again without: whoever serves it
 * goes in, whoever does not is welcomed and told to join again. */
void bureau_window_leave_office (BureauWindow *self);
/* Both NULL while no office is open. (nullable) (transfer none) */
BureauClient *bureau_window_get_client (BureauWindow *self);
BureauShell *bureau_window_get_shell (BureauWindow *self);
BureauToaster *bureau_window_get_toaster (BureauWindow *self);
/* Id of the task deleted last, for Ctrl+Z. (nullable) */
const char *bureau_window_get_last_deleted (BureauWindow *self);
void bureau_window_set_last_deleted (BureauWindow *self, const char *task_id);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* An open office's layout: sidebar, header, the place that is shown, and the details beside it. The
 * one place that knows how these fold when the window is narrow: the details first, then the
 * sidebar.
 *
 * Property "view" ("board" or "list"): how projects are shown. */
#define BUREAU_TYPE_SHELL (bureau_shell_get_type ())
G_DECLARE_FINAL_TYPE (BureauShell, bureau_shell, BUREAU, SHELL, AdwBin)

/* @is_host: this machine serves the office. */
GtkWidget *bureau_shell_new (BureauClient *client, gboolean is_host);

/* @notice: what stands between the header and the place that is shown, once. */
void bureau_shell_set_notice (BureauShell *self, GtkWidget *notice);

/* @page: what the place for the hub shows, once. Without it there is no such place. */
void bureau_shell_set_hub (BureauShell *self, GtkWidget *page);

void bureau_shell_show_my_day (BureauShell *self);
void bureau_shell_show_people (BureauShell *self);
/* Nothing happens if there is no such place. */
void bureau_shell_show_hub (BureauShell *self);
/* Nothing happens if there is no such project (any more). */
void bureau_shell_show_project (BureauShell *self, const char *project_id);
/* The project that is shown. (nullable) (transfer none) */
BureauProject *bureau_shell_get_project (BureauShell *self);
/* Goes to the @index-th place of the sidebar, from 0. */
void bureau_shell_show_nth (BureauShell *self, guint index);

void bureau_shell_open_task (BureauShell *self, const char *task_id);
void bureau_shell_close_details (BureauShell *self);
/* Id of the task in the details. (nullable) */
const char *bureau_shell_get_open_task (BureauShell *self);

void bureau_shell_toggle_sidebar (BureauShell *self);
void bureau_shell_focus_filter (BureauShell *self);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "widgets/bureau-task-cell.h"

G_BEGIN_DECLS

/* A task in a list: one line, or two where it is narrow. The first row of a section carries its
 * heading. */
#define BUREAU_TYPE_TASK_ROW (bureau_task_row_get_type ())
G_DECLARE_FINAL_TYPE (BureauTaskRow, bureau_task_row, BUREAU, TASK_ROW, BureauTaskCell)

/* @show_project: says which project the task is of */
GtkWidget *bureau_task_row_new (BureauClient *client, gboolean show_project);
/* NULL for no heading. */
void bureau_task_row_set_heading (BureauTaskRow *self, const char *heading, guint count);
void bureau_task_row_set_narrow (BureauTaskRow *self, gboolean narrow);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "board/bureau-task-model.h"

G_BEGIN_DECLS

/* Tasks in rows under headings. */
#define BUREAU_TYPE_TASK_LIST (bureau_task_list_get_type ())
G_DECLARE_FINAL_TYPE (BureauTaskList, bureau_task_list, BUREAU, TASK_LIST, GtkWidget)

/* The section a task is in; tasks of one section must stand together in the model. */
typedef int (*BureauTaskSectionFunc) (BureauTask *task, gpointer data);
typedef const char *(*BureauSectionTitleFunc) (int section);

/* @columns: TRUE if the sections are the project's columns, in whose order tasks can be moved;
 * FALSE to say with each task which project it is of. @data is passed to @section. The list
 * refreshes @model when tasks change. */
GtkWidget *bureau_task_list_new (BureauClient *client, BureauTaskModel *model,
                                 BureauTaskSectionFunc section, BureauSectionTitleFunc title,
                                 gboolean columns, gpointer data);
/* Gives the first row the focus. FALSE if there is none. */
gboolean bureau_task_list_focus_first (BureauTaskList *self);
/* Looks at tasks and sections again: the present has moved on. */
void bureau_task_list_refresh (BureauTaskList *self);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* The child of a list item that stands for a task: a card on the board, a row in a list. It follows
 * the task's changes, carries it when it is dragged, and names the list item for a screen reader.
 */
#define BUREAU_TYPE_TASK_CELL (bureau_task_cell_get_type ())
G_DECLARE_DERIVABLE_TYPE (BureauTaskCell, bureau_task_cell, BUREAU, TASK_CELL, AdwBin)

struct _BureauTaskCellClass {
    AdwBinClass parent_class;

    /* Shows @task; called after each of its changes, and of timers and people. */
    void (*update) (BureauTaskCell *self, BureauTask *task);
};

BureauClient *bureau_task_cell_get_client (BureauTaskCell *self);
BureauTask *bureau_task_cell_get_task (BureauTaskCell *self); /* (nullable) (transfer none) */
void bureau_task_cell_set_task (BureauTaskCell *self, BureauTask *task);

/* Members assigned to @task, as far as they are known. (transfer container) */
GPtrArray *bureau_task_dup_assignees (BureauTask *task, BureauClient *client);
/* Sets @label to the due date in words, coloured by how near it is; hides it if there is none. */
void bureau_task_show_due (BureauTask *task, BureauClient *client, GtkWidget *chip,
                           GtkLabel *label);
/* Sets @image to the mark of the task's priority; hides it for the ordinary one. */
void bureau_task_show_priority (BureauTask *task, GtkImage *image);

/* Shows @image, after a moment, while a change of the task waits to be sent. */
void bureau_task_show_pending (BureauTask *task, GtkWidget *image);

/* "In progress", for people. (transfer none) */
const char *bureau_status_to_label (BureauStatus status);
/* "Urgent" for 1, "High", "Medium", "Normal" for 4. (transfer none) */
const char *bureau_priority_to_label (guint priority);

/* The cell in a list item's widget, or that @widget is in. (nullable) (transfer none) */
BureauTaskCell *bureau_task_cell_find (GtkWidget *widget);

G_END_DECLS

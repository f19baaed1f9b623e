/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "board/bureau-task-model.h"

G_BEGIN_DECLS

/* A widget that shows tasks in cells (BureauTaskCell) of list views: board, list, My day. What it
 * gets by bureau_task_surface_attach() is the same everywhere: the keys of a focused card, and its
 * menu. Both go through these actions, which act on the focused card:
 *  - "task.open", "task.edit" (s: title, assignees, due or priority)
 *  - "task.move" (s: status), "task.up", "task.down", "task.left", "task.right", "task.done"
 *  - "task.timer", "task.copy-key", "task.delete" */
#define BUREAU_TYPE_TASK_SURFACE (bureau_task_surface_get_type ())
G_DECLARE_INTERFACE (BureauTaskSurface, bureau_task_surface, BUREAU, TASK_SURFACE, GtkWidget)

struct _BureauTaskSurfaceInterface {
    GTypeInterface parent_iface;

    /* The visible tasks of a column in their order; NULL where tasks have no order to change. */
    BureauTaskModel *(*get_column) (BureauTaskSurface *self, BureauStatus status);
    /* Gives @task's cell the focus, scrolling to it. FALSE if it isn't shown. */
    gboolean (*focus_task) (BureauTaskSurface *self, BureauTask *task);
};

void bureau_task_surface_attach (BureauTaskSurface *self, BureauClient *client);
gboolean bureau_task_surface_focus_task (BureauTaskSurface *self, BureauTask *task);
/* The task of the focused cell. (nullable) (transfer none) */
BureauTask *bureau_task_surface_get_focused (BureauTaskSurface *self);

/* For implementations: scrolls @view to the task at @position and gives it the focus. */
gboolean bureau_list_view_focus_item (GtkListView *view, guint position, BureauTask *task);

G_END_DECLS

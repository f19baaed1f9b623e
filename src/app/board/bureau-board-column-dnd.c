/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "board/bureau-board-column-private.h"

#include "board/bureau-task-commands.h"
#include "widgets/bureau-task-cell.h"

static void
show_place (BureauBoardColumn *self, GtkWidget *cell, const char *css_class)
{
    if (self->drop_cell != NULL) {
        gtk_widget_remove_css_class (self->drop_cell, "drop-before");
        gtk_widget_remove_css_class (self->drop_cell, "drop-after");
        g_object_remove_weak_pointer (G_OBJECT (self->drop_cell), (gpointer *) &self->drop_cell);
    }
    self->drop_cell = cell;
    if (cell != NULL) {
        gtk_widget_add_css_class (cell, css_class);
        g_object_add_weak_pointer (G_OBJECT (cell), (gpointer *) &self->drop_cell);
    }
}

/* The cell before which a drop at @y goes; *last: the last cell, if it goes after all. @dragged has
 * no say. */
static BureauTaskCell *
find_place (BureauBoardColumn *self, double y, BureauTask *dragged, BureauTaskCell **last)
{
    *last = NULL;
    for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list_view)); row != NULL;
         row = gtk_widget_get_next_sibling (row)) {
        BureauTaskCell *cell = bureau_task_cell_find (row);
        graphene_rect_t bounds;

        if (cell == NULL || !gtk_widget_get_child_visible (row) ||
            bureau_task_cell_get_task (cell) == dragged ||
            !gtk_widget_compute_bounds (GTK_WIDGET (cell), self->scroller, &bounds))
            continue;
        if (y < bounds.origin.y + bounds.size.height / 2)
            return cell;
        *last = cell;
    }
    return NULL;
}

/* The task being dragged, if it may be dropped here. (nullable) (transfer none) */
static BureauTask *
get_dragged (BureauBoardColumn *self, GtkDropTarget *target)
{
    const GValue *value = gtk_drop_target_get_value (target);
    BureauTask *task = value != NULL ? g_value_get_object (value) : NULL;

    if (task == NULL ||
        g_strcmp0 (bureau_task_get_project_id (task), bureau_project_get_id (self->project)) != 0 ||
        !bureau_task_may_move (self->client, task, self->status))
        return NULL;
    return task;
}

static GdkDragAction
on_motion_cb (BureauBoardColumn *self, double x, double y, GtkDropTarget *target)
{
    BureauTask *task = get_dragged (self, target);
    BureauTaskCell *before, *last;

    if (task == NULL)
        return 0;
    before = find_place (self, y, task, &last);
    if (before != NULL)
        show_place (self, GTK_WIDGET (before), "drop-before");
    else
        show_place (self, GTK_WIDGET (last), "drop-after");
    gtk_widget_add_css_class (GTK_WIDGET (self), "drop-into");
    return GDK_ACTION_MOVE;
}

static void
on_leave_cb (BureauBoardColumn *self)
{
    show_place (self, NULL, NULL);
    gtk_widget_remove_css_class (GTK_WIDGET (self), "drop-into");
}

/* The task in front of @position, not counting @dragged. (nullable) (transfer none) */
static BureauTask *
task_before (BureauBoardColumn *self, guint position, BureauTask *dragged)
{
    while (position > 0) {
        BureauTask *task = bureau_task_model_get (self->model, --position);

        if (task != dragged)
            return task;
    }
    return NULL;
}

static gboolean
on_drop_cb (BureauBoardColumn *self, const GValue *value, double x, double y, GtkDropTarget *target)
{
    BureauTask *task = g_value_get_object (value);
    guint here = bureau_task_model_find (self->model, task);
    BureauTaskCell *before, *last;
    guint position;
    BureauTask *after;

    before = find_place (self, y, task, &last);
    on_leave_cb (self);
    if (before != NULL)
        position = bureau_task_model_find (self->model, bureau_task_cell_get_task (before));
    else
        position = bureau_task_model_get_n_items (self->model);
    after = task_before (self, position, task);
    /* Dropped where it was. */
    if (here != GTK_INVALID_LIST_POSITION && after == task_before (self, here, task))
        return FALSE;
    bureau_task_give_move (self->client, task, self->status, after);
    return TRUE;
}

void
bureau_board_column_accept_drops (BureauBoardColumn *self)
{
    GtkDropTarget *target = gtk_drop_target_new (BUREAU_TYPE_TASK, GDK_ACTION_MOVE);

    /* The task is known while it is still in the air. */
    gtk_drop_target_set_preload (target, TRUE);
    g_signal_connect_swapped (target, "motion", G_CALLBACK (on_motion_cb), self);
    g_signal_connect_swapped (target, "leave", G_CALLBACK (on_leave_cb), self);
    g_signal_connect_swapped (target, "drop", G_CALLBACK (on_drop_cb), self);
    gtk_widget_add_controller (self->scroller, GTK_EVENT_CONTROLLER (target));
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "list/bureau-task-row.h"

#include <glib/gi18n.h>

#include "board/bureau-task-commands.h"
#include "widgets/bureau-task-marks.h"

struct _BureauTaskRow {
    BureauTaskCell parent_instance;

    BureauTaskMarks marks;
    gboolean show_project;
    gboolean narrow;

    GtkWidget *heading;
    GtkLabel *heading_label;
    GtkLabel *heading_count;
    GtkCheckButton *done_check;
    GtkLabel *key_label;
    GtkBox *content;
    GtkLabel *place_label; /* the project; where it is narrow, the key too */
};

G_DEFINE_FINAL_TYPE (BureauTaskRow, bureau_task_row, BUREAU_TYPE_TASK_CELL)

static const char *
get_project_name (BureauTaskRow *self, BureauTask *task)
{
    BureauClient *client = bureau_task_cell_get_client (BUREAU_TASK_CELL (self));
    BureauProject *project = bureau_client_find_project (client, bureau_task_get_project_id (task));

    return project != NULL ? bureau_project_get_name (project)
                           : bureau_task_get_project_name (task);
}

static void
update_place (BureauTaskRow *self, BureauTask *task)
{
    const char *key = bureau_task_get_key (task);
    const char *project = self->show_project ? get_project_name (self, task) : NULL;
    g_autoptr (GString) place = g_string_new (NULL);

    /* Translators: in place of the key of a task that the hub has not numbered yet */
    key = key != NULL ? key : _ ("New");
    if (self->narrow)
        g_string_append (place, key);
    if (project != NULL)
        g_string_append_printf (place, "%s%s", self->narrow ? " · " : "", project);
    gtk_label_set_label (self->key_label, key);
    gtk_label_set_label (self->place_label, place->str);
    gtk_widget_set_visible (GTK_WIDGET (self->key_label), !self->narrow);
    gtk_widget_set_visible (GTK_WIDGET (self->place_label), place->len > 0);
}

/* Wide: all in one line. Narrow: a title of up to two lines, and below it what else there is. */
static void
update_shape (BureauTaskRow *self)
{
    gtk_orientable_set_orientation (GTK_ORIENTABLE (self->content),
                                    self->narrow ? GTK_ORIENTATION_VERTICAL
                                                 : GTK_ORIENTATION_HORIZONTAL);
    gtk_label_set_wrap (self->marks.title_label, self->narrow);
    gtk_label_set_lines (self->marks.title_label, self->narrow ? 2 : -1);
}

static void
set_css_class (GtkWidget *widget, const char *css_class, gboolean on)
{
    if (on)
        gtk_widget_add_css_class (widget, css_class);
    else
        gtk_widget_remove_css_class (widget, css_class);
}

static void
on_done_toggled_cb (BureauTaskRow *self)
{
    BureauTask *task = bureau_task_cell_get_task (BUREAU_TASK_CELL (self));

    if (task != NULL)
        bureau_task_give_done (bureau_task_cell_get_client (BUREAU_TASK_CELL (self)), task);
}

static void
bureau_task_row_update (BureauTaskCell *cell, BureauTask *task)
{
    BureauTaskRow *self = BUREAU_TASK_ROW (cell);
    BureauClient *client = bureau_task_cell_get_client (cell);
    g_autoptr (GPtrArray) assignees = bureau_task_dup_assignees (task, client);
    gboolean done = bureau_task_get_status (task) == BUREAU_STATUS_DONE;

    /* Among my own tasks only the others are news. */
    if (self->show_project)
        g_ptr_array_remove (assignees, bureau_client_get_self (client));

    update_place (self, task);
    bureau_task_marks_show (&self->marks, task, client, assignees);
    set_css_class (GTK_WIDGET (self), "done", done);
    g_signal_handlers_block_by_func (self->done_check, on_done_toggled_cb, self);
    gtk_check_button_set_active (self->done_check, done);
    gtk_widget_set_sensitive (
        GTK_WIDGET (self->done_check),
        bureau_task_may_move (client, task, done ? BUREAU_STATUS_TODO : BUREAU_STATUS_DONE));
    g_signal_handlers_unblock_by_func (self->done_check, on_done_toggled_cb, self);
}

static void
bureau_task_row_class_init (BureauTaskRowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    BUREAU_TASK_CELL_CLASS (klass)->update = bureau_task_row_update;
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-task-row.ui");
    bureau_task_marks_bind (widget_class, G_STRUCT_OFFSET (BureauTaskRow, marks));
    gtk_widget_class_bind_template_child (widget_class, BureauTaskRow, heading);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskRow, heading_label);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskRow, heading_count);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskRow, done_check);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskRow, key_label);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskRow, content);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskRow, place_label);
    gtk_widget_class_bind_template_callback (widget_class, on_done_toggled_cb);
}

static void
bureau_task_row_init (BureauTaskRow *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
bureau_task_row_new (BureauClient *client, gboolean show_project)
{
    BureauTaskRow *self = g_object_new (BUREAU_TYPE_TASK_ROW, "client", client, NULL);

    self->show_project = show_project;
    return GTK_WIDGET (self);
}

void
bureau_task_row_set_heading (BureauTaskRow *self, const char *heading, guint count)
{
    g_autofree char *text = g_strdup_printf ("%u", count);

    gtk_widget_set_visible (self->heading, heading != NULL);
    if (heading == NULL)
        return;
    gtk_label_set_label (self->heading_label, heading);
    gtk_label_set_label (self->heading_count, text);
}

void
bureau_task_row_set_narrow (BureauTaskRow *self, gboolean narrow)
{
    BureauTask *task = bureau_task_cell_get_task (BUREAU_TASK_CELL (self));

    if (self->narrow == narrow)
        return;
    self->narrow = narrow;
    update_shape (self);
    if (task != NULL)
        update_place (self, task);
}

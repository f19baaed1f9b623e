/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "board/bureau-task-card.h"

#include <glib/gi18n.h>

#include "board/bureau-task-watch.h"
#include "widgets/bureau-task-marks.h"

struct _BureauTaskCard {
    BureauTaskCell parent_instance;

    BureauTaskMarks marks;
    GtkLabel *key_label;
    GtkWidget *foot;
};

G_DEFINE_FINAL_TYPE (BureauTaskCard, bureau_task_card, BUREAU_TYPE_TASK_CELL)

static void
bureau_task_card_update (BureauTaskCell *cell, BureauTask *task)
{
    BureauTaskCard *self = BUREAU_TASK_CARD (cell);
    BureauClient *client = bureau_task_cell_get_client (cell);
    g_autoptr (GPtrArray) assignees = bureau_task_dup_assignees (task, client);
    const char *key = bureau_task_get_key (task);

    /* Translators: in place of the key of a task that the hub has not numbered yet */
    gtk_label_set_label (self->key_label, key != NULL ? key : _ ("New"));
    gtk_widget_set_tooltip_text (GTK_WIDGET (self->marks.title_label),
                                 g_utf8_strlen (bureau_task_get_title (task), -1) > 80
                                     ? bureau_task_get_title (task)
                                     : NULL);
    bureau_task_marks_show (&self->marks, task, client, assignees);
    gtk_widget_set_visible (self->foot,
                            gtk_widget_get_visible (self->marks.due_chip) || assignees->len > 0);
    if (bureau_task_get_status (task) == BUREAU_STATUS_DONE)
        gtk_widget_add_css_class (GTK_WIDGET (self), "done");
    else
        gtk_widget_remove_css_class (GTK_WIDGET (self), "done");
}

static void
bureau_task_card_class_init (BureauTaskCardClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    BUREAU_TASK_CELL_CLASS (klass)->update = bureau_task_card_update;
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-task-card.ui");
    bureau_task_marks_bind (widget_class, G_STRUCT_OFFSET (BureauTaskCard, marks));
    gtk_widget_class_bind_template_child (widget_class, BureauTaskCard, key_label);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskCard, foot);
}

static void
bureau_task_card_init (BureauTaskCard *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
bureau_task_card_new (BureauClient *client)
{
    return g_object_new (BUREAU_TYPE_TASK_CARD, "client", client, NULL);
}

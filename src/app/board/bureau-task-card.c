/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "board/bureau-task-card.h"

#include <glib/gi18n.h>

#include "board/bureau-task-watch.h"
#include "widgets/bureau-avatar-row.h"
#include "widgets/bureau-timer-mark.h"

struct _BureauTaskCard {
    BureauTaskCell parent_instance;

    GtkLabel *key_label;
    GtkImage *priority_image;
    GtkWidget *pending_image;
    BureauTimerMark *timer_mark;
    GtkLabel *title_label;
    GtkWidget *foot;
    GtkWidget *due_chip;
    GtkLabel *due_label;
    BureauAvatarRow *avatars;
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
    gtk_label_set_label (self->title_label, bureau_task_get_title (task));
    gtk_widget_set_tooltip_text (GTK_WIDGET (self->title_label),
                                 g_utf8_strlen (bureau_task_get_title (task), -1) > 80
                                     ? bureau_task_get_title (task)
                                     : NULL);
    bureau_task_show_priority (task, self->priority_image);
    bureau_task_show_due (task, client, self->due_chip, self->due_label);
    bureau_avatar_row_set_members (self->avatars, assignees);
    bureau_timer_mark_set_task (self->timer_mark, task);
    gtk_widget_set_visible (self->foot,
                            gtk_widget_get_visible (self->due_chip) || assignees->len > 0);
    bureau_task_show_pending (task, self->pending_image);
    if (bureau_task_get_status (task) == BUREAU_STATUS_DONE)
        gtk_widget_add_css_class (GTK_WIDGET (self), "done");
    else
        gtk_widget_remove_css_class (GTK_WIDGET (self), "done");
}

static void
bureau_task_card_constructed (GObject *object)
{
    BureauTaskCard *self = BUREAU_TASK_CARD (object);

    G_OBJECT_CLASS (bureau_task_card_parent_class)->constructed (object);
    bureau_timer_mark_set_client (self->timer_mark,
                                  bureau_task_cell_get_client (BUREAU_TASK_CELL (self)));
    bureau_task_cell_make_draggable (BUREAU_TASK_CELL (self));
}

static void
bureau_task_card_class_init (BureauTaskCardClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->constructed = bureau_task_card_constructed;
    BUREAU_TASK_CELL_CLASS (klass)->update = bureau_task_card_update;
    g_type_ensure (BUREAU_TYPE_AVATAR_ROW);
    g_type_ensure (BUREAU_TYPE_TIMER_MARK);
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-task-card.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauTaskCard, key_label);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskCard, priority_image);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskCard, pending_image);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskCard, timer_mark);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskCard, title_label);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskCard, foot);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskCard, due_chip);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskCard, due_label);
    gtk_widget_class_bind_template_child (widget_class, BureauTaskCard, avatars);
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

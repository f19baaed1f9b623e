/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "widgets/bureau-task-marks.h"

#include "widgets/bureau-task-cell.h"

void
bureau_task_marks_bind (GtkWidgetClass *widget_class, gssize offset)
{
    static const struct {
        const char *id;
        gssize offset;
    } CHILDREN[] = {
        { "title_label", G_STRUCT_OFFSET (BureauTaskMarks, title_label) },
        { "priority_image", G_STRUCT_OFFSET (BureauTaskMarks, priority_image) },
        { "pending_image", G_STRUCT_OFFSET (BureauTaskMarks, pending_image) },
        { "timer_mark", G_STRUCT_OFFSET (BureauTaskMarks, timer_mark) },
        { "due_chip", G_STRUCT_OFFSET (BureauTaskMarks, due_chip) },
        { "due_label", G_STRUCT_OFFSET (BureauTaskMarks, due_label) },
        { "avatars", G_STRUCT_OFFSET (BureauTaskMarks, avatars) },
    };

    g_type_ensure (BUREAU_TYPE_AVATAR_ROW);
    g_type_ensure (BUREAU_TYPE_TIMER_MARK);
    for (guint i = 0; i < G_N_ELEMENTS (CHILDREN); i++)
        gtk_widget_class_bind_template_child_full (widget_class, CHILDREN[i].id, FALSE,
                                                   offset + CHILDREN[i].offset);
}

void
bureau_task_marks_show (const BureauTaskMarks *marks, BureauTask *task, BureauClient *client,
                        GPtrArray *assignees)
{
    gtk_label_set_label (marks->title_label, bureau_task_get_title (task));
    bureau_task_show_priority (task, marks->priority_image);
    bureau_task_show_pending (task, marks->pending_image);
    bureau_task_show_due (task, client, marks->due_chip, marks->due_label);
    bureau_timer_mark_set_client (marks->timer_mark, client);
    bureau_timer_mark_set_task (marks->timer_mark, task);
    bureau_avatar_row_set_members (marks->avatars, assignees);
}

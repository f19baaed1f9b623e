/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "widgets/bureau-avatar-row.h"
#include "widgets/bureau-timer-mark.h"

G_BEGIN_DECLS

/* What a card and a row show alike: children of their templates, which have these ids. */
typedef struct {
    GtkLabel *title_label;
    GtkImage *priority_image;
    GtkWidget *pending_image;
    BureauTimerMark *timer_mark;
    GtkWidget *due_chip;
    GtkLabel *due_label;
    BureauAvatarRow *avatars;
} BureauTaskMarks;

/* Binds the children of a template; @offset: of the BureauTaskMarks in the instance. To be called
 * after the template is set. */
void bureau_task_marks_bind (GtkWidgetClass *widget_class, gssize offset);
/* @assignees: the BureauMembers whose avatars are shown. */
void bureau_task_marks_show (const BureauTaskMarks *marks, BureauTask *task, BureauClient *client,
                             GPtrArray *assignees);

G_END_DECLS

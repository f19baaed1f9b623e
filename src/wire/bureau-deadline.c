/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-deadline.h"

void
bureau_deadline_list_init (BureauDeadlineList *list, gint64 milliseconds)
{
    g_queue_init (&list->queue);
    list->interval = milliseconds * 1000;
}

void
bureau_deadline_enter (BureauDeadlineList *list, BureauDeadline *deadline, gpointer thing,
                       gint64 now)
{
    bureau_deadline_leave (deadline);
    deadline->due = now + list->interval;
    deadline->list = list;
    deadline->link.data = thing;
    g_queue_push_tail_link (&list->queue, &deadline->link);
}

void
bureau_deadline_leave (BureauDeadline *deadline)
{
    if (deadline->list == NULL)
        return;
    g_queue_unlink (&deadline->list->queue, &deadline->link);
    deadline->list = NULL;
}

static BureauDeadline *
first (BureauDeadlineList *list)
{
    GList *link = g_queue_peek_head_link (&list->queue);

    /* The link is the deadline's first member. */
    return (BureauDeadline *) link;
}

gpointer
bureau_deadline_take_due (BureauDeadlineList *list, gint64 now)
{
    BureauDeadline *deadline = first (list);

    if (deadline == NULL || deadline->due > now)
        return NULL;
    bureau_deadline_leave (deadline);
    return deadline->link.data;
}

gint64
bureau_deadline_next (BureauDeadlineList *list)
{
    BureauDeadline *deadline = first (list);

    return deadline == NULL ? G_MAXINT64 : deadline->due;
}

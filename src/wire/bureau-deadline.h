/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A list of things that all get the same time, so that the first to enter is the first due:
 * entering, leaving and asking for the next cost the same however many there are. */
typedef struct _BureauDeadlineList BureauDeadlineList;

typedef struct {
    GList link;               /* data: the thing itself; embedded, never freed */
    BureauDeadlineList *list; /* (nullable): the one it is in */
    gint64 due;               /* monotonic, µs */
} BureauDeadline;

struct _BureauDeadlineList {
    GQueue queue;
    gint64 interval; /* µs */
};

void bureau_deadline_list_init (BureauDeadlineList *list, gint64 milliseconds);
/* Enters @thing at the end, leaving the list it was in. */
void bureau_deadline_enter (BureauDeadlineList *list, BureauDeadline *deadline, gpointer thing,
                            gint64 now);
/* Out of the list it is in, if it is in one. */
void bureau_deadline_leave (BureauDeadline *deadline);
/* Takes out the first thing if it is due. (nullable) */
gpointer bureau_deadline_take_due (BureauDeadlineList *list, gint64 now);
/* When the first is due; G_MAXINT64 if there is none. */
gint64 bureau_deadline_next (BureauDeadlineList *list);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-client.h"

G_BEGIN_DECLS

/* What people do to a task, as commands given to the client. Nothing is sent where nothing would
 * change, or where the hub would refuse it; what may be done is asked first, so that the rest is
 * not even offered. */

/* Its fields, and whether it is at all: guests may change only requests of their own that nobody
 * has accepted yet. */
gboolean bureau_task_may_change (BureauClient *client, BureauTask *task);
/* To a place in the column @status: only managers accept requests. */
gboolean bureau_task_may_move (BureauClient *client, BureauTask *task, BureauStatus status);
/* Whether a new task of mine can begin in the column @status: guests make requests. */
gboolean bureau_task_may_add (BureauClient *client, BureauStatus status);
/* Whether I keep time at all. */
gboolean bureau_task_may_time (BureauClient *client);

/* Column @status, after the task @after; NULL: first. */
void bureau_task_give_move (BureauClient *client, BureauTask *task, BureauStatus status,
                            BureauTask *after);
/* @base: the task's version that the text was made from; it is what others have changed since. */
void bureau_task_give_title (BureauClient *client, BureauTask *task, gint64 base,
                             const char *title);
void bureau_task_give_description (BureauClient *client, BureauTask *task, gint64 base,
                                   const char *description);
/* @due: a date or an instant; NULL for none. */
void bureau_task_give_due (BureauClient *client, BureauTask *task, const char *due);
void bureau_task_give_priority (BureauClient *client, BureauTask *task, guint priority);
void bureau_task_give_assignees (BureauClient *client, BureauTask *task,
                                 const char *const *user_ids);
/* To the top of Done, or back to the top of To do if it is done. */
void bureau_task_give_done (BureauClient *client, BureauTask *task);
/* @due and @user_ids may be NULL. What a guest makes is a request, whatever @status says. Returns
 * the new task's id, or NULL. (transfer full) */
char *bureau_task_give_new (BureauClient *client, BureauProject *project, const char *title,
                            BureauStatus status, const char *due, const char *const *user_ids);

G_END_DECLS

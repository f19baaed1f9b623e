/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-client.h"

G_BEGIN_DECLS

/* What people do to a task, as commands given to the client. Nothing is sent where nothing would
 * change. */

/* Column @status, after the task @after; NULL: first. */
void bureau_task_give_move (BureauClient *client, BureauTask *task, BureauStatus status,
                            BureauTask *after);
void bureau_task_give_title (BureauClient *client, BureauTask *task, const char *title);
void bureau_task_give_description (BureauClient *client, BureauTask *task, const char *description);
/* @due: a date or an instant; NULL for none. */
void bureau_task_give_due (BureauClient *client, BureauTask *task, const char *due);
void bureau_task_give_priority (BureauClient *client, BureauTask *task, guint priority);
void bureau_task_give_assignees (BureauClient *client, BureauTask *task,
                                 const char *const *user_ids);
/* To the top of Done, or back to the top of To do if it is done. */
void bureau_task_give_done (BureauClient *client, BureauTask *task);
/* @due and @user_ids may be NULL. Returns the new task's id, or NULL. (transfer full) */
char *bureau_task_give_new (BureauClient *client, BureauProject *project, const char *title,
                            BureauStatus status, const char *due, const char *const *user_ids);

G_END_DECLS

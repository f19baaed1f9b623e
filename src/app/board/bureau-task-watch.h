/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-client.h"

G_BEGIN_DECLS

/* Turns the property changes of all of a client's objects into one signal a frame: the one
 * place that tells filters and sorters to look again (GtkSortListModel does not look at property
 * changes by itself).
 *
 * Signals, the first three from an idle that runs before the next frame is drawn:
 *  - "changed": something that decides where a task belongs or how it is found has changed
 *  - "marks-changed": what tasks show of other things has changed: a timer started or ended,
 *    somebody joined or changed their name, a project did, another task is open
 *  - "people-changed": somebody came or went, or has changed
 *  - "edit" (const char *field): the person wants to edit a field of the open task: title,
 *    assignees, due or priority */
#define BUREAU_TYPE_TASK_WATCH (bureau_task_watch_get_type ())
G_DECLARE_FINAL_TYPE (BureauTaskWatch, bureau_task_watch, BUREAU, TASK_WATCH, GObject)

/* The client's watch: one for all views, living as long as the client. (transfer none) */
BureauTaskWatch *bureau_task_watch_get (BureauClient *client);

/* The task that is open in the details pane, marked wherever it is shown.
 * (nullable) (transfer none) */
const char *bureau_task_watch_get_open (BureauTaskWatch *self);
void bureau_task_watch_set_open (BureauTaskWatch *self, const char *task_id);

/* Says "changed" and "marks-changed" though nothing has: the day has. */
void bureau_task_watch_look_again (BureauTaskWatch *self);

/* Asks the details pane to put the person into a field of the open task. */
void bureau_task_watch_edit (BureauTaskWatch *self, const char *field);

/* Members whose timer runs on the task, mine first. (transfer container) */
GPtrArray *bureau_task_watch_get_timers (BureauTaskWatch *self, const char *task_id);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* A small mark on a task on which timers run; its tooltip says whose. Hidden while none does. */
#define BUREAU_TYPE_TIMER_MARK (bureau_timer_mark_get_type ())
G_DECLARE_FINAL_TYPE (BureauTimerMark, bureau_timer_mark, BUREAU, TIMER_MARK, AdwBin)

void bureau_timer_mark_set_client (BureauTimerMark *self, BureauClient *client);
/* Looks at the timers of @task now; whoever shows the task calls it again when they change. */
void bureau_timer_mark_set_task (BureauTimerMark *self, BureauTask *task);

/* "Ana and Ben are on it"; NULL if nobody is. (transfer full) */
char *bureau_timers_to_text (GPtrArray *members, BureauClient *client);

G_END_DECLS

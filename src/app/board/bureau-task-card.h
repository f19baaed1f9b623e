/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "widgets/bureau-task-cell.h"

G_BEGIN_DECLS

/* A task on the board. */
#define BUREAU_TYPE_TASK_CARD (bureau_task_card_get_type ())
G_DECLARE_FINAL_TYPE (BureauTaskCard, bureau_task_card, BUREAU, TASK_CARD, BureauTaskCell)

GtkWidget *bureau_task_card_new (BureauClient *client);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "board/bureau-task-model.h"

G_BEGIN_DECLS

/* One column of the board: the tasks of a project that have a status. Takes dropped tasks, adds new
 * ones. */
#define BUREAU_TYPE_BOARD_COLUMN (bureau_board_column_get_type ())
G_DECLARE_FINAL_TYPE (BureauBoardColumn, bureau_board_column, BUREAU, BOARD_COLUMN, GtkWidget)

GtkWidget *bureau_board_column_new (BureauClient *client, BureauProject *project,
                                    BureauStatus status);
BureauTaskModel *bureau_board_column_get_model (BureauBoardColumn *self);
BureauStatus bureau_board_column_get_status (BureauBoardColumn *self);
gboolean bureau_board_column_focus_task (BureauBoardColumn *self, BureauTask *task);
/* Said in the empty column; NULL for nothing. */
void bureau_board_column_set_hint (BureauBoardColumn *self, const char *hint);

G_END_DECLS

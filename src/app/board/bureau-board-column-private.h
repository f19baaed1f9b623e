/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "board/bureau-board-column.h"

G_BEGIN_DECLS

struct _BureauBoardColumn {
    GtkWidget parent_instance;

    BureauClient *client;   /* (owned) */
    BureauProject *project; /* (owned) */
    BureauStatus status;
    BureauTaskModel *model; /* (owned) */
    GtkWidget *drop_cell;   /* (unowned) (nullable): the cell that shows where a drop would go */

    GtkLabel *title_label;
    GtkLabel *count_label;
    GtkWidget *add_button;
    GtkRevealer *add_revealer;
    GtkEntry *add_entry;
    GtkWidget *scroller;
    GtkListView *list_view;
    GtkLabel *hint_label;
};

/* bureau-board-column-dnd.c */
void bureau_board_column_accept_drops (BureauBoardColumn *self);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* A project's tasks as cards in columns. */
#define BUREAU_TYPE_BOARD (bureau_board_get_type ())
G_DECLARE_FINAL_TYPE (BureauBoard, bureau_board, BUREAU, BOARD, GtkWidget)

GtkWidget *bureau_board_new (BureauClient *client, BureauProject *project);
/* Shows only tasks that hold @text. */
void bureau_board_set_text (BureauBoard *self, const char *text);
/* Gives the first card the focus. FALSE if there is none. */
gboolean bureau_board_focus_first (BureauBoard *self);

G_END_DECLS

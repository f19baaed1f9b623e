/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* The pane beside the board: one task, each field edited in place and saved as one leaves it. Tells
 * the others that one is looking at the task. */
#define BUREAU_TYPE_DETAILS (bureau_details_get_type ())
G_DECLARE_FINAL_TYPE (BureauDetails, bureau_details, BUREAU, DETAILS, GtkWidget)

GtkWidget *bureau_details_new (BureauClient *client);
/* Keeps what is being typed, then shows @task; NULL: the pane is closed. */
void bureau_details_set_task (BureauDetails *self, BureauTask *task);

G_END_DECLS

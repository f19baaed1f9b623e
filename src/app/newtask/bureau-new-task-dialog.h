/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* Asks for a new task over @parent: title, project, who and when. @project: the one that is in
 * view. */
void bureau_new_task_dialog_present (GtkWindow *parent, BureauClient *client,
                                     BureauProject *project);

G_END_DECLS

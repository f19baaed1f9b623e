/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* Makes a project, or changes its name, colour and people. */
#define BUREAU_TYPE_PROJECT_DIALOG (bureau_project_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BureauProjectDialog, bureau_project_dialog, BUREAU, PROJECT_DIALOG, AdwWindow)

/* @project: the one to change; NULL for a new one. */
void bureau_project_dialog_present (GtkWindow *parent, BureauClient *client,
                                    BureauProject *project);

/* What a project called @name may be called for short, "STU": two to four capital letters or
 * digits, a letter first; "" if nothing in the name will do. (transfer full) */
char *bureau_suggest_short_name (const char *name);

G_END_DECLS

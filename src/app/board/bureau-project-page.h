/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* One project, as a board or as a list, with a filter.
 *
 * Properties: "view" ("board" or "list"), "searching" (gboolean: the filter is open). */
#define BUREAU_TYPE_PROJECT_PAGE (bureau_project_page_get_type ())
G_DECLARE_FINAL_TYPE (BureauProjectPage, bureau_project_page, BUREAU, PROJECT_PAGE, GtkWidget)

GtkWidget *bureau_project_page_new (BureauClient *client, BureauProject *project);
void bureau_project_page_set_view (BureauProjectPage *self, const char *view);
/* Opens the filter and puts the cursor in it. */
void bureau_project_page_focus_filter (BureauProjectPage *self);
/* Gives the first task the focus. FALSE if there is none. */
gboolean bureau_project_page_focus_first (BureauProjectPage *self);

G_END_DECLS

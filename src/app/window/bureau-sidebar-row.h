/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "bureau-project.h"

G_BEGIN_DECLS

/* A place in the sidebar: an icon or a project's colour, a name, and a count. */
#define BUREAU_TYPE_SIDEBAR_ROW (bureau_sidebar_row_get_type ())
G_DECLARE_FINAL_TYPE (BureauSidebarRow, bureau_sidebar_row, BUREAU, SIDEBAR_ROW, GtkListBoxRow)

/* @place: what the window calls it, "my-day" or "people". */
GtkWidget *bureau_sidebar_row_new (const char *place, const char *icon_name, const char *title);
/* Follows the project's name and colour. Its place is "project:ID". */
GtkWidget *bureau_sidebar_row_new_for_project (BureauProject *project);

const char *bureau_sidebar_row_get_place (BureauSidebarRow *self);
BureauProject *bureau_sidebar_row_get_project (BureauSidebarRow *self); /* (nullable) */
/* What stands at its end, "4" or "5/8", and in words, "4 tasks"; NULL for nothing. */
void bureau_sidebar_row_set_count (BureauSidebarRow *self, const char *count, const char *words);
/* TRUE: its menu offers to change the project. */
void bureau_sidebar_row_set_manageable (BureauSidebarRow *self, gboolean manageable);

G_END_DECLS

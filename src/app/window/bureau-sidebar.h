/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"
#include "window/bureau-connection-chip.h"

G_BEGIN_DECLS

/* The office's places: My day, the projects, the people; below them the connection. Choosing a row
 * activates win.show-my-day, win.show-project, win.show-people or win.show-hub. */
#define BUREAU_TYPE_SIDEBAR (bureau_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (BureauSidebar, bureau_sidebar, BUREAU, SIDEBAR, AdwBin)

/* The connection's chip, for where the sidebar is out of sight. (transfer none) */
BureauConnectionChip *bureau_sidebar_get_chip (BureauSidebar *self);
/* @is_host: this machine serves the office. Called once. */
void bureau_sidebar_set_client (BureauSidebar *self, BureauClient *client, gboolean is_host);
/* The place for the hub, at the machine that serves the office. Called once. */
void bureau_sidebar_add_hub (BureauSidebar *self);
/* How many tasks My day holds. */
void bureau_sidebar_set_my_day_count (BureauSidebar *self, guint count);
/* Marks the row of @place, "my-day", "people", "hub" or "project:ID", as the one that is shown. */
void bureau_sidebar_select (BureauSidebar *self, const char *place);
/* Goes to the @index-th place, from 0, as the keys Ctrl+1 … do. */
void bureau_sidebar_activate_nth (BureauSidebar *self, guint index);
/* TRUE where it fills the window and so carries the window's buttons at its end. */
void bureau_sidebar_set_folded (BureauSidebar *self, gboolean folded);

G_END_DECLS

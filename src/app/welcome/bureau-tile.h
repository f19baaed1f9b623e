/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A large button: an icon, a title, and a line that explains it. Properties "icon", "title",
 * "subtitle" (strings, to be set once). Its accessible name is the title. */
#define BUREAU_TYPE_TILE (bureau_tile_get_type ())
G_DECLARE_FINAL_TYPE (BureauTile, bureau_tile, BUREAU, TILE, GtkButton)

G_END_DECLS

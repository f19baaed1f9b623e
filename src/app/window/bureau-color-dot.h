/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A round patch of a project's or a person's colour. Decoration: it has no accessible name. */
#define BUREAU_TYPE_COLOR_DOT (bureau_color_dot_get_type ())
G_DECLARE_FINAL_TYPE (BureauColorDot, bureau_color_dot, BUREAU, COLOR_DOT, GtkWidget)

/* @size: its diameter in pixels. */
GtkWidget *bureau_color_dot_new (int size);
/* @color: "#rrggbb"; anything else is shown grey. */
void bureau_color_dot_set_color (BureauColorDot *self, const char *color);

G_END_DECLS

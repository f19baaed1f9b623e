/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The palette that people and projects take their colours from, one of which is chosen. Property
 * "color": "#rrggbb"; a colour that is not of the palette shows none as chosen. */
#define BUREAU_TYPE_COLOR_PICKER (bureau_color_picker_get_type ())
G_DECLARE_FINAL_TYPE (BureauColorPicker, bureau_color_picker, BUREAU, COLOR_PICKER, GtkWidget)

const char *bureau_color_picker_get_color (BureauColorPicker *self);
void bureau_color_picker_set_color (BureauColorPicker *self, const char *color);
/* A colour of the palette for the @index-th thing: neighbours differ. */
const char *bureau_color_picker_suggest (guint index);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Columns of equal width side by side, made so that a whole number of them is seen: all of them in
 * a wide window, one at 360 pixels. Scrolled sideways (it is a GtkScrollable) it comes to rest on a
 * column's edge. */
#define BUREAU_TYPE_COLUMN_STRIP (bureau_column_strip_get_type ())
G_DECLARE_FINAL_TYPE (BureauColumnStrip, bureau_column_strip, BUREAU, COLUMN_STRIP, GtkWidget)

GtkWidget *bureau_column_strip_new (void);
void bureau_column_strip_append (BureauColumnStrip *self, GtkWidget *column);
/* Scrolls until @column is seen. */
void bureau_column_strip_reveal (BureauColumnStrip *self, GtkWidget *column);

G_END_DECLS

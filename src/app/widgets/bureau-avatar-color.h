/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Paints an AdwAvatar inside @widget in a person's own colour, "#rrggbb", in the place of the one
 * it makes up from the name. Anything else: back to that. @widget's CSS name must be bureau-avatar.
 */
void bureau_avatar_paint (GtkWidget *widget, const char *color);

G_END_DECLS

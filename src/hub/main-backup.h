/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* bureau-hub backup, restore, hand-over, take-over, take-back and rescue: each says on standard
 * output what it has done. */
gboolean main_back_up (const char *directory, const char *to, GError **error);
gboolean main_restore (const char *directory, const char *from, GError **error);
gboolean main_hand_over (const char *directory, const char *to, GError **error);
gboolean main_take_over (const char *directory, const char *from, GError **error);
gboolean main_take_back (const char *directory, GError **error);
gboolean main_rescue (const char *directory, const char *replica, GError **error);

G_END_DECLS

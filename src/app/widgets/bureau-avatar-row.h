/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "bureau-member.h"

G_BEGIN_DECLS

/* A few people side by side, overlapping, the rest as "+2". */
#define BUREAU_TYPE_AVATAR_ROW (bureau_avatar_row_get_type ())
G_DECLARE_FINAL_TYPE (BureauAvatarRow, bureau_avatar_row, BUREAU, AVATAR_ROW, GtkWidget)

GtkWidget *bureau_avatar_row_new (int size, guint max);
/* @members: BureauMember objects. Hidden if there are none. */
void bureau_avatar_row_set_members (BureauAvatarRow *self, GPtrArray *members);

G_END_DECLS

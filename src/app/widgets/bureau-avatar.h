/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-member.h"

G_BEGIN_DECLS

/* A person: initials with a dot that says whether they are here. Says both to a screen reader,
 * "Ben, online". */
#define BUREAU_TYPE_AVATAR (bureau_avatar_get_type ())
G_DECLARE_FINAL_TYPE (BureauAvatar, bureau_avatar, BUREAU, AVATAR, GtkWidget)

/* @size: in pixels */
GtkWidget *bureau_avatar_new (int size);
/* Shows @member and follows their changes; NULL for nobody. */
void bureau_avatar_set_member (BureauAvatar *self, BureauMember *member);

/* "online", "away", "offline", for people. (transfer none) */
const char *bureau_presence_to_label (BureauPresence presence);

G_END_DECLS

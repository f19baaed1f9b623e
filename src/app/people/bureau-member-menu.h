/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "bureau-member.h"

G_BEGIN_DECLS

/* What @self may do with @other's membership, as a menu of the window's actions. NULL if that is
 * nothing. @self: nullable. (transfer full) */
GMenuModel *bureau_member_menu_new (BureauMember *self, BureauMember *other);

/* "Manager" and so on, as the window says it. */
const char *bureau_role_to_label (BureauRole role);

G_END_DECLS

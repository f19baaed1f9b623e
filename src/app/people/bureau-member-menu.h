/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "bureau-member.h"

G_BEGIN_DECLS

/* What somebody else whose role is @mine may do with @other's membership, as a menu of the window's
 * actions. NULL if that is nothing. (transfer full) */
GMenuModel *bureau_member_menu_new (BureauRole mine, BureauMember *other);

/* "Manager" and so on, as the window says it. */
const char *bureau_role_to_label (BureauRole role);

G_END_DECLS

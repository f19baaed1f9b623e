/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Makes one more office on a hub that is not being served. It has a project, and an owner who has
 * yet to join: a placeholder, whom whoever uses the invitation takes over. Returns the invitation
 * as `member:invite` answers it. (transfer full) */
JsonObject *bureau_offices_add (const char *directory, const char *office_name,
                                const char *owner_name, GError **error);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-people.h"

#include "bureau-store-members.h"

static const char *const colors[] = { "#1c71d8", "#2ec27e", "#e5a50a", "#e66100",
                                      "#c01c28", "#813d9c", "#865e3c", "#26a269" };

gboolean
bureau_people_add (BureauStore *store, const char *user_id, const char *name,
                   const char *workspace_id, BureauRole role, gboolean placeholder, gint64 now,
                   GError **error)
{
    const char *color = colors[g_str_hash (user_id) % G_N_ELEMENTS (colors)];

    return bureau_store_add_user (store, user_id, name, color, now, error) &&
           (!placeholder || bureau_store_set_placeholder (store, user_id, TRUE, error)) &&
           bureau_store_add_member (store, workspace_id, user_id, role, now, error);
}

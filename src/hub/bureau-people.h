/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-store.h"

G_BEGIN_DECLS

/* Makes a person, with a colour of their own, and takes them into the workspace. @placeholder:
 * nobody signs in as them yet. */
gboolean bureau_people_add (BureauStore *store, const char *user_id, const char *name,
                            const char *workspace_id, BureauRole role, gboolean placeholder,
                            gint64 now, GError **error);

G_END_DECLS

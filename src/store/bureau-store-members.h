/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-store.h"

G_BEGIN_DECLS

/* Who is in which workspace, as what. For all that is true of a store, see bureau-store.h. Somebody
 * who was removed keeps their row, and so their name on what they have done: they are no member
 * until bureau_store_add_member() takes them back. */

typedef struct {
    BureauRole role; /* BUREAU_ROLE_NONE: they are no member, or there is nobody of that id */
    gboolean active;
    gboolean placeholder;
} BureauMembership;

gboolean bureau_store_get_membership (BureauStore *store, const char *workspace_id,
                                      const char *user_id, BureauMembership *membership,
                                      GError **error);
/* BUREAU_ERROR_CONFLICT if they are a member, active or not. */
gboolean bureau_store_add_member (BureauStore *store, const char *workspace_id, const char *user_id,
                                  BureauRole role, gint64 now, GError **error);
gboolean bureau_store_set_role (BureauStore *store, const char *workspace_id, const char *user_id,
                                BureauRole role, GError **error);
gboolean bureau_store_set_active (BureauStore *store, const char *workspace_id, const char *user_id,
                                  gboolean active, GError **error);
/* Out of the workspace and all its projects. */
gboolean bureau_store_remove_member (BureauStore *store, const char *workspace_id,
                                     const char *user_id, gint64 now, GError **error);
/* TRUE if somebody else is an active owner, whom a person signs in as. FALSE if not, or with
 * @error. */
gboolean bureau_store_has_other_owner (BureauStore *store, const char *workspace_id,
                                       const char *user_id, GError **error);
/* Ids of the workspace's projects that they are a member of, archived ones included. */
GStrv bureau_store_list_member_projects (BureauStore *store, const char *workspace_id,
                                         const char *user_id, GError **error);
/* Whether nobody signs in as them yet. */
gboolean bureau_store_set_placeholder (BureauStore *store, const char *user_id,
                                       gboolean placeholder, GError **error);

G_END_DECLS

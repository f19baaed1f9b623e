/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"

G_BEGIN_DECLS

/* The one command table: what a name in the catalog does, whichever door it came through. Each
 * handler checks that the actor may, changes the store, publishes events, and fills in the answer.
 */

gboolean bureau_run_command (BureauCall *call, GError **error);

gboolean bureau_handle_room_join (BureauCall *call, GError **error);
gboolean bureau_handle_room_leave (BureauCall *call, GError **error);
gboolean bureau_handle_presence_update (BureauCall *call, GError **error);
gboolean bureau_handle_presence_viewing (BureauCall *call, GError **error);
gboolean bureau_handle_task_create (BureauCall *call, GError **error);
gboolean bureau_handle_task_update (BureauCall *call, GError **error);
gboolean bureau_handle_task_move (BureauCall *call, GError **error);
gboolean bureau_handle_task_delete (BureauCall *call, GError **error);
gboolean bureau_handle_task_undo_delete (BureauCall *call, GError **error);
gboolean bureau_handle_project_create (BureauCall *call, GError **error);
gboolean bureau_handle_project_update (BureauCall *call, GError **error);
gboolean bureau_handle_project_archive (BureauCall *call, GError **error);
gboolean bureau_handle_timer_start (BureauCall *call, GError **error);
gboolean bureau_handle_timer_stop (BureauCall *call, GError **error);
gboolean bureau_handle_member_invite (BureauCall *call, GError **error);
gboolean bureau_handle_member_list_invites (BureauCall *call, GError **error);
gboolean bureau_handle_member_renew_code (BureauCall *call, GError **error);
gboolean bureau_handle_member_revoke_invite (BureauCall *call, GError **error);
gboolean bureau_handle_member_add (BureauCall *call, GError **error);
gboolean bureau_handle_member_set_role (BureauCall *call, GError **error);
gboolean bureau_handle_member_deactivate (BureauCall *call, GError **error);
gboolean bureau_handle_member_reactivate (BureauCall *call, GError **error);
gboolean bureau_handle_member_remove (BureauCall *call, GError **error);
gboolean bureau_handle_account_set_password (BureauCall *call, GError **error);
gboolean bureau_handle_device_list (BureauCall *call, GError **error);
gboolean bureau_handle_device_sign_out (BureauCall *call, GError **error);
gboolean bureau_handle_auth_refresh (BureauCall *call, GError **error);
gboolean bureau_handle_audit_list (BureauCall *call, GError **error);
gboolean bureau_handle_member_update_self (BureauCall *call, GError **error);
gboolean bureau_handle_office_describe (BureauCall *call, GError **error);
gboolean bureau_handle_sync_since (BureauCall *call, GError **error);

/* ------------------------------------------------------------------ what handlers share */

/* bureau_role_may_manage(), or BUREAU_ERROR_FORBIDDEN. */
gboolean bureau_check_may_manage (BureauRole actor, BureauRole role, GError **error);
/* Publishes the project as it stands in the store, and puts it into the answer as @member
 * (nullable). */
gboolean bureau_publish_project (BureauCall *call, const char *id, const char *workspace_id,
                                 const char *event, const char *member, GError **error);
/* Ends the timer that the person has running in the workspace, if any. */
gboolean bureau_end_timer (BureauCall *call, const char *workspace_id, const char *user_id,
                           GError **error);

G_END_DECLS

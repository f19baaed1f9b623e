/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-invites.h"

#include "bureau-audit.h"
#include "bureau-authority.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-store-members.h"

gboolean
bureau_invitation_is_good (BureauCall *call, const BureauInvitationRow *row, GError **error)
{
    BureauStore *store = call->authority->store;
    BureauMembership issuer, member;

    if (!bureau_store_get_membership (store, row->workspace_id, row->created_by, &issuer, error) ||
        !issuer.active || !bureau_role_may_manage (issuer.role, row->role))
        return FALSE;
    if (row->member_id == NULL)
        return TRUE;
    return bureau_store_get_membership (store, row->workspace_id, row->member_id, &member, error) &&
           member.active && member.placeholder && member.role == row->role;
}

BureauInvitationRow *
bureau_invitation_find (BureauCall *call, const char *secret, GError **error)
{
    g_autoptr (BureauInvitationRow) row = NULL;
    guint8 hash[32];

    bureau_secret_hash (secret, hash);
    row = bureau_store_find_invitation (
        call->authority->store, hash, bureau_authority_get_security_time (call->authority), error);
    return row != NULL && bureau_invitation_is_good (call, row, error) ? g_steal_pointer (&row)
                                                                       : NULL;
}

void
bureau_invitation_set_refusal (BureauCall *call, BureauAuditAct act, const char *why)
{
    bureau_call_audit_refusal (call, NULL, act, NULL, why);
    g_set_error_literal (&call->refusal, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
                         "This invitation is not valid, used up or expired. Ask for a new one.");
}

gboolean
bureau_invitation_answer_offer (BureauCall *call, const BureauInvitationRow *row, GError **error)
{
    BureauStore *store = call->authority->store;
    g_autoptr (JsonObject) workspace = bureau_store_get_workspace (store, row->workspace_id, error);
    g_autofree char *expires_at = bureau_instant_to_string (row->expires_at);
    g_autoptr (JsonObject) member = NULL;

    if (workspace == NULL)
        return FALSE;
    if (row->member_id != NULL) {
        member = bureau_store_get_member (store, row->workspace_id, row->member_id, error);
        if (member == NULL)
            return FALSE;
        bureau_json_set_string (call->answer, "memberName",
                                bureau_json_get_string (member, "name"));
    }
    bureau_json_set_string (call->answer, "office", bureau_json_get_string (workspace, "name"));
    bureau_json_set_string (call->answer, "role", bureau_role_to_string (row->role));
    bureau_json_set_string (call->answer, "expiresAt", expires_at);
    return TRUE;
}

gboolean
bureau_invitation_publish (BureauCall *call, const BureauInvitationRow *row, const char *event,
                           BureauAuditAct act, GError **error)
{
    g_autofree char *room = bureau_room ("manage", row->workspace_id);
    JsonObject *details = json_object_new ();
    JsonObject *fields;

    bureau_json_set_string (details, "role", bureau_role_to_string (row->role));
    if (!bureau_call_audit (call, row->workspace_id, act, row->id, details, error))
        return FALSE;
    fields = json_object_new ();
    bureau_json_set_string (fields, "invitationId", row->id);
    bureau_json_set_string (fields, "role", bureau_role_to_string (row->role));
    bureau_json_set_optional (fields, "memberId", row->member_id);
    json_object_set_int_member (fields, "usesLeft", row->uses_left);
    return bureau_call_publish (call, room, NULL, row->workspace_id, row->project_id, event, fields,
                                error);
}

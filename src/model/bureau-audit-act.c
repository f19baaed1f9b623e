/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-audit-act.h"

static const char *const words[] = {
    [BUREAU_AUDIT_SIGN_IN] = "sign_in",
    [BUREAU_AUDIT_SIGN_IN_REFUSED] = "sign_in.refused",
    [BUREAU_AUDIT_SIGN_OUT] = "sign_out",
    [BUREAU_AUDIT_SCRIPT] = "script",
    [BUREAU_AUDIT_JOIN] = "join",
    [BUREAU_AUDIT_JOIN_REFUSED] = "join.refused",
    [BUREAU_AUDIT_TOKEN_REUSED] = "token.reused",
    [BUREAU_AUDIT_PASSWORD_SET] = "password.set",
    [BUREAU_AUDIT_DEVICE_SIGNED_OUT] = "device.signed_out",
    [BUREAU_AUDIT_INVITATION_CREATED] = "invitation.created",
    [BUREAU_AUDIT_INVITATION_RENEWED] = "invitation.renewed",
    [BUREAU_AUDIT_INVITATION_USED] = "invitation.used",
    [BUREAU_AUDIT_INVITATION_REVOKED] = "invitation.revoked",
    [BUREAU_AUDIT_CODE_REFUSED] = "code.refused",
    [BUREAU_AUDIT_MEMBER_ADDED] = "member.added",
    [BUREAU_AUDIT_MEMBER_ROLE] = "member.role",
    [BUREAU_AUDIT_MEMBER_DEACTIVATED] = "member.deactivated",
    [BUREAU_AUDIT_MEMBER_REACTIVATED] = "member.reactivated",
    [BUREAU_AUDIT_MEMBER_REMOVED] = "member.removed",
    [BUREAU_AUDIT_PROJECT_MEMBERS] = "project.members",
    [BUREAU_AUDIT_PROJECT_ARCHIVED] = "project.archived",
    [BUREAU_AUDIT_TASK_DELETED] = "task.deleted",
    [BUREAU_AUDIT_TASK_RESTORED] = "task.restored",
    [BUREAU_AUDIT_COMMAND_REFUSED] = "command.refused",
    [BUREAU_AUDIT_KEY_ROTATED] = "key.rotated",
    [BUREAU_AUDIT_HUB_SHARED] = "hub.shared",
    [BUREAU_AUDIT_HUB_UNSHARED] = "hub.unshared",
    [BUREAU_AUDIT_OFFICE_CREATED] = "office.created",
    [BUREAU_AUDIT_OFFICE_RESTORED] = "office.restored",
    [BUREAU_AUDIT_OFFICE_TAKEN_OVER] = "office.taken_over",
    [BUREAU_AUDIT_OFFICE_RESCUED] = "office.rescued",
};
G_STATIC_ASSERT (G_N_ELEMENTS (words) == BUREAU_N_AUDIT_ACTS);

const char *
bureau_audit_act_to_string (BureauAuditAct act)
{
    g_return_val_if_fail ((guint) act < BUREAU_N_AUDIT_ACTS, NULL);

    return words[act];
}

int
bureau_audit_act_from_string (const char *word)
{
    for (guint i = 0; word != NULL && i < BUREAU_N_AUDIT_ACTS; i++) {
        if (g_str_equal (words[i], word))
            return i;
    }
    return -1;
}

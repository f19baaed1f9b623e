/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sodium.h>

#include "bureau-audit.h"
#include "bureau-authority.h"
#include "bureau-commands.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-invitation.h"
#include "bureau-invites.h"
#include "bureau-json.h"
#include "bureau-sealed-code.h"
#include "bureau-store-members.h"

#define SECRET_BYTES  16 /* 22 characters of base64url */
#define CODE_LENGTH   8
#define DEFAULT_HOURS 24
#define HOUR_MS       (G_GINT64_CONSTANT (3600) * 1000)
/* Open ones of a workspace. */
#define MAX_OPEN 100
/* One that is over is kept for so long: longer than a refusal of it would puzzle anybody. */
#define KEPT_MS (G_GINT64_CONSTANT (7) * 24 * HOUR_MS)

/* ------------------------------------------------------------------ answering */

static void
add_code_expiry (JsonObject *object, const BureauInvitationRow *row)
{
    g_autofree char *expires_at = bureau_instant_to_string (row->code_expires_at);

    if (row->code != NULL)
        bureau_json_set_string (object, "codeExpiresAt", expires_at);
}

/* Without what it is known by. */
static JsonObject *
describe (const BureauInvitationRow *row)
{
    JsonObject *object = json_object_new ();
    g_autofree char *expires_at = bureau_instant_to_string (row->expires_at);
    g_autofree char *created_at = bureau_instant_to_string (row->created_at);

    bureau_json_set_string (object, "id", row->id);
    bureau_json_set_string (object, "role", bureau_role_to_string (row->role));
    bureau_json_set_optional (object, "projectId", row->project_id);
    bureau_json_set_optional (object, "memberId", row->member_id);
    json_object_set_int_member (object, "uses", row->uses);
    json_object_set_int_member (object, "usesLeft", row->uses_left);
    bureau_json_set_string (object, "expiresAt", expires_at);
    bureau_json_set_string (object, "createdBy", row->created_by);
    bureau_json_set_string (object, "createdAt", created_at);
    return object;
}

/* ------------------------------------------------------------------ codes */

/* Crockford's base 32: no I, L, O or U to misread. */
static char *
make_code (void)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    char *code = g_new0 (char, CODE_LENGTH + 1);

    for (guint i = 0; i < CODE_LENGTH; i++)
        code[i] = alphabet[randombytes_uniform (32)];
    return code;
}

/* Says it in @object: this once, for from here on it is sealed. */
static gboolean
give_code (BureauCall *call, BureauInvitationRow *row, JsonObject *object, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    char *code = make_code ();
    char *typed = bureau_code_format (code);

    bureau_json_set_string (object, "code", typed);
    g_clear_pointer (&row->code, g_bytes_unref);
    row->code = bureau_sealed_code_new (call->authority->code_key, row->id, code);
    bureau_code_free (typed);
    bureau_code_free (code);
    row->code_expires_at = MIN (now + BUREAU_CODE_MS, row->expires_at);
    add_code_expiry (object, row);
    return bureau_store_set_code (call->authority->store, row->id, row->created_by, row->code,
                                  row->code_expires_at, error);
}

/* ------------------------------------------------------------------ what may be made */

/* The project to invite to, if one is named: it must be of the same workspace, and open. */
static gboolean
check_project (BureauCall *call, const BureauInvitationRow *row, GError **error)
{
    g_auto (BureauAccess) access = { 0 };

    if (row->project_id == NULL)
        return TRUE;
    if (!bureau_call_require_project (call, row->project_id, BUREAU_ROLE_MANAGER, &access, error))
        return FALSE;
    if (g_strcmp0 (access.workspace_id, row->workspace_id) != 0)
        bureau_error_set_invalid (error, "projectId", "This project is in another office.");
    else if (access.archived)
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                             "This project is archived: nobody joins it any more.");
    else
        return TRUE;
    return FALSE;
}

/* Whoever takes a placeholder over is what the placeholder was, and is one. */
static gboolean
check_placeholder (BureauCall *call, BureauInvitationRow *row, GError **error)
{
    BureauMembership member;

    if (row->member_id == NULL)
        return TRUE;
    if (!bureau_store_get_membership (call->authority->store, row->workspace_id, row->member_id,
                                      &member, error))
        return FALSE;
    if (!member.placeholder || !member.active) {
        bureau_error_set_invalid (error, "memberId",
                                  "There is nobody with this id whom somebody could take over.");
        return FALSE;
    }
    row->role = member.role;
    row->uses = row->uses_left = 1;
    return TRUE;
}

/* Forgets old ones, so that what is counted are those that matter. */
static gboolean
check_number (BureauCall *call, const char *workspace_id, GError **error)
{
    BureauStore *store = call->authority->store;
    gint64 now = bureau_authority_get_security_time (call->authority);
    g_autoptr (GPtrArray) open = NULL;

    if (!bureau_store_forget_invitations (store, workspace_id, now - KEPT_MS, error))
        return FALSE;
    open = bureau_store_list_invitations (store, workspace_id, now, MAX_OPEN, error);
    if (open == NULL)
        return FALSE;
    if (open->len < MAX_OPEN)
        return TRUE;
    g_set_error (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                 "%d invitations are open already. Withdraw some of them first.", MAX_OPEN);
    return FALSE;
}

/* ------------------------------------------------------------------ inviting */

/* What the params ask for, in the workspace where the actor may invite. (transfer full) */
static BureauInvitationRow *
make_row (BureauCall *call, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    const char *role = bureau_json_get_string (call->params, "role");
    g_autoptr (BureauInvitationRow) row = g_new0 (BureauInvitationRow, 1);

    row->workspace_id = bureau_call_require_workspace (call, BUREAU_ROLE_MANAGER, error);
    if (row->workspace_id == NULL)
        return NULL;
    row->id = bureau_id_new ();
    row->project_id = g_strdup (bureau_json_get_string (call->params, "projectId"));
    row->member_id = g_strdup (bureau_json_get_string (call->params, "memberId"));
    row->created_by = g_strdup (call->actor->user_id);
    row->role = role != NULL ? (BureauRole) bureau_role_from_string (role) : BUREAU_ROLE_MEMBER;
    row->uses = row->uses_left = bureau_json_get_int (call->params, "uses", 1);
    row->created_at = now;
    row->expires_at = now + HOUR_MS * bureau_json_get_int (call->params, "hours", DEFAULT_HOURS);
    return g_steal_pointer (&row);
}

static gboolean
check_row (BureauCall *call, BureauInvitationRow *row, GError **error)
{
    BureauMembership own;

    return bureau_store_get_membership (call->authority->store, row->workspace_id, row->created_by,
                                        &own, error) &&
           check_placeholder (call, row, error) &&
           bureau_check_may_manage (own.role, row->role, error) &&
           check_project (call, row, error) && check_number (call, row->workspace_id, error);
}

gboolean
bureau_handle_member_invite (BureauCall *call, GError **error)
{
    g_autoptr (BureauInvitationRow) row = make_row (call, error);
    g_autofree char *secret = bureau_secret_new (SECRET_BYTES);
    g_autofree char *link = NULL;
    g_autoptr (JsonObject) invitation = NULL;
    guint8 hash[32];

    if (row == NULL || !check_row (call, row, error))
        return FALSE;
    bureau_secret_hash (secret, hash);
    invitation = describe (row);
    if (!bureau_store_add_invitation (call->authority->store, row, hash, error) ||
        !give_code (call, row, invitation, error) ||
        !bureau_invitation_publish (call, row, BUREAU_EVENT_INVITATION_CREATED,
                                    BUREAU_AUDIT_INVITATION_CREATED, error))
        return FALSE;

    link = bureau_authority_make_link (call->authority, secret);
    bureau_json_set_string (invitation, "link", link);
    json_object_set_object_member (call->answer, "invitation", g_steal_pointer (&invitation));
    return TRUE;
}

/* ------------------------------------------------------------------ those that are open */

gboolean
bureau_handle_member_list_invites (BureauCall *call, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    g_autofree char *workspace_id = bureau_call_require_workspace (call, BUREAU_ROLE_MANAGER,
                                                                   error);
    g_autoptr (GPtrArray) open = NULL;
    JsonArray *invitations;

    if (workspace_id == NULL)
        return FALSE;
    open = bureau_store_list_invitations (call->authority->store, workspace_id, now, MAX_OPEN,
                                          error);
    if (open == NULL)
        return FALSE;

    invitations = json_array_new ();
    json_object_set_array_member (call->answer, "invitations", invitations);
    for (guint i = 0; i < open->len; i++) {
        const BureauInvitationRow *row = g_ptr_array_index (open, i);
        g_autoptr (GError) local_error = NULL;
        JsonObject *object;

        if (bureau_invitation_is_good (call, row, &local_error)) {
            object = describe (row);
            add_code_expiry (object, row);
            json_array_add_object_element (invitations, object);
        }
        if (local_error != NULL) {
            g_propagate_error (error, g_steal_pointer (&local_error));
            return FALSE;
        }
    }
    return TRUE;
}

/* The open one `id` of the params, if the actor may do with it as they like. One of another
 * workspace is none. (transfer full) */
static BureauInvitationRow *
require_invitation (BureauCall *call, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    g_autoptr (GError) local_error = NULL;
    g_autoptr (BureauInvitationRow) row = bureau_store_get_invitation (
        call->authority->store, bureau_json_get_string (call->params, "id"), now, &local_error);
    BureauRole own = BUREAU_ROLE_NONE;

    if (row != NULL)
        own = bureau_store_get_role (call->authority->store, row->workspace_id,
                                     call->actor->user_id, &local_error);
    if (local_error == NULL && own < BUREAU_ROLE_MANAGER)
        g_set_error_literal (&local_error, BUREAU_ERROR, BUREAU_ERROR_NOT_FOUND,
                             "This invitation is used up, expired or withdrawn.");
    if (local_error == NULL)
        bureau_check_may_manage (own, row->role, &local_error);
    if (local_error == NULL)
        return g_steal_pointer (&row);
    g_propagate_error (error, g_steal_pointer (&local_error));
    return NULL;
}

gboolean
bureau_handle_member_renew_code (BureauCall *call, GError **error)
{
    g_autoptr (BureauInvitationRow) row = require_invitation (call, error);

    return row != NULL && give_code (call, row, call->answer, error) &&
           bureau_call_audit (call, row->workspace_id, BUREAU_AUDIT_INVITATION_RENEWED, row->id,
                              NULL, error);
}

gboolean
bureau_handle_member_revoke_invite (BureauCall *call, GError **error)
{
    g_autoptr (BureauInvitationRow) row = require_invitation (call, error);

    return row != NULL && bureau_store_end_invitation (call->authority->store, row->id, error) &&
           bureau_invitation_publish (call, row, BUREAU_EVENT_INVITATION_REVOKED,
                                      BUREAU_AUDIT_INVITATION_REVOKED, error);
}

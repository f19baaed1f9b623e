/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-commands.h"

#include <sodium.h>
#include <string.h>

#include "bureau-authority.h"
#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-sessions.h"
#include "bureau-store-sessions.h"

static const BureauRunFunc handlers[BUREAU_N_COMMANDS] = {
    [BUREAU_COMMAND_ROOM_JOIN] = bureau_handle_room_join,
    [BUREAU_COMMAND_ROOM_LEAVE] = bureau_handle_room_leave,
    [BUREAU_COMMAND_PRESENCE_UPDATE] = bureau_handle_presence_update,
    [BUREAU_COMMAND_PRESENCE_VIEWING] = bureau_handle_presence_viewing,
    [BUREAU_COMMAND_TASK_CREATE] = bureau_handle_task_create,
    [BUREAU_COMMAND_TASK_UPDATE] = bureau_handle_task_update,
    [BUREAU_COMMAND_TASK_MOVE] = bureau_handle_task_move,
    [BUREAU_COMMAND_TASK_DELETE] = bureau_handle_task_delete,
    [BUREAU_COMMAND_TASK_UNDO_DELETE] = bureau_handle_task_undo_delete,
    [BUREAU_COMMAND_PROJECT_CREATE] = bureau_handle_project_create,
    [BUREAU_COMMAND_PROJECT_UPDATE] = bureau_handle_project_update,
    [BUREAU_COMMAND_PROJECT_ARCHIVE] = bureau_handle_project_archive,
    [BUREAU_COMMAND_TIMER_START] = bureau_handle_timer_start,
    [BUREAU_COMMAND_TIMER_STOP] = bureau_handle_timer_stop,
    [BUREAU_COMMAND_MEMBER_INVITE] = bureau_handle_member_invite,
    [BUREAU_COMMAND_MEMBER_LIST_INVITES] = bureau_handle_member_list_invites,
    [BUREAU_COMMAND_MEMBER_RENEW_CODE] = bureau_handle_member_renew_code,
    [BUREAU_COMMAND_MEMBER_REVOKE_INVITE] = bureau_handle_member_revoke_invite,
    [BUREAU_COMMAND_MEMBER_ADD] = bureau_handle_member_add,
    [BUREAU_COMMAND_MEMBER_SET_ROLE] = bureau_handle_member_set_role,
    [BUREAU_COMMAND_MEMBER_DEACTIVATE] = bureau_handle_member_deactivate,
    [BUREAU_COMMAND_MEMBER_REACTIVATE] = bureau_handle_member_reactivate,
    [BUREAU_COMMAND_MEMBER_REMOVE] = bureau_handle_member_remove,
    [BUREAU_COMMAND_ACCOUNT_SET_PASSWORD] = bureau_handle_account_set_password,
    [BUREAU_COMMAND_DEVICE_LIST] = bureau_handle_device_list,
    [BUREAU_COMMAND_DEVICE_SIGN_OUT] = bureau_handle_device_sign_out,
    [BUREAU_COMMAND_AUTH_REFRESH] = bureau_handle_auth_refresh,
    [BUREAU_COMMAND_AUDIT_LIST] = bureau_handle_audit_list,
    [BUREAU_COMMAND_MEMBER_UPDATE_SELF] = bureau_handle_member_update_self,
    [BUREAU_COMMAND_OFFICE_DESCRIBE] = bureau_handle_office_describe,
    [BUREAU_COMMAND_SYNC_SINCE] = bureau_handle_sync_since,
};

/* Over the command's name and its canonical contents: tells a repeat from another command with the
 * same `opId`. */
static void
digest_command (BureauCall *call, guint8 *digest)
{
    g_autofree char *contents = bureau_json_object_to_string (call->params);
    crypto_generichash_state state;

    crypto_generichash_init (&state, NULL, 0, 32);
    crypto_generichash_update (&state, (const guint8 *) call->command->name,
                               strlen (call->command->name) + 1);
    crypto_generichash_update (&state, (const guint8 *) contents, strlen (contents));
    crypto_generichash_final (&state, digest, 32);
}

/* What a repeat is known by: the `opId`, or else the id that the client made for a new thing. */
static const char *
get_repeat_id (BureauCall *call)
{
    const char *op_id = bureau_json_get_string (call->params, "opId");

    if (op_id == NULL && (call->command->flags & BUREAU_COMMAND_CREATES))
        op_id = bureau_json_get_string (call->params, "id");
    return op_id;
}

static void
finish_answer (BureauCall *call)
{
    if (call->seq > 0 && !json_object_has_member (call->answer, "seq"))
        json_object_set_int_member (call->answer, "seq", call->seq);
}

/* One that was signed out after the command was given has not given it. */
static gboolean
check_session (BureauCall *call, GError **error)
{
    g_autoptr (GError) local_error = NULL;

    if (bureau_store_is_session_revoked (call->authority->store, call->actor->session_id,
                                         &local_error))
        return bureau_session_set_revoked (error);
    if (local_error == NULL)
        return TRUE;
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

gboolean
bureau_call_check_actor (BureauCall *call, GError **error)
{
    return check_session (call, error) &&
           bureau_authority_check_person (call->authority, call->actor->user_id, error);
}

/* What may be made only so often. */
static const BureauRateKind rates[BUREAU_N_COMMANDS] = {
    [BUREAU_COMMAND_PROJECT_CREATE] = BUREAU_RATE_PROJECT,
    [BUREAU_COMMAND_MEMBER_ADD] = BUREAU_RATE_MEMBER,
    [BUREAU_COMMAND_MEMBER_INVITE] = BUREAU_RATE_INVITE,
    /* As good as another invitation, and a row of the audit. */
    [BUREAU_COMMAND_MEMBER_RENEW_CODE] = BUREAU_RATE_INVITE,
};

static gboolean
run_handler (BureauCall *call, GError **error)
{
    if (!bureau_rates_take (call->authority->rates, rates[call->command->id], call->actor->user_id,
                            1, error))
        return FALSE;
    if (!handlers[call->command->id](call, error))
        return FALSE;
    finish_answer (call);
    return TRUE;
}

/* A repeat is answered with what the first one did; the first one's answer is kept for it. */
static gboolean
run_once (BureauCall *call, const char *op_id, GError **error)
{
    BureauStore *store = call->authority->store;
    const char *device = call->actor->session_id;
    g_autoptr (GError) local_error = NULL;
    g_autofree char *kept = NULL;
    g_autofree char *answer = NULL;
    guint8 digest[32];

    digest_command (call, digest);
    kept = bureau_store_find_answer (store, device, op_id, digest, &local_error);
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    if (kept != NULL) {
        g_clear_pointer (&call->answer, json_object_unref);
        call->answer = bureau_json_parse_object (kept, -1, error);
        return call->answer != NULL;
    }

    if (!run_handler (call, error))
        return FALSE;
    answer = bureau_json_object_to_string (call->answer);
    call->stored += strlen (answer);
    return bureau_store_keep_answer (store, device, op_id, digest, answer, call->now, error);
}

/* What the command was about, by its id. */
static const char *
get_subject (BureauCall *call)
{
    static const char *const members[] = { "id", "taskId", "projectId" };
    const char *subject = NULL;

    for (guint i = 0; subject == NULL && i < G_N_ELEMENTS (members); i++)
        subject = bureau_json_get_string (call->params, members[i]);
    return subject;
}

/* Unless the handler has said more of it. */
static void
audit_refusal (BureauCall *call, const GError *error)
{
    if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN) && call->refusals == NULL)
        bureau_call_audit_refusal (call, call->workspace_id, BUREAU_AUDIT_COMMAND_REFUSED,
                                   get_subject (call), call->command->name);
}

gboolean
bureau_run_command (BureauCall *call, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    g_autofree char *op_id = NULL;
    JsonObject *params;
    gboolean done;

    if ((call->command->flags & BUREAU_COMMAND_NEEDS_CONNECTION) && call->connection == NULL) {
        g_set_error (error, BUREAU_ERROR, BUREAU_ERROR_INVALID, "“%s” needs a live connection.",
                     call->command->name);
        return FALSE;
    }
    params = bureau_command_validate (call->command, call->params, error);
    if (params == NULL)
        return FALSE;
    g_clear_pointer (&call->params, json_object_unref);
    call->params = params;

    if (!bureau_call_check_actor (call, error))
        return FALSE;

    /* A copy: the handler may put an id of its own into the params. */
    op_id = g_strdup (get_repeat_id (call));
    done = op_id != NULL && (call->command->flags & BUREAU_COMMAND_DURABLE)
               ? run_once (call, op_id, &local_error)
               : run_handler (call, &local_error);
    /* A handler that fails without a reason has met what can't be: the turn says so. */
    if (!done && local_error != NULL) {
        audit_refusal (call, local_error);
        g_propagate_error (error, g_steal_pointer (&local_error));
    }
    return done;
}

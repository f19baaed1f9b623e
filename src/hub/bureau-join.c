/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-join.h"

#include "bureau-audit.h"
#include "bureau-authority.h"
#include "bureau-error.h"
#include "bureau-guesses.h"
#include "bureau-heads.h"
#include "bureau-instant.h"
#include "bureau-invites.h"
#include "bureau-json.h"
#include "bureau-params.h"
#include "bureau-password.h"
#include "bureau-people.h"
#include "bureau-sessions.h"
#include "bureau-store-accounts.h"
#include "bureau-store-members.h"

#define MAX_SECRET 128

/* The invitation that `code` of the params is for. NULL with the call's refusal where there is
 * none, which is a wrong guess, or with @error. */
static BureauInvitationRow *
find_invitation (BureauCall *call, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    BureauInvitationRow *row;
    const char *code;

    if (!bureau_params_get_text (call->params, "code", MAX_SECRET, &code, error) ||
        !bureau_guesses_check (call, NULL, error))
        return NULL;
    row = bureau_invitation_find (call, code, &local_error);
    if (local_error != NULL)
        g_propagate_error (error, g_steal_pointer (&local_error));
    else if (row == NULL && bureau_guesses_count (call, NULL, error))
        bureau_invitation_set_refusal (call, BUREAU_AUDIT_JOIN_REFUSED, "invitation");
    return row;
}

static gboolean
run_look (BureauCall *call, GError **error)
{
    g_autoptr (BureauInvitationRow) row = find_invitation (call, error);

    return row != NULL ? bureau_invitation_answer_offer (call, row, error) : call->refusal != NULL;
}

BureauRequest *
bureau_join_new_look (BureauAuthority *authority, JsonObject *params)
{
    return bureau_request_new (authority, run_look, params);
}

/* ------------------------------------------------------------------ who joins */

/* Somebody new: a new person, or the placeholder that the invitation is for, with their tasks and
 * projects. */
static gboolean
add_person (BureauCall *call, const BureauInvitationRow *row, GError **error)
{
    BureauStore *store = call->authority->store;
    const char *name = bureau_json_get_string (call->params, "name");
    g_autofree char *session_id = bureau_id_new ();
    g_autofree char *user_id = row->member_id != NULL ? g_strdup (row->member_id)
                                                      : bureau_id_new ();

    call->actor = bureau_actor_new (user_id, session_id);
    return row->member_id != NULL ? bureau_store_claim_placeholder (store, user_id, name, error)
                                  : bureau_people_add (store, user_id, name, row->workspace_id,
                                                       row->role, FALSE, call->now, error);
}

/* Somebody whom the hub knows from another workspace. */
static gboolean
add_acquaintance (BureauCall *call, const BureauInvitationRow *row, GError **error)
{
    if (row->member_id != NULL) {
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                             "This invitation is for somebody who is new here. Ask for another.");
        return FALSE;
    }
    return bureau_store_add_member (call->authority->store, row->workspace_id, call->actor->user_id,
                                    row->role, call->now, error);
}

static gboolean
publish_membership (BureauCall *call, const char *workspace_id, const char *project_id,
                    GError **error)
{
    g_autofree char *room = project_id != NULL ? bureau_room ("project", project_id)
                                               : bureau_room ("workspace", workspace_id);
    JsonObject *member = bureau_store_get_member (call->authority->store, workspace_id,
                                                  call->actor->user_id, error);
    JsonObject *fields;

    if (member == NULL)
        return FALSE;
    fields = json_object_new ();
    json_object_set_object_member (fields, "member", member);
    bureau_json_set_string (fields, "role", bureau_json_get_string (member, "role"));
    if (project_id != NULL) {
        JsonObject *project = bureau_store_get_project (call->authority->store, project_id, error);

        if (project == NULL) {
            json_object_unref (fields);
            return FALSE;
        }
        json_object_set_object_member (fields, "project", project);
    }
    return bureau_call_publish (call, room, NULL, workspace_id, project_id,
                                BUREAU_EVENT_MEMBER_JOINED, fields, error);
}

/* The project the invitation names; without one, a member (not a guest) is let into all that are
 * open. (transfer full) */
static GStrv
list_projects (BureauCall *call, const BureauInvitationRow *row, GError **error)
{
    const char *named[] = { row->project_id, NULL };

    if (row->project_id == NULL && row->role >= BUREAU_ROLE_MEMBER)
        return bureau_store_list_projects (call->authority->store, row->workspace_id, error);
    return g_strdupv ((GStrv) named);
}

static gboolean
join_projects (BureauCall *call, const BureauInvitationRow *row, GError **error)
{
    BureauStore *store = call->authority->store;
    const char *user_id = call->actor->user_id;
    g_auto (GStrv) wanted = list_projects (call, row, error);
    g_auto (GStrv) own = wanted != NULL ? bureau_store_list_member_projects (
                                              store, row->workspace_id, user_id, error)
                                        : NULL;

    for (guint i = 0; own != NULL && wanted[i] != NULL; i++) {
        if (g_strv_contains ((const char *const *) own, wanted[i]))
            continue;
        if (!bureau_store_add_project_member (store, wanted[i], user_id, error) ||
            !publish_membership (call, row->workspace_id, wanted[i], error))
            return FALSE;
    }
    return own != NULL;
}

/* ------------------------------------------------------------------ joining */

static gboolean
use_invitation (BureauCall *call, BureauInvitationRow *row, GError **error)
{
    guint8 hash[32];

    bureau_secret_hash (bureau_json_get_string (call->params, "code"), hash);
    row->uses_left--;
    return bureau_store_use_invitation (call->authority->store, row->id, hash, error) &&
           bureau_invitation_publish (call, row, BUREAU_EVENT_INVITATION_USED,
                                      BUREAU_AUDIT_INVITATION_USED, error) &&
           bureau_call_audit (call, row->workspace_id, BUREAU_AUDIT_JOIN, call->actor->user_id,
                              NULL, error);
}

/* Into the workspace, and their live connections, if they have any, into its rooms. */
static gboolean
take_in (BureauCall *call, BureauInvitationRow *row, const char *const *rooms, GError **error)
{
    return use_invitation (call, row, error) &&
           publish_membership (call, row->workspace_id, NULL, error) &&
           join_projects (call, row, error) &&
           bureau_call_move (call, call->actor->user_id, rooms, "joined", error);
}

static gboolean
join_new (BureauCall *call, BureauInvitationRow *row, const char *password_hash, GError **error)
{
    static const char *const no_rooms[] = { NULL };
    const char *device = bureau_json_get_string (call->params, "device");

    if (!add_person (call, row, error))
        return FALSE;
    if (password_hash != NULL &&
        !bureau_store_set_password (call->authority->store, call->actor->user_id, password_hash,
                                    error))
        return FALSE;
    return take_in (call, row, no_rooms, error) &&
           bureau_call_start_session (call, call->actor->session_id, call->actor->user_id, device,
                                      error);
}

/* They stay signed in as they are. */
static gboolean
answer_acquaintance (BureauCall *call, const BureauInvitationRow *row, GError **error)
{
    BureauStore *store = call->authority->store;
    JsonObject *user = bureau_store_get_member (store, row->workspace_id, call->actor->user_id,
                                                error);
    JsonObject *workspace;

    if (user == NULL)
        return FALSE;
    json_object_set_object_member (call->answer, "user", user);
    workspace = bureau_store_get_workspace (store, row->workspace_id, error);
    if (workspace == NULL)
        return FALSE;
    bureau_json_set_string (workspace, "role", bureau_role_to_string (row->role));
    json_object_set_object_member (call->answer, "workspace", workspace);
    return TRUE;
}

static gboolean
join_acquaintance (BureauCall *call, BureauInvitationRow *row, GError **error)
{
    g_auto (GStrv) rooms = bureau_list_rooms (call->authority->store, call->actor->user_id, error);

    return rooms != NULL && add_acquaintance (call, row, error) &&
           take_in (call, row, (const char *const *) rooms, error) &&
           answer_acquaintance (call, row, error);
}

/* ------------------------------------------------------------------ with a password */

typedef struct {
    char *password; /* (owned) */
    char *hash;     /* (owned) (nullable) */
} NewPassword;

static void
new_password_free (gpointer data)
{
    NewPassword *new_password = data;

    bureau_password_free (new_password->password);
    g_free (new_password->hash);
    g_free (new_password);
}

static void
compute_hash (gpointer data)
{
    NewPassword *new_password = data;

    new_password->hash = bureau_password_hash (new_password->password);
}

static gboolean
finish_join (BureauCall *call, GError **error)
{
    NewPassword *new_password = call->work->data;
    g_autoptr (BureauInvitationRow) row = NULL;

    if (new_password->hash == NULL)
        return bureau_password_set_no_memory (error);
    /* Somebody else may have been faster. */
    row = find_invitation (call, error);
    return row != NULL ? join_new (call, row, new_password->hash, error) : call->refusal != NULL;
}

/* Takes @password. */
static gboolean
hash_first (BureauCall *call, const BureauInvitationRow *row, char *password, GError **error)
{
    g_autoptr (JsonObject) workspace = bureau_store_get_workspace (call->authority->store,
                                                                   row->workspace_id, error);
    const char *words[] = { workspace != NULL ? bureau_json_get_string (workspace, "name") : NULL,
                            bureau_json_get_string (call->params, "name"), NULL };
    NewPassword *new_password;

    if (workspace == NULL || !bureau_password_check (password, words, "password", error)) {
        bureau_password_free (password);
        return FALSE;
    }
    new_password = g_new0 (NewPassword, 1);
    new_password->password = password;
    bureau_call_compute (call, compute_hash, finish_join, new_password, new_password_free);
    return TRUE;
}

static gboolean
run_join (BureauCall *call, GError **error)
{
    g_autoptr (BureauInvitationRow) row = NULL;
    char *password = NULL;
    const char *text;

    if (call->actor == NULL && (!bureau_params_get_name (call->params, "name", &text, error) ||
                                !bureau_params_get_name (call->params, "device", &text, error)))
        return FALSE;
    if (call->actor != NULL && !bureau_call_check_actor (call, error))
        return FALSE;
    row = find_invitation (call, error);
    if (row == NULL)
        return call->refusal != NULL;
    if (call->actor != NULL)
        return join_acquaintance (call, row, error);

    if (!bureau_params_take_password (call->params, "password", &password, error))
        return FALSE;
    return password != NULL ? hash_first (call, row, password, error)
                            : join_new (call, row, NULL, error);
}

BureauRequest *
bureau_join_new (BureauAuthority *authority, JsonObject *params)
{
    json_object_remove_member (params, "opId");
    return bureau_request_new (authority, run_join, params);
}

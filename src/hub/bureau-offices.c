/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-offices.h"

#include "bureau-audit.h"
#include "bureau-authority.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-people.h"

#define FIRST_PROJECT "First project"

static gboolean
run_add (BureauCall *call, GError **error)
{
    BureauStore *store = call->authority->store;
    const char *workspace_id = bureau_json_get_string (call->params, "workspaceId");

    return bureau_store_add_workspace (store, workspace_id,
                                       bureau_json_get_string (call->params, "office"), call->now,
                                       error) &&
           bureau_people_add (store, call->actor->user_id,
                              bureau_json_get_string (call->params, "owner"), workspace_id,
                              BUREAU_ROLE_OWNER, TRUE, call->now, error) &&
           bureau_call_audit (call, workspace_id, BUREAU_AUDIT_OFFICE_CREATED, workspace_id, NULL,
                              error);
}

static void
keep_answer (BureauRequest *request)
{
    *(JsonObject **) request->door = bureau_json_parse_object (request->json, -1, NULL);
}

/* Takes @request. */
static void
queue (BureauAuthority *authority, BureauRequest *request, JsonObject **answer)
{
    request->door = answer;
    request->answered = keep_answer;
    bureau_authority_queue (authority, request);
}

static void
queue_command (BureauAuthority *authority, const char *owner_id, BureauCommandId id,
               JsonObject *params, JsonObject **answer)
{
    queue (authority,
           bureau_request_new_command (authority, bureau_command_get (id)->name, params,
                                       bureau_actor_new (owner_id, BUREAU_SCRIPT_SESSION)),
           answer);
}

/* FALSE with the error that it is the answer of. */
static gboolean
check_answer (JsonObject *answer, GError **error)
{
    JsonObject *refusal = bureau_json_get_object (answer, "error");

    if (bureau_json_get_boolean (answer, "ok", FALSE))
        return TRUE;
    g_set_error_literal (error, BUREAU_ERROR,
                         bureau_error_from_code (bureau_json_get_string (refusal, "code")),
                         bureau_json_get_string (refusal, "message"));
    return FALSE;
}

/* All in one turn, and so whole or not at all but for what is refused, which nothing here is. */
static JsonObject *
add (BureauAuthority *authority, JsonObject *params, GError **error)
{
    g_autofree char *owner_id = bureau_id_new ();
    const char *workspace_id = bureau_json_get_string (params, "workspaceId");
    BureauRequest *request = bureau_request_new (authority, run_add, json_object_ref (params));
    JsonObject *project = json_object_new ();
    JsonObject *invitation = json_object_new ();
    g_autoptr (JsonObject) added = NULL;
    g_autoptr (JsonObject) made = NULL;
    g_autoptr (JsonObject) invited = NULL;

    request->call.actor = bureau_actor_new (owner_id, BUREAU_SCRIPT_SESSION);
    queue (authority, request, &added);
    bureau_json_set_string (project, "workspaceId", workspace_id);
    bureau_json_set_string (project, "name", FIRST_PROJECT);
    queue_command (authority, owner_id, BUREAU_COMMAND_PROJECT_CREATE, project, &made);
    bureau_json_set_string (invitation, "workspaceId", workspace_id);
    bureau_json_set_string (invitation, "role", bureau_role_to_string (BUREAU_ROLE_OWNER));
    bureau_json_set_string (invitation, "memberId", owner_id);
    queue_command (authority, owner_id, BUREAU_COMMAND_MEMBER_INVITE, invitation, &invited);
    bureau_authority_run_turn (authority);

    if (!check_answer (added, error) || !check_answer (made, error) ||
        !check_answer (invited, error))
        return NULL;
    return g_steal_pointer (&invited);
}

JsonObject *
bureau_offices_add (const char *directory, const char *office_name, const char *owner_name,
                    GError **error)
{
    g_autoptr (BureauAuthority) authority = NULL;
    g_autoptr (JsonObject) params = json_object_new ();
    g_autofree char *workspace_id = bureau_id_new ();

    if (!bureau_name_check (office_name, error) || !bureau_name_check (owner_name, error))
        return NULL;
    authority = bureau_authority_open (directory, NULL, error);
    if (authority == NULL)
        return NULL;

    bureau_json_set_string (params, "workspaceId", workspace_id);
    bureau_json_set_string (params, "office", office_name);
    bureau_json_set_string (params, "owner", owner_name);
    return add (authority, params, error);
}

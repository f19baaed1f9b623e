/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include <sodium.h>

#include "bureau-authority.h"
#include "bureau-commands.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-invitation.h"
#include "bureau-json.h"
#include "bureau-store-invitations.h"

/* ------------------------------------------------------------------ invitations */

#define SECRET_BYTES  16 /* 22 characters of base64url */
#define CODE_LENGTH   8
#define DEFAULT_HOURS 24

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

static void
answer_invitation (BureauCall *call, const char *id, BureauRole role, gint64 uses,
                   gint64 expires_at, const char *secret, const char *code)
{
    JsonObject *invitation = json_object_new ();
    g_autofree char *expires = bureau_instant_to_string (expires_at);
    g_autofree char *link = bureau_authority_make_link (call->authority, secret);
    g_autofree char *typed = bureau_code_format (code);

    bureau_json_set_string (invitation, "id", id);
    bureau_json_set_string (invitation, "role", bureau_role_to_string (role));
    json_object_set_int_member (invitation, "uses", uses);
    bureau_json_set_string (invitation, "expiresAt", expires);
    bureau_json_set_string (invitation, "link", link);
    bureau_json_set_string (invitation, "code", typed);
    json_object_set_object_member (call->answer, "invitation", invitation);
}

/* The project to invite to, if one is named: it must be of the same workspace. */
static gboolean
check_project (BureauCall *call, const char *workspace_id, const char *project_id, GError **error)
{
    g_auto (BureauAccess) access = { 0 };

    if (project_id == NULL)
        return TRUE;
    if (!bureau_call_require_project (call, project_id, BUREAU_ROLE_MANAGER, &access, error))
        return FALSE;
    if (g_strcmp0 (access.workspace_id, workspace_id) == 0)
        return TRUE;
    bureau_error_set_invalid (error, "projectId", "This project is in another office.");
    return FALSE;
}

gboolean
bureau_handle_member_invite (BureauCall *call, GError **error)
{
    g_autofree char *workspace_id = bureau_call_require_workspace (call, BUREAU_ROLE_MANAGER,
                                                                   error);
    const char *word = bureau_json_get_string (call->params, "role");
    BureauRole role = word != NULL ? (BureauRole) bureau_role_from_string (word)
                                   : BUREAU_ROLE_MEMBER;
    const char *project_id = bureau_json_get_string (call->params, "projectId");
    gint64 uses = bureau_json_get_int (call->params, "uses", 1);
    gint64 hours = bureau_json_get_int (call->params, "hours", DEFAULT_HOURS);
    gint64 expires_at = call->now + hours * 3600 * 1000;
    g_autofree char *id = bureau_id_new ();
    g_autofree char *secret = bureau_secret_new (SECRET_BYTES);
    g_autofree char *code = make_code ();
    guint8 secret_hash[32], code_hash[32];
    BureauRole own;

    if (workspace_id == NULL)
        return FALSE;
    own = bureau_store_get_role (call->authority->store, workspace_id, call->actor->user_id, error);
    if (own == BUREAU_ROLE_NONE)
        return FALSE;
    if (role == BUREAU_ROLE_OWNER && own < BUREAU_ROLE_OWNER) {
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
                             "Only an owner makes owners.");
        return FALSE;
    }
    if (!check_project (call, workspace_id, project_id, error))
        return FALSE;

    bureau_secret_hash (secret, secret_hash);
    bureau_secret_hash (code, code_hash);
    if (!bureau_store_add_invitation (call->authority->store, id, workspace_id, role, project_id,
                                      secret_hash, code_hash, uses, expires_at,
                                      call->actor->user_id, call->now, error))
        return FALSE;

    answer_invitation (call, id, role, uses, expires_at, secret, code);
    return TRUE;
}

/* ------------------------------------------------------------------ oneself */

gboolean
bureau_handle_member_update_self (BureauCall *call, GError **error)
{
    BureauStore *store = call->authority->store;
    g_autoptr (JsonArray) workspaces = NULL;

    if (!bureau_store_update_user (store, call->actor->user_id,
                                   bureau_json_get_string (call->params, "name"),
                                   bureau_json_get_string (call->params, "color"), error))
        return FALSE;
    workspaces = bureau_store_list_workspaces (store, call->actor->user_id, error);
    if (workspaces == NULL)
        return FALSE;

    for (guint i = 0; i < json_array_get_length (workspaces); i++) {
        const char *id = bureau_json_get_string (json_array_get_object_element (workspaces, i),
                                                 "id");
        g_autofree char *room = bureau_room ("workspace", id);
        g_autoptr (JsonObject) member = bureau_store_get_member (store, id, call->actor->user_id,
                                                                 error);
        JsonObject *fields;

        if (member == NULL)
            return FALSE;
        fields = json_object_new ();
        json_object_set_object_member (fields, "member", json_object_ref (member));
        if (i == 0)
            json_object_set_object_member (call->answer, "member", json_object_ref (member));
        if (!bureau_call_publish (call, room, NULL, id, NULL, BUREAU_EVENT_MEMBER_UPDATED, fields,
                                  error))
            return FALSE;
    }
    return TRUE;
}

/* ------------------------------------------------------------------ the office */

static gboolean
add_projects (BureauCall *call, JsonArray *projects, GError **error)
{
    BureauStore *store = call->authority->store;
    g_auto (GStrv) ids = bureau_store_list_visible_projects (store, call->actor->user_id, error);

    for (guint i = 0; ids != NULL && ids[i] != NULL; i++) {
        JsonObject *project = bureau_store_get_project (store, ids[i], error);

        if (project == NULL)
            return FALSE;
        json_array_add_object_element (projects, project);
    }
    return ids != NULL;
}

static gboolean
add_members (BureauCall *call, JsonArray *workspaces, JsonArray *members, GError **error)
{
    for (guint i = 0; i < json_array_get_length (workspaces); i++) {
        const char *id = bureau_json_get_string (json_array_get_object_element (workspaces, i),
                                                 "id");
        g_autoptr (JsonArray) some = bureau_store_list_members (call->authority->store, id, error);

        if (some == NULL)
            return FALSE;
        for (guint j = 0; j < json_array_get_length (some); j++)
            json_array_add_object_element (
                members, json_object_ref (json_array_get_object_element (some, j)));
    }
    return TRUE;
}

/* Task types and systems are not kept yet; their lists are there, and empty, because clients of the
 * family read them. */
gboolean
bureau_handle_office_describe (BureauCall *call, GError **error)
{
    BureauStore *store = call->authority->store;
    JsonObject *user = bureau_store_get_member (store, NULL, call->actor->user_id, error);
    JsonArray *workspaces;
    JsonArray *projects;
    JsonArray *members;

    if (user == NULL)
        return FALSE;
    json_object_set_object_member (call->answer, "user", user);
    workspaces = bureau_store_list_workspaces (store, call->actor->user_id, error);
    if (workspaces == NULL)
        return FALSE;
    json_object_set_array_member (call->answer, "workspaces", workspaces);
    projects = json_array_new ();
    json_object_set_array_member (call->answer, "projects", projects);
    members = json_array_new ();
    json_object_set_array_member (call->answer, "members", members);
    json_object_set_array_member (call->answer, "taskTypes", json_array_new ());
    json_object_set_array_member (call->answer, "systems", json_array_new ());
    return add_projects (call, projects, error) && add_members (call, workspaces, members, error);
}

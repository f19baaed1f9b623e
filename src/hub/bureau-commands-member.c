/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-authority.h"
#include "bureau-commands.h"
#include "bureau-json.h"

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

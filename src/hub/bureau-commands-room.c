/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-authority.h"
#include "bureau-commands.h"
#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-live.h"

static gboolean
set_forbidden (GError **error)
{
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
                         "You are not in this room, or it does not exist.");
    return FALSE;
}

/* The room that the params name, if the actor may be in it. A refusal is the same whether the room
 * is somebody else's or nowhere (rules.md, Rooms). @project_id: of a task's room. (out) (transfer
 * full) (nullable) */
static char *
find_room (BureauCall *call, char **project_id, GError **error)
{
    BureauStore *store = call->authority->store;
    const char *user_id = call->actor->user_id;
    const char *workspace = bureau_json_get_string (call->params, "workspaceId");
    const char *project = bureau_json_get_string (call->params, "projectId");
    const char *task = bureau_json_get_string (call->params, "taskId");
    g_autoptr (JsonObject) object = NULL;
    g_auto (BureauAccess) access = { 0 };

    *project_id = NULL;
    if (task != NULL) {
        object = bureau_store_get_task (store, task, FALSE, error);
        if (object != NULL &&
            bureau_store_get_access (store, bureau_json_get_string (object, "projectId"), user_id,
                                     &access, error) &&
            access.workspace_id != NULL) {
            *project_id = g_strdup (bureau_json_get_string (object, "projectId"));
            return bureau_room ("task", task);
        }
    } else if (project != NULL) {
        if (bureau_store_get_access (store, project, user_id, &access, error) &&
            access.workspace_id != NULL)
            return bureau_room ("project", project);
    } else if (workspace != NULL) {
        if (bureau_store_get_role (store, workspace, user_id, error) != BUREAU_ROLE_NONE)
            return bureau_room ("workspace", workspace);
    } else {
        bureau_error_set_invalid (error, "projectId", "Name a workspace, a project or a task.");
        return NULL;
    }

    if (error != NULL && *error == NULL)
        set_forbidden (error);
    return NULL;
}

gboolean
bureau_handle_room_join (BureauCall *call, GError **error)
{
    g_autofree char *project_id = NULL;
    g_autofree char *room = find_room (call, &project_id, error);
    gint64 head;

    if (room == NULL)
        return FALSE;
    bureau_server_join (call->authority->server, call->connection, room);
    bureau_json_set_string (call->answer, "room", room);
    if (project_id != NULL)
        return TRUE;

    head = bureau_store_get_head (call->authority->store, room, error);
    if (head < 0)
        return FALSE;
    json_object_set_int_member (call->answer, "seq", head);
    return TRUE;
}

gboolean
bureau_handle_room_leave (BureauCall *call, GError **error)
{
    g_autofree char *project_id = NULL;
    g_autofree char *room = find_room (call, &project_id, error);

    if (room == NULL)
        return FALSE;
    bureau_server_leave (call->authority->server, call->connection, room);
    bureau_json_set_string (call->answer, "room", room);
    return TRUE;
}

gboolean
bureau_handle_presence_update (BureauCall *call, GError **error)
{
    BureauLive *live = bureau_connection_get_data (call->connection);

    live->presence = bureau_presence_from_string (bureau_json_get_string (call->params, "status"));
    bureau_presence_review (call->authority->live, live->actor->user_id);
    return TRUE;
}

gboolean
bureau_handle_presence_viewing (BureauCall *call, GError **error)
{
    BureauLive *live = bureau_connection_get_data (call->connection);
    const char *task_id = bureau_json_get_string (call->params, "taskId");
    g_auto (BureauAccess) access = { 0 };
    g_autoptr (JsonObject) task = NULL;

    if (task_id != NULL) {
        task = bureau_call_require_task (call, task_id, FALSE, BUREAU_ROLE_GUEST, &access, error);
        if (task == NULL)
            return FALSE;
    }
    bureau_presence_view (call->authority->live, live, task_id,
                          task != NULL ? bureau_json_get_string (task, "projectId") : NULL);
    return TRUE;
}

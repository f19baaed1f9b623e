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

/* The room that the params name, whether or not there is one. (transfer full) */
static char *
name_room (BureauCall *call, GError **error)
{
    static const struct {
        const char *member, *kind;
    } kinds[] = { { "taskId", "task" },
                  { "projectId", "project" },
                  { "workspaceId", "workspace" } };

    for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
        const char *id = bureau_json_get_string (call->params, kinds[i].member);

        if (id != NULL)
            return bureau_room (kinds[i].kind, id);
    }
    bureau_error_set_invalid (error, "projectId", "Name a workspace, a project or a task.");
    return NULL;
}

/* TRUE if the actor may be in the room of the task. @project_id: as below. */
static gboolean
is_task_allowed (BureauCall *call, const char *task_id, char **project_id, GError **error)
{
    BureauStore *store = call->authority->store;
    g_autoptr (JsonObject) task = NULL;
    g_auto (BureauAccess) access = { 0 };

    if (!bureau_store_get_task_access (store, task_id, call->actor->user_id, &access, error) ||
        access.workspace_id == NULL)
        return FALSE;
    task = bureau_store_get_task (store, task_id, FALSE, error);
    *project_id = g_strdup (bureau_json_get_string (task, "projectId"));
    return task != NULL;
}

/* TRUE if the actor may be in the room that the params name. @project_id: of a task's room. (out)
 * (transfer full) (nullable) */
static gboolean
is_allowed (BureauCall *call, char **project_id, GError **error)
{
    BureauStore *store = call->authority->store;
    const char *user_id = call->actor->user_id;
    const char *project = bureau_json_get_string (call->params, "projectId");
    const char *task = bureau_json_get_string (call->params, "taskId");
    g_auto (BureauAccess) access = { 0 };

    if (task != NULL)
        return is_task_allowed (call, task, project_id, error);
    if (project != NULL)
        return bureau_store_get_access (store, project, user_id, &access, error) &&
               access.workspace_id != NULL;
    return bureau_store_get_role (store, bureau_json_get_string (call->params, "workspaceId"),
                                  user_id, error) != BUREAU_ROLE_NONE;
}

/* The room that the params name, if the actor may be in it. A refusal is the same whether the room
 * is somebody else's or nowhere (rules.md, Rooms). @project_id: as above. */
static char *
find_room (BureauCall *call, char **project_id, GError **error)
{
    g_autofree char *room = name_room (call, error);
    g_autoptr (GError) local_error = NULL;

    if (room == NULL || is_allowed (call, project_id, &local_error))
        return g_steal_pointer (&room);
    if (local_error != NULL)
        g_propagate_error (error, g_steal_pointer (&local_error));
    else
        set_forbidden (error);
    return NULL;
}

gboolean
bureau_handle_room_join (BureauCall *call, GError **error)
{
    BureauLive *live = bureau_connection_get_data (call->connection);
    g_autofree char *project_id = NULL;
    g_autofree char *room = find_room (call, &project_id, error);
    gint64 head;

    if (room == NULL)
        return FALSE;
    bureau_json_set_string (call->answer, "room", room);
    if (project_id != NULL) {
        if (bureau_live_enter_task (call->authority->live, live,
                                    bureau_json_get_string (call->params, "taskId"), project_id))
            return TRUE;
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                             "This connection is in too many tasks' rooms. Leave some first.");
        return FALSE;
    }

    head = bureau_store_get_head (call->authority->store, room, error);
    if (head < 0)
        return FALSE;
    bureau_server_join (call->authority->server, call->connection, room);
    json_object_set_int_member (call->answer, "seq", head);
    return TRUE;
}

gboolean
bureau_handle_room_leave (BureauCall *call, GError **error)
{
    BureauServer *server = call->authority->server;
    BureauLive *live = bureau_connection_get_data (call->connection);
    const char *task_id = bureau_json_get_string (call->params, "taskId");
    g_autofree char *room = name_room (call, error);

    if (room == NULL)
        return FALSE;
    if (task_id != NULL ? !bureau_live_exit_task (call->authority->live, live, task_id)
                        : !bureau_server_is_member (server, call->connection, room))
        return set_forbidden (error);
    if (task_id == NULL)
        bureau_server_leave (server, call->connection, room);
    bureau_json_set_string (call->answer, "room", room);
    return TRUE;
}

gboolean
bureau_handle_presence_update (BureauCall *call, GError **error)
{
    BureauLive *live = bureau_connection_get_data (call->connection);

    bureau_presence_say (
        call->authority->live, live,
        bureau_presence_from_string (bureau_json_get_string (call->params, "status")));
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

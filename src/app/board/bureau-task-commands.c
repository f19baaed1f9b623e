/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "board/bureau-task-commands.h"

#include "bureau-json.h"

/* What people type is checked by the fields already, so a refusal here is a defect of the window.
 */
static char *
give (BureauClient *client, BureauCommandId command, JsonObject *params)
{
    g_autoptr (GError) error = NULL;
    char *id = bureau_client_give (client, command, params, &error);

    if (error != NULL)
        g_warning ("%s: %s", bureau_command_get (command)->name, error->message);
    return id;
}

/* (transfer full) */
static JsonObject *
change_of (BureauTask *task, gint64 base)
{
    JsonObject *params = json_object_new ();

    json_object_set_string_member (params, "id", bureau_task_get_id (task));
    /* 0 until the hub has seen the task: then nobody else can have changed it. */
    if (base > 0)
        json_object_set_int_member (params, "base", base);
    return params;
}

static void
give_update (BureauClient *client, JsonObject *params)
{
    g_free (give (client, BUREAU_COMMAND_TASK_UPDATE, params));
}

static JsonArray *
array_of (const char *const *strings)
{
    JsonArray *array = json_array_new ();

    for (; strings != NULL && *strings != NULL; strings++)
        json_array_add_string_element (array, *strings);
    return array;
}

gboolean
bureau_task_may_change (BureauClient *client, BureauTask *task)
{
    BureauRole role = bureau_client_get_role (client);

    if (role != BUREAU_ROLE_GUEST)
        return bureau_command_is_offered (BUREAU_COMMAND_TASK_UPDATE, role);
    return bureau_task_get_status (task) == BUREAU_STATUS_REQUESTED &&
           g_strcmp0 (bureau_task_get_created_by (task),
                      bureau_client_get_account (client)->user_id) == 0;
}

gboolean
bureau_task_may_move (BureauClient *client, BureauTask *task, BureauStatus status)
{
    BureauRole role = bureau_client_get_role (client);
    BureauStatus from = bureau_task_get_status (task);

    if (!bureau_command_is_offered (BUREAU_COMMAND_TASK_MOVE, role))
        return FALSE;
    return from == status || role >= BUREAU_ROLE_MANAGER ||
           (from != BUREAU_STATUS_REQUESTED && from != BUREAU_STATUS_DECLINED &&
            status != BUREAU_STATUS_DECLINED);
}

gboolean
bureau_task_may_add (BureauClient *client, BureauStatus status)
{
    BureauRole role = bureau_client_get_role (client);

    if (!bureau_command_is_offered (BUREAU_COMMAND_TASK_CREATE, role))
        return FALSE;
    if (role == BUREAU_ROLE_GUEST)
        return status == BUREAU_STATUS_REQUESTED;
    return status != BUREAU_STATUS_REQUESTED && status != BUREAU_STATUS_DECLINED;
}

gboolean
bureau_task_may_time (BureauClient *client)
{
    return bureau_command_is_offered (BUREAU_COMMAND_TIMER_START, bureau_client_get_role (client));
}

void
bureau_task_give_move (BureauClient *client, BureauTask *task, BureauStatus status,
                       BureauTask *after)
{
    JsonObject *params;

    if (after == task || !bureau_task_may_move (client, task, status))
        return;
    params = json_object_new ();
    json_object_set_string_member (params, "id", bureau_task_get_id (task));
    json_object_set_string_member (params, "status", bureau_status_to_string (status));
    bureau_json_set_string (params, "after", after != NULL ? bureau_task_get_id (after) : NULL);
    g_free (give (client, BUREAU_COMMAND_TASK_MOVE, params));
}

void
bureau_task_give_title (BureauClient *client, BureauTask *task, gint64 base, const char *title)
{
    JsonObject *params;

    if (g_strcmp0 (title, bureau_task_get_title (task)) == 0)
        return;
    params = change_of (task, base);
    json_object_set_string_member (params, "title", title);
    give_update (client, params);
}

void
bureau_task_give_description (BureauClient *client, BureauTask *task, gint64 base,
                              const char *description)
{
    JsonObject *params;

    if (g_strcmp0 (description, bureau_task_get_description (task)) == 0)
        return;
    params = change_of (task, base);
    json_object_set_string_member (params, "description", description);
    give_update (client, params);
}

void
bureau_task_give_due (BureauClient *client, BureauTask *task, const char *due)
{
    JsonObject *params;

    if (g_strcmp0 (due, bureau_task_get_due_at (task)) == 0)
        return;
    params = change_of (task, bureau_task_get_version (task));
    bureau_json_set_string (params, "dueAt", due);
    give_update (client, params);
}

void
bureau_task_give_priority (BureauClient *client, BureauTask *task, guint priority)
{
    JsonObject *params;

    if (priority == bureau_task_get_priority (task))
        return;
    params = change_of (task, bureau_task_get_version (task));
    json_object_set_int_member (params, "priority", priority);
    give_update (client, params);
}

void
bureau_task_give_assignees (BureauClient *client, BureauTask *task, const char *const *user_ids)
{
    JsonObject *params;

    if (g_strv_equal (user_ids, bureau_task_get_assignee_ids (task)))
        return;
    params = change_of (task, bureau_task_get_version (task));
    json_object_set_array_member (params, "assigneeIds", array_of (user_ids));
    give_update (client, params);
}

void
bureau_task_give_done (BureauClient *client, BureauTask *task)
{
    gboolean done = bureau_task_get_status (task) == BUREAU_STATUS_DONE;

    bureau_task_give_move (client, task, done ? BUREAU_STATUS_TODO : BUREAU_STATUS_DONE, NULL);
}

char *
bureau_task_give_new (BureauClient *client, BureauProject *project, const char *title,
                      BureauStatus status, const char *due, const char *const *user_ids)
{
    JsonObject *params = json_object_new ();

    if (bureau_client_get_role (client) == BUREAU_ROLE_GUEST)
        status = BUREAU_STATUS_REQUESTED;
    json_object_set_string_member (params, "projectId", bureau_project_get_id (project));
    json_object_set_string_member (params, "title", title);
    json_object_set_string_member (params, "status", bureau_status_to_string (status));
    bureau_json_set_optional (params, "dueAt", due);
    if (user_ids != NULL && *user_ids != NULL)
        json_object_set_array_member (params, "assigneeIds", array_of (user_ids));
    return give (client, BUREAU_COMMAND_TASK_CREATE, params);
}

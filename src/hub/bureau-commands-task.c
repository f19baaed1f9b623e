/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "bureau-audit.h"
#include "bureau-authority.h"
#include "bureau-commands.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-merge.h"
#include "bureau-position.h"

/* Publishes the task as it now stands in the store, and puts it into the answer. */
static gboolean
publish_task (BureauCall *call, const char *id, const char *workspace_id, const char *event,
              JsonObject *fields, GError **error)
{
    g_autoptr (JsonObject) own = fields;
    g_autoptr (JsonObject) task = bureau_store_get_task (call->authority->store, id, FALSE, error);
    const char *project_id;
    g_autofree char *room = NULL;
    g_autofree char *task_room = bureau_room ("task", id);

    if (task == NULL)
        return FALSE;

    project_id = bureau_json_get_string (task, "projectId");
    room = bureau_room ("project", project_id);
    json_object_set_object_member (own, "task", json_object_ref (task));
    json_object_set_object_member (call->answer, "task", json_object_ref (task));
    return bureau_call_publish (call, room, task_room, workspace_id, project_id, event,
                                g_steal_pointer (&own), error);
}

/* Who is assigned to @task already, whether or not they are still here. */
static GStrv
list_assignees (JsonObject *task)
{
    JsonArray *assignees = bureau_json_get_array (task, "assignees");
    g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

    for (guint i = 0; assignees != NULL && i < json_array_get_length (assignees); i++) {
        JsonObject *assignee = json_array_get_object_element (assignees, i);

        g_strv_builder_add (builder, bureau_json_get_string (assignee, "userId"));
    }
    return g_strv_builder_end (builder);
}

/* @before (nullable): the task as it was. */
static gboolean
set_assignees (BureauCall *call, const char *task_id, JsonObject *before, const char *workspace_id,
               GError **error)
{
    g_auto (GStrv) ids = bureau_call_get_ids (call, "assigneeIds");
    g_auto (GStrv) known = list_assignees (before);

    if (ids == NULL)
        return TRUE;
    return bureau_call_require_members (call, workspace_id, (const char *const *) ids,
                                        (const char *const *) known, "assigneeIds", error) &&
           bureau_store_set_assignees (call->authority->store, task_id, (const char *const *) ids,
                                       call->now, error);
}

/* Where a task stands that goes to the params' `after`: null for the first place, absent for the
 * last. (transfer full) */
static char *
find_position (BureauCall *call, const char *project_id, BureauStatus status, const char *moved_id,
               GError **error)
{
    const char *after_id = bureau_json_get_string (call->params, "after");
    gboolean last = !json_object_has_member (call->params, "after");
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    g_autoptr (GError) local_error = NULL;
    gboolean found = bureau_store_find_place (call->authority->store, project_id, status, after_id,
                                              last, moved_id, &before, &after, &local_error);

    /* The neighbour may just have been moved or deleted by somebody else: then the last place is
     * the honest one. */
    if (!found && local_error == NULL)
        found = bureau_store_find_place (call->authority->store, project_id, status, NULL, TRUE,
                                         moved_id, &before, &after, &local_error);
    if (!found) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
    }
    return bureau_position_between (before, after);
}

static BureauStatus
get_status (JsonObject *object, BureauStatus fallback)
{
    int status = bureau_status_from_string (bureau_json_get_string (object, "status"));

    return status >= 0 ? (BureauStatus) status : fallback;
}

/* Guests create requests only, and change their own while those are still requested. */
static gboolean
check_guest (BureauCall *call, BureauAccess *access, JsonObject *task, GError **error)
{
    if (access->role >= BUREAU_ROLE_MEMBER ||
        (g_strcmp0 (bureau_json_get_string (task, "createdBy"), call->actor->user_id) == 0 &&
         get_status (task, BUREAU_STATUS_TODO) == BUREAU_STATUS_REQUESTED &&
         get_status (call->params, BUREAU_STATUS_REQUESTED) == BUREAU_STATUS_REQUESTED))
        return TRUE;

    g_set_error_literal (
        error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
        "As a guest you can change your own requests, as long as nobody has accepted them.");
    return FALSE;
}

/* Members move freely among todo, in_progress, review and done; out of `requested` a task is taken
 * by managers. */
static gboolean
check_status (BureauAccess *access, JsonObject *task, JsonObject *params, GError **error)
{
    BureauStatus from = get_status (task, BUREAU_STATUS_TODO);
    BureauStatus to = get_status (params, from);

    if (from == to || access->role >= BUREAU_ROLE_MANAGER ||
        (from != BUREAU_STATUS_REQUESTED && from != BUREAU_STATUS_DECLINED &&
         to != BUREAU_STATUS_DECLINED))
        return TRUE;

    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
                         "Only a manager accepts or declines a request.");
    return FALSE;
}

/* ------------------------------------------------------------------ create */

/* A create with an id that is there is answered with what the first one made, if it was this
 * person's and in this project; else it is a conflict. */
static gboolean
answer_existing (BureauCall *call, const char *id, const char *project_id, GError **error)
{
    g_autoptr (JsonObject) task = bureau_store_get_task (call->authority->store, id, FALSE, error);

    if (task != NULL &&
        g_strcmp0 (bureau_json_get_string (task, "createdBy"), call->actor->user_id) == 0 &&
        g_strcmp0 (bureau_json_get_string (task, "projectId"), project_id) == 0 &&
        g_strcmp0 (bureau_json_get_string (task, "title"),
                   bureau_json_get_string (call->params, "title")) == 0) {
        json_object_set_object_member (call->answer, "task", g_steal_pointer (&task));
        return TRUE;
    }
    if (error != NULL && *error == NULL)
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                             "This id is taken. Use a new one.");
    return FALSE;
}

static void
set_defaults (JsonObject *params, BureauRole role)
{
    const char *kind = bureau_json_get_string (params, "kind");
    gboolean request = role < BUREAU_ROLE_MEMBER || g_strcmp0 (kind, "request") == 0;

    bureau_json_set_string (params, "kind", request ? "request" : "task");
    if (role < BUREAU_ROLE_MEMBER || !json_object_has_member (params, "status"))
        bureau_json_set_string (params, "status", request ? "requested" : "todo");
}

gboolean
bureau_handle_task_create (BureauCall *call, GError **error)
{
    BureauStore *store = call->authority->store;
    g_autofree char *project_id = g_strdup (bureau_json_get_string (call->params, "projectId"));
    g_autofree char *id = g_strdup (bureau_json_get_string (call->params, "id"));
    g_autofree char *position = NULL;
    g_auto (BureauAccess) access = { 0 };
    g_autoptr (GError) local_error = NULL;

    if (!bureau_call_require_project (call, project_id, BUREAU_ROLE_GUEST, &access, error))
        return FALSE;

    if (id != NULL) {
        gboolean taken = bureau_store_has_task (store, id, &local_error);

        if (local_error != NULL) {
            g_propagate_error (error, g_steal_pointer (&local_error));
            return FALSE;
        }
        if (taken)
            return answer_existing (call, id, project_id, error);
    } else {
        id = bureau_id_new ();
        bureau_json_set_string (call->params, "id", id);
    }

    set_defaults (call->params, access.role);
    position = find_position (call, project_id, get_status (call->params, BUREAU_STATUS_TODO), NULL,
                              error);
    if (position == NULL)
        return FALSE;
    bureau_json_set_string (call->params, "position", position);

    return bureau_store_add_task (store, call->params, call->actor->user_id, call->now, error) &&
           set_assignees (call, id, NULL, access.workspace_id, error) &&
           publish_task (call, id, access.workspace_id, BUREAU_EVENT_TASK_CREATED,
                         json_object_new (), error);
}

/* ------------------------------------------------------------------ change */

static gboolean
same_member (JsonObject *a, JsonObject *b, const char *name)
{
    JsonNode *x = json_object_get_member (a, name);
    JsonNode *y = json_object_get_member (b, name);

    return x != NULL && y != NULL && json_node_equal (x, y);
}

/* Names of the fields that are not as they were. */
static JsonArray *
list_changed (JsonObject *before, JsonObject *after)
{
    static const char *const fields[] = { "title",    "description", "status",   "position",
                                          "priority", "dueAt",       "assignees" };
    JsonArray *changed = json_array_new ();

    for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
        if (!same_member (before, after, fields[i]))
            json_array_add_string_element (changed, fields[i]);
    }
    return changed;
}

/* What others have lost by it is told to whoever gave the command, and to them. */
static void
tell_conflicts (BureauCall *call, JsonObject *fields, JsonArray *conflicts)
{
    if (conflicts == NULL || json_array_get_length (conflicts) == 0)
        return;
    json_object_set_array_member (fields, "conflicts", json_array_ref (conflicts));
    json_object_set_array_member (call->answer, "conflicts", json_array_ref (conflicts));
}

/* @given: the params as they came; @conflicts (nullable). */
static gboolean
change_task (BureauCall *call, JsonObject *task, JsonObject *given, JsonArray *conflicts,
             BureauAccess *access, const char *event, GError **error)
{
    BureauStore *store = call->authority->store;
    const char *id = bureau_json_get_string (task, "id");
    g_autoptr (JsonObject) fields = json_object_new ();
    g_autoptr (JsonObject) after = NULL;

    if (!bureau_store_update_task (store, id, call->params, call->now, error) ||
        !set_assignees (call, id, task, access->workspace_id, error))
        return FALSE;
    after = bureau_store_get_task (store, id, FALSE, error);
    if (after == NULL || !bureau_merge_keep_changes (call, task, after, given, error))
        return FALSE;

    json_object_set_array_member (fields, "changed", list_changed (task, after));
    tell_conflicts (call, fields, conflicts);
    return publish_task (call, id, access->workspace_id, event, g_steal_pointer (&fields), error);
}

/* A change of status without a place goes to the end of its new column. */
static gboolean
set_place (BureauCall *call, JsonObject *task, GError **error)
{
    BureauStatus status = get_status (call->params, get_status (task, BUREAU_STATUS_TODO));
    g_autofree char *position = find_position (call, bureau_json_get_string (task, "projectId"),
                                               status, bureau_json_get_string (task, "id"), error);

    if (position == NULL)
        return FALSE;
    bureau_json_set_string (call->params, "position", position);
    return TRUE;
}

gboolean
bureau_handle_task_update (BureauCall *call, GError **error)
{
    g_auto (BureauAccess) access = { 0 };
    g_autoptr (JsonObject) given = bureau_json_copy (call->params);
    g_autoptr (JsonArray) conflicts = NULL;
    g_autoptr (JsonObject) task = bureau_call_require_task (
        call, bureau_json_get_string (call->params, "id"), FALSE, BUREAU_ROLE_GUEST, &access,
        error);

    if (task == NULL || !check_guest (call, &access, task, error))
        return FALSE;
    conflicts = bureau_merge_task (call, task, error);
    if (conflicts == NULL || !check_status (&access, task, call->params, error))
        return FALSE;
    if (json_object_has_member (call->params, "status") &&
        !same_member (task, call->params, "status") && !set_place (call, task, error))
        return FALSE;
    return change_task (call, task, given, conflicts, &access, BUREAU_EVENT_TASK_UPDATED, error);
}

gboolean
bureau_handle_task_move (BureauCall *call, GError **error)
{
    g_auto (BureauAccess) access = { 0 };
    g_autoptr (JsonObject) task = bureau_call_require_task (
        call, bureau_json_get_string (call->params, "id"), FALSE, BUREAU_ROLE_MEMBER, &access,
        error);

    if (task == NULL || !check_status (&access, task, call->params, error) ||
        !set_place (call, task, error))
        return FALSE;
    return change_task (call, task, call->params, NULL, &access, BUREAU_EVENT_TASK_MOVED, error);
}

/* ------------------------------------------------------------------ delete */

gboolean
bureau_handle_task_delete (BureauCall *call, GError **error)
{
    g_auto (BureauAccess) access = { 0 };
    g_autoptr (JsonObject) task = bureau_call_require_task (
        call, bureau_json_get_string (call->params, "id"), FALSE, BUREAU_ROLE_GUEST, &access,
        error);
    JsonObject *fields;
    const char *id, *project_id;
    g_autofree char *room = NULL;
    g_autofree char *task_room = NULL;

    if (task == NULL || !check_guest (call, &access, task, error))
        return FALSE;

    id = bureau_json_get_string (task, "id");
    project_id = bureau_json_get_string (task, "projectId");
    if (!bureau_store_set_task_deleted (call->authority->store, id, TRUE, call->now, error) ||
        !bureau_call_audit (call, access.workspace_id, BUREAU_AUDIT_TASK_DELETED, id, NULL, error))
        return FALSE;

    room = bureau_room ("project", project_id);
    task_room = bureau_room ("task", id);
    fields = json_object_new ();
    bureau_json_set_string (fields, "taskId", id);
    json_object_set_object_member (fields, "task", json_object_ref (task));
    bureau_json_set_string (call->answer, "taskId", id);
    return bureau_call_publish (call, room, task_room, access.workspace_id, project_id,
                                BUREAU_EVENT_TASK_DELETED, fields, error);
}

gboolean
bureau_handle_task_undo_delete (BureauCall *call, GError **error)
{
    const gint64 keep = 30 * G_TIME_SPAN_DAY / 1000;
    g_auto (BureauAccess) access = { 0 };
    g_autoptr (JsonObject) task = bureau_call_require_task (
        call, bureau_json_get_string (call->params, "id"), TRUE, BUREAU_ROLE_GUEST, &access, error);
    JsonObject *fields;
    const char *id;

    if (task == NULL || !check_guest (call, &access, task, error))
        return FALSE;
    if (bureau_instant_from_string (bureau_json_get_string (task, "updatedAt")) <
        call->now - keep) {
        g_set_error_literal (
            error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
            "This task was deleted more than 30 days ago and can't be brought back.");
        return FALSE;
    }

    id = bureau_json_get_string (task, "id");
    if (!bureau_store_set_task_deleted (call->authority->store, id, FALSE, call->now, error) ||
        !bureau_call_audit (call, access.workspace_id, BUREAU_AUDIT_TASK_RESTORED, id, NULL, error))
        return FALSE;
    fields = json_object_new ();
    json_object_set_boolean_member (fields, "restored", TRUE);
    return publish_task (call, id, access.workspace_id, BUREAU_EVENT_TASK_CREATED, fields, error);
}

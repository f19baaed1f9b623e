/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-overlay.h"

#include "bureau-instant.h"
#include "bureau-json.h"

/* Sets members of @state to the values @params has for them. */
static void
take_members (JsonObject *state, JsonObject *params, const char *const *names)
{
    for (; *names; names++) {
        if (json_object_has_member (params, *names))
            json_object_set_member (state, *names, json_object_dup_member (params, *names));
    }
}

static void
set_instant (JsonObject *state, const char *name, gint64 instant)
{
    g_autofree char *text = bureau_instant_to_string (instant);

    bureau_json_set_string (state, name, text);
}

/* ------------------------------------------------------------------ tasks */

static void
set_assignees (JsonObject *task, JsonArray *ids)
{
    g_autoptr (JsonArray) assignees = json_array_new ();

    for (guint i = 0; ids && i < json_array_get_length (ids); i++) {
        JsonNode *node = json_array_get_element (ids, i);
        const char *id = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
        JsonObject *assignee;

        if (!id)
            continue;
        assignee = json_object_new ();
        bureau_json_set_string (assignee, "userId", id);
        bureau_json_set_string (assignee, "state", "sent");
        json_array_add_object_element (assignees, assignee);
    }
    json_object_set_array_member (task, "assignees", g_steal_pointer (&assignees));
}

static BureauStatus
get_status (JsonObject *json)
{
    int status = bureau_status_from_string (bureau_json_get_string (json, "status"));

    return status < 0 ? BUREAU_STATUS_TODO : (BureauStatus) status;
}

static void
set_status (const BureauOverlay *overlay, const BureauOutboxEntry *entry, JsonObject *task,
            BureauStatus status)
{
    gboolean was_done = get_status (task) == BUREAU_STATUS_DONE;

    bureau_json_set_string (task, "status", bureau_status_to_string (status));
    if (status != BUREAU_STATUS_DONE)
        json_object_set_null_member (task, "completedAt");
    else if (!was_done)
        set_instant (task, "completedAt", entry->given_at);
}

static void
set_place (const BureauOverlay *overlay, const BureauOutboxEntry *entry, JsonObject *task)
{
    const char *after = bureau_json_get_string (entry->params, "after");
    g_autofree char *position = overlay->place (
        overlay->data, bureau_json_get_string (task, "projectId"), get_status (task), after,
        bureau_json_is_null (entry->params, "after"), entry->target);

    bureau_json_set_string (task, "position", position);
}

static JsonObject *
create_task (const BureauOverlay *overlay, const BureauOutboxEntry *entry)
{
    static const char *const PLAIN[] = { "id",       "projectId", "title", "description",
                                         "priority", "dueAt",     "kind",  NULL };
    static const char *const ABSENT[] = { "key", "dueAt", "completedAt", "systemName", NULL };
    JsonObject *task = json_object_new ();

    for (guint i = 0; ABSENT[i]; i++)
        json_object_set_null_member (task, ABSENT[i]);
    bureau_json_set_string (task, "description", "");
    json_object_set_int_member (task, "priority", 4);
    bureau_json_set_string (task, "kind", "task");
    take_members (task, entry->params, PLAIN);
    set_status (overlay, entry, task, get_status (entry->params));
    set_place (overlay, entry, task);
    set_assignees (task, bureau_json_get_array (entry->params, "assigneeIds"));
    set_instant (task, "createdAt", entry->given_at);
    bureau_json_set_string (task, "createdBy", overlay->user_id);
    set_instant (task, "updatedAt", entry->given_at);
    json_object_set_int_member (task, "version", 0);
    return task;
}

static void
update_task (const BureauOverlay *overlay, const BureauOutboxEntry *entry, JsonObject *task)
{
    static const char *const PLAIN[] = { "title", "description", "priority", "dueAt", NULL };
    BureauStatus status = get_status (entry->params);

    take_members (task, entry->params, PLAIN);
    if (json_object_has_member (entry->params, "assigneeIds"))
        set_assignees (task, bureau_json_get_array (entry->params, "assigneeIds"));
    if (json_object_has_member (entry->params, "status") && status != get_status (task)) {
        set_status (overlay, entry, task, status);
        set_place (overlay, entry, task);
    }
    set_instant (task, "updatedAt", entry->given_at);
}

static JsonObject *
apply_to_task (const BureauOverlay *overlay, const BureauOutboxEntry *entry, JsonObject *state)
{
    g_autoptr (JsonObject) task = state;

    switch (entry->command->id) {
    case BUREAU_COMMAND_TASK_CREATE:
        if (!task)
            task = create_task (overlay, entry);
        break;
    case BUREAU_COMMAND_TASK_UPDATE:
        if (task)
            update_task (overlay, entry, task);
        break;
    case BUREAU_COMMAND_TASK_MOVE:
        if (task) {
            set_status (overlay, entry, task, get_status (entry->params));
            set_place (overlay, entry, task);
        }
        break;
    case BUREAU_COMMAND_TASK_DELETE:
        return NULL;
    case BUREAU_COMMAND_TASK_UNDO_DELETE:
        if (!task)
            task = overlay->get_deleted_task (overlay->data, entry->target);
        break;
    default:
        break;
    }
    return g_steal_pointer (&task);
}

/* ------------------------------------------------------------------ projects */

static JsonObject *
create_project (const BureauOverlay *overlay, const BureauOutboxEntry *entry)
{
    static const char *const PLAIN[] = { "id", "name", "key", "color", "memberIds", NULL };
    JsonObject *project = json_object_new ();
    JsonArray *members = json_array_new ();

    json_array_add_string_element (members, overlay->user_id);
    json_object_set_array_member (project, "memberIds", members);
    bureau_json_set_string (project, "workspaceId", overlay->workspace_id);
    bureau_json_set_string (project, "color", "#3584e4");
    json_object_set_boolean_member (project, "archived", FALSE);
    json_object_set_int_member (project, "version", 0);
    take_members (project, entry->params, PLAIN);
    return project;
}

static JsonObject *
apply_to_project (const BureauOverlay *overlay, const BureauOutboxEntry *entry, JsonObject *state)
{
    static const char *const PLAIN[] = { "name", "color", "memberIds", NULL };

    if (entry->command->id == BUREAU_COMMAND_PROJECT_CREATE)
        return state ? state : create_project (overlay, entry);
    if (state && entry->command->id == BUREAU_COMMAND_PROJECT_UPDATE)
        take_members (state, entry->params, PLAIN);
    if (state && entry->command->id == BUREAU_COMMAND_PROJECT_ARCHIVE)
        json_object_set_boolean_member (state, "archived", TRUE);
    return state;
}

/* ------------------------------------------------------------------ time entries */

static JsonObject *
create_entry (const BureauOverlay *overlay, const BureauOutboxEntry *entry)
{
    static const char *const PLAIN[] = { "id", "taskId", "projectId", "note", "startTime", NULL };
    const char *task_id = bureau_json_get_string (entry->params, "taskId");
    JsonObject *time_entry = json_object_new ();

    bureau_json_set_string (time_entry, "workspaceId", overlay->workspace_id);
    bureau_json_set_string (time_entry, "userId", overlay->user_id);
    json_object_set_null_member (time_entry, "taskId");
    json_object_set_null_member (time_entry, "projectId");
    json_object_set_null_member (time_entry, "note");
    json_object_set_null_member (time_entry, "endTime");
    set_instant (time_entry, "startTime", entry->given_at);
    if (task_id)
        bureau_json_set_string (time_entry, "projectId",
                                overlay->get_task_project (overlay->data, task_id));
    take_members (time_entry, entry->params, PLAIN);
    return time_entry;
}

static JsonObject *
apply_to_entry (const BureauOverlay *overlay, const BureauOutboxEntry *entry, const char *id,
                JsonObject *state)
{
    gboolean is_target = g_strcmp0 (entry->target, id) == 0;

    if (entry->command->id == BUREAU_COMMAND_TIMER_START && is_target)
        return state ? state : create_entry (overlay, entry);
    /* Starting a timer stops the person's running one. */
    if (state && (is_target || entry->command->id == BUREAU_COMMAND_TIMER_START) &&
        !bureau_json_get_string (state, "endTime") &&
        g_strcmp0 (bureau_json_get_string (state, "userId"), overlay->user_id) == 0)
        set_instant (state, "endTime", entry->given_at);
    return state;
}

/* ------------------------------------------------------------------ all */

int
bureau_overlay_get_kind (BureauCommandId command)
{
    switch (command) {
    case BUREAU_COMMAND_TASK_CREATE:
    case BUREAU_COMMAND_TASK_UPDATE:
    case BUREAU_COMMAND_TASK_MOVE:
    case BUREAU_COMMAND_TASK_DELETE:
    case BUREAU_COMMAND_TASK_UNDO_DELETE:
        return BUREAU_KIND_TASK;
    case BUREAU_COMMAND_PROJECT_CREATE:
    case BUREAU_COMMAND_PROJECT_UPDATE:
    case BUREAU_COMMAND_PROJECT_ARCHIVE:
        return BUREAU_KIND_PROJECT;
    case BUREAU_COMMAND_TIMER_START:
    case BUREAU_COMMAND_TIMER_STOP:
        return BUREAU_KIND_ENTRY;
    case BUREAU_COMMAND_MEMBER_UPDATE_SELF:
        return BUREAU_KIND_MEMBER;
    default:
        return -1;
    }
}

gboolean
bureau_overlay_concerns (const BureauOutboxEntry *entry, BureauKind kind, const char *id)
{
    if (bureau_overlay_get_kind (entry->command->id) != (int) kind)
        return FALSE;
    return entry->command->id == BUREAU_COMMAND_TIMER_START || g_strcmp0 (entry->target, id) == 0;
}

JsonObject *
bureau_overlay_apply (const BureauOverlay *overlay, const BureauOutboxEntry *entry, BureauKind kind,
                      const char *id, JsonObject *state)
{
    static const char *const PLAIN[] = { "name", "color", NULL };

    switch (kind) {
    case BUREAU_KIND_TASK:
        return apply_to_task (overlay, entry, state);
    case BUREAU_KIND_PROJECT:
        return apply_to_project (overlay, entry, state);
    case BUREAU_KIND_ENTRY:
        return apply_to_entry (overlay, entry, id, state);
    case BUREAU_KIND_MEMBER:
        if (state)
            take_members (state, entry->params, PLAIN);
        return state;
    case BUREAU_KIND_WORKSPACE:
    case BUREAU_N_KINDS:
        break;
    }
    return state;
}

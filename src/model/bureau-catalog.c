/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-catalog.h"

#include "bureau-error.h"
#include "bureau-fields.h"

#define OPTIONAL BUREAU_FIELD_OPTIONAL
#define REQUIRED BUREAU_FIELD_REQUIRED
#define NULLABLE BUREAU_FIELD_NULLABLE

#define MAX_ASSIGNEES 100
#define MAX_MEMBERS   1000
#define MAX_NOTE      2000
#define MAX_USES      10       /* of an invitation: reliability.md, 5 */
#define MAX_HOURS     (7 * 24) /* the same */
#define MAX_TOKEN     2048
#define MAX_AUDIT     500 /* rows of one answer */
#define MAX_ROOM      64
#define MAX_EPOCH     64

/* Every command's; see rules.md, Commands. */
static const BureauField op_id_field = { "opId", BUREAU_FIELD_ID, OPTIONAL };

static const BureauField no_fields[] = { { NULL } };

static const BureauField room_fields[] = {
    { "workspaceId", BUREAU_FIELD_ID, OPTIONAL },
    { "projectId", BUREAU_FIELD_ID, OPTIONAL },
    { "taskId", BUREAU_FIELD_ID, OPTIONAL },
    { NULL },
};

static const BureauField presence_update_fields[] = {
    { "status", BUREAU_FIELD_PRESENCE, REQUIRED },
    { NULL },
};

static const BureauField presence_viewing_fields[] = {
    { "taskId", BUREAU_FIELD_ID, REQUIRED | NULLABLE },
    { NULL },
};

static const BureauField task_create_fields[] = {
    { "id", BUREAU_FIELD_ID, OPTIONAL },
    { "projectId", BUREAU_FIELD_ID, REQUIRED },
    { "title", BUREAU_FIELD_NAME, REQUIRED, 0, BUREAU_MAX_TITLE },
    { "description", BUREAU_FIELD_TEXT, OPTIONAL, 0, BUREAU_MAX_DESCRIPTION },
    { "status", BUREAU_FIELD_STATUS, OPTIONAL },
    { "priority", BUREAU_FIELD_INTEGER, OPTIONAL, 1, 4 },
    { "assigneeIds", BUREAU_FIELD_ID_LIST, OPTIONAL, 0, MAX_ASSIGNEES },
    { "dueAt", BUREAU_FIELD_DUE, NULLABLE },
    { "kind", BUREAU_FIELD_KIND, OPTIONAL },
    { "after", BUREAU_FIELD_ID, NULLABLE },
    { NULL },
};

static const BureauField task_update_fields[] = {
    { "id", BUREAU_FIELD_ID, REQUIRED },
    { "base", BUREAU_FIELD_BASE, OPTIONAL },
    { "title", BUREAU_FIELD_NAME, OPTIONAL, 0, BUREAU_MAX_TITLE },
    { "description", BUREAU_FIELD_TEXT, OPTIONAL, 0, BUREAU_MAX_DESCRIPTION },
    { "priority", BUREAU_FIELD_INTEGER, OPTIONAL, 1, 4 },
    { "assigneeIds", BUREAU_FIELD_ID_LIST, OPTIONAL, 0, MAX_ASSIGNEES },
    { "dueAt", BUREAU_FIELD_DUE, NULLABLE },
    { "status", BUREAU_FIELD_STATUS, OPTIONAL },
    { NULL },
};

static const BureauField task_move_fields[] = {
    { "id", BUREAU_FIELD_ID, REQUIRED },
    { "status", BUREAU_FIELD_STATUS, REQUIRED },
    { "after", BUREAU_FIELD_ID, NULLABLE },
    { NULL },
};

static const BureauField id_fields[] = {
    { "id", BUREAU_FIELD_ID, REQUIRED },
    { NULL },
};

static const BureauField project_create_fields[] = {
    { "workspaceId", BUREAU_FIELD_ID, OPTIONAL },
    { "id", BUREAU_FIELD_ID, OPTIONAL },
    { "name", BUREAU_FIELD_NAME, REQUIRED, 0, BUREAU_MAX_NAME },
    { "key", BUREAU_FIELD_KEY, OPTIONAL },
    { "color", BUREAU_FIELD_COLOR, OPTIONAL },
    { "memberIds", BUREAU_FIELD_ID_LIST, OPTIONAL, 0, MAX_MEMBERS },
    { NULL },
};

static const BureauField project_update_fields[] = {
    { "id", BUREAU_FIELD_ID, REQUIRED },
    { "name", BUREAU_FIELD_NAME, OPTIONAL, 0, BUREAU_MAX_NAME },
    { "color", BUREAU_FIELD_COLOR, OPTIONAL },
    { "memberIds", BUREAU_FIELD_ID_LIST, OPTIONAL, 0, MAX_MEMBERS },
    { NULL },
};

static const BureauField timer_start_fields[] = {
    { "id", BUREAU_FIELD_ID, OPTIONAL },
    { "taskId", BUREAU_FIELD_ID, NULLABLE },
    { "projectId", BUREAU_FIELD_ID, NULLABLE },
    { "note", BUREAU_FIELD_TEXT, NULLABLE, 0, MAX_NOTE },
    { "startTime", BUREAU_FIELD_INSTANT, OPTIONAL },
    { NULL },
};

static const BureauField timer_stop_fields[] = {
    { "id", BUREAU_FIELD_ID, OPTIONAL },
    { "endTime", BUREAU_FIELD_INSTANT, OPTIONAL },
    { NULL },
};

/* A command about a whole office names it where the person is in several. */
#define WORKSPACE_FIELD                                                                            \
    {                                                                                              \
        "workspaceId", BUREAU_FIELD_ID, OPTIONAL                                                   \
    }

static const BureauField workspace_fields[] = {
    WORKSPACE_FIELD,
    { NULL },
};

static const BureauField member_invite_fields[] = {
    WORKSPACE_FIELD,
    { "role", BUREAU_FIELD_ROLE, OPTIONAL },
    { "projectId", BUREAU_FIELD_ID, NULLABLE },
    { "memberId", BUREAU_FIELD_ID, NULLABLE },
    { "uses", BUREAU_FIELD_INTEGER, OPTIONAL, 1, MAX_USES },
    { "hours", BUREAU_FIELD_INTEGER, OPTIONAL, 1, MAX_HOURS },
    { NULL },
};

static const BureauField member_add_fields[] = {
    WORKSPACE_FIELD,
    { "id", BUREAU_FIELD_ID, OPTIONAL },
    { "name", BUREAU_FIELD_NAME, REQUIRED, 0, BUREAU_MAX_NAME },
    { "role", BUREAU_FIELD_ROLE, OPTIONAL },
    { NULL },
};

static const BureauField member_fields[] = {
    WORKSPACE_FIELD,
    { "id", BUREAU_FIELD_ID, REQUIRED },
    { NULL },
};

static const BureauField member_set_role_fields[] = {
    WORKSPACE_FIELD,
    { "id", BUREAU_FIELD_ID, REQUIRED },
    { "role", BUREAU_FIELD_ROLE, REQUIRED },
    { NULL },
};

static const BureauField account_set_password_fields[] = {
    { "current", BUREAU_FIELD_TEXT, OPTIONAL, 0, BUREAU_MAX_PASSWORD },
    { "password", BUREAU_FIELD_TEXT, REQUIRED, 0, BUREAU_MAX_PASSWORD },
    { NULL },
};

static const BureauField auth_refresh_fields[] = {
    { "refreshToken", BUREAU_FIELD_TEXT, OPTIONAL, 0, MAX_TOKEN },
    { "token", BUREAU_FIELD_TEXT, OPTIONAL, 0, MAX_TOKEN },
    { NULL },
};

static const BureauField audit_list_fields[] = {
    WORKSPACE_FIELD,
    { "before", BUREAU_FIELD_INTEGER, OPTIONAL, 1, G_MAXINT64 },
    { "limit", BUREAU_FIELD_INTEGER, OPTIONAL, 1, MAX_AUDIT },
    { NULL },
};

static const BureauField sync_since_fields[] = {
    { "room", BUREAU_FIELD_TEXT, REQUIRED, 0, MAX_ROOM },
    { "seq", BUREAU_FIELD_INTEGER, REQUIRED, 0, G_MAXINT64 },
    { "epoch", BUREAU_FIELD_TEXT, OPTIONAL, 0, MAX_EPOCH },
    { "limit", BUREAU_FIELD_INTEGER, OPTIONAL, 1, BUREAU_MAX_EVENTS },
    { NULL },
};

static const BureauField member_update_self_fields[] = {
    { "name", BUREAU_FIELD_NAME, OPTIONAL, 0, BUREAU_MAX_NAME },
    { "color", BUREAU_FIELD_COLOR, OPTIONAL },
    { NULL },
};

#define DURABLE BUREAU_COMMAND_DURABLE
#define CREATES BUREAU_COMMAND_CREATES
#define LIVE    BUREAU_COMMAND_NEEDS_CONNECTION

/* clang-format off: one command a line */
static const BureauCommand commands[BUREAU_N_COMMANDS] = {
    { BUREAU_COMMAND_ROOM_JOIN, "room:join", BUREAU_ROLE_GUEST, LIVE, room_fields },
    { BUREAU_COMMAND_ROOM_LEAVE, "room:leave", BUREAU_ROLE_GUEST, LIVE, room_fields },
    { BUREAU_COMMAND_PRESENCE_UPDATE, "presence:update", BUREAU_ROLE_GUEST, LIVE,
      presence_update_fields },
    { BUREAU_COMMAND_PRESENCE_VIEWING, "presence:viewing", BUREAU_ROLE_GUEST, LIVE,
      presence_viewing_fields },
    { BUREAU_COMMAND_TASK_CREATE, "task:create", BUREAU_ROLE_GUEST, DURABLE | CREATES,
      task_create_fields },
    { BUREAU_COMMAND_TASK_UPDATE, "task:update", BUREAU_ROLE_GUEST, DURABLE, task_update_fields },
    { BUREAU_COMMAND_TASK_MOVE, "task:move", BUREAU_ROLE_MEMBER, DURABLE, task_move_fields },
    { BUREAU_COMMAND_TASK_DELETE, "task:delete", BUREAU_ROLE_GUEST, DURABLE, id_fields },
    { BUREAU_COMMAND_TASK_UNDO_DELETE, "task:undo_delete", BUREAU_ROLE_GUEST, DURABLE, id_fields },
    { BUREAU_COMMAND_PROJECT_CREATE, "project:create", BUREAU_ROLE_MANAGER, DURABLE | CREATES,
      project_create_fields },
    { BUREAU_COMMAND_PROJECT_UPDATE, "project:update", BUREAU_ROLE_MANAGER, DURABLE,
      project_update_fields },
    { BUREAU_COMMAND_PROJECT_ARCHIVE, "project:archive", BUREAU_ROLE_MANAGER, DURABLE, id_fields },
    { BUREAU_COMMAND_TIMER_START, "timer:start", BUREAU_ROLE_MEMBER, DURABLE | CREATES,
      timer_start_fields },
    { BUREAU_COMMAND_TIMER_STOP, "timer:stop", BUREAU_ROLE_MEMBER, DURABLE, timer_stop_fields },
    /* Not DURABLE: its answer holds secrets, which are kept nowhere, not even for a repeat. */
    { BUREAU_COMMAND_MEMBER_INVITE, "member:invite", BUREAU_ROLE_MANAGER, 0, member_invite_fields },
    { BUREAU_COMMAND_MEMBER_LIST_INVITES, "member:list_invites", BUREAU_ROLE_MANAGER, 0,
      workspace_fields },
    { BUREAU_COMMAND_MEMBER_RENEW_CODE, "member:renew_code", BUREAU_ROLE_MANAGER, 0, id_fields },
    { BUREAU_COMMAND_MEMBER_REVOKE_INVITE, "member:revoke_invite", BUREAU_ROLE_MANAGER, DURABLE,
      id_fields },
    { BUREAU_COMMAND_MEMBER_ADD, "member:add", BUREAU_ROLE_MANAGER, DURABLE | CREATES,
      member_add_fields },
    { BUREAU_COMMAND_MEMBER_SET_ROLE, "member:set_role", BUREAU_ROLE_MANAGER, DURABLE,
      member_set_role_fields },
    { BUREAU_COMMAND_MEMBER_DEACTIVATE, "member:deactivate", BUREAU_ROLE_MANAGER, DURABLE,
      member_fields },
    { BUREAU_COMMAND_MEMBER_REACTIVATE, "member:reactivate", BUREAU_ROLE_MANAGER, DURABLE,
      member_fields },
    { BUREAU_COMMAND_MEMBER_REMOVE, "member:remove", BUREAU_ROLE_MANAGER, DURABLE, member_fields },
    { BUREAU_COMMAND_MEMBER_UPDATE_SELF, "member:update_self", BUREAU_ROLE_GUEST, DURABLE,
      member_update_self_fields },
    { BUREAU_COMMAND_ACCOUNT_SET_PASSWORD, "account:set_password", BUREAU_ROLE_GUEST, 0,
      account_set_password_fields },
    { BUREAU_COMMAND_DEVICE_LIST, "device:list", BUREAU_ROLE_GUEST, 0, no_fields },
    { BUREAU_COMMAND_DEVICE_SIGN_OUT, "device:sign_out", BUREAU_ROLE_GUEST, 0, id_fields },
    { BUREAU_COMMAND_AUTH_REFRESH, "auth:refresh", BUREAU_ROLE_GUEST, LIVE, auth_refresh_fields },
    { BUREAU_COMMAND_AUDIT_LIST, "audit:list", BUREAU_ROLE_MANAGER, 0, audit_list_fields },
    { BUREAU_COMMAND_OFFICE_DESCRIBE, "office:describe", BUREAU_ROLE_GUEST, 0, no_fields },
    { BUREAU_COMMAND_SYNC_SINCE, "sync:since", BUREAU_ROLE_GUEST, 0, sync_since_fields },
};
/* clang-format on */

/* What other systems call the same things (rules.md, Rooms). */
static const struct {
    const char *theirs;
    BureauCommandId ours;
} command_aliases[] = {
    { "join:project", BUREAU_COMMAND_ROOM_JOIN },
    { "leave:project", BUREAU_COMMAND_ROOM_LEAVE },
};

static const struct {
    const char *theirs;
    const char *ours;
} member_aliases[] = {
    { "organizationId", "workspaceId" },
    { "programId", "projectId" },
};

static const BureauEvent events[] = {
    { BUREAU_EVENT_TASK_CREATED, TRUE, "task" },
    { BUREAU_EVENT_TASK_UPDATED, TRUE, "task" },
    { BUREAU_EVENT_TASK_MOVED, TRUE, "task" },
    { BUREAU_EVENT_TASK_DELETED, TRUE, "task" },
    { BUREAU_EVENT_PROJECT_CREATED, TRUE, "project" },
    { BUREAU_EVENT_PROJECT_UPDATED, TRUE, "project" },
    { BUREAU_EVENT_PROJECT_ARCHIVED, TRUE, "project" },
    { BUREAU_EVENT_MEMBER_JOINED, TRUE, "member" },
    { BUREAU_EVENT_MEMBER_UPDATED, TRUE, "member" },
    { BUREAU_EVENT_MEMBER_LEFT, TRUE, "member" },
    { BUREAU_EVENT_MEMBER_ROLE_CHANGED, TRUE, "member" },
    { BUREAU_EVENT_INVITATION_CREATED, TRUE, NULL },
    { BUREAU_EVENT_INVITATION_USED, TRUE, NULL },
    { BUREAU_EVENT_INVITATION_REVOKED, TRUE, NULL },
    { BUREAU_EVENT_AUTH_EXPIRING, FALSE, NULL },
    { BUREAU_EVENT_TIMER_STARTED, TRUE, "entry" },
    { BUREAU_EVENT_TIMER_STOPPED, TRUE, "entry" },
    { BUREAU_EVENT_PRESENCE_ONLINE, FALSE, NULL },
    { BUREAU_EVENT_PRESENCE_OFFLINE, FALSE, NULL },
    { BUREAU_EVENT_PRESENCE_UPDATE, FALSE, NULL },
    { BUREAU_EVENT_PRESENCE_VIEWING, FALSE, NULL },
    { BUREAU_EVENT_PRESENCE_SNAPSHOT, FALSE, NULL },
    { BUREAU_EVENT_SYNC_READY, FALSE, NULL },
    { BUREAU_EVENT_SYNC_RESET, FALSE, NULL },
    { BUREAU_EVENT_SYNC_HEADS, FALSE, NULL },
    { BUREAU_EVENT_ROOM_JOINED, FALSE, NULL },
    { BUREAU_EVENT_ROOM_LEFT, FALSE, NULL },
    { BUREAU_EVENT_STORAGE_CHANGED, FALSE, NULL },
    { BUREAU_EVENT_HUB_CLOSING, FALSE, NULL },
};

/* The member called @name, or by another system's word for it. */
static JsonNode *
find_member (JsonObject *params, const char *name)
{
    JsonNode *value = json_object_get_member (params, name);

    for (guint i = 0; value == NULL && i < G_N_ELEMENTS (member_aliases); i++) {
        if (g_str_equal (member_aliases[i].ours, name))
            value = json_object_get_member (params, member_aliases[i].theirs);
    }
    return value;
}

/* Checks one field of @params and puts it into @result. */
static gboolean
take_field (const BureauField *field, JsonObject *params, JsonObject *result, GError **error)
{
    JsonNode *value = find_member (params, field->name);

    if (value == NULL && (field->flags & BUREAU_FIELD_REQUIRED)) {
        bureau_error_set_invalid (error, field->name, "“%s” is missing.", field->name);
        return FALSE;
    }
    if (value == NULL)
        return TRUE;
    if (!bureau_field_check (field, value, error))
        return FALSE;
    json_object_set_member (result, field->name, bureau_field_canonicalize (field, value));
    return TRUE;
}

const BureauCommand *
bureau_command_get (BureauCommandId id)
{
    g_return_val_if_fail ((guint) id < BUREAU_N_COMMANDS, NULL);

    return &commands[id];
}

const BureauCommand *
bureau_command_find (const char *name)
{
    if (name == NULL)
        return NULL;
    for (guint i = 0; i < BUREAU_N_COMMANDS; i++) {
        if (g_str_equal (commands[i].name, name))
            return &commands[i];
    }
    for (guint i = 0; i < G_N_ELEMENTS (command_aliases); i++) {
        if (g_str_equal (command_aliases[i].theirs, name))
            return &commands[command_aliases[i].ours];
    }
    return NULL;
}

JsonObject *
bureau_command_validate (const BureauCommand *command, JsonObject *params, GError **error)
{
    g_autoptr (JsonObject) result = json_object_new ();
    g_autoptr (JsonObject) empty = NULL;

    if (params == NULL)
        params = empty = json_object_new ();
    if (!take_field (&op_id_field, params, result, error))
        return NULL;
    for (const BureauField *field = command->fields; field->name != NULL; field++) {
        if (!take_field (field, params, result, error))
            return NULL;
    }
    return g_steal_pointer (&result);
}

gboolean
bureau_command_is_offered (BureauCommandId id, BureauRole role)
{
    return role >= bureau_command_get (id)->role;
}

gboolean
bureau_role_may_manage (BureauRole actor, BureauRole other)
{
    return actor >= BUREAU_ROLE_MANAGER && actor >= other;
}

gboolean
bureau_name_check (const char *name, GError **error)
{
    static const BureauField field = { "name", BUREAU_FIELD_NAME, REQUIRED, 0, BUREAU_MAX_NAME };
    g_autoptr (JsonNode) value = json_node_init_string (json_node_alloc (), name);

    return bureau_field_check (&field, value, error);
}

const BureauEvent *
bureau_event_find (const char *name)
{
    for (guint i = 0; name != NULL && i < G_N_ELEMENTS (events); i++) {
        if (g_str_equal (events[i].name, name))
            return &events[i];
    }
    return NULL;
}

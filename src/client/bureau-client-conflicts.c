/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client-private.h"

#include "bureau-json.h"

/* The hub's word that two have changed the same field, and whose change stands (sync.md,
 * Conflicts): in the answer to who came later, and in the event, which tells who came first. */

/* What the hub says a field's value was must be one that could be given. */
static gboolean
is_value (const char *task_id, const char *field, JsonNode *value)
{
    g_autoptr (JsonObject) params = json_object_new ();
    g_autoptr (JsonObject) valid = NULL;

    if (!value)
        return FALSE;
    bureau_json_set_string (params, "id", task_id);
    json_object_set_member (params, field, json_node_ref (value));
    valid = bureau_command_validate (bureau_command_get (BUREAU_COMMAND_TASK_UPDATE), params, NULL);
    return valid && json_object_has_member (valid, field);
}

static gboolean
is_conflict (const char *task_id, JsonObject *conflict)
{
    static const char *const FIELDS[] = { "title", "description", "status", "priority",
                                          "dueAt", "assigneeIds", NULL };
    const char *field = bureau_json_get_string (conflict, "field");

    return field && g_strv_contains (FIELDS, field) && bureau_json_get_string (conflict, "by") &&
           is_value (task_id, field, json_object_get_member (conflict, "mine")) &&
           is_value (task_id, field, json_object_get_member (conflict, "theirs"));
}

/* @mine and @theirs: what these are called in @conflict. (transfer full) */
static JsonObject *
tell (JsonObject *task, JsonObject *conflict, const char *mine, const char *theirs,
      const char *by_name)
{
    JsonObject *told = json_object_new ();

    bureau_json_set_string (told, "taskId", bureau_json_get_string (task, "id"));
    bureau_json_set_string (told, "title", bureau_json_get_string (task, "title"));
    bureau_json_set_string (told, "field", bureau_json_get_string (conflict, "field"));
    json_object_set_member (told, "mine", json_object_dup_member (conflict, mine));
    json_object_set_member (told, "theirs", json_object_dup_member (conflict, theirs));
    bureau_json_set_string (told, "byName", by_name);
    return told;
}

void
bureau_client_take_conflicts (BureauClient *self, JsonObject *json, gboolean is_mine)
{
    JsonArray *conflicts = bureau_json_get_array (json, "conflicts");
    JsonObject *task = bureau_json_get_object (json, "task");
    const char *id = bureau_json_get_string (task, "id");

    for (guint i = 0; id && conflicts && i < json_array_get_length (conflicts); i++) {
        JsonObject *conflict = bureau_json_array_get_object (conflicts, i);
        g_autoptr (JsonObject) told = NULL;

        if (!conflict || !is_conflict (id, conflict))
            continue;
        if (is_mine)
            told = tell (task, conflict, "mine", "theirs",
                         bureau_json_get_string (conflict, "byName"));
        else if (g_strcmp0 (bureau_json_get_string (conflict, "by"), self->account->user_id) == 0)
            told = tell (task, conflict, "theirs", "mine",
                         bureau_json_get_string (json, "userName"));
        else
            continue;
        json_object_set_boolean_member (told, "stands", is_mine);
        bureau_client_emit_conflicted (self, told);
    }
}

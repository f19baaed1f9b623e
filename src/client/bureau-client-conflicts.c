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
is_conflict (const char *task_id, JsonObject *conflict, const char *field)
{
    return g_strcmp0 (bureau_json_get_string (conflict, "field"), field) == 0 &&
           bureau_json_get_string (conflict, "by") &&
           is_value (task_id, field, json_object_get_member (conflict, "mine")) &&
           is_value (task_id, field, json_object_get_member (conflict, "theirs"));
}

/* The one about @field: a hub that tells of more is not listened to. (nullable) (transfer none) */
static JsonObject *
find_conflict (const char *task_id, JsonArray *conflicts, const char *field)
{
    for (guint i = 0; i < json_array_get_length (conflicts); i++) {
        JsonObject *conflict = bureau_json_array_get_object (conflicts, i);

        if (conflict && is_conflict (task_id, conflict, field))
            return conflict;
    }
    return NULL;
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

/* What to tell of @conflict; NULL: it is between others. @json, @is_mine: see below. (nullable)
 * (transfer full) */
static JsonObject *
read_conflict (BureauClient *self, JsonObject *json, JsonObject *conflict, gboolean is_mine)
{
    JsonObject *task = bureau_json_get_object (json, "task");

    if (is_mine)
        return tell (task, conflict, "mine", "theirs", bureau_json_get_string (conflict, "byName"));
    if (g_strcmp0 (bureau_json_get_string (conflict, "by"), self->account->user_id) == 0)
        return tell (task, conflict, "theirs", "mine", bureau_json_get_string (json, "userName"));
    return NULL;
}

void
bureau_client_take_conflicts (BureauClient *self, JsonObject *json, gboolean is_mine)
{
    static const char *const FIELDS[] = { "title",    "description", "status",
                                          "priority", "dueAt",       "assigneeIds" };
    JsonArray *conflicts = bureau_json_get_array (json, "conflicts");
    const char *id = bureau_json_get_string (bureau_json_get_object (json, "task"), "id");

    for (guint i = 0; id && conflicts && i < G_N_ELEMENTS (FIELDS); i++) {
        JsonObject *conflict = find_conflict (id, conflicts, FIELDS[i]);
        g_autoptr (JsonObject) told = conflict ? read_conflict (self, json, conflict, is_mine)
                                               : NULL;

        if (!told)
            continue;
        json_object_set_boolean_member (told, "stands", is_mine);
        bureau_client_emit_conflicted (self, told);
    }
}

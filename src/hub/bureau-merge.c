/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-merge.h"

#include <string.h>

#include "bureau-authority.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-line-merge.h"
#include "bureau-store-changes.h"

#define DESCRIPTION "description"
#define ASSIGNEES   "assigneeIds"

/* Those of a `task:update` that can clash. */
static const char *const fields[] = {
    "title", DESCRIPTION, "status", "priority", "dueAt", ASSIGNEES
};

static JsonNode *
dup_assignee_ids (JsonObject *task)
{
    JsonArray *assignees = bureau_json_get_array (task, "assignees");
    JsonNode *node = json_node_new (JSON_NODE_ARRAY);
    JsonArray *ids = json_array_new ();

    for (guint i = 0; assignees != NULL && i < json_array_get_length (assignees); i++)
        json_array_add_string_element (
            ids, bureau_json_get_string (bureau_json_array_get_object (assignees, i), "userId"));
    json_node_take_array (node, ids);
    return node;
}

/* As the command names and writes it. (transfer full) */
static JsonNode *
dup_value (JsonObject *task, const char *field)
{
    if (g_str_equal (field, ASSIGNEES))
        return dup_assignee_ids (task);
    return json_object_dup_member (task, field);
}

/* ------------------------------------------------------------------ merging */

static void
add_conflict (JsonArray *conflicts, const char *field, JsonNode *mine, JsonNode *theirs,
              const BureauOthersChange *change, const char *by_name)
{
    JsonObject *conflict = json_object_new ();
    g_autofree char *at = bureau_instant_to_string (change->at);

    bureau_json_set_string (conflict, "field", field);
    json_object_set_member (conflict, "theirs", json_node_copy (theirs));
    json_object_set_member (conflict, "mine", json_node_copy (mine));
    bureau_json_set_string (conflict, "by", change->user_id);
    bureau_json_set_string (conflict, "byName", by_name);
    bureau_json_set_string (conflict, "at", at);
    json_array_add_object_element (conflicts, conflict);
}

/* Returns TRUE if nothing of theirs is lost by it. */
static gboolean
merge_lines (BureauCall *call, JsonNode *known, JsonNode *mine, JsonNode *theirs)
{
    gboolean clash;
    g_autofree char *merged = bureau_line_merge (json_node_get_string (known),
                                                 json_node_get_string (mine),
                                                 json_node_get_string (theirs), &clash);

    if (g_utf8_strlen (merged, -1) > BUREAU_MAX_DESCRIPTION)
        return FALSE;
    bureau_json_set_string (call->params, DESCRIPTION, merged);
    return !clash;
}

/* What becomes of a field that others have changed too. Returns TRUE if they lose something. */
static gboolean
settle_field (BureauCall *call, const char *field, const char *known_text, JsonNode *mine,
              JsonNode *theirs)
{
    g_autoptr (JsonNode) known = known_text != NULL ? json_from_string (known_text, NULL) : NULL;

    if (known == NULL)
        return TRUE;
    if (json_node_equal (known, mine)) {
        json_object_remove_member (call->params, field);
        return FALSE;
    }
    if (json_node_equal (known, theirs))
        return FALSE;
    return !g_str_equal (field, DESCRIPTION) || !merge_lines (call, known, mine, theirs);
}

static gboolean
merge_field (BureauCall *call, JsonObject *task, const char *field, JsonArray *conflicts,
             GError **error)
{
    BureauStore *store = call->authority->store;
    gint64 base = bureau_json_get_int (call->params, "base", 0);
    g_autoptr (JsonNode) mine = json_object_dup_member (call->params, field);
    g_autoptr (JsonNode) theirs = dup_value (task, field);
    g_auto (BureauOthersChange) change = { 0 };
    g_autoptr (JsonObject) member = NULL;
    g_autoptr (GError) local_error = NULL;

    if (mine == NULL || json_node_equal (mine, theirs))
        return TRUE;
    if (!bureau_store_get_others_change (store, bureau_json_get_string (task, "id"), field, base,
                                         call->actor->session_id, &change, error))
        return FALSE;
    if (!change.is_changed || !settle_field (call, field, change.known, mine, theirs))
        return TRUE;

    member = bureau_store_get_member (store, call->workspace_id, change.user_id, &local_error);
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    add_conflict (conflicts, field, mine, theirs, &change,
                  member != NULL ? bureau_json_get_string (member, "name") : NULL);
    return TRUE;
}

JsonArray *
bureau_merge_task (BureauCall *call, JsonObject *task, GError **error)
{
    g_autoptr (JsonArray) conflicts = json_array_new ();

    if (!json_object_has_member (call->params, "base"))
        return g_steal_pointer (&conflicts);
    for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
        if (!merge_field (call, task, fields[i], conflicts, error))
            return NULL;
    }
    return g_steal_pointer (&conflicts);
}

/* ------------------------------------------------------------------ what it is merged with */

/* @given (nullable). */
static gboolean
keep_change (BureauCall *call, JsonObject *after, const char *field, JsonNode *old_value,
             JsonNode *given, GError **error)
{
    g_autofree char *old_text = json_to_string (old_value, FALSE);
    g_autofree char *given_text = given != NULL ? json_to_string (given, FALSE) : NULL;
    BureauTaskChange change = {
        .task_id = bureau_json_get_string (after, "id"),
        .field = field,
        .version = bureau_json_get_int (after, "version", 0),
        .user_id = call->actor->user_id,
        .device_id = call->actor->session_id,
        .at = call->now,
        .old_value = old_text,
        .given = given_text,
    };

    call->stored += strlen (old_text) + (given_text != NULL ? strlen (given_text) : 0);
    return bureau_store_add_task_change (call->authority->store, &change, error);
}

gboolean
bureau_merge_keep_changes (BureauCall *call, JsonObject *before, JsonObject *after,
                           JsonObject *given, GError **error)
{
    for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
        g_autoptr (JsonNode) old_value = dup_value (before, fields[i]);
        g_autoptr (JsonNode) new_value = dup_value (after, fields[i]);
        JsonNode *wanted = json_object_get_member (given, fields[i]);

        if (json_node_equal (old_value, new_value))
            continue;
        if (wanted != NULL && json_node_equal (wanted, new_value))
            wanted = NULL;
        if (!keep_change (call, after, fields[i], old_value, wanted, error))
            return FALSE;
    }
    return TRUE;
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-kind.h"

#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-member.h"
#include "bureau-project.h"
#include "bureau-task.h"
#include "bureau-time-entry.h"

static const char *const WORDS[BUREAU_N_KINDS] = { "workspace", "member", "project", "task",
                                                   "entry" };

const char *
bureau_kind_to_string (BureauKind kind)
{
    g_return_val_if_fail (kind < BUREAU_N_KINDS, NULL);
    return WORDS[kind];
}

int
bureau_kind_from_string (const char *word)
{
    for (int kind = 0; kind < BUREAU_N_KINDS; kind++) {
        if (g_strcmp0 (word, WORDS[kind]) == 0)
            return kind;
    }
    return -1;
}

gpointer
bureau_kind_new_object (BureauKind kind, JsonObject *json)
{
    switch (kind) {
    case BUREAU_KIND_MEMBER:
        return bureau_member_new_from_json (json, NULL);
    case BUREAU_KIND_PROJECT:
        return bureau_project_new_from_json (json, NULL);
    case BUREAU_KIND_TASK:
        return bureau_task_new_from_json (json, NULL);
    case BUREAU_KIND_ENTRY:
        return bureau_time_entry_new_from_json (json, NULL);
    case BUREAU_KIND_WORKSPACE:
    case BUREAU_N_KINDS:
        break;
    }
    return NULL;
}

gboolean
bureau_kind_update_object (BureauKind kind, gpointer object, JsonObject *json)
{
    switch (kind) {
    case BUREAU_KIND_MEMBER:
        return bureau_member_update_from_json (object, json, NULL);
    case BUREAU_KIND_PROJECT:
        return bureau_project_update_from_json (object, json, NULL);
    case BUREAU_KIND_TASK:
        return bureau_task_update_from_json (object, json, NULL);
    case BUREAU_KIND_ENTRY:
        return bureau_time_entry_update_from_json (object, json, NULL);
    case BUREAU_KIND_WORKSPACE:
    case BUREAU_N_KINDS:
        break;
    }
    return FALSE;
}

JsonObject *
bureau_kind_to_json (BureauKind kind, gpointer object)
{
    switch (kind) {
    case BUREAU_KIND_MEMBER:
        return bureau_member_to_json (object);
    case BUREAU_KIND_PROJECT:
        return bureau_project_to_json (object);
    case BUREAU_KIND_TASK:
        return bureau_task_to_json (object);
    case BUREAU_KIND_ENTRY:
        return bureau_time_entry_to_json (object);
    case BUREAU_KIND_WORKSPACE:
    case BUREAU_N_KINDS:
        break;
    }
    return NULL;
}

const char *
bureau_kind_get_id (JsonObject *json)
{
    const char *id = bureau_json_get_string (json, "id");

    return id && bureau_id_is_valid (id) ? id : NULL;
}

char *
bureau_kind_get_room (BureauKind kind, JsonObject *json, const char *workspace_id)
{
    const char *id = NULL;

    switch (kind) {
    case BUREAU_KIND_WORKSPACE:
    case BUREAU_KIND_MEMBER:
        return g_strconcat ("workspace:", workspace_id, NULL);
    case BUREAU_KIND_ENTRY:
        return g_strconcat ("time:", workspace_id, NULL);
    case BUREAU_KIND_PROJECT:
        id = bureau_json_get_string (json, "id");
        break;
    case BUREAU_KIND_TASK:
        id = bureau_json_get_string (json, "projectId");
        break;
    case BUREAU_N_KINDS:
        break;
    }
    return id ? g_strconcat ("project:", id, NULL) : NULL;
}

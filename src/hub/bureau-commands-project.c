/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-audit.h"
#include "bureau-authority.h"
#include "bureau-commands.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"

/* People in one row of the audit. */
#define MAX_NAMED 20

/* The colours a project gets in turn when none is chosen: GNOME's palette, the third shade of each.
 */
static const char *const colors[] = { "#3584e4", "#33d17a", "#f6d32d", "#ff7800",
                                      "#e01b24", "#9141ac", "#986a44" };

gboolean
bureau_publish_project (BureauCall *call, const char *id, const char *workspace_id,
                        const char *event, const char *member, GError **error)
{
    g_autoptr (JsonObject) project = bureau_store_get_project (call->authority->store, id, error);
    g_autofree char *room = bureau_room ("project", id);
    JsonObject *fields;

    if (project == NULL)
        return FALSE;

    fields = json_object_new ();
    json_object_set_object_member (fields, "project", json_object_ref (project));
    if (member != NULL)
        json_object_set_object_member (call->answer, member, json_object_ref (project));
    return bureau_call_publish (call, room, NULL, workspace_id, id, event, fields, error);
}

/* Everybody in the office but its guests: what a project is made with unless somebody chose. */
static GStrv
get_members (BureauCall *call, const char *workspace_id, GError **error)
{
    g_auto (GStrv) ids = bureau_call_get_ids (call, "memberIds");

    if (ids == NULL)
        return bureau_store_list_member_ids (call->authority->store, workspace_id,
                                             BUREAU_ROLE_MEMBER, error);
    if (!bureau_call_require_members (call, workspace_id, (const char *const *) ids, NULL,
                                      "memberIds", error))
        return NULL;
    return g_steal_pointer (&ids);
}

static const char *
pick_color (BureauCall *call, const char *workspace_id)
{
    g_auto (GStrv) projects = bureau_store_list_projects (call->authority->store, workspace_id,
                                                          NULL);

    return colors[projects != NULL ? g_strv_length (projects) % G_N_ELEMENTS (colors) : 0];
}

/* The first of many will do: who is in it now stands in the project. */
static JsonArray *
name_some (GStrv ids)
{
    JsonArray *array = json_array_new ();

    for (guint i = 0; i < MAX_NAMED && ids[i] != NULL; i++)
        json_array_add_string_element (array, ids[i]);
    return array;
}

static gboolean
audit_members (BureauCall *call, const char *workspace_id, const char *project_id, GStrv added,
               GStrv removed, GError **error)
{
    JsonObject *details;

    if (added[0] == NULL && removed[0] == NULL)
        return TRUE;
    details = json_object_new ();
    json_object_set_array_member (details, "added", name_some (added));
    json_object_set_array_member (details, "removed", name_some (removed));
    json_object_set_int_member (details, "count", g_strv_length (added) + g_strv_length (removed));
    return bureau_call_audit (call, workspace_id, BUREAU_AUDIT_PROJECT_MEMBERS, project_id, details,
                              error);
}

static gboolean
add_project (BureauCall *call, const char *id, const char *workspace_id, GError **error)
{
    BureauStore *store = call->authority->store;
    const char *name = bureau_json_get_string (call->params, "name");
    const char *color = bureau_json_get_string (call->params, "color");
    char *nobody[] = { NULL };
    g_autofree char *key = bureau_store_pick_project_key (
        store, workspace_id, bureau_json_get_string (call->params, "key"), name, error);
    g_auto (GStrv) members = NULL;

    if (key == NULL)
        return FALSE;
    if (color == NULL)
        color = pick_color (call, workspace_id);
    if (!bureau_store_add_project (store, id, workspace_id, name, key, color, call->actor->user_id,
                                   call->now, error))
        return FALSE;

    members = get_members (call, workspace_id, error);
    if (members == NULL)
        return FALSE;
    for (guint i = 0; members[i] != NULL; i++) {
        if (!bureau_store_add_project_member (store, id, members[i], error))
            return FALSE;
    }
    return audit_members (call, workspace_id, id, members, nobody, error);
}

static gboolean
answer_existing (BureauCall *call, JsonObject *project, const char *workspace_id, GError **error)
{
    if (g_strcmp0 (bureau_json_get_string (project, "workspaceId"), workspace_id) == 0 &&
        g_strcmp0 (bureau_json_get_string (project, "name"),
                   bureau_json_get_string (call->params, "name")) == 0) {
        json_object_set_object_member (call->answer, "project", json_object_ref (project));
        return TRUE;
    }
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                         "This id is taken. Use a new one.");
    return FALSE;
}

gboolean
bureau_handle_project_create (BureauCall *call, GError **error)
{
    BureauStore *store = call->authority->store;
    g_autofree char *workspace_id = bureau_call_require_workspace (call, BUREAU_ROLE_MANAGER,
                                                                   error);
    g_autofree char *id = g_strdup (bureau_json_get_string (call->params, "id"));
    g_autofree char *room = NULL;
    g_auto (GStrv) audience = NULL;
    g_autoptr (GError) local_error = NULL;

    if (workspace_id == NULL)
        return FALSE;
    if (id != NULL) {
        g_autoptr (JsonObject) existing = bureau_store_get_project (store, id, &local_error);

        if (existing != NULL)
            return answer_existing (call, existing, workspace_id, error);
        if (local_error != NULL) {
            g_propagate_error (error, g_steal_pointer (&local_error));
            return FALSE;
        }
    } else {
        id = bureau_id_new ();
    }

    if (!add_project (call, id, workspace_id, error))
        return FALSE;
    audience = bureau_store_list_project_audience (store, id, error);
    if (audience == NULL)
        return FALSE;

    /* They are in its room from its first event on. */
    room = bureau_room ("project", id);
    bureau_call_join (call, room, (const char *const *) audience, 0);
    return bureau_publish_project (call, id, workspace_id, BUREAU_EVENT_PROJECT_CREATED, "project",
                                   error);
}

/* Those of @ids that are not among @others. (transfer full) */
static GStrv
subtract (const char *const *ids, const char *const *others)
{
    g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

    for (guint i = 0; ids[i] != NULL; i++) {
        if (!g_strv_contains (others, ids[i]))
            g_strv_builder_add (builder, ids[i]);
    }
    return g_strv_builder_end (builder);
}

/* Whose project it is, whether or not they are active. */
static GStrv
list_current (BureauStore *store, const char *project_id, GError **error)
{
    g_autoptr (JsonObject) project = bureau_store_get_project (store, project_id, error);
    g_autoptr (GStrvBuilder) builder = NULL;
    JsonArray *ids;

    if (project == NULL)
        return NULL;
    builder = g_strv_builder_new ();
    ids = bureau_json_get_array (project, "memberIds");
    for (guint i = 0; i < json_array_get_length (ids); i++)
        g_strv_builder_add (builder, json_array_get_string_element (ids, i));
    return g_strv_builder_end (builder);
}

static gboolean
store_members (BureauCall *call, const char *workspace_id, const char *project_id,
               const char *const *current, const char *const *wanted, GError **error)
{
    BureauStore *store = call->authority->store;
    g_auto (GStrv) added = subtract (wanted, current);
    g_auto (GStrv) removed = subtract (current, wanted);

    for (guint i = 0; removed[i] != NULL; i++) {
        if (!bureau_store_remove_project_member (store, project_id, removed[i], error))
            return FALSE;
    }
    for (guint i = 0; added[i] != NULL; i++) {
        if (!bureau_store_add_project_member (store, project_id, added[i], error))
            return FALSE;
    }
    return audit_members (call, workspace_id, project_id, added, removed, error);
}

/* Makes the members exactly those of the params, if they name any. Who is new sees the project from
 * here on, who is gone is told so and gets nothing of it after that (rules.md, Rooms). */
static gboolean
replace_members (BureauCall *call, const char *project_id, const char *workspace_id, GStrv *joined,
                 GStrv *left, GError **error)
{
    BureauStore *store = call->authority->store;
    g_auto (GStrv) wanted = bureau_call_get_ids (call, "memberIds");
    g_auto (GStrv) current = NULL;
    g_auto (GStrv) before = NULL;
    g_auto (GStrv) after = NULL;

    if (wanted == NULL)
        return TRUE;
    current = list_current (store, project_id, error);
    if (current == NULL ||
        !bureau_call_require_members (call, workspace_id, (const char *const *) wanted,
                                      (const char *const *) current, "memberIds", error))
        return FALSE;

    before = bureau_store_list_project_audience (store, project_id, error);
    if (before == NULL ||
        !store_members (call, workspace_id, project_id, (const char *const *) current,
                        (const char *const *) wanted, error))
        return FALSE;
    after = bureau_store_list_project_audience (store, project_id, error);
    if (after == NULL)
        return FALSE;

    *joined = subtract ((const char *const *) after, (const char *const *) before);
    *left = subtract ((const char *const *) before, (const char *const *) after);
    return TRUE;
}

gboolean
bureau_handle_project_update (BureauCall *call, GError **error)
{
    const char *id = bureau_json_get_string (call->params, "id");
    g_autofree char *room = bureau_room ("project", id);
    g_auto (BureauAccess) access = { 0 };
    g_auto (GStrv) joined = NULL;
    g_auto (GStrv) left = NULL;

    if (!bureau_call_require_project (call, id, BUREAU_ROLE_MANAGER, &access, error) ||
        !replace_members (call, id, access.workspace_id, &joined, &left, error) ||
        !bureau_store_update_project (call->authority->store, id, call->params, error))
        return FALSE;

    if (left != NULL && left[0] != NULL)
        bureau_call_leave (call, room, (const char *const *) left, "removed");
    if (!bureau_publish_project (call, id, access.workspace_id, BUREAU_EVENT_PROJECT_UPDATED,
                                 "project", error))
        return FALSE;
    if (joined != NULL && joined[0] != NULL)
        bureau_call_join (call, room, (const char *const *) joined, call->seq);
    return TRUE;
}

gboolean
bureau_handle_project_archive (BureauCall *call, GError **error)
{
    const char *id = bureau_json_get_string (call->params, "id");
    g_autoptr (JsonObject) changes = json_object_new ();
    g_auto (BureauAccess) access = { 0 };

    json_object_set_boolean_member (changes, "archived", TRUE);
    return bureau_call_require_project (call, id, BUREAU_ROLE_MANAGER, &access, error) &&
           bureau_store_update_project (call->authority->store, id, changes, error) &&
           bureau_call_audit (call, access.workspace_id, BUREAU_AUDIT_PROJECT_ARCHIVED, id, NULL,
                              error) &&
           bureau_publish_project (call, id, access.workspace_id, BUREAU_EVENT_PROJECT_ARCHIVED,
                                   "project", error);
}

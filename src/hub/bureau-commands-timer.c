/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-authority.h"
#include "bureau-commands.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"

/* No timer starts further back than a day: what is older is a correction, not a start. None starts
 * in the future either; one that seems to was started by a clock that is ahead, or set to another
 * part of the world. */
#define MAX_BACKDATE (G_TIME_SPAN_DAY / 1000)
#define MAX_AHEAD    (12 * (G_TIME_SPAN_HOUR / 1000))

static gboolean
publish_started (BureauCall *call, const char *id, const char *workspace_id, GError **error)
{
    g_autoptr (JsonObject) entry = bureau_store_get_entry (call->authority->store, id, error);
    g_autofree char *room = bureau_room ("time", workspace_id);
    JsonObject *fields;

    if (entry == NULL)
        return FALSE;

    fields = json_object_new ();
    bureau_json_set_string (fields, "timeEntryId", id);
    bureau_json_set_optional (fields, "projectId", bureau_json_get_string (entry, "projectId"));
    bureau_json_set_optional (fields, "taskId", bureau_json_get_string (entry, "taskId"));
    bureau_json_set_string (fields, "startTime", bureau_json_get_string (entry, "startTime"));
    json_object_set_object_member (fields, "entry", json_object_ref (entry));
    json_object_set_object_member (call->answer, "entry", json_object_ref (entry));
    return bureau_call_publish (call, room, NULL, workspace_id, NULL, BUREAU_EVENT_TIMER_STARTED,
                                fields, error);
}

/* Ends @entry at @end and puts it into the answer as @member (nullable). */
static gboolean
stop_entry (BureauCall *call, JsonObject *entry, gint64 end, const char *member, GError **error)
{
    BureauStore *store = call->authority->store;
    const char *id = bureau_json_get_string (entry, "id");
    const char *workspace_id = bureau_json_get_string (entry, "workspaceId");
    g_autofree char *room = bureau_room ("time", workspace_id);
    g_autoptr (JsonObject) ended = NULL;
    gint64 duration;
    JsonObject *fields;

    if (!bureau_store_end_entry (store, id, end, error))
        return FALSE;
    ended = bureau_store_get_entry (store, id, error);
    if (ended == NULL)
        return FALSE;

    duration = bureau_instant_from_string (bureau_json_get_string (ended, "endTime")) -
               bureau_instant_from_string (bureau_json_get_string (ended, "startTime"));
    fields = json_object_new ();
    bureau_json_set_string (fields, "timeEntryId", id);
    bureau_json_set_string (fields, "endTime", bureau_json_get_string (ended, "endTime"));
    json_object_set_int_member (fields, "durationMinutes", duration / 60000);
    json_object_set_object_member (fields, "entry", json_object_ref (ended));
    if (member != NULL)
        json_object_set_object_member (call->answer, member, json_object_ref (ended));
    return bureau_call_publish (call, room, NULL, workspace_id, NULL, BUREAU_EVENT_TIMER_STOPPED,
                                fields, error);
}

/* What the timer is for: a task (and with it its project), a project, or neither. Fills in
 * @workspace_id. */
static gboolean
find_subject (BureauCall *call, char **workspace_id, char **project_id, GError **error)
{
    const char *task_id = bureau_json_get_string (call->params, "taskId");
    g_auto (BureauAccess) access = { 0 };

    *project_id = g_strdup (bureau_json_get_string (call->params, "projectId"));
    if (task_id != NULL) {
        g_autoptr (JsonObject) task = bureau_call_require_task (call, task_id, FALSE,
                                                                BUREAU_ROLE_MEMBER, &access, error);

        if (task == NULL)
            return FALSE;
        g_free (*project_id);
        *project_id = g_strdup (bureau_json_get_string (task, "projectId"));
    } else if (*project_id != NULL) {
        if (!bureau_call_require_project (call, *project_id, BUREAU_ROLE_MEMBER, &access, error))
            return FALSE;
    }

    *workspace_id = access.workspace_id != NULL
                        ? g_steal_pointer (&access.workspace_id)
                        : bureau_call_require_workspace (call, BUREAU_ROLE_MEMBER, error);
    return *workspace_id != NULL;
}

static gboolean
find_start (BureauCall *call, gint64 *start, GError **error)
{
    const char *text = bureau_json_get_string (call->params, "startTime");

    *start = text != NULL ? bureau_instant_from_string (text) : call->now;
    if (*start <= call->now + MAX_AHEAD && *start >= call->now - MAX_BACKDATE) {
        *start = MIN (*start, call->now);
        return TRUE;
    }
    bureau_error_set_invalid (error, "startTime",
                              "A timer starts now or within the last 24 hours.");
    return FALSE;
}

static gboolean
answer_existing (BureauCall *call, const char *id, const char *workspace_id, gboolean *done,
                 GError **error)
{
    g_autoptr (GError) local_error = NULL;
    g_autoptr (JsonObject) entry = bureau_store_get_entry (call->authority->store, id,
                                                           &local_error);

    *done = entry != NULL;
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    if (entry == NULL)
        return TRUE;
    if (g_strcmp0 (bureau_json_get_string (entry, "userId"), call->actor->user_id) != 0 ||
        g_strcmp0 (bureau_json_get_string (entry, "workspaceId"), workspace_id) != 0) {
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                             "This id is taken. Use a new one.");
        return FALSE;
    }
    json_object_set_object_member (call->answer, "entry", g_steal_pointer (&entry));
    return TRUE;
}

gboolean
bureau_handle_timer_start (BureauCall *call, GError **error)
{
    BureauStore *store = call->authority->store;
    g_autofree char *id = g_strdup (bureau_json_get_string (call->params, "id"));
    g_autofree char *workspace_id = NULL;
    g_autofree char *project_id = NULL;
    g_autoptr (JsonObject) running = NULL;
    g_autoptr (GError) local_error = NULL;
    gint64 start;
    gboolean done = FALSE;

    if (!find_subject (call, &workspace_id, &project_id, error) ||
        !find_start (call, &start, error))
        return FALSE;
    if (id == NULL)
        id = bureau_id_new ();
    else if (!answer_existing (call, id, workspace_id, &done, error))
        return FALSE;
    if (done)
        return TRUE;

    /* One timer a person: the running one ends in the same transaction, where the new one begins.
     */
    running = bureau_store_get_timer (store, workspace_id, call->actor->user_id, &local_error);
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    if (running != NULL && !stop_entry (call, running, start, "stopped", error))
        return FALSE;

    return bureau_store_add_entry (store, id, workspace_id, call->actor->user_id,
                                   bureau_json_get_string (call->params, "taskId"), project_id,
                                   bureau_json_get_string (call->params, "note"), start, error) &&
           publish_started (call, id, workspace_id, error);
}

/* The timer to stop: the one named, if it is mine or I manage; else mine. (transfer full) */
static JsonObject *
find_timer (BureauCall *call, GError **error)
{
    BureauStore *store = call->authority->store;
    const char *id = bureau_json_get_string (call->params, "id");
    g_autofree char *workspace_id = NULL;
    g_autoptr (JsonObject) entry = NULL;
    g_autoptr (GError) local_error = NULL;

    if (id != NULL) {
        BureauRole role = BUREAU_ROLE_NONE;
        gboolean mine;

        entry = bureau_store_find_entry (store, id, call->actor->user_id, &role, &local_error);
        mine = g_strcmp0 (bureau_json_get_string (entry, "userId"), call->actor->user_id) == 0;
        if (role >= (mine ? BUREAU_ROLE_MEMBER : BUREAU_ROLE_MANAGER))
            return g_steal_pointer (&entry);
    } else {
        workspace_id = bureau_call_require_workspace (call, BUREAU_ROLE_MEMBER, error);
        if (workspace_id == NULL)
            return NULL;
        entry = bureau_store_get_timer (store, workspace_id, call->actor->user_id, &local_error);
        if (entry != NULL)
            return g_steal_pointer (&entry);
    }

    if (local_error != NULL)
        g_propagate_error (error, g_steal_pointer (&local_error));
    else
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_NOT_FOUND,
                             "No such timer is running.");
    return NULL;
}

/* One that was stopped without a connection ended then. No clock that is ahead of ours makes it end
 * in the future, nor one that is behind before it began (see bureau_store_end_entry()). */
static gint64
find_end (BureauCall *call)
{
    const char *text = bureau_json_get_string (call->params, "endTime");

    return text != NULL ? MIN (bureau_instant_from_string (text), call->now) : call->now;
}

gboolean
bureau_handle_timer_stop (BureauCall *call, GError **error)
{
    g_autoptr (JsonObject) entry = find_timer (call, error);

    if (entry == NULL)
        return FALSE;
    /* Stopped already, perhaps on another device: that is what was asked for. */
    if (bureau_json_get_string (entry, "endTime") != NULL) {
        json_object_set_object_member (call->answer, "entry", g_steal_pointer (&entry));
        return TRUE;
    }
    return stop_entry (call, entry, find_end (call), "entry", error);
}

gboolean
bureau_end_timer (BureauCall *call, const char *workspace_id, const char *user_id, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    g_autoptr (JsonObject) entry = bureau_store_get_timer (call->authority->store, workspace_id,
                                                           user_id, &local_error);

    if (entry != NULL)
        return stop_entry (call, entry, call->now, NULL, error);
    if (local_error == NULL)
        return TRUE;
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

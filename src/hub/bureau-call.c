/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-call.h"

#include <string.h>

#include "bureau-authority.h"
#include "bureau-error.h"
#include "bureau-heads.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-store-sessions.h"

BureauActor *
bureau_actor_new (const char *user_id, const char *session_id)
{
    BureauActor *actor = g_new0 (BureauActor, 1);

    actor->user_id = g_strdup (user_id);
    actor->session_id = g_strdup (session_id);
    return actor;
}

BureauActor *
bureau_actor_copy (const BureauActor *actor)
{
    BureauActor *copy = bureau_actor_new (actor->user_id, actor->session_id);

    copy->expires_at = actor->expires_at;
    return copy;
}

void
bureau_actor_free (BureauActor *actor)
{
    g_free (actor->user_id);
    g_free (actor->session_id);
    g_free (actor);
}

void
bureau_effect_free (BureauEffect *effect)
{
    g_free (effect->room);
    g_free (effect->other_room);
    g_free (effect->name);
    g_free (effect->payload);
    g_strfreev (effect->user_ids);
    g_free (effect->session_id);
    g_free (effect->except);
    g_free (effect);
}

char *
bureau_room (const char *kind, const char *id)
{
    return g_strdup_printf ("%s:%s", kind, id);
}

GStrv
bureau_call_get_ids (BureauCall *call, const char *name)
{
    return bureau_json_get_strings (call->params, name);
}

void
bureau_call_set_workspace (BureauCall *call, const char *workspace_id)
{
    g_free (call->workspace_id);
    call->workspace_id = g_strdup (workspace_id);
}

/* ------------------------------------------------------------------ permission */

static gboolean
set_not_found (GError **error)
{
    g_set_error_literal (
        error, BUREAU_ERROR, BUREAU_ERROR_NOT_FOUND,
        "There is nothing with this id that you can see. It may have been deleted.");
    return FALSE;
}

static gboolean
set_forbidden (GError **error)
{
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
                         "Your role does not allow this. Ask a manager of the office.");
    return FALSE;
}

static gboolean
check_access (BureauCall *call, const BureauAccess *access, BureauRole role, GError **error)
{
    if (access->workspace_id == NULL)
        return set_not_found (error);
    bureau_call_set_workspace (call, access->workspace_id);
    if (access->role < role)
        return set_forbidden (error);
    if (access->archived && (call->command->flags & BUREAU_COMMAND_DURABLE)) {
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                             "This project is archived and can't be changed.");
        return FALSE;
    }
    return TRUE;
}

gboolean
bureau_call_require_project (BureauCall *call, const char *project_id, BureauRole role,
                             BureauAccess *access, GError **error)
{
    return bureau_store_get_access (call->authority->store, project_id, call->actor->user_id,
                                    access, error) &&
           check_access (call, access, role, error);
}

/* The task is read only for who may see it: a stranger's question takes as long whether there is
 * one or not. */
JsonObject *
bureau_call_require_task (BureauCall *call, const char *id, gboolean deleted, BureauRole role,
                          BureauAccess *access, GError **error)
{
    BureauStore *store = call->authority->store;
    g_autoptr (GError) local_error = NULL;
    JsonObject *task;

    if (!bureau_store_get_task_access (store, id, call->actor->user_id, access, error) ||
        !check_access (call, access, role, error))
        return NULL;
    task = bureau_store_get_task (store, id, deleted, &local_error);
    if (local_error != NULL)
        g_propagate_error (error, g_steal_pointer (&local_error));
    else if (task == NULL)
        set_not_found (error);
    return task;
}

char *
bureau_call_require_workspace (BureauCall *call, BureauRole role, GError **error)
{
    const char *wanted = bureau_json_get_string (call->params, "workspaceId");
    g_autoptr (JsonArray) workspaces = bureau_store_list_workspaces (call->authority->store,
                                                                     call->actor->user_id, error);

    if (workspaces == NULL)
        return NULL;

    for (guint i = 0; i < json_array_get_length (workspaces); i++) {
        JsonObject *workspace = json_array_get_object_element (workspaces, i);
        const char *id = bureau_json_get_string (workspace, "id");

        if (wanted != NULL && g_strcmp0 (wanted, id) != 0)
            continue;
        bureau_call_set_workspace (call, id);
        if (bureau_role_from_string (bureau_json_get_string (workspace, "role")) < (int) role) {
            set_forbidden (error);
            return NULL;
        }
        return g_strdup (id);
    }

    set_not_found (error);
    return NULL;
}

gboolean
bureau_call_require_member (BureauCall *call, const char *workspace_id, const char *user_id,
                            BureauMembership *membership, GError **error)
{
    return bureau_store_get_membership (call->authority->store, workspace_id, user_id, membership,
                                        error) &&
           (membership->role > BUREAU_ROLE_NONE || set_not_found (error));
}

gboolean
bureau_call_require_members (BureauCall *call, const char *workspace_id,
                             const char *const *user_ids, const char *const *known,
                             const char *field, GError **error)
{
    for (guint i = 0; user_ids != NULL && user_ids[i] != NULL; i++) {
        g_autoptr (GError) local_error = NULL;

        if (known != NULL && g_strv_contains (known, user_ids[i]))
            continue;
        if (bureau_store_get_role (call->authority->store, workspace_id, user_ids[i],
                                   &local_error) != BUREAU_ROLE_NONE)
            continue;
        if (local_error != NULL)
            g_propagate_error (error, g_steal_pointer (&local_error));
        else
            bureau_error_set_invalid (error, field, "Somebody named in “%s” is not in this office.",
                                      field);
        return FALSE;
    }
    return TRUE;
}

/* ------------------------------------------------------------------ what it causes */

static BureauEffect *
add_effect (BureauCall *call, BureauEffectKind kind, const char *room, const char *other_room,
            const char *name, char *payload, const char *const *user_ids, gint64 seq)
{
    BureauEffect *effect = g_new0 (BureauEffect, 1);

    effect->kind = kind;
    effect->room = g_strdup (room);
    effect->other_room = g_strdup (other_room);
    effect->name = g_strdup (name);
    effect->payload = payload;
    effect->user_ids = g_strdupv ((GStrv) user_ids);
    effect->seq = seq;
    g_ptr_array_add (call->authority->effects, effect);
    return effect;
}

static void
add_members (JsonObject *target, JsonObject *fields)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init_ordered (&iter, fields);
    while (json_object_iter_next_ordered (&iter, &name, &node))
        json_object_set_member (target, name, json_node_ref (node));
}

gboolean
bureau_call_publish (BureauCall *call, const char *room, const char *other_room,
                     const char *workspace_id, const char *project_id, const char *name,
                     JsonObject *fields, GError **error)
{
    BureauStore *store = call->authority->store;
    const char *op_id = bureau_json_get_string (call->params, "opId");
    g_autoptr (JsonObject) own = fields;
    g_autoptr (JsonObject) event = json_object_new ();
    g_autoptr (JsonObject) member = NULL;
    g_autofree char *event_id = bureau_id_new ();
    g_autofree char *at = bureau_instant_to_string (call->now);
    g_autofree char *payload = NULL;
    gint64 seq;

    member = bureau_store_get_member (store, workspace_id, call->actor->user_id, error);
    if (member == NULL)
        return FALSE;
    seq = bureau_store_take_seq (store, room, error);
    if (seq < 0)
        return FALSE;

    bureau_json_set_string (event, "room", room);
    json_object_set_int_member (event, "seq", seq);
    bureau_json_set_string (event, "eventId", event_id);
    bureau_json_set_string (event, "at", at);
    bureau_json_set_string (event, "workspaceId", workspace_id);
    bureau_json_set_optional (event, "projectId", project_id);
    bureau_json_set_string (event, "userId", call->actor->user_id);
    bureau_json_set_string (event, "userName", bureau_json_get_string (member, "name"));
    bureau_json_set_optional (event, "opId", op_id);
    add_members (event, own);
    payload = bureau_json_object_to_string (event);

    if (!bureau_store_append_event (store, room, seq, event_id, name, call->actor->user_id,
                                    call->actor->session_id, op_id, call->now, payload, error))
        return FALSE;

    call->seq = seq;
    call->stored += strlen (payload);
    add_effect (call, BUREAU_EFFECT_EVENT, room, other_room, name, g_steal_pointer (&payload), NULL,
                seq);
    return TRUE;
}

void
bureau_call_join (BureauCall *call, const char *room, const char *const *user_ids, gint64 seq)
{
    add_effect (call, BUREAU_EFFECT_JOIN, room, NULL, NULL, NULL, user_ids, seq);
}

void
bureau_call_leave (BureauCall *call, const char *room, const char *const *user_ids,
                   const char *reason)
{
    add_effect (call, BUREAU_EFFECT_LEAVE, room, NULL, reason, NULL, user_ids, 0);
}

/* A manager sees more of what is in the room of times than a member does: for who becomes the one
 * or the other, it is another room. */
static gboolean
is_seen_anew (const char *room, const char *const *before, const char *const *after)
{
    g_autofree char *managers = NULL;

    if (!g_str_has_prefix (room, "time:"))
        return FALSE;
    managers = bureau_room ("manage", room + strlen ("time:"));
    return g_strv_contains (before, managers) != g_strv_contains (after, managers);
}

gboolean
bureau_call_move (BureauCall *call, const char *user_id, const char *const *before,
                  const char *reason, GError **error)
{
    const char *user_ids[] = { user_id, NULL };
    g_auto (GStrv) rooms = bureau_list_rooms (call->authority->store, user_id, error);
    const char *const *after = (const char *const *) rooms;

    if (after == NULL)
        return FALSE;
    for (guint i = 0; before[i] != NULL; i++) {
        if (!g_strv_contains (after, before[i]) || is_seen_anew (before[i], before, after))
            bureau_call_leave (call, before[i], user_ids, reason);
    }
    for (guint i = 0; after[i] != NULL; i++) {
        gint64 head;

        if (g_strv_contains (before, after[i]) && !is_seen_anew (after[i], before, after))
            continue;
        head = bureau_store_get_head (call->authority->store, after[i], error);
        if (head < 0)
            return FALSE;
        bureau_call_join (call, after[i], user_ids, head);
    }
    return TRUE;
}

static void
sign_out (BureauCall *call, const char *user_id, const char *session_id, const char *except,
          const char *reason)
{
    const char *user_ids[] = { user_id, NULL };
    BureauEffect *effect = add_effect (call, BUREAU_EFFECT_SIGN_OUT, NULL, NULL, reason, NULL,
                                       user_ids, 0);

    effect->session_id = g_strdup (session_id);
    effect->except = g_strdup (except);
}

gboolean
bureau_call_end_sessions (BureauCall *call, const char *user_id, const char *session_id,
                          const char *except, const char *reason, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);

    if (!bureau_store_revoke_sessions (call->authority->store, user_id, session_id, except, now,
                                       error))
        return FALSE;
    sign_out (call, user_id, session_id, except, reason);
    return TRUE;
}

void
bureau_call_disconnect (BureauCall *call, const char *user_id, const char *reason)
{
    sign_out (call, user_id, NULL, NULL, reason);
}

void
bureau_call_renew_connection (BureauCall *call, gint64 expires_at)
{
    BureauEffect *effect = add_effect (call, BUREAU_EFFECT_RENEW, NULL, NULL, NULL, NULL, NULL, 0);

    effect->connection = call->connection;
    effect->expires_at = expires_at;
}

/* ------------------------------------------------------------------ what takes long */

void
bureau_call_compute (BureauCall *call, void (*compute) (gpointer data), BureauRunFunc finish,
                     gpointer data, GDestroyNotify free_data)
{
    g_return_if_fail (call->work == NULL);

    call->work = g_new0 (BureauWork, 1);
    call->work->compute = compute;
    call->work->finish = finish;
    call->work->data = data;
    call->work->free_data = free_data;
}

gboolean
bureau_call_is_computing (const BureauCall *call)
{
    return call->work != NULL && !call->work->computed;
}

void
bureau_call_end_work (BureauCall *call)
{
    if (call->work == NULL)
        return;

    call->work->free_data (call->work->data);
    g_clear_pointer (&call->work, g_free);
}

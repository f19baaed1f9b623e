/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client-private.h"

#include "bureau-json.h"

/* What a hub may make us remember. */
#define MAX_VIEWED  10000
#define MAX_VIEWERS 1000

static void
take_user (BureauClient *self, JsonObject *json)
{
    const char *user_id = bureau_json_get_string (json, "userId");
    int presence = bureau_presence_from_string (bureau_json_get_string (json, "status"));

    if (user_id && presence >= 0)
        bureau_office_set_presence (self->office, user_id, presence);
}

static void
take_viewers (BureauClient *self, JsonObject *json)
{
    const char *task_id = bureau_json_get_string (json, "taskId");
    JsonArray *users = bureau_json_get_array (json, "users");
    g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

    if (!task_id)
        return;
    for (guint i = 0; users && i < MIN (json_array_get_length (users), MAX_VIEWERS); i++) {
        const char *id = bureau_json_get_string (bureau_json_array_get_object (users, i), "id");

        if (id && g_strcmp0 (id, self->account->user_id) != 0)
            g_ptr_array_add (ids, g_strdup (id));
    }
    if (ids->len == 0) {
        if (!g_hash_table_remove (self->viewers, task_id))
            return;
    } else if (g_hash_table_size (self->viewers) < MAX_VIEWED) {
        g_ptr_array_add (ids, NULL);
        g_ptr_array_set_free_func (ids, NULL);
        g_hash_table_insert (self->viewers, g_strdup (task_id),
                             g_ptr_array_free (g_steal_pointer (&ids), FALSE));
    }
    bureau_client_emit_viewers_changed (self, task_id);
}

static void
take_each (BureauClient *self, JsonArray *array, void (*take) (BureauClient *, JsonObject *))
{
    for (guint i = 0; array && i < json_array_get_length (array); i++) {
        JsonObject *element = bureau_json_array_get_object (array, i);

        if (element)
            take (self, element);
    }
}

static void
forget_viewers (BureauClient *self)
{
    g_autoptr (GHashTable) old = g_steal_pointer (&self->viewers);
    GHashTableIter iter;
    gpointer task_id;

    self->viewers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                           (GDestroyNotify) g_strfreev);
    g_hash_table_iter_init (&iter, old);
    while (g_hash_table_iter_next (&iter, &task_id, NULL))
        bureau_client_emit_viewers_changed (self, task_id);
}

/* TRUE of somebody's being there in another office of the same hub. */
static gboolean
is_elsewhere (BureauClient *self, JsonObject *json)
{
    const char *workspace_id = bureau_json_get_string (json, "workspaceId");

    return workspace_id && g_strcmp0 (workspace_id, self->account->workspace_id) != 0;
}

gboolean
bureau_client_take_presence (BureauClient *self, const char *name, JsonObject *json)
{
    if (g_str_has_prefix (name, "presence:") && is_elsewhere (self, json))
        return TRUE;
    if (g_strcmp0 (name, BUREAU_EVENT_PRESENCE_SNAPSHOT) == 0) {
        bureau_client_forget_presence (self);
        take_each (self, bureau_json_get_array (json, "users"), take_user);
        take_each (self, bureau_json_get_array (json, "viewing"), take_viewers);
    } else if (g_strcmp0 (name, BUREAU_EVENT_PRESENCE_ONLINE) == 0 ||
               g_strcmp0 (name, BUREAU_EVENT_PRESENCE_OFFLINE) == 0) {
        take_user (self, json);
    } else if (g_strcmp0 (name, BUREAU_EVENT_PRESENCE_VIEWING) == 0) {
        take_viewers (self, json);
    } else {
        return FALSE;
    }
    return TRUE;
}

void
bureau_client_forget_presence (BureauClient *self)
{
    bureau_office_clear_presence (self->office);
    forget_viewers (self);
}

static void
tell_viewing (BureauClient *self)
{
    g_autoptr (JsonObject) params = json_object_new ();

    bureau_json_set_string (params, "taskId", self->viewing);
    bureau_link_emit (self->link, bureau_command_get (BUREAU_COMMAND_PRESENCE_VIEWING)->name,
                      params, NULL, NULL);
}

static void
tell_status (BureauClient *self)
{
    g_autoptr (JsonObject) params = json_object_new ();

    bureau_json_set_string (params, "status", bureau_presence_to_string (self->presence));
    bureau_link_emit (self->link, bureau_command_get (BUREAU_COMMAND_PRESENCE_UPDATE)->name, params,
                      NULL, NULL);
}

void
bureau_client_tell_presence (BureauClient *self)
{
    if (self->presence_chosen)
        tell_status (self);
    if (self->viewing)
        tell_viewing (self);
}

void
bureau_client_set_viewing (BureauClient *self, const char *task_id)
{
    g_autofree char *old = NULL;

    g_return_if_fail (BUREAU_IS_CLIENT (self));

    if (g_strcmp0 (task_id, self->viewing) == 0)
        return;
    old = g_steal_pointer (&self->viewing);
    self->viewing = g_strdup (task_id);
    if (self->ready)
        tell_viewing (self);
}

GPtrArray *
bureau_client_get_viewers (BureauClient *self, const char *task_id)
{
    GPtrArray *members = g_ptr_array_new_with_free_func (g_object_unref);
    char **ids;

    g_return_val_if_fail (BUREAU_IS_CLIENT (self), members);

    ids = task_id ? g_hash_table_lookup (self->viewers, task_id) : NULL;
    for (; ids && *ids; ids++) {
        BureauMember *member = bureau_client_find_member (self, *ids);

        if (member)
            g_ptr_array_add (members, g_object_ref (member));
    }
    return members;
}

void
bureau_client_set_presence (BureauClient *self, BureauPresence presence)
{
    g_return_if_fail (BUREAU_IS_CLIENT (self));

    if (self->presence_chosen && presence == self->presence)
        return;
    self->presence = presence;
    self->presence_chosen = TRUE;
    if (self->ready)
        tell_status (self);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-discretion.h"

#include "bureau-json.h"

#define TIME_ROOM "time:"

gboolean
bureau_discretion_init (BureauDiscretion *self, BureauStore *store, const char *room,
                        const char *user_id, GError **error)
{
    g_autoptr (GError) local_error = NULL;

    *self = (BureauDiscretion){ .sees_all = TRUE, .user_id = user_id };
    if (!g_str_has_prefix (room, TIME_ROOM))
        return TRUE;

    self->sees_all = bureau_store_get_role (store, room + strlen (TIME_ROOM), user_id,
                                            &local_error) >= BUREAU_ROLE_MANAGER;
    if (local_error == NULL)
        return TRUE;
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

gboolean
bureau_discretion_apply (const BureauDiscretion *self, JsonObject *entry)
{
    if (self->sees_all || bureau_json_get_string (entry, "note") == NULL ||
        g_strcmp0 (bureau_json_get_string (entry, "userId"), self->user_id) == 0)
        return FALSE;

    bureau_json_set_string (entry, "note", NULL);
    return TRUE;
}

char *
bureau_discretion_apply_event (const BureauDiscretion *self, const char *payload)
{
    g_autoptr (JsonObject) event = NULL;
    JsonObject *entry;

    if (self->sees_all)
        return NULL;
    event = bureau_json_parse_object (payload, -1, NULL);
    entry = event != NULL ? bureau_json_get_object (event, "entry") : NULL;
    if (entry == NULL || !bureau_discretion_apply (self, entry))
        return NULL;
    return bureau_json_object_to_string (event);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-health.h"

#include "bureau-authority.h"
#include "bureau-json.h"
#include "bureau-timer.h"

#define PROBE_MS  1000
#define PROBE_KEY "probe"

BureauStorageState
bureau_authority_get_storage_state (BureauAuthority *self)
{
    return bureau_store_get_state (self->store);
}

/* ------------------------------------------------------------------ telling */

static JsonObject *
describe (BureauStorageState state)
{
    JsonObject *fields = json_object_new ();

    bureau_json_set_string (fields, "state", bureau_storage_get_word (state));
    if (state != BUREAU_STORAGE_OK)
        bureau_json_set_string (fields, "message", bureau_storage_get_message (state));
    return fields;
}

static void
tell_owners (BureauAuthority *self)
{
    g_autoptr (GError) error = NULL;
    g_auto (GStrv) owners = bureau_store_list_owners (self->store, &error);
    g_autoptr (GPtrArray) rooms = g_ptr_array_new_with_free_func (g_free);
    g_autoptr (JsonObject) fields = describe (self->told);
    g_autofree char *payload = bureau_json_object_to_string (fields);
    BureauFrame *frame;

    if (owners == NULL) {
        g_message ("Can't tell the owners: %s", error->message);
        return;
    }
    for (guint i = 0; owners[i] != NULL; i++)
        g_ptr_array_add (rooms, bureau_room ("user", owners[i]));
    g_ptr_array_add (rooms, NULL);
    frame = bureau_frame_new_event (self->server, BUREAU_EVENT_STORAGE_CHANGED, payload);
    bureau_server_broadcast (self->server, (const char *const *) rooms->pdata, frame, NULL);
    bureau_frame_free (frame);
    bureau_server_wake (self->server);
}

gboolean
bureau_health_send (BureauAuthority *self, BureauLive *live, GError **error)
{
    g_autoptr (JsonObject) fields = NULL;
    g_auto (GStrv) owners = NULL;

    if (self->told == BUREAU_STORAGE_OK)
        return TRUE;
    owners = bureau_store_list_owners (self->store, error);
    if (owners == NULL)
        return FALSE;
    fields = describe (self->told);
    if (g_strv_contains ((const char *const *) owners, live->actor->user_id))
        bureau_live_tell (live, BUREAU_EVENT_STORAGE_CHANGED, fields);
    return TRUE;
}

/* ------------------------------------------------------------------ trying again */

static gboolean
run_probe (BureauCall *call, GError **error)
{
    g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, call->now);

    return bureau_store_set_meta (call->authority->store, PROBE_KEY, now, error);
}

static gboolean
on_probe_cb (gpointer data)
{
    BureauAuthority *self = data;

    bureau_authority_queue (self, bureau_request_new (self, run_probe, NULL));
    return G_SOURCE_CONTINUE;
}

void
bureau_health_stop (BureauAuthority *self)
{
    bureau_timer_stop (&self->probe);
}

void
bureau_health_review (BureauAuthority *self)
{
    BureauStorageState state = bureau_store_get_state (self->store);

    if (state == self->told)
        return;

    self->told = state;
    if (state == BUREAU_STORAGE_OK)
        g_message ("The hub can write to its disk again.");
    else
        g_message ("%s", bureau_storage_get_message (state));
    /* Damage does not go away by itself. */
    bureau_health_stop (self);
    if (state != BUREAU_STORAGE_OK && state != BUREAU_STORAGE_DAMAGED)
        bureau_timer_start (&self->probe, PROBE_MS, on_probe_cb, self);
    if (self->server != NULL)
        tell_owners (self);
}

void
bureau_health_hear_of (BureauAuthority *self, BureauStore *store)
{
    if (bureau_store_get_state (store) != BUREAU_STORAGE_DAMAGED)
        return;
    bureau_store_set_damaged (self->store);
    bureau_health_review (self);
}

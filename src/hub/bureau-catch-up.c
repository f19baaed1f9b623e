/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "bureau-authority.h"
#include "bureau-discretion.h"
#include "bureau-error.h"
#include "bureau-health.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-live.h"

/* More than this is quicker, and safer for the connection's send limit, as a snapshot. */
#define MAX_REPLAY_EVENTS 2000
#define MAX_REPLAY_BYTES  (512 * 1024)

#define WORKSPACE_ROOM "workspace:"

static void
add_room (GStrvBuilder *builder, const char *kind, const char *id)
{
    g_autofree char *room = bureau_room (kind, id);

    g_strv_builder_add (builder, room);
}

GStrv
bureau_list_rooms (BureauAuthority *authority, const char *user_id, GError **error)
{
    g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
    g_autoptr (JsonArray) workspaces = bureau_store_list_workspaces (authority->store, user_id,
                                                                     error);
    g_auto (GStrv) projects = NULL;

    if (workspaces == NULL)
        return NULL;
    projects = bureau_store_list_visible_projects (authority->store, user_id, error);
    if (projects == NULL)
        return NULL;

    for (guint i = 0; i < json_array_get_length (workspaces); i++) {
        JsonObject *workspace = json_array_get_object_element (workspaces, i);
        const char *id = bureau_json_get_string (workspace, "id");
        int role = bureau_role_from_string (bureau_json_get_string (workspace, "role"));

        add_room (builder, "workspace", id);
        if (role >= BUREAU_ROLE_MEMBER)
            add_room (builder, "time", id);
        if (role >= BUREAU_ROLE_MANAGER)
            add_room (builder, "manage", id);
    }
    for (guint i = 0; projects[i] != NULL; i++)
        add_room (builder, "project", projects[i]);
    /* Who is in no office is nobody. */
    if (json_array_get_length (workspaces) > 0)
        add_room (builder, "user", user_id);
    return g_strv_builder_end (builder);
}

JsonObject *
bureau_describe_heads (BureauAuthority *authority, const char *const *rooms, GError **error)
{
    g_autoptr (JsonObject) heads = json_object_new ();
    g_autofree char *now = bureau_instant_to_string (bureau_authority_now (authority));
    JsonObject *seqs = json_object_new ();

    bureau_json_set_string (heads, "epoch", authority->epoch);
    json_object_set_object_member (heads, "rooms", seqs);
    for (guint i = 0; rooms[i] != NULL; i++) {
        gint64 head = bureau_store_get_head (authority->store, rooms[i], error);

        if (head < 0)
            return NULL;
        json_object_set_int_member (seqs, rooms[i], head);
    }
    bureau_json_set_string (heads, "serverTime", now);
    return g_steal_pointer (&heads);
}

/* ------------------------------------------------------------------ replay */

typedef struct {
    BureauServer *server;
    GPtrArray *frames; /* BureauFrame (owned) */
    gsize bytes;
    BureauDiscretion discretion;
} Replay;

static void
collect_event (const char *name, gint64 seq, const char *payload, gpointer data)
{
    Replay *replay = data;
    g_autofree char *less = NULL;

    replay->bytes += strlen (payload);
    if (replay->bytes > MAX_REPLAY_BYTES)
        return;
    less = bureau_discretion_apply_event (&replay->discretion, payload);
    g_ptr_array_add (replay->frames,
                     bureau_frame_new_event (replay->server, name, less != NULL ? less : payload));
}

static void
add_reset (JsonObject **reset, const char *room)
{
    if (*reset == NULL) {
        *reset = json_object_new ();
        json_object_set_array_member (*reset, "rooms", json_array_new ());
        bureau_json_set_string (*reset, "reason", "behind");
    }
    json_array_add_string_element (bureau_json_get_array (*reset, "rooms"), room);
}

/* Reading a log costs the hub what reading the office does, and counts as that: else whoever comes
 * back over and over would keep everybody waiting. */
static gboolean
may_read (BureauAuthority *authority, BureauLive *live)
{
    return bureau_rates_take (authority->rates, BUREAU_RATE_READ, live->actor->user_id, 0, NULL);
}

/* Replays one room, or adds it to those the client has to fetch as a snapshot. */
static gboolean
replay_room (BureauAuthority *authority, BureauLive *live, const char *room, gint64 since,
             gsize *bytes, JsonObject **reset, GError **error)
{
    g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func (
        (GDestroyNotify) bureau_frame_free);
    Replay replay = { .server = authority->server, .frames = frames, .bytes = *bytes };
    gint64 head = bureau_store_get_head (authority->store, room, error);

    if (head < 0)
        return FALSE;
    if (since == head)
        return TRUE;
    if (since < 0 || since > head || head - since > MAX_REPLAY_EVENTS ||
        !may_read (authority, live)) {
        add_reset (reset, room);
        return TRUE;
    }
    if (!bureau_discretion_init (&replay.discretion, authority->store, room, live->actor->user_id,
                                 error) ||
        !bureau_store_foreach_event (authority->store, room, since, MAX_REPLAY_EVENTS,
                                     collect_event, &replay, error))
        return FALSE;
    bureau_rates_owe (authority->rates, BUREAU_RATE_READ, live->actor->user_id,
                      (replay.bytes - *bytes) / 1024);

    /* A room is replayed whole or not at all: half of it would look like a gap. */
    if (replay.bytes > MAX_REPLAY_BYTES || frames->len != head - since) {
        add_reset (reset, room);
        return TRUE;
    }
    *bytes = replay.bytes;
    for (guint i = 0; i < frames->len; i++)
        bureau_server_send (authority->server, live->connection, room,
                            g_ptr_array_index (frames, i));
    return TRUE;
}

static gboolean
replay (BureauAuthority *authority, BureauLive *live, const char *const *rooms, JsonObject *since,
        const char *epoch, JsonObject **reset, GError **error)
{
    gsize bytes = 0;

    for (guint i = 0; since != NULL && rooms[i] != NULL; i++) {
        if (!json_object_has_member (since, rooms[i]))
            continue;
        if (g_strcmp0 (epoch, authority->epoch) != 0)
            add_reset (reset, rooms[i]);
        else if (!replay_room (authority, live, rooms[i], bureau_json_get_int (since, rooms[i], -1),
                               &bytes, reset, error))
            return FALSE;
    }
    return TRUE;
}

/* Of each workspace among @rooms. */
static gboolean
send_presence (BureauLiveTable *table, BureauLive *live, const char *const *rooms, GError **error)
{
    for (guint i = 0; rooms[i] != NULL; i++) {
        if (g_str_has_prefix (rooms[i], WORKSPACE_ROOM) &&
            !bureau_presence_send (table, live, rooms[i] + strlen (WORKSPACE_ROOM), error))
            return FALSE;
    }
    return TRUE;
}

gboolean
bureau_catch_up (BureauLiveTable *table, BureauLive *live, const char *const *rooms,
                 JsonObject *since, const char *epoch, GError **error)
{
    BureauAuthority *authority = table->authority;
    g_autoptr (JsonObject) ready = NULL;
    g_autoptr (JsonObject) reset = NULL;

    if (!replay (authority, live, rooms, since, epoch, &reset, error))
        return FALSE;
    ready = bureau_describe_heads (authority, rooms, error);
    if (ready == NULL)
        return FALSE;

    if (reset != NULL)
        bureau_live_tell (live, BUREAU_EVENT_SYNC_RESET, reset);
    bureau_live_tell (live, BUREAU_EVENT_SYNC_READY, ready);
    return send_presence (table, live, rooms, error) && bureau_health_send (authority, live, error);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client-private.h"

#include <string.h>

#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-timer.h"

#define READY_SECONDS 30   /* the hub has to end the catch-up or say something meanwhile */
#define MAX_SINCE     200  /* rooms: the strict scanner allows an object 256 members */
#define HEADS_GRACE   2000 /* ms: an event may be on its way when the heads are told */

void
bureau_client_describe (BureauClient *self, JsonObject *auth)
{
    g_autoptr (JsonObject) since = json_object_new ();
    GHashTableIter iter;
    gpointer value;

    /* Also where there is nothing to go on from: it tells the hub that this client keeps its own
     * account of what it has. */
    g_hash_table_iter_init (&iter, self->rooms);
    while (self->epoch && g_hash_table_iter_next (&iter, NULL, &value)) {
        const BureauFollowed *room = value;

        /* Those left out are compared with their heads, and fetched if they have moved on. */
        if (room->have && json_object_get_size (since) < MAX_SINCE)
            json_object_set_int_member (since, room->name, room->seq);
    }
    bureau_json_set_optional (auth, "epoch", self->epoch);
    json_object_set_object_member (auth, "since", g_steal_pointer (&since));
}

static gboolean
on_ready_timeout_cb (gpointer data)
{
    BureauClient *self = data;

    bureau_timer_stop (&self->ready_timeout);
    bureau_link_drop (self->link, "the hub does not end the catch-up");
    return G_SOURCE_REMOVE;
}

void
bureau_client_on_opened (BureauClient *self)
{
    bureau_timer_start (&self->ready_timeout, READY_SECONDS * 1000, on_ready_timeout_cb, self);
}

void
bureau_client_on_closed (BureauClient *self)
{
    GHashTableIter iter;
    gpointer value;

    self->ready = FALSE;
    bureau_client_end_batch (self);
    bureau_timer_stop (&self->ready_timeout);
    bureau_timer_stop (&self->heads_check);
    bureau_timer_stop (&self->resend);
    bureau_client_stop_fetching (self);
    g_hash_table_iter_init (&iter, self->rooms);
    while (g_hash_table_iter_next (&iter, NULL, &value)) {
        BureauFollowed *room = value;

        /* The next catch-up tells of it all again. */
        room->wanted = room->fetching = FALSE;
        bureau_client_clear_held (self, room);
    }
    bureau_outbox_unsend (self->outbox);
    bureau_client_forget_presence (self);
    bureau_client_refresh (self);
}

/* ------------------------------------------------------------------ what the hub says of the rooms
 */

static void
take_clock (BureauClient *self, JsonObject *json)
{
    gint64 hub_time = bureau_instant_from_string (bureau_json_get_string (json, "serverTime"));

    if (hub_time > 0)
        self->clock_offset = hub_time - g_get_real_time () / 1000;
}

static void
take_epoch (BureauClient *self, const char *epoch)
{
    GHashTableIter iter;
    gpointer value;
    gboolean had_one = self->epoch != NULL;

    if (!epoch || g_strcmp0 (epoch, self->epoch) == 0)
        return;
    g_free (self->epoch);
    self->epoch = g_strdup (epoch);
    g_hash_table_iter_init (&iter, self->rooms);
    while (g_hash_table_iter_next (&iter, NULL, &value)) {
        BureauFollowed *room = value;

        room->of_before = had_one;
        room->have = FALSE;
    }
    bureau_replica_set_epoch (self->replica, epoch);
    bureau_client_doubt_done (self);
}

static void
leave_room (BureauClient *self, const char *name)
{
    BureauFollowed *room = g_hash_table_lookup (self->rooms, name);

    bureau_client_note_leaving (self, name);
    if (room)
        bureau_client_clear_held (self, room);
    bureau_replica_drop_room (self->replica, name);
    bureau_office_drop_room (self->office, name);
    g_hash_table_remove (self->rooms, name);
    bureau_client_settle_strays (self);
}

static void
take_head (BureauClient *self, const char *name, JsonNode *node)
{
    BureauFollowed *room = bureau_client_follow (self, name);

    if (room && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
        room->head = MAX (0, json_node_get_int (node));
}

static void
take_heads (BureauClient *self, JsonObject *rooms)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init (&iter, rooms);
    while (json_object_iter_next (&iter, &name, &node))
        take_head (self, name, node);
}

/* Who has come to manage while away, or no longer does, sees other things in the time entries that
 * are there already, of which no log tells. They are had no longer, also should the connection, or
 * this program, not last until they have come. @name: the room they are in now, or no longer. */
static void
refetch_time (BureauClient *self, const char *name)
{
    g_autofree char *time = NULL;
    BureauFollowed *room;

    if (!g_str_has_prefix (name, "manage:"))
        return;
    time = g_strconcat ("time:", name + strlen ("manage:"), NULL);
    room = g_hash_table_lookup (self->rooms, time);
    if (!room)
        return;
    room->have = FALSE;
    room->wanted = TRUE;
    bureau_replica_forget_room (self->replica, time);
}

/* Rooms we are no longer in were left while we were away. Returns TRUE if some were not known at
 * all. */
static gboolean
compare_rooms (BureauClient *self, JsonObject *rooms)
{
    g_autoptr (GPtrArray) left = g_ptr_array_new_with_free_func (g_free);
    gboolean fresh = TRUE;
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init (&iter, self->rooms);
    while (g_hash_table_iter_next (&iter, NULL, &value)) {
        BureauFollowed *room = value;

        if (!json_object_has_member (rooms, room->name))
            g_ptr_array_add (left, g_strdup (room->name));
        else if (!room->have || room->seq != room->head)
            room->wanted = TRUE;
        if (!room->have)
            refetch_time (self, room->name);
        fresh = fresh && !room->have;
    }
    for (guint i = 0; i < left->len; i++) {
        refetch_time (self, left->pdata[i]);
        leave_room (self, left->pdata[i]);
    }
    return fresh;
}

static gboolean
is_in_office (BureauClient *self, JsonObject *rooms)
{
    g_autofree char *office = bureau_kind_get_room (BUREAU_KIND_WORKSPACE, NULL,
                                                    self->account->workspace_id);

    return json_object_has_member (rooms, office);
}

/* The hub lets us out of a room. Without the workspace's own there is no office, and what we have
 * of it is all that is left to look at. */
static void
take_left (BureauClient *self, const char *name)
{
    g_autofree char *office = bureau_kind_get_room (BUREAU_KIND_WORKSPACE, NULL,
                                                    self->account->workspace_id);

    if (g_strcmp0 (name, office) == 0)
        bureau_client_leave_office (self);
    else if (name)
        leave_room (self, name);
}

static void
take_ready (BureauClient *self, JsonObject *json)
{
    JsonObject *rooms = bureau_json_get_object (json, "rooms");
    g_autoptr (JsonObject) none = json_object_new ();

    take_clock (self, json);
    if (!is_in_office (self, rooms ? rooms : none)) {
        bureau_client_leave_office (self);
        return;
    }
    take_epoch (self, bureau_json_get_string (json, "epoch"));
    take_heads (self, rooms ? rooms : none);
    bureau_client_end_batch (self);
    if (compare_rooms (self, rooms ? rooms : none)) {
        /* Nothing of what we have is told of by any log: keep only what the snapshots are about to
         * replace. */
        g_autofree const char **names = (const char **) g_hash_table_get_keys_as_array (self->rooms,
                                                                                        NULL);

        bureau_office_keep_rooms (self->office, names);
        bureau_replica_keep_rooms (self->replica, names);
    }
    self->ready = TRUE;
    /* If there is any, it is told next. */
    bureau_client_set_hub_trouble (self, NULL);
    bureau_timer_stop (&self->ready_timeout);
    bureau_link_set_works (self->link);
    bureau_client_settle_strays (self);
    bureau_client_fetch (self);
    bureau_client_tell_presence (self);
    bureau_client_send_next (self);
}

static void
take_reset (BureauClient *self, JsonObject *json)
{
    JsonArray *rooms = bureau_json_get_array (json, "rooms");

    for (guint i = 0; rooms && i < json_array_get_length (rooms); i++) {
        JsonNode *node = json_array_get_element (rooms, i);
        const char *name = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
        BureauFollowed *room = name ? g_hash_table_lookup (self->rooms, name) : NULL;

        if (room)
            room->wanted = TRUE;
    }
    bureau_client_fetch (self);
}

static gboolean
on_heads_check_cb (gpointer data)
{
    BureauClient *self = data;
    GHashTableIter iter;
    gpointer value;

    bureau_timer_stop (&self->heads_check);
    g_hash_table_iter_init (&iter, self->rooms);
    while (g_hash_table_iter_next (&iter, NULL, &value)) {
        BureauFollowed *room = value;

        if (!room->have || room->seq < room->head)
            room->wanted = TRUE;
    }
    bureau_client_fetch (self);
    bureau_client_refresh (self);
    return G_SOURCE_REMOVE;
}

static void
take_later_heads (BureauClient *self, JsonObject *json)
{
    JsonObject *rooms = bureau_json_get_object (json, "rooms");

    if (self->epoch && g_strcmp0 (self->epoch, bureau_json_get_string (json, "epoch")) != 0) {
        bureau_link_drop (self->link, "the hub began another life");
        return;
    }
    take_clock (self, json);
    if (rooms)
        take_heads (self, rooms);
    /* Until the catch-up ends, they only say how much of it there is to come. */
    if (!self->ready)
        return;
    bureau_client_settle_strays (self);
    bureau_timer_start (&self->heads_check, HEADS_GRACE, on_heads_check_cb, self);
}

static void
take_joined (BureauClient *self, JsonObject *json)
{
    const char *name = bureau_json_get_string (json, "room");
    BureauFollowed *room = name ? bureau_client_follow (self, name) : NULL;

    if (!room)
        return;
    room->head = MAX (0, bureau_json_get_int (json, "seq", 0));
    if (room->have)
        return;
    if (room->head > 0 || !self->ready) {
        room->wanted = TRUE;
        bureau_client_fetch (self);
        return;
    }
    room->have = TRUE;
    room->seq = 0;
    bureau_replica_begin_room (self->replica, name, 0);
    bureau_client_release_held (self, room);
}

static gboolean
take_passing (BureauClient *self, const char *name, JsonObject *json)
{
    if (g_strcmp0 (name, BUREAU_EVENT_SYNC_READY) == 0)
        take_ready (self, json);
    else if (g_strcmp0 (name, BUREAU_EVENT_SYNC_RESET) == 0)
        take_reset (self, json);
    else if (g_strcmp0 (name, BUREAU_EVENT_SYNC_HEADS) == 0)
        take_later_heads (self, json);
    else if (g_strcmp0 (name, BUREAU_EVENT_ROOM_JOINED) == 0)
        take_joined (self, json);
    else if (g_strcmp0 (name, BUREAU_EVENT_ROOM_LEFT) == 0)
        take_left (self, bureau_json_get_string (json, "room"));
    else if (g_strcmp0 (name, BUREAU_EVENT_STORAGE_CHANGED) == 0)
        bureau_client_set_hub_trouble (self, bureau_json_get_string (json, "state"));
    else if (g_strcmp0 (name, BUREAU_EVENT_HUB_CLOSING) == 0)
        bureau_link_set_pause (self->link, bureau_json_get_int (json, "retryAfterMs", 0));
    else if (g_strcmp0 (name, BUREAU_EVENT_AUTH_EXPIRING) == 0)
        bureau_credentials_renew (self->credentials);
    else
        return bureau_client_take_presence (self, name, json);
    return TRUE;
}

void
bureau_client_on_event (BureauClient *self, const char *name, JsonObject *json)
{
    if (!self->ready && self->ready_timeout)
        bureau_timer_start (&self->ready_timeout, READY_SECONDS * 1000, on_ready_timeout_cb, self);
    if (!take_passing (self, name, json))
        bureau_client_take_durable (self, name, json);
    bureau_client_refresh (self);
}

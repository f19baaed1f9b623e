/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client-private.h"

#include <string.h>

#include "bureau-instant.h"
#include "bureau-json.h"

/* What a hub may make us remember before it is left. */
#define MAX_ROOMS 10000
#define MAX_HELD  50000

#define READY_SECONDS 30   /* the hub has to end the catch-up or say something meanwhile */
#define HEADS_GRACE   2000 /* ms: an event may be on its way when the heads are told */
#define BATCH_MS      16   /* a frame: what comes in it while catching up is published together */

void
bureau_client_followed_free (BureauFollowed *room)
{
    g_free (room->name);
    g_ptr_array_unref (room->held);
    g_free (room);
}

BureauFollowed *
bureau_client_follow (BureauClient *self, const char *name)
{
    BureauFollowed *room = g_hash_table_lookup (self->rooms, name);

    if (room || g_hash_table_size (self->rooms) >= MAX_ROOMS || strlen (name) > 128)
        return room;
    room = g_new0 (BureauFollowed, 1);
    room->name = g_strdup (name);
    room->held = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
    g_hash_table_insert (self->rooms, room->name, room);
    return room;
}

static void
clear_held (BureauClient *self, BureauFollowed *room)
{
    self->n_held -= room->held->len;
    g_ptr_array_set_size (room->held, 0);
}

/* ------------------------------------------------------------------ one event */

typedef struct {
    const char *name;
    JsonObject *json;
    int kind; /* of the object it changes; -1 for none */
    const char *id;
    JsonObject *object; /* (nullable): as it is now, NULL if it is gone */
} Event;

/* TRUE if the task that @id names is one that @room tells of. */
static gboolean
is_task_of (BureauClient *self, const char *id, const char *room)
{
    g_autofree char *home = bureau_office_get_confirmed_room (self->office, BUREAU_KIND_TASK, id);

    return g_strcmp0 (home, room) == 0;
}

/* Which object the event changes. A hub that tells of an object in a room that is not its own is
 * not believed. */
static Event
read_event (BureauClient *self, const BureauFollowed *room, JsonObject *json)
{
    Event event = { .name = bureau_json_get_string (json, "event"), .json = json, .kind = -1 };
    const BureauEvent *known = bureau_event_find (event.name);
    gboolean gone = g_strcmp0 (event.name, BUREAU_EVENT_TASK_DELETED) == 0;
    const char *noun = known ? known->noun : NULL;
    JsonObject *object;
    g_autofree char *home = NULL;

    /* A project's new member: the member itself comes in the workspace's room. */
    if (g_strcmp0 (noun, "member") == 0 && g_str_has_prefix (room->name, "project:"))
        noun = "project";
    event.kind = bureau_kind_from_string (noun);
    if (event.kind < 0)
        return event;
    object = bureau_json_get_object (json, noun);
    event.id = bureau_kind_get_id (object);
    if (gone && !event.id) {
        event.id = bureau_json_get_string (json, "taskId");
        if (!event.id || !is_task_of (self, event.id, room->name))
            event.kind = -1;
        return event;
    }
    home = event.id ? bureau_kind_get_room (event.kind, object, self->account->workspace_id) : NULL;
    if (g_strcmp0 (home, room->name) != 0)
        event.kind = -1;
    event.object = gone ? NULL : object;
    return event;
}

/* The command of mine that caused the event, if it is the event of its very object: starting a
 * timer also stops another. (nullable) (transfer full) */
static BureauOutboxEntry *
take_own (BureauClient *self, const Event *event)
{
    const char *op_id = bureau_json_get_string (event->json, "opId");
    BureauOutboxEntry *entry = op_id ? bureau_outbox_lookup (self->outbox, op_id) : NULL;

    if (!entry || event->kind < 0 ||
        g_strcmp0 (bureau_json_get_string (event->json, "userId"), self->account->user_id) != 0 ||
        (entry->target && g_strcmp0 (entry->target, event->id) != 0))
        return NULL;
    return bureau_outbox_steal (self->outbox, op_id);
}

static void
apply (BureauClient *self, BureauFollowed *room, JsonObject *json, gboolean live)
{
    Event event = read_event (self, room, json);
    g_autoptr (BureauOutboxEntry) own = take_own (self, &event);

    room->seq = bureau_json_get_int (json, "seq", 0);
    room->head = MAX (room->head, room->seq);
    bureau_replica_apply (self->replica, room->name, room->seq, MAX (event.kind, 0),
                          event.kind < 0 ? NULL : event.id, event.object, own ? own->op_id : NULL);
    if (event.kind >= 0)
        bureau_office_confirm (self->office, event.kind, event.id, event.object);
    if (own)
        bureau_office_replay_without (self->office, own);
    bureau_client_settle (self, room->name, room->seq);
    if (live && g_strcmp0 (bureau_json_get_string (json, "userId"), self->account->user_id) != 0)
        bureau_client_emit_happened (self, event.name, json);
}

static gboolean
on_batch_end_cb (gpointer data)
{
    BureauClient *self = data;

    if (self->batch_end)
        bureau_office_end (self->office);
    bureau_client_cancel (&self->batch_end);
    return G_SOURCE_REMOVE;
}

/* While catching up the models are held still, a frame at a time. */
static void
begin_batch (BureauClient *self)
{
    if (self->batch_end)
        return;
    bureau_office_begin (self->office);
    bureau_client_plan (self, &self->batch_end, BATCH_MS, on_batch_end_cb);
}

static void
hold (BureauClient *self, BureauFollowed *room, JsonObject *json)
{
    /* What is left out here is noticed as a gap after the snapshot, or by the heads. */
    if (self->n_held >= MAX_HELD)
        return;
    g_ptr_array_add (room->held, json_object_ref (json));
    self->n_held++;
}

static void
take_durable (BureauClient *self, const char *name, JsonObject *json)
{
    const char *where = bureau_json_get_string (json, "room");
    gint64 seq = bureau_json_get_int (json, "seq", 0);
    BureauFollowed *room = where && seq > 0 ? bureau_client_follow (self, where) : NULL;

    if (!room)
        return;
    bureau_json_set_string (json, "event", name);
    if (room->have && !room->wanted && seq <= room->seq)
        return;
    if (room->have && !room->wanted && seq == room->seq + 1) {
        if (!self->ready)
            begin_batch (self);
        apply (self, room, json, self->ready);
        return;
    }
    hold (self, room, json);
    if (room->have)
        room->wanted = TRUE;
    bureau_client_fetch (self);
}

void
bureau_client_release_held (BureauClient *self, BureauFollowed *room)
{
    g_autoptr (GPtrArray) held = g_steal_pointer (&room->held);

    room->held = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
    self->n_held -= held->len;
    for (guint i = 0; i < held->len; i++) {
        gint64 seq = bureau_json_get_int (held->pdata[i], "seq", 0);

        if (seq <= room->seq)
            continue;
        if (!room->wanted && seq == room->seq + 1) {
            apply (self, room, held->pdata[i], FALSE);
        } else {
            room->wanted = TRUE;
            hold (self, room, held->pdata[i]);
        }
    }
}

/* ------------------------------------------------------------------ the connection's course */

void
bureau_client_describe (BureauClient *self, JsonObject *auth)
{
    g_autoptr (JsonObject) since = json_object_new ();
    GHashTableIter iter;
    gpointer value;

    if (!self->epoch)
        return;
    g_hash_table_iter_init (&iter, self->rooms);
    while (g_hash_table_iter_next (&iter, NULL, &value)) {
        const BureauFollowed *room = value;

        if (room->have)
            json_object_set_int_member (since, room->name, room->seq);
    }
    if (json_object_get_size (since) == 0)
        return;
    bureau_json_set_string (auth, "epoch", self->epoch);
    json_object_set_object_member (auth, "since", g_steal_pointer (&since));
}

static gboolean
on_ready_timeout_cb (gpointer data)
{
    BureauClient *self = data;

    bureau_client_cancel (&self->ready_timeout);
    bureau_link_drop (self->link, "the hub does not end the catch-up");
    return G_SOURCE_REMOVE;
}

void
bureau_client_on_opened (BureauClient *self)
{
    bureau_client_plan (self, &self->ready_timeout, READY_SECONDS * 1000, on_ready_timeout_cb);
}

void
bureau_client_on_closed (BureauClient *self)
{
    GHashTableIter iter;
    gpointer value;

    self->ready = FALSE;
    on_batch_end_cb (self);
    bureau_client_cancel (&self->ready_timeout);
    bureau_client_cancel (&self->heads_check);
    bureau_client_cancel (&self->resend);
    bureau_client_stop_fetching (self);
    g_hash_table_iter_init (&iter, self->rooms);
    while (g_hash_table_iter_next (&iter, NULL, &value)) {
        BureauFollowed *room = value;

        /* The next catch-up tells of it all again. */
        room->wanted = room->fetching = FALSE;
        clear_held (self, room);
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

    if (!epoch || g_strcmp0 (epoch, self->epoch) == 0)
        return;
    g_free (self->epoch);
    self->epoch = g_strdup (epoch);
    g_hash_table_iter_init (&iter, self->rooms);
    while (g_hash_table_iter_next (&iter, NULL, &value))
        ((BureauFollowed *) value)->have = FALSE;
    bureau_replica_set_epoch (self->replica, epoch);
    bureau_client_settle_strays (self, TRUE);
}

static void
leave_room (BureauClient *self, const char *name)
{
    BureauFollowed *room = g_hash_table_lookup (self->rooms, name);

    if (room)
        clear_held (self, room);
    bureau_replica_drop_room (self->replica, name);
    bureau_office_drop_room (self->office, name);
    g_hash_table_remove (self->rooms, name);
    bureau_client_settle_strays (self, FALSE);
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
        fresh = fresh && !room->have;
    }
    for (guint i = 0; i < left->len; i++)
        leave_room (self, left->pdata[i]);
    return fresh;
}

static void
take_ready (BureauClient *self, JsonObject *json)
{
    JsonObject *rooms = bureau_json_get_object (json, "rooms");
    g_autoptr (JsonObject) none = json_object_new ();

    take_clock (self, json);
    take_epoch (self, bureau_json_get_string (json, "epoch"));
    take_heads (self, rooms ? rooms : none);
    on_batch_end_cb (self);
    if (compare_rooms (self, rooms ? rooms : none)) {
        /* Nothing of what we have is told of by any log: keep only what the snapshots are about to
         * replace. */
        g_autofree const char **names = (const char **) g_hash_table_get_keys_as_array (self->rooms,
                                                                                        NULL);

        bureau_office_keep_rooms (self->office, names);
        bureau_replica_keep_rooms (self->replica, names);
    }
    self->ready = TRUE;
    bureau_client_cancel (&self->ready_timeout);
    bureau_link_set_works (self->link);
    bureau_client_settle_strays (self, FALSE);
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

    bureau_client_cancel (&self->heads_check);
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
    bureau_client_plan (self, &self->heads_check, HEADS_GRACE, on_heads_check_cb);
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
    else if (g_strcmp0 (name, BUREAU_EVENT_ROOM_LEFT) == 0 && bureau_json_get_string (json, "room"))
        leave_room (self, bureau_json_get_string (json, "room"));
    else if (g_strcmp0 (name, BUREAU_EVENT_HUB_CLOSING) == 0)
        bureau_link_set_pause (self->link, bureau_json_get_int (json, "retryAfterMs", 0));
    else
        return bureau_client_take_presence (self, name, json);
    return TRUE;
}

void
bureau_client_on_event (BureauClient *self, const char *name, JsonObject *json)
{
    if (!self->ready && self->ready_timeout)
        bureau_client_plan (self, &self->ready_timeout, READY_SECONDS * 1000, on_ready_timeout_cb);
    if (!take_passing (self, name, json))
        take_durable (self, name, json);
    bureau_client_refresh (self);
}

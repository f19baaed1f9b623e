/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client-private.h"

#include <string.h>

#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-timer.h"

/* What a hub may make us remember before it is left. */
#define MAX_ROOMS 10000
#define MAX_HELD  50000

#define BATCH_MS 16 /* a frame: what comes in it while catching up is published together */

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
    room->number = ++self->n_followed;
    room->held = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
    g_hash_table_insert (self->rooms, room->name, room);
    self->projects_changed = TRUE;
    return room;
}

void
bureau_client_clear_held (BureauClient *self, BureauFollowed *room)
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

/* TRUE if the object is there no longer. Of myself only the hub's letting me out says so. */
static gboolean
is_end (BureauClient *self, JsonObject *json, const char *name)
{
    JsonObject *member = bureau_json_get_object (json, "member");

    if (g_strcmp0 (name, BUREAU_EVENT_MEMBER_LEFT) == 0)
        return g_strcmp0 (bureau_json_get_string (json, "reason"), "removed") == 0 &&
               g_strcmp0 (bureau_kind_get_id (member), self->account->user_id) != 0;
    return g_strcmp0 (name, BUREAU_EVENT_TASK_DELETED) == 0;
}

/* Which object the event changes. A hub that tells of an object in a room that is not its own is
 * not believed. */
static Event
read_event (BureauClient *self, const BureauFollowed *room, JsonObject *json)
{
    Event event = { .name = bureau_json_get_string (json, "event"), .json = json, .kind = -1 };
    const BureauEvent *known = bureau_event_find (event.name);
    gboolean gone = is_end (self, json, event.name);
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
    if (gone && !event.id && event.kind == BUREAU_KIND_TASK) {
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
tell (BureauClient *self, const Event *event, const BureauOutboxEntry *own, gboolean live)
{
    gboolean is_mine = g_strcmp0 (bureau_json_get_string (event->json, "userId"),
                                  self->account->user_id) == 0;

    /* The answer has told it, if there was one. */
    if ((own && own->state != BUREAU_OUTBOX_DONE) || !is_mine)
        bureau_client_take_conflicts (self, event->json, is_mine);
    if (is_mine)
        return;
    if (live)
        bureau_client_emit_happened (self, event->name, event->json);
    else
        bureau_client_note_missed (self, event->json);
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
    self->projects_changed = self->projects_changed || event.kind == BUREAU_KIND_PROJECT;
    if (own)
        bureau_office_replay_without (self->office, own);
    bureau_client_settle (self, room->name, room->seq);
    tell (self, &event, own, live);
}

void
bureau_client_end_batch (BureauClient *self)
{
    if (self->batch_end)
        bureau_office_end (self->office);
    bureau_timer_stop (&self->batch_end);
}

static gboolean
on_batch_end_cb (gpointer data)
{
    bureau_client_end_batch (data);
    return G_SOURCE_REMOVE;
}

/* While catching up the models are held still, a frame at a time. */
static void
begin_batch (BureauClient *self)
{
    if (self->batch_end)
        return;
    bureau_office_begin (self->office);
    bureau_timer_start (&self->batch_end, BATCH_MS, on_batch_end_cb, self);
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

void
bureau_client_take_durable (BureauClient *self, const char *name, JsonObject *json)
{
    const char *where = bureau_json_get_string (json, "room");
    gint64 seq = bureau_json_get_int (json, "seq", 0);
    BureauFollowed *room = where && seq > 0 ? bureau_client_follow (self, where) : NULL;

    if (!room)
        return;
    bureau_json_set_string (json, "event", name);
    if (room->have && !room->wanted && seq <= room->seq)
        return;
    if (room->have && !room->wanted && seq - room->seq == 1) {
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
        if (!room->wanted && seq - room->seq == 1) {
            apply (self, room, held->pdata[i], FALSE);
        } else {
            room->wanted = TRUE;
            hold (self, room, held->pdata[i]);
        }
    }
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-catch-up.h"

#include <string.h>

#include "bureau-authority.h"
#include "bureau-heads.h"
#include "bureau-health.h"
#include "bureau-json.h"
#include "bureau-log-page.h"
#include "bureau-timer.h"

/* reliability.md, L4 */
#define AT_ONCE 4
/* The next page is made when no more bytes than this wait. */
#define LOW_WATER (64 * 1024)
/* For so long one that does not take its page keeps its place, if others wait for one. */
#define PATIENCE_MS 200

#define WORKSPACE_ROOM "workspace:"

/* A room that it is muted in. */
typedef struct {
    char *name;   /* (owned) */
    gint64 since; /* it has, or has been sent, all up to this */
} Muted;

typedef enum {
    WAITING,   /* in self->waiting: for a place */
    READY,     /* in self->ready: has a place, and its next page is made when its turn comes */
    SENDING,   /* in self->sending: has a place, and a page is on its way out */
    DISPLACED, /* in no list: a page is on its way out, and it has no place any more */
} Stage;

struct _BureauCatchUp {
    BureauCatchUps *all; /* (not owned) */
    BureauLive *live;    /* (not owned) */
    GPtrArray *rooms;    /* Muted (owned) */
    gint64 behind;       /* events, when it began */
    Stage stage;
    GList link;
    gboolean is_late; /* was sending when patience was last lost */
};

struct _BureauCatchUps {
    BureauLiveTable *table; /* (not owned) */
    GQueue waiting, ready, sending;
    GSource *pump;     /* (owned) (nullable): while somebody is ready */
    GSource *patience; /* (owned) (nullable): while somebody waits for who is sending */
};

static void
muted_free (gpointer data)
{
    Muted *room = data;

    g_free (room->name);
    g_free (room);
}

/* ------------------------------------------------------------------ places */

static gboolean on_pump_cb (gpointer data);
static gboolean on_patience_cb (gpointer data);

static GQueue *
get_queue (BureauCatchUp *catch_up)
{
    BureauCatchUps *self = catch_up->all;

    switch (catch_up->stage) {
    case WAITING:
        return &self->waiting;
    case READY:
        return &self->ready;
    case SENDING:
        return &self->sending;
    case DISPLACED:
    default:
        return NULL;
    }
}

/* Gives free places to those who wait, and sees to it that the pump runs. */
static void
review (BureauCatchUps *self)
{
    while (self->waiting.length > 0 && self->ready.length + self->sending.length < AT_ONCE) {
        GList *link = g_queue_pop_head_link (&self->waiting);

        ((BureauCatchUp *) link->data)->stage = READY;
        g_queue_push_tail_link (&self->ready, link);
    }
    if (self->ready.length > 0 && self->pump == NULL)
        bureau_timer_start (&self->pump, 0, on_pump_cb, self);
    if (self->waiting.length > 0 && self->sending.length > 0 && self->patience == NULL)
        bureau_timer_start (&self->patience, PATIENCE_MS, on_patience_cb, self);
}

static void
move (BureauCatchUp *catch_up, Stage stage)
{
    GQueue *queue = get_queue (catch_up);

    if (queue != NULL)
        g_queue_unlink (queue, &catch_up->link);
    catch_up->stage = stage;
    catch_up->is_late = FALSE;
    queue = get_queue (catch_up);
    if (queue != NULL)
        g_queue_push_tail_link (queue, &catch_up->link);
}

/* Who has been sending for the whole of the time loses the place. */
static gboolean
on_patience_cb (gpointer data)
{
    BureauCatchUps *self = data;
    GList *next;

    bureau_timer_stop (&self->patience);
    for (GList *link = self->sending.head; link != NULL; link = next) {
        BureauCatchUp *catch_up = link->data;

        next = link->next;
        if (catch_up->is_late)
            move (catch_up, DISPLACED);
        else
            catch_up->is_late = TRUE;
    }
    review (self);
    return G_SOURCE_REMOVE;
}

void
bureau_catch_up_on_drained (BureauServer *server, BureauConnection *connection, gpointer data)
{
    BureauLive *live = bureau_connection_get_data (connection);
    BureauCatchUp *catch_up = live != NULL ? live->catch_up : NULL;

    if (catch_up == NULL)
        return;
    move (catch_up, catch_up->stage == DISPLACED ? WAITING : READY);
    review (catch_up->all);
}

void
bureau_catch_up_end (BureauLive *live)
{
    BureauCatchUp *catch_up = g_steal_pointer (&live->catch_up);

    if (catch_up == NULL)
        return;
    move (catch_up, DISPLACED);
    review (catch_up->all);
    g_ptr_array_unref (catch_up->rooms);
    g_free (catch_up);
}

/* ------------------------------------------------------------------ what is told of it */

/* The rooms that can't be gone on with, by why. */
typedef struct {
    JsonObject *resets[BUREAU_LOG_EPOCH + 1]; /* (owned) (nullable) */
} Resets;

static void
add_reset (Resets *resets, BureauLogPlace place, const char *room)
{
    JsonObject *reset = resets->resets[place];

    if (reset == NULL) {
        reset = resets->resets[place] = json_object_new ();
        json_object_set_array_member (reset, "rooms", json_array_new ());
        bureau_json_set_string (reset, "reason", bureau_log_place_to_string (place));
    }
    json_array_add_string_element (bureau_json_get_array (reset, "rooms"), room);
}

static void
tell_resets (Resets *resets, BureauLive *live)
{
    for (guint i = 0; i < G_N_ELEMENTS (resets->resets); i++) {
        if (resets->resets[i] != NULL)
            bureau_live_tell (live, BUREAU_EVENT_SYNC_RESET, resets->resets[i]);
        g_clear_pointer (&resets->resets[i], json_object_unref);
    }
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

/* sync:ready, of the rooms that they are in by now, and who is there. */
static gboolean
tell_ready (BureauLiveTable *table, BureauLive *live, GError **error)
{
    BureauAuthority *authority = table->authority;
    g_auto (GStrv) rooms = bureau_list_rooms (authority->store, live->actor->user_id, error);
    g_autoptr (JsonObject) ready = NULL;

    if (rooms != NULL)
        ready = bureau_describe_heads (authority, (const char *const *) rooms, error);
    if (ready == NULL)
        return FALSE;
    bureau_live_tell (live, BUREAU_EVENT_SYNC_READY, ready);
    return send_presence (table, live, (const char *const *) rooms, error) &&
           bureau_health_send (authority, live, error);
}

/* ------------------------------------------------------------------ pages */

typedef struct {
    BureauServer *server;
    BureauConnection *connection;
    const char *room;
} Receiver;

static void
send_event (const char *name, const char *json, gpointer data)
{
    Receiver *receiver = data;
    g_autoptr (BureauFrame) frame = bureau_frame_new_event (receiver->server, name, json);

    bureau_server_send (receiver->server, receiver->connection, receiver->room, frame);
}

/* Goes on with a room as far as the page has room. Its log may have been cut meanwhile, behind
 * where they are. */
static gboolean
replay_room (BureauCatchUp *catch_up, Muted *room, BureauLogPage *page, Resets *resets,
             GError **error)
{
    BureauAuthority *authority = catch_up->all->table->authority;
    BureauLive *live = catch_up->live;
    Receiver receiver = { authority->server, live->connection, room->name };
    BureauLogPlace place;
    gint64 head;

    if (!bureau_log_find_place (authority, room->name, room->since, NULL, &place, &head, error))
        return FALSE;
    if (place != BUREAU_LOG_GOOD) {
        add_reset (resets, place, room->name);
        room->since = head;
    }
    return room->since == head ||
           bureau_log_page_fill (page, authority, room->name, live->actor->user_id, &room->since,
                                 send_event, &receiver, error);
}

/* Out of it meanwhile, and perhaps in again: room:left and room:joined say so. */
static gboolean
has_left (BureauCatchUp *catch_up, const Muted *room)
{
    return !bureau_server_is_muted (catch_up->all->table->authority->server,
                                    catch_up->live->connection, room->name);
}

/* @whole: it has brought them up to the heads of all rooms. */
static gboolean
send_page (BureauCatchUp *catch_up, gboolean *whole, GError **error)
{
    BureauLogPage page = { .limit = BUREAU_MAX_EVENTS };
    GPtrArray *rooms = catch_up->rooms;
    Resets resets = { 0 };
    gboolean good = TRUE;

    for (guint i = 0; good && i < rooms->len && !bureau_log_page_is_full (&page);) {
        if (has_left (catch_up, rooms->pdata[i]))
            g_ptr_array_remove_index (rooms, i);
        else
            good = replay_room (catch_up, rooms->pdata[i++], &page, &resets, error);
    }
    *whole = good && !bureau_log_page_is_full (&page);
    tell_resets (&resets, catch_up->live);
    return good;
}

/* Live from here on. */
static gboolean
finish (BureauCatchUp *catch_up, GError **error)
{
    BureauLiveTable *table = catch_up->all->table;
    BureauLive *live = catch_up->live;

    for (guint i = 0; i < catch_up->rooms->len; i++) {
        const Muted *room = catch_up->rooms->pdata[i];

        bureau_server_unmute (table->authority->server, live->connection, room->name);
    }
    bureau_catch_up_end (live);
    return tell_ready (table, live, error);
}

static void
go_on (BureauCatchUp *catch_up)
{
    BureauConnection *connection = catch_up->live->connection;
    g_autoptr (GError) error = NULL;
    gboolean whole = FALSE;

    move (catch_up, SENDING);
    if (!send_page (catch_up, &whole, &error) || (whole && !finish (catch_up, &error))) {
        g_warning ("Can't catch a client up: %s", error->message);
        bureau_connection_close (connection, 1011, "The hub could not read its log");
    } else if (!whole) {
        bureau_connection_await_drain (connection, LOW_WATER);
    }
}

/* One page of one of them, and then the loop has its turn: those who are live come between. */
static gboolean
on_pump_cb (gpointer data)
{
    BureauCatchUps *self = data;
    BureauCatchUp *catch_up = g_queue_peek_head (&self->ready);

    bureau_timer_stop (&self->pump);
    if (catch_up != NULL)
        go_on (catch_up);
    review (self);
    return G_SOURCE_REMOVE;
}

/* ------------------------------------------------------------------ beginning */

/* Reading a log costs the hub what reading the office does, and counts as that: else whoever comes
 * back over and over would keep everybody waiting. */
static gboolean
may_read (BureauCatchUp *catch_up)
{
    BureauAuthority *authority = catch_up->all->table->authority;

    return bureau_rates_take (authority->rates, BUREAU_RATE_READ, catch_up->live->actor->user_id, 0,
                              NULL);
}

/* Into the room, for the time being muted. */
static gboolean
enter_room (BureauCatchUp *catch_up, const char *name, JsonObject *since, const char *epoch,
            Resets *resets, GError **error)
{
    BureauAuthority *authority = catch_up->all->table->authority;
    gboolean is_told = since != NULL && json_object_has_member (since, name);
    gint64 seq = is_told ? bureau_json_get_int (since, name, -1) : 0, head;
    BureauLogPlace place;
    Muted *room;

    if (!bureau_log_find_place (authority, name, seq, epoch != NULL ? epoch : "", &place, &head,
                                error))
        return FALSE;
    if (is_told && place == BUREAU_LOG_GOOD && seq < head && !may_read (catch_up))
        place = BUREAU_LOG_BEHIND;
    if (is_told && place != BUREAU_LOG_GOOD)
        add_reset (resets, place, name);
    bureau_server_join_muted (authority->server, catch_up->live->connection, name);
    room = g_new0 (Muted, 1);
    room->name = g_strdup (name);
    room->since = is_told && place == BUREAU_LOG_GOOD ? seq : head;
    catch_up->behind += head - room->since;
    g_ptr_array_add (catch_up->rooms, room);
    return TRUE;
}

/* Whom it takes more than a moment is told how much there is to come. */
static gboolean
tell_heads (BureauCatchUp *catch_up, const char *const *rooms, GError **error)
{
    g_autoptr (JsonObject) heads = NULL;

    if (catch_up->stage != WAITING && catch_up->behind <= BUREAU_MAX_EVENTS)
        return TRUE;
    heads = bureau_describe_heads (catch_up->all->table->authority, rooms, error);
    if (heads != NULL)
        bureau_live_tell (catch_up->live, BUREAU_EVENT_SYNC_HEADS, heads);
    return heads != NULL;
}

static BureauCatchUp *
catch_up_new (BureauCatchUps *self, BureauLive *live)
{
    BureauCatchUp *catch_up = g_new0 (BureauCatchUp, 1);

    catch_up->all = self;
    catch_up->live = live;
    catch_up->rooms = g_ptr_array_new_with_free_func (muted_free);
    catch_up->stage = DISPLACED;
    catch_up->link.data = catch_up;
    live->catch_up = catch_up;
    return catch_up;
}

gboolean
bureau_catch_up_begin (BureauCatchUps *self, BureauLive *live, const char *const *rooms,
                       JsonObject *since, const char *epoch, GError **error)
{
    BureauCatchUp *catch_up = catch_up_new (self, live);
    Resets resets = { 0 };
    gboolean good = TRUE;

    for (guint i = 0; good && rooms[i] != NULL; i++)
        good = enter_room (catch_up, rooms[i], since, epoch, &resets, error);
    bureau_connection_accept (live->connection);
    tell_resets (&resets, live);
    if (!good || catch_up->behind == 0)
        return good && finish (catch_up, error);
    move (catch_up, WAITING);
    review (self);
    return tell_heads (catch_up, rooms, error);
}

/* ------------------------------------------------------------------ life */

BureauCatchUps *
bureau_catch_ups_new (BureauLiveTable *table)
{
    BureauCatchUps *self = g_new0 (BureauCatchUps, 1);

    self->table = table;
    return self;
}

void
bureau_catch_ups_free (BureauCatchUps *self)
{
    bureau_timer_stop (&self->pump);
    bureau_timer_stop (&self->patience);
    g_free (self);
}

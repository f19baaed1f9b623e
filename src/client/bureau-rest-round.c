/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-rest-round.h"

#include "bureau-catalog.h"
#include "bureau-error.h"
#include "bureau-inquiry.h"
#include "bureau-json.h"

#define MAX_ANSWER (1024 * 1024) /* bytes of a page, or of the heads */

struct _BureauRestPlaces {
    char *epoch;      /* (owned) (nullable) */
    GHashTable *seqs; /* (owned): room (owned) → gint64 * (owned) */
    gboolean ready;   /* there has been a whole round */
};

/* One round. Its rooms are read one after another, and each only up to where it stood at the
 * beginning: the rest is the next round's. */
typedef struct {
    BureauCredentials *credentials; /* (owned) */
    BureauRestPlaces *places;
    BureauRestTell tell;
    gpointer tell_data;
    JsonObject *heads;  /* (owned) (nullable): {epoch, rooms, serverTime} */
    GPtrArray *behind;  /* (owned): names (owned) of those that are still to be read */
    gboolean regrouped; /* other rooms than before */
} Round;

static void
round_free (gpointer data)
{
    Round *round = data;

    g_object_unref (round->credentials);
    g_clear_pointer (&round->heads, json_object_unref);
    g_ptr_array_unref (round->behind);
    g_free (round);
}

/* ------------------------------------------------------------------ places */

static void
set_place (BureauRestPlaces *self, const char *room, gint64 seq)
{
    g_hash_table_replace (self->seqs, g_strdup (room), g_memdup2 (&seq, sizeof seq));
}

/* -1 if the room is new. */
static gint64
get_place (BureauRestPlaces *self, const char *room)
{
    const gint64 *seq = g_hash_table_lookup (self->seqs, room);

    return seq ? *seq : -1;
}

BureauRestPlaces *
bureau_rest_places_new (JsonObject *auth)
{
    BureauRestPlaces *self = g_new0 (BureauRestPlaces, 1);
    JsonObject *since = bureau_json_get_object (auth, "since");
    g_autoptr (GList) rooms = since ? json_object_get_members (since) : NULL;

    self->epoch = g_strdup (bureau_json_get_string (auth, "epoch"));
    self->seqs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    for (const GList *link = rooms; link; link = link->next)
        set_place (self, link->data, bureau_json_get_int (since, link->data, 0));
    return self;
}

void
bureau_rest_places_free (BureauRestPlaces *self)
{
    g_free (self->epoch);
    g_hash_table_unref (self->seqs);
    g_free (self);
}

/* ------------------------------------------------------------------ asking */

static void
get (GTask *task, BureauCredentials *credentials, const char *path, GAsyncReadyCallback callback)
{
    bureau_credentials_request_async (credentials, "GET", path, NULL, MAX_ANSWER,
                                      g_task_get_cancellable (task), callback, g_object_ref (task));
}

/* (transfer full) */
static JsonObject *
take_answer (GObject *source, GAsyncResult *result, GError **error)
{
    g_autoptr (GBytes) bytes = bureau_credentials_request_finish (BUREAU_CREDENTIALS (source),
                                                                  result, error);

    return bytes ? bureau_inquiry_parse_answer (bytes, error) : NULL;
}

/* (transfer full) */
static JsonObject *
take_heads (GObject *source, GAsyncResult *result, GError **error)
{
    g_autoptr (JsonObject) heads = take_answer (source, result, error);

    if (!heads)
        return NULL;
    if (bureau_json_get_string (heads, "epoch") && bureau_json_get_object (heads, "rooms"))
        return g_steal_pointer (&heads);
    bureau_inquiry_set_not_understood (error);
    return NULL;
}

/* Returns FALSE if nobody listens any more: then that was all. */
static gboolean
tell (GTask *task, const char *name, JsonObject *json)
{
    Round *round = g_task_get_task_data (task);

    round->tell (round->tell_data, name, json);
    return !g_task_return_error_if_cancelled (task);
}

/* ------------------------------------------------------------------ pages */

static void read_next (GTask *task);

static gint64
get_head (Round *round, const char *room)
{
    return bureau_json_get_int (bureau_json_get_object (round->heads, "rooms"), room, 0);
}

/* The heads that are told at the end are of what was told until then. */
static void
settle (Round *round, const char *room, gint64 seq)
{
    JsonObject *rooms = bureau_json_get_object (round->heads, "rooms");

    set_place (round->places, room, seq);
    json_object_set_int_member (rooms, room, seq);
    g_ptr_array_remove_index (round->behind, round->behind->len - 1);
}

/* Put out of the room since the round began. */
static void
lose (Round *round, const char *room)
{
    JsonObject *rooms = bureau_json_get_object (round->heads, "rooms");

    g_hash_table_remove (round->places->seqs, room);
    json_object_remove_member (rooms, room);
    round->regrouped = TRUE;
    g_ptr_array_remove_index (round->behind, round->behind->len - 1);
}

static gboolean
tell_reset (GTask *task, const char *room, const char *reason)
{
    g_autoptr (JsonObject) reset = json_object_new ();
    JsonArray *rooms = json_array_new ();

    json_array_add_string_element (rooms, room);
    json_object_set_array_member (reset, "rooms", rooms);
    bureau_json_set_optional (reset, "reason", reason);
    return tell (task, BUREAU_EVENT_SYNC_RESET, reset);
}

/* Whoever listens counts them, and knows each that is missing. */
static gboolean
tell_events (GTask *task, const char *room, JsonArray *events)
{
    for (guint i = 0; events && i < json_array_get_length (events); i++) {
        JsonObject *event = bureau_json_array_get_object (events, i);
        const char *name = bureau_json_get_string (event, "event");

        if (name && g_strcmp0 (bureau_json_get_string (event, "room"), room) == 0 &&
            !tell (task, name, event))
            return FALSE;
    }
    return TRUE;
}

/* Of the room and the life that were asked for, and further on than before. */
static gboolean
makes_sense (Round *round, const char *room, JsonObject *page)
{
    gint64 place = get_place (round->places, room);
    gint64 seq = bureau_json_get_int (page, "seq", -1);
    gboolean more = bureau_json_get_boolean (page, "more", FALSE);

    return g_strcmp0 (bureau_json_get_string (page, "room"), room) == 0 &&
           g_strcmp0 (bureau_json_get_string (page, "epoch"), round->places->epoch) == 0 &&
           (bureau_json_get_boolean (page, "reset", FALSE) ? seq >= 0 : seq >= place + more);
}

static void
take_page (GTask *task, const char *room, JsonObject *page)
{
    Round *round = g_task_get_task_data (task);
    gint64 seq = bureau_json_get_int (page, "seq", -1);
    gboolean reset = bureau_json_get_boolean (page, "reset", FALSE);
    gboolean goes_on = bureau_json_get_boolean (page, "more", FALSE) &&
                       seq < get_head (round, room);

    if (reset ? !tell_reset (task, room, bureau_json_get_string (page, "reason"))
              : !tell_events (task, room, bureau_json_get_array (page, "events")))
        return;
    if (goes_on && !reset)
        set_place (round->places, room, seq);
    else
        settle (round, room, seq);
    read_next (task);
}

static void
on_page_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    Round *round = g_task_get_task_data (task);
    g_autofree char *room = g_strdup (round->behind->pdata[round->behind->len - 1]);
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) page = take_answer (source, result, &error);

    if (page && !makes_sense (round, room, page)) {
        bureau_inquiry_set_not_understood (&error);
    } else if (page) {
        take_page (task, room, page);
    } else if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN)) {
        g_clear_error (&error);
        lose (round, room);
        read_next (task);
    }
    if (error)
        g_task_return_error (task, g_steal_pointer (&error));
}

static char *
make_path (Round *round, const char *room)
{
    g_autoptr (GString) path = g_string_new ("/api/v1/events?room=");

    g_string_append_uri_escaped (path, room, ":", FALSE);
    g_string_append_printf (path,
                            "&since=%" G_GINT64_FORMAT "&epoch=", get_place (round->places, room));
    g_string_append_uri_escaped (path, round->places->epoch, NULL, FALSE);
    return g_string_free (g_steal_pointer (&path), FALSE);
}

static void
end (GTask *task)
{
    Round *round = g_task_get_task_data (task);
    gboolean anew = !round->places->ready || round->regrouped;

    round->places->ready = TRUE;
    if (tell (task, anew ? BUREAU_EVENT_SYNC_READY : BUREAU_EVENT_SYNC_HEADS, round->heads))
        g_task_return_boolean (task, TRUE);
}

static void
read_next (GTask *task)
{
    Round *round = g_task_get_task_data (task);
    g_autofree char *path = NULL;

    if (round->behind->len == 0) {
        end (task);
        return;
    }
    path = make_path (round, round->behind->pdata[round->behind->len - 1]);
    get (task, round->credentials, path, on_page_cb);
}

/* ------------------------------------------------------------------ heads */

/* A room that is new is told from where it stands: whoever listens has to fetch it anyhow. */
static void
compare_room (Round *round, const char *room, gint64 head, gboolean same_life)
{
    gint64 place = get_place (round->places, room);

    if (place < 0 || !same_life) {
        set_place (round->places, room, head);
        round->regrouped = TRUE;
    } else if (place != head) {
        g_ptr_array_add (round->behind, g_strdup (room));
    }
}

static void
forget_rooms (Round *round, JsonObject *rooms)
{
    GHashTableIter iter;
    gpointer room;

    g_hash_table_iter_init (&iter, round->places->seqs);
    while (g_hash_table_iter_next (&iter, &room, NULL)) {
        if (json_object_has_member (rooms, room))
            continue;
        g_hash_table_iter_remove (&iter);
        round->regrouped = TRUE;
    }
}

static void
compare (Round *round)
{
    JsonObject *rooms = bureau_json_get_object (round->heads, "rooms");
    const char *epoch = bureau_json_get_string (round->heads, "epoch");
    gboolean same_life = g_strcmp0 (epoch, round->places->epoch) == 0;
    g_autoptr (GList) names = json_object_get_members (rooms);

    for (const GList *link = names; link; link = link->next)
        compare_room (round, link->data, MAX (0, bureau_json_get_int (rooms, link->data, 0)),
                      same_life);
    forget_rooms (round, rooms);
    if (same_life)
        return;
    g_free (round->places->epoch);
    round->places->epoch = g_strdup (epoch);
}

static void
on_heads_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    Round *round = g_task_get_task_data (task);
    BureauRestPlaces *places = round->places;
    GError *error = NULL;

    round->heads = take_heads (source, result, &error);
    if (!round->heads) {
        g_task_return_error (task, error);
        return;
    }
    if (places->ready &&
        g_strcmp0 (bureau_json_get_string (round->heads, "epoch"), places->epoch) != 0) {
        g_task_return_new_error (task, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                                 "The hub began another life.");
        return;
    }
    compare (round);
    /* So much is to come. */
    if (places->ready || round->behind->len == 0 ||
        tell (task, BUREAU_EVENT_SYNC_HEADS, round->heads))
        read_next (task);
}

void
bureau_rest_round_async (BureauCredentials *credentials, BureauRestPlaces *places,
                         BureauRestTell func, gpointer func_data, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer data)
{
    g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
    Round *round = g_new0 (Round, 1);

    g_task_set_source_tag (task, bureau_rest_round_async);
    round->credentials = g_object_ref (credentials);
    round->places = places;
    round->tell = func;
    round->tell_data = func_data;
    round->behind = g_ptr_array_new_with_free_func (g_free);
    g_task_set_task_data (task, round, round_free);
    get (task, credentials, "/api/v1/heads", on_heads_cb);
}

static void
on_looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    GError *error = NULL;
    g_autoptr (JsonObject) heads = take_heads (source, result, &error);

    if (heads)
        g_task_return_boolean (task, TRUE);
    else
        g_task_return_error (task, error);
}

void
bureau_rest_round_look_async (BureauCredentials *credentials, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer data)
{
    g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);

    g_task_set_source_tag (task, bureau_rest_round_look_async);
    get (task, credentials, "/api/v1/heads", on_looked_cb);
}

gboolean
bureau_rest_round_finish (GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}

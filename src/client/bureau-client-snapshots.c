/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client-private.h"

#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-timer.h"

/* One at a time. Whoever is not asked for waits for the next round. */
#define MAX_SNAPSHOT      (256u * 1024 * 1024) /* bytes */
#define MAX_ROOMS_AT_ONCE 50     /* named in one request; more only if it is all of them */
#define MIN_WAIT          1000u  /* ms */
#define MAX_WAIT          30000  /* ms, by ourselves */
#define MAX_PAUSE         300000 /* ms, if the hub asks for it */

typedef struct {
    BureauClient *client;      /* (owned) */
    GCancellable *cancellable; /* (owned): tells this fetch from later ones */
    char **rooms;              /* (owned) */
    char *epoch;               /* (owned) */
    guint n_followed;          /* rooms when it was asked for */
} Fetch;

static void
fetch_free (Fetch *fetch)
{
    g_object_unref (fetch->client);
    g_object_unref (fetch->cancellable);
    g_strfreev (fetch->rooms);
    g_free (fetch->epoch);
    g_free (fetch);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fetch, fetch_free)

static gboolean
on_refetch_cb (gpointer data)
{
    BureauClient *self = data;

    bureau_timer_stop (&self->refetch);
    bureau_client_fetch (self);
    return G_SOURCE_REMOVE;
}

/* @pause: ms that the hub has asked for, as it has too much to do and will not for long; or 0. Whom
 * it sends away at once do not come back at once. */
static void
plan_refetch (BureauClient *self, gint64 pause)
{
    gint64 wait = MIN (MIN_WAIT << MIN (self->fetch_failures, 5), MAX_WAIT);

    if (pause > 0)
        wait = CLAMP (pause, MIN_WAIT, MAX_PAUSE);
    else
        self->fetch_failures++;
    bureau_timer_start (&self->refetch, wait * g_random_double_range (1, 1.5), on_refetch_cb, self);
}

/* Returns FALSE if the connection it was for is over. */
static gboolean
end_fetch (Fetch *fetch)
{
    BureauClient *self = fetch->client;

    if (self->fetch != fetch->cancellable)
        return FALSE;
    g_clear_object (&self->fetch);
    for (char **name = fetch->rooms; *name; name++) {
        BureauFollowed *room = g_hash_table_lookup (self->rooms, *name);

        if (room)
            room->fetching = FALSE;
    }
    return TRUE;
}

static void
fail (Fetch *fetch, const GError *error)
{
    BureauClient *self = fetch->client;

    if (!end_fetch (fetch))
        return;
    g_message ("No snapshot: %s", error->message);
    if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT)) {
        bureau_link_drop (self->link, error->message);
        return;
    }
    plan_refetch (self, bureau_error_get_retry_after (error));
    bureau_client_refresh (self);
}

/* The room, if it has not been left since it was asked for: one that we have come back to may look
 * other than it did then, at the same seq. (nullable) */
static BureauFollowed *
find_still_followed (Fetch *fetch, const char *name)
{
    BureauFollowed *room = g_hash_table_lookup (fetch->client->rooms, name);

    return room && room->number <= fetch->n_followed ? room : NULL;
}

static void
take_room (BureauClient *self, Fetch *fetch, BureauSnapshotRoom *state)
{
    BureauFollowed *room = find_still_followed (fetch, state->room);

    if (!room)
        return;
    bureau_client_note_replaced (self, room, state);
    bureau_office_replace_room (self->office, state);
    room->have = TRUE;
    self->projects_changed = TRUE;
    room->wanted = room->of_before = FALSE;
    room->seq = state->seq;
    room->head = MAX (room->head, room->seq);
    bureau_client_settle (self, room->name, room->seq);
    bureau_client_release_held (self, room);
}

/* The hub has given nothing for a room that was asked for, or less than it has told of: asked again
 * at once, it would say the same. */
static void
take_lacking (BureauClient *self, Fetch *fetch)
{
    gboolean lacking = FALSE;

    for (char **name = fetch->rooms; *name; name++) {
        const BureauFollowed *room = find_still_followed (fetch, *name);

        lacking = lacking || (room && room->wanted);
    }
    if (!lacking)
        self->fetch_failures = 0;
    else if (!self->refetch)
        plan_refetch (self, 0);
}

static void
on_replaced_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Fetch) fetch = data;
    BureauClient *self = fetch->client;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauSnapshot) snapshot = bureau_replica_replace_finish (BUREAU_REPLICA (source),
                                                                         result, &error);
    gboolean current;

    if (!snapshot) {
        fail (fetch, error);
        return;
    }
    /* It is in the replica now: a connection lost meanwhile makes no difference, but a new life of
     * the hub does. */
    current = end_fetch (fetch);
    if (self->stopped || g_strcmp0 (fetch->epoch, self->epoch) != 0)
        return;
    bureau_office_begin (self->office);
    for (guint i = 0; i < snapshot->rooms->len; i++)
        take_room (self, fetch, snapshot->rooms->pdata[i]);
    bureau_office_end (self->office);
    if (current) {
        take_lacking (self, fetch);
        bureau_client_fetch (self);
        bureau_client_send_next (self);
    }
    bureau_client_refresh (self);
}

static void
on_fetched_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Fetch) fetch = data;
    BureauClient *self = fetch->client;
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) bytes = bureau_credentials_request_finish (BUREAU_CREDENTIALS (source),
                                                                  result, &error);
    g_autoptr (GPtrArray) rooms = g_ptr_array_new ();
    Fetch *waiting;

    if (!bytes) {
        fail (fetch, error);
        return;
    }
    if (self->fetch != fetch->cancellable)
        return;
    /* A room may have been left while it was fetched. */
    for (char **name = fetch->rooms; *name; name++) {
        if (find_still_followed (fetch, *name))
            g_ptr_array_add (rooms, *name);
    }
    g_ptr_array_add (rooms, NULL);
    waiting = g_steal_pointer (&fetch);
    bureau_replica_replace_async (self->replica, bytes, waiting->epoch,
                                  (const char *const *) rooms->pdata, on_replaced_cb, waiting);
}

/* Marks those wanted as fetching. (transfer full) */
static GPtrArray *
choose_rooms (BureauClient *self, gboolean *all)
{
    GPtrArray *rooms = g_ptr_array_new ();
    GHashTableIter iter;
    gpointer value;
    guint n_wanted = 0;

    g_hash_table_iter_init (&iter, self->rooms);
    while (g_hash_table_iter_next (&iter, NULL, &value))
        n_wanted += ((BureauFollowed *) value)->wanted;
    *all = n_wanted > 1 && n_wanted == g_hash_table_size (self->rooms);
    g_hash_table_iter_init (&iter, self->rooms);
    while (g_hash_table_iter_next (&iter, NULL, &value)) {
        BureauFollowed *room = value;

        if (!room->wanted || (!*all && rooms->len >= MAX_ROOMS_AT_ONCE))
            continue;
        room->fetching = TRUE;
        g_ptr_array_add (rooms, g_strdup (room->name));
    }
    return rooms;
}

static char *
make_path (BureauClient *self, GPtrArray *rooms, gboolean all)
{
    g_autoptr (GString) path = g_string_new ("/api/v1/snapshot?");

    if (all) {
        g_string_append (path, "workspace=");
        g_string_append_uri_escaped (path, self->account->workspace_id, NULL, FALSE);
        return g_string_free (g_steal_pointer (&path), FALSE);
    }
    for (guint i = 0; i < rooms->len; i++) {
        g_string_append (path, i ? "&room=" : "room=");
        g_string_append_uri_escaped (path, rooms->pdata[i], ":", FALSE);
    }
    return g_string_free (g_steal_pointer (&path), FALSE);
}

void
bureau_client_fetch (BureauClient *self)
{
    g_autoptr (GPtrArray) rooms = NULL;
    g_autofree char *path = NULL;
    Fetch *fetch;
    gboolean all;

    if (!self->ready || self->fetch || self->refetch || self->stopped)
        return;
    rooms = choose_rooms (self, &all);
    if (rooms->len == 0)
        return;
    path = make_path (self, rooms, all);
    g_ptr_array_add (rooms, NULL);
    self->fetch = g_cancellable_new ();
    fetch = g_new0 (Fetch, 1);
    fetch->client = g_object_ref (self);
    fetch->cancellable = g_object_ref (self->fetch);
    fetch->rooms = (char **) g_ptr_array_free (g_steal_pointer (&rooms), FALSE);
    fetch->epoch = g_strdup (self->epoch);
    fetch->n_followed = self->n_followed;
    bureau_credentials_request_async (self->credentials, "GET", path, NULL, MAX_SNAPSHOT,
                                      self->fetch, on_fetched_cb, fetch);
}

void
bureau_client_stop_fetching (BureauClient *self)
{
    g_cancellable_cancel (self->fetch);
    g_clear_object (&self->fetch);
    bureau_timer_stop (&self->refetch);
    self->fetch_failures = 0;
}

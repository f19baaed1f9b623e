/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-snapshot.h"

#include <string.h>

#include "bureau-authority.h"
#include "bureau-discretion.h"
#include "bureau-error.h"
#include "bureau-heads.h"
#include "bureau-health.h"
#include "bureau-instant.h"
#include "bureau-json.h"

/* How far back ended time entries are of interest to a client that starts from nothing. */
#define ENTRY_DAYS 31
/* Bytes of one piece, or a line more: a millisecond or two of the loop's time. */
#define PIECE (32 * 1024)
/* Each is an open file and a transaction, for as long as it takes: of all people, and of one. */
#define AT_ONCE            64
#define AT_ONCE_PER_PERSON 4
/* ms until one of them may be over. */
#define BUSY_MS 1000

struct _BureauSnapshotStream {
    BureauAuthority *authority; /* (not owned) */
    BureauStore *store;         /* (owned) (nullable): of its own; NULL when it has been ended */
    char *user_id;              /* (owned) */
    gboolean begun;
    GPtrArray *rooms;            /* char * (owned) */
    guint next;                  /* of the rooms */
    const char *room;            /* whose objects are being written */
    BureauDiscretion discretion; /* in it */
    BureauCursor *cursor;        /* (owned) (nullable): over those objects … */
    const char *kind;            /* … which are of this kind */
};

/* ------------------------------------------------------------------ lines */

static void
write_object (BureauSnapshotStream *self, const char *kind, JsonObject *object, GString *out)
{
    g_autofree char *json = bureau_json_object_to_string (object);

    g_string_append_printf (out, "{\"kind\":\"%s\",\"room\":\"%s\",\"value\":%s}\n", kind,
                            self->room, json);
}

static gboolean
begin_workspace (BureauSnapshotStream *self, const char *id, GString *out, GError **error)
{
    g_autoptr (JsonObject) workspace = bureau_store_get_workspace (self->store, id, error);

    if (workspace == NULL)
        return FALSE;
    write_object (self, "workspace", workspace, out);
    self->kind = "member";
    self->cursor = bureau_store_open_members (self->store, id, error);
    return self->cursor != NULL;
}

static gboolean
begin_project (BureauSnapshotStream *self, const char *id, GString *out, GError **error)
{
    g_autoptr (JsonObject) project = bureau_store_get_project (self->store, id, error);

    if (project == NULL)
        return FALSE;
    write_object (self, "project", project, out);
    self->kind = "task";
    self->cursor = bureau_store_open_tasks (self->store, id, error);
    return self->cursor != NULL;
}

static gboolean
begin_time (BureauSnapshotStream *self, const char *id, GError **error)
{
    gint64 since = bureau_authority_now (self->authority) - ENTRY_DAYS * (G_TIME_SPAN_DAY / 1000);

    self->kind = "entry";
    self->cursor = bureau_store_open_entries (self->store, id, since, error);
    return self->cursor != NULL;
}

static gboolean
begin_room (BureauSnapshotStream *self, const char *room, GString *out, GError **error)
{
    gint64 head = bureau_store_get_head (self->store, room, error);
    const char *id = strchr (room, ':') + 1;

    if (head < 0 ||
        !bureau_discretion_init (&self->discretion, self->store, room, self->user_id, error))
        return FALSE;
    self->room = room;
    g_string_append_printf (
        out, "{\"kind\":\"room\",\"room\":\"%s\",\"seq\":%" G_GINT64_FORMAT "}\n", room, head);
    if (g_str_has_prefix (room, "workspace:"))
        return begin_workspace (self, id, out, error);
    if (g_str_has_prefix (room, "project:"))
        return begin_project (self, id, out, error);
    if (g_str_has_prefix (room, "time:"))
        return begin_time (self, id, error);
    return TRUE;
}

/* The next object of the room, or its end. */
static gboolean
go_on_in_room (BureauSnapshotStream *self, GString *out, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    g_autoptr (JsonObject) object = bureau_cursor_next (self->cursor, &local_error);

    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    if (object == NULL) {
        g_clear_pointer (&self->cursor, bureau_cursor_free);
        return TRUE;
    }
    if (g_str_equal (self->kind, "entry"))
        bureau_discretion_apply (&self->discretion, object);
    write_object (self, self->kind, object, out);
    return TRUE;
}

static void
begin (BureauSnapshotStream *self, GString *out)
{
    g_autofree char *now = bureau_instant_to_string (bureau_authority_now (self->authority));

    self->begun = TRUE;
    g_string_append_printf (out, "{\"kind\":\"epoch\",\"epoch\":\"%s\",\"serverTime\":\"%s\"}\n",
                            self->authority->epoch, now);
}

/* Up to a piece, or to the end. */
static BureauPiece
write_piece (BureauSnapshotStream *self, GString *out, GError **error)
{
    gboolean good = self->store != NULL;

    if (!self->begun)
        begin (self, out);
    while (good && out->len < PIECE) {
        if (self->cursor != NULL) {
            good = go_on_in_room (self, out, error);
        } else if (self->next < self->rooms->len) {
            good = begin_room (self, self->rooms->pdata[self->next++], out, error);
        } else {
            g_string_append (out, "{\"kind\":\"end\"}\n");
            return BUREAU_PIECE_LAST;
        }
    }
    return good ? BUREAU_PIECE_MORE : BUREAU_PIECE_FAILED;
}

BureauPiece
bureau_snapshot_stream_write (GString *out, gpointer snapshot)
{
    BureauSnapshotStream *self = snapshot;
    g_autoptr (GError) error = NULL;
    gsize before = out->len;
    BureauPiece piece = write_piece (self, out, &error);

    bureau_rates_owe (self->authority->rates, BUREAU_RATE_READ, self->user_id,
                      (out->len - before) / 1024 + 1);
    if (error != NULL) {
        g_warning ("Can't go on with a snapshot: %s", error->message);
        bureau_health_hear_of (self->authority, self->store);
    }
    return piece;
}

/* ------------------------------------------------------------------ which rooms */

/* The workspace that a room of this person's belongs to. (out) (transfer full) (nullable): none, it
 * is their own */
static gboolean
find_workspace (BureauStore *store, const char *room, const char *user_id, char **workspace_id,
                GError **error)
{
    const char *id = strchr (room, ':') + 1;
    g_auto (BureauAccess) access = { 0 };

    *workspace_id = NULL;
    if (g_str_has_prefix (room, "project:")) {
        if (!bureau_store_get_access (store, id, user_id, &access, error))
            return FALSE;
        *workspace_id = g_steal_pointer (&access.workspace_id);
    } else if (!g_str_has_prefix (room, "user:")) {
        *workspace_id = g_strdup (id);
    }
    return TRUE;
}

/* Adds the room if it is of the workspace @wanted (nullable: of any). */
static gboolean
add_room (BureauSnapshotStream *self, const char *room, const char *wanted, GError **error)
{
    g_autofree char *workspace_id = NULL;

    if (wanted != NULL && !find_workspace (self->store, room, self->user_id, &workspace_id, error))
        return FALSE;
    if (workspace_id == NULL || wanted == NULL || g_str_equal (workspace_id, wanted))
        g_ptr_array_add (self->rooms, g_strdup (room));
    return TRUE;
}

static gboolean
choose_rooms (BureauSnapshotStream *self, const char *workspace_id, const char *const *rooms,
              GError **error)
{
    g_auto (GStrv) mine = bureau_list_rooms (self->store, self->user_id, error);

    for (guint i = 0; mine != NULL && mine[i] != NULL; i++) {
        if ((rooms == NULL || g_strv_contains (rooms, mine[i])) &&
            !add_room (self, mine[i], workspace_id, error))
            return FALSE;
    }
    return mine != NULL;
}

/* ------------------------------------------------------------------ life */

static gboolean
check_room (BureauAuthority *authority, const char *user_id, GError **error)
{
    guint of_person = 0;

    for (guint i = 0; i < authority->snapshots->len; i++) {
        const BureauSnapshotStream *other = authority->snapshots->pdata[i];

        of_person += g_str_equal (other->user_id, user_id);
    }
    if (authority->snapshots->len < AT_ONCE && of_person < AT_ONCE_PER_PERSON)
        return TRUE;
    bureau_error_set_rate_limited (error, BUSY_MS);
    return FALSE;
}

BureauSnapshotStream *
bureau_snapshot_stream_new (BureauAuthority *authority, const char *user_id,
                            const char *workspace_id, const char *const *rooms, GError **error)
{
    BureauSnapshotStream *self;

    if (!check_room (authority, user_id, error))
        return NULL;
    self = g_new0 (BureauSnapshotStream, 1);
    self->authority = authority;
    self->user_id = g_strdup (user_id);
    self->rooms = g_ptr_array_new_with_free_func (g_free);
    g_ptr_array_add (authority->snapshots, self);
    self->store = bureau_store_open_snapshot (
        bureau_data_directory_get_database (authority->directory), error);
    if (self->store == NULL || !choose_rooms (self, workspace_id, rooms, error))
        g_clear_pointer (&self, bureau_snapshot_stream_free);
    return self;
}

/* What it holds of the database is let go of at once, however long its reader takes to notice. */
static void
end (BureauSnapshotStream *self)
{
    g_clear_pointer (&self->cursor, bureau_cursor_free);
    g_clear_pointer (&self->store, bureau_store_close);
}

void
bureau_snapshot_stream_free (gpointer snapshot)
{
    BureauSnapshotStream *self = snapshot;

    g_ptr_array_remove_fast (self->authority->snapshots, self);
    end (self);
    g_ptr_array_unref (self->rooms);
    g_free (self->user_id);
    g_free (self);
}

void
bureau_snapshot_end_all (BureauAuthority *authority, const char *const *user_ids)
{
    for (guint i = 0; i < authority->snapshots->len; i++) {
        BureauSnapshotStream *self = authority->snapshots->pdata[i];

        if (user_ids == NULL || g_strv_contains (user_ids, self->user_id))
            end (self);
    }
}

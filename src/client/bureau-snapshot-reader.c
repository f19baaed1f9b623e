/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-snapshot-reader.h"

#include <string.h>

#include "bureau-catalog.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json-scanner.h"
#include "bureau-json.h"

/* A hub has to be well meaning to have more rooms than this for one person; more objects are only
 * memory. */
#define MAX_ROOMS 10000

static void
snapshot_object_free (gpointer data)
{
    BureauSnapshotObject *object = data;

    json_object_unref (object->value);
    g_clear_object (&object->object);
    g_free (object);
}

static void
snapshot_room_free (gpointer data)
{
    BureauSnapshotRoom *room = data;

    g_free (room->room);
    g_ptr_array_unref (room->objects);
    g_free (room);
}

static JsonObject *
parse_line (const char *line, gsize length, GError **error)
{
    g_autoptr (GError) scan_error = NULL;
    BureauJsonKind kind;

    if (!bureau_json_scan (line, length, BUREAU_MAX_JSON_DEPTH, &kind, &scan_error) ||
        kind != BUREAU_JSON_OBJECT) {
        g_set_error (error, BUREAU_ERROR, BUREAU_ERROR_INVALID,
                     "A line of the snapshot is not JSON: %s",
                     scan_error ? scan_error->message : "not an object");
        return NULL;
    }
    return bureau_json_parse_object (line, length, error);
}

static BureauSnapshotRoom *
get_room (BureauSnapshot *snapshot, GHashTable *index, const char *name)
{
    BureauSnapshotRoom *room = g_hash_table_lookup (index, name);

    if (room || snapshot->rooms->len >= MAX_ROOMS)
        return room;
    room = g_new0 (BureauSnapshotRoom, 1);
    room->room = g_strdup (name);
    room->objects = g_ptr_array_new_with_free_func (snapshot_object_free);
    g_ptr_array_add (snapshot->rooms, room);
    g_hash_table_insert (index, room->room, room);
    return room;
}

static void
take_object (BureauSnapshot *snapshot, GHashTable *index, BureauKind kind, JsonObject *line)
{
    const char *name = bureau_json_get_string (line, "room");
    JsonObject *value = bureau_json_get_object (line, "value");
    BureauSnapshotRoom *room = name ? g_hash_table_lookup (index, name) : NULL;
    BureauSnapshotObject *object;

    if (!room || !value || !bureau_kind_get_id (value))
        return;
    object = g_new0 (BureauSnapshotObject, 1);
    object->kind = kind;
    object->value = json_object_ref (value);
    g_ptr_array_add (room->objects, object);
}

/* Returns TRUE if it was the last line. */
static gboolean
take_line (BureauSnapshot *snapshot, GHashTable *index, JsonObject *line)
{
    const char *word = bureau_json_get_string (line, "kind");
    int kind = bureau_kind_from_string (word);

    if (kind >= 0) {
        take_object (snapshot, index, kind, line);
    } else if (g_strcmp0 (word, "epoch") == 0) {
        g_free (snapshot->epoch);
        snapshot->epoch = g_strdup (bureau_json_get_string (line, "epoch"));
        snapshot->server_time = bureau_instant_from_string (
            bureau_json_get_string (line, "serverTime"));
    } else if (g_strcmp0 (word, "room") == 0) {
        const char *name = bureau_json_get_string (line, "room");
        BureauSnapshotRoom *room = name ? get_room (snapshot, index, name) : NULL;

        if (room)
            room->seq = MAX (0, bureau_json_get_int (line, "seq", 0));
    }
    return g_strcmp0 (word, "end") == 0;
}

BureauSnapshot *
bureau_snapshot_reader_parse (const char *text, gsize length, GError **error)
{
    g_autoptr (BureauSnapshot) snapshot = g_new0 (BureauSnapshot, 1);
    g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);
    const char *end = text + length;
    gboolean complete = FALSE;

    snapshot->rooms = g_ptr_array_new_with_free_func (snapshot_room_free);
    while (text < end && !complete) {
        const char *newline = memchr (text, '\n', end - text);
        gsize line_length = (newline ? newline : end) - text;

        if (line_length > 0) {
            g_autoptr (JsonObject) line = parse_line (text, line_length, error);

            if (!line)
                return NULL;
            complete = take_line (snapshot, index, line);
        }
        text += line_length + 1;
    }
    if (!complete || !snapshot->epoch) {
        g_set_error (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                     "The office’s state arrived incomplete; it is asked for again.");
        return NULL;
    }
    return g_steal_pointer (&snapshot);
}

void
bureau_snapshot_reader_free (BureauSnapshot *snapshot)
{
    g_free (snapshot->epoch);
    g_clear_pointer (&snapshot->rooms, g_ptr_array_unref);
    g_free (snapshot);
}

BureauSnapshotRoom *
bureau_snapshot_reader_find_room (BureauSnapshot *snapshot, const char *name)
{
    for (guint i = 0; i < snapshot->rooms->len; i++) {
        BureauSnapshotRoom *room = snapshot->rooms->pdata[i];

        if (g_strcmp0 (room->room, name) == 0)
            return room;
    }
    return NULL;
}

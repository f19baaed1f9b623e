/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What must be, whatever happens (sync.md, reliability.md 3.4). */

#include "world.h"

#include <sqlite3.h>

#include "bureau-disk.h"
#include "bureau-json.h"
#include "bureau-snapshot.h"
#include "bureau-snapshot-reader.h"

/* Longer than any of the waits that the programs have. */
#define MAX_WAIT_MS 240000
#define WAIT_MS     500

/* ------------------------------------------------------------------ the hub's file */

static sqlite3 *
open_database (World *world)
{
    g_autofree char *path = g_build_filename (world->hub_directory, "hub.db", NULL);
    sqlite3 *db;

    g_assert_cmpint (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READONLY, NULL), ==, SQLITE_OK);
    return db;
}

/* The first column of the first row; NULL if there is none. (transfer full) */
static char *
query (sqlite3 *db, const char *sql, const char *value)
{
    g_autofree char *answer = NULL;
    sqlite3_stmt *statement;

    g_assert_cmpint (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL), ==, SQLITE_OK);
    if (value)
        sqlite3_bind_text (statement, 1, value, -1, SQLITE_STATIC);
    if (sqlite3_step (statement) == SQLITE_ROW)
        answer = g_strdup ((const char *) sqlite3_column_text (statement, 0));
    sqlite3_finalize (statement);
    return g_steal_pointer (&answer);
}

static void
check_known (World *world, sqlite3 *db, const Op *op)
{
    g_autofree char *found = NULL;

    if ((op->state != OP_DONE && op->state != OP_REFUSED) || op->waived)
        return;
    found = query (db, "SELECT 1 FROM answers WHERE op_id = ?", op->id);
    if (!found && op->state == OP_DONE)
        world_fail (world, "the hub knows nothing of %s %s, which is done", op->command, op->id);
    if (found && op->state == OP_REFUSED)
        world_fail (world, "%s %s was refused, and is done", op->command, op->id);
}

void
world_check_op (World *world, Op *op, const char *epoch)
{
    sqlite3 *db;
    g_autofree char *epoch_now = NULL;

    if (world->crash.happened)
        return;
    db = open_database (world);
    epoch_now = query (db, "SELECT value FROM meta WHERE key = 'epoch'", NULL);
    /* Heard only now, from the life of the hub before it was put back. */
    op->waived = g_strcmp0 (epoch, epoch_now) != 0;
    if (world->authority)
        check_known (world, db, op);
    sqlite3_close (db);
}

/* A command is carried out once: of one object a room's log has no more than one event of it. */
static void
check_once (World *world, sqlite3 *db)
{
    g_autofree char *twice = query (
        db,
        "SELECT name || ' ' || op_id FROM events WHERE op_id IS NOT NULL"
        " GROUP BY room, op_id, name, payload ->> '$.task.id', payload ->> '$.taskId',"
        " payload ->> '$.project.id', payload ->> '$.entry.id', payload ->> '$.member.id'"
        " HAVING count (*) > 1",
        NULL);

    if (twice)
        world_fail (world, "%s is in the log more than once", twice);
}

/* Each room's log is 1, 2, 3 … up to its seq, or the end of that. */
static void
check_log (World *world, sqlite3 *db)
{
    g_autofree char *gap = query (
        db,
        "SELECT rooms.room FROM rooms JOIN events ON events.room = rooms.room GROUP BY rooms.room"
        " HAVING max (events.seq) <> rooms.seq OR count (*) <> rooms.seq - min (events.seq) + 1",
        NULL);
    g_autofree char *whole = query (db, "PRAGMA quick_check", NULL);

    if (gap)
        world_fail (world, "the log of %s has a gap", gap);
    if (g_strcmp0 (whole, "ok") != 0)
        world_fail (world, "the hub's file is damaged: %s", whole);
}

void
world_check_hub (World *world)
{
    sqlite3 *db = open_database (world);

    check_log (world, db);
    check_once (world, db);
    for (guint i = 0; i < world->n_people; i++) {
        GHashTableIter iter;
        gpointer op;

        g_hash_table_iter_init (&iter, world->people[i].ops);
        while (g_hash_table_iter_next (&iter, NULL, &op))
            check_known (world, db, op);
    }
    sqlite3_close (db);
}

/* ------------------------------------------------------------------ canonical dumps */

/* On disk a task is as its last event told it, with the names that people and projects had then;
 * they are looked up anew when it is shown. */
static void
forget_names (JsonObject *json)
{
    JsonArray *assignees = bureau_json_get_array (json, "assignees");

    json_object_remove_member (json, "projectName");
    json_object_remove_member (json, "assigneeName");
    for (guint i = 0; assignees && i < json_array_get_length (assignees); i++)
        json_object_remove_member (json_array_get_object_element (assignees, i), "name");
}

static void
add_line (GPtrArray *lines, BureauKind kind, gpointer object, gboolean named)
{
    g_autoptr (JsonObject) json = object ? bureau_kind_to_json (kind, object) : NULL;
    g_autofree char *text = NULL;

    if (json && !named)
        forget_names (json);
    text = json ? bureau_json_object_to_string (json) : NULL;
    if (text)
        g_ptr_array_add (lines, g_strdup_printf ("%s %s", bureau_kind_to_string (kind), text));
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
    return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

/* Takes @lines. (transfer full) */
static char **
finish (GPtrArray *lines)
{
    g_ptr_array_sort (lines, compare_lines);
    g_ptr_array_add (lines, NULL);
    return (char **) g_ptr_array_free (lines, FALSE);
}

/* (transfer full) */
static GString *
read_snapshot (WorldPerson *person)
{
    GString *text = g_string_new (NULL);
    g_autoptr (GError) error = NULL;
    BureauSnapshotStream *stream = bureau_snapshot_stream_new (
        person->world->authority, person->account->user_id, NULL, NULL, &error);
    BureauPiece piece = BUREAU_PIECE_MORE;

    g_assert_no_error (error);
    while (piece == BUREAU_PIECE_MORE) {
        g_autoptr (GString) next = g_string_new (NULL);

        piece = bureau_snapshot_stream_write (next, stream);
        g_string_append_len (text, next->str, next->len);
    }
    g_assert_cmpint (piece, ==, BUREAU_PIECE_LAST);
    bureau_snapshot_stream_free (stream);
    return text;
}

/* All that the person may see of the office. */
static char **
dump_hub (WorldPerson *person, gboolean named)
{
    g_autoptr (GString) text = read_snapshot (person);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauSnapshot) snapshot = NULL;
    GPtrArray *lines = g_ptr_array_new ();

    snapshot = bureau_snapshot_reader_parse (text->str, text->len, &error);
    g_assert_no_error (error);
    for (guint i = 0; i < snapshot->rooms->len; i++) {
        BureauSnapshotRoom *room = snapshot->rooms->pdata[i];

        for (guint j = 0; j < room->objects->len; j++) {
            BureauSnapshotObject *object = room->objects->pdata[j];
            g_autoptr (GObject) noun = bureau_kind_new_object (object->kind, object->value);

            add_line (lines, object->kind, noun, named);
        }
    }
    return finish (lines);
}

static char **
dump_disk (WorldPerson *person)
{
    g_autofree char *file = g_strconcat (person->account->user_id, ".replica", NULL);
    g_autofree char *path = g_build_filename (person->directory, file, NULL);
    g_autoptr (GError) error = NULL;
    BureauDisk *disk = bureau_disk_open (path, person->account->workspace_id, &error);
    g_autoptr (BureauDiskContents) contents = NULL;
    GPtrArray *lines = g_ptr_array_new ();

    g_assert_no_error (error);
    contents = bureau_disk_load (disk, &error);
    g_assert_no_error (error);
    for (guint i = 0; i < contents->objects->len; i++) {
        BureauDiskObject *object = contents->objects->pdata[i];

        add_line (lines, object->kind, object->object, FALSE);
    }
    bureau_disk_close (disk);
    return finish (lines);
}

static void
add_model (GPtrArray *lines, BureauKind kind, GListModel *model)
{
    for (guint i = 0; i < g_list_model_get_n_items (model); i++) {
        g_autoptr (GObject) item = g_list_model_get_item (model, i);

        add_line (lines, kind, item, TRUE);
    }
}

static char **
dump_models (WorldPerson *person)
{
    GPtrArray *lines = g_ptr_array_new ();

    add_model (lines, BUREAU_KIND_TASK, bureau_client_get_tasks (person->client));
    add_model (lines, BUREAU_KIND_PROJECT, bureau_client_get_projects (person->client));
    add_model (lines, BUREAU_KIND_MEMBER, bureau_client_get_members (person->client));
    add_model (lines, BUREAU_KIND_ENTRY, bureau_client_get_entries (person->client));
    return finish (lines);
}

/* What everybody has in the models, if they have it at all. */
static gboolean
is_shown (const char *line)
{
    return g_str_has_prefix (line, "task ") || g_str_has_prefix (line, "project ") ||
           g_str_has_prefix (line, "member ");
}

/* Each line of @here is in @there, or each of those that are @shown. */
static void
check_in (WorldPerson *person, const char *who, char **here, char **there, gboolean shown)
{
    for (guint i = 0; here[i]; i++) {
        if ((!shown || is_shown (here[i])) &&
            !g_strv_contains ((const char *const *) there, here[i]))
            world_fail (person->world, "%u: only %s has: %s", person->index, who, here[i]);
    }
}

static void
check_same (WorldPerson *person)
{
    g_auto (GStrv) hub = dump_hub (person, FALSE);
    g_auto (GStrv) hub_named = dump_hub (person, TRUE);
    g_auto (GStrv) models = dump_models (person);
    g_auto (GStrv) disk = NULL;

    world_stop_person (person);
    disk = dump_disk (person);
    check_in (person, "the hub, and not the replica,", hub, disk, FALSE);
    check_in (person, "the replica, and not the hub,", disk, hub, FALSE);
    check_in (person, "the hub, and not the models,", hub_named, models, TRUE);
    check_in (person, "the models, and not the hub,", models, hub_named, FALSE);
}

/* ------------------------------------------------------------------ the end */

static gboolean
is_person (World *world, const char *user_id)
{
    for (guint i = 0; i < world->n_people; i++) {
        if (g_str_equal (world->people[i].account->user_id, user_id))
            return TRUE;
    }
    return FALSE;
}

/* TRUE if all who are there are seen to be, and nobody else. */
static gboolean
sees_all (WorldPerson *person)
{
    GListModel *members = bureau_client_get_members (person->client);

    for (guint i = 0; i < g_list_model_get_n_items (members); i++) {
        g_autoptr (BureauMember) member = g_list_model_get_item (members, i);
        gboolean seen = bureau_member_get_presence (member) != BUREAU_PRESENCE_OFFLINE;

        if (seen != is_person (person->world, bureau_member_get_id (member)))
            return FALSE;
    }
    return TRUE;
}

static const char *
find_unrest (WorldPerson *person)
{
    BureauClient *client = person->client;
    GHashTableIter iter;
    gpointer room;

    switch (bureau_client_get_state (client)) {
    case BUREAU_CLIENT_LIVE:
        break;
    case BUREAU_CLIENT_SIGNED_OUT:
        return "somebody is signed out";
    case BUREAU_CLIENT_CATCHING_UP:
        return "somebody does not catch up";
    default:
        return "somebody is not connected";
    }
    if (bureau_client_get_waiting (client) > 0)
        return "something waits";
    g_hash_table_iter_init (&iter, client->rooms);
    while (g_hash_table_iter_next (&iter, NULL, &room)) {
        const BureauFollowed *followed = room;
        gint64 head = bureau_store_get_head (person->world->authority->store, followed->name, NULL);

        if (followed->seq > head)
            world_fail (person->world, "%u is ahead in %s", person->index, followed->name);
        if (!followed->have || followed->seq != head)
            return "behind";
    }
    return sees_all (person) ? NULL : "somebody is thought away, or there";
}

static const char *
find_any_unrest (World *world)
{
    const char *unrest = NULL;

    for (guint i = 0; i < world->n_people && !unrest; i++)
        unrest = find_unrest (&world->people[i]);
    return unrest;
}

static void
bring_all_back (World *world)
{
    crash_vfs_set_failure (NULL, 0, 0);
    world_crash_now (world);
    for (guint i = 0; i < world->n_people; i++) {
        WorldPerson *person = &world->people[i];

        sim_relay_set_state (person->relay, SIM_RELAY_OPEN);
        sim_relay_cut_after (person->relay, -1);
        if (!person->client)
            world_start_person (person);
    }
    world_start_hub (world);
    for (guint i = 0; i < world->n_people; i++)
        bureau_client_reconnect (world->people[i].client);
}

static void
come_to_rest (World *world)
{
    const char *unrest = "";

    bring_all_back (world);
    for (gint64 waited = 0; waited < MAX_WAIT_MS && unrest && !world->failure; waited += WAIT_MS) {
        world_run (world, WAIT_MS);
        unrest = find_any_unrest (world);
    }
    if (unrest)
        world_fail (world, "it does not come to rest: %s", unrest);
}

/* Somebody puts a copy of the hub's directory back that they have made by hand, of which the hub
 * can't know: it has the same epoch, and the programs are ahead of it. While nothing is done before
 * all are back, it can find that out. */
static void
set_back (World *world)
{
    world_copy_hub (world);
    come_to_rest (world);
    for (guint i = 0; i < world->n_people && !world->failure; i++)
        world_give (&world->people[i], BUREAU_COMMAND_MEMBER_UPDATE_SELF, "'name': 'Late %u'", i);
    come_to_rest (world);
    world_put_back (world);
    come_to_rest (world);
}

void
world_check_end (World *world)
{
    world_tell (world, "the end");
    come_to_rest (world);
    if (world->is_set_back && !world->failure)
        set_back (world);
    for (guint i = 0; i < world->n_people && !world->failure; i++)
        check_same (&world->people[i]);
    if (!world->failure)
        world_check_hub (world);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fixture.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-replica.h"

#define OFFICE  "11111111-1111-4111-8111-111111111111"
#define PROJECT "22222222-2222-4222-8222-222222222222"
#define TASK    "33333333-3333-4333-8333-333333333333"
#define OTHER   "44444444-4444-4444-8444-444444444444"
#define ROOM    "project:" PROJECT

typedef struct {
    char *directory;
    char *path;
    BureauReplica *replica;
    GAsyncResult *result;
} Disk;

static void
disk_set_up (Disk *disk, gconstpointer data)
{
    disk->directory = directory_new ();
    disk->path = g_build_filename (disk->directory, "deep", "person.replica", NULL);
    disk->replica = bureau_replica_new (disk->path, OFFICE);
}

static void
on_result_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Disk *disk = data;

    g_set_object (&disk->result, result);
}

static BureauDiskContents *
load (Disk *disk, GError **error)
{
    g_clear_object (&disk->result);
    bureau_replica_load_async (disk->replica, on_result_cb, disk);
    WAIT_UNTIL (disk->result);
    return bureau_replica_load_finish (disk->replica, disk->result, error);
}

static void
close_replica (Disk *disk)
{
    g_autoptr (GError) error = NULL;

    g_clear_object (&disk->result);
    bureau_replica_close_async (disk->replica, on_result_cb, disk);
    WAIT_UNTIL (disk->result);
    bureau_replica_close_finish (disk->replica, disk->result, &error);
    g_assert_no_error (error);
    g_clear_object (&disk->result);
    g_clear_object (&disk->replica);
}

/* As the next start of the program would see it. */
static BureauDiskContents *
reload (Disk *disk)
{
    g_autoptr (GError) error = NULL;
    BureauDiskContents *contents;

    if (disk->replica)
        close_replica (disk);
    disk->replica = bureau_replica_new (disk->path, OFFICE);
    contents = load (disk, &error);
    g_assert_no_error (error);
    return contents;
}

static void
disk_tear_down (Disk *disk, gconstpointer data)
{
    if (disk->replica)
        close_replica (disk);
    g_free (disk->path);
    directory_free (disk->directory);
}

static JsonObject *
task_new (const char *title)
{
    g_autofree char *text = g_strdup_printf ("{\"id\":\"" TASK "\",\"projectId\":\"" PROJECT
                                             "\",\"title\":\"%s\",\"status\":\"todo\"}",
                                             title);

    return bureau_json_parse_object (text, -1, NULL);
}

static const char *
get_title (BureauDiskContents *contents)
{
    const BureauDiskObject *object;

    if (contents->objects->len == 0)
        return NULL;
    object = contents->objects->pdata[0];
    g_assert_cmpint (object->kind, ==, BUREAU_KIND_TASK);
    return bureau_task_get_title (BUREAU_TASK (object->object));
}

static gint64
get_seq (BureauDiskContents *contents)
{
    gint64 *seq = g_hash_table_lookup (contents->rooms, ROOM);

    return seq ? *seq : -1;
}

/* An event moves the room by one or does nothing at all. */
static void
test_events (Disk *disk, gconstpointer data)
{
    g_autoptr (BureauDiskContents) contents = reload (disk);
    g_autoptr (JsonObject) one = task_new ("one");
    g_autoptr (JsonObject) two = task_new ("two");
    g_autoptr (JsonObject) four = task_new ("four");

    g_assert_null (contents->epoch);
    g_clear_pointer (&contents, bureau_disk_contents_free);
    bureau_replica_set_epoch (disk->replica, "e1");
    bureau_replica_begin_room (disk->replica, ROOM, 0);
    bureau_replica_apply (disk->replica, ROOM, 1, BUREAU_KIND_TASK, TASK, one, NULL);
    bureau_replica_apply (disk->replica, ROOM, 2, BUREAU_KIND_TASK, TASK, two, NULL);
    bureau_replica_apply (disk->replica, ROOM, 4, BUREAU_KIND_TASK, TASK, four, NULL);
    bureau_replica_apply (disk->replica, ROOM, 2, BUREAU_KIND_TASK, TASK, one, NULL);
    contents = reload (disk);
    g_assert_cmpstr (contents->epoch, ==, "e1");
    g_assert_cmpint (get_seq (contents), ==, 2);
    g_assert_cmpstr (get_title (contents), ==, "two");
    g_clear_pointer (&contents, bureau_disk_contents_free);

    bureau_replica_apply (disk->replica, ROOM, 3, BUREAU_KIND_TASK, TASK, NULL, NULL);
    contents = reload (disk);
    g_assert_cmpint (get_seq (contents), ==, 3);
    g_assert_null (get_title (contents));
    g_clear_pointer (&contents, bureau_disk_contents_free);

    bureau_replica_set_epoch (disk->replica, "e2");
    contents = reload (disk);
    g_assert_cmpuint (g_hash_table_size (contents->rooms), ==, 0);
}

static BureauOutboxEntry *
entry_new (const char *title)
{
    g_autofree char *op_id = bureau_id_new ();
    JsonObject *params = json_object_new ();

    bureau_json_set_string (params, "opId", op_id);
    bureau_json_set_string (params, "id", TASK);
    bureau_json_set_string (params, "title", title);
    return bureau_outbox_entry_new (bureau_command_get (BUREAU_COMMAND_TASK_UPDATE), params, TASK,
                                    1234);
}

static void
add (Disk *disk, const BureauOutboxEntry *entry)
{
    g_autoptr (GError) error = NULL;

    g_clear_object (&disk->result);
    bureau_replica_add_command_async (disk->replica, entry, on_result_cb, disk);
    WAIT_UNTIL (disk->result);
    bureau_replica_add_command_finish (disk->replica, disk->result, &error);
    g_assert_no_error (error);
}

static void
test_outbox (Disk *disk, gconstpointer data)
{
    g_autoptr (BureauDiskContents) contents = reload (disk);
    g_autoptr (BureauOutboxEntry) one = entry_new ("one");
    g_autoptr (BureauOutboxEntry) two = entry_new ("two");
    g_autoptr (BureauOutboxEntry) three = entry_new ("three");
    const BureauOutboxEntry *found;

    g_clear_pointer (&contents, bureau_disk_contents_free);
    add (disk, one);
    add (disk, two);
    add (disk, three);
    bureau_replica_remove_command (disk->replica, two->op_id);
    contents = reload (disk);
    g_assert_cmpuint (contents->outbox->len, ==, 2);
    found = contents->outbox->pdata[0];
    g_assert_cmpstr (found->op_id, ==, one->op_id);
    g_assert_cmpstr (found->target, ==, TASK);
    g_assert_cmpint (found->given_at, ==, 1234);
    g_assert_true (bureau_json_equal (found->params, one->params));
    found = contents->outbox->pdata[1];
    g_assert_cmpstr (found->op_id, ==, three->op_id);
    g_clear_pointer (&contents, bureau_disk_contents_free);

    /* Its event takes a command out, even one that comes too early to be applied. */
    bureau_replica_begin_room (disk->replica, ROOM, 0);
    bureau_replica_apply (disk->replica, ROOM, 1, BUREAU_KIND_TASK, NULL, NULL, one->op_id);
    contents = reload (disk);
    g_assert_cmpuint (contents->outbox->len, ==, 1);
}

#define EPOCH "{\"kind\":\"epoch\",\"epoch\":\"e1\",\"serverTime\":\"2026-11-21T09:30:00.000Z\"}\n"
#define START EPOCH "{\"kind\":\"room\",\"room\":\"" ROOM "\",\"seq\":7}\n"
#define VALUE(id, project, title)                                                                  \
    "{\"kind\":\"task\",\"room\":\"" ROOM "\",\"value\":{\"id\":\"" id                             \
    "\",\"projectId\":\"" project "\",\"title\":\"" title "\",\"status\":\"todo\"}}\n"
#define END "{\"kind\":\"end\"}\n"

static BureauSnapshot *
replace (Disk *disk, const char *text, GError **error)
{
    const char *rooms[] = { ROOM, NULL };
    g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

    g_clear_object (&disk->result);
    bureau_replica_replace_async (disk->replica, bytes, "e1", rooms, on_result_cb, disk);
    WAIT_UNTIL (disk->result);
    return bureau_replica_replace_finish (disk->replica, disk->result, error);
}

static void
test_snapshot (Disk *disk, gconstpointer data)
{
    g_autoptr (BureauDiskContents) contents = reload (disk);
    g_autoptr (BureauSnapshot) snapshot = NULL;
    g_autoptr (JsonObject) old = task_new ("old");
    g_autoptr (GError) error = NULL;

    g_clear_pointer (&contents, bureau_disk_contents_free);
    bureau_replica_begin_room (disk->replica, ROOM, 0);
    bureau_replica_apply (disk->replica, ROOM, 1, BUREAU_KIND_TASK, OTHER, old, NULL);
    snapshot = replace (disk,
                        START VALUE (TASK, PROJECT, "new") VALUE (OTHER, OFFICE, "stray") EPOCH
                        "{\"kind\":\"future\"}\n{\"kind\":\"room\",\"room\":\"x\",\"seq\":1}\n" END,
                        &error);
    g_assert_no_error (error);
    g_assert_cmpuint (snapshot->rooms->len, ==, 1);
    contents = reload (disk);
    g_assert_cmpuint (contents->objects->len, ==, 1);
    g_assert_cmpstr (get_title (contents), ==, "new");
    g_assert_cmpint (get_seq (contents), ==, 7);
}

/* What is wrong in any way changes nothing. */
static void
test_bad_snapshots (Disk *disk, gconstpointer data)
{
    static const char *const BAD[] = {
        "",
        "\n\n",
        END,
        "{",
        "[]\n" END,
        START,
        START VALUE (TASK, PROJECT, "cut"),
        START VALUE (TASK, PROJECT, "cut") "{\"kind\":\"en",
        START "{\"kind\":\"task\",\"kind\":\"task\"}\n" END,
        START "\"end\"\n",
        START "\xff\xfe\n" END,
        "{\"kind\":\"epoch\",\"epoch\":\"e0\"}\n{\"kind\":\"room\",\"room\":\"" ROOM
        "\",\"seq\":7}\n" END,
        "{\"kind\":\"epoch\",\"epoch\":5}\n" END,
    };
    g_autoptr (BureauDiskContents) contents = reload (disk);
    g_autoptr (JsonObject) task = task_new ("kept");
    g_autofree char *deep = g_strnfill (100000, '[');

    g_clear_pointer (&contents, bureau_disk_contents_free);
    bureau_replica_begin_room (disk->replica, ROOM, 0);
    bureau_replica_apply (disk->replica, ROOM, 1, BUREAU_KIND_TASK, TASK, task, NULL);
    for (guint i = 0; i <= G_N_ELEMENTS (BAD); i++) {
        g_autoptr (GError) error = NULL;

        g_assert_null (replace (disk, i < G_N_ELEMENTS (BAD) ? BAD[i] : deep, &error));
        g_assert_nonnull (error);
    }
    contents = reload (disk);
    g_assert_cmpstr (get_title (contents), ==, "kept");
    g_assert_cmpint (get_seq (contents), ==, 1);
}

/* Objects of all sorts of wrong types are left out, and their room still counts. */
static void
test_odd_snapshots (Disk *disk, gconstpointer data)
{
    static const char *const ODD[] = {
        START "{\"kind\":\"task\"}\n" END,
        START "{\"kind\":\"task\",\"room\":7,\"value\":{}}\n" END,
        START "{\"kind\":\"task\",\"room\":\"" ROOM "\",\"value\":[]}\n" END,
        START "{\"kind\":\"task\",\"room\":\"" ROOM "\",\"value\":{\"id\":\"../x\"}}\n" END,
        START "{\"kind\":\"task\",\"room\":\"nowhere\",\"value\":{\"id\":\"" TASK "\"}}\n" END,
        START "{\"kind\":\"entry\",\"room\":\"" ROOM "\",\"value\":{\"id\":\"" TASK "\"}}\n" END,
        START "{\"kind\":\"task\",\"room\":\"" ROOM "\",\"value\":{\"id\":\"" TASK
              "\",\"projectId\":\"" PROJECT "\",\"title\":[],\"status\":3}}\n" END,
        START END VALUE (TASK, PROJECT, "after the end"),
    };
    g_autoptr (BureauDiskContents) contents = reload (disk);

    for (guint i = 0; i < G_N_ELEMENTS (ODD); i++) {
        g_autoptr (GError) error = NULL;
        g_autoptr (BureauSnapshot) snapshot = replace (disk, ODD[i], &error);

        g_assert_no_error (error);
        g_clear_pointer (&contents, bureau_disk_contents_free);
        contents = reload (disk);
        g_assert_cmpint (get_seq (contents), ==, 7);
        for (guint j = 0; j < contents->objects->len; j++)
            g_assert_null (((BureauDiskObject *) contents->objects->pdata[j])->object);
    }
}

static guint
count_files (const char *path, const char *part)
{
    g_autofree char *directory = g_path_get_dirname (path);
    g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
    const char *name;
    guint n = 0;

    while ((name = g_dir_read_name (dir)))
        n += strstr (name, part) != NULL;
    return n;
}

static void
test_damaged (Disk *disk, gconstpointer data)
{
    g_autoptr (BureauDiskContents) contents = reload (disk);
    g_autofree char *noise = g_strnfill (8192, 'x');
    g_autoptr (GError) error = NULL;
    GStatBuf info;

    g_assert_cmpint (g_stat (disk->path, &info), ==, 0);
    g_assert_cmpint (info.st_mode & 0777, ==, 0600);
    g_clear_pointer (&contents, bureau_disk_contents_free);
    close_replica (disk);
    g_assert_true (g_file_set_contents (disk->path, noise, 8192, NULL));

    contents = reload (disk);
    g_assert_cmpuint (contents->objects->len, ==, 0);
    g_assert_cmpuint (count_files (disk->path, ".damaged-"), ==, 1);
    g_clear_pointer (&contents, bureau_disk_contents_free);
    close_replica (disk);

    /* Another office's file is not ours to read or to write. */
    disk->replica = bureau_replica_new (disk->path, OTHER);
    contents = load (disk, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (count_files (disk->path, ".damaged-"), ==, 2);
}

#define PAGE 4096

/* Writes over each page of the file that has @word in it. Returns how many there were. */
static guint
damage_pages (const char *path, const char *word)
{
    g_autofree char *text = NULL;
    gsize length;
    guint n = 0;

    g_assert_true (g_file_get_contents (path, &text, &length, NULL));
    for (gsize start = PAGE; start + PAGE <= length; start += PAGE) {
        if (!memmem (text + start, PAGE, word, strlen (word)))
            continue;
        memset (text + start, 'x', PAGE);
        n++;
    }
    g_assert_true (g_file_set_contents (path, text, length, NULL));
    return n;
}

/* Where only what the hub has too is damaged, the outbox goes on, in order and as it stood. */
static void
test_damaged_within (Disk *disk, gconstpointer data)
{
    g_autoptr (BureauDiskContents) contents = reload (disk);
    g_autoptr (BureauOutboxEntry) one = entry_new ("one");
    g_autoptr (BureauOutboxEntry) two = entry_new ("two");
    g_autoptr (JsonObject) task = task_new ("to be fetched anew");
    g_autoptr (GError) refusal = g_error_new (BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN, "No.");
    const BureauOutboxEntry *found;

    g_clear_pointer (&contents, bureau_disk_contents_free);
    bureau_replica_set_epoch (disk->replica, "e1");
    bureau_replica_begin_room (disk->replica, ROOM, 0);
    bureau_replica_apply (disk->replica, ROOM, 1, BUREAU_KIND_TASK, TASK, task, NULL);
    one->error = g_steal_pointer (&refusal);
    add (disk, one);
    add (disk, two);
    bureau_replica_refuse_command_async (disk->replica, one, NULL, NULL);
    close_replica (disk);
    g_assert_cmpuint (damage_pages (disk->path, "to be fetched anew"), ==, 1);

    for (int i = 0; i < 2; i++) {
        contents = reload (disk);
        g_assert_cmpuint (count_files (disk->path, ".damaged-"), ==, 1);
        g_assert_cmpuint (contents->objects->len, ==, 0);
        g_assert_cmpuint (g_hash_table_size (contents->rooms), ==, 0);
        g_assert_null (contents->epoch);
        g_assert_cmpuint (contents->outbox->len, ==, 2);
        found = contents->outbox->pdata[0];
        g_assert_cmpstr (found->op_id, ==, one->op_id);
        g_assert_error (found->error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN);
        found = contents->outbox->pdata[1];
        g_assert_cmpstr (found->op_id, ==, two->op_id);
        g_assert_cmpint (found->given_at, ==, 1234);
        g_assert_true (bureau_json_equal (found->params, two->params));
        g_assert_no_error (found->error);
        g_clear_pointer (&contents, bureau_disk_contents_free);
    }
}

/* A file as the first Bureau wrote it, with two changes that wait; one before them has gone out. */
static void
write_version_1 (const char *path)
{
    static const char *const SQL =
        "PRAGMA journal_mode = WAL;"
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE rooms (room TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
        "CREATE TABLE objects (kind TEXT NOT NULL, id TEXT NOT NULL, room TEXT NOT NULL,"
        "  json TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;"
        "CREATE INDEX objects_by_room ON objects (room);"
        "CREATE TABLE outbox (position INTEGER PRIMARY KEY AUTOINCREMENT,"
        "  op_id TEXT NOT NULL UNIQUE, command TEXT NOT NULL, params TEXT NOT NULL,"
        "  given_at INTEGER NOT NULL) STRICT;"
        "INSERT INTO meta VALUES ('office', '" OFFICE "'), ('epoch', 'e1');"
        "INSERT INTO rooms VALUES ('" ROOM "', 7);"
        "INSERT INTO outbox VALUES"
        "  (9, 'later', 'task:update', '{\"opId\":\"later\",\"id\":\"" TASK
        "\",\"title\":\"L\"}', 12),"
        "  (2, 'gone', 'task:delete', '{\"opId\":\"gone\",\"id\":\"" TASK "\"}', 10),"
        "  (3, 'first', 'task:update', '{\"opId\":\"first\",\"id\":\"" TASK
        "\",\"title\":\"F\"}', 11);"
        "DELETE FROM outbox WHERE op_id = 'gone';"
        "PRAGMA user_version = 1;";
    g_autofree char *directory = g_path_get_dirname (path);
    sqlite3 *db;

    g_assert_no_errno (g_mkdir_with_parents (directory, 0700));
    g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
    g_assert_cmpint (sqlite3_exec (db, SQL, NULL, NULL, NULL), ==, SQLITE_OK);
    g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

static void
assert_waits (BureauDiskContents *contents, guint index, const char *op_id, gint64 given_at)
{
    const BureauOutboxEntry *entry = contents->outbox->pdata[index];

    g_assert_cmpstr (entry->op_id, ==, op_id);
    g_assert_cmpint (entry->given_at, ==, given_at);
    g_assert_cmpint (entry->state, ==, BUREAU_OUTBOX_QUEUED);
    g_assert_null (entry->error);
    g_assert_null (entry->subject);
}

/* Of what an older Bureau left, nothing is lost, and all can be done with it that can be done now.
 */
static void
test_version_1 (Disk *disk, gconstpointer data)
{
    g_autoptr (BureauDiskContents) contents = NULL;
    g_autoptr (BureauOutboxEntry) newest = entry_new ("newest");
    BureauOutboxEntry *refused;

    write_version_1 (disk->path);
    contents = reload (disk);
    g_assert_cmpuint (count_files (disk->path, ".damaged-"), ==, 0);
    g_assert_cmpstr (contents->epoch, ==, "e1");
    g_assert_cmpint (get_seq (contents), ==, 7);
    g_assert_cmpuint (contents->outbox->len, ==, 2);
    assert_waits (contents, 0, "first", 11);
    assert_waits (contents, 1, "later", 12);

    add (disk, newest);
    refused = contents->outbox->pdata[0];
    refused->error = g_error_new_literal (BUREAU_ERROR, BUREAU_ERROR_NOT_FOUND, "Gone");
    bureau_replica_refuse_command_async (disk->replica, refused, NULL, NULL);
    g_clear_pointer (&contents, bureau_disk_contents_free);
    contents = reload (disk);
    g_assert_cmpuint (contents->outbox->len, ==, 3);
    refused = contents->outbox->pdata[0];
    g_assert_cmpint (refused->state, ==, BUREAU_OUTBOX_REFUSED);
    g_assert_cmpstr (refused->error->message, ==, "Gone");
    assert_waits (contents, 1, "later", 12);
    assert_waits (contents, 2, newest->op_id, newest->given_at);
}

/* Nothing can be written: every change says so, and nothing crashes. */
static void
test_unusable (Disk *disk, gconstpointer data)
{
    g_autofree char *directory = g_path_get_dirname (disk->path);
    g_autoptr (BureauOutboxEntry) entry = entry_new ("lost");
    g_autoptr (GError) error = NULL;

    g_assert_true (g_file_set_contents (directory, "in the way", -1, NULL));
    g_assert_null (load (disk, &error));
    g_assert_nonnull (error);
    g_clear_error (&error);
    g_clear_object (&disk->result);
    bureau_replica_add_command_async (disk->replica, entry, on_result_cb, disk);
    WAIT_UNTIL (disk->result);
    g_assert_false (bureau_replica_add_command_finish (disk->replica, disk->result, &error));
    g_assert_nonnull (error);
}

/* A home may lie behind a link. */
static void
test_way_by_a_link (Disk *disk, gconstpointer data)
{
    g_autofree char *link = g_build_filename (disk->directory, "link", NULL);
    g_autoptr (BureauDiskContents) contents = NULL;

    g_assert_cmpint (symlink (".", link), ==, 0);
    g_clear_object (&disk->replica);
    g_free (disk->path);
    disk->path = g_build_filename (link, "deep", "person.replica", NULL);
    contents = reload (disk);
    g_assert_cmpuint (contents->objects->len, ==, 0);
    g_assert_cmpuint (count_files (disk->path, "person.replica"), >=, 1);
    close_replica (disk);
    g_assert_cmpint (g_unlink (link), ==, 0);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add ("/replica/" name, Disk, NULL, disk_set_up, function, disk_tear_down)
    ADD ("events", test_events);
    ADD ("outbox", test_outbox);
    ADD ("snapshot", test_snapshot);
    ADD ("bad-snapshots", test_bad_snapshots);
    ADD ("odd-snapshots", test_odd_snapshots);
    ADD ("damaged", test_damaged);
    ADD ("damaged-within", test_damaged_within);
    ADD ("version-1", test_version_1);
    ADD ("unusable", test_unusable);
    ADD ("way-by-a-link", test_way_by_a_link);
#undef ADD
    return g_test_run ();
}

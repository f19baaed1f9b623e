/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Backups that are made by themselves, and a database that is damaged (reliability.md, G20, G21 and
 * F7a). */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bureau-backup-ring.h"
#include "bureau-backup.h"
#include "bureau-doctor.h"
#include "bureau-json.h"
#include "bureau-restore.h"
#include "test-directory.h"
#include "test-office.h"
#include "test-wait.h"

#define DAY_MS  (24 * 3600 * (gint64) 1000)
#define N_FLIPS 50
#define PAGE    4096

static char *
get_path (Office *office, const char *name)
{
    return g_build_filename (office->directory, name, NULL);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
    return strcmp (*(char *const *) a, *(char *const *) b);
}

static GPtrArray *
list_backups (const char *directory)
{
    g_autofree char *path = g_build_filename (directory, BUREAU_BACKUPS, NULL);
    g_autoptr (GDir) names = g_dir_open (path, 0, NULL);
    GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
    const char *name;

    while (names != NULL && (name = g_dir_read_name (names)) != NULL)
        g_ptr_array_add (found, g_strdup (name));
    g_ptr_array_sort (found, compare_names);
    return found;
}

static void
close_office (Office *office)
{
    g_clear_pointer (&office->authority, bureau_authority_close);
}

static void
open_office (Office *office)
{
    g_autoptr (GError) error = NULL;

    office->authority = bureau_authority_open (office->directory, NULL, &error);
    g_assert_no_error (error);
}

static void
give_tasks (Office *office, guint n)
{
    g_autofree char *text = g_strnfill (2000, 'x');

    for (guint i = 0; i < n; i++)
        ASSERT_CODE (RUN (office, office->owner->user_id, "task:create",
                          "{'projectId':'%s','title':'Task %u','description':'%s'}",
                          office->project_id, i, text),
                     "ok");
}

/* ------------------------------------------------------------------ which ones are kept */

static void
write_backup (const char *directory, const char *kind, gint64 at)
{
    g_autoptr (GError) error = NULL;
    g_autofree char *path = bureau_ring_make_path (directory, kind, at, &error);

    g_assert_no_error (error);
    g_assert_true (g_file_set_contents (path, "", 0, NULL));
}

/* Two a day for two months: of seven days and of four weeks the last is kept, and whatever is not
 * the hub's. */
static void
test_ring (void)
{
    static const char *const kept[] = {
        "daily-20261101T210000Z", "daily-20261108T210000Z", "daily-20261115T210000Z",
        "daily-20261116T210000Z", "daily-20261117T210000Z", "daily-20261118T210000Z",
        "daily-20261119T210000Z", "daily-20261120T210000Z", "daily-20261121T210000Z",
        "daily-20261122T210000Z",
    };
    /* A Sunday, at nine in the evening. */
    gint64 now = bureau_instant_from_string ("2026-11-22T21:00:00Z");
    char *directory = directory_new ();
    g_autofree char *own = g_build_filename (directory, BUREAU_BACKUPS, "daily-mine", NULL);
    g_autoptr (GPtrArray) left = NULL;

    for (guint i = 0; i < 120; i++)
        write_backup (directory, BUREAU_RING_DAILY, now - i * DAY_MS / 2);
    for (guint i = 0; i < 5; i++)
        write_backup (directory, BUREAU_RING_SCHEMA, now - i * DAY_MS);
    write_backup (directory, "replaced", now);
    g_assert_true (g_file_set_contents (own, "", 0, NULL));
    bureau_ring_prune (directory, now);
    left = list_backups (directory);
    g_assert_cmpuint (left->len, ==, 1 + G_N_ELEMENTS (kept) + 1 + 3);
    for (guint i = 0; i < G_N_ELEMENTS (kept); i++) {
        g_autofree char *name = g_strconcat (kept[i], BUREAU_BACKUP_SUFFIX, NULL);

        g_assert_true (g_ptr_array_find_with_equal_func (left, name, g_str_equal, NULL));
    }
    directory_free (directory);
}

/* The clock was a year ahead for two months, and has been set right: what is made now stays, and
 * so does what was made then. */
static void
test_ring_of_a_wrong_clock (void)
{
    gint64 now = bureau_instant_from_string ("2026-11-22T21:00:00Z");
    gint64 ahead = now + 365 * DAY_MS;
    char *directory = directory_new ();
    g_autoptr (GPtrArray) left = NULL;

    for (guint i = 0; i < 60; i++) {
        write_backup (directory, BUREAU_RING_DAILY, ahead + i * DAY_MS);
        bureau_ring_prune (directory, ahead + i * DAY_MS);
    }
    for (guint i = 0; i < 5; i++)
        write_backup (directory, BUREAU_RING_SCHEMA, ahead + i * DAY_MS);
    write_backup (directory, BUREAU_RING_DAILY, now);
    write_backup (directory, BUREAU_RING_SCHEMA, now);
    bureau_ring_prune (directory, now);
    g_assert_false (bureau_ring_is_due (directory, now));
    left = list_backups (directory);
    g_assert_cmpuint (left->len, ==, 9 + 1 + 5 + 1);
    directory_free (directory);
}

static void
test_due (void)
{
    gint64 now = bureau_instant_from_string ("2026-11-22T21:00:00Z");
    char *directory = directory_new ();

    g_assert_true (bureau_ring_is_due (directory, now));
    write_backup (directory, BUREAU_RING_SCHEMA, now);
    g_assert_true (bureau_ring_is_due (directory, now));
    write_backup (directory, BUREAU_RING_DAILY, now);
    g_assert_false (bureau_ring_is_due (directory, now));
    g_assert_false (bureau_ring_is_due (directory, now + DAY_MS - 1));
    g_assert_true (bureau_ring_is_due (directory, now + DAY_MS));
    /* The clock was a month ahead when it was made. */
    g_assert_true (bureau_ring_is_due (directory, now - 30 * DAY_MS));
    directory_free (directory);
}

/* ------------------------------------------------------------------ by itself */

static gint64 clock_now;

static gint64
read_clock (void)
{
    return clock_now;
}

static void
review (Office *office)
{
    bureau_upkeep_review (office->authority->upkeep);
    WAIT_UNTIL (!bureau_upkeep_is_busy (office->authority->upkeep));
}

static void
test_daily (Office *office, gconstpointer data)
{
    g_autofree char *newest = NULL;
    g_autoptr (JsonObject) about = NULL;
    g_autoptr (GPtrArray) kept = NULL;

    clock_now = g_get_real_time () / 1000;
    close_office (office);
    write_backup (office->directory, ".daily", clock_now); /* one that was interrupted */
    open_office (office);
    office->authority->clock = read_clock;
    give_tasks (office, 3);
    review (office);
    give_tasks (office, 2);
    review (office); /* not yet */
    clock_now += DAY_MS;
    review (office);
    kept = list_backups (office->directory);
    g_assert_cmpuint (kept->len, ==, 2);
    newest = bureau_ring_find_good (office->directory, NULL);
    about = bureau_backup_examine (newest, NULL, NULL);
    g_assert_cmpint (bureau_json_get_int (about, "tasks", 0), ==, 5);
    g_assert_true (g_str_has_suffix (newest, g_ptr_array_index (kept, 1)));
}

static gsize
get_wal_size (Office *office)
{
    g_autofree char *path = get_path (office, "hub.db-wal");
    GStatBuf info;

    g_assert_cmpint (g_stat (path, &info), ==, 0);
    return info.st_size;
}

static void
work (Office *office)
{
    give_tasks (office, 20);
    bureau_store_checkpoint (office->authority->store);
}

/* What is done while it is made is carried over by each checkpoint as at any time, so that none has
 * more to do than another; and the backup is whole. */
static void
test_at_work (Office *office, gconstpointer data)
{
    g_autofree char *newest = NULL;
    g_autoptr (JsonObject) about = NULL;
    guint rounds = 0;
    gsize size;

    give_tasks (office, 500);
    bureau_store_checkpoint (office->authority->store);
    work (office);
    size = get_wal_size (office);
    bureau_upkeep_review (office->authority->upkeep);
    for (; bureau_upkeep_is_busy (office->authority->upkeep); rounds++) {
        work (office);
        g_main_context_iteration (NULL, FALSE);
    }
    g_assert_cmpuint (rounds, >=, 3);
    g_assert_cmpuint (get_wal_size (office), <=, size * 3 / 2);
    newest = bureau_ring_find_good (office->directory, NULL);
    about = bureau_backup_examine (newest, NULL, NULL);
    g_assert_cmpint (bureau_json_get_int (about, "tasks", 0), >, 520);
    g_assert_cmpint (bureau_json_get_int (about, "tasks", 0), <=, 520 + 20 * rounds);
}

/* A hub that stops does not wait for it. */
static void
test_stopped (Office *office, gconstpointer data)
{
    g_autoptr (GPtrArray) kept = NULL;

    give_tasks (office, 200);
    bureau_upkeep_review (office->authority->upkeep);
    close_office (office);
    kept = list_backups (office->directory);
    for (guint i = 0; i < kept->len; i++)
        g_assert_true (g_str_has_prefix (g_ptr_array_index (kept, i), "daily-"));
}

/* ------------------------------------------------------------------ by somebody */

/* (transfer full) */
static BureauHubSummary *
finish (GAsyncResult **result, GError **error)
{
    BureauHubSummary *summary;

    WAIT_UNTIL (*result != NULL);
    summary = bureau_hub_summary_finish (*result, error);
    g_clear_object (result);
    return summary;
}

/* As a window does it: a backup is made and examined beside the hub, and put back once it is
 * stopped. */
static void
test_window (Office *office, gconstpointer data)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubSummary) made = NULL;
    g_autoptr (BureauHubSummary) examined = NULL;
    g_autoptr (BureauHubSummary) now = NULL;
    g_autoptr (BureauHubSummary) restored = NULL;

    give_tasks (office, 3);
    bureau_hub_back_up_async (office->directory, NULL, NULL, keep_result, &result);
    made = finish (&result, &error);
    g_assert_no_error (error);
    give_tasks (office, 2);
    bureau_hub_examine_backup_async (made->path, NULL, keep_result, &result);
    examined = finish (&result, &error);
    g_assert_cmpint (examined->tasks, ==, 3);
    g_assert_cmpint (examined->at, ==, made->at);
    bureau_hub_summarize_async (office->directory, made->at, NULL, keep_result, &result);
    now = finish (&result, &error);
    g_assert_cmpint (now->tasks, ==, 5);
    g_assert_cmpint (now->changes, ==, 2);
    g_assert_cmpstr (now->offices[0], ==, "Studio Nord");

    bureau_hub_restore_async (office->directory, made->path, keep_result, &result);
    g_assert_null (finish (&result, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
    g_clear_error (&error);
    close_office (office);
    bureau_hub_restore_async (office->directory, made->path, keep_result, &result);
    restored = finish (&result, &error);
    g_assert_no_error (error);
    g_assert_cmpint (restored->tasks, ==, 3);
    g_assert_true (g_file_test (restored->path, G_FILE_TEST_IS_DIR));
    open_office (office);
}

/* ------------------------------------------------------------------ damage */

static void
write_contents (const char *path, const char *contents, gsize length)
{
    g_assert_true (g_file_set_contents_full (path, contents, length, G_FILE_SET_CONTENTS_CONSISTENT,
                                             0600, NULL));
}

static void
write_noise (Office *office, goffset offset)
{
    g_autofree char *path = get_path (office, "hub.db");
    g_autofree char *noise = g_strnfill (5000, '\xa5');
    int fd = open (path, O_WRONLY);

    g_assert_cmpint (pwrite (fd, noise, 5000, offset), ==, 5000);
    close (fd);
}

static char *
read_database (Office *office, gsize *length)
{
    g_autofree char *path = get_path (office, "hub.db");
    char *contents;

    g_assert_true (g_file_get_contents (path, &contents, length, NULL));
    return contents;
}

/* Found once a day, also where the hub itself remembers what had been there: from then on nothing
 * is written, nor when the hub stops, what is whole is read, and the last good backup stays. */
static void
test_found_while_serving (Office *office, gconstpointer data)
{
    g_autoptr (GPtrArray) kept = NULL;
    g_autofree char *whole = NULL;
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    gsize length, length_after;

    office->authority->clock = read_clock;
    clock_now = g_get_real_time () / 1000;
    give_tasks (office, 20);
    review (office);
    bureau_store_checkpoint (office->authority->store);
    whole = read_database (office, &length);
    write_noise (office, length - 10000);
    clock_now += DAY_MS;
    review (office);
    g_assert_cmpint (bureau_authority_get_storage_state (office->authority), ==,
                     BUREAU_STORAGE_DAMAGED);
    ASSERT_CODE (RUN (office, office->owner->user_id, "member:update_self", "{'name':'Anna'}"),
                 "unavailable");
    ASSERT_CODE (RUN (office, office->owner->user_id, "office:describe", "{}"), "ok");
    kept = list_backups (office->directory);
    g_assert_cmpuint (kept->len, ==, 1);
    before = read_database (office, &length);
    close_office (office);
    after = read_database (office, &length_after);
    g_assert_cmpmem (before, length, after, length_after);
}

/* The error says which backup to put back; that is then done, and the damaged file is kept. */
static void
test_found_at_start (Office *office, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    g_autofree char *good = NULL;
    g_autofree char *aside = NULL;
    g_autofree char *kept = NULL;
    g_autoptr (JsonObject) about = NULL;
    gsize length, length_after;

    give_tasks (office, 20);
    review (office);
    good = bureau_ring_find_good (office->directory, NULL);
    write_backup (office->directory, BUREAU_RING_DAILY, g_get_real_time () / 1000 + DAY_MS);
    close_office (office);
    write_noise (office, 40000);
    before = read_database (office, &length);
    g_assert_null (bureau_authority_open (office->directory, NULL, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE);
    g_assert_nonnull (strstr (error->message, good));
    after = read_database (office, &length_after);
    g_assert_cmpmem (before, length, after, length_after);
    g_clear_error (&error);

    about = bureau_restore (office->directory, good, 0, &aside, &error);
    g_assert_no_error (error);
    kept = g_build_filename (aside, "hub.db", NULL);
    g_clear_pointer (&after, g_free);
    g_assert_true (g_file_get_contents (kept, &after, &length_after, NULL));
    g_assert_cmpmem (before, length, after, length_after);
    open_office (office);
}

/* Behind the hub's back. */
static void
execute (Office *office, const char *text)
{
    g_autofree char *path = get_path (office, "hub.db");
    sqlite3 *db;

    g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
    g_assert_cmpint (sqlite3_exec (db, text, NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close (db);
}

/* Its tables are not those that it should have. */
static void
test_other_tables (Office *office, gconstpointer data)
{
    g_autoptr (GError) error = NULL;

    close_office (office);
    execute (office, "DROP TRIGGER audit_is_not_cut");
    g_assert_null (bureau_authority_open (office->directory, NULL, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE);
    g_assert_nonnull (strstr (error->message, "There is no backup of it"));
}

/* What can be read and yet is not whole makes no backup that would take the place of a good one. */
static void
test_unsound (Office *office, gconstpointer data)
{
    g_autofree char *to = get_path (office, "backup");
    g_autoptr (GError) error = NULL;

    give_tasks (office, 3);
    close_office (office);
    execute (office, "DELETE FROM events WHERE room LIKE 'project:%' AND seq = 2");
    g_assert_null (bureau_backup_make (office->directory, to, 1, NULL, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    g_assert_false (g_file_test (to, G_FILE_TEST_EXISTS));
}

/* The database and nothing beside it. */
static void
put_database (Office *office, const char *contents, gsize length)
{
    g_autofree char *path = get_path (office, "hub.db");
    g_autofree char *wal = get_path (office, "hub.db-wal");
    g_autofree char *shm = get_path (office, "hub.db-shm");

    /* Where damage is found, the log stays. */
    g_unlink (wal);
    g_unlink (shm);
    write_contents (path, contents, length);
}

/* A letter that is none any more is shown as such to whoever reads, and found once a day. */
static void
test_unreadable (Office *office, gconstpointer data)
{
    static const char *const harms[] = {
        "UPDATE workspaces SET name = CAST(x'537475e46469' AS TEXT)",
        "UPDATE events SET payload = replace (payload, ':', ';') WHERE seq = 2",
        "UPDATE answers SET answer = substr (answer, 2)",
    };

    office->authority->clock = read_clock;
    clock_now = g_get_real_time () / 1000;
    give_tasks (office, 3);
    for (guint i = 0; i < G_N_ELEMENTS (harms); i++) {
        g_autofree char *good = NULL;
        gsize length;

        close_office (office);
        good = read_database (office, &length);
        execute (office, harms[i]);
        open_office (office);
        office->authority->clock = read_clock;
        ASSERT_CODE (RUN (office, office->owner->user_id, "office:describe", "{}"), "ok");
        clock_now += DAY_MS;
        review (office);
        g_assert_cmpint (bureau_authority_get_storage_state (office->authority), ==,
                         BUREAU_STORAGE_DAMAGED);
        close_office (office);
        put_database (office, good, length);
        open_office (office);
    }
}

/* A backup without the keys would be none: what can't be looked into is not left out. */
static void
test_keys_cannot_be_read (Office *office, gconstpointer data)
{
    g_autofree char *keys = get_path (office, "keys");
    g_autofree char *away = get_path (office, "away");
    g_autofree char *to = get_path (office, "backup");
    g_autoptr (GError) error = NULL;

    close_office (office);
    g_assert_cmpint (g_rename (keys, away), ==, 0);
    write_contents (keys, "", 0);
    g_assert_null (bureau_backup_make (office->directory, to, 1, NULL, &error));
    g_assert_nonnull (error);
    g_assert_false (g_file_test (to, G_FILE_TEST_EXISTS));
    g_assert_cmpint (g_unlink (keys), ==, 0);
    g_assert_cmpint (g_rename (away, keys), ==, 0);
    open_office (office);
}

/* ------------------------------------------------------------------ flipped bits */

typedef enum { BIT, SECTOR, CUT, N_KINDS } Harm;

static guint
get_dose (void)
{
    const char *dose = g_getenv ("BUREAU_FLIPS");

    return dose != NULL ? atoi (dose) : N_FLIPS;
}

/* One bit, 512 zeroes, or the end is gone. */
static void
harm (char *bytes, gsize *length, Harm kind)
{
    gsize at = g_test_rand_int_range (0, *length);

    switch (kind) {
    case BIT:
        bytes[at] ^= 1 << g_test_rand_int_range (0, 8);
        break;
    case SECTOR:
        at -= at % 512;
        memset (bytes + at, 0, MIN (512, *length - at));
        break;
    default:
        *length = at;
    }
}

static gboolean
add_task (JsonObject *task, gpointer tasks, GError **error)
{
    json_array_add_object_element (tasks, json_object_ref (task));
    return TRUE;
}

/* All there is to see of the office; NULL if a part of it can't be read. (transfer full) */
static char *
describe (Office *office)
{
    const char *ana = office->owner->user_id;
    g_autoptr (JsonObject) answer = RUN (office, ana, "office:describe", "{}");
    JsonArray *tasks = json_array_new ();

    json_object_set_array_member (answer, "tasks", tasks);
    json_object_remove_member (answer, "serverTime");
    if (!g_str_equal (get_code (answer), "ok") ||
        !bureau_store_foreach_task (office->authority->store, office->project_id, add_task, tasks,
                                    NULL))
        return NULL;
    return bureau_json_object_to_string (answer);
}

static void
ignore_finding (const char *what, gboolean good, const char *text, gpointer data)
{
}

/* Whatever is damaged, the hub does not crash, and does not serve what can be told from what was
 * written. A bit in the middle of somebody's words can't: SQLite has no sums of its pages. */
static void
test_harmed_database (Office *office, gconstpointer data)
{
    g_autofree char *expected = NULL;
    g_autofree char *good = NULL;
    guint refused = 0, unreadable = 0, same = 0, other = 0;
    GLogLevelFlags fatal;
    gsize length;

    give_tasks (office, 20);
    expected = describe (office);
    close_office (office);
    /* That something can't be is worth a line in the log, and no more. */
    fatal = g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL);
    good = read_database (office, &length);
    for (guint i = 0; i < get_dose (); i++) {
        g_autofree char *bytes = g_memdup2 (good, length);
        g_autofree char *seen = NULL;
        gsize left = length;

        harm (bytes, &left, i % N_KINDS);
        put_database (office, bytes, left);
        office->authority = bureau_authority_open (office->directory, NULL, NULL);
        if (office->authority == NULL) {
            refused++;
            continue;
        }
        /* Where a page is gone, it is missed; of the last one, a part may be empty. */
        g_assert_cmpuint (length - left, <, PAGE);
        seen = describe (office);
        unreadable += seen == NULL;
        same += g_strcmp0 (seen, expected) == 0;
        other += seen != NULL && !g_str_equal (seen, expected);
        bureau_doctor_examine (office->directory, 0, ignore_finding, NULL);
        close_office (office);
    }
    g_test_message ("%u not opened, %u unreadable, %u as before, %u with other words", refused,
                    unreadable, same, other);
    /* A third are cut short; one that is cut in its last page may do. */
    g_assert_cmpuint (refused, >, get_dose () / 4);
    g_log_set_always_fatal (fatal);
    put_database (office, good, length);
    open_office (office);
}

/* A backup that is not what was written is never taken for one. */
static void
test_harmed_backup (Office *office, gconstpointer data)
{
    g_autofree char *path = get_path (office, "backup");
    g_autofree char *good = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) about = NULL;
    guint taken = 0;
    gsize length;

    give_tasks (office, 20);
    about = bureau_backup_make (office->directory, path, 1, NULL, &error);
    g_assert_no_error (error);
    g_assert_true (g_file_get_contents (path, &good, &length, NULL));
    for (guint i = 0; i < get_dose (); i++) {
        g_autofree char *bytes = g_memdup2 (good, length);
        g_autoptr (JsonObject) read = NULL;
        gsize left = length;

        harm (bytes, &left, i % N_KINDS);
        write_contents (path, bytes, left);
        read = bureau_backup_examine (path, NULL, NULL);
        /* What no hash is over says nothing: the time in a header, the padding at the end. */
        g_assert_true (read == NULL || bureau_json_equal (read, about));
        taken += read != NULL;
    }
    g_test_message ("%u of %u harmed where it says nothing", taken, get_dose ());
    g_assert_cmpuint (taken, <, get_dose () / 5);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(name, function)                                                                        \
    g_test_add ("/backup/" name, Office, NULL, office_set_up, function, office_tear_down)
    g_test_add_func ("/backup/ring", test_ring);
    g_test_add_func ("/backup/wrong-clock", test_ring_of_a_wrong_clock);
    g_test_add_func ("/backup/due", test_due);
    ADD ("daily", test_daily);
    ADD ("at-work", test_at_work);
    ADD ("stopped", test_stopped);
    ADD ("window", test_window);
    ADD ("damage/serving", test_found_while_serving);
    ADD ("damage/start", test_found_at_start);
    ADD ("damage/tables", test_other_tables);
    ADD ("damage/log", test_unsound);
    ADD ("damage/texts", test_unreadable);
    ADD ("keys", test_keys_cannot_be_read);
    ADD ("harmed/database", test_harmed_database);
    ADD ("harmed/backup", test_harmed_backup);
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What is killed while it makes a backup, puts one back, or brings a database up to date: at every
 * change of a file, be it SQLite's or the hub's own (reliability.md, F3). */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bureau-backup-ring.h"
#include "bureau-backup.h"
#include "bureau-doctor.h"
#include "bureau-json.h"
#include "bureau-opening.h"
#include "bureau-restore.h"
#include "bureau-store-check.h"
#include "bureau-store-copy.h"
#include "bureau-store-private.h"
#include "test-directory.h"
#include "test-failing-vfs.h"
#include "test-office.h"

#define N_KILLS 10

/* So that there is much to be interrupted at. */
#define N_FILES     80
#define TEXT_LENGTH 20000

/* ------------------------------------------------------------------ the hub's own changes */

/* Linked in place of what the hub calls. */
#define WRAP(type, name, arguments, values)                                                        \
    type __real_##name arguments;                                                                  \
    type __wrap_##name arguments;                                                                  \
    type __wrap_##name arguments                                                                   \
    {                                                                                              \
        failing_vfs_touch ();                                                                      \
        return __real_##name values;                                                               \
    }

WRAP (int, rename, (const char *from, const char *to), (from, to))
WRAP (int, rmdir, (const char *path), (path))
WRAP (int, fsync, (int fd), (fd))
WRAP (ssize_t, write, (int fd, const void *bytes, size_t length), (fd, bytes, length))
WRAP (int, syncfs, (int fd), (fd))
WRAP (int, g_mkdir, (const char *path, int mode), (path, mode))
WRAP (int, g_remove, (const char *path), (path))

/* ------------------------------------------------------------------ an office of before */

typedef struct {
    char *before;    /* (owned): the directory as it is to be found each time */
    char *directory; /* (owned): and where it is found */
    char *backup;    /* (owned): of an earlier state */
    char *epoch;     /* (owned) */
} Fixture;

typedef struct {
    gint64 tasks;
    char *epoch; /* (owned) */
} State;

static void
state_clear (State *state)
{
    g_free (state->epoch);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (State, state_clear)

static void
give_tasks (Office *office, guint n)
{
    g_autofree char *text = g_strnfill (TEXT_LENGTH, 'x');

    for (guint i = 0; i < n; i++)
        ASSERT_CODE (RUN (office, office->owner->user_id, "task:create",
                          "{'projectId':'%s','title':'Task %u','description':'%s'}",
                          office->project_id, i, text),
                     "ok");
}

/* What the office keeps beside its database. */
static void
add_files (const char *directory)
{
    g_autofree char *files = g_build_filename (directory, "files", NULL);

    g_assert_cmpint (g_mkdir (files, 0700), ==, 0);
    for (guint i = 0; i < N_FILES; i++) {
        g_autofree char *name = g_strdup_printf ("file-%u", i);
        g_autofree char *path = g_build_filename (files, name, NULL);

        g_assert_true (g_file_set_contents (path, name, -1, NULL));
    }
}

/* Three tasks when it was backed up, five now. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
    Office office = { 0 };
    g_autoptr (JsonObject) about = NULL;
    g_autoptr (GError) error = NULL;

    office_set_up (&office, NULL);
    fixture->epoch = g_strdup (office.authority->epoch);
    give_tasks (&office, 3);
    add_files (office.directory);
    fixture->backup = g_strconcat (office.directory, ".backup", NULL);
    about = bureau_backup_make (office.directory, fixture->backup, 1, NULL, &error);
    g_assert_no_error (error);
    give_tasks (&office, 2);
    /* With a log beside the database, as a hub leaves it that was killed. */
    fixture->before = directory_new ();
    directory_copy (office.directory, fixture->before);
    fixture->directory = directory_new ();
    office_tear_down (&office, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    g_unlink (fixture->backup);
    directory_free (fixture->before);
    directory_free (fixture->directory);
    g_free (fixture->backup);
    g_free (fixture->epoch);
}

static void
set_back (Fixture *fixture)
{
    directory_remove (fixture->directory);
    g_assert_cmpint (g_mkdir (fixture->directory, 0700), ==, 0);
    directory_copy (fixture->before, fixture->directory);
}

/* ------------------------------------------------------------------ killing */

typedef void (*Act) (Fixture *fixture);

/* In a process of its own, which is killed at its change number @point. Returns how many it got to.
 */
static gboolean
is_killed (Fixture *fixture, Act act, guint point)
{
    int status;
    pid_t child = fork ();

    if (child == 0) {
        int nowhere = open ("/dev/null", O_WRONLY);

        dup2 (nowhere, STDOUT_FILENO);
        dup2 (nowhere, STDERR_FILENO);
        failing_vfs_fail (FAULT_DEATH, point, 1);
        act (fixture);
        _exit (0);
    }
    g_assert_cmpint (waitpid (child, &status, 0), ==, child);
    g_assert_true (WIFSIGNALED (status) || WEXITSTATUS (status) == 0);
    return WIFSIGNALED (status);
}

/* How many changes it makes, if nobody kills it. */
static guint
count_changes (Fixture *fixture, Act act)
{
    set_back (fixture);
    failing_vfs_fail (FAULT_DEATH, G_MAXINT, 1);
    act (fixture);
    failing_vfs_heal ();
    return failing_vfs_get_calls ();
}

/* Killed at each change, or at as many as there is time for; @check sees what is left. */
static void
sweep (Fixture *fixture, Act act, void (*check) (Fixture *fixture))
{
    guint changes = count_changes (fixture, act);
    guint step = g_getenv ("BUREAU_KILLS") != NULL ? 1 : MAX (1, changes / N_KILLS);

    check (fixture);
    for (guint point = 0; point < changes; point += step) {
        set_back (fixture);
        g_assert_true (is_killed (fixture, act, point));
        check (fixture);
    }
    g_test_message ("%u changes, killed at %u of them", changes, (changes + step - 1) / step);
}

/* ------------------------------------------------------------------ looking */

static void
assert_finding (const char *what, gboolean good, const char *text, gpointer data)
{
    if (!good && !g_str_equal (what, "disk"))
        g_error ("%s: %s", what, text);
}

static void
assert_files (const char *directory)
{
    for (guint i = 0; i < N_FILES; i++) {
        g_autofree char *name = g_strdup_printf ("file-%u", i);
        g_autofree char *path = g_build_filename (directory, "files", name, NULL);
        g_autofree char *contents = NULL;

        g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
        g_assert_cmpstr (contents, ==, name);
    }
}

/* Of an office that is sound. */
static void
look (const char *directory, State *state)
{
    g_autofree char *path = g_build_filename (directory, "hub.db", NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauStore) store = NULL;
    g_autoptr (JsonObject) summary = NULL;

    bureau_doctor_examine (directory, g_get_real_time () / 1000, assert_finding, NULL);
    store = bureau_store_open_read_only (path, &error);
    summary = bureau_store_summarize (store, &error);
    g_assert_no_error (error);
    assert_files (directory);
    state->tasks = bureau_json_get_int (summary, "tasks", -1);
    state->epoch = bureau_store_get_meta (store, "epoch", NULL);
}

/* As a hub does before anything else. */
static void
lock_and_leave (const char *path)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauDataDirectory) directory = bureau_data_directory_open (path, &error);

    bureau_data_directory_lock (directory, &error);
    g_assert_no_error (error);
}

/* ------------------------------------------------------------------ restore */

static guint n_old, n_new;

static void
restore (Fixture *fixture)
{
    g_autoptr (GError) error = NULL;
    g_autofree char *aside = NULL;
    g_autoptr (JsonObject) about = bureau_restore (fixture->directory, fixture->backup, 1, &aside,
                                                   &error);

    g_assert_no_error (error);
}

/* The old office in its epoch, or the new one in another; and another try is as good as the first.
 */
static void
check_restored (Fixture *fixture)
{
    g_auto (State) state = { 0 };
    g_auto (State) again = { 0 };

    lock_and_leave (fixture->directory);
    look (fixture->directory, &state);
    if (state.tasks == 5) {
        g_assert_cmpstr (state.epoch, ==, fixture->epoch);
        n_old++;
    } else {
        g_assert_cmpint (state.tasks, ==, 3);
        g_assert_cmpstr (state.epoch, !=, fixture->epoch);
        n_new++;
    }
    restore (fixture);
    look (fixture->directory, &again);
    g_assert_cmpint (again.tasks, ==, 3);
    g_assert_cmpstr (again.epoch, !=, fixture->epoch);
}

static void
test_restore (Fixture *fixture, gconstpointer data)
{
    n_old = n_new = 0;
    sweep (fixture, restore, check_restored);
    g_assert_cmpuint (n_old, >, 2);
    g_assert_cmpuint (n_new, >, 2);
}

/* ------------------------------------------------------------------ backup */

static char *
name_backup (Fixture *fixture)
{
    return g_build_filename (fixture->directory, "made", NULL);
}

static void
back_up (Fixture *fixture)
{
    g_autofree char *to = name_backup (fixture);
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) about = bureau_backup_make (fixture->directory, to, 1, NULL, &error);

    g_assert_no_error (error);
}

/* None, or a whole one. */
static void
check_backed_up (Fixture *fixture)
{
    g_autofree char *to = name_backup (fixture);
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) about = NULL;
    g_auto (State) state = { 0 };

    look (fixture->directory, &state);
    g_assert_cmpint (state.tasks, ==, 5);
    if (!g_file_test (to, G_FILE_TEST_EXISTS))
        back_up (fixture);
    about = bureau_backup_examine (to, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpint (bureau_json_get_int (about, "tasks", 0), ==, 5);
}

static void
test_backup (Fixture *fixture, gconstpointer data)
{
    sweep (fixture, back_up, check_backed_up);
}

/* ------------------------------------------------------------------ migration */

#define OLD_VERSION 2

/* The directory holds an office of the release that had the schema's @version. FALSE if that is
 * this one. */
static gboolean
write_old (const char *directory, guint version)
{
    static const char *const parts[] = { "", "-wal", "-shm" };
    g_autofree char *path = g_build_filename (directory, "hub.db", NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauSql) sql = NULL;
    gboolean is_older;

    for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
        g_autofree char *part = g_strconcat (path, parts[i], NULL);

        g_unlink (part);
    }
    sql = bureau_sql_open (path, FALSE, &error);
    g_assert_no_error (error);
    g_chmod (path, 0600);
    bureau_store_migrate_to (sql, version, &error);
    g_assert_no_error (error);
    bureau_sql_execute (sql,
                        "INSERT INTO meta VALUES ('hub', 'hub'), ('epoch', 'epoch');"
                        "INSERT INTO workspaces VALUES ('w', 'Studio', 1);"
                        "INSERT INTO users (id, handle, name, color, created_at)"
                        " VALUES ('u', 'ana', 'Ana', '#000000', 1);"
                        "INSERT INTO members (workspace_id, user_id, role, joined_at)"
                        " VALUES ('w', 'u', 'owner', 1);"
                        "INSERT INTO rooms (room, seq) VALUES ('workspace:w', 200);"
                        "INSERT INTO events SELECT 'workspace:w', value, 'e', 'n', 'u', 'd', NULL,"
                        " 1, json_quote (hex (zeroblob (4000))) FROM (WITH RECURSIVE n (value) AS"
                        " (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 200)"
                        " SELECT value FROM n)",
                        &error);
    g_assert_no_error (error);
    g_assert_true (bureau_store_check_version (sql, &is_older, &error));
    return is_older;
}

static void
set_up_old (Fixture *fixture, gconstpointer data)
{
    set_up (fixture, data);
    g_assert_true (write_old (fixture->before, OLD_VERSION));
}

static void
open_store (Fixture *fixture)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauDataDirectory) directory = bureau_data_directory_open (fixture->directory,
                                                                            &error);
    g_autoptr (BureauStore) store = NULL;

    bureau_data_directory_lock (directory, &error);
    store = bureau_opening_open_store (directory, &error);
    g_assert_no_error (error);
}

/* The old schema or the new one, whole; and where it is the new one, there is a backup of the old.
 */
static void
check_migrated (Fixture *fixture)
{
    g_autofree char *path = g_build_filename (fixture->directory, "hub.db", NULL);
    g_autoptr (GError) error = NULL;
    g_autofree char *backup = bureau_ring_find_good (fixture->directory, NULL);
    g_autoptr (BureauStore) store = bureau_store_open_read_only (path, &error);
    g_autofree char *wrong = bureau_store_find_damage (store);
    gboolean is_older;

    g_assert_cmpstr (wrong, ==, NULL);
    g_assert_true (bureau_store_is_older (store, &is_older, &error));
    if (is_older) {
        n_old++;
    } else {
        g_assert_nonnull (backup);
        n_new++;
    }
    g_clear_pointer (&store, bureau_store_close);
    open_store (fixture);
}

static void
test_migration (Fixture *fixture, gconstpointer data)
{
    n_old = n_new = 0;
    sweep (fixture, open_store, check_migrated);
    g_assert_cmpuint (n_old, >, 2);
    g_assert_cmpuint (n_new, >, 0);
}

/* From wherever somebody comes, there is a backup of what they had. */
static void
test_versions (Fixture *fixture, gconstpointer data)
{
    guint n = 0;

    for (guint version = 1; write_old (fixture->directory, version); version++) {
        g_autofree char *backups = g_build_filename (fixture->directory, BUREAU_BACKUPS, NULL);
        g_autofree char *backup = NULL;

        directory_remove (backups);
        open_store (fixture);
        backup = bureau_ring_find_good (fixture->directory, NULL);
        g_assert_nonnull (backup);
        n++;
    }
    g_assert_cmpuint (n, >=, 3);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    failing_vfs_install ();

#define ADD(name, before, function)                                                                \
    g_test_add ("/interrupted/" name, Fixture, NULL, before, function, tear_down)
    ADD ("restore", set_up, test_restore);
    ADD ("backup", set_up, test_backup);
    ADD ("migration", set_up_old, test_migration);
    ADD ("versions", set_up_old, test_versions);
    return g_test_run ();
}

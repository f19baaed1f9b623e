/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A hub on a disk that is full, fails, or may not be written to (reliability.md, G19 and F5). */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bureau-doctor.h"
#include "bureau-json.h"
#include "bureau-snapshot.h"
#include "test-directory.h"
#include "test-failing-vfs.h"
#include "test-office.h"
#include "test-wait.h"

typedef struct {
    Office office;
    GHashTable *titles; /* (owned): of tasks that were acknowledged */
    guint n_given;
    guint n_refused;
} Fixture;

/* Found wanting once in so many rounds. */
#define ROUNDS_PER_EXAMINATION 25

static void
set_up (Fixture *fixture, gconstpointer data)
{
    office_set_up (&fixture->office, data);
    fixture->titles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    g_hash_table_unref (fixture->titles);
    office_tear_down (&fixture->office, data);
}

/* ------------------------------------------------------------------ what is asked of it */

/* What is acknowledged is remembered; all else is `unavailable`. */
static void
give_task (Fixture *fixture, gsize length)
{
    Office *office = &fixture->office;
    g_autofree char *title = g_strdup_printf ("Task %u", fixture->n_given++);
    g_autofree char *text = g_strnfill (length, 'x');
    g_autoptr (JsonObject) answer = RUN (office, office->owner->user_id, "task:create",
                                         "{'projectId':'%s','title':'%s','description':'%s'}",
                                         office->project_id, title, text);

    if (bureau_json_get_boolean (answer, "ok", FALSE)) {
        g_hash_table_add (fixture->titles, g_steal_pointer (&title));
        return;
    }
    g_assert_cmpstr (get_code (answer), ==, "unavailable");
    fixture->n_refused++;
}

/* Two that write, with one that asks between: it is answered whatever becomes of them. */
static void
run_mixed_turn (Fixture *fixture)
{
    Office *office = &fixture->office;
    const char *ana = office->owner->user_id;
    g_autoptr (JsonObject) first = NULL;
    g_autoptr (JsonObject) question = NULL;
    g_autoptr (JsonObject) second = NULL;
    const char *name;

    office_queue (office, ana, "member:update_self", &first, "{'name':'Anna'}");
    office_queue (office, ana, "office:describe", &question, "{}");
    office_queue (office, ana, "member:update_self", &second, "{'name':'Ana'}");
    bureau_authority_run_turn (office->authority);
    g_assert_cmpstr (get_code (question), ==, "ok");
    g_assert_cmpstr (get_code (first), ==, get_code (second));
    /* Of what was taken back, nothing is told. */
    name = bureau_json_get_string (bureau_json_get_object (question, "user"), "name");
    g_assert_cmpstr (name, ==, g_str_equal (get_code (first), "ok") ? "Anna" : "Ana");
}

static void
run_script (Fixture *fixture)
{
    give_task (fixture, 10);
    run_mixed_turn (fixture);
    give_task (fixture, 20000);
    bureau_store_checkpoint (fixture->office.authority->store);
    give_task (fixture, 10);
}

static gboolean
take_title (JsonObject *task, gpointer data, GError **error)
{
    GHashTable *titles = data;

    g_assert_true (g_hash_table_remove (titles, bureau_json_get_string (task, "title")));
    return TRUE;
}

/* Acknowledged is stored, and refused is not. */
static void
assert_stored_is_acknowledged (Fixture *fixture)
{
    Office *office = &fixture->office;
    g_autoptr (GHashTable) left = g_hash_table_new (g_str_hash, g_str_equal);
    g_autoptr (GError) error = NULL;
    GHashTableIter iter;
    gpointer title;

    g_hash_table_iter_init (&iter, fixture->titles);
    while (g_hash_table_iter_next (&iter, &title, NULL))
        g_hash_table_add (left, title);
    bureau_store_foreach_task (office->authority->store, office->project_id, take_title, left,
                               &error);
    g_assert_no_error (error);
    g_assert_cmpuint (g_hash_table_size (left), ==, 0);
}

static void
assert_finding (const char *what, gboolean good, const char *text, gpointer data)
{
    if (!good && !g_str_equal (what, "disk"))
        g_error ("%s: %s", what, text);
}

static void
examine (Fixture *fixture)
{
    bureau_doctor_examine (fixture->office.directory, g_get_real_time () / 1000, assert_finding,
                           NULL);
}

static void
assert_recovered (Fixture *fixture)
{
    guint refused = fixture->n_refused;

    give_task (fixture, 10);
    bureau_store_checkpoint (fixture->office.authority->store);
    g_assert_cmpuint (fixture->n_refused, ==, refused);
    g_assert_cmpint (bureau_authority_get_storage_state (fixture->office.authority), ==,
                     BUREAU_STORAGE_OK);
    assert_stored_is_acknowledged (fixture);
}

static void
reopen (Fixture *fixture)
{
    Office *office = &fixture->office;
    g_autoptr (GError) error = NULL;

    g_clear_pointer (&office->authority, bureau_authority_close);
    office->authority = bureau_authority_open (office->directory, NULL, &error);
    g_assert_no_error (error);
    assert_stored_is_acknowledged (fixture);
    examine (fixture);
}

/* ------------------------------------------------------------------ failing at each change */

/* FALSE once the script is over before the failure. */
static gboolean
run_round (Fixture *fixture, Fault fault, guint first, guint n)
{
    failing_vfs_fail (fault, first, n);
    run_script (fixture);
    failing_vfs_heal ();
    assert_recovered (fixture);
    if (first % ROUNDS_PER_EXAMINATION == 0)
        examine (fixture);
    return failing_vfs_get_failed () > 0;
}

/* The disk fails at the script's change number 0, 1, 2 …: for that once, or from then on. */
static void
sweep (Fixture *fixture, Fault fault)
{
    static const guint lengths[] = { 1, G_MAXINT };
    guint step = g_getenv ("BUREAU_FAULTS") != NULL ? 1 : 3;

    for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
        guint first = 0;

        while (run_round (fixture, fault, first, lengths[i]))
            first += step;
        g_assert_cmpuint (first, >=, 20);
    }
    g_assert_cmpuint (fixture->n_refused, >=, 10);
    reopen (fixture);
}

static void
test_full (Fixture *fixture, gconstpointer data)
{
    sweep (fixture, FAULT_FULL);
}

static void
test_error (Fixture *fixture, gconstpointer data)
{
    sweep (fixture, FAULT_ERROR);
}

static void
test_read_only (Fixture *fixture, gconstpointer data)
{
    sweep (fixture, FAULT_READ_ONLY);
}

/* ------------------------------------------------------------------ what is said of it */

static void
assert_state (Fixture *fixture, BureauStorageState state)
{
    g_assert_cmpint (bureau_authority_get_storage_state (fixture->office.authority), ==, state);
}

static void
test_states (Fixture *fixture, gconstpointer data)
{
    assert_state (fixture, BUREAU_STORAGE_OK);
    failing_vfs_fail (FAULT_FULL, 0, G_MAXINT);
    give_task (fixture, 10);
    assert_state (fixture, BUREAU_STORAGE_FULL);
    failing_vfs_fail (FAULT_ERROR, 0, G_MAXINT);
    give_task (fixture, 10);
    assert_state (fixture, BUREAU_STORAGE_FAILING);
    failing_vfs_heal ();
    assert_recovered (fixture);
}

/* The WAL has room, the file has none: what is written is kept, and yet all is not well. */
static void
test_checkpoint_fails (Fixture *fixture, gconstpointer data)
{
    give_task (fixture, 20000);
    failing_vfs_fail (FAULT_FULL, 0, G_MAXINT);
    bureau_store_checkpoint (fixture->office.authority->store);
    failing_vfs_heal ();
    assert_state (fixture, BUREAU_STORAGE_FULL);
    give_task (fixture, 10);
    g_assert_cmpuint (fixture->n_refused, ==, 0);
    assert_state (fixture, BUREAU_STORAGE_FULL);
    assert_recovered (fixture);
}

/* The system's own refusal, of a quota's kind. */
static void
test_limit (Fixture *fixture, gconstpointer data)
{
    struct rlimit limit, low;

    signal (SIGXFSZ, SIG_IGN);
    g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
    low = limit;
    low.rlim_cur = 1024 * 1024;
    g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &low), ==, 0);
    for (guint i = 0; i < 100; i++)
        give_task (fixture, 40000);
    g_assert_cmpuint (fixture->n_refused, >, 0);
    assert_state (fixture, BUREAU_STORAGE_FULL);
    run_mixed_turn (fixture);
    g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
    assert_recovered (fixture);
    reopen (fixture);
}

/* Moves the office to a disk of its own, of 8 MiB, which only this process sees. FALSE if it may
 * not mount one. */
static gboolean
move_to_small_disk (Fixture *fixture)
{
    const char *directory = fixture->office.directory;
    g_autofree char *copy = directory_new ();

    if (unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
        directory_remove (copy);
        return FALSE;
    }
    g_clear_pointer (&fixture->office.authority, bureau_authority_close);
    directory_copy (directory, copy);
    g_assert_cmpint (mount ("tmpfs", directory, "tmpfs", 0, "size=8m,mode=0700"), ==, 0);
    directory_copy (copy, directory);
    directory_remove (copy);
    reopen (fixture);
    return TRUE;
}

/* Writes zeros to a file of this name until there is no room for more. */
static void
fill_disk (const char *path)
{
    static const char zeros[4096];
    int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    while (write (fd, zeros, sizeof zeros) > 0)
        ;
    close (fd);
}

/* A disk that is full indeed. */
static void
test_small_disk (Fixture *fixture, gconstpointer data)
{
    g_autofree char *zeros = g_build_filename (fixture->office.directory, "zeros", NULL);

    if (!move_to_small_disk (fixture)) {
        g_test_skip ("only root may mount");
        return;
    }
    for (guint i = 0; i < 3; i++) {
        guint refused = fixture->n_refused;

        fill_disk (zeros);
        while (fixture->n_refused < refused + 3)
            give_task (fixture, 20000);
        assert_state (fixture, BUREAU_STORAGE_FULL);
        run_mixed_turn (fixture);
        g_assert_cmpint (g_unlink (zeros), ==, 0);
        assert_recovered (fixture);
        reopen (fixture);
    }
    g_clear_pointer (&fixture->office.authority, bureau_authority_close);
    g_assert_cmpint (umount (fixture->office.directory), ==, 0);
}

/* What would be written into a file that nobody finds again is not acknowledged. */
static void
test_file_is_gone (Fixture *fixture, gconstpointer data)
{
    g_autofree char *path = g_build_filename (fixture->office.directory, "hub.db", NULL);
    g_autofree char *elsewhere = g_strconcat (path, ".away", NULL);

    g_assert_cmpint (rename (path, elsewhere), ==, 0);
    give_task (fixture, 10);
    g_assert_cmpuint (fixture->n_refused, ==, 1);
    assert_state (fixture, BUREAU_STORAGE_FAILING);
    run_mixed_turn (fixture);
    g_assert_cmpint (rename (elsewhere, path), ==, 0);
    assert_recovered (fixture);
}

static void
test_damaged (Fixture *fixture, gconstpointer data)
{
    bureau_store_set_damaged (fixture->office.authority->store);
    give_task (fixture, 10);
    g_assert_cmpuint (fixture->n_refused, ==, 1);
    run_mixed_turn (fixture);
    assert_state (fixture, BUREAU_STORAGE_DAMAGED);
}

/* ------------------------------------------------------------------ the log of the disk itself */

/* Commits so much that a WAL may be no longer. */
static void
write_much (BureauStore *store)
{
    g_autofree char *text = g_strnfill (1024 * 1024, 'x');

    g_assert_true (bureau_store_begin (store, NULL));
    for (guint i = 0; i < 130; i++) {
        g_autofree char *key = g_strdup_printf ("test %u", i);

        g_assert_true (bureau_store_set_meta (store, key, text, NULL));
    }
    g_assert_true (bureau_store_commit (store, NULL));
}

/* Somebody reads a snapshot as slowly as they can: that does not let the WAL grow for ever. */
static void
test_slow_reader (Fixture *fixture, gconstpointer data)
{
    BureauAuthority *authority = fixture->office.authority;
    g_autofree char *path = g_build_filename (fixture->office.directory, "hub.db-wal", NULL);
    g_autoptr (GString) out = g_string_new (NULL);
    g_autoptr (GError) error = NULL;
    BureauSnapshotStream *snapshot;
    GStatBuf info;

    for (guint i = 0; i < 5; i++)
        give_task (fixture, 20000);
    snapshot = bureau_snapshot_stream_new (authority, fixture->office.owner->user_id, NULL, NULL,
                                           &error);
    g_assert_no_error (error);
    g_assert_cmpint (bureau_snapshot_stream_write (out, snapshot), ==, BUREAU_PIECE_MORE);
    write_much (authority->store);
    give_task (fixture, 10);
    WAIT_UNTIL (authority->checkpoint == NULL);
    g_assert_cmpint (bureau_snapshot_stream_write (out, snapshot), ==, BUREAU_PIECE_FAILED);
    give_task (fixture, 10);
    g_assert_cmpint (g_stat (path, &info), ==, 0);
    g_assert_cmpint (info.st_size, <=, 64 * 1024 * 1024);
    bureau_snapshot_stream_free (snapshot);
    assert_state (fixture, BUREAU_STORAGE_OK);
}

/* The last turn finds the disk full: nobody is left who would try it again. */
static void
test_full_at_the_end (Fixture *fixture, gconstpointer data)
{
    Office *office = &fixture->office;
    gpointer authority = office->authority;
    g_autoptr (JsonObject) answer = NULL;

    office_queue (office, office->owner->user_id, "member:update_self", &answer, "{'name':'Anna'}");
    failing_vfs_fail (FAULT_FULL, 0, G_MAXINT);
    g_clear_pointer (&office->authority, bureau_authority_close);
    failing_vfs_heal ();
    g_assert_cmpstr (get_code (answer), ==, "unavailable");
    g_assert_null (g_main_context_find_source_by_user_data (NULL, authority));
    reopen (fixture);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    failing_vfs_install ();

#define ADD(name, function)                                                                        \
    g_test_add ("/storage/" name, Fixture, NULL, set_up, function, tear_down)
    ADD ("full", test_full);
    ADD ("error", test_error);
    ADD ("read-only", test_read_only);
    ADD ("states", test_states);
    ADD ("checkpoint", test_checkpoint_fails);
    ADD ("limit", test_limit);
    ADD ("small-disk", test_small_disk);
    ADD ("gone", test_file_is_gone);
    ADD ("damaged", test_damaged);
    ADD ("slow-reader", test_slow_reader);
    ADD ("full-at-the-end", test_full_at_the_end);
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bureau-backup-ring.h"
#include "bureau-authority.h"
#include "bureau-doctor.h"
#include "bureau-store-private.h"
#include "bureau-tls-certificate.h"
#include "hub.h"
#include "test-directory.h"

/* What `bureau-hub doctor` finds, and that it changes nothing. The audit has its own test. */

#define DAY_S  (24 * 3600)
#define DAY_MS (DAY_S * (gint64) 1000)

typedef struct {
    char *directory;
    GHashTable *bad; /* what → text, of the last look */
    guint looked_at;
    gint64 now;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubOwner) owner = NULL;

    fixture->directory = directory_new ();
    fixture->bad = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    fixture->now = g_get_real_time () / 1000;
    owner = bureau_hub_create_office (fixture->directory, "Studio Nord", "Ana", "test",
                                      "First project", NULL, &error);
    g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    g_hash_table_unref (fixture->bad);
    directory_free (fixture->directory);
}

static void
keep_finding (const char *what, gboolean good, const char *text, gpointer data)
{
    Fixture *fixture = data;

    fixture->looked_at++;
    if (!good)
        g_hash_table_insert (fixture->bad, g_strdup (what), g_strdup (text));
}

static void
look (Fixture *fixture)
{
    gboolean good;

    g_hash_table_remove_all (fixture->bad);
    fixture->looked_at = 0;
    good = bureau_doctor_examine (fixture->directory, fixture->now, keep_finding, fixture);
    g_assert_cmpint (good, ==, g_hash_table_size (fixture->bad) == 0);
}

/* Just this one thing is bad, and the sentence about it has @pattern. */
static void
assert_only (Fixture *fixture, const char *what, const char *pattern)
{
    const char *text;

    look (fixture);
    text = g_hash_table_lookup (fixture->bad, what);
    g_assert_cmpuint (g_hash_table_size (fixture->bad), ==, 1);
    g_assert_nonnull (text);
    g_test_message ("%s: %s", what, text);
    g_assert_true (g_pattern_match_simple (pattern, text));
}

static void
assert_good (Fixture *fixture)
{
    look (fixture);
    g_assert_cmpuint (g_hash_table_size (fixture->bad), ==, 0);
}

static char *
get_path (Fixture *fixture, const char *name)
{
    return g_build_filename (fixture->directory, name, NULL);
}

static void
execute (Fixture *fixture, const char *text)
{
    g_autofree char *path = get_path (fixture, "hub.db");
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauSql) sql = bureau_sql_open (path, FALSE, &error);

    g_assert_no_error (error);
    bureau_sql_execute (sql, text, &error);
    g_assert_no_error (error);
}

/* ------------------------------------------------------------------ */

static void
test_good (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauAuthority) authority = NULL;

    assert_good (fixture);
    g_assert_cmpuint (fixture->looked_at, ==, 11);

    /* And while it is being served. */
    authority = bureau_authority_open (fixture->directory, NULL, &error);
    g_assert_no_error (error);
    assert_good (fixture);
}

static void
test_no_office (Fixture *fixture, gconstpointer data)
{
    g_autofree char *path = get_path (fixture, "hub.db");
    g_autofree char *keys = get_path (fixture, "keys");

    g_assert_cmpint (g_unlink (path), ==, 0);
    g_assert_cmpint (g_chmod (fixture->directory, 0755), ==, 0);
    assert_only (fixture, "directory", "There is no office in it.");
    g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static mode_t
get_mode (const char *path)
{
    struct stat info;

    g_assert_cmpint (lstat (path, &info), ==, 0);
    return info.st_mode & 0777;
}

/* It says so, and leaves it as it is. */
static void
test_modes (Fixture *fixture, gconstpointer data)
{
    static const struct {
        const char *name;
        mode_t mode, right;
        const char *what;
    } cases[] = {
        { "", 0750, 0700, "directory" },          { "keys", 0711, 0700, "directory" },
        { "hub.db", 0640, 0600, "directory" },    { "keys/token.key", 0604, 0600, "keys" },
        { "keys/audit.key", 0644, 0600, "keys" }, { "keys/refresh.key", 0660, 0600, "keys" },
        { "keys/hub.key", 0700, 0600, "keys" },
    };

    for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autofree char *path = get_path (fixture, cases[i].name);

        g_assert_cmpint (g_chmod (path, cases[i].mode), ==, 0);
        assert_only (fixture, cases[i].what, "*is open to others. Run: chmod ?00 /*");
        g_assert_cmpuint (get_mode (path), ==, cases[i].mode);
        g_assert_cmpint (g_chmod (path, cases[i].right), ==, 0);
        assert_good (fixture);
    }
}

static void
test_missing_and_linked_keys (Fixture *fixture, gconstpointer data)
{
    g_autofree char *path = get_path (fixture, "keys/token.key");
    g_autofree char *elsewhere = get_path (fixture, "elsewhere");

    g_assert_cmpint (g_rename (path, elsewhere), ==, 0);
    assert_only (fixture, "keys", "*token.key is missing.*");
    g_assert_cmpint (symlink (elsewhere, path), ==, 0);
    assert_only (fixture, "keys", "*token.key is not what it should be*");
}

static void
write_file (Fixture *fixture, const char *name, const char *text)
{
    g_autofree char *path = get_path (fixture, name);

    g_assert_true (
        g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
}

static void
test_certificate (Fixture *fixture, gconstpointer data)
{
    static const char *const names[] = { "localhost", NULL };
    gint64 now = fixture->now / 1000;
    g_autofree char *key = bureau_tls_key_new ();
    g_autofree char *certificate = bureau_tls_certificate_new (key, names, now - DAY_S,
                                                               now + 40 * DAY_S, NULL);

    write_file (fixture, "keys/hub.key", key);
    assert_only (fixture, "certificate", "It does not fit the key*");
    write_file (fixture, "keys/hub.crt", certificate);
    assert_good (fixture);
    fixture->now += 11 * DAY_MS;
    assert_only (fixture, "certificate", "It ends in 28 days.*");
    write_file (fixture, "keys/hub.crt", "nothing");
    assert_only (fixture, "certificate", "*");
}

static void
test_log (Fixture *fixture, gconstpointer data)
{
    execute (fixture, "INSERT INTO rooms (room, seq) VALUES ('project:x', 4);"
                      "INSERT INTO events SELECT 'project:x', value, 'e', 'n', 'a', 'd', NULL, 0,"
                      " '{}' FROM json_each ('[1, 2, 3, 4]')");
    assert_good (fixture);
    /* The old end may be gone, if the room says so. */
    execute (fixture, "DELETE FROM events WHERE room = 'project:x' AND seq = 1");
    assert_only (fixture, "log", "*“project:x” events are missing.*");
    execute (fixture, "UPDATE rooms SET floor = 1 WHERE room = 'project:x'");
    assert_good (fixture);
    execute (fixture, "DELETE FROM events WHERE room = 'project:x' AND seq = 3");
    assert_only (fixture, "log", "*“project:x” events are missing.*");
    execute (fixture, "DELETE FROM events WHERE room = 'project:x' AND seq = 2;"
                      "UPDATE rooms SET floor = 3 WHERE room = 'project:x'");
    assert_good (fixture);
    execute (fixture, "UPDATE rooms SET seq = 5 WHERE room = 'project:x'");
    assert_only (fixture, "log", "*“project:x” events are missing.*");
    execute (fixture, "UPDATE rooms SET seq = 3 WHERE room = 'project:x'");
    assert_only (fixture, "log", "*“project:x” events are missing.*");
    execute (fixture, "DELETE FROM rooms WHERE room = 'project:x'");
    assert_only (fixture, "log", "*“project:x” events are missing.*");
}

static void
test_references (Fixture *fixture, gconstpointer data)
{
    execute (fixture, "PRAGMA foreign_keys = OFF; INSERT INTO project_members VALUES ('x', 'y')");
    assert_only (fixture, "references", "*“project_members”*");
}

static void
test_schema (Fixture *fixture, gconstpointer data)
{
    execute (fixture, "PRAGMA user_version = 1");
    assert_only (fixture, "schema", "It is of an older Bureau.*");
    execute (fixture, "PRAGMA user_version = 1000");
    assert_only (fixture, "schema", "*newer Bureau*");
    execute (fixture, "PRAGMA application_id = 7; PRAGMA user_version = 2");
    assert_only (fixture, "schema", "*not a Bureau office*");
}

static void
test_damage (Fixture *fixture, gconstpointer data)
{
    g_autofree char *path = get_path (fixture, "hub.db");
    g_autofree char *noise = g_strnfill (6000, '\xa5');
    int fd;

    /* All of it in the one file. */
    execute (fixture, "PRAGMA wal_checkpoint(TRUNCATE)");
    fd = open (path, O_RDWR);
    g_assert_cmpint (pwrite (fd, noise, 6000, 10000), ==, 6000);
    assert_only (fixture, "database", "*damaged*backup.");
    g_assert_cmpint (pwrite (fd, noise, 100, 0), ==, 100);
    close (fd);
    assert_only (fixture, "database", "*is damaged*from a backup.");
}

/* A clock that was set back, however far, but for what clocks are off by. */
static void
test_clock (Fixture *fixture, gconstpointer data)
{
    g_autofree char *sql = g_strdup_printf (
        "INSERT OR REPLACE INTO meta VALUES ('time', '%" G_GINT64_FORMAT "')", fixture->now);

    execute (fixture, sql);
    assert_good (fixture);
    fixture->now -= 30 * 1000;
    assert_good (fixture);
    fixture->now -= 31 * 1000;
    assert_only (fixture, "clock", "*Set the clock.");
    fixture->now += 300 * DAY_MS;
    assert_good (fixture);
}

static void
test_backups (Fixture *fixture, gconstpointer data)
{
    g_autofree char *path = bureau_ring_make_path (fixture->directory, "daily", fixture->now, NULL);

    g_assert_true (g_file_set_contents (path, "", 0, NULL));
    assert_good (fixture);
    fixture->now += 13 * DAY_MS;
    assert_good (fixture);
    fixture->now += DAY_MS;
    assert_only (fixture, "backups", "The newest is of *. Run: bureau-hub backup *");
}

/* Nothing that is in a file reaches the terminal as more than one line of text. */
static void
test_printable (Fixture *fixture, gconstpointer data)
{
    execute (fixture,
             "INSERT INTO rooms (room, seq) VALUES ('a' || char (10, 27, 8238) || 'z', 4)");
    assert_only (fixture, "log", "*“a\\x0a\\x1b\\xe2\\x80\\xaez”*");
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/doctor/" name, Fixture, NULL, set_up, function, tear_down)
    ADD ("good", test_good);
    ADD ("no-office", test_no_office);
    ADD ("modes", test_modes);
    ADD ("keys", test_missing_and_linked_keys);
    ADD ("certificate", test_certificate);
    ADD ("log", test_log);
    ADD ("references", test_references);
    ADD ("schema", test_schema);
    ADD ("damage", test_damage);
    ADD ("clock", test_clock);
    ADD ("backups", test_backups);
    ADD ("printable", test_printable);
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The power goes at every moment at which SQLite writes or syncs. What was committed with
 * synchronous=FULL is there afterwards, whatever the disk kept; with NORMAL it is not, which shows
 * that the images bite. */

#include "crash-vfs.h"

#include <sqlite3.h>

#include "test-directory.h"

#define N_ROWS 24

typedef struct {
    char *directory; /* (owned) */
    char *path;      /* (owned) */
    GRand *chance;   /* (owned) */
    int committed;
    guint n_images, n_losses;
} Power;

static void
execute (sqlite3 *db, const char *sql)
{
    g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
}

static char *
ask (sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    char *answer = NULL;

    g_assert_cmpint (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL), ==, SQLITE_OK);
    if (sqlite3_step (statement) == SQLITE_ROW)
        answer = g_strdup ((const char *) sqlite3_column_text (statement, 0));
    g_assert_cmpint (sqlite3_finalize (statement), ==, SQLITE_OK);
    return answer;
}

/* Rows of the image, which must be whole in itself. */
static int
count_rows (const char *directory)
{
    g_autofree char *path = g_build_filename (directory, "test.db", NULL);
    g_autofree char *whole = NULL;
    g_autofree char *table = NULL;
    g_autofree char *count = NULL;
    sqlite3 *db;

    g_assert_cmpint (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
                     ==, SQLITE_OK);
    execute (db, "PRAGMA synchronous = OFF");
    whole = ask (db, "PRAGMA integrity_check");
    g_assert_cmpstr (whole, ==, "ok");
    table = ask (db, "SELECT name FROM sqlite_schema");
    count = table ? ask (db, "SELECT count(*) FROM rows") : g_strdup ("0");
    sqlite3_close (db);
    return g_ascii_strtoll (count, NULL, 10);
}

static void
on_moment_cb (CrashMoment moment, const char *path, gpointer data)
{
    Power *power = data;

    if (!g_str_has_prefix (path, power->path))
        return;
    for (int image = 0; image < CRASH_N_IMAGES; image++) {
        g_autofree char *target = directory_new_in_memory ();
        int rows;

        directory_remove (target);
        crash_vfs_write_image (power->directory, target, image, power->chance);
        rows = count_rows (target);
        if (image == CRASH_WRITTEN)
            g_assert_cmpint (rows, >=, power->committed);
        g_assert_cmpint (rows, <=, N_ROWS);
        power->n_losses += rows < power->committed;
        power->n_images++;
        crash_vfs_forget (target);
        directory_remove (target);
    }
}

static void
test_power (gconstpointer setting)
{
    Power power = { .directory = directory_new_in_memory (), .chance = g_rand_new_with_seed (1) };
    sqlite3 *db;

    power.path = g_build_filename (power.directory, "test.db", NULL);
    crash_vfs_install ();
    crash_vfs_set_hook (on_moment_cb, &power);
    g_assert_cmpint (sqlite3_open (power.path, &db), ==, SQLITE_OK);
    execute (db, setting);
    execute (db, "PRAGMA wal_autocheckpoint = 12; CREATE TABLE rows (text TEXT)");
    for (power.committed = 0; power.committed < N_ROWS; power.committed++)
        execute (db, "INSERT INTO rows VALUES (hex(randomblob(700)))");
    crash_vfs_set_hook (NULL, NULL);
    sqlite3_close (db);
    crash_vfs_remove ();

    g_test_message ("%u images, %u lost rows", power.n_images, power.n_losses);
    g_assert_cmpuint (power.n_images, >, N_ROWS);
    if (g_strstr_len (setting, -1, "NORMAL"))
        g_assert_cmpuint (power.n_losses, >, 0);
    else
        g_assert_cmpuint (power.n_losses, ==, 0);
    g_rand_free (power.chance);
    g_free (power.path);
    directory_free (power.directory);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_data_func ("/crash-vfs/wal-full",
                          "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", test_power);
    g_test_add_data_func ("/crash-vfs/wal-normal",
                          "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", test_power);
    g_test_add_data_func ("/crash-vfs/journal-extra",
                          "PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA", test_power);
    return g_test_run ();
}

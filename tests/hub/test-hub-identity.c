/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bureau-address.h"
#include "bureau-hub-identity.h"
#include "bureau-key-file.h"
#include "bureau-tls-certificate.h"
#include "test-directory.h"

#define DAY (24 * 60 * 60)

typedef struct {
    char *path;
    BureauDataDirectory *directory;
    char *key; /* the files' names */
    char *certificate;
    char *pin;
} Fixture;

static char *
load (Fixture *fixture, GError **error)
{
    char *pin = NULL;
    BureauTlsIdentity *identity = bureau_hub_identity_load (fixture->directory, &pin, error);

    g_assert_true ((identity == NULL) == (pin == NULL));
    g_clear_pointer (&identity, bureau_tls_identity_unref);
    return pin;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    const char *keys;

    fixture->path = directory_new ();
    fixture->directory = bureau_data_directory_open (fixture->path, &error);
    g_assert_no_error (error);
    keys = bureau_data_directory_get_keys (fixture->directory);
    fixture->key = g_build_filename (keys, "hub.key", NULL);
    fixture->certificate = g_build_filename (keys, "hub.crt", NULL);
    fixture->pin = load (fixture, &error);
    g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    bureau_data_directory_close (fixture->directory);
    directory_free (fixture->path);
    g_free (fixture->key);
    g_free (fixture->certificate);
    g_free (fixture->pin);
}

static char *
read_file (const char *path)
{
    g_autoptr (GError) error = NULL;
    char *text;

    g_file_get_contents (path, &text, NULL, &error);
    g_assert_no_error (error);
    return text;
}

static void
write_file (const char *path, const char *text)
{
    g_autoptr (GError) error = NULL;

    bureau_key_file_save (path, text, strlen (text), &error);
    g_assert_no_error (error);
}

static guint
get_mode (const char *path)
{
    struct stat info;

    g_assert_cmpint (lstat (path, &info), ==, 0);
    return info.st_mode & 07777;
}

static void
assert_same (Fixture *fixture)
{
    g_autoptr (GError) error = NULL;
    g_autofree char *pin = load (fixture, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (pin, ==, fixture->pin);
}

/* It is an error that names the file, and what is there stays as it is. */
static void
assert_refused (Fixture *fixture, const char *path, int code)
{
    g_autoptr (GError) error = NULL;
    g_autofree char *key = read_file (fixture->key);
    g_autofree char *certificate = read_file (fixture->certificate);
    g_autofree char *key_after = NULL, *certificate_after = NULL;

    g_assert_null (load (fixture, &error));
    g_assert_error (error, G_IO_ERROR, code);
    g_assert_nonnull (strstr (error->message, path));
    key_after = read_file (fixture->key);
    certificate_after = read_file (fixture->certificate);
    g_assert_cmpstr (key, ==, key_after);
    g_assert_cmpstr (certificate, ==, certificate_after);
}

/* ------------------------------------------------------------------ made, and made anew */

static void
test_made (Fixture *fixture, gconstpointer data)
{
    g_autofree char *key = read_file (fixture->key);
    g_autofree char *certificate = read_file (fixture->certificate);
    g_autofree char *key_after = NULL, *certificate_after = NULL, *pin = NULL;

    g_assert_cmpuint (strlen (fixture->pin), ==, 43);
    g_assert_cmpuint (get_mode (bureau_data_directory_get_keys (fixture->directory)), ==, 0700);
    g_assert_cmpuint (get_mode (fixture->key), ==, 0600);
    g_assert_cmpuint (get_mode (fixture->certificate), ==, 0600);
    assert_same (fixture);
    key_after = read_file (fixture->key);
    certificate_after = read_file (fixture->certificate);
    g_assert_cmpstr (key, ==, key_after);
    g_assert_cmpstr (certificate, ==, certificate_after);
    pin = bureau_hub_identity_read_pin (fixture->directory, NULL);
    g_assert_cmpstr (pin, ==, fixture->pin);
}

/* The machine's own names, as they are now. */
static gboolean
is_current (Fixture *fixture)
{
    g_autofree char *before = read_file (fixture->certificate), *after = NULL;

    assert_same (fixture);
    after = read_file (fixture->certificate);
    return g_str_equal (before, after);
}

static void
replace_certificate (Fixture *fixture, const char *const *names, gint64 from, gint64 until)
{
    gint64 now = g_get_real_time () / G_USEC_PER_SEC;
    g_autofree char *key = read_file (fixture->key);
    g_autofree char *made = bureau_tls_certificate_new (key, names, now + from, now + until, NULL);

    write_file (fixture->certificate, made);
}

static void
test_renewed (Fixture *fixture, gconstpointer data)
{
    static const char *const names[] = { "elsewhere", "localhost", NULL };

    g_assert_true (is_current (fixture));
    replace_certificate (fixture, names, -DAY, 3000 * DAY);
    g_assert_false (is_current (fixture));
    g_assert_true (is_current (fixture));
    replace_certificate (fixture, names, -3000 * DAY, -DAY);
    g_assert_false (is_current (fixture));
    g_assert_true (is_current (fixture));
    g_assert_cmpuint (get_mode (fixture->certificate), ==, 0600);

    g_remove (fixture->certificate);
    assert_same (fixture);
    g_assert_true (is_current (fixture));
}

/* What a crash in the midst of writing has left, and what somebody has put in its place. */
static void
test_leftovers (Fixture *fixture, gconstpointer data)
{
    g_autofree char *unfinished = g_strconcat (fixture->certificate, ".new", NULL);
    g_autofree char *target = g_build_filename (fixture->path, "target", NULL);
    g_autofree char *text = NULL;

    write_file (target, "precious");
    g_assert_cmpint (symlink (target, unfinished), ==, 0);
    g_remove (fixture->certificate);
    assert_same (fixture);
    text = read_file (target);
    g_assert_cmpstr (text, ==, "precious");
    g_assert_false (g_file_test (unfinished, G_FILE_TEST_IS_SYMLINK));
}

/* ------------------------------------------------------------------ what is not ours, or not whole
 */

static void
test_damaged_key (Fixture *fixture, gconstpointer data)
{
    g_autofree char *whole = read_file (fixture->key);
    g_autofree char *half = g_strndup (whole, strlen (whole) / 2);
    g_autofree char *large = g_strnfill (17 * 1024, 'k');
    const char *const texts[] = { "", "no key", half, large };

    for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
        write_file (fixture->key, texts[i]);
        assert_refused (fixture, fixture->key, G_IO_ERROR_INVALID_DATA);
    }
    write_file (fixture->key, whole);
    assert_same (fixture);
}

static void
test_damaged_certificate (Fixture *fixture, gconstpointer data)
{
    g_autofree char *whole = read_file (fixture->certificate);
    g_autofree char *half = g_strndup (whole, strlen (whole) / 2);
    g_autofree char *other_key = bureau_tls_key_new ();
    static const char *const names[] = { "localhost", NULL };
    g_autofree char *other = bureau_tls_certificate_new (other_key, names, 0, 4000000000, NULL);
    const char *const texts[] = { "", half, other, other_key };

    for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
        write_file (fixture->certificate, texts[i]);
        assert_refused (fixture, fixture->certificate, G_IO_ERROR_INVALID_DATA);
    }
}

/* A new key would be a new hub: never by itself. */
static void
test_lost_key (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;

    g_remove (fixture->key);
    g_assert_null (load (fixture, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
    g_assert_false (g_file_test (fixture->key, G_FILE_TEST_EXISTS));
    g_clear_error (&error);
    g_assert_null (bureau_hub_identity_read_pin (fixture->directory, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_symlink (Fixture *fixture, gconstpointer data)
{
    const char *const paths[] = { fixture->key, fixture->certificate };

    for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
        g_autofree char *target = g_strconcat (paths[i], ".moved", NULL);

        g_assert_cmpint (g_rename (paths[i], target), ==, 0);
        g_assert_cmpint (symlink (target, paths[i]), ==, 0);
        assert_refused (fixture, paths[i], G_IO_ERROR_TOO_MANY_LINKS);
        g_assert_cmpint (g_rename (target, paths[i]), ==, 0);
    }
    assert_same (fixture);
}

/* One that says nothing is not waited for. */
static void
test_no_file (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;

    g_remove (fixture->key);
    g_assert_cmpint (mkfifo (fixture->key, 0600), ==, 0);
    g_assert_null (load (fixture, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static void
test_wrong_mode (Fixture *fixture, gconstpointer data)
{
    g_assert_cmpint (g_chmod (fixture->key, 0644), ==, 0);
    g_assert_cmpint (g_chmod (fixture->certificate, 0666), ==, 0);
    assert_same (fixture);
    g_assert_cmpuint (get_mode (fixture->key), ==, 0600);
    g_assert_cmpuint (get_mode (fixture->certificate), ==, 0600);
}

static void
test_foreign_owner (Fixture *fixture, gconstpointer data)
{
    if (geteuid () != 0) {
        g_test_skip ("only root can give a file away");
        return;
    }
    g_assert_cmpint (chown (fixture->key, 65534, 65534), ==, 0);
    assert_refused (fixture, fixture->key, G_IO_ERROR_PERMISSION_DENIED);
    g_assert_cmpint (chown (fixture->key, 0, 0), ==, 0);
    g_assert_cmpint (chown (fixture->certificate, 65534, 65534), ==, 0);
    assert_refused (fixture, fixture->certificate, G_IO_ERROR_PERMISSION_DENIED);
}

/* ------------------------------------------------------------------ other keys */

/* The keys of tokens and of the audit are read as strictly as the hub's. */
static void
test_named_key (Fixture *fixture, gconstpointer data)
{
    g_autofree char *path = g_build_filename (bureau_data_directory_get_keys (fixture->directory),
                                              BUREAU_TOKEN_KEY, NULL);
    guint8 key[BUREAU_KEY_SIZE], again[BUREAU_KEY_SIZE] = { 0 };
    g_autoptr (GError) error = NULL;
    struct stat info;

    g_assert_false (
        bureau_data_directory_read_key (fixture->directory, BUREAU_TOKEN_KEY, key, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
    g_clear_error (&error);

    bureau_data_directory_load_key (fixture->directory, BUREAU_TOKEN_KEY, key, &error);
    g_assert_no_error (error);
    g_assert_cmpint (chmod (path, 0644), ==, 0);
    bureau_data_directory_read_key (fixture->directory, BUREAU_TOKEN_KEY, again, &error);
    g_assert_no_error (error);
    g_assert_cmpmem (key, sizeof key, again, sizeof again);
    g_assert_cmpint (stat (path, &info), ==, 0);
    g_assert_cmpint (info.st_mode & 0777, ==, 0600);

    g_assert_cmpint (truncate (path, BUREAU_KEY_SIZE - 1), ==, 0);
    g_assert_false (
        bureau_data_directory_load_key (fixture->directory, BUREAU_TOKEN_KEY, key, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    g_clear_error (&error);

    g_assert_cmpint (unlink (path), ==, 0);
    g_assert_cmpint (symlink (fixture->key, path), ==, 0);
    g_assert_false (
        bureau_data_directory_load_key (fixture->directory, BUREAU_TOKEN_KEY, key, &error));
    g_assert_nonnull (error);
    g_assert_cmpint (lstat (path, &info), ==, 0);
    g_assert_true (S_ISLNK (info.st_mode));
}

/* ------------------------------------------------------------------ addresses */

static void
test_addresses (void)
{
    g_auto (GStrv) all = bureau_address_list ();
    g_auto (GStrv) again = bureau_address_list ();
    g_autofree char *best = bureau_address_find ();

    g_assert_true (g_strv_equal ((const char *const *) all, (const char *const *) again));
    g_assert_true ((best == NULL) == (all[0] == NULL));
    g_assert_true (best == NULL || g_strv_contains ((const char *const *) all, best));
    for (guint i = 0; all[i] != NULL; i++) {
        g_autoptr (GInetAddress) address = g_inet_address_new_from_string (all[i]);

        g_assert_false (g_inet_address_get_is_loopback (address));
        g_assert_false (g_inet_address_get_is_any (address));
    }
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(path, function)                                                                        \
    g_test_add ("/hub-identity/" path, Fixture, NULL, set_up, function, tear_down)
    ADD ("made", test_made);
    ADD ("renewed", test_renewed);
    ADD ("leftovers", test_leftovers);
    ADD ("damaged-key", test_damaged_key);
    ADD ("damaged-certificate", test_damaged_certificate);
    ADD ("lost-key", test_lost_key);
    ADD ("symlink", test_symlink);
    ADD ("no-file", test_no_file);
    ADD ("wrong-mode", test_wrong_mode);
    ADD ("foreign-owner", test_foreign_owner);
    ADD ("named-key", test_named_key);
    g_test_add_func ("/address/addresses", test_addresses);
    return g_test_run ();
}

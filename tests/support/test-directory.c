/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "test-directory.h"

#include <glib/gstdio.h>

char *
directory_new (void)
{
    g_autoptr (GError) error = NULL;
    char *directory = g_dir_make_tmp ("bureau-test-XXXXXX", &error);

    g_assert_no_error (error);
    return directory;
}

void
directory_copy (const char *from, const char *to)
{
    g_autoptr (GDir) directory = g_dir_open (from, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name (directory)) != NULL) {
        g_autofree char *source = g_build_filename (from, name, NULL);
        g_autofree char *target = g_build_filename (to, name, NULL);
        g_autofree char *contents = NULL;
        gsize length;

        if (g_file_test (source, G_FILE_TEST_IS_DIR)) {
            g_assert_cmpint (g_mkdir (target, 0700), ==, 0);
            directory_copy (source, target);
            continue;
        }
        g_assert_true (g_file_get_contents (source, &contents, &length, NULL));
        g_assert_true (g_file_set_contents_full (target, contents, length, G_FILE_SET_CONTENTS_NONE,
                                                 0600, NULL));
    }
}

char *
directory_new_in_memory (void)
{
    char *directory = g_strdup ("/dev/shm/bureau-test-XXXXXX");

    if (g_mkdtemp (directory))
        return directory;
    g_free (directory);
    return directory_new ();
}

void
directory_remove (const char *path)
{
    g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
    const char *name;

    while (directory != NULL && (name = g_dir_read_name (directory)) != NULL) {
        g_autofree char *child = g_build_filename (path, name, NULL);

        directory_remove (child);
    }
    g_remove (path);
}

void
directory_free (char *directory)
{
    directory_remove (directory);
    g_free (directory);
}

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

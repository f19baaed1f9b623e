/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Writes certificate.pem and key.pem into a directory: both servers speak TLS with the same. */

#include "test-identity.h"

int
main (int argc, char **argv)
{
    const char *directory = argc > 1 ? argv[1] : ".";
    g_autofree char *certificate_path = g_build_filename (directory, "certificate.pem", NULL);
    g_autofree char *key_path = g_build_filename (directory, "key.pem", NULL);
    g_autofree char *certificate = NULL;
    g_autofree char *key = NULL;
    g_autoptr (GError) error = NULL;

    test_identity_new (&certificate, &key);
    if (!g_file_set_contents (certificate_path, certificate, -1, &error) ||
        !g_file_set_contents (key_path, key, -1, &error)) {
        g_printerr ("bench-identity: %s\n", error->message);
        return 1;
    }
    return 0;
}

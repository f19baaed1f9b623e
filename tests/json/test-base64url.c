/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-base64url.h"

#include <string.h>

/* RFC 4648, section 10, and the two characters that are not standard base64's. */
static void
test_vectors (void)
{
    static const struct {
        const char *bytes;
        const char *text;
    } rows[] = {
        { "", "" },
        { "f", "Zg" },
        { "fo", "Zm8" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg" },
        { "fooba", "Zm9vYmE" },
        { "foobar", "Zm9vYmFy" },
        { "\xfb\xff", "-_8" },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        gsize length = strlen (rows[i].bytes);
        g_autofree char *text = bureau_base64url_encode (rows[i].bytes, length);
        char bytes[8];
        gsize written;

        g_assert_cmpstr (text, ==, rows[i].text);
        g_assert_true (
            bureau_base64url_decode (text, strlen (text), bytes, sizeof bytes, &written));
        g_assert_cmpmem (bytes, written, rows[i].bytes, length);
        g_assert_true (bureau_base64url_decode_all (text, bytes, length));
    }
}

/* One text for the same bytes, or two tokens would be one. */
static void
test_strict (void)
{
    static const char *const bad[] = { "Z",     "Zg==",  "Zg=",       "Zh",  "Zm9",
                                       "Zm 8",  "Zm8\n", "+/8",       "-_9", "Zm9v=",
                                       "Zm9vY", "Zm$8",  "Zm\xc3\xa4" };
    char bytes[8];
    gsize written;

    for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
        g_assert_false (bureau_base64url_decode (bad[i], strlen (bad[i]), bytes, 8, &written));
    g_assert_false (bureau_base64url_decode ("Zm\0v", 4, bytes, sizeof bytes, &written));
    /* Only so much of the text as it is told to. */
    g_assert_true (bureau_base64url_decode ("Zm9vYg.rest", 6, bytes, sizeof bytes, &written));
    g_assert_cmpmem (bytes, written, "foob", 4);
}

static void
test_sizes (void)
{
    char bytes[4];
    gsize written;

    g_assert_false (bureau_base64url_decode ("Zm9vYg", 6, bytes, 3, &written));
    g_assert_false (bureau_base64url_decode_all ("Zm9v", bytes, 4));
    g_assert_false (bureau_base64url_decode_all ("Zm9vYg", bytes, 3));
    g_assert_false (bureau_base64url_decode_all (NULL, bytes, 3));
}

int
main (int argc, char *argv[])
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/base64url/vectors", test_vectors);
    g_test_add_func ("/base64url/strict", test_strict);
    g_test_add_func ("/base64url/sizes", test_sizes);
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Which hosts are this machine, and which pages may come. */

#include "bureau-origin.h"

static gboolean
is_own (const char *host, const char *local)
{
    g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string (local, 1);

    return bureau_origin_is_own_host (host, address);
}

static void
test_own_host (void)
{
    static const char *const own[] = { "localhost",   "LOCALHOST:80", "127.0.0.1",
                                       "127.1.2.3:1", "[::1]",        "[::1]:65535",
                                       "192.0.2.7",   "192.0.2.7:1",  "[::ffff:127.0.0.1]" };
    static const char *const other[] = {
        "",           ":80",         "evil.example",  "localhost.evil.example",
        "localhost:", "localhost:x", "localhost:80 ", "localhost@evil.example",
        "192.0.2.8",  "0.0.0.0",     "127.1",         "2130706433",
        "0x7f000001", "[::]",        "::1",           "[::1",
        "[::1]x",     "[]"
    };

    for (gsize i = 0; i < G_N_ELEMENTS (own); i++)
        g_assert_true (is_own (own[i], "192.0.2.7"));
    for (gsize i = 0; i < G_N_ELEMENTS (other); i++)
        g_assert_false (is_own (other[i], "192.0.2.7"));
    g_assert_true (is_own ("[2001:db8::1]:1", "2001:db8::1"));
    g_assert_false (is_own ("[2001:db8::2]:1", "2001:db8::1"));
    g_assert_false (is_own ("192.0.2.7", "2001:db8::1"));
    /* Of a listener for both families. */
    g_assert_true (is_own ("192.0.2.7", "::ffff:192.0.2.7"));
    g_assert_false (is_own ("192.0.2.8", "::ffff:192.0.2.7"));
    /* The last four bytes are not all. */
    g_assert_false (is_own ("[2001:db8::c000:207]", "192.0.2.7"));
}

static void
test_machine_name (void)
{
    g_autofree char *local = g_strconcat (g_get_host_name (), ".local:28732", NULL);
    g_autofree char *longer = g_strconcat (g_get_host_name (), "x", NULL);
    g_autofree char *elsewhere = g_strconcat (g_get_host_name (), ".local.example", NULL);

    g_assert_true (is_own (g_get_host_name (), "127.0.0.1"));
    g_assert_true (is_own (local, "127.0.0.1"));
    g_assert_false (is_own (longer, "127.0.0.1"));
    g_assert_false (is_own (elsewhere, "127.0.0.1"));
}

static void
test_long_host (void)
{
    g_autofree char *host = g_strnfill (16000, 'a');

    g_assert_false (is_own (host, "127.0.0.1"));
}

static void
test_allowed (void)
{
    static const char *const some[] = { "https://a.example", "http://b.example:8080", NULL };
    static const char *const all[] = { "*", NULL };

    g_assert_true (bureau_origin_is_allowed (some, "https://a.example"));
    g_assert_true (bureau_origin_is_allowed (some, "http://B.example:8080"));
    g_assert_false (bureau_origin_is_allowed (some, "http://a.example"));
    g_assert_false (bureau_origin_is_allowed (some, "https://a.example:443"));
    g_assert_false (bureau_origin_is_allowed (some, "https://a.example.evil.example"));
    g_assert_false (bureau_origin_is_allowed (some, "https://a.example, http://b.example:8080"));
    g_assert_false (bureau_origin_is_allowed (some, "null"));
    g_assert_false (bureau_origin_is_allowed (some, ""));
    g_assert_false (bureau_origin_is_allowed (NULL, "https://a.example"));
    g_assert_true (bureau_origin_is_allowed (all, "null"));
}

static void
test_valid (void)
{
    static const char *const good[] = { "http://a", "https://wall.example", "https://a-b.c_d:1",
                                        "http://127.0.0.1:80", "https://[::1]:443" };
    static const char *const bad[] = {
        "",           "*",         "null",         "a",           "a.example",  "ftp://a",
        "http://",    "http://a/", "http://a/b",   "http://a:",   "http://a:b", "http://me@a",
        "http://a b", "HTTP://a",  "http://[::g]", "http://[::1", "http://a?b", "http://a#b",
        "http://:80", "https://*", "https://é",
    };

    for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
        g_assert_true (bureau_origin_is_valid (good[i]));
    for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
        g_assert_false (bureau_origin_is_valid (bad[i]));
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/wire/origin/own-host", test_own_host);
    g_test_add_func ("/wire/origin/machine-name", test_machine_name);
    g_test_add_func ("/wire/origin/long-host", test_long_host);
    g_test_add_func ("/wire/origin/allowed", test_allowed);
    g_test_add_func ("/wire/origin/valid", test_valid);
    return g_test_run ();
}

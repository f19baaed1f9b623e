/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-sealed-code.h"

#include <string.h>

#include "bureau-token.h"

static const guint8 key[32] = { 7 }, other_key[32] = { 8 };

static void
assert_opens (const guint8 *with, const char *id, GBytes *sealed, const char *expected)
{
    char *code = bureau_sealed_code_open (with, id, sealed);

    g_assert_cmpstr (code, ==, expected);
    bureau_code_free (code);
}

static void
test_opens_for_its_own (void)
{
    g_autoptr (GBytes) sealed = bureau_sealed_code_new (key, "one", "K7QF2M9X");
    g_autoptr (GBytes) again = bureau_sealed_code_new (key, "one", "K7QF2M9X");

    assert_opens (key, "one", sealed, "K7QF2M9X");
    assert_opens (key, "one", again, "K7QF2M9X");
    g_assert_false (g_bytes_equal (sealed, again));
    assert_opens (key, "two", sealed, NULL);
    assert_opens (other_key, "one", sealed, NULL);
}

/* However many bytes of it there are, and whichever bit is turned. */
static void
test_changed (void)
{
    g_autoptr (GBytes) sealed = bureau_sealed_code_new (key, "one", "K7QF2M9X");
    gsize length;
    const guint8 *bytes = g_bytes_get_data (sealed, &length);

    g_assert_null (memmem (bytes, length, "K7QF", 4));
    for (gsize i = 0; i < length; i++) {
        g_autoptr (GBytes) cut = g_bytes_new (bytes, i);
        g_autofree guint8 *copy = g_memdup2 (bytes, length);
        g_autoptr (GBytes) turned = g_bytes_new_static (copy, length);

        copy[i] ^= 1 << (i % 8);
        assert_opens (key, "one", cut, NULL);
        assert_opens (key, "one", turned, NULL);
    }
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_assert_true (bureau_token_init (NULL));
    g_test_add_func ("/sealed-code/opens-for-its-own", test_opens_for_its_own);
    g_test_add_func ("/sealed-code/changed", test_changed);
    return g_test_run ();
}

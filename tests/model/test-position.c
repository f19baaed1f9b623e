/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-position.h"

#include <string.h>

static void
assert_between (const char *before, const char *position, const char *after)
{
    g_assert_true (bureau_position_is_valid (position));
    if (before != NULL)
        g_assert_cmpstr (before, <, position);
    if (after != NULL)
        g_assert_cmpstr (position, <, after);
}

static void
test_table (void)
{
    static const struct {
        const char *before;
        const char *after;
        const char *expected;
    } rows[] = {
        { NULL, NULL, "a1" },
        { "a1", NULL, "a2" },
        { "az", NULL, "b01" },
        { "b0z", NULL, "b11" },
        { "bzz", NULL, "c001" },
        { "a5x", NULL, "a6" },
        { "a", NULL, "a1" },
        { "V", NULL, "a1" },
        { "z", NULL, "zV" },
        { NULL, "a1", "Zz" },
        { NULL, "Zz", "Zy" },
        { NULL, "Z2", "Z1" },
        { NULL, "Z1", "Yzz" },
        { NULL, "Y01", "Xzzz" },
        { NULL, "1", "0V" },
        { "a1", "a3", "a2" },
        { "a1", "a2", "a1V" },
        { "a1", "a11", "a10V" },
        { "a", "a01", "a00V" },
        { "Zz", "a1", "a" },
        /* Not in order: after the first. */
        { "a3", "a1", "a4" },
        { "a3", "a3", "a4" },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_autofree char *position = bureau_position_between (rows[i].before, rows[i].after);

        g_assert_cmpstr (position, ==, rows[i].expected);
    }
}

static void
test_valid (void)
{
    static const char *const good[] = { "1", "a1", "zzzz", "A01", "0V" };
    static const char *const bad[] = { "", "0", "a0", "a-1", "a 1", "ä", "a1\n" };

    for (guint i = 0; i < G_N_ELEMENTS (good); i++)
        g_assert_true (bureau_position_is_valid (good[i]));
    for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
        g_assert_false (bureau_position_is_valid (bad[i]));
    g_assert_false (bureau_position_is_valid (NULL));
}

/* Any two valid strings, not only those we made ourselves. */
static void
test_random_strings (void)
{
    static const char digits[] = "01AZaz";

    for (guint i = 0; i < 200000; i++) {
        g_autofree char *position = NULL;
        char text[2][6];
        int order;

        for (guint k = 0; k < 2; k++) {
            int length = g_test_rand_int_range (1, 6);

            for (int at = 0; at < length; at++)
                text[k][at] = digits[g_test_rand_int_range (at == length - 1, 6)];
            text[k][length] = '\0';
        }
        order = strcmp (text[0], text[1]);
        if (order == 0)
            continue;
        position = order < 0 ? bureau_position_between (text[0], text[1])
                             : bureau_position_between (text[1], text[0]);
        assert_between (order < 0 ? text[0] : text[1], position, order < 0 ? text[1] : text[0]);

        for (guint k = 0; k < 2; k++) {
            g_autofree char *last = bureau_position_between (text[k], NULL);
            g_autofree char *first = bureau_position_between (NULL, text[k]);

            assert_between (text[k], last, NULL);
            assert_between (NULL, first, text[k]);
        }
    }
}

static void
test_random_insertions (void)
{
    g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);

    for (guint i = 0; i < 20000; i++) {
        guint at = (guint) g_test_rand_int_range (0, (int) list->len + 1);
        const char *before = at > 0 ? g_ptr_array_index (list, at - 1) : NULL;
        const char *after = at < list->len ? g_ptr_array_index (list, at) : NULL;
        char *position = bureau_position_between (before, after);

        assert_between (before, position, after);
        g_assert_cmpuint (strlen (position), <, 24);
        g_ptr_array_insert (list, (int) at, position);
    }
}

/* How long a position is after @n insertions at one place. */
static gsize
grow (gboolean keep_before, gboolean keep_after, guint n)
{
    g_autofree char *low = g_strdup (keep_before ? "a1" : NULL);
    g_autofree char *high = g_strdup (keep_after ? "a2" : NULL);
    gsize longest = 0;

    for (guint i = 0; i < n; i++) {
        char *position = bureau_position_between (low, high);

        assert_between (low, position, high);
        longest = MAX (longest, strlen (position));
        if (keep_after) {
            g_free (low);
            low = position;
        } else {
            g_free (high);
            high = position;
        }
    }
    return longest;
}

static void
test_growth (void)
{
    g_autofree char *last = NULL;
    g_autofree char *first = NULL;

    for (guint i = 0; i < 100000; i++) {
        char *next = bureau_position_between (last, NULL);
        char *previous = bureau_position_between (NULL, first);

        assert_between (last, next, NULL);
        assert_between (NULL, previous, first);
        g_free (last);
        last = next;
        g_free (first);
        first = previous;
    }
    g_assert_cmpuint (strlen (last), <=, 4);
    g_assert_cmpuint (strlen (first), <=, 4);
    g_assert_cmpuint (grow (TRUE, FALSE, 600), <=, 125);
    g_assert_cmpuint (grow (TRUE, TRUE, 600), <=, 125);
}

int
main (int argc, char *argv[])
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/position/table", test_table);
    g_test_add_func ("/position/valid", test_valid);
    g_test_add_func ("/position/random-strings", test_random_strings);
    g_test_add_func ("/position/random-insertions", test_random_insertions);
    g_test_add_func ("/position/growth", test_growth);
    return g_test_run ();
}

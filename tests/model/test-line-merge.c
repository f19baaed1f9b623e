/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-line-merge.h"

#include <string.h>

typedef struct {
    const char *name;
    const char *base;
    const char *mine;
    const char *theirs;
    const char *merged;
    gboolean clash;
} Case;

static const Case CASES[] = {
    { "nothing", "", "", "", "", FALSE },
    { "nobody", "a\nb", "a\nb", "a\nb", "a\nb", FALSE },
    { "only-mine", "a\nb\nc", "a\nB\nc", "a\nb\nc", "a\nB\nc", FALSE },
    { "only-theirs", "a\nb\nc", "a\nb\nc", "a\nB\nc", "a\nB\nc", FALSE },
    { "the-same", "a\nb\nc", "a\nB\nc", "a\nB\nc", "a\nB\nc", FALSE },
    { "apart", "a\nb\nc", "A\nb\nc", "a\nb\nC", "A\nb\nC", FALSE },
    { "same-line", "a\nb\nc", "a\nmine\nc", "a\ntheirs\nc", "a\nmine\nc", TRUE },
    { "next-to-each-other", "a\nb\nc\nd", "a\nB\nc\nd", "a\nb\nC\nd", "a\nB\nc\nd", TRUE },
    { "both-at-the-end", "a", "a\nmine", "a\ntheirs", "a\ntheirs\nmine", FALSE },
    { "both-at-the-start", "a", "mine\na", "theirs\na", "theirs\nmine\na", FALSE },
    { "both-from-nothing", "", "mine", "theirs", "theirs\nmine", FALSE },
    { "deleted-and-changed", "a\nb\nc", "a\nc", "a\nB\nc", "a\nc", TRUE },
    { "changed-and-deleted", "a\nb\nc", "a\nB\nc", "a\nc", "a\nB\nc", TRUE },
    { "all-deleted-by-me", "a\nb", "", "a\nb", "", FALSE },
    { "all-deleted-by-them", "a\nb", "a\nb", "", "", FALSE },
    { "deleted-apart", "a\nb\nc\nd\ne", "b\nc\nd\ne", "a\nb\nc\nd", "b\nc\nd", FALSE },
    { "one-clash-of-two", "a\nb\nc\nd\ne", "a\nm\nc\nd\ne", "a\nt\nc\nd\nE", "a\nm\nc\nd\nE",
      TRUE },
    { "last-line-end", "a\nb\n", "a\nb\nc\n", "A\nb\n", "A\nb\nc\n", FALSE },
    { "line-end-taken-away", "a\nb\n", "a\nb", "A\nb\n", "A\nb", FALSE },
    { "blank-lines", "\n\n", "\n\nx", "y\n\n", "y\n\nx", FALSE },
    { "moved-and-added-to", "a\nb\nc\nd", "d\na\nb\nc", "a\nb\nc\nd\ne", "d\na\nb\nc", TRUE },
    { "same-word-twice", "x\nx\nx", "x\nx\nx\ny", "z\nx\nx\nx", "z\nx\nx\nx\ny", FALSE },
};

static void
test_case (gconstpointer data)
{
    const Case *test = data;
    gboolean clash = !test->clash;
    g_autofree char *merged = bureau_line_merge (test->base, test->mine, test->theirs, &clash);

    g_assert_cmpstr (merged, ==, test->merged);
    g_assert_cmpint (clash, ==, test->clash);
}

/* Lines of @length letters, all different, or all alike. */
static char *
make_long (gsize length, char first, gboolean different)
{
    GString *text = g_string_new (NULL);

    for (guint i = 0; text->len < length; i++) {
        if (different)
            g_string_append_printf (text, "%c%x\n", first, i);
        else
            g_string_append_c (text, '\n');
    }
    g_string_truncate (text, length);
    return g_string_free (text, FALSE);
}

/* As long as a description can be, and nothing in common: given up in time, and mine stands. */
static void
test_nothing_in_common (void)
{
    g_autofree char *base = make_long (50000, 'b', TRUE);
    g_autofree char *mine = make_long (50000, 'm', TRUE);
    g_autofree char *theirs = make_long (50000, 't', TRUE);
    gboolean clash = FALSE;
    gint64 start = g_get_monotonic_time ();
    g_autofree char *merged = bureau_line_merge (base, mine, theirs, &clash);

    g_test_message ("%" G_GINT64_FORMAT " µs", g_get_monotonic_time () - start);
    g_assert_true (clash);
    g_assert_cmpstr (merged, ==, mine);
}

/* Two lines put into 50,000 that are alike, and one into them by the other. */
static void
test_all_alike (void)
{
    g_autofree char *base = make_long (50000, 0, FALSE);
    g_autofree char *mine = g_strconcat ("mine\n", base, NULL);
    g_autofree char *theirs = g_strconcat (base, "theirs", NULL);
    g_autofree char *both = g_strconcat ("mine\n", base, "theirs", NULL);
    gboolean clash = TRUE;
    gint64 start = g_get_monotonic_time ();
    g_autofree char *merged = bureau_line_merge (base, mine, theirs, &clash);

    g_test_message ("%" G_GINT64_FORMAT " µs", g_get_monotonic_time () - start);
    g_assert_cmpstr (merged, ==, both);
    g_assert_false (clash);
}

/* A page in which either has changed every fourth line, the one after the other. */
static void
test_many_places (void)
{
    g_autoptr (GString) base = g_string_new (NULL);
    g_autoptr (GString) mine = g_string_new (NULL);
    g_autoptr (GString) theirs = g_string_new (NULL);
    g_autoptr (GString) both = g_string_new (NULL);
    g_autofree char *merged = NULL;
    gboolean clash = TRUE;

    for (guint i = 0; i < 400; i++) {
        const char *my_word = i % 4 == 0 ? "mine" : "line";
        const char *their_word = i % 4 == 2 ? "theirs" : "line";

        g_string_append_printf (base, "line %u\n", i);
        g_string_append_printf (mine, "%s %u\n", my_word, i);
        g_string_append_printf (theirs, "%s %u\n", their_word, i);
        g_string_append_printf (both, "%s %u\n", i % 4 == 2 ? their_word : my_word, i);
    }
    merged = bureau_line_merge (base->str, mine->str, theirs->str, &clash);
    g_assert_cmpstr (merged, ==, both->str);
    g_assert_false (clash);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS (CASES); i++) {
        g_autofree char *path = g_strconcat ("/line-merge/", CASES[i].name, NULL);

        g_test_add_data_func (path, &CASES[i], test_case);
    }
    g_test_add_func ("/line-merge/nothing-in-common", test_nothing_in_common);
    g_test_add_func ("/line-merge/all-alike", test_all_alike);
    g_test_add_func ("/line-merge/many-places", test_many_places);
    return g_test_run ();
}

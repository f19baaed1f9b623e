/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-audit-act.h"

/* Every act has a word of its own, and what is no such word is none. */
static void
test_words (void)
{
    for (guint i = 0; i < BUREAU_N_AUDIT_ACTS; i++)
        g_assert_cmpint (bureau_audit_act_from_string (bureau_audit_act_to_string (i)), ==,
                         (int) i);
    g_assert_cmpint (bureau_audit_act_from_string (NULL), ==, -1);
    g_assert_cmpint (bureau_audit_act_from_string (""), ==, -1);
    g_assert_cmpint (bureau_audit_act_from_string ("Join"), ==, -1);
    g_assert_cmpint (bureau_audit_act_from_string ("task.eaten"), ==, -1);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/audit-act/words", test_words);
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The hub can't store anything for a while (reliability.md, G19): its owner is told, and what
 * anybody changes waits. */

#include <stdio.h>

#include "fixture.h"

static gboolean
has_trouble (Person *person, const char *trouble)
{
    return g_strcmp0 (bureau_client_get_hub_trouble (person->client), trouble) == 0;
}

static void
test_owner_is_told (Two *two, gconstpointer data)
{
    g_autofree char *path = g_build_filename (two->office->directory, "hub.db", NULL);
    g_autofree char *away = g_strconcat (path, ".away", NULL);
    g_autofree char *task = NULL;

    g_assert_true (has_trouble (two->ana, NULL));
    g_assert_cmpint (rename (path, away), ==, 0);
    task = give_task (two->ben, "Written meanwhile");
    WAIT_UNTIL (has_trouble (two->ana, "failing"));
    g_assert_true (has_trouble (two->ben, NULL));
    g_assert_cmpuint (bureau_client_get_waiting (two->ben->client), ==, 1);

    /* Also who comes later, and who comes again. */
    person_stop (two->ana);
    person_start_live (two->ana);
    WAIT_UNTIL (has_trouble (two->ana, "failing"));

    g_assert_cmpint (rename (away, path), ==, 0);
    WAIT_UNTIL (has_trouble (two->ana, NULL));
    WAIT_UNTIL (is_settled (two->ben, task) && get_task (two->ana, task));
    g_assert_cmpuint (two->ben->refused->len, ==, 0);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

    g_test_add ("/trouble/owner-is-told", Two, NULL, two_set_up, test_owner_is_told, two_tear_down);
    return g_test_run ();
}

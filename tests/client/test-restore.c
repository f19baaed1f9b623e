/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* An office is put back to a backup, and its clients find their way (reliability.md, G7). */

#include <glib/gstdio.h>

#include "bureau-backup.h"
#include "bureau-restore.h"
#include "fixture.h"
#include "proxy.h"

/* (transfer full): of the office as it is now, while it is served or not */
static char *
back_up (Two *two)
{
    g_autofree char *directory = directory_new ();
    char *path = g_strconcat (directory, ".backup", NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) about = bureau_backup_make (two->office->directory, path, 1, NULL,
                                                       &error);

    g_assert_no_error (error);
    directory_remove (directory);
    return path;
}

/* Takes @backup. */
static void
put_back (Two *two, char *backup)
{
    g_autofree char *aside = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) about = NULL;

    office_stop (two->office);
    about = bureau_restore (two->office->directory, backup, 1, &aside, &error);
    g_assert_no_error (error);
    g_unlink (backup);
    g_free (backup);
    office_start (two->office);
}

static void
come_back (Two *two, Person *person)
{
    bureau_client_reconnect (person->client);
    WAIT_UNTIL (is_live (person));
}

static void
on_set_back_cb (BureauClient *client, guint n_tasks, guint *told)
{
    *told += n_tasks;
}

static guint
count_tasks (Person *person)
{
    return g_list_model_get_n_items (bureau_client_get_tasks (person->client));
}

/* Ben was away. Since, the office has been put back, and as much has happened as he had seen: by
 * the numbers alone he would miss nothing. */
static void
test_same_numbers (Two *two, gconstpointer data)
{
    g_autofree char *before = give_task (two->ana, "Before the backup");
    g_autofree char *forgotten = NULL;
    g_autofree char *waiting = NULL;
    g_autofree char *since = NULL;
    char *backup;
    guint told = 0;

    WAIT_UNTIL (is_settled (two->ana, before) && get_task (two->ben, before));
    backup = back_up (two);
    forgotten = give_task (two->ana, "Forgotten");
    WAIT_UNTIL (is_settled (two->ana, forgotten) && get_task (two->ben, forgotten));
    g_free (give (two->ana, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'After it'", before));
    WAIT_UNTIL (g_strcmp0 (bureau_task_get_title (get_task (two->ben, before)), "After it") == 0);
    person_stop (two->ben);

    put_back (two, backup);
    come_back (two, two->ana);
    WAIT_UNTIL (get_task (two->ana, forgotten) == NULL);
    since = give_task (two->ana, "Since then");
    WAIT_UNTIL (is_settled (two->ana, since));

    person_start (two->ben);
    g_signal_connect (two->ben->client, "set-back", G_CALLBACK (on_set_back_cb), &told);
    g_assert_nonnull (get_task (two->ben, forgotten)); /* he has not heard of it */
    waiting = give_task (two->ben, "Written meanwhile");
    come_back (two, two->ben);
    WAIT_UNTIL (is_settled (two->ben, waiting) && get_task (two->ana, waiting));
    WAIT_UNTIL (get_task (two->ben, since) && get_task (two->ben, forgotten) == NULL);
    g_assert_cmpuint (count_tasks (two->ben), ==, count_tasks (two->ana));
    g_assert_cmpuint (two->ana->refused->len + two->ben->refused->len, ==, 0);
    WAIT_UNTIL (told > 0);
    g_assert_cmpuint (told, ==, 2);
}

/* What the backup knows of is not done twice, though the answer never came; what waits is sent. */
static void
test_outbox (Two *two, gconstpointer data)
{
    guint before = count_tasks (two->ana);
    g_autofree char *one = NULL;
    g_autofree char *other = NULL;
    char *backup;
    guint told = 0;

    g_signal_connect (two->ben->client, "set-back", G_CALLBACK (on_set_back_cb), &told);

    one = give_task (two->ben, "Sent");
    WAIT_UNTIL (get_task (two->ana, one));
    backup = back_up (two);
    office_stop (two->office);
    WAIT_UNTIL (!is_live (two->ben));
    other = give_task (two->ben, "Not sent");
    WAIT_UNTIL (bureau_client_get_waiting (two->ben->client) > 0);
    office_start (two->office);
    put_back (two, backup);
    come_back (two, two->ana);
    come_back (two, two->ben);
    WAIT_UNTIL (is_settled (two->ben, one) && is_settled (two->ben, other));
    WAIT_UNTIL (get_task (two->ana, one) && get_task (two->ana, other));
    g_assert_cmpuint (count_tasks (two->ana), ==, before + 2);
    g_assert_cmpuint (count_tasks (two->ben), ==, before + 2);
    g_assert_cmpuint (two->ben->refused->len, ==, 0);
    /* Nothing is missing. */
    g_assert_cmpuint (told, ==, 0);
}

/* While Ben can but ask: the hub that answers is another one, of which he has heard nothing. */
static void
test_by_rest (Two *two, gconstpointer data)
{
    Proxy *proxy = proxy_new (two->office->base_uri, PROXY_REST, PROXY_CUTS);
    g_autofree char *before = give_task (two->ana, "Before the backup");
    g_autofree char *forgotten = NULL;
    g_autofree char *since = NULL;
    g_autofree char *own = NULL;
    char *backup;

    WAIT_UNTIL (is_settled (two->ana, before));
    person_stop (two->ben);
    g_free (two->ben->account->base_uri);
    two->ben->account->base_uri = g_strdup (proxy->uri);
    person_start_live (two->ben);
    g_assert_cmpint (bureau_client_get_transport (two->ben->client), ==, BUREAU_TRANSPORT_REST);
    backup = back_up (two);
    forgotten = give_task (two->ana, "Forgotten");
    WAIT_UNTIL (is_settled (two->ana, forgotten));
    bureau_client_reconnect (two->ben->client);
    WAIT_UNTIL (get_task (two->ben, forgotten));

    put_back (two, backup);
    come_back (two, two->ana);
    since = give_task (two->ana, "Since then");
    WAIT_UNTIL (is_settled (two->ana, since));
    own = give_task (two->ben, "Own");
    bureau_client_reconnect (two->ben->client);
    WAIT_UNTIL (get_task (two->ben, since) && get_task (two->ben, forgotten) == NULL);
    WAIT_UNTIL (is_live (two->ben) && is_settled (two->ben, own) && get_task (two->ana, own));
    g_assert_cmpuint (count_tasks (two->ben), ==, count_tasks (two->ana));
    g_assert_cmpuint (two->ana->refused->len + two->ben->refused->len, ==, 0);
    proxy_free (proxy);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(name, function)                                                                        \
    g_test_add ("/restore/" name, Two, NULL, two_set_up, function, two_tear_down)
    ADD ("same-numbers", test_same_numbers);
    ADD ("outbox", test_outbox);
    ADD ("by-rest", test_by_rest);
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What two do to one task from the same version of it, and what happens while one is away: nothing
 * of it without a word. */

#include "fixture.h"

#include <sqlite3.h>

#include "bureau-json.h"

#define PASSWORD "a-door-that-creaks"

static void
on_conflicted_cb (BureauClient *client, JsonObject *conflict, GPtrArray *told)
{
    g_autofree char *mine = json_to_string (json_object_get_member (conflict, "mine"), FALSE);
    g_autofree char *theirs = json_to_string (json_object_get_member (conflict, "theirs"), FALSE);

    g_ptr_array_add (told, g_strdup_printf ("%s of %s: mine %s, %s’s %s: %s",
                                            bureau_json_get_string (conflict, "field"),
                                            bureau_json_get_string (conflict, "title"), mine,
                                            bureau_json_get_string (conflict, "byName"), theirs,
                                            bureau_json_get_boolean (conflict, "stands", FALSE)
                                                ? "mine stands"
                                                : "theirs stands"));
}

/* What @person is told of conflicts from now on. (transfer full): outlives their client */
static GPtrArray *
listen_for_conflicts (Person *person)
{
    GPtrArray *told = g_ptr_array_new_with_free_func (g_free);

    g_signal_connect (person->client, "conflicted", G_CALLBACK (on_conflicted_cb), told);
    return told;
}

/* Ben comes back, and all that he gave is done. (transfer full): what he is told meanwhile */
static GPtrArray *
come_back_listening (Person *person)
{
    GPtrArray *told;

    person_make_client (person);
    told = listen_for_conflicts (person);
    bureau_client_start (person->client);
    WAIT_UNTIL (is_live (person) && count_changes (person) == 0);
    return told;
}

/* Both have changed the title while Ben was cut off: each is told once, which value stands and
 * which does not. */
static void
test_conflict (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ana, "Cables");
    g_autoptr (GPtrArray) anas = NULL;
    g_autoptr (GPtrArray) bens = NULL;

    WAIT_UNTIL (get_task (two->ben, id) && is_settled (two->ana, id));
    cut_off (two);
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'Red'", id));
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'Blue'", id));
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'priority': 1", id));
    go_on_without (two);
    anas = listen_for_conflicts (two->ana);
    g_free (give (two->ana, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'Green'", id));
    WAIT_UNTIL (is_settled (two->ana, id));
    bens = come_back_listening (two->ben);
    WAIT_UNTIL (g_strcmp0 (bureau_task_get_title (get_task (two->ana, id)), "Blue") == 0);

    g_assert_cmpuint (bens->len, ==, 1);
    g_assert_cmpstr (bens->pdata[0], ==,
                     "title of Red: mine \"Red\", Ana’s \"Green\": mine stands");
    g_assert_cmpuint (anas->len, ==, 1);
    g_assert_cmpstr (anas->pdata[0], ==,
                     "title of Red: mine \"Green\", Ben’s \"Red\": theirs stands");
}

static void
test_merged_lines (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ana, "Cables");
    g_autoptr (GPtrArray) bens = NULL;

    g_free (give (two->ana, BUREAU_COMMAND_TASK_UPDATE,
                  "'id': '%s', 'description': 'one\\ntwo\\nthree'", id));
    WAIT_UNTIL (is_settled (two->ana, id));
    WAIT_UNTIL (get_task (two->ben, id) &&
                *bureau_task_get_description (get_task (two->ben, id)) != '\0');
    cut_off (two);
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE,
                  "'id': '%s', 'description': 'one\\ntwo\\nTHREE'", id));
    go_on_without (two);
    g_free (give (two->ana, BUREAU_COMMAND_TASK_UPDATE,
                  "'id': '%s', 'description': 'ONE\\ntwo\\nthree'", id));
    WAIT_UNTIL (is_settled (two->ana, id));
    bens = come_back_listening (two->ben);
    WAIT_UNTIL (is_settled (two->ben, id));
    g_assert_cmpstr (bureau_task_get_description (get_task (two->ben, id)), ==, "ONE\ntwo\nTHREE");
    g_assert_cmpuint (bens->len, ==, 0);
}

/* ------------------------------------------------------------------ one person's two devices */

static Person *
sign_in_elsewhere (Person *person)
{
    BureauMember *self = bureau_client_get_self (person->client);
    g_autoptr (GAsyncResult) result = NULL;
    g_autofree char *refresh_token = NULL;
    g_autofree char *directory = directory_new ();
    g_autoptr (GError) error = NULL;
    BureauAccount *account;

    json_object_unref (
        order (person, BUREAU_COMMAND_ACCOUNT_SET_PASSWORD, "'password': '" PASSWORD "'"));
    bureau_account_sign_in_async (person->account->base_uri, "", bureau_member_get_handle (self),
                                  PASSWORD, "Phone", NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    account = bureau_account_sign_in_finish (result, &refresh_token, &error);
    g_assert_no_error (error);
    return person_new_at (account, refresh_token, directory);
}

/* Edited offline on both: fields apart are both taken, and of the same one the device that comes
 * later is told. */
static void
test_two_devices (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ben, "Cables");
    Person *phone = sign_in_elsewhere (two->ben);
    g_autofree char *directory = g_strdup (phone->directory);
    g_autoptr (GPtrArray) laptops = NULL;
    g_autoptr (GPtrArray) phones = NULL;

    person_start_live (phone);
    WAIT_UNTIL (get_task (phone, id) && is_settled (two->ben, id));
    person_stop (phone);
    cut_off (two);
    person_start (phone);
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE,
                  "'id': '%s', 'title': 'Laptop', 'priority': 1", id));
    g_free (give (phone, BUREAU_COMMAND_TASK_UPDATE,
                  "'id': '%s', 'title': 'Phone', 'dueAt': '2026-12-24'", id));
    person_stop (phone);
    go_on_without (two);
    laptops = come_back_listening (two->ben);
    phones = come_back_listening (phone);

    WAIT_UNTIL (g_strcmp0 (bureau_task_get_title (get_task (two->ben, id)), "Phone") == 0);
    for (guint i = 0; i < 2; i++) {
        BureauTask *task = get_task (i == 0 ? two->ben : phone, id);

        g_assert_cmpstr (bureau_task_get_title (task), ==, "Phone");
        g_assert_cmpuint (bureau_task_get_priority (task), ==, 1);
        g_assert_cmpstr (bureau_task_get_due_at (task), ==, "2026-12-24");
    }
    g_assert_cmpuint (laptops->len, ==, 0);
    g_assert_cmpuint (phones->len, ==, 1);
    g_assert_cmpstr (phones->pdata[0], ==,
                     "title of Phone: mine \"Phone\", Ben’s \"Laptop\": mine stands");
    person_free (phone);
    directory_free (g_steal_pointer (&directory));
}

/* ------------------------------------------------------------------ while one was away */

typedef struct {
    guint n_told;
    guint n_changes;
    GStrv task_ids;
} Missed;

static void
on_caught_up_cb (BureauClient *client, guint n_changes, gint64 since, char **task_ids,
                 Missed *missed)
{
    missed->n_told++;
    missed->n_changes = n_changes;
    g_strfreev (missed->task_ids);
    missed->task_ids = g_strdupv (task_ids);
    g_assert_cmpint (since, >, bureau_client_get_now (client) - 60000);
}

static void
test_missed (Two *two, gconstpointer data)
{
    Missed missed = { 0 };
    g_autofree char *for_ben = NULL;
    g_autofree char *other = NULL;

    person_stop (two->ben);
    other = give_task (two->ana, "Other");
    for_ben = give (two->ana, BUREAU_COMMAND_TASK_CREATE,
                    "'projectId': '%s', 'title': 'For Ben', 'assigneeIds': ['%s']",
                    get_first_project (two->ana), two->ben->account->user_id);
    g_free (give (two->ana, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'priority': 1", for_ben));
    WAIT_UNTIL (count_changes (two->ana) == 0);

    person_make_client (two->ben);
    g_signal_connect (two->ben->client, "caught-up", G_CALLBACK (on_caught_up_cb), &missed);
    bureau_client_start (two->ben->client);
    WAIT_UNTIL (is_live (two->ben));
    g_assert_cmpuint (missed.n_told, ==, 1);
    g_assert_cmpuint (missed.n_changes, ==, 3);
    g_assert_cmpuint (g_strv_length (missed.task_ids), ==, 1);
    g_assert_cmpstr (missed.task_ids[0], ==, for_ben);

    /* What happens before one's eyes is not told again. */
    g_free (give (two->ana, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'priority': 2", other));
    WAIT_UNTIL (has_happened (two->ben, BUREAU_EVENT_TASK_UPDATED));
    g_assert_cmpuint (missed.n_told, ==, 1);
    g_strfreev (missed.task_ids);
}

/* The hub's log no longer reaches back to when Ben left: he gets it all anew. */
static void
forget_events (Office *office)
{
    g_autofree char *path = g_build_filename (office->directory, "hub.db", NULL);
    sqlite3 *db;

    g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
    g_assert_cmpint (
        sqlite3_exec (db, "UPDATE rooms SET floor = seq; DELETE FROM events;", NULL, NULL, NULL),
        ==, SQLITE_OK);
    g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

/* The same is told as if the log had told it, of what was not one's own. */
static void
test_missed_by_snapshot (Two *two, gconstpointer data)
{
    Missed missed = { 0 };
    g_autofree char *bens = give_task (two->ben, "Ben’s");
    g_autofree char *gone = give_task (two->ben, "Gone");
    g_autofree char *same = give_task (two->ben, "The same");
    g_autofree char *mine = NULL;

    WAIT_UNTIL (get_task (two->ana, same) && count_changes (two->ben) == 0);
    cut_off (two);
    mine = give_task (two->ben, "Made away");
    go_on_without (two);
    g_free (give (two->ana, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'assigneeIds': ['%s']", bens,
                  two->ben->account->user_id));
    g_free (give (two->ana, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'priority': 1", bens));
    g_free (give (two->ana, BUREAU_COMMAND_TASK_DELETE, "'id': '%s'", gone));
    g_free (give_task (two->ana, "Ana’s"));
    WAIT_UNTIL (count_changes (two->ana) == 0);
    office_stop (two->office);
    forget_events (two->office);
    office_start (two->office);

    person_make_client (two->ben);
    g_signal_connect (two->ben->client, "caught-up", G_CALLBACK (on_caught_up_cb), &missed);
    bureau_client_start (two->ben->client);
    WAIT_UNTIL (is_live (two->ben) && count_changes (two->ben) == 0);
    g_assert_null (get_task (two->ben, gone));
    g_assert_nonnull (get_task (two->ben, mine));
    g_assert_cmpuint (missed.n_told, ==, 1);
    g_assert_cmpuint (missed.n_changes, ==, 4);
    g_assert_cmpuint (g_strv_length (missed.task_ids), ==, 1);
    g_assert_cmpstr (missed.task_ids[0], ==, bens);
    g_strfreev (missed.task_ids);
}

/* Who is new has missed nothing. */
static void
test_new_here (Two *two, gconstpointer data)
{
    Missed missed = { 0 };
    g_autofree char *id = give_task (two->ana, "Cables");
    Person *cleo;

    WAIT_UNTIL (is_settled (two->ana, id));
    cleo = person_new_invited (two->ana, "Cleo");
    person_make_client (cleo);
    g_signal_connect (cleo->client, "caught-up", G_CALLBACK (on_caught_up_cb), &missed);
    bureau_client_start (cleo->client);
    WAIT_UNTIL (is_live (cleo) && get_task (cleo, id));
    g_assert_cmpuint (missed.n_told, ==, 0);
    person_free (cleo);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add ("/conflicts/" name, Two, NULL, two_set_up, function, two_tear_down)
    ADD ("same-field", test_conflict);
    ADD ("merged-lines", test_merged_lines);
    ADD ("two-devices", test_two_devices);
    ADD ("missed", test_missed);
    ADD ("missed-by-snapshot", test_missed_by_snapshot);
    ADD ("new-here", test_new_here);
#undef ADD
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What becomes of Ben's changes that the hub refuses: nothing is lost without a word. This program
 * is also the one that is killed, when it is started as the victim. */

#include "fixture.h"

#include <signal.h>
#include <stdio.h>

#include "bureau-error.h"
#include "bureau-json.h"

#define N_ROUNDS  6
#define N_CHANGES 40

static const char *program;

/* ------------------------------------------------------------------ what is asked of the queue */

/* What the queue has at @index: the command, its `title`, and the code of why it was refused, or
 * "waits". */
static void
assert_change (Person *person, guint index, const char *command, const char *title,
               const char *code)
{
    BureauChange *change = get_change (person, index);
    const GError *error = bureau_change_get_error (change);

    g_assert_cmpstr (bureau_change_get_command (change)->name, ==, command);
    g_assert_cmpstr (bureau_json_get_string (bureau_change_get_params (change), "title"), ==,
                     title);
    g_assert_cmpstr (error ? bureau_error_to_code (error) : "waits", ==, code);
}

/* All that was given is answered. */
static gboolean
is_answered (Person *person)
{
    return is_live (person) && count_changes (person) == bureau_client_get_refused (person->client);
}

/* Ben changes, cut off, the title of a task that Ana then deletes. (transfer full): its id */
static char *
change_what_is_deleted (Two *two)
{
    g_autofree char *id = give_task (two->ana, "Cables");

    WAIT_UNTIL (get_task (two->ben, id) && is_settled (two->ben, id));
    cut_off (two);
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'Long cables'", id));
    assert_change (two->ben, 0, "task:update", "Long cables", "waits");
    g_assert_cmpstr (bureau_change_get_subject (get_change (two->ben, 0)), ==, "Cables");
    go_on_without (two);
    g_free (give (two->ana, BUREAU_COMMAND_TASK_DELETE, "'id': '%s'", id));
    WAIT_UNTIL (count_changes (two->ana) == 0);
    return g_steal_pointer (&id);
}

/* ------------------------------------------------------------------ refused */

static void
test_kept (Two *two, gconstpointer data)
{
    g_autofree char *other = give_task (two->ana, "Other");
    g_autofree char *id = NULL;

    WAIT_UNTIL (get_task (two->ben, other) && is_settled (two->ana, other));
    id = change_what_is_deleted (two);
    person_start (two->ben);
    /* What comes after it and does not build on it goes on. */
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'Changed'", other));
    WAIT_UNTIL (is_answered (two->ben));

    g_assert_null (get_task (two->ben, id));
    g_assert_cmpuint (count_changes (two->ben), ==, 1);
    g_assert_cmpuint (bureau_client_get_waiting (two->ben->client), ==, 0);
    g_assert_cmpuint (bureau_client_get_refused (two->ben->client), ==, 1);
    assert_change (two->ben, 0, "task:update", "Long cables", "not_found");
    g_assert_cmpstr (bureau_task_get_title (get_task (two->ben, other)), ==, "Changed");
    WAIT_UNTIL (two->ben->refused->len == 1);

    /* It is still there the next time, and is not sent by itself. */
    person_stop (two->ben);
    person_start_live (two->ben);
    assert_change (two->ben, 0, "task:update", "Long cables", "not_found");
    g_assert_cmpstr (bureau_change_get_subject (get_change (two->ben, 0)), ==, "Cables");
    g_assert_cmpuint (bureau_client_get_refused (two->ben->client), ==, 1);
    g_assert_cmpuint (two->ben->refused->len, ==, 1);
}

/* The task is brought back, and the change done after all. */
static void
test_retry (Two *two, gconstpointer data)
{
    g_autofree char *id = change_what_is_deleted (two);

    person_start_live (two->ben);
    WAIT_UNTIL (bureau_client_get_refused (two->ben->client) == 1);
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UNDO_DELETE, "'id': '%s'", id));
    bureau_client_retry (two->ben->client, bureau_change_get_op_id (get_change (two->ben, 0)));
    g_assert_cmpuint (bureau_client_get_refused (two->ben->client), ==, 0);
    WAIT_UNTIL (is_settled (two->ben, id) && count_changes (two->ben) == 0);
    g_assert_cmpstr (bureau_task_get_title (get_task (two->ben, id)), ==, "Long cables");
    WAIT_UNTIL (get_task (two->ana, id) &&
                g_strcmp0 (bureau_task_get_title (get_task (two->ana, id)), "Long cables") == 0);

    person_stop (two->ben);
    person_start (two->ben);
    g_assert_cmpuint (count_changes (two->ben), ==, 0);
}

static void
test_discard (Two *two, gconstpointer data)
{
    g_autofree char *id = change_what_is_deleted (two);
    g_autofree char *op_id = NULL;

    person_start_live (two->ben);
    WAIT_UNTIL (bureau_client_get_refused (two->ben->client) == 1);
    op_id = g_strdup (bureau_change_get_op_id (get_change (two->ben, 0)));
    g_assert_true (bureau_client_discard (two->ben->client, op_id));
    g_assert_false (bureau_client_discard (two->ben->client, op_id));
    g_assert_cmpuint (count_changes (two->ben), ==, 0);
    g_assert_cmpuint (bureau_client_get_refused (two->ben->client), ==, 0);

    person_stop (two->ben);
    person_start (two->ben);
    g_assert_cmpuint (count_changes (two->ben), ==, 0);
}

/* One that waits can be given up too, and what it did is no longer shown. */
static void
test_discard_waiting (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ben, "Cables");
    g_autofree char *made = NULL;

    WAIT_UNTIL (is_settled (two->ben, id));
    office_stop (two->office);
    WAIT_UNTIL (!is_live (two->ben));
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'Other'", id));
    made = give_task (two->ben, "Made offline");
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'priority': 1", made));
    g_assert_cmpuint (count_changes (two->ben), ==, 3);

    g_assert_true (bureau_client_discard (two->ben->client,
                                          bureau_change_get_op_id (get_change (two->ben, 0))));
    g_assert_cmpstr (bureau_task_get_title (get_task (two->ben, id)), ==, "Cables");
    /* With what builds on it. */
    g_assert_true (bureau_client_discard (two->ben->client,
                                          bureau_change_get_op_id (get_change (two->ben, 0))));
    g_assert_null (get_task (two->ben, made));
    g_assert_cmpuint (count_changes (two->ben), ==, 0);
    office_start (two->office);
    bureau_client_reconnect (two->ben->client);
    WAIT_UNTIL (is_live (two->ben));
    g_assert_cmpuint (two->ben->refused->len, ==, 0);
}

/* ------------------------------------------------------------------ what builds on it */

/* Ana lets Ben into the first project, or takes him out. */
static void
set_in_project (Two *two, gboolean in)
{
    const char *project = get_first_project (two->ana);

    g_free (give (two->ana, BUREAU_COMMAND_PROJECT_UPDATE, "'id': '%s', 'memberIds': ['%s'%s%s%s]",
                  project, two->ana->account->user_id, in ? ", '" : "",
                  in ? two->ben->account->user_id : "", in ? "'" : ""));
    WAIT_UNTIL (count_changes (two->ana) == 0);
}

/* Ben, cut off, makes a task, changes it twice and starts his timer on it; meanwhile he is taken
 * out of the project. (transfer full): the task's id */
static char *
build_on_sand (Two *two)
{
    g_autofree char *project = g_strdup (get_first_project (two->ben));
    g_autofree char *id = NULL;

    cut_off (two);
    id = give (two->ben, BUREAU_COMMAND_TASK_CREATE, "'projectId': '%s', 'title': 'Sand'", project);
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'Castle'", id));
    g_free (give (two->ben, BUREAU_COMMAND_TIMER_START, "'taskId': '%s'", id));
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'priority': 1", id));
    g_free (give (two->ben, BUREAU_COMMAND_MEMBER_UPDATE_SELF, "'name': 'Benno'"));
    g_assert_cmpuint (count_changes (two->ben), ==, 5);
    go_on_without (two);
    set_in_project (two, FALSE);
    return g_steal_pointer (&id);
}

static void
test_family (Two *two, gconstpointer data)
{
    g_autofree char *id = build_on_sand (two);

    person_start_live (two->ben);
    WAIT_UNTIL (is_answered (two->ben));

    /* One word for all of it, and what stands for itself was done. */
    WAIT_UNTIL (two->ben->refused->len == 1);
    g_assert_cmpstr (two->ben->refused->pdata[0], ==, "task:create not_found");
    g_assert_cmpuint (count_changes (two->ben), ==, 4);
    assert_change (two->ben, 0, "task:create", "Sand", "not_found");
    assert_change (two->ben, 1, "task:update", "Castle", "not_found");
    assert_change (two->ben, 2, "timer:start", NULL, "not_found");
    assert_change (two->ben, 3, "task:update", NULL, "not_found");
    g_assert_null (get_task (two->ben, id));
    g_assert_null (bureau_client_get_running_entry (two->ben->client));
    g_assert_cmpstr (bureau_member_get_name (bureau_client_get_self (two->ben->client)), ==,
                     "Benno");

    /* Taken in again, he asks for the last of it: all of it is done, in order. */
    set_in_project (two, TRUE);
    bureau_client_retry (two->ben->client, bureau_change_get_op_id (get_change (two->ben, 3)));
    g_assert_cmpuint (bureau_client_get_refused (two->ben->client), ==, 0);
    assert_change (two->ben, 0, "task:create", "Sand", "waits");
    WAIT_UNTIL (count_changes (two->ben) == 0 && get_task (two->ben, id) &&
                is_settled (two->ben, id));
    g_assert_cmpstr (bureau_task_get_title (get_task (two->ben, id)), ==, "Castle");
    g_assert_cmpuint (bureau_task_get_priority (get_task (two->ben, id)), ==, 1);
    g_assert_nonnull (bureau_client_get_running_entry (two->ben->client));
    g_assert_cmpuint (two->ben->refused->len, ==, 1);
}

static void
test_discard_family (Two *two, gconstpointer data)
{
    g_autofree char *id = build_on_sand (two);

    person_start_live (two->ben);
    WAIT_UNTIL (is_answered (two->ben));
    /* One of them alone … */
    g_assert_true (bureau_client_discard (two->ben->client,
                                          bureau_change_get_op_id (get_change (two->ben, 3))));
    g_assert_cmpuint (count_changes (two->ben), ==, 3);
    /* … and then the ground of the rest. */
    g_assert_true (bureau_client_discard (two->ben->client,
                                          bureau_change_get_op_id (get_change (two->ben, 0))));
    g_assert_cmpuint (count_changes (two->ben), ==, 0);
    g_assert_null (get_task (two->ben, id));
}

/* One in the middle is given up: those before and after it are done, in order, without it. */
static void
test_discard_middle (Two *two, gconstpointer data)
{
    g_autofree char *id = build_on_sand (two);
    g_autofree char *other = NULL;

    person_start_live (two->ben);
    WAIT_UNTIL (is_answered (two->ben));
    g_assert_true (bureau_client_discard (two->ben->client,
                                          bureau_change_get_op_id (get_change (two->ben, 1))));
    assert_change (two->ben, 0, "task:create", "Sand", "not_found");
    assert_change (two->ben, 1, "timer:start", NULL, "not_found");
    set_in_project (two, TRUE);
    WAIT_UNTIL (bureau_client_get_projects (two->ben->client) &&
                g_list_model_get_n_items (bureau_client_get_projects (two->ben->client)) == 1);
    other = give_task (two->ben, "Other");
    bureau_client_retry (two->ben->client, bureau_change_get_op_id (get_change (two->ben, 0)));
    WAIT_UNTIL (count_changes (two->ben) == 0 && get_task (two->ben, id) &&
                is_settled (two->ben, id));
    g_assert_cmpstr (bureau_task_get_title (get_task (two->ben, id)), ==, "Sand");
    g_assert_cmpuint (bureau_task_get_priority (get_task (two->ben, id)), ==, 1);
    g_assert_nonnull (bureau_client_get_running_entry (two->ben->client));
    WAIT_UNTIL (get_task (two->ana, id) && get_task (two->ana, other));
}

/* The same while they wait. */
static void
test_discard_waiting_middle (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ben, "Cables");

    WAIT_UNTIL (is_settled (two->ben, id));
    cut_off (two);
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'Red'", id));
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'status': 'done'", id));
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'priority': 1", id));
    g_assert_true (bureau_client_discard (two->ben->client,
                                          bureau_change_get_op_id (get_change (two->ben, 1))));
    g_assert_cmpint (bureau_task_get_status (get_task (two->ben, id)), ==, BUREAU_STATUS_TODO);
    g_assert_cmpstr (bureau_task_get_title (get_task (two->ben, id)), ==, "Red");

    /* Nor does it come back with the next start. */
    person_stop (two->ben);
    office_start (two->office);
    person_start_live (two->ben);
    WAIT_UNTIL (count_changes (two->ben) == 0 && is_settled (two->ben, id));
    g_assert_cmpstr (bureau_task_get_title (get_task (two->ben, id)), ==, "Red");
    g_assert_cmpint (bureau_task_get_status (get_task (two->ben, id)), ==, BUREAU_STATUS_TODO);
    g_assert_cmpuint (bureau_task_get_priority (get_task (two->ben, id)), ==, 1);
}

/* Nothing can be written: it is not shown as done, and its words are still there to be copied. */
static void
test_no_disk (void)
{
    Person *alone = person_new_alone ();
    g_autofree char *file = g_strconcat (alone->account->user_id, ".replica", NULL);
    g_autofree char *path = g_build_filename (alone->directory, file, NULL);

    /* Where the file should be is a directory. */
    g_assert_no_errno (g_mkdir_with_parents (path, 0700));
    person_start (alone);
    g_free (give (alone, BUREAU_COMMAND_MEMBER_UPDATE_SELF, "'name': 'Somebody'"));
    WAIT_UNTIL (bureau_client_get_refused (alone->client) == 1);
    g_assert_cmpstr (
        bureau_json_get_string (bureau_change_get_params (get_change (alone, 0)), "name"), ==,
        "Somebody");
    bureau_client_retry (alone->client, bureau_change_get_op_id (get_change (alone, 0)));
    WAIT_UNTIL (bureau_client_get_refused (alone->client) == 1);
    g_assert_true (
        bureau_client_discard (alone->client, bureau_change_get_op_id (get_change (alone, 0))));
    person_free (alone);
}

/* ------------------------------------------------------------------ killed */

/* None of what was given is on its way to the disk. */
static gboolean
is_all_kept (Person *person)
{
    return count_changes (person) ==
           bureau_client_get_waiting (person->client) + bureau_client_get_refused (person->client);
}

static void
on_token_cb (BureauClient *client, const char *token, gpointer data)
{
    printf ("token %s\n", token);
    fflush (stdout);
}

/* Changes a task that is deleted, again and again, and says each title that is kept. */
G_NORETURN static void
run_victim (char **args)
{
    g_autoptr (JsonObject) json = bureau_json_parse_object (args[1], -1, NULL);
    Person *ben = person_new_at (bureau_account_new_from_json (json, NULL), args[2], args[3]);

    person_start (ben);
    g_signal_connect (ben->client, "refresh-token", G_CALLBACK (on_token_cb), NULL);
    for (int i = 0; i < N_CHANGES; i++) {
        g_free (give (ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': '%s-%d'", args[4],
                      args[5], i));
        WAIT_UNTIL (is_all_kept (ben));
        printf ("kept %s-%d\n", args[5], i);
        fflush (stdout);
    }
    for (;;)
        g_main_context_iteration (NULL, TRUE);
}

typedef struct {
    GDataInputStream *output; /* (owned) */
    GHashTable *kept;         /* titles */
    Person *person;
    guint n_kept;
    gboolean ended;
} Watch;

static void read_line (Watch *watch);

static void
on_line_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Watch *watch = data;
    g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source),
                                                                  result, NULL, NULL);

    if (!line) {
        watch->ended = TRUE;
        return;
    }
    if (g_str_has_prefix (line, "token ")) {
        g_free (watch->person->refresh_token);
        watch->person->refresh_token = g_strdup (line + strlen ("token "));
    } else if (g_str_has_prefix (line, "kept ")) {
        g_hash_table_add (watch->kept, g_strdup (line + strlen ("kept ")));
        watch->n_kept++;
    }
    read_line (watch);
}

static void
read_line (Watch *watch)
{
    g_data_input_stream_read_line_async (watch->output, G_PRIORITY_DEFAULT, NULL, on_line_cb,
                                         watch);
}

static void
run_and_kill (Person *person, const char *task, const char *round, GHashTable *kept)
{
    g_autoptr (JsonObject) json = bureau_account_to_json (person->account);
    g_autofree char *account = bureau_json_object_to_string (json);
    g_autoptr (GError) error = NULL;
    g_autoptr (GSubprocess) victim = g_subprocess_new (
        G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--victim", account, person->refresh_token,
        person->directory, task, round, NULL);
    guint n_kept = g_test_rand_int_range (1, N_CHANGES);
    Watch watch = { .kept = kept, .person = person };

    g_assert_no_error (error);
    watch.output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (victim));
    read_line (&watch);
    WAIT_UNTIL (watch.n_kept >= n_kept || watch.ended);
    g_subprocess_send_signal (victim, SIGKILL);
    WAIT_UNTIL (watch.ended);
    g_object_unref (watch.output);
}

/* Each change that was kept is in the queue, once, as refused. */
static void
assert_all_once (Person *person, GHashTable *kept)
{
    g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iter;
    gpointer title;

    for (guint i = 0; i < count_changes (person); i++) {
        BureauChange *change = get_change (person, i);

        g_assert_nonnull (bureau_change_get_error (change));
        g_assert_true (g_hash_table_add (
            seen, g_strdup (bureau_json_get_string (bureau_change_get_params (change), "title"))));
    }
    g_hash_table_iter_init (&iter, kept);
    while (g_hash_table_iter_next (&iter, &title, NULL))
        g_assert_true (g_hash_table_contains (seen, title));
}

static void
test_killed (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ana, "Deleted");
    g_autoptr (GHashTable) kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

    WAIT_UNTIL (get_task (two->ben, id));
    g_free (give (two->ana, BUREAU_COMMAND_TASK_DELETE, "'id': '%s'", id));
    WAIT_UNTIL (count_changes (two->ana) == 0);
    person_stop (two->ben);
    for (int i = 0; i < N_ROUNDS; i++) {
        g_autofree char *round = g_strdup_printf ("%d", i);

        run_and_kill (two->ben, id, round, kept);
    }
    person_start_live (two->ben);
    WAIT_UNTIL (is_answered (two->ben));
    assert_all_once (two->ben, kept);
    g_test_message ("%u changes kept", g_hash_table_size (kept));
}

int
main (int argc, char **argv)
{
    program = argv[0];
    if (argc == 7 && g_str_equal (argv[1], "--victim"))
        run_victim (argv + 1);

    g_test_init (&argc, &argv, NULL);
#define ADD(name, function)                                                                        \
    g_test_add ("/queue/" name, Two, NULL, two_set_up, function, two_tear_down)
    ADD ("kept", test_kept);
    ADD ("retry", test_retry);
    ADD ("discard", test_discard);
    ADD ("discard-waiting", test_discard_waiting);
    ADD ("family", test_family);
    ADD ("discard-family", test_discard_family);
    ADD ("discard-middle", test_discard_middle);
    ADD ("discard-waiting-middle", test_discard_waiting_middle);
    ADD ("killed", test_killed);
#undef ADD
    g_test_add_func ("/queue/no-disk", test_no_disk);

    return g_test_run ();
}

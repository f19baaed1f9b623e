/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Ana's program is killed, at any moment, while it writes and sends. This program is also that
 * other one, the victim, when it is started with an account: it gives tasks and prints each one's
 * title as soon as the window would show it as kept. */

#include "fixture.h"

#include <signal.h>
#include <stdio.h>

#include "bureau-json.h"

#define N_ROUNDS 12
#define N_TASKS  60

static const char *program;

/* ------------------------------------------------------------------ the victim */

/* Each task has one command, and what is pending but does not count as waiting is not yet on disk.
 */
static gboolean
is_all_kept (Person *person)
{
    GListModel *tasks = bureau_client_get_tasks (person->client);
    guint n_pending = 0;

    for (guint i = 0; i < g_list_model_get_n_items (tasks); i++) {
        g_autoptr (BureauTask) task = g_list_model_get_item (tasks, i);

        n_pending += bureau_task_get_pending (task);
    }
    return n_pending == bureau_client_get_waiting (person->client);
}

static void
on_token_cb (BureauClient *client, const char *token, gpointer data)
{
    printf ("token %s\n", token);
    fflush (stdout);
}

G_NORETURN static void
run_victim (char **args)
{
    g_autoptr (JsonObject) json = bureau_json_parse_object (args[1], -1, NULL);
    BureauAccount *account = bureau_account_new_from_json (json, NULL);
    Person *ana = person_new_at (account, args[2], args[3]);

    person_start (ana);
    g_signal_connect (ana->client, "refresh-token", G_CALLBACK (on_token_cb), NULL);
    for (int i = 0; i < N_TASKS; i++) {
        g_autofree char *id = give (ana, BUREAU_COMMAND_TASK_CREATE,
                                    "'projectId': '%s', 'title': '%s-%d'", args[4], args[5], i);

        WAIT_UNTIL (is_all_kept (ana));
        printf ("kept %s-%d\n", args[5], i);
        fflush (stdout);
    }
    printf ("end\n");
    fflush (stdout);
    for (;;)
        g_main_context_iteration (NULL, TRUE);
}

/* ------------------------------------------------------------------ its killer */

typedef struct {
    GDataInputStream *output; /* (owned) */
    GHashTable *kept;         /* (owned): titles */
    Person *ana;
    guint n_lines;
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
        g_free (watch->ana->refresh_token);
        watch->ana->refresh_token = g_strdup (line + strlen ("token "));
    } else if (g_str_has_prefix (line, "kept ")) {
        g_hash_table_add (watch->kept, g_strdup (line + strlen ("kept ")));
    }
    watch->n_lines++;
    read_line (watch);
}

static void
read_line (Watch *watch)
{
    g_data_input_stream_read_line_async (watch->output, G_PRIORITY_DEFAULT, NULL, on_line_cb,
                                         watch);
}

/* Runs the victim until it has said so many lines. */
static void
run_and_kill (Person *ana, const char *project, const char *round, GHashTable *kept)
{
    g_autoptr (JsonObject) json = bureau_account_to_json (ana->account);
    g_autofree char *account = bureau_json_object_to_string (json);
    g_autoptr (GError) error = NULL;
    g_autoptr (GSubprocess) victim = g_subprocess_new (
        G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--victim", account, ana->refresh_token,
        ana->directory, project, round, NULL);
    guint n_lines = g_test_rand_int_range (1, N_TASKS);
    Watch watch = { .kept = kept, .ana = ana };

    g_assert_no_error (error);
    watch.output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (victim));
    read_line (&watch);
    WAIT_UNTIL (watch.n_lines >= n_lines || watch.ended);
    g_subprocess_send_signal (victim, SIGKILL);
    WAIT_UNTIL (watch.ended);
    g_object_unref (watch.output);
}

/* Each task that was kept is there, once. */
static void
assert_all_once (Person *person, GHashTable *kept)
{
    GListModel *tasks = bureau_client_get_tasks (person->client);
    g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iter;
    gpointer title;

    for (guint i = 0; i < g_list_model_get_n_items (tasks); i++) {
        g_autoptr (BureauTask) task = g_list_model_get_item (tasks, i);

        g_assert_true (g_hash_table_add (seen, g_strdup (bureau_task_get_title (task))));
    }
    g_hash_table_iter_init (&iter, kept);
    while (g_hash_table_iter_next (&iter, &title, NULL))
        g_assert_true (g_hash_table_contains (seen, title));
}

static void
test_kill (void)
{
    Office *office = office_new ();
    Person *ana = person_new_owner (office);
    Person *ben;
    g_autoptr (GHashTable) kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *project = NULL;

    person_start_live (ana);
    project = g_strdup (get_first_project (ana));
    ben = person_new_invited (ana, "Ben");
    person_start_live (ben);
    person_stop (ana);
    for (int i = 0; i < N_ROUNDS; i++) {
        g_autofree char *round = g_strdup_printf ("%d", i);
        gboolean offline = i % 3 == 2;

        if (offline)
            office_stop (office);
        run_and_kill (ana, project, round, kept);
        if (offline) {
            person_start (ana);
            assert_all_once (ana, kept);
            person_stop (ana);
            office_start (office);
        }
    }
    person_start_live (ana);
    WAIT_UNTIL (bureau_client_get_waiting (ana->client) == 0);
    bureau_client_reconnect (ben->client);
    WAIT_UNTIL (is_live (ben));
    WAIT_UNTIL (g_list_model_get_n_items (bureau_client_get_tasks (ben->client)) ==
                g_list_model_get_n_items (bureau_client_get_tasks (ana->client)));
    assert_all_once (ana, kept);
    assert_all_once (ben, kept);
    g_assert_cmpuint (ana->refused->len, ==, 0);
    g_test_message ("%u tasks kept", g_hash_table_size (kept));

    person_free (ben);
    person_free (ana);
    office_free (office);
}

int
main (int argc, char **argv)
{
    program = argv[0];
    if (argc == 7 && g_str_equal (argv[1], "--victim"))
        run_victim (argv + 1);

    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/client/kill", test_kill);
    return g_test_run ();
}

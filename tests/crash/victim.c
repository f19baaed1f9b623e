/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "victim.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "bureau-json.h"

#define N_TASKS   10
#define N_CHANGES 4

guint
victim_split_title (char *title)
{
    char *dot = strrchr (title, '.');

    g_assert_nonnull (dot);
    *dot = '\0';
    return g_ascii_strtoull (dot + 1, NULL, 10);
}

/* ------------------------------------------------------------------ the victim */

static void
say (const char *word, const char *what)
{
    printf ("%s %s\n", word, what);
    fflush (stdout);
}

static void
on_token_cb (BureauClient *client, const char *token, gpointer data)
{
    say ("token", token);
}

/* The window counts it as waiting, or shows it as done. @fewest: have waited since it was given. */
static gboolean
is_kept (Person *person, const char *id, const char *title, guint *fewest)
{
    guint waiting = bureau_client_get_waiting (person->client);
    BureauTask *task = get_task (person, id);

    *fewest = MIN (*fewest, waiting);
    return waiting > *fewest || (task && !bureau_task_get_pending (task) &&
                                 g_str_equal (bureau_task_get_title (task), title));
}

/* What has just been given is not on disk before the loop turns. */
static void
wait_until_kept (Person *person, const char *id, const char *title)
{
    guint fewest = bureau_client_get_waiting (person->client);

    WAIT_UNTIL (is_kept (person, id, title, &fewest));
    say ("kept", title);
}

static char *
make_task (Person *person, const char *project, const char *name)
{
    g_autofree char *title = g_strdup_printf ("%s.1", name);
    char *id = give (person, BUREAU_COMMAND_TASK_CREATE, "'projectId': '%s', 'title': '%s'",
                     project, title);

    wait_until_kept (person, id, title);
    return id;
}

static void
rename_task (Person *person, const char *id, const char *name, int change)
{
    g_autofree char *title = g_strdup_printf ("%s.%d", name, change);
    g_autofree char *same = give (person, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': '%s'",
                                  id, title);

    wait_until_kept (person, id, title);
}

void
victim_run (char **args)
{
    g_autoptr (JsonObject) json = bureau_json_parse_object (args[0], -1, NULL);
    BureauAccount *account = bureau_account_new_from_json (json, NULL);
    Person *person = person_new_at (account, args[1], args[2]);

    person_make_client (person);
    g_signal_connect (person->client, "refresh-token", G_CALLBACK (on_token_cb), NULL);
    bureau_client_start (person->client);
    WAIT_UNTIL (bureau_client_get_loaded (person->client));
    for (int i = 0; i < N_TASKS; i++) {
        g_autofree char *name = g_strdup_printf ("%s-%d", args[4], i);
        g_autofree char *id = make_task (person, args[3], name);

        for (int change = 2; change <= N_CHANGES; change++)
            rename_task (person, id, name, change);
    }
    say ("end", "");
    for (;;)
        g_main_context_iteration (NULL, TRUE);
}

/* ------------------------------------------------------------------ who watches it */

static void read_line (Victim *victim);

static void
keep (Victim *victim, const char *title)
{
    char *name = g_strdup (title);
    guint change = victim_split_title (name);

    g_hash_table_insert (victim->kept, name, GUINT_TO_POINTER (change));
}

static void
on_line_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Victim *victim = data;
    g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source),
                                                                  result, NULL, NULL);

    if (!line) {
        victim->ended = TRUE;
        return;
    }
    if (g_str_has_prefix (line, "token ")) {
        g_free (victim->person->refresh_token);
        victim->person->refresh_token = g_strdup (line + strlen ("token "));
    } else if (g_str_has_prefix (line, "kept ")) {
        keep (victim, line + strlen ("kept "));
    }
    victim->n_lines++;
    read_line (victim);
}

static void
read_line (Victim *victim)
{
    g_data_input_stream_read_line_async (victim->output, G_PRIORITY_DEFAULT, NULL, on_line_cb,
                                         victim);
}

Victim *
victim_start (const char *program, Person *person, const char *project, const char *series,
              GHashTable *kept)
{
    g_autoptr (JsonObject) json = bureau_account_to_json (person->account);
    g_autofree char *account = bureau_json_object_to_string (json);
    Victim *victim = g_new0 (Victim, 1);
    g_autoptr (GError) error = NULL;

    victim->person = person;
    victim->kept = kept;
    victim->process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program,
                                        VICTIM_WORD, account, person->refresh_token,
                                        person->directory, project, series, NULL);
    g_assert_no_error (error);
    victim->output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (victim->process));
    read_line (victim);
    return victim;
}

void
victim_kill (Victim *victim)
{
    g_subprocess_send_signal (victim->process, SIGKILL);
    WAIT_UNTIL (victim->ended);
    g_assert_true (g_subprocess_wait (victim->process, NULL, NULL));
    g_assert_true (g_subprocess_get_if_signaled (victim->process));
    g_object_unref (victim->output);
    g_object_unref (victim->process);
    g_free (victim);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Ana's program is killed at any moment while it writes and sends, and the hub with it: what the
 * window showed as kept is kept, and nothing is done twice (reliability.md, G8, F1b and F1c).
 * BUREAU_KILLS says how often; else it is N_KILLS times. */

#include <signal.h>
#include <stdlib.h>

#include "hub-process.h"
#include "victim.h"

#define N_KILLS 50
/* Then a new office is made, so that the rounds don't grow with what has been done. */
#define KILLS_PER_OFFICE 50
/* From the victim's start on, if it is not let to say anything. */
#define EARLY_US 60000
/* After one of its lines. */
#define LATE_US 3000
/* Between its end and the hub's. */
#define APART_US 5000
#define N_LINES  40

static const char *program;

/* What Ana does here in seconds takes her days. */
static const char *const options[] = { "--limit", "commands-at-once=100000", "--limit",
                                       "person-commands-at-once=100000", NULL };

typedef struct {
    Office *office;
    GSubprocess *hub; /* (owned): while the office is served */
    Person *ana, *ben;
    char *project;    /* (owned) */
    GHashTable *kept; /* (owned): see Victim */
    guint n_kept;     /* in offices before this one */
} Street;

/* ------------------------------------------------------------------ the people */

static void
assert_sound (Street *street)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GSubprocess) doctor = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error,
                                                       g_getenv ("BUREAU_HUB"), "doctor", "--data",
                                                       street->office->directory, NULL);

    g_assert_no_error (error);
    g_assert_true (g_subprocess_wait_check (doctor, NULL, &error));
}

static void
move_in (Street *street)
{
    street->office = office_new ();
    office_stop (street->office);
    street->hub = hub_process_start (street->office, options);
    street->ana = person_new_owner (street->office);
    person_start_live (street->ana);
    street->project = g_strdup (get_first_project (street->ana));
    street->ben = person_new_invited (street->ana, "Ben");
    person_start_live (street->ben);
    person_stop (street->ana);
    street->kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* Each task that was kept is there, once, as it was last kept or newer; and each change of one was
 * done once, in its turn. */
static void
assert_all_once (Street *street, Person *person)
{
    GListModel *tasks = bureau_client_get_tasks (person->client);
    g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iter;
    gpointer name, change;

    for (guint i = 0; i < g_list_model_get_n_items (tasks); i++) {
        g_autoptr (BureauTask) task = g_list_model_get_item (tasks, i);
        char *title = g_strdup (bureau_task_get_title (task));
        guint last = victim_split_title (title);

        if (!bureau_task_get_pending (task))
            g_assert_cmpint (bureau_task_get_version (task), ==, last);
        g_assert_true (g_hash_table_insert (seen, title, GUINT_TO_POINTER (last)));
    }
    g_hash_table_iter_init (&iter, street->kept);
    while (g_hash_table_iter_next (&iter, &name, &change))
        g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (seen, name)), >=,
                          GPOINTER_TO_UINT (change));
}

/* As the hub has them, Ana's last changes included. */
static gboolean
has_caught_up (Person *person, Person *with)
{
    GListModel *tasks = bureau_client_get_tasks (with->client);

    for (guint i = 0; i < g_list_model_get_n_items (tasks); i++) {
        g_autoptr (BureauTask) task = g_list_model_get_item (tasks, i);
        BureauTask *same = get_task (person, bureau_task_get_id (task));

        if (!same || bureau_task_get_version (same) != bureau_task_get_version (task) ||
            !g_str_equal (bureau_task_get_title (same), bureau_task_get_title (task)))
            return FALSE;
    }
    return bureau_client_get_waiting (with->client) == 0;
}

static void
move_out (Street *street)
{
    person_start_live (street->ana);
    WAIT_UNTIL (bureau_client_get_waiting (street->ana->client) == 0);
    bureau_client_reconnect (street->ben->client);
    WAIT_UNTIL (is_live (street->ben));
    WAIT_UNTIL (has_caught_up (street->ben, street->ana));
    assert_all_once (street, street->ana);
    assert_all_once (street, street->ben);
    g_assert_cmpuint (street->ana->refused->len, ==, 0);
    g_assert_cmpuint (bureau_client_get_refused (street->ana->client), ==, 0);
    street->n_kept += g_hash_table_size (street->kept);

    person_free (street->ben);
    person_free (street->ana);
    hub_process_end (street->hub, SIGTERM);
    assert_sound (street);
    office_free (street->office);
    g_free (street->project);
    g_hash_table_unref (street->kept);
}

/* ------------------------------------------------------------------ their killer */

static void
wait_at_random (int most_us)
{
    g_usleep (g_test_rand_int_range (0, most_us));
}

/* Some never get to say anything. */
static Victim *
raise_victim (Street *street, int number)
{
    g_autofree char *series = g_strdup_printf ("%d", number);
    Victim *victim = victim_start (program, street->ana, street->project, series, street->kept);
    guint n_lines = g_test_rand_int_range (1, N_LINES);

    if (number % 5 == 0) {
        wait_at_random (EARLY_US);
        return victim;
    }
    WAIT_UNTIL (victim->n_lines >= n_lines || victim->ended);
    wait_at_random (LATE_US);
    return victim;
}

/* Every third time there is no hub, and all that was kept is in the window nevertheless. */
static void
kill_client (Street *street, int number)
{
    gboolean offline = number % 3 == 2;

    if (offline)
        hub_process_end (street->hub, SIGTERM);
    victim_kill (raise_victim (street, number));
    if (!offline)
        return;
    person_start (street->ana);
    assert_all_once (street, street->ana);
    person_stop (street->ana);
    street->hub = hub_process_start (street->office, options);
}

static void
kill_both (Street *street, int number)
{
    Victim *victim = raise_victim (street, number);

    if (number % 2 == 0) {
        g_subprocess_send_signal (street->hub, SIGKILL);
        wait_at_random (APART_US);
        victim_kill (victim);
    } else {
        g_subprocess_send_signal (victim->process, SIGKILL);
        wait_at_random (APART_US);
        g_subprocess_send_signal (street->hub, SIGKILL);
        victim_kill (victim);
    }
    hub_process_end (street->hub, SIGKILL);
    street->hub = hub_process_start (street->office, options);
}

typedef void (*KillFunc) (Street *street, int number);

static void
repeat (KillFunc kill, int divisor)
{
    const char *wanted = g_getenv ("BUREAU_KILLS");
    int n_kills = (wanted ? atoi (wanted) : N_KILLS) / divisor;
    Street street = { 0 };

    for (int i = 0; i < n_kills; i++) {
        if (i % KILLS_PER_OFFICE == 0)
            move_in (&street);
        kill (&street, i);
        if ((i + 1) % KILLS_PER_OFFICE == 0 || i + 1 == n_kills)
            move_out (&street);
    }
    g_test_message ("%d kills, %u tasks kept", n_kills, street.n_kept);
    g_assert_cmpuint (street.n_kept, >, 0);
}

static void
test_client (void)
{
    repeat (kill_client, 1);
}

static void
test_both (void)
{
    repeat (kill_both, 4);
}

int
main (int argc, char **argv)
{
    program = argv[0];
    if (argc == 7 && g_str_equal (argv[1], VICTIM_WORD))
        victim_run (argv + 2);

    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/kill/client", test_client);
    g_test_add_func ("/kill/both", test_both);
    return g_test_run ();
}

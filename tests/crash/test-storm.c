/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A whole office comes back at once: after the hub's restart, and in the morning, when everybody's
 * program starts and renews its session. All catch up, and nobody is asked to sign in again
 * (reliability.md, F14). How long it takes is said, and not judged: it is this machine's.
 * BUREAU_STORM says how many come; else they are FEW. */

#include "hub-process.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#define FEW 20
/* What there is to catch up with. */
#define N_MISSED 40
/* Of one client: its socket, and the replica's files with what SQLite keeps beside them. */
#define FILES_PER_CLIENT 16

typedef struct {
    Office *office;
    GSubprocess *hub;  /* (owned) */
    Person *ana;       /* one of the people */
    GPtrArray *people; /* (owned): of Person (owned), Ana the last */
    guint n_tasks;     /* that everybody should see */
} Storm;

/* What a test does in a minute takes an office weeks. */
#define WIDE(limit) "--limit", limit "=100000"
static const char *const options[] = {
    WIDE ("commands-at-once"),
    WIDE ("person-commands-at-once"),
    WIDE ("invitations-per-hour"),
    WIDE ("members-per-hour"),
    WIDE ("sign-ins-at-once"),
    WIDE ("connections-per-address"),
    WIDE ("waiting-per-address"),
    WIDE ("waiting"),
    NULL,
};

/* ------------------------------------------------------------------ measuring */

/* The hub's processor time so far, in ms. */
static double
get_work (Storm *storm)
{
    g_autofree char *path = g_strdup_printf ("/proc/%s/stat",
                                             g_subprocess_get_identifier (storm->hub));
    g_autofree char *text = NULL;
    g_auto (GStrv) fields = NULL;

    g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
    fields = g_strsplit (strrchr (text, ')') + 2, " ", -1);
    return (g_ascii_strtod (fields[11], NULL) + g_ascii_strtod (fields[12], NULL)) * 1000 /
           sysconf (_SC_CLK_TCK);
}

static gboolean
is_back (Storm *storm, Person *person)
{
    g_assert_cmpint (bureau_client_get_state (person->client), !=, BUREAU_CLIENT_SIGNED_OUT);
    return is_live (person) && bureau_client_get_waiting (person->client) == 0 &&
           g_list_model_get_n_items (bureau_client_get_tasks (person->client)) == storm->n_tasks;
}

/* Takes those who are back off @away. TRUE if there were some. */
static gboolean
take_back (Storm *storm, GPtrArray *away)
{
    guint n_away = away->len;

    for (guint i = away->len; i > 0; i--) {
        if (is_back (storm, g_ptr_array_index (away, i - 1)))
            g_ptr_array_remove_index_fast (away, i - 1);
    }
    return away->len < n_away;
}

/* In vain is only to wait for the next one, however many they are. */
static void
wait_until_all_are_back (Storm *storm, const char *what, gint64 since, double work)
{
    g_autoptr (GPtrArray) away = g_ptr_array_copy (storm->people, NULL, NULL);

    g_ptr_array_set_free_func (away, NULL);
    while (away->len > 0)
        WAIT_UNTIL (take_back (storm, away));
    g_test_message ("%u are there %s after %.2f s, %.0f ms of them the hub's work",
                    storm->people->len, what, (g_get_monotonic_time () - since) / 1e6,
                    get_work (storm) - work);
}

/* ------------------------------------------------------------------ the office */

static void
allow_files (guint n_clients)
{
    struct rlimit limit;

    g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
    limit.rlim_cur = MIN (limit.rlim_max, MAX (limit.rlim_cur, FILES_PER_CLIENT * n_clients));
    g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
}

static void
set_up (Storm *storm, guint n_people)
{
    allow_files (n_people);
    storm->office = office_new ();
    office_stop (storm->office);
    storm->hub = hub_process_start (storm->office, options);
    storm->ana = person_new_owner (storm->office);
    person_start_live (storm->ana);
    storm->people = g_ptr_array_new_with_free_func ((GDestroyNotify) person_free);
    for (guint i = 0; i < n_people; i++) {
        g_autofree char *name = g_strdup_printf ("Person %u", i);

        g_ptr_array_add (storm->people, person_new_invited (storm->ana, name));
    }
    g_ptr_array_add (storm->people, storm->ana);
    storm->n_tasks = g_list_model_get_n_items (bureau_client_get_tasks (storm->ana->client));
}

static void
tear_down (Storm *storm)
{
    g_ptr_array_unref (storm->people);
    hub_process_end (storm->hub, SIGTERM);
    office_free (storm->office);
}

static void
give_tasks (Storm *storm)
{
    for (guint i = 0; i < N_MISSED; i++)
        g_free (give_task (storm->ana, "Missed"));
    storm->n_tasks += N_MISSED;
}

/* ------------------------------------------------------------------ how they come */

static void
restart_hub (Storm *storm)
{
    hub_process_end (storm->hub, SIGKILL);
    give_tasks (storm);
    storm->hub = hub_process_start (storm->office, options);
    wait_until_all_are_back (storm, "from the hub's restart", g_get_monotonic_time (), 0);
}

/* Ana is there already. */
static void
start_all (Storm *storm, const char *what)
{
    double work = get_work (storm);
    gint64 since = g_get_monotonic_time ();

    for (guint i = 0; i + 1 < storm->people->len; i++) {
        Person *person = g_ptr_array_index (storm->people, i);

        person_make_client (person);
        bureau_client_start (person->client);
    }
    wait_until_all_are_back (storm, what, since, work);
}

static void
begin_day (Storm *storm)
{
    for (guint i = 0; i + 1 < storm->people->len; i++)
        person_stop (g_ptr_array_index (storm->people, i));
    give_tasks (storm);
    WAIT_UNTIL (is_back (storm, storm->ana));
    start_all (storm, "in the morning");
}

static void
test_storm (void)
{
    const char *wanted = g_getenv ("BUREAU_STORM");
    Storm storm = { 0 };

    set_up (&storm, wanted ? atoi (wanted) : FEW);
    start_all (&storm, "for the first time");
    restart_hub (&storm);
    begin_day (&storm);
    tear_down (&storm);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/storm", test_storm);
    return g_test_run ();
}

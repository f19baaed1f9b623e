/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The convergence test (reliability.md, 3.4): many worlds, each drawn from its seed and the same
 * another time. Each is tried in a process that may die of it. A world that fails is shrunk to the
 * steps that it takes, and told.
 *
 *   test-sim --seed 17               one of them, with its story
 *   test-sim --seed 17 --steps 3,9   no other steps of it
 *   BUREAU_SEEDS=20000 test-sim      more of them */

#include "sim-nursery.h"
#include "world.h"

#include <malloc.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libsoup/soup.h>

#include "test-directory.h"

#define N_SEEDS     300
#define N_PROCESSES 2
#define MAX_SECONDS 300 /* for one world, of real time: it goes round in circles */

/* Worlds in which something was wrong once, and has been mended. Other steps make other worlds of
 * them. */
static const guint32 FAILED_ONCE[] = { 4615, 5053, 10431 };

static int only_seed = -1, first_seed = 1;
static gboolean quick, verbose;
static char *template_directory;
static char *only_steps;
static SimNursery nurseries[N_PROCESSES];
static const GOptionEntry OPTIONS[] = {
    { "seed", 0, 0, G_OPTION_ARG_INT, &only_seed, "One world, and its story", "N" },
    { "first", 0, 0, G_OPTION_ARG_INT, &first_seed, "The first seed", "N" },
    { "quick", 0, 0, G_OPTION_ARG_NONE, &quick, "End with the first that fails", NULL },
    { "verbose", 0, 0, G_OPTION_ARG_NONE, &verbose, "All that the programs say", NULL },
    { "steps", 0, 0, G_OPTION_ARG_STRING, &only_steps, "No other steps than these", "N,N…" },
    { NULL },
};

/* ------------------------------------------------------------------ processes */

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
    /* What a hub or a program says of its troubles is part of the world. */
    if ((level & G_LOG_LEVEL_MASK) > G_LOG_LEVEL_CRITICAL && !verbose)
        return G_LOG_WRITER_HANDLED;
    return g_log_writer_default (level, fields, n_fields, data);
}

static void
begin_process (void)
{
    /* Not the one that tests have. */
    g_log_set_default_handler (g_log_default_handler, NULL);
    g_log_set_writer_func (write_log, NULL, NULL);
    g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
    /* One heap, whose addresses do not depend on who came first. */
    mallopt (M_ARENA_MAX, 1);
    crash_vfs_install ();
}

/* Returns what must not be. (nullable) (transfer full) */
static char *
run_world (const SimOrder *order)
{
    g_autoptr (WorldTemplate) template = world_template_load (template_directory);
    World *world = world_new (template, order->directory, order->seed);
    char *failure;

    for (guint i = 0; i < WORLD_N_STEPS && !world->failure; i++) {
        if (!order->steps[i])
            continue;
        world_tell (world, "step %u", i);
        world_step (world, order->seed * 1000 + i);
    }
    if (!world->failure)
        world_check_end (world);
    if (order->told)
        printf ("%s", world->story->str);
    failure = g_strdup (world->failure);
    world_free (world);
    return failure;
}

static char *
live (const SimOrder *order)
{
    begin_process ();
    alarm (MAX_SECONDS);
    return run_world (order);
}

/* What each process would look for anew: none of it has a thread, or an idea of the time. */
static void
warm_up (void)
{
    g_autoptr (SoupSession) session = soup_session_new ();

    g_tls_backend_get_default ();
    g_network_monitor_get_default ();
}

static void
begin_template (void)
{
    pid_t pid;
    int status;

    warm_up ();
    template_directory = directory_new_in_memory ();
    pid = fork ();
    g_assert_cmpint (pid, >=, 0);
    if (pid == 0) {
        begin_process ();
        world_template_make (template_directory);
        _exit (0);
    }
    waitpid (pid, &status, 0);
    g_assert_cmpint (status, ==, 0);
}

/* ------------------------------------------------------------------ shrinking */

static gboolean
fails (SimNursery *nursery, guint32 seed, const gboolean *steps)
{
    g_autofree char *failure = NULL;

    sim_nursery_order (nursery, seed, steps, FALSE);
    failure = sim_nursery_take (nursery);
    return failure != NULL;
}

/* Leaves out what can be left out: first halves, then quarters, at last single steps. */
static void
shrink (SimNursery *nursery, guint32 seed, gboolean *steps)
{
    for (guint size = WORLD_N_STEPS / 2; size > 0; size /= 2) {
        for (guint begin = 0; begin < WORLD_N_STEPS; begin += size) {
            gboolean without[WORLD_N_STEPS];
            gboolean fewer = FALSE;

            for (guint i = 0; i < WORLD_N_STEPS; i++) {
                gboolean out = i >= begin && i < begin + size;

                without[i] = steps[i] && !out;
                fewer = fewer || (steps[i] && out);
            }
            if (fewer && fails (nursery, seed, without))
                memcpy (steps, without, sizeof without);
        }
    }
}

static void
tell (SimNursery *nursery, guint32 seed, gboolean *steps)
{
    g_autoptr (GString) list = g_string_new (NULL);
    g_autofree char *failure = NULL;

    sim_nursery_order (nursery, seed, steps, TRUE);
    failure = sim_nursery_take (nursery);
    for (guint i = 0; i < WORLD_N_STEPS; i++) {
        if (steps[i])
            g_string_append_printf (list, "%s%u", list->len ? "," : "", i);
    }
    printf ("--seed %u --steps %s\n%s\n", seed, list->str, failure ? failure : "it holds");
}

/* ------------------------------------------------------------------ all of them */

static void
take_all (gboolean *steps)
{
    for (guint i = 0; i < WORLD_N_STEPS; i++)
        steps[i] = TRUE;
}

/* Tells of each that fails, and shrinks the first. */
static void
take (SimNursery *nursery)
{
    guint32 seed = nursery->order.seed;
    g_autofree char *failure = sim_nursery_take (nursery);
    gboolean steps[WORLD_N_STEPS];

    if (!failure)
        return;
    g_test_message ("seed %u: %s", seed, failure);
    if (!g_test_failed () && !quick) {
        take_all (steps);
        shrink (nursery, seed, steps);
        tell (nursery, seed, steps);
    }
    g_test_fail ();
}

static guint32
get_seed (guint i)
{
    return i < G_N_ELEMENTS (FAILED_ONCE) ? FAILED_ONCE[i]
                                          : first_seed + i - G_N_ELEMENTS (FAILED_ONCE);
}

static void
test_worlds (void)
{
    const char *wanted = g_getenv ("BUREAU_SEEDS");
    guint count = (wanted ? atoi (wanted) : N_SEEDS) + G_N_ELEMENTS (FAILED_ONCE);
    gboolean steps[WORLD_N_STEPS];

    take_all (steps);
    for (guint i = 0; i < count + N_PROCESSES; i++) {
        SimNursery *nursery = &nurseries[i % N_PROCESSES];

        if (quick && g_test_failed ())
            count = MIN (count, i);

        if (i >= N_PROCESSES && i - N_PROCESSES < count)
            take (nursery);
        if (i < count)
            sim_nursery_order (nursery, get_seed (i), steps, FALSE);
    }
    g_test_message ("%u worlds of %u steps", count, WORLD_N_STEPS);
}

static void
read_steps (gboolean *steps)
{
    g_auto (GStrv) numbers = g_strsplit (only_steps, ",", -1);

    memset (steps, 0, WORLD_N_STEPS * sizeof *steps);
    for (guint i = 0; numbers[i]; i++)
        steps[atoi (numbers[i]) % WORLD_N_STEPS] = TRUE;
}

/* Tables are walked in the order of their keys' addresses, which must be the same each time. */
static void
fix_addresses (char **argv)
{
    int now = personality (0xffffffff);

    if (now & ADDR_NO_RANDOMIZE || personality (now | ADDR_NO_RANDOMIZE) == -1)
        return;
    execv ("/proc/self/exe", argv);
}

int
main (int argc, char **argv)
{
    g_autoptr (GOptionContext) context = g_option_context_new (NULL);
    gboolean steps[WORLD_N_STEPS];
    int result = 0;

    fix_addresses (argv);
    g_option_context_add_main_entries (context, OPTIONS, NULL);
    g_option_context_set_ignore_unknown_options (context, TRUE);
    if (!g_option_context_parse (context, &argc, &argv, NULL))
        return 2;
    begin_template ();
    sim_nurseries_begin (nurseries, N_PROCESSES, live);
    if (only_seed >= 0) {
        take_all (steps);
        if (only_steps)
            read_steps (steps);
        else if (fails (&nurseries[0], only_seed, steps))
            shrink (&nurseries[0], only_seed, steps);
        tell (&nurseries[0], only_seed, steps);
    } else {
        g_test_init (&argc, &argv, NULL);
        g_test_set_nonfatal_assertions ();
        g_test_add_func ("/sim/worlds", test_worlds);
        result = g_test_run ();
    }
    directory_free (template_directory);
    return result;
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "sim-nursery.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test-directory.h"

static void
be_born (const SimOrder *order, SimLife live, int failures)
{
    char *failure;

    prctl (PR_SET_PDEATHSIG, SIGKILL);
    failure = live (order);
    dprintf (failures, "%s", failure ? failure : "");
    fflush (stdout);
    _exit (0);
}

static void
nurse (const SimNursery *nursery, SimLife live)
{
    static SimOrder order;
    const char end = 0;
    pid_t pid;
    int status;

    prctl (PR_SET_PDEATHSIG, SIGKILL);
    while (read (nursery->orders[0], &order, sizeof order) == sizeof order) {
        pid = fork ();
        if (pid == 0)
            be_born (&order, live, nursery->failures[1]);
        waitpid (pid, &status, 0);
        if (write (nursery->failures[1], &end, sizeof end) < 0 ||
            write (nursery->failures[1], &status, sizeof status) < 0)
            break;
    }
    _exit (1);
}

void
sim_nurseries_begin (SimNursery *nurseries, guint n, SimLife live)
{
    for (guint i = 0; i < n; i++) {
        g_assert_cmpint (pipe (nurseries[i].orders), ==, 0);
        g_assert_cmpint (pipe (nurseries[i].failures), ==, 0);
    }
    fflush (stdout);
    for (guint i = 0; i < n; i++) {
        pid_t pid = fork ();

        g_assert_cmpint (pid, >=, 0);
        if (pid == 0)
            nurse (&nurseries[i], live);
    }
}

void
sim_nursery_order (SimNursery *nursery, guint32 seed, const gboolean *steps, gboolean told)
{
    g_autofree char *directory = directory_new_in_memory ();
    SimOrder *order = &nursery->order;

    fflush (stdout);
    order->seed = seed;
    order->told = told;
    memcpy (order->steps, steps, sizeof order->steps);
    g_strlcpy (order->directory, directory, sizeof order->directory);
    g_assert_cmpint (write (nursery->orders[1], order, sizeof *order), ==, sizeof *order);
}

char *
sim_nursery_take (SimNursery *nursery)
{
    GString *failure = g_string_new (NULL);
    int status = -1;
    char byte;

    while (read (nursery->failures[0], &byte, 1) == 1 && byte != 0)
        g_string_append_c (failure, byte);
    g_assert_cmpint (read (nursery->failures[0], &status, sizeof status), ==, sizeof status);
    directory_remove (nursery->order.directory);
    if (status != 0)
        g_string_append_printf (failure, " (it died, status %d)", status);
    return g_string_free (failure, failure->len == 0);
}

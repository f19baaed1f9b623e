/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "victim.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* µs between an answer and the next question */
#define PAUSE 1000

BureauServerOptions
victim_options (guint connections)
{
    BureauServerOptions options = bureau_server_default_options;

    options.max_connections = connections;
    options.max_connections_per_address = connections;
    options.max_waiting = connections;
    options.max_waiting_per_address = connections;
    return options;
}

/* ------------------------------------------------------------------ the hub's process */

static gboolean
on_let_go (int fd, GIOCondition condition, gpointer data)
{
    g_main_loop_quit (data);
    return G_SOURCE_REMOVE;
}

static void
serve (const BureauServerOptions *options, int leash, int ready)
{
    g_autoptr (GMainContext) context = g_main_context_new ();
    g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
    g_autoptr (GSource) source = g_unix_fd_source_new (leash, G_IO_HUP);
    Fixture fixture = { 0 };

    /* The default one's descriptor is the test's as well. */
    g_main_context_push_thread_default (context);
    g_source_set_callback (source, G_SOURCE_FUNC (on_let_go), loop, NULL);
    g_source_attach (source, context);
    fixture_set_up_with (&fixture, *options);
    dprintf (ready, "%s\n", fixture.uri);
    g_main_loop_run (loop);
    fixture_tear_down (&fixture, NULL);
    g_main_context_pop_thread_default (context);
}

static char *
read_line (int fd)
{
    FILE *file = fdopen (fd, "r");
    char line[100];

    g_assert_nonnull (fgets (line, sizeof line, file));
    fclose (file);
    return g_strdup (g_strchomp (line));
}

static void
start (Victim *victim, const BureauServerOptions *options)
{
    int leash[2], ready[2];

    g_assert_true (g_unix_open_pipe (leash, FD_CLOEXEC, NULL));
    g_assert_true (g_unix_open_pipe (ready, FD_CLOEXEC, NULL));
    fflush (NULL);
    victim->pid = fork ();
    g_assert_cmpint (victim->pid, >=, 0);
    if (victim->pid == 0) {
        prctl (PR_SET_PDEATHSIG, SIGKILL);
        close (leash[1]);
        serve (options, leash[0], ready[1]);
        exit (EXIT_SUCCESS);
    }
    close (leash[0]);
    close (ready[1]);
    victim->leash = leash[1];
    victim->uri = read_line (ready[0]);
}

static void
stop (Victim *victim)
{
    int status;

    close (victim->leash);
    g_assert_cmpint (waitpid (victim->pid, &status, 0), ==, victim->pid);
    g_assert_cmpint (status, ==, 0);
    g_free (victim->uri);
}

/* ------------------------------------------------------------------ the neighbour */

static void
expect_answer (RawClient *client, const char *answer)
{
    for (;;) {
        g_autofree char *text = raw_client_read_text (client);

        if (g_str_equal (text, answer))
            return;
        g_assert_cmpstr (text, ==, "2");
        raw_client_send_text (client, "3");
    }
}

static gint64
ask (RawClient *client, guint number)
{
    g_autofree char *question = g_strdup_printf ("42%u[\"work\",{\"n\":%u}]", number, number);
    g_autofree char *answer = g_strdup_printf ("43%u[{\"n\":%u}]", number, number);
    gint64 begun = g_get_monotonic_time ();

    raw_client_send_text (client, question);
    expect_answer (client, answer);
    return g_get_monotonic_time () - begun;
}

static gpointer
work (gpointer data)
{
    Victim *victim = data;
    g_autoptr (RawClient) client = raw_client_sign_in (victim->uri, NULL);

    g_mutex_lock (&victim->mutex);
    while (!victim->done) {
        gint64 took;

        g_mutex_unlock (&victim->mutex);
        took = ask (client, victim->answers);
        g_mutex_lock (&victim->mutex);
        victim->slowest = MAX (victim->slowest, took);
        victim->answers++;
        g_cond_broadcast (&victim->changed);
        g_cond_wait_until (&victim->changed, &victim->mutex, g_get_monotonic_time () + PAUSE);
    }
    g_mutex_unlock (&victim->mutex);
    return NULL;
}

void
victim_expect_well (Victim *victim)
{
    gint64 deadline = g_get_monotonic_time () + RAW_PATIENCE;
    guint enough;

    g_mutex_lock (&victim->mutex);
    /* The next may have been asked before. */
    enough = victim->answers + 2;
    while (victim->answers < enough)
        g_assert_true (g_cond_wait_until (&victim->changed, &victim->mutex, deadline));
    g_mutex_unlock (&victim->mutex);
}

/* ------------------------------------------------------------------ life */

void
victim_set_up (Victim *victim, gconstpointer options)
{
    BureauServerOptions usual = victim_options (1000);

    g_mutex_init (&victim->mutex);
    g_cond_init (&victim->changed);
    start (victim, options == NULL ? &usual : options);
    victim->neighbour = g_thread_new ("neighbour", work, victim);
    victim_expect_well (victim);
}

void
victim_tear_down (Victim *victim, gconstpointer options)
{
    victim_expect_well (victim);
    g_mutex_lock (&victim->mutex);
    victim->done = TRUE;
    g_cond_broadcast (&victim->changed);
    g_mutex_unlock (&victim->mutex);
    g_thread_join (victim->neighbour);
    g_test_minimized_result (victim->slowest / 1000.0, "slowest of %u answers: %.1f ms",
                             victim->answers, victim->slowest / 1000.0);
    stop (victim);
    g_mutex_clear (&victim->mutex);
    g_cond_clear (&victim->changed);
}

/* ------------------------------------------------------------------ what it takes up */

/* A line of /proc/PID/status, in bytes. */
static gsize
read_status (Victim *victim, const char *name)
{
    g_autofree char *path = g_strdup_printf ("/proc/%d/status", victim->pid);
    g_autofree char *text = NULL;
    const char *line;

    g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
    line = strstr (text, name);
    g_assert_nonnull (line);
    return g_ascii_strtoull (line + strlen (name) + strspn (line + strlen (name), ": \t"), NULL,
                             10) *
           1024;
}

gsize
victim_mark_memory (Victim *victim)
{
    g_autofree char *path = g_strdup_printf ("/proc/%d/clear_refs", victim->pid);
    FILE *file = fopen (path, "w");

    /* The mark of high water only: proc(5). */
    g_assert_nonnull (file);
    g_assert_cmpint (fputs ("5", file), >=, 0);
    fclose (file);
    return read_status (victim, "VmRSS");
}

void
victim_expect_memory (Victim *victim, gsize mark, gsize bytes)
{
    gsize most = read_status (victim, "VmHWM");

    g_test_message ("%.1f MiB, at most %.1f MiB more", mark / 1048576.0,
                    ((gssize) most - (gssize) mark) / 1048576.0);
#ifndef __SANITIZE_ADDRESS__
    g_assert_cmpuint (most, <=, mark + bytes);
#endif
}

guint
victim_count_descriptors (Victim *victim)
{
    g_autofree char *path = g_strdup_printf ("/proc/%d/fd", victim->pid);
    g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
    guint count = 0;

    while (g_dir_read_name (directory) != NULL)
        count++;
    return count;
}

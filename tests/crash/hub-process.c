/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hub-process.h"

#include <signal.h>
#include <sys/prctl.h>

static GStrv
make_command (Office *office, const char *const *options)
{
    g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

    g_strv_builder_add_many (builder, g_getenv ("BUREAU_HUB"), "--data", office->directory,
                             "--listen", office->listen, NULL);
    if (options)
        g_strv_builder_addv (builder, (const char **) options);
    return g_strv_builder_end (builder);
}

/* A test that fails leaves no hub behind. */
static void
end_with_parent (gpointer data)
{
    prctl (PR_SET_PDEATHSIG, SIGKILL);
}

GSubprocess *
hub_process_start (Office *office, const char *const *options)
{
    g_auto (GStrv) command = make_command (office, options);
    g_autoptr (GDataInputStream) output = NULL;
    g_autoptr (GAsyncResult) result = NULL;
    g_autofree char *line = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
        G_SUBPROCESS_FLAGS_STDOUT_PIPE);
    GSubprocess *hub;

    g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
    hub = g_subprocess_launcher_spawnv (launcher, (const char *const *) command, &error);
    g_assert_no_error (error);
    output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (hub));
    g_data_input_stream_read_line_async (output, G_PRIORITY_DEFAULT, NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    line = g_data_input_stream_read_line_finish (output, result, NULL, &error);
    g_assert_no_error (error);
    g_assert_true (line && g_str_has_prefix (line, "ready "));
    return hub;
}

void
hub_process_end (GSubprocess *hub, int number)
{
    g_autoptr (GAsyncResult) result = NULL;

    g_subprocess_send_signal (hub, number);
    g_subprocess_wait_async (hub, NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    g_object_unref (hub);
}

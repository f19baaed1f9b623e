/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-timer.h"

static void
attach (GSource *timer, GSourceFunc callback, gpointer data)
{
    g_source_set_callback (timer, callback, data, NULL);
    g_source_attach (timer, g_main_context_get_thread_default ());
}

void
bureau_timer_start (GSource **timer, guint ms, GSourceFunc callback, gpointer data)
{
    bureau_timer_stop (timer);
    *timer = g_timeout_source_new (ms);
    attach (*timer, callback, data);
}

void
bureau_timer_start_seconds (GSource **timer, guint seconds, GSourceFunc callback, gpointer data)
{
    bureau_timer_stop (timer);
    *timer = g_timeout_source_new_seconds (seconds);
    attach (*timer, callback, data);
}

void
bureau_timer_stop (GSource **timer)
{
    if (*timer != NULL)
        g_source_destroy (*timer);
    g_clear_pointer (timer, g_source_unref);
}

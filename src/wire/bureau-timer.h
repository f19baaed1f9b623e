/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Timers of the thread's own main context, each kept by whoever it is for, (owned) (nullable). One
 * whose callback has returned G_SOURCE_REMOVE is still to be stopped, before it or then. */

/* Calls @callback each so many milliseconds, or seconds, from then on. What @timer
 * was before is stopped. */
void bureau_timer_start (GSource **timer, guint ms, GSourceFunc callback, gpointer data);
void bureau_timer_start_seconds (GSource **timer, guint seconds, GSourceFunc callback,
                                 gpointer data);
/* What has not been started is fine as well. */
void bureau_timer_stop (GSource **timer);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* When this machine wakes up from sleep: what it was connected to has gone meanwhile. Two say so,
 * and either will do: logind, where there is a system bus that one may listen to, and the clocks,
 * of which one goes on in sleep and one does not. */
typedef struct _BureauSleepWatch BureauSleepWatch;

/* It has woken up; once for each sleep, whoever says so first. */
typedef void (*BureauWoken) (gpointer data);

/* In the main context that is the thread's default. @woken is never called at once, nor after the
 * watch is freed. (transfer full) */
BureauSleepWatch *bureau_sleep_watch_new (BureauWoken woken, gpointer data);
void bureau_sleep_watch_free (BureauSleepWatch *self);

G_END_DECLS

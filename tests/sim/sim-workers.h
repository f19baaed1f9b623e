/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Threads take turns. A replica's does what waits for it when it is told to; any other is begun and
 * waited for in one go. Nobody else does anything meanwhile. */

/* Lets each do all its jobs, one thread after another. */
void sim_workers_settle (void);

G_END_DECLS

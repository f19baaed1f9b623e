/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Time that nobody waits for. From sim_time_begin() on, all clocks of this process stand still
 * while anything is to be done, and go on by just so much as the next timer of the default main
 * context asks for when nothing is. Both clocks begin at the same moment whatever the day. */
void sim_time_begin (void);

/* As if the machine had slept: both clocks are later by so much. */
void sim_time_sleep (gint64 milliseconds);
/* Somebody sets the clock: the wall's is other than it was by so much. */
void sim_time_set_wall (gint64 milliseconds);

G_END_DECLS

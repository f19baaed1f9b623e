/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The clocks of this process go as they always do, but for what a test leaves out: so nobody sleeps
 * through ten minutes. What is due by then is due at once; a thread that waits in the kernel finds
 * it out when it is woken. */
void test_clock_skip (gint64 milliseconds);
/* As if the machine slept: the clock that counts what it has been awake for stands still. */
void test_clock_sleep (gint64 milliseconds);

G_END_DECLS

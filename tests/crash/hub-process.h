/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "fixture.h"

G_BEGIN_DECLS

/* Serves a stopped office by a bureau-hub of its own, the one that BUREAU_HUB names, at the address
 * the office has had. @options: NULL-terminated (nullable). Waits until it is ready. (transfer
 * full) */
GSubprocess *hub_process_start (Office *office, const char *const *options);
/* Sends it @number, waits for its end and drops it. */
void hub_process_end (GSubprocess *hub, int number);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-rung.h"

G_BEGIN_DECLS

/* The lowest rung, where nothing live gets through: each command is a POST, and every 10 s, and
 * after each command, the hub is asked where the logs of one's rooms stand, and for what is new in
 * them. What it answers is told in the words of a live connection: what one has missed, sync:ready,
 * what comes then, and sync:heads at the end of each round. Who is there can't be known. */
#define BUREAU_TYPE_REST_RUNG (bureau_rest_rung_get_type ())
G_DECLARE_FINAL_TYPE (BureauRestRung, bureau_rest_rung, BUREAU, REST_RUNG, BureauRung)

/* See bureau_rung_open(). */
void bureau_rest_rung_open (BureauCredentials *credentials, JsonObject *auth,
                            GCancellable *cancellable, BureauRungOpened opened, gpointer data);

G_END_DECLS

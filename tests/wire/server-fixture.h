/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-server.h"
#include "raw-client.h"

G_BEGIN_DECLS

/* A server on a free port with a small hub behind it, which keeps what it was told.
 *
 * CONNECT with {"refuse":…} is refused, with {"wait":…} left waiting, all else is taken into the
 * room "all";
 * {"greet":…} gets two events at once. Events: join ROOM, leave ROOM, to "ROOM ROOM…", others (to
 * all but itself), to-and-leave, to-me-and-leave, close; all are acknowledged with their argument.
 *
 * Requests: /api/length is answered with its body's length, /wide with FIXTURE_WIDE bytes, /wait is
 * kept for the test to answer, /known comes from somebody who is, all else gets "0123456789".
 */
#define FIXTURE_WIDE 65536

typedef struct {
    BureauServer *server;
    char *uri;
    guint turns;
    guint events;
    guint closed;
    guint troubles;
    guint accepted;
    guint destroyed;
    char *last_reason;
    char *last_address;
    char *last_authorization;
    BureauConnection *last;
    guint requests;
    BureauExchange *exchange; /* (owned) (nullable): the last for /wait */
} Fixture;

void fixture_set_up (Fixture *fixture, gconstpointer data);
void fixture_set_up_with (Fixture *fixture, BureauServerOptions options);
/* With no patience: pings each 60 ms, 100 ms to ask, 100 ms to sign in. */
void fixture_set_up_hasty (Fixture *fixture, gconstpointer data);
void fixture_tear_down (Fixture *fixture, gconstpointer data);

G_END_DECLS

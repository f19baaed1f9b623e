/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-server.h"

G_BEGIN_DECLS

/* A hub that does whatever its clients say, through every function a hub has.
 *
 * CONNECT with {"refuse":…} is refused, with {"wait":…} left waiting, all else is taken, recovered
 * if it can be, and in "/" put into the room "all". An event is what its name says, see owner.c;
 * what has an id is acknowledged with what came. HTTP: all is answered with its body, below /later
 * only by owner_answer_late(). A plain session gets back what it sent. */
typedef struct {
    BureauServer *server;
    GQueue later;   /* (element-type BureauExchange) (owned) */
    guint asked;    /* acknowledgements, … */
    guint answered; /* … those that came, or never will */
    guint joined;   /* connections with data, … */
    guint gone;     /* … those whose data was destroyed */
} Owner;

extern const BureauServerHooks owner_hooks;

void owner_answer_late (Owner *owner);
/* Once the server is gone: nobody was forgotten. */
void owner_check (Owner *owner);

G_END_DECLS

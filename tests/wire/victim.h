/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "server-fixture.h"

G_BEGIN_DECLS

/* A hub in a process of its own, to be mistreated; and somebody next door who works with it all the
 * while, asking one thing after the other: whom nobody else may keep waiting. */
typedef struct {
    char *uri;
    GPid pid;
    int leash; /* the hub ends when it is let go */
    GThread *neighbour;
    GMutex mutex;
    GCond changed;
    gboolean done;  /* under the mutex, as what follows */
    guint answers;  /* that the neighbour has had */
    gint64 slowest; /* µs that one of them took */
} Victim;

/* @options: BureauServerOptions, NULL for more connections from here than there usually may be. */
void victim_set_up (Victim *victim, gconstpointer options);
/* The hub is still there, leaves well, and has left nothing lying about; says how slow it was. */
void victim_tear_down (Victim *victim, gconstpointer options);

/* The options for that many connections from here. */
BureauServerOptions victim_options (guint connections);

/* The neighbour is still served. */
void victim_expect_well (Victim *victim);
/* Forgets the most memory that there was, and returns how much there is: bytes. */
gsize victim_mark_memory (Victim *victim);
/* There was at no time since more than @bytes more than @mark. Under a sanitizer, which never gives
 * memory back, there may be. */
void victim_expect_memory (Victim *victim, gsize mark, gsize bytes);
guint victim_count_descriptors (Victim *victim);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "world.h"

G_BEGIN_DECLS

/* A process that has the worlds, one after another, each in a process of its own that may die of
 * it. Between two of them it takes nothing from the heap and opens no file, so that a world finds
 * the same addresses and descriptors, whichever came before it: tables are walked in their order.
 */

typedef struct {
    guint32 seed;
    gboolean steps[WORLD_N_STEPS]; /* which of them */
    gboolean told;                 /* its story goes to stdout */
    char directory[64];            /* there and empty */
} SimOrder;

/* In the world's process. Returns what must not be. (nullable) (transfer full) */
typedef char *(*SimLife) (const SimOrder *order);

typedef struct {
    int orders[2], failures[2]; /* pipes */
    SimOrder order;             /* the last */
} SimNursery;

/* Begins @n of them. They die with this process. */
void sim_nurseries_begin (SimNursery *nurseries, guint n, SimLife live);
void sim_nursery_order (SimNursery *nursery, guint32 seed, const gboolean *steps, gboolean told);
/* Waits for the world that was ordered. Returns what was wrong. (nullable) (transfer full) */
char *sim_nursery_take (SimNursery *nursery);

G_END_DECLS

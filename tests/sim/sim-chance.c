/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "sim-chance.h"

#include <sodium.h>

static GMutex mutex;
static GRand *chance;

static guint32
draw (void)
{
    g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

    return g_rand_int (chance);
}

static void
fill (void *buffer, size_t length)
{
    guint8 *bytes = buffer;

    for (size_t i = 0; i < length; i++)
        bytes[i] = draw () >> 8;
}

static const char *
get_name (void)
{
    return "simulation";
}

static randombytes_implementation implementation = {
    .implementation_name = get_name,
    .random = draw,
    .buf = fill,
};

void
sim_chance_begin (guint32 seed)
{
    g_clear_pointer (&chance, g_rand_free);
    chance = g_rand_new_with_seed (seed);
    g_random_set_seed (seed);
    randombytes_set_implementation (&implementation);
}

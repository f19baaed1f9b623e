/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The C library's clocks are replaced by giving their names to functions of this program's own. */

#include "sim-time.h"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* 2026-03-02 09:00 UTC, a Monday; and a machine that has been up for an hour. */
#define FIRST_WALL      G_GINT64_CONSTANT (1772442000000000)
#define FIRST_MONOTONIC G_GINT64_CONSTANT (3600000000)

/* µs; the replicas' threads read the time too, but only while the main one waits for them. */
static gboolean is_virtual;
static gint64 monotonic, wall;

static gint64
read_clock (clockid_t clock)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI:
        return wall;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
        return monotonic;
    default:
        return -1;
    }
}

int
clock_gettime (clockid_t clock, struct timespec *time)
{
    gint64 now = is_virtual ? read_clock (clock) : -1;

    if (now < 0)
        return syscall (SYS_clock_gettime, clock, time);
    time->tv_sec = now / G_USEC_PER_SEC;
    time->tv_nsec = now % G_USEC_PER_SEC * 1000;
    return 0;
}

int
gettimeofday (struct timeval *restrict value, void *restrict zone)
{
    struct timespec now;

    clock_gettime (CLOCK_REALTIME, &now);
    value->tv_sec = now.tv_sec;
    value->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t
time (time_t *place)
{
    struct timespec now;

    clock_gettime (CLOCK_REALTIME, &now);
    if (place)
        *place = now.tv_sec;
    return now.tv_sec;
}

/* What is sent has arrived when the call that sent it returns (sim-sockets.c): where nothing is
 * ready now, nothing will be before the next timer. A turn takes a µs: by the time GTask tells
 * whether it is still the one in which a task was begun. */
static int
poll_virtually (GPollFD *descriptors, guint count, int timeout)
{
    int ready = poll ((struct pollfd *) descriptors, count, 0);

    monotonic++;
    wall++;

    if (ready == 0 && timeout > 0)
        sim_time_sleep (timeout);
    return ready;
}

void
sim_time_begin (void)
{
    is_virtual = TRUE;
    monotonic = FIRST_MONOTONIC;
    wall = FIRST_WALL;
    g_main_context_set_poll_func (NULL, poll_virtually);
}

void
sim_time_sleep (gint64 milliseconds)
{
    monotonic += milliseconds * 1000;
    wall += milliseconds * 1000;
}

void
sim_time_set_wall (gint64 milliseconds)
{
    wall += milliseconds * 1000;
}

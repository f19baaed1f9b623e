/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The C library's clocks are replaced by giving their names to functions of this program's own; as
 * a module that is loaded before it, those of any program. Then what it leaves out stands in the
 * file that BUREAU_TEST_CLOCK names: eight bytes, milliseconds. */

#include "test-clock.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static _Atomic gint64 own;
static _Atomic gint64 *skipped = &own; /* ms */
static _Atomic gint64 slept;           /* ms */

__attribute__ ((constructor)) static void
find_file (void)
{
    const char *path = getenv ("BUREAU_TEST_CLOCK");
    int fd = path ? open (path, O_RDONLY | O_CLOEXEC) : -1;
    void *place = fd < 0 ? MAP_FAILED : mmap (NULL, sizeof *skipped, PROT_READ, MAP_SHARED, fd, 0);

    if (place != MAP_FAILED)
        skipped = place;
    if (fd >= 0)
        close (fd);
}

/* In ms. */
static gint64
get_lead (clockid_t clock)
{
    switch (clock) {
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID:
        return 0;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_MONOTONIC_RAW:
        return atomic_load (skipped);
    default:
        return atomic_load (skipped) + atomic_load (&slept);
    }
}

int
clock_gettime (clockid_t clock, struct timespec *now)
{
    int result = syscall (SYS_clock_gettime, clock, now);
    gint64 ms = get_lead (clock);

    if (result != 0)
        return result;
    now->tv_sec += ms / 1000;
    now->tv_nsec += ms % 1000 * 1000000;
    now->tv_sec += now->tv_nsec / 1000000000;
    now->tv_nsec %= 1000000000;
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

void
test_clock_skip (gint64 milliseconds)
{
    atomic_fetch_add (&own, milliseconds);
}

void
test_clock_sleep (gint64 milliseconds)
{
    atomic_fetch_add (&slept, milliseconds);
}

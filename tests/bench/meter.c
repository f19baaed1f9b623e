/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "meter.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S G_GUINT64_CONSTANT (1000000000)
#define SUB      64

static guint64
read_clock (clockid_t clock)
{
    struct timespec time;

    if (clock_gettime (clock, &time) != 0)
        return 0;
    return (guint64) time.tv_sec * NS_PER_S + (guint64) time.tv_nsec;
}

guint64
meter_now (void)
{
    return read_clock (CLOCK_MONOTONIC);
}

/* ------------------------------------------------------------------ histogram */

static guint
bucket_of (guint64 duration)
{
    guint exponent;

    if (duration < SUB)
        return (guint) duration;
    exponent = 63 - (guint) __builtin_clzll (duration);
    return MIN ((exponent - 5) * SUB + (guint) ((duration >> (exponent - 6)) & (SUB - 1)),
                HISTOGRAM_BUCKETS - 1);
}

static guint64
middle_of (guint bucket)
{
    guint exponent = bucket / SUB + 5;

    if (bucket < SUB)
        return bucket;
    return ((guint64) (SUB + bucket % SUB) << (exponent - 6)) + ((guint64) 1 << (exponent - 6)) / 2;
}

void
histogram_add (Histogram *histogram, guint64 duration)
{
    histogram->buckets[bucket_of (duration)]++;
    histogram->count++;
    histogram->max = MAX (histogram->max, duration);
}

double
histogram_percentile (const Histogram *histogram, double share)
{
    guint64 wanted = MAX (1, (guint64) (share * (double) histogram->count + 0.5));
    guint64 seen = 0;

    if (histogram->count == 0)
        return 0;
    for (guint i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if (seen >= wanted)
            return (double) MIN (middle_of (i), histogram->max) / 1000;
    }
    return (double) histogram->max / 1000;
}

/* ------------------------------------------------------------------ processes */

/* A small file of /proc, cut at the buffer's size; empty if it can't be read. */
static void
read_file (pid_t pid, const char *name, char *text, gsize size)
{
    char path[64];
    FILE *file;
    gsize got = 0;

    g_snprintf (path, sizeof path, "/proc/%d/%s", (int) pid, name);
    file = fopen (path, "re");
    if (file != NULL) {
        got = fread (text, 1, size - 1, file);
        fclose (file);
    }
    text[got] = '\0';
}

/* utime and stime are counted in ticks, and scaled from what clock_getcpuclockid() tells exactly.
 */
static double
read_system_time (pid_t pid)
{
    char text[1024];
    const char *behind_name;
    unsigned long system = 0;

    read_file (pid, "stat", text, sizeof text);
    behind_name = strrchr (text, ')');
    if (behind_name == NULL ||
        sscanf (behind_name + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %lu", &system) !=
            1)
        return 0;
    return (double) system / (double) sysconf (_SC_CLK_TCK);
}

gint64
process_read_rss (pid_t pid)
{
    char text[256];
    long pages = 0;

    if (pid == 0)
        return 0;
    read_file (pid, "statm", text, sizeof text);
    if (sscanf (text, "%*d %ld", &pages) != 1)
        return 0;
    return (gint64) pages * sysconf (_SC_PAGESIZE);
}

guint
process_count_descriptors (pid_t pid)
{
    char path[64];
    struct stat status;

    g_snprintf (path, sizeof path, "/proc/%d/fd", (int) pid);
    return pid != 0 && stat (path, &status) == 0 ? (guint) status.st_size : 0;
}

ProcessUsage
process_usage_read (pid_t pid)
{
    ProcessUsage usage = { 0 };
    clockid_t clock;

    if (pid == 0)
        return usage;
    if (clock_getcpuclockid (pid, &clock) == 0)
        usage.cpu = read_clock (clock);
    usage.system = read_system_time (pid);
    usage.rss = process_read_rss (pid);
    usage.descriptors = process_count_descriptors (pid);
    return usage;
}

guint64
process_own_cpu (void)
{
    return read_clock (CLOCK_PROCESS_CPUTIME_ID);
}

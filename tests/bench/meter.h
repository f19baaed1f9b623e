/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

/* What a measurement reads: the clock, a histogram of durations, another process. */

/* Monotonic, ns. */
guint64 meter_now (void);

/* Durations in ns, log-linear: 64 buckets for each power of two, so the error is below 1.6 %. */
#define HISTOGRAM_BUCKETS (64 * 42)
typedef struct {
    guint64 count;
    guint64 max;
    guint32 buckets[HISTOGRAM_BUCKETS];
} Histogram;

void histogram_add (Histogram *histogram, guint64 duration);
/* In µs; @share is 0.99 for p99. 0 if it is empty. */
double histogram_percentile (const Histogram *histogram, double share);

/* All zero if there is no such process, or no @pid was given. */
typedef struct {
    guint64 cpu;       /* ns, all its threads, user and system */
    double system;     /* s of it in the kernel, to the clock tick */
    gint64 rss;        /* bytes */
    guint descriptors; /* open; 0 before Linux 6.2 */
} ProcessUsage;

ProcessUsage process_usage_read (pid_t pid);
/* Only the memory: cheap enough to be read while it is measured. Bytes. */
gint64 process_read_rss (pid_t pid);
guint process_count_descriptors (pid_t pid);
/* CPU time of this process, ns. */
guint64 process_own_cpu (void);

G_END_DECLS

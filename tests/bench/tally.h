/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "meter.h"

G_BEGIN_DECLS

/* Which events were published, and how many receivers have seen each. Times are meter_now()'s. */

#define TALLY_RING 16384 /* events that may be on their way at once */

typedef struct {
    guint receivers;
    guint64 begin; /* of the time that is measured; G_MAXUINT64: not yet */
    guint64 end;
    guint32 first; /* that counts */
    guint32 published;
    guint32 complete;            /* have reached every receiver */
    guint64 deliveries;          /* of the measured time */
    guint64 complete_in_time;    /* the same */
    Histogram latencies;         /* of the events published in the measured time */
    Histogram last_latencies;    /* until the last receiver had it */
    guint32 reached[TALLY_RING]; /* receivers, by number of the event */
} Tally;

void tally_init (Tally *tally, guint receivers);
/* From now on it is measured, for @duration ns. */
void tally_begin (Tally *tally, guint64 now, guint64 duration);
/* Returns the event's number. */
guint32 tally_publish (Tally *tally);
void tally_arrive (Tally *tally, guint32 number, guint64 published, guint64 now);
guint32 tally_count_outstanding (const Tally *tally);
/* They may not reach everybody, since some have joined too late: they no longer count. */
void tally_forget_outstanding (Tally *tally);

/* An event carries its own number and time of publication, as a marker in one of its JSON strings:
 * whatever the server does with the JSON, the marker comes out whole. */
#define MARKER_LENGTH 28

void marker_append (GString *text, guint32 number, guint64 published);
/* @hint: where it was last time; -1 at first. FALSE if there is none. */
gboolean marker_find (const char *text, gsize length, gssize *hint, guint32 *number,
                      guint64 *published);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "tally.h"

#include <string.h>

#define MARKER_BEGIN "@LG"

void
tally_init (Tally *tally, guint receivers)
{
    memset (tally, 0, sizeof *tally);
    tally->receivers = receivers;
    tally->begin = tally->end = G_MAXUINT64;
}

void
tally_begin (Tally *tally, guint64 now, guint64 duration)
{
    tally->begin = now;
    tally->end = now + duration;
}

guint32
tally_publish (Tally *tally)
{
    guint32 number = tally->published++;

    tally->reached[number % TALLY_RING] = 0;
    return number;
}

void
tally_arrive (Tally *tally, guint32 number, guint64 published, guint64 now)
{
    gboolean in_time = now >= tally->begin && now < tally->end;
    gboolean was_in_time = published >= tally->begin && published < tally->end;

    if (number < tally->first)
        return;
    if (in_time)
        tally->deliveries++;
    if (was_in_time)
        histogram_add (&tally->latencies, now - published);
    if (++tally->reached[number % TALLY_RING] != tally->receivers)
        return;
    tally->complete++;
    if (in_time)
        tally->complete_in_time++;
    if (was_in_time)
        histogram_add (&tally->last_latencies, now - published);
}

guint32
tally_count_outstanding (const Tally *tally)
{
    return tally->published - tally->complete;
}

void
tally_forget_outstanding (Tally *tally)
{
    tally->first = tally->complete = tally->published;
}

/* ------------------------------------------------------------------ markers */

void
marker_append (GString *text, guint32 number, guint64 published)
{
    g_string_append_printf (text, MARKER_BEGIN "%016" G_GINT64_MODIFIER "x%08x@", published,
                            number);
}

static guint64
parse_hex (const char *digits, guint count)
{
    guint64 value = 0;

    for (guint i = 0; i < count; i++)
        value = value << 4 | (guint64) (digits[i] <= '9' ? digits[i] - '0' : digits[i] - 'a' + 10);
    return value;
}

gboolean
marker_find (const char *text, gsize length, gssize *hint, guint32 *number, guint64 *published)
{
    const char *marker = *hint >= 0 ? text + *hint : NULL;

    if (marker == NULL || (gsize) *hint + MARKER_LENGTH > length ||
        memcmp (marker, MARKER_BEGIN, strlen (MARKER_BEGIN)) != 0) {
        marker = memmem (text, length, MARKER_BEGIN, strlen (MARKER_BEGIN));
        if (marker == NULL || (gsize) (marker - text) + MARKER_LENGTH > length)
            return FALSE;
        *hint = marker - text;
    }
    *published = parse_hex (marker + 3, 16);
    *number = (guint32) parse_hex (marker + 19, 8);
    return TRUE;
}

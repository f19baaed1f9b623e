/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "widgets/bureau-due-text.h"

#include <glib/gi18n.h>

#include "bureau-instant.h"

static GDateTime *
day_of (gint64 instant, GTimeZone *zone)
{
    g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (instant / 1000);

    return g_date_time_to_timezone (utc, zone);
}

/* Days on the calendar from the one to the other: no hours, so no daylight saving. */
static int
days_between (GDateTime *from, GDateTime *to)
{
    g_autoptr (GDate) a = g_date_new_dmy (g_date_time_get_day_of_month (from),
                                          g_date_time_get_month (from),
                                          g_date_time_get_year (from));
    g_autoptr (GDate) b = g_date_new_dmy (g_date_time_get_day_of_month (to),
                                          g_date_time_get_month (to), g_date_time_get_year (to));

    return g_date_days_between (a, b);
}

/* (transfer full) */
static char *
day_to_text (GDateTime *day, GDateTime *today)
{
    int days = days_between (today, day);
    g_autofree char *text = NULL;

    if (days == -1)
        return g_strdup (_ ("Yesterday"));
    if (days == 0)
        return g_strdup (_ ("Today"));
    if (days == 1)
        return g_strdup (_ ("Tomorrow"));
    if (days > 1 && days < 7)
        return g_date_time_format (day, "%A");
    if (g_date_time_get_year (day) == g_date_time_get_year (today))
        /* Translators: a day of this year as a date format: "12 Nov". See "man strftime". */
        text = g_date_time_format (day, _ ("%-e %b"));
    else
        /* Translators: a day of another year as a date format: "12 Nov 2027". See "man strftime".
         */
        text = g_date_time_format (day, _ ("%-e %b %Y"));
    return g_steal_pointer (&text);
}

BureauDueNearness
bureau_due_get_nearness (const char *due, gint64 now, GTimeZone *zone)
{
    g_autoptr (GDateTime) day = due != NULL ? bureau_due_to_day (due, zone) : NULL;
    g_autoptr (GDateTime) today = NULL;
    int days;

    if (day == NULL)
        return BUREAU_DUE_NONE;
    today = day_of (now, zone);
    days = days_between (today, day);
    if (days < 0)
        return BUREAU_DUE_OVERDUE;
    if (days == 0)
        return BUREAU_DUE_TODAY;
    return days <= 7 ? BUREAU_DUE_SOON : BUREAU_DUE_LATER;
}

char *
bureau_due_to_text (const char *due, gint64 now, GTimeZone *zone)
{
    g_autoptr (GDateTime) day = due != NULL ? bureau_due_to_day (due, zone) : NULL;
    g_autoptr (GDateTime) today = NULL;
    gint64 instant;

    if (day == NULL)
        return NULL;
    instant = bureau_instant_from_string (due);
    if (instant != 0)
        return bureau_instant_to_text (instant, now, zone);
    today = day_of (now, zone);
    return day_to_text (day, today);
}

char *
bureau_due_in_days (int days, gint64 now, GTimeZone *zone)
{
    g_autoptr (GDateTime) today = day_of (now, zone);
    g_autoptr (GDateTime) day = g_date_time_add_days (today, days);

    return g_date_time_format (day, "%Y-%m-%d");
}

char *
bureau_instant_to_text (gint64 instant, gint64 now, GTimeZone *zone)
{
    g_autoptr (GDateTime) day = day_of (instant, zone);
    g_autoptr (GDateTime) today = day_of (now, zone);
    g_autofree char *text = day_to_text (day, today);
    /* Translators: a time of day as a format: "14:05". See "man strftime". */
    g_autofree char *time = g_date_time_format (day, _ ("%H:%M"));

    /* Translators: a day and a time: "Today, 14:05" */
    return g_strdup_printf (_ ("%s, %s"), text, time);
}

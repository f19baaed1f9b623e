/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-instant.h"

#include <string.h>

/* Reads @n_digits decimal digits and goes past them; -1 if they are not there. */
static int
read_digits (const char **text, guint n_digits)
{
    int value = 0;

    for (guint i = 0; i < n_digits; i++, (*text)++) {
        if (!g_ascii_isdigit (**text))
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

static gboolean
read_char (const char **text, const char *allowed)
{
    if (**text == '\0' || strchr (allowed, **text) == NULL)
        return FALSE;
    (*text)++;
    return TRUE;
}

/* full-date of RFC 3339, section 5.6 */
static gboolean
read_date (const char **text, int *year, int *month, int *day)
{
    return (*year = read_digits (text, 4)) > 0 && read_char (text, "-") &&
           (*month = read_digits (text, 2)) > 0 && read_char (text, "-") &&
           (*day = read_digits (text, 2)) > 0 &&
           g_date_valid_dmy ((GDateDay) *day, (GDateMonth) *month, (GDateYear) *year);
}

/* time-secfrac: milliseconds, what is finer is cut off */
static gboolean
read_fraction (const char **text, int *milliseconds)
{
    int weight = 100;

    *milliseconds = 0;
    if (!read_char (text, "."))
        return TRUE;
    if (!g_ascii_isdigit (**text))
        return FALSE;
    for (; g_ascii_isdigit (**text); (*text)++, weight /= 10)
        *milliseconds += (**text - '0') * weight;
    return TRUE;
}

/* time-offset, in minutes east of UTC */
static gboolean
read_offset (const char **text, int *minutes)
{
    int sign = **text == '-' ? -1 : 1;
    int hours, rest;

    *minutes = 0;
    if (read_char (text, "Zz"))
        return TRUE;
    if (!read_char (text, "+-") || (hours = read_digits (text, 2)) < 0 || hours > 23 ||
        !read_char (text, ":") || (rest = read_digits (text, 2)) < 0 || rest > 59)
        return FALSE;
    *minutes = sign * (hours * 60 + rest);
    return TRUE;
}

/* date-time of RFC 3339, section 5.6 */
static gboolean
parse_instant (const char *text, gint64 *instant)
{
    g_autoptr (GDateTime) time = NULL;
    int year, month, day, hour, minute, second, milliseconds, offset;

    if (!read_date (&text, &year, &month, &day) || !read_char (&text, "Tt ") ||
        (hour = read_digits (&text, 2)) < 0 || !read_char (&text, ":") ||
        (minute = read_digits (&text, 2)) < 0 || !read_char (&text, ":") ||
        (second = read_digits (&text, 2)) < 0 || !read_fraction (&text, &milliseconds) ||
        !read_offset (&text, &offset) || *text != '\0')
        return FALSE;
    /* A leap second may stand there; like everybody else we have no room for it. */
    if (hour > 23 || minute > 59 || second > 60)
        return FALSE;

    time = g_date_time_new_utc (year, month, day, hour, minute, MIN (second, 59));
    if (time == NULL)
        return FALSE;
    *instant = (g_date_time_to_unix (time) - offset * 60) * 1000 + milliseconds;
    return TRUE;
}

char *
bureau_instant_to_string (gint64 instant)
{
    g_autoptr (GDateTime) time = NULL;
    g_autofree char *seconds = NULL;
    gint64 milliseconds = ((instant % 1000) + 1000) % 1000;

    /* Far outside the years 1 to 9999, and where the subtraction below would overflow. */
    if (instant == 0 || instant < G_MININT64 + 1000)
        return NULL;
    time = g_date_time_new_from_unix_utc ((instant - milliseconds) / 1000);
    if (time == NULL)
        return NULL;
    return g_strdup_printf ("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", g_date_time_get_year (time),
                            g_date_time_get_month (time), g_date_time_get_day_of_month (time),
                            g_date_time_get_hour (time), g_date_time_get_minute (time),
                            g_date_time_get_second (time), (int) milliseconds);
}

gint64
bureau_instant_from_string (const char *text)
{
    gint64 instant;

    return text != NULL && parse_instant (text, &instant) ? instant : 0;
}

gboolean
bureau_due_is_valid (const char *due)
{
    g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
    g_autoptr (GDateTime) day = bureau_due_to_day (due, utc);

    return day != NULL;
}

GDateTime *
bureau_due_to_day (const char *due, GTimeZone *zone)
{
    g_autoptr (GDateTime) time = NULL;
    g_autoptr (GDateTime) local = NULL;
    const char *rest = due;
    int year, month, day;
    gint64 instant;

    if (due == NULL)
        return NULL;
    /* A date is the same day everywhere. */
    if (read_date (&rest, &year, &month, &day) && *rest == '\0')
        return g_date_time_new (zone, year, month, day, 0, 0, 0);
    if (!parse_instant (due, &instant))
        return NULL;

    time = g_date_time_new_from_unix_utc ((instant - (((instant % 1000) + 1000) % 1000)) / 1000);
    local = time != NULL ? g_date_time_to_timezone (time, zone) : NULL;
    if (local == NULL)
        return NULL;
    g_date_time_get_ymd (local, &year, &month, &day);
    return g_date_time_new (zone, year, month, day, 0, 0, 0);
}

char *
bureau_id_new (void)
{
    return g_uuid_string_random ();
}

gboolean
bureau_id_is_valid (const char *text)
{
    if (text == NULL || strlen (text) != 36)
        return FALSE;
    for (guint i = 0; i < 36; i++) {
        gboolean hyphen = i == 8 || i == 13 || i == 18 || i == 23;

        if (hyphen ? text[i] != '-' : !g_ascii_isxdigit (text[i]) || g_ascii_isupper (text[i]))
            return FALSE;
    }
    return TRUE;
}

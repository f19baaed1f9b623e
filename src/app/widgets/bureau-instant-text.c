/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "widgets/bureau-instant-text.h"

#include <glib/gi18n.h>

static GDateTime *
to_local (gint64 instant)
{
    g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (instant / 1000);

    return utc != NULL ? g_date_time_to_local (utc) : g_date_time_new_now_local ();
}

char *
bureau_instant_to_words (gint64 instant, gint64 now)
{
    g_autoptr (GDateTime) then = to_local (instant);
    g_autoptr (GDateTime) today = to_local (now);

    if (g_date_time_get_year (then) != g_date_time_get_year (today))
        /* Translators: a date and a time, as in “21 November 2025, 14:20” */
        return g_date_time_format (then, _ ("%-d %B %Y, %H:%M"));
    if (g_date_time_get_day_of_year (then) == g_date_time_get_day_of_year (today))
        /* Translators: a time of this day, within a sentence, as in “today, 14:20” */
        return g_date_time_format (then, _ ("today, %H:%M"));
    /* Translators: a date and a time, as in “21 November, 14:20” */
    return g_date_time_format (then, _ ("%-d %B, %H:%M"));
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hub/bureau-summary-text.h"

#include <glib/gi18n.h>

#include "widgets/bureau-instant-text.h"

char *
bureau_summary_to_words (const BureauHubSummary *summary)
{
    g_autofree char *when = bureau_instant_to_words (summary->at, g_get_real_time () / 1000);
    g_autofree char *tasks = g_strdup_printf (
        ngettext ("%d task", "%d tasks", (gulong) summary->tasks), (int) summary->tasks);
    g_autofree char *people = g_strdup_printf (
        ngettext ("%d person", "%d people", (gulong) summary->people), (int) summary->people);

    /* Translators: as in “From 12 November, 18:00: 240 tasks, 5 people.” */
    return g_strdup_printf (_ ("From %s: %s, %s."), when, tasks, people);
}

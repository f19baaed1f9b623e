/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib.h>

#include "bureau-instant.h"
#include "widgets/bureau-due-text.h"

static const struct {
    const char *now;
    const char *zone;
    const char *due;
    BureauDueNearness nearness;
    const char *text;
} cases[] = {
    { "2026-11-21T12:00:00Z", "UTC", NULL, BUREAU_DUE_NONE, NULL },
    { "2026-11-21T12:00:00Z", "UTC", "2026-11-20", BUREAU_DUE_OVERDUE, "Yesterday" },
    { "2026-11-21T00:00:00Z", "UTC", "2026-11-21", BUREAU_DUE_TODAY, "Today" },
    { "2026-11-21T23:59:59.999Z", "UTC", "2026-11-21", BUREAU_DUE_TODAY, "Today" },
    { "2026-11-21T12:00:00Z", "UTC", "2026-11-22", BUREAU_DUE_SOON, "Tomorrow" },
    { "2026-11-21T12:00:00Z", "UTC", "2026-11-27", BUREAU_DUE_SOON, "Friday" },
    /* A week from now is soon, and no longer called by its weekday: that would be today's. */
    { "2026-11-21T12:00:00Z", "UTC", "2026-11-28", BUREAU_DUE_SOON, "28 Nov" },
    { "2026-11-21T12:00:00Z", "UTC", "2026-11-29", BUREAU_DUE_LATER, "29 Nov" },
    { "2026-11-21T12:00:00Z", "UTC", "2026-11-01", BUREAU_DUE_OVERDUE, "1 Nov" },
    /* The ends of month, year and February. */
    { "2026-11-30T12:00:00Z", "UTC", "2026-12-01", BUREAU_DUE_SOON, "Tomorrow" },
    { "2026-12-31T12:00:00Z", "UTC", "2027-01-01", BUREAU_DUE_SOON, "Tomorrow" },
    { "2026-12-31T12:00:00Z", "UTC", "2027-02-03", BUREAU_DUE_LATER, "3 Feb 2027" },
    { "2028-02-28T12:00:00Z", "UTC", "2028-03-01", BUREAU_DUE_SOON, "Wednesday" },
    { "2027-02-28T12:00:00Z", "UTC", "2027-03-01", BUREAU_DUE_SOON, "Tomorrow" },
    /* The reader's day, not the hub's: half an hour past midnight in Berlin. */
    { "2026-11-20T23:30:00Z", "Europe/Berlin", "2026-11-21", BUREAU_DUE_TODAY, "Today" },
    { "2026-11-20T22:30:00Z", "Europe/Berlin", "2026-11-21", BUREAU_DUE_SOON, "Tomorrow" },
    { "2026-11-21T04:30:00Z", "America/New_York", "2026-11-21", BUREAU_DUE_SOON, "Tomorrow" },
    /* Days with 23 and 25 hours. */
    { "2026-03-28T23:30:00Z", "Europe/Berlin", "2026-03-30", BUREAU_DUE_SOON, "Tomorrow" },
    { "2026-10-24T22:30:00Z", "Europe/Berlin", "2026-10-26", BUREAU_DUE_SOON, "Tomorrow" },
    { "2026-10-25T22:30:00Z", "Europe/Berlin", "2026-10-25", BUREAU_DUE_TODAY, "Today" },
    /* An instant falls on a day of the reader's, and has a time. */
    { "2026-11-21T12:00:00Z", "UTC", "2026-11-21T14:05:00.000Z", BUREAU_DUE_TODAY, "Today, 14:05" },
    { "2026-11-21T12:00:00Z", "Europe/Berlin", "2026-11-21T23:30:00.000Z", BUREAU_DUE_SOON,
      "Tomorrow, 00:30" },
};

static void
test_table (void)
{
    for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (cases[i].zone);
        gint64 now = bureau_instant_from_string (cases[i].now);
        g_autofree char *text = NULL;

        if (zone == NULL) {
            g_test_message ("no zone %s here", cases[i].zone);
            continue;
        }
        text = bureau_due_to_text (cases[i].due, now, zone);
        g_test_message ("%s at %s in %s", cases[i].due, cases[i].now, cases[i].zone);
        g_assert_cmpstr (text, ==, cases[i].text);
        g_assert_cmpint (bureau_due_get_nearness (cases[i].due, now, zone), ==, cases[i].nearness);
    }
}

static void
assert_in_days (const char *now, int days, const char *expected)
{
    g_autoptr (GTimeZone) zone = g_time_zone_new_utc ();
    g_autofree char *date = bureau_due_in_days (days, bureau_instant_from_string (now), zone);

    g_assert_cmpstr (date, ==, expected);
}

static void
test_in_days (void)
{
    assert_in_days ("2026-11-21T23:59:00Z", 0, "2026-11-21");
    assert_in_days ("2026-11-30T00:00:00Z", 1, "2026-12-01");
    assert_in_days ("2026-12-31T00:00:00Z", 1, "2027-01-01");
    assert_in_days ("2028-02-28T00:00:00Z", 2, "2028-03-01");
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/due-text/table", test_table);
    g_test_add_func ("/due-text/in-days", test_in_days);
    return g_test_run ();
}

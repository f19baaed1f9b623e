/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-instant.h"

static void
test_parse (void)
{
    static const struct {
        const char *text;
        gint64 instant;
    } rows[] = {
        { "1970-01-01T00:00:01.000Z", 1000 },
        { "2026-11-21T09:30:00.000Z", G_GINT64_CONSTANT (1795253400000) },
        { "2026-11-21T09:30:00Z", G_GINT64_CONSTANT (1795253400000) },
        { "2026-11-21t09:30:00z", G_GINT64_CONSTANT (1795253400000) },
        { "2026-11-21T10:30:00+01:00", G_GINT64_CONSTANT (1795253400000) },
        { "2026-11-20T22:00:00-11:30", G_GINT64_CONSTANT (1795253400000) },
        { "2026-11-21T09:30:00.1Z", G_GINT64_CONSTANT (1795253400100) },
        { "2026-11-21T09:30:00.123999Z", G_GINT64_CONSTANT (1795253400123) },
        { "1969-12-31T23:59:59.500Z", -500 },
        { "2024-02-29T00:00:00Z", G_GINT64_CONSTANT (1709164800000) },
        { "2016-12-31T23:59:60Z", G_GINT64_CONSTANT (1483228799000) },
        { "1970-01-01T00:00:00Z", 0 },
        { "", 0 },
        { "2026-11-21", 0 },
        { "2026-11-21T09:30:00", 0 },
        { "2026-11-21T09:30Z", 0 },
        { "2026-11-21T09:30:00.Z", 0 },
        { "2026-11-21T24:00:00Z", 0 },
        { "2026-11-21T09:60:00Z", 0 },
        { "2026-11-21T09:30:61Z", 0 },
        { "2026-02-29T00:00:00Z", 0 },
        { "2026-13-01T00:00:00Z", 0 },
        { "0000-01-01T00:00:00Z", 0 },
        { "20261121T093000Z", 0 },
        { "2026-W47-6T09:30:00Z", 0 },
        { "2026-11-21T09:30:00+0100", 0 },
        { "2026-11-21T09:30:00+24:00", 0 },
        { "2026-11-21T09:30:00Z ", 0 },
        { " 2026-11-21T09:30:00Z", 0 },
        { "+026-11-21T09:30:00Z", 0 },
        { "2026-11-21T09:30:00\xc2\xb2Z", 0 },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_test_message ("%s", rows[i].text);
        g_assert_cmpint (bureau_instant_from_string (rows[i].text), ==, rows[i].instant);
    }
    g_assert_cmpint (bureau_instant_from_string (NULL), ==, 0);
}

static void
test_print (void)
{
    static const struct {
        gint64 instant;
        const char *text;
    } rows[] = {
        { 0, NULL },
        { 1, "1970-01-01T00:00:00.001Z" },
        { -1, "1969-12-31T23:59:59.999Z" },
        { -1000, "1969-12-31T23:59:59.000Z" },
        { G_GINT64_CONSTANT (1795253400123), "2026-11-21T09:30:00.123Z" },
        { G_GINT64_CONSTANT (-62135596800000), "0001-01-01T00:00:00.000Z" },
        { G_GINT64_CONSTANT (253402300799999), "9999-12-31T23:59:59.999Z" },
        { G_GINT64_CONSTANT (253402300800000), NULL },
        { G_MAXINT64, NULL },
        { G_MININT64, NULL },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_autofree char *text = bureau_instant_to_string (rows[i].instant);

        g_assert_cmpstr (text, ==, rows[i].text);
    }
}

static void
test_round_trip (void)
{
    for (guint i = 0; i < 10000; i++) {
        gint64 instant = (gint64) g_test_rand_int () * 1000 + g_test_rand_int_range (1, 1000);
        g_autofree char *text = bureau_instant_to_string (instant);

        g_assert_cmpint (bureau_instant_from_string (text), ==, instant);
    }
}

static void
test_due (void)
{
    static const struct {
        const char *due;
        const char *zone;
        const char *day;
    } rows[] = {
        { "2026-11-21", "UTC", "2026-11-21" },
        { "2026-11-21", "America/New_York", "2026-11-21" },
        { "2026-11-21", "Pacific/Auckland", "2026-11-21" },
        { "2026-11-21T23:30:00Z", "UTC", "2026-11-21" },
        { "2026-11-21T23:30:00Z", "Europe/Berlin", "2026-11-22" },
        { "2026-11-21T03:30:00Z", "America/New_York", "2026-11-20" },
        { "1969-12-31T23:59:59.500Z", "UTC", "1969-12-31" },
        { "2026-12-31T23:30:00Z", "Europe/Berlin", "2027-01-01" },
        /* On both sides of the change to summer time, 2026-03-29 at 01:00 UTC. */
        { "2026-03-28T22:59:00Z", "Europe/Berlin", "2026-03-28" },
        { "2026-03-29T21:59:00Z", "Europe/Berlin", "2026-03-29" },
        { "2026-03-29T22:00:00Z", "Europe/Berlin", "2026-03-30" },
        { "2024-02-29", "UTC", "2024-02-29" },
        { "2026-02-29", "UTC", NULL },
        { "2026-11-21T", "UTC", NULL },
        { "tomorrow", "UTC", NULL },
        { "", "UTC", NULL },
        { NULL, "UTC", NULL },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_autoptr (GTimeZone) zone = g_time_zone_new_identifier (rows[i].zone);
        g_autoptr (GDateTime) day = NULL;
        g_autofree char *text = NULL;

        g_assert_cmpint (bureau_due_is_valid (rows[i].due), ==, rows[i].day != NULL);
        if (zone == NULL)
            continue; /* a machine without that zone */
        day = bureau_due_to_day (rows[i].due, zone);
        text = day != NULL ? g_date_time_format (day, "%Y-%m-%d") : NULL;
        g_assert_cmpstr (text, ==, rows[i].day);
    }
}

static void
test_id (void)
{
    static const char *const bad[] = {
        "",
        "0b0e7d0e-0d0c-4a0b-8c0d-0e0f0a0b0c0",
        "0b0e7d0e-0d0c-4a0b-8c0d-0e0f0a0b0c0dd",
        "0B0e7d0e-0d0c-4a0b-8c0d-0e0f0a0b0c0d",
        "0b0e7d0e00d0c-4a0b-8c0d-0e0f0a0b0c0d",
        "{b0e7d0e-0d0c-4a0b-8c0d-0e0f0a0b0c0}",
        "gb0e7d0e-0d0c-4a0b-8c0d-0e0f0a0b0c0d",
    };
    g_autofree char *id = bureau_id_new ();
    g_autofree char *other = bureau_id_new ();

    g_assert_true (bureau_id_is_valid (id));
    g_assert_cmpstr (id, !=, other);
    g_assert_cmpint (id[14], ==, '4');
    for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
        g_assert_false (bureau_id_is_valid (bad[i]));
    g_assert_false (bureau_id_is_valid (NULL));
}

int
main (int argc, char *argv[])
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/instant/parse", test_parse);
    g_test_add_func ("/instant/print", test_print);
    g_test_add_func ("/instant/round-trip", test_round_trip);
    g_test_add_func ("/instant/due", test_due);
    g_test_add_func ("/instant/id", test_id);
    return g_test_run ();
}

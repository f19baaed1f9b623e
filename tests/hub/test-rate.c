/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "bureau-address.h"
#include "bureau-error.h"
#include "bureau-rate-table.h"
#include "bureau-rate.h"
#include "bureau-rates.h"

static const gint64 start = 1000 * G_USEC_PER_SEC;

static guint
take_all (BureauRate *rate, const BureauRateLimit *limit, gint64 now)
{
    guint taken = 0;

    while (bureau_rate_take (rate, limit, now) == 0)
        taken++;
    return taken;
}

static void
test_burst (void)
{
    BureauRateLimit limit = BUREAU_RATE_LIMIT (50, 200);
    BureauRate rate = { 0 };

    g_assert_cmpuint (take_all (&rate, &limit, start), ==, 200);
    g_assert_cmpint (bureau_rate_take (&rate, &limit, start), ==, 20000);
    g_assert_cmpint (bureau_rate_take (&rate, &limit, start + 19999), ==, 1);
    g_assert_cmpuint (take_all (&rate, &limit, start + 20000), ==, 1);
    g_assert_cmpuint (take_all (&rate, &limit, start + 1020000), ==, 50);
    /* A long pause gives no more than the burst. */
    g_assert_cmpuint (take_all (&rate, &limit, 2 * start), ==, 200);
}

static void
test_even (void)
{
    BureauRateLimit limit = BUREAU_RATE_LIMIT (5, 1);
    BureauRate rate = { 0 };

    for (guint i = 0; i < 100; i++) {
        g_assert_cmpint (bureau_rate_take (&rate, &limit, start + i * 200000), ==, 0);
        g_assert_cmpint (bureau_rate_take (&rate, &limit, start + i * 200000), ==, 200000);
    }
}

/* What is refused costs nothing. */
static void
test_impatient (void)
{
    BureauRateLimit limit = BUREAU_RATE_LIMIT (50, 200);
    BureauRate rate = { 0 };
    guint taken = 0;

    for (gint64 now = start; now < start + 10 * G_USEC_PER_SEC; now += 100)
        taken += bureau_rate_take (&rate, &limit, now) == 0;
    g_assert_cmpuint (taken, ==, 200 + 499);
}

/* All or none: of bytes, what does not fit costs nothing, and what fits just so is let through. */
static void
test_many (void)
{
    BureauRateLimit limit = { 10, 99 * 10 };
    BureauRate rate = { 0 };

    g_assert_cmpint (bureau_rate_take_many (&rate, &limit, 101, start), >, 0);
    g_assert_cmpint (bureau_rate_take_many (&rate, &limit, 99, start), ==, 0);
    g_assert_cmpint (bureau_rate_take_many (&rate, &limit, 2, start), ==, 10);
    g_assert_cmpint (bureau_rate_take_many (&rate, &limit, 1, start), ==, 0);
    g_assert_cmpint (bureau_rate_take_many (&rate, &limit, 1, start), ==, 10);
    g_assert_cmpint (bureau_rate_take_many (&rate, &limit, 50, start + 499), ==, 1);
    g_assert_cmpint (bureau_rate_take_many (&rate, &limit, 50, start + 500), ==, 0);
}

/* ------------------------------------------------------------------ of many */

static void
take_for (BureauRateTable *table, guint from, guint count, gint64 now)
{
    for (guint i = from; i < from + count; i++) {
        g_autofree char *name = g_strdup_printf ("stranger %u", i);

        bureau_rate_table_take (table, name, 1, now);
    }
}

static void
test_table (void)
{
    BureauRateLimit limit = BUREAU_RATE_LIMIT (1, 3);
    g_autoptr (BureauRateTable) table = bureau_rate_table_new (&limit, 100);

    for (guint i = 0; i < 3; i++)
        g_assert_cmpint (bureau_rate_table_take (table, "ana", 1, start), ==, 0);
    g_assert_cmpint (bureau_rate_table_take (table, "ana", 1, start), ==, G_USEC_PER_SEC);
    g_assert_cmpint (bureau_rate_table_take (table, "ben", 1, start), ==, 0);
}

/* However many come: who must wait is remembered, and the table does not grow. */
static void
test_table_is_bounded (void)
{
    BureauRateLimit limit = BUREAU_RATE_LIMIT (1, 3);
    g_autoptr (BureauRateTable) table = bureau_rate_table_new (&limit, 100);
    gint64 now = start;

    for (guint round = 0; round < 50; round++, now += 100000) {
        while (bureau_rate_table_take (table, "mallory", 1, now) == 0)
            ;
        take_for (table, round * 1000, 1000, now);
        g_assert_cmpuint (bureau_rate_table_get_size (table), <=, 100);
        g_assert_cmpint (bureau_rate_table_take (table, "mallory", 1, now), >, 0);
    }
    /* A newcomer to a full table waits, but not for long. */
    g_assert_cmpint (bureau_rate_table_take (table, "ana", 1, now), <=, G_USEC_PER_SEC);
    g_assert_cmpint (bureau_rate_table_take (table, "ana", 1, now + G_USEC_PER_SEC), ==, 0);
}

/* Even if all of it is taken by those who must wait. */
static void
test_table_of_the_blocked (void)
{
    BureauRateLimit limit = BUREAU_RATE_LIMIT (1, 1);
    g_autoptr (BureauRateTable) table = bureau_rate_table_new (&limit, 10);

    take_for (table, 0, 10, start);
    g_assert_cmpint (bureau_rate_table_take (table, "ana", 1, start), >, 0);
    for (guint i = 0; i < 10; i++) {
        g_autofree char *name = g_strdup_printf ("stranger %u", i);

        g_assert_cmpint (bureau_rate_table_take (table, name, 1, start + 1), >, 0);
    }
    g_assert_cmpint (bureau_rate_table_take (table, "ana", 1, start + G_USEC_PER_SEC), ==, 0);
}

/* ------------------------------------------------------------------ of a hub */

static guint
take_until_refused (BureauRates *rates, BureauRateKind kind, const char *who)
{
    guint taken = 0;

    for (;;) {
        g_autoptr (GError) error = NULL;

        if (!bureau_rates_take (rates, kind, who, 1, &error)) {
            g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_RATE_LIMITED);
            g_assert_cmpint (bureau_error_get_retry_after (error), >, 0);
            return taken;
        }
        taken++;
    }
}

/* Exactly as many as the setting says, of each kind and each person for themselves. */
static void
test_kinds (void)
{
    BureauSettings settings = bureau_settings_get_default ();
    g_autoptr (BureauRates) rates = NULL;

    settings.projects_per_hour = 7;
    settings.members_per_hour = 8;
    settings.invitations_per_hour = 9;
    settings.sign_ins_per_minute = 1;
    settings.sign_ins_at_once = 5;
    settings.refreshes_per_minute = 1;
    settings.refreshes_at_once = 6;
    rates = bureau_rates_new (&settings);

    g_assert_cmpuint (take_until_refused (rates, BUREAU_RATE_PROJECT, "ana"), ==, 7);
    g_assert_cmpuint (take_until_refused (rates, BUREAU_RATE_PROJECT, "ana"), ==, 0);
    g_assert_cmpuint (take_until_refused (rates, BUREAU_RATE_PROJECT, "ben"), ==, 7);
    g_assert_cmpuint (take_until_refused (rates, BUREAU_RATE_MEMBER, "ana"), ==, 8);
    g_assert_cmpuint (take_until_refused (rates, BUREAU_RATE_INVITE, "ana"), ==, 9);
    g_assert_cmpuint (take_until_refused (rates, BUREAU_RATE_LOGIN, "192.0.2.7"), ==, 5);
    g_assert_cmpuint (take_until_refused (rates, BUREAU_RATE_JOIN, "192.0.2.7"), ==, 5);
    g_assert_cmpuint (take_until_refused (rates, BUREAU_RATE_CODE, "192.0.2.7"), ==, 5);
    g_assert_cmpuint (take_until_refused (rates, BUREAU_RATE_INVITATION, "192.0.2.7"), ==, 5);
    g_assert_cmpuint (take_until_refused (rates, BUREAU_RATE_REFRESH, "192.0.2.7"), ==, 6);
    g_assert_true (bureau_rates_take (rates, BUREAU_RATE_NONE, "192.0.2.7", 1, NULL));
}

/* However much was had at once, more comes only when it is paid for. */
static void
test_owed (void)
{
    BureauSettings settings = bureau_settings_get_default ();
    g_autoptr (BureauRates) rates = bureau_rates_new (&settings);
    g_autoptr (GError) error = NULL;

    g_assert_true (bureau_rates_take (rates, BUREAU_RATE_READ, "ana", 0, NULL));
    bureau_rates_owe (rates, BUREAU_RATE_READ, "ana", settings.read_at_once / 2);
    g_assert_true (bureau_rates_take (rates, BUREAU_RATE_READ, "ana", 0, NULL));
    bureau_rates_owe (rates, BUREAU_RATE_READ, "ana", settings.read_at_once);
    g_assert_false (bureau_rates_take (rates, BUREAU_RATE_READ, "ana", 0, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_RATE_LIMITED);
    /* A half is too much. */
    g_assert_cmpint (bureau_error_get_retry_after (error), <=,
                     500 * settings.read_at_once / settings.read_per_second + 1);
    g_assert_true (bureau_rates_take (rates, BUREAU_RATE_READ, "ben", 0, NULL));
}

static void
test_bytes (void)
{
    BureauSettings settings = bureau_settings_get_default ();
    g_autoptr (BureauRates) rates = bureau_rates_new (&settings);
    gint64 day = settings.stored_per_day;
    g_autoptr (GError) error = NULL;

    g_assert_true (bureau_rates_take (rates, BUREAU_RATE_STORE, "ana", day - 100000, NULL));
    g_assert_false (bureau_rates_take (rates, BUREAU_RATE_STORE, "ana", 200000, &error));
    g_assert_nonnull (strstr (error->message, "in a day"));
    g_assert_true (bureau_rates_take (rates, BUREAU_RATE_STORE, "ana", 100000, NULL));
    g_assert_false (bureau_rates_take (rates, BUREAU_RATE_STORE, "ana", 100000, NULL));
    g_assert_true (bureau_rates_take (rates, BUREAU_RATE_STORE, "ben", day, NULL));
}

static void
test_addresses (void)
{
    static const struct {
        const char *address;
        const char *group;
    } cases[] = {
        { "192.0.2.7", "192.0.2.7" },
        { "::ffff:192.0.2.7", "192.0.2.7" },
        { "::1", "::/64" },
        { "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
        { "2001:db8:1:2::", "2001:db8:1:2::/64" },
        { "2001:db8:1:3::", "2001:db8:1:3::/64" },
        { "", "" },
        { "fe80::1%eth0", "fe80::/64" },
    };

    for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autofree char *group = bureau_address_to_group (cases[i].address);

        g_assert_cmpstr (group, ==, cases[i].group);
    }
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/hub/rate/burst", test_burst);
    g_test_add_func ("/hub/rate/even", test_even);
    g_test_add_func ("/hub/rate/impatient", test_impatient);
    g_test_add_func ("/hub/rate/many", test_many);
    g_test_add_func ("/hub/rate/table/each", test_table);
    g_test_add_func ("/hub/rate/table/bounded", test_table_is_bounded);
    g_test_add_func ("/hub/rate/table/blocked", test_table_of_the_blocked);
    g_test_add_func ("/hub/rate/kinds", test_kinds);
    g_test_add_func ("/hub/rate/bytes", test_bytes);
    g_test_add_func ("/hub/rate/owed", test_owed);
    g_test_add_func ("/hub/rate/addresses", test_addresses);
    return g_test_run ();
}

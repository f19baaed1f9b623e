/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-rate.h"

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

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/hub/rate/burst", test_burst);
    g_test_add_func ("/hub/rate/even", test_even);
    g_test_add_func ("/hub/rate/impatient", test_impatient);
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-error.h"

#include <gio/gio.h>

static const struct {
    BureauError code;
    const char *word;
    guint status;
} rows[] = {
    { BUREAU_ERROR_UNAUTHENTICATED, "unauthenticated", 401 },
    { BUREAU_ERROR_FORBIDDEN, "forbidden", 403 },
    { BUREAU_ERROR_NOT_FOUND, "not_found", 404 },
    { BUREAU_ERROR_INVALID, "invalid", 422 },
    { BUREAU_ERROR_CONFLICT, "conflict", 409 },
    { BUREAU_ERROR_TOO_LARGE, "too_large", 413 },
    { BUREAU_ERROR_RATE_LIMITED, "rate_limited", 429 },
    { BUREAU_ERROR_UNAVAILABLE, "unavailable", 503 },
    { BUREAU_ERROR_INTERNAL, "internal", 500 },
};

static void
test_codes (void)
{
    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_autoptr (GError) error = g_error_new (BUREAU_ERROR, (int) rows[i].code, "Why.");

        g_assert_cmpstr (bureau_error_to_code (error), ==, rows[i].word);
        g_assert_cmpuint (bureau_error_to_status (error), ==, rows[i].status);
        g_assert_cmpint (bureau_error_from_code (rows[i].word), ==, rows[i].code);
        g_assert_null (bureau_error_get_field (error));
        g_assert_cmpint (bureau_error_get_retry_after (error), ==, 0);
    }
    g_assert_cmpint (bureau_error_from_code ("no_such"), ==, BUREAU_ERROR_INTERNAL);
    g_assert_cmpint (bureau_error_from_code (NULL), ==, BUREAU_ERROR_INTERNAL);
}

static void
test_foreign (void)
{
    g_autoptr (GError) error = g_error_new (G_IO_ERROR, BUREAU_ERROR_FORBIDDEN, "Disk.");

    g_assert_cmpstr (bureau_error_to_code (error), ==, "internal");
    g_assert_cmpuint (bureau_error_to_status (error), ==, 500);
    g_assert_null (bureau_error_get_field (error));
    g_assert_cmpint (bureau_error_get_retry_after (error), ==, 0);
    g_assert_null (bureau_error_get_field (NULL));
}

static void
test_details (void)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GError) copy = NULL;

    bureau_error_set_invalid (&error, "title", "“%s” is missing.", "title");
    copy = g_error_copy (error);
    g_clear_error (&error);
    g_assert_error (copy, BUREAU_ERROR, BUREAU_ERROR_INVALID);
    g_assert_cmpstr (copy->message, ==, "“title” is missing.");
    g_assert_cmpstr (bureau_error_get_field (copy), ==, "title");

    bureau_error_set_rate_limited (&error, 1500);
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_RATE_LIMITED);
    g_assert_cmpint (bureau_error_get_retry_after (error), ==, 1500);
    g_clear_error (&error);

    error = bureau_error_new_full (BUREAU_ERROR_CONFLICT, "id", -5, "It is taken.");
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT);
    g_assert_cmpstr (bureau_error_get_field (error), ==, "id");
    g_assert_cmpint (bureau_error_get_retry_after (error), ==, 0);

    g_assert_null (bureau_error_get_reason (error));
    g_clear_error (&error);

    bureau_error_set_unauthenticated (&error, "expired", "Sign in again.");
    g_clear_error (&copy);
    copy = g_error_copy (error);
    g_assert_error (copy, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED);
    g_assert_cmpstr (bureau_error_get_reason (copy), ==, "expired");
    g_assert_null (bureau_error_get_field (copy));

    /* Nobody asks for the error. */
    bureau_error_set_unauthenticated (NULL, NULL, "No.");
    bureau_error_set_invalid (NULL, "title", "No.");
    bureau_error_set_rate_limited (NULL, 1);
}

int
main (int argc, char *argv[])
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/error/codes", test_codes);
    g_test_add_func ("/error/foreign", test_foreign);
    g_test_add_func ("/error/details", test_details);
    return g_test_run ();
}

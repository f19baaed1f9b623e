/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-stranger.h"

typedef struct {
    char *expected;  /* (owned) (nullable) */
    char *presented; /* (owned) */
} BureauStrangerErrorPrivate;

static void
bureau_stranger_error_private_init (BureauStrangerErrorPrivate *private)
{
    private->expected = private->presented = NULL;
}

static void
bureau_stranger_error_private_copy (const BureauStrangerErrorPrivate *from,
                                    BureauStrangerErrorPrivate *to)
{
    to->expected = g_strdup (from->expected);
    to->presented = g_strdup (from->presented);
}

static void
bureau_stranger_error_private_clear (BureauStrangerErrorPrivate *private)
{
    g_free (private->expected);
    g_free (private->presented);
}

G_DEFINE_EXTENDED_ERROR (BureauStrangerError, bureau_stranger_error)

GError *
bureau_stranger_error_new_certificate (const char *expected, const char *presented)
{
    GError *error = g_error_new_literal (
        BUREAU_STRANGER_ERROR, BUREAU_STRANGER_ERROR_CERTIFICATE,
        "This is not the office: whoever answers at its address has another certificate.");
    BureauStrangerErrorPrivate *private = bureau_stranger_error_get_private (error);

    private->expected = g_strdup (expected);
    private->presented = g_strdup (presented);
    return error;
}

GError *
bureau_stranger_error_new_code (const char *presented)
{
    GError *error = g_error_new_literal (
        BUREAU_STRANGER_ERROR, BUREAU_STRANGER_ERROR_CODE,
        "This is not the office that the code is from: whoever answers does not know the code.");

    bureau_stranger_error_get_private (error)->presented = g_strdup (presented);
    return error;
}

const char *
bureau_stranger_error_get_expected (const GError *error)
{
    g_return_val_if_fail (error && error->domain == BUREAU_STRANGER_ERROR, NULL);
    return bureau_stranger_error_get_private (error)->expected;
}

const char *
bureau_stranger_error_get_presented (const GError *error)
{
    g_return_val_if_fail (error && error->domain == BUREAU_STRANGER_ERROR, NULL);
    return bureau_stranger_error_get_private (error)->presented;
}

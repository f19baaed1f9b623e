/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "welcome/bureau-welcome-error.h"

#include <glib/gi18n.h>

#include "bureau-error.h"

/* "Try again in 3 minutes." (transfer full) */
static char *
make_wait_text (gint64 wait_ms)
{
    guint seconds = (guint) (MAX (wait_ms, 0) / 1000 + 1);
    guint minutes = (seconds + 59) / 60;

    if (seconds < 60)
        return g_strdup_printf (ngettext ("Those were too many tries. Wait %u second.",
                                          "Those were too many tries. Wait %u seconds.", seconds),
                                seconds);
    return g_strdup_printf (ngettext ("Those were too many tries. Wait %u minute.",
                                      "Those were too many tries. Wait %u minutes.", minutes),
                            minutes);
}

char *
bureau_welcome_error_to_text (const GError *error)
{
    if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_STRANGER))
        return g_strdup (
            bureau_error_get_expected_pin (error) != NULL
                ? _ ("Whoever answers there is not the office’s hub: the certificate is "
                     "another. Nothing was sent.")
                : _ ("Whoever answers there does not know the code, so it is not the "
                     "hub that gave it. Is the address right?"));
    if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE))
        return g_strdup (
            _ ("Nobody answers at this address. Is the office open, and are you on the "
               "same network?"));
    if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_RATE_LIMITED))
        return make_wait_text (bureau_error_get_retry_after (error));
    if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED))
        return g_strdup (_ ("The sign-in name or the password is not right."));
    if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN))
        return g_strdup (_ ("This invitation is not right, or no longer good. Ask for a new one."));
    if (error->domain == BUREAU_ERROR)
        return g_strdup (error->message);
    return g_strdup_printf (_ ("That did not work: %s"), error->message);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The error codes of design page rules.md, Errors. A GError of this domain is what a command, a
 * REST request or a sign-in answers; its message is a whole sentence for people. */
typedef enum {
    BUREAU_ERROR_UNAUTHENTICATED = 1,
    BUREAU_ERROR_FORBIDDEN,
    BUREAU_ERROR_NOT_FOUND,
    BUREAU_ERROR_INVALID,
    BUREAU_ERROR_CONFLICT,
    BUREAU_ERROR_TOO_LARGE,
    BUREAU_ERROR_RATE_LIMITED,
    BUREAU_ERROR_UNAVAILABLE,
    BUREAU_ERROR_INTERNAL,
    BUREAU_ERROR_STRANGER, /* of no wire: another hub answers in the place of the known one */
} BureauError;

#define BUREAU_ERROR (bureau_error_quark ())
GQuark bureau_error_quark (void);

/* An error with all it may carry. @field: nullable; @retry_after_ms: 0 for none. (transfer full) */
GError *bureau_error_new_full (BureauError code, const char *field, gint64 retry_after_ms,
                               const char *message);

/* Makes a BUREAU_ERROR_INVALID about @field, the name as it stands in the command. */
void bureau_error_set_invalid (GError **error, const char *field, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* The field an error is about. (nullable) (transfer none): lives as long as @error. */
const char *bureau_error_get_field (const GError *error);

/* How long to wait before another try; 0 where the error has no such time. Milliseconds. */
gint64 bureau_error_get_retry_after (const GError *error);
void bureau_error_set_rate_limited (GError **error, gint64 retry_after_ms);

/* Makes a BUREAU_ERROR_UNAUTHENTICATED. @reason (nullable): why a device is signed out, "revoked",
 * "expired", or "removed" for whoever is in no office of the hub any more. */
void bureau_error_set_unauthenticated (GError **error, const char *reason, const char *message);
/* (nullable) (transfer none): lives as long as @error. */
const char *bureau_error_get_reason (const GError *error);

/* A BUREAU_ERROR_STRANGER: the pin that was expected, NULL where only a typed code could tell, and
 * that of whoever answered ("" if it has none). (transfer full) */
GError *bureau_error_new_stranger (const char *expected_pin, const char *presented_pin);
/* NULL for other errors. (transfer none): live as long as @error. */
const char *bureau_error_get_expected_pin (const GError *error);
const char *bureau_error_get_presented_pin (const GError *error);

/* "not_found" and the like; a stranger, and an error of any other domain, is
 * "internal". */
const char *bureau_error_to_code (const GError *error);

/* The code for a word of the wire; an unknown word is BUREAU_ERROR_INTERNAL. */
BureauError bureau_error_from_code (const char *code);

/* The HTTP status beside the code (rules.md, Errors). */
guint bureau_error_to_status (const GError *error);

G_END_DECLS

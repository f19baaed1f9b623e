/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-error.h"

typedef struct {
    char *field;  /* (owned) (nullable) */
    char *reason; /* (owned) (nullable) */
    gint64 retry_after_ms;
    char *expected_pin;  /* (owned) (nullable) */
    char *presented_pin; /* (owned) (nullable) */
} BureauErrorPrivate;

static void
bureau_error_private_init (BureauErrorPrivate *priv)
{
}

static void
bureau_error_private_copy (const BureauErrorPrivate *source, BureauErrorPrivate *copy)
{
    copy->field = g_strdup (source->field);
    copy->reason = g_strdup (source->reason);
    copy->retry_after_ms = source->retry_after_ms;
    copy->expected_pin = g_strdup (source->expected_pin);
    copy->presented_pin = g_strdup (source->presented_pin);
}

static void
bureau_error_private_clear (BureauErrorPrivate *priv)
{
    g_clear_pointer (&priv->field, g_free);
    g_clear_pointer (&priv->reason, g_free);
    g_clear_pointer (&priv->expected_pin, g_free);
    g_clear_pointer (&priv->presented_pin, g_free);
}

G_DEFINE_EXTENDED_ERROR (BureauError, bureau_error)

static const struct {
    BureauError code;
    const char *word;
    guint status;
} codes[] = {
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

/* The row of @codes for @error; that of BUREAU_ERROR_INTERNAL for an error of another domain. */
static guint
find_code (const GError *error)
{
    guint last = G_N_ELEMENTS (codes) - 1;

    for (guint i = 0; i < last; i++) {
        if (g_error_matches (error, BUREAU_ERROR, (int) codes[i].code))
            return i;
    }
    return last;
}

GError *
bureau_error_new_full (BureauError code, const char *field, gint64 retry_after_ms,
                       const char *message)
{
    GError *error = g_error_new_literal (BUREAU_ERROR, (int) code, message);
    BureauErrorPrivate *priv = bureau_error_get_private (error);

    priv->field = g_strdup (field);
    priv->retry_after_ms = MAX (retry_after_ms, 0);
    return error;
}

void
bureau_error_set_invalid (GError **error, const char *field, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list arguments;

    if (error == NULL)
        return;

    va_start (arguments, format);
    message = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    g_propagate_error (error, bureau_error_new_full (BUREAU_ERROR_INVALID, field, 0, message));
}

const char *
bureau_error_get_field (const GError *error)
{
    if (error == NULL || error->domain != BUREAU_ERROR)
        return NULL;
    return bureau_error_get_private (error)->field;
}

gint64
bureau_error_get_retry_after (const GError *error)
{
    if (error == NULL || error->domain != BUREAU_ERROR)
        return 0;
    return bureau_error_get_private (error)->retry_after_ms;
}

void
bureau_error_set_rate_limited (GError **error, gint64 retry_after_ms)
{
    if (error == NULL)
        return;
    g_propagate_error (error,
                       bureau_error_new_full (BUREAU_ERROR_RATE_LIMITED, NULL, retry_after_ms,
                                              "That was too much at once. Wait a moment and try "
                                              "again."));
}

void
bureau_error_set_unauthenticated (GError **error, const char *reason, const char *message)
{
    GError *made;

    if (error == NULL)
        return;
    made = bureau_error_new_full (BUREAU_ERROR_UNAUTHENTICATED, NULL, 0, message);
    bureau_error_get_private (made)->reason = g_strdup (reason);
    g_propagate_error (error, made);
}

const char *
bureau_error_get_reason (const GError *error)
{
    if (error == NULL || error->domain != BUREAU_ERROR)
        return NULL;
    return bureau_error_get_private (error)->reason;
}

GError *
bureau_error_new_stranger (const char *expected_pin, const char *presented_pin)
{
    const char *message =
        expected_pin != NULL
            ? "Another computer answers in the place of this office’s hub. Nothing "
              "was sent to it."
            : "This is not the office that the code is from: whoever answers does "
              "not know the code. It was not sent.";
    GError *error = g_error_new_literal (BUREAU_ERROR, BUREAU_ERROR_STRANGER, message);
    BureauErrorPrivate *priv = bureau_error_get_private (error);

    priv->expected_pin = g_strdup (expected_pin);
    priv->presented_pin = g_strdup (presented_pin);
    return error;
}

const char *
bureau_error_get_expected_pin (const GError *error)
{
    if (error == NULL || error->domain != BUREAU_ERROR)
        return NULL;
    return bureau_error_get_private (error)->expected_pin;
}

const char *
bureau_error_get_presented_pin (const GError *error)
{
    if (error == NULL || error->domain != BUREAU_ERROR)
        return NULL;
    return bureau_error_get_private (error)->presented_pin;
}

const char *
bureau_error_to_code (const GError *error)
{
    return codes[find_code (error)].word;
}

BureauError
bureau_error_from_code (const char *code)
{
    for (guint i = 0; code != NULL && i < G_N_ELEMENTS (codes); i++) {
        if (g_str_equal (codes[i].word, code))
            return codes[i].code;
    }
    return BUREAU_ERROR_INTERNAL;
}

guint
bureau_error_to_status (const GError *error)
{
    return codes[find_code (error)].status;
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-socket-error.h"

#include "bureau-json-slice.h"

typedef struct {
    char *code; /* (owned) (nullable) */
    guint status;
    guint16 close_code;
    char *expected;  /* (owned) (nullable) */
    char *presented; /* (owned) (nullable) */
} BureauSocketErrorPrivate;

static void
bureau_socket_error_private_init (BureauSocketErrorPrivate *private)
{
    *private = (BureauSocketErrorPrivate){ 0 };
}

static void
bureau_socket_error_private_copy (const BureauSocketErrorPrivate *from,
                                  BureauSocketErrorPrivate *to)
{
    to->code = g_strdup (from->code);
    to->status = from->status;
    to->close_code = from->close_code;
    to->expected = g_strdup (from->expected);
    to->presented = g_strdup (from->presented);
}

static void
bureau_socket_error_private_clear (BureauSocketErrorPrivate *private)
{
    g_free (private->code);
    g_free (private->expected);
    g_free (private->presented);
}

G_DEFINE_EXTENDED_ERROR (BureauSocketError, bureau_socket_error)

const char *
bureau_socket_error_get_code (const GError *error)
{
    if (error == NULL || error->domain != BUREAU_SOCKET_ERROR)
        return NULL;
    return bureau_socket_error_get_private (error)->code;
}

guint
bureau_socket_error_get_status (const GError *error)
{
    if (error == NULL || error->domain != BUREAU_SOCKET_ERROR)
        return 0;
    return bureau_socket_error_get_private (error)->status;
}

guint16
bureau_socket_error_get_close_code (const GError *error)
{
    if (error == NULL || error->domain != BUREAU_SOCKET_ERROR)
        return 0;
    return bureau_socket_error_get_private (error)->close_code;
}

const char *
bureau_socket_error_get_expected_pin (const GError *error)
{
    if (error == NULL || error->domain != BUREAU_SOCKET_ERROR)
        return NULL;
    return bureau_socket_error_get_private (error)->expected;
}

const char *
bureau_socket_error_get_presented_pin (const GError *error)
{
    if (error == NULL || error->domain != BUREAU_SOCKET_ERROR)
        return NULL;
    return bureau_socket_error_get_private (error)->presented;
}

GError *
bureau_socket_error_new_refused (const BureauPacket *packet)
{
    BureauJsonSlice message, data, code;
    g_autofree char *text = NULL;
    GError *error;

    bureau_json_slice_member (packet->json, packet->json_length, "message", &message);
    text = bureau_json_slice_dup_string (&message);
    error = g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_REFUSED,
                                 text == NULL ? "The hub refused the connection." : text);
    if (bureau_json_slice_member (packet->json, packet->json_length, "data", &data) &&
        bureau_json_slice_member (data.text, data.length, "code", &code))
        bureau_socket_error_get_private (error)->code = bureau_json_slice_dup_string (&code);
    return error;
}

GError *
bureau_socket_error_new_closed (guint16 close_code)
{
    GError *error = g_error_new (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_CLOSED,
                                 "The hub has closed the connection (%u).", close_code);

    bureau_socket_error_get_private (error)->close_code = close_code;
    return error;
}

void
bureau_socket_error_set_http (GError **error, guint status)
{
    GError *made = g_error_new (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_HTTP,
                                "The hub answers with HTTP status %u.", status);

    bureau_socket_error_get_private (made)->status = status;
    g_propagate_error (error, made);
}

void
bureau_socket_error_set_stranger (GError **error, const char *expected, const char *presented)
{
    GError *made = g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_STRANGER,
                                        "Another computer answers in the hub's place.");
    BureauSocketErrorPrivate *private = bureau_socket_error_get_private (made);

    private->expected = g_strdup (expected == NULL ? "" : expected);
    private->presented = g_strdup (presented == NULL ? "" : presented);
    g_propagate_error (error, made);
}

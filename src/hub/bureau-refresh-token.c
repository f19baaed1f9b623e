/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-refresh-token.h"

#include <sodium.h>
#include <string.h>

#include "bureau-base64url.h"

#define ID_SIZE         16
#define GENERATION_SIZE 4
#define SIGNED_SIZE     (ID_SIZE + GENERATION_SIZE)
#define MAC_SIZE        crypto_auth_hmacsha256_BYTES
#define TOKEN_SIZE      (SIGNED_SIZE + MAC_SIZE)

static gboolean
pack_id (const char *id, guint8 *bytes)
{
    gsize length;

    return sodium_hex2bin (bytes, ID_SIZE, id, strlen (id), "-", &length, NULL) == 0 &&
           length == ID_SIZE;
}

/* Canonical: 8-4-4-4-12 digits. */
static char *
unpack_id (const guint8 *bytes)
{
    GString *id = g_string_sized_new (36);

    for (guint i = 0; i < ID_SIZE; i++)
        g_string_append_printf (id, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
                                bytes[i]);
    return g_string_free (id, FALSE);
}

char *
bureau_refresh_token_new (const guint8 *key, const char *session_id, gint64 generation)
{
    guint32 number = GUINT32_TO_BE ((guint32) generation);
    guint8 bytes[TOKEN_SIZE];

    if (!pack_id (session_id, bytes))
        g_return_val_if_reached (NULL);
    memcpy (bytes + ID_SIZE, &number, GENERATION_SIZE);
    crypto_auth_hmacsha256 (bytes + SIGNED_SIZE, bytes, SIGNED_SIZE, key);
    return bureau_base64url_encode (bytes, sizeof bytes);
}

gboolean
bureau_refresh_token_read (const guint8 *key, const char *token, char **session_id,
                           gint64 *generation)
{
    guint8 bytes[TOKEN_SIZE];
    guint32 number;

    if (!bureau_base64url_decode_all (token, bytes, sizeof bytes) ||
        crypto_auth_hmacsha256_verify (bytes + SIGNED_SIZE, bytes, SIGNED_SIZE, key) != 0)
        return FALSE;

    memcpy (&number, bytes + ID_SIZE, GENERATION_SIZE);
    *generation = GUINT32_FROM_BE (number);
    *session_id = unpack_id (bytes);
    return TRUE;
}

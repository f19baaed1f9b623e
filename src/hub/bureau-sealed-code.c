/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-sealed-code.h"

#include <sodium.h>
#include <string.h>

#include "bureau-data-directory.h"

#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define MAC_SIZE   crypto_aead_xchacha20poly1305_ietf_ABYTES

G_STATIC_ASSERT (BUREAU_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

/* The nonce is drawn, and stands before what it was used for. */
GBytes *
bureau_sealed_code_new (const guint8 *key, const char *invitation_id, const char *code)
{
    gsize length = strlen (code);
    guint8 *sealed = g_malloc (NONCE_SIZE + length + MAC_SIZE);

    randombytes_buf (sealed, NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt (sealed + NONCE_SIZE, NULL, (const guint8 *) code,
                                                length, (const guint8 *) invitation_id,
                                                strlen (invitation_id), NULL, sealed, key);
    return g_bytes_new_take (sealed, NONCE_SIZE + length + MAC_SIZE);
}

char *
bureau_sealed_code_open (const guint8 *key, const char *invitation_id, GBytes *sealed)
{
    gsize length;
    const guint8 *bytes = g_bytes_get_data (sealed, &length);
    char *code;

    if (length < NONCE_SIZE + MAC_SIZE)
        return NULL;
    code = g_malloc0 (length - NONCE_SIZE - MAC_SIZE + 1);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt (
            (guint8 *) code, NULL, NULL, bytes + NONCE_SIZE, length - NONCE_SIZE,
            (const guint8 *) invitation_id, strlen (invitation_id), bytes, key) == 0)
        return code;
    g_free (code);
    return NULL;
}

void
bureau_code_free (char *code)
{
    if (code != NULL)
        sodium_memzero (code, strlen (code));
    g_free (code);
}

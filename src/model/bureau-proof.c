/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-proof.h"

#include <sodium.h>
#include <string.h>

#include "bureau-base64url.h"
#include "bureau-error.h"

#define CONTEXT     "bureau code proof v1"
#define NONCE_SIZE  16
#define PASSES      2
#define MEMORY_SIZE (64 * 1024 * 1024)

char *
bureau_proof_nonce_new (void)
{
    guint8 nonce[NONCE_SIZE];

    randombytes_buf (nonce, sizeof nonce);
    return bureau_base64url_encode (nonce, sizeof nonce);
}

gboolean
bureau_proof_nonce_is_valid (const char *nonce)
{
    guint8 bytes[NONCE_SIZE];

    return bureau_base64url_decode_all (nonce, bytes, sizeof bytes);
}

/* Each with its end, so that no two lists of texts are the same bytes. (transfer full) */
static GByteArray *
join_texts (const char *const *texts)
{
    GByteArray *bytes = g_byte_array_new ();

    for (guint i = 0; texts[i] != NULL; i++)
        g_byte_array_append (bytes, (const guint8 *) texts[i], strlen (texts[i]) + 1);
    return bytes;
}

gboolean
bureau_proof_derive (const char *code, const char *pin, const char *client_nonce,
                     const char *hub_nonce, guint8 key[BUREAU_PROOF_KEY_SIZE], GError **error)
{
    const char *texts[] = { CONTEXT, pin, client_nonce, hub_nonce, NULL };
    g_autoptr (GByteArray) bytes = join_texts (texts);
    guint8 salt[crypto_pwhash_SALTBYTES];

    crypto_generichash (salt, sizeof salt, bytes->data, bytes->len, NULL, 0);
    if (sodium_init () >= 0 &&
        crypto_pwhash (key, BUREAU_PROOF_KEY_SIZE, code, strlen (code), salt, PASSES, MEMORY_SIZE,
                       crypto_pwhash_ALG_ARGON2ID13) == 0)
        return TRUE;

    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                         "There is not enough memory to check a code. Try again in a moment.");
    return FALSE;
}

static void
compute_mac (const guint8 *key, const char *side, const char *pin, const char *client_nonce,
             const char *hub_nonce, guint8 mac[crypto_auth_hmacsha256_BYTES])
{
    const char *texts[] = { CONTEXT, side, pin, client_nonce, hub_nonce, NULL };
    g_autoptr (GByteArray) bytes = join_texts (texts);

    G_STATIC_ASSERT (crypto_auth_hmacsha256_KEYBYTES == BUREAU_PROOF_KEY_SIZE);
    crypto_auth_hmacsha256 (mac, bytes->data, bytes->len, key);
}

char *
bureau_proof_sign (const guint8 key[BUREAU_PROOF_KEY_SIZE], const char *side, const char *pin,
                   const char *client_nonce, const char *hub_nonce)
{
    guint8 mac[crypto_auth_hmacsha256_BYTES];

    compute_mac (key, side, pin, client_nonce, hub_nonce, mac);
    return bureau_base64url_encode (mac, sizeof mac);
}

gboolean
bureau_proof_verify (const guint8 key[BUREAU_PROOF_KEY_SIZE], const char *side, const char *pin,
                     const char *client_nonce, const char *hub_nonce, const char *proof)
{
    guint8 mac[crypto_auth_hmacsha256_BYTES];
    guint8 shown[crypto_auth_hmacsha256_BYTES] = { 0 };
    gboolean readable = bureau_base64url_decode_all (proof, shown, sizeof shown);

    compute_mac (key, side, pin, client_nonce, hub_nonce, mac);
    return (sodium_memcmp (mac, shown, sizeof mac) == 0) & readable;
}

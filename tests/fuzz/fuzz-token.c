/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Access and refresh tokens: what the hub did not sign is none, whatever it looks like. What it did
 * sign is read to its end, so the input is tried as a payload, too, with a right signature: then it
 * must name somebody, and be of this time. */

#include <sodium.h>
#include <string.h>

#include "bureau-base64url.h"
#include "bureau-refresh-token.h"
#include "bureau-token.h"
#include "slices.h"

#define NOW (G_GINT64_CONSTANT (1000000) * 1000)

static const guint8 key[BUREAU_KEY_SIZE] = { 42 };

static void
check_access (const BureauTokenSigner *signer, const char *token, gboolean is_ours)
{
    g_auto (BureauClaims) claims = { 0 };
    gboolean good = bureau_token_verify (signer, token, NOW, &claims, NULL);

    g_assert (is_ours || !good);
    g_assert (good == (claims.user_id != NULL) && good == (claims.session_id != NULL));
    if (good)
        g_assert (claims.expires_at > NOW);
}

/* (transfer full) */
static char *
sign (const BureauTokenSigner *signer, const char *payload)
{
    g_autofree char *text = g_strdup_printf ("%s.%s", signer->current.header, payload);
    g_autofree char *signature = NULL;
    guint8 mac[crypto_auth_hmacsha256_BYTES];

    crypto_auth_hmacsha256 (mac, (const guint8 *) text, strlen (text), key);
    signature = bureau_base64url_encode (mac, sizeof mac);
    return g_strdup_printf ("%s.%s", text, signature);
}

static void
check_refresh (const char *token)
{
    g_autofree char *session_id = NULL;
    gint64 generation;

    g_assert (!bureau_refresh_token_read (key, token, &session_id, &generation));
    g_assert (session_id == NULL);
}

/* What can be read is written again as the same text: nothing is one token in two ways. */
static void
check_base64url (const char *text)
{
    gsize length = strlen (text), written;
    g_autofree guint8 *bytes = g_malloc (length + 1);
    g_autofree char *again = NULL;

    if (!bureau_base64url_decode (text, length, bytes, length + 1, &written))
        return;
    again = bureau_base64url_encode (bytes, written);
    g_assert (strcmp (again, text) == 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
    g_autofree char *text = g_strndup ((const char *) data, size);
    g_autofree char *encoded = bureau_base64url_encode (data, size);
    g_autofree char *raw = NULL;
    g_autofree char *claims = NULL;
    BureauTokenSigner signer = { 0 };

    bureau_token_init (NULL);
    bureau_token_signer_init (&signer, key, "hub");
    raw = sign (&signer, text);
    claims = sign (&signer, encoded);
    check_access (&signer, text, FALSE);
    check_access (&signer, raw, TRUE);
    check_access (&signer, claims, TRUE);
    check_refresh (text);
    check_base64url (text);
    bureau_token_signer_clear (&signer);
    return 0;
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-token.h"

#include <sodium.h>
#include <string.h>

#include "bureau-base64url.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json-scanner.h"
#include "bureau-json.h"

#define MAX_TOKEN 2048

void
bureau_claims_clear (BureauClaims *claims)
{
    g_clear_pointer (&claims->user_id, g_free);
    g_clear_pointer (&claims->session_id, g_free);
}

gboolean
bureau_token_init (GError **error)
{
    if (sodium_init () >= 0)
        return TRUE;

    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_INTERNAL,
                         "The system gives no random numbers.");
    return FALSE;
}

static void
set_key (BureauTokenKey *self, const guint8 *key)
{
    guint8 digest[crypto_generichash_BYTES_MIN];
    g_autofree char *header = NULL;

    memcpy (self->key, key, BUREAU_KEY_SIZE);
    crypto_generichash (digest, sizeof digest, key, BUREAU_KEY_SIZE, NULL, 0);
    header = g_strdup_printf ("{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"%02x%02x%02x%02x\"}",
                              digest[0], digest[1], digest[2], digest[3]);
    self->header = bureau_base64url_encode (header, strlen (header));
}

static void
clear_key (BureauTokenKey *self)
{
    sodium_memzero (self->key, sizeof self->key);
    g_clear_pointer (&self->header, g_free);
}

void
bureau_token_signer_init (BureauTokenSigner *self, const guint8 *key, const char *hub_id)
{
    *self = (BureauTokenSigner){ .hub_id = g_strdup (hub_id) };
    set_key (&self->current, key);
}

void
bureau_token_signer_rotate (BureauTokenSigner *self, const guint8 *key)
{
    clear_key (&self->previous);
    self->previous = self->current;
    set_key (&self->current, key);
}

void
bureau_token_signer_clear (BureauTokenSigner *self)
{
    clear_key (&self->current);
    clear_key (&self->previous);
    g_clear_pointer (&self->hub_id, g_free);
}

char *
bureau_token_sign (const BureauTokenSigner *self, const char *user_id, const char *session_id,
                   gint64 now, gint64 expires_at)
{
    g_autoptr (JsonObject) claims = json_object_new ();
    g_autofree char *text = NULL;
    g_autofree char *payload = NULL;
    g_autofree char *signed_part = NULL;
    g_autofree char *signature = NULL;
    guint8 mac[crypto_auth_hmacsha256_BYTES];

    bureau_json_set_string (claims, "iss", self->hub_id);
    bureau_json_set_string (claims, "aud", self->hub_id);
    bureau_json_set_string (claims, "sub", user_id);
    bureau_json_set_string (claims, "sid", session_id);
    json_object_set_int_member (claims, "iat", now / 1000);
    json_object_set_int_member (claims, "exp", expires_at / 1000);
    text = bureau_json_object_to_string (claims);
    payload = bureau_base64url_encode (text, strlen (text));
    signed_part = g_strdup_printf ("%s.%s", self->current.header, payload);
    crypto_auth_hmacsha256 (mac, (const guint8 *) signed_part, strlen (signed_part),
                            self->current.key);
    signature = bureau_base64url_encode (mac, sizeof mac);
    return g_strdup_printf ("%s.%s", signed_part, signature);
}

static gboolean
verify_mac (const BureauTokenKey *self, const char *token, const char **payload,
            gsize *payload_length)
{
    gsize header_length = self->header != NULL ? strlen (self->header) : 0;
    const char *dot = strrchr (token, '.');
    guint8 mac[crypto_auth_hmacsha256_BYTES];

    if (header_length == 0 || strncmp (token, self->header, header_length) != 0 ||
        token[header_length] != '.' || dot <= token + header_length)
        return FALSE;
    if (!bureau_base64url_decode_all (dot + 1, mac, sizeof mac) ||
        crypto_auth_hmacsha256_verify (mac, (const guint8 *) token, dot - token, self->key) != 0)
        return FALSE;

    *payload = token + header_length + 1;
    *payload_length = dot - *payload;
    return TRUE;
}

/* A whole number of seconds, as an instant; -1 for anything else, or if it is not there. */
static gint64
get_time (JsonObject *claims, const char *name)
{
    gint64 seconds = bureau_json_get_int (claims, name, -1);

    return seconds >= 0 && seconds <= G_MAXINT64 / 1000 ? seconds * 1000 : -1;
}

static gboolean
is_past (JsonObject *claims, const char *name, gint64 now)
{
    gint64 time = get_time (claims, name);

    return time >= 0 && time <= now;
}

static gboolean
check_claims (const BureauTokenSigner *self, JsonObject *claims, gint64 now)
{
    return g_strcmp0 (bureau_json_get_string (claims, "iss"), self->hub_id) == 0 &&
           g_strcmp0 (bureau_json_get_string (claims, "aud"), self->hub_id) == 0 &&
           is_past (claims, "iat", now) &&
           (!json_object_has_member (claims, "nbf") || is_past (claims, "nbf", now)) &&
           get_time (claims, "exp") > now;
}

static gboolean
read_claims (const BureauTokenSigner *self, const char *payload, gsize length, gint64 now,
             BureauClaims *claims)
{
    char text[MAX_TOKEN + 1];
    gsize written;
    g_autoptr (JsonObject) object = NULL;

    if (!bureau_base64url_decode (payload, length, text, MAX_TOKEN, &written) ||
        !bureau_json_scan (text, written, 2, NULL, NULL))
        return FALSE;
    object = bureau_json_parse_object (text, written, NULL);
    if (object == NULL || !check_claims (self, object, now))
        return FALSE;

    claims->user_id = g_strdup (bureau_json_get_string (object, "sub"));
    claims->session_id = g_strdup (bureau_json_get_string (object, "sid"));
    claims->expires_at = get_time (object, "exp");
    return claims->user_id != NULL && claims->session_id != NULL;
}

gboolean
bureau_token_verify (const BureauTokenSigner *self, const char *token, gint64 now,
                     BureauClaims *claims, GError **error)
{
    const char *payload;
    gsize length;

    memset (claims, 0, sizeof *claims);
    if (token != NULL && strlen (token) <= MAX_TOKEN &&
        (verify_mac (&self->current, token, &payload, &length) ||
         verify_mac (&self->previous, token, &payload, &length)) &&
        read_claims (self, payload, length, now, claims))
        return TRUE;

    bureau_claims_clear (claims);
    g_set_error_literal (
        error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED,
        "This access token is missing, expired or not from this hub. Sign in again.");
    return FALSE;
}

const char *
bureau_token_of_header (const char *header)
{
    static const char scheme[] = "Bearer ";

    return header != NULL && g_ascii_strncasecmp (header, scheme, strlen (scheme)) == 0
               ? header + strlen (scheme)
               : NULL;
}

char *
bureau_secret_new (gsize bytes)
{
    g_autofree guint8 *random = g_malloc (bytes);

    randombytes_buf (random, bytes);
    return bureau_base64url_encode (random, bytes);
}

void
bureau_secret_hash (const char *secret, guint8 *hash)
{
    crypto_generichash (hash, 32, (const guint8 *) secret, strlen (secret), NULL, 0);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sodium.h>
#include <string.h>

#include "bureau-error.h"
#include "bureau-token.h"

#define NOW  G_GINT64_CONSTANT (1800000000000)
#define HOUR (3600 * 1000)

static const guint8 key[BUREAU_KEY_SIZE] = { 1, 2, 3 };

static void
assert_refused (BureauTokenSigner *signer, const char *token, gint64 now)
{
    g_auto (BureauClaims) claims = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_false (bureau_token_verify (signer, token, now, &claims, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED);
    g_assert_null (claims.user_id);
}

static char *
encode (const char *text)
{
    gsize size = sodium_base64_ENCODED_LEN (strlen (text),
                                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *encoded = g_malloc (size);

    return sodium_bin2base64 (encoded, size, (const guint8 *) text, strlen (text),
                              sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* A token with the right MAC over any header and payload. */
static char *
forge (const char *header, const char *payload)
{
    g_autofree char *head = encode (header);
    g_autofree char *body = encode (payload);
    g_autofree char *text = g_strdup_printf ("%s.%s", head, body);
    guint8 mac[crypto_auth_hmacsha256_BYTES];
    char signature[64];

    crypto_auth_hmacsha256 (mac, (const guint8 *) text, strlen (text), key);
    sodium_bin2base64 (signature, sizeof signature, mac, sizeof mac,
                       sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return g_strdup_printf ("%s.%s", text, signature);
}

/* The header that the signer writes, decoded. */
static char *
get_header (BureauTokenSigner *signer)
{
    char *text = g_malloc0 (200);

    sodium_base642bin ((guint8 *) text, 199, signer->current.header,
                       strlen (signer->current.header), NULL, NULL, NULL,
                       sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text;
}

static void
test_round_trip (void)
{
    BureauTokenSigner signer = { 0 };
    g_auto (BureauClaims) claims = { 0 };
    g_autofree char *token = NULL;

    bureau_token_signer_init (&signer, key, "hub");
    token = bureau_token_sign (&signer, "ana", "desk", NOW, NOW + HOUR);
    g_assert_true (bureau_token_verify (&signer, token, NOW, &claims, NULL));
    g_assert_cmpstr (claims.user_id, ==, "ana");
    g_assert_cmpstr (claims.session_id, ==, "desk");
    g_assert_cmpint (claims.expires_at, ==, NOW + HOUR);

    assert_refused (&signer, token, NOW + HOUR);
    bureau_token_signer_clear (&signer);
}

static void
test_other_key_or_hub (void)
{
    const guint8 other_key[BUREAU_KEY_SIZE] = { 3, 2, 1 };
    BureauTokenSigner signer = { 0 }, other = { 0 }, elsewhere = { 0 };
    g_autofree char *token = NULL;

    bureau_token_signer_init (&signer, key, "hub");
    bureau_token_signer_init (&other, other_key, "hub");
    bureau_token_signer_init (&elsewhere, key, "another hub");
    token = bureau_token_sign (&signer, "ana", "desk", NOW, NOW + HOUR);
    assert_refused (&other, token, NOW);
    assert_refused (&elsewhere, token, NOW);
    bureau_token_signer_clear (&signer);
    bureau_token_signer_clear (&other);
    bureau_token_signer_clear (&elsewhere);
}

#define CLAIMS(more)                                                                               \
    "{\"iss\":\"hub\",\"aud\":\"hub\",\"sub\":\"ana\",\"sid\":\"desk\",\"iat\":1800000000" more "}"
#define GOOD CLAIMS (",\"exp\":1900000000")

/* With the right MAC, so that it is for the header alone that they are refused. */
static void
test_forged_headers (void)
{
    static const char *const headers[] = {
        "{\"alg\":\"none\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"NONE\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"nOnE\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"HS512\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"HS256\",\"typ\":\"JWT\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}",
        "{\"typ\":\"at+jwt\",\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"00000000\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"../../dev/null\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"x' UNION SELECT 'a';--\"}",
        "{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AQID\"}}",
        "{}",
        "",
    };
    BureauTokenSigner signer = { 0 };
    g_autofree char *header = NULL;
    g_autofree char *spaced = NULL;
    g_autofree char *spaced_token = NULL;

    bureau_token_signer_init (&signer, key, "hub");
    for (guint i = 0; i < G_N_ELEMENTS (headers); i++) {
        g_autofree char *token = forge (headers[i], GOOD);

        assert_refused (&signer, token, NOW);
    }
    /* Even one that says the same in another way. */
    header = get_header (&signer);
    spaced = g_strconcat (header, " ", NULL);
    spaced_token = forge (spaced, GOOD);
    assert_refused (&signer, spaced_token, NOW);
    bureau_token_signer_clear (&signer);
}

static void
test_forged_claims (void)
{
    static const char *const payloads[] = {
        CLAIMS (",\"exp\":\"1900000000\""),
        CLAIMS (",\"exp\":1900000000.5"),
        CLAIMS (",\"exp\":1.9e9"),
        CLAIMS (",\"exp\":1e999"),
        CLAIMS (",\"exp\":9223372036854775807"),
        CLAIMS (",\"exp\":9223372036854776"),
        CLAIMS (",\"exp\":18446744073709551616"),
        CLAIMS (",\"exp\":-1"),
        CLAIMS (",\"exp\":null"),
        CLAIMS (",\"exp\":true"),
        CLAIMS (",\"exp\":[1900000000]"),
        CLAIMS (",\"exp\":1800000000"),
        CLAIMS (""),
        CLAIMS (",\"exp\":1900000000,\"exp\":1900000000"),
        CLAIMS (",\"exp\":1900000000,\"sub\":\"ben\""),
        CLAIMS (",\"exp\":1900000000,\"nbf\":1800000001"),
        CLAIMS (",\"exp\":1900000000,\"nbf\":\"1800000000\""),
        CLAIMS (",\"exp\":1900000000,\"nbf\":null"),
        CLAIMS (",\"exp\":1900000000,\"nbf\":9223372036854775807"),
        "{\"iss\":\"hub\",\"aud\":\"hub\",\"sub\":\"ana\",\"sid\":\"desk\",\"exp\":1900000000}",
        "{\"iss\":\"hub\",\"aud\":\"hub\",\"sub\":\"ana\",\"sid\":\"desk\",\"iat\":1800000001,\"exp\":1900000000}",
        "{\"iss\":\"hub\",\"aud\":\"hub\",\"sub\":\"ana\",\"sid\":\"desk\",\"iat\":\"1\",\"exp\":1900000000}",
        "{\"iss\":\"hub\",\"aud\":\"hub\",\"sub\":\"ana\",\"iat\":1800000000,\"exp\":1900000000}",
        "{\"iss\":\"hub\",\"aud\":\"hub\",\"sid\":\"desk\",\"iat\":1800000000,\"exp\":1900000000}",
        "{\"iss\":\"hub\",\"sub\":\"ana\",\"sid\":\"desk\",\"iat\":1800000000,\"exp\":1900000000}",
        "{\"aud\":\"hub\",\"sub\":\"ana\",\"sid\":\"desk\",\"iat\":1800000000,\"exp\":1900000000}",
        "{\"iss\":\"hub\",\"aud\":[\"hub\"],\"sub\":\"ana\",\"sid\":\"desk\",\"iat\":1800000000,\"exp\":1900000000}",
        "{\"iss\":\"hub\",\"aud\":\"HUB\",\"sub\":\"ana\",\"sid\":\"desk\",\"iat\":1800000000,\"exp\":1900000000}",
        "{\"iss\":\"hub\",\"aud\":\"hub\",\"sub\":[\"ana\"],\"sid\":\"desk\",\"iat\":1800000000,\"exp\":1900000000}",
        "{\"iss\":\"hub\",\"aud\":\"hub\",\"sub\":7,\"sid\":\"desk\",\"iat\":1800000000,\"exp\":1900000000}",
        GOOD "{}",
        "[]",
        "not json",
        "",
    };
    BureauTokenSigner signer = { 0 };
    g_auto (BureauClaims) claims = { 0 };
    g_autofree char *header = NULL;
    g_autofree char *token = NULL;

    bureau_token_signer_init (&signer, key, "hub");
    header = get_header (&signer);
    token = forge (header, GOOD);
    g_assert_true (bureau_token_verify (&signer, token, NOW, &claims, NULL));
    for (guint i = 0; i < G_N_ELEMENTS (payloads); i++) {
        g_autofree char *forged = forge (header, payloads[i]);

        assert_refused (&signer, forged, NOW);
    }
    bureau_token_signer_clear (&signer);
}

/* Two keys live; what the one before those has signed is nothing. */
static void
test_rotation (void)
{
    const guint8 second[BUREAU_KEY_SIZE] = { 2 }, third[BUREAU_KEY_SIZE] = { 3 };
    BureauTokenSigner signer = { 0 };
    g_auto (BureauClaims) claims = { 0 };
    g_auto (BureauClaims) new_claims = { 0 };
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    g_autofree char *header = NULL;
    g_autofree char *crossed = NULL;

    bureau_token_signer_init (&signer, key, "hub");
    before = bureau_token_sign (&signer, "ana", "desk", NOW, NOW + HOUR);
    bureau_token_signer_rotate (&signer, second);
    after = bureau_token_sign (&signer, "ben", "bag", NOW, NOW + HOUR);
    g_assert_true (bureau_token_verify (&signer, before, NOW, &claims, NULL));
    g_assert_true (bureau_token_verify (&signer, after, NOW, &new_claims, NULL));
    g_assert_cmpstr (claims.user_id, ==, "ana");
    g_assert_cmpstr (new_claims.user_id, ==, "ben");
    assert_refused (&signer, before, NOW + HOUR);

    /* The new header over a MAC of the old key. */
    header = get_header (&signer);
    crossed = forge (header, GOOD);
    assert_refused (&signer, crossed, NOW);

    bureau_token_signer_rotate (&signer, third);
    assert_refused (&signer, before, NOW);
    bureau_token_signer_clear (&signer);
}

/* No bit of a token can be changed, and nothing cut off or added. */
static void
test_every_bit_counts (void)
{
    BureauTokenSigner signer = { 0 };
    g_autofree char *token = NULL;
    g_autofree char *longer = NULL;
    g_autofree char *huge = g_strnfill (1000000, 'a');
    gsize length;

    bureau_token_signer_init (&signer, key, "hub");
    token = bureau_token_sign (&signer, "ana", "desk", NOW, NOW + HOUR);
    length = strlen (token);
    for (gsize i = 0; i < length * 7; i++) {
        g_autofree char *changed = g_strdup (token);

        changed[i / 7] ^= 1 << (i % 7);
        assert_refused (&signer, changed, NOW);
    }
    for (gsize i = 0; i < length; i++) {
        g_autofree char *cut = g_strndup (token, i);

        assert_refused (&signer, cut, NOW);
    }
    longer = g_strconcat (token, "=", NULL);
    assert_refused (&signer, longer, NOW);
    assert_refused (&signer, huge, NOW);
    assert_refused (&signer, NULL, NOW);
    assert_refused (&signer, "..", NOW);
    bureau_token_signer_clear (&signer);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_assert_cmpint (sodium_init (), >=, 0);

    g_test_add_func ("/token/round-trip", test_round_trip);
    g_test_add_func ("/token/other-key-or-hub", test_other_key_or_hub);
    g_test_add_func ("/token/forged-headers", test_forged_headers);
    g_test_add_func ("/token/forged-claims", test_forged_claims);
    g_test_add_func ("/token/rotation", test_rotation);
    g_test_add_func ("/token/every-bit-counts", test_every_bit_counts);
    return g_test_run ();
}

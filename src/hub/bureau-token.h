/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

#include "bureau-data-directory.h"

G_BEGIN_DECLS

/* Access tokens: JWTs with one algorithm, HS256, fixed in code (reliability.md, 6; RFC 7519, RFC
 * 8725). The header must be our very text, and the MAC is checked before any of the payload is
 * parsed. */
typedef struct {
    guint8 key[BUREAU_KEY_SIZE];
    char *header; /* (owned) (nullable): the one header there is for it, base64url; NULL: no key */
} BureauTokenKey;

typedef struct {
    BureauTokenKey current;
    BureauTokenKey previous; /* what it has signed is good until it expires */
    char *hub_id;            /* (owned): issuer and audience */
} BureauTokenSigner;

typedef struct {
    char *user_id;    /* (owned) */
    char *session_id; /* (owned) */
    gint64 expires_at;
} BureauClaims;
void bureau_claims_clear (BureauClaims *claims);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BureauClaims, bureau_claims_clear)

/* Before all else here, once or often; fails where the system gives no random numbers. */
gboolean bureau_token_init (GError **error);

void bureau_token_signer_init (BureauTokenSigner *self, const guint8 *key, const char *hub_id);
/* Signs with @key from now on, and still knows what the key before has signed; no earlier one. */
void bureau_token_signer_rotate (BureauTokenSigner *self, const guint8 *key);
void bureau_token_signer_clear (BureauTokenSigner *self);

/* @now, @expires_at: instants. (transfer full) */
char *bureau_token_sign (const BureauTokenSigner *self, const char *user_id, const char *session_id,
                         gint64 now, gint64 expires_at);
/* BUREAU_ERROR_UNAUTHENTICATED for anything but a token that this hub made and that has not
 * expired. */
gboolean bureau_token_verify (const BureauTokenSigner *self, const char *token, gint64 now,
                              BureauClaims *claims, GError **error);

/* The token of an Authorization header (RFC 6750, 2.1); NULL if it has none. @header: nullable.
 * (transfer none) */
const char *bureau_token_of_header (const char *header);

/* A new secret for a person to keep: so many random bytes, in base64url. (transfer full) */
char *bureau_secret_new (gsize bytes);
/* What is stored of a secret: BLAKE2b, 32 bytes. */
void bureau_secret_hash (const char *secret, guint8 *hash);

G_END_DECLS

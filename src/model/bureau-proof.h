/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How a typed code proves itself without being sent (reliability.md, 5). Both ends derive the same
 * key from the code, the certificate that each of them sees and a nonce of each, and show one
 * another that they have it, the client first. Whoever stands between them shows the client another
 * certificate, so what they overhear is no proof for the hub, and to get the code out of it they
 * would have to try codes at the price of a derivation each. */

#define BUREAU_PROOF_KEY_SIZE 32

/* Whose proof it is: neither can be sent back as the other. */
#define BUREAU_PROOF_CLIENT "client"
#define BUREAU_PROOF_HUB    "hub"

/* 16 random bytes in base64url. (transfer full) */
char *bureau_proof_nonce_new (void);
gboolean bureau_proof_nonce_is_valid (const char *nonce);

/* @code: in canonical form, see bureau_code_normalize(); @pin: the certificate's SPKI SHA-256 in
 * base64url as this end sees it, "" on plain loopback. Argon2id: 64 MiB and more than 100 ms, so
 * never in a thread that has anything else to do. BUREAU_ERROR_UNAVAILABLE if there is not that
 * much memory. The caller wipes @key. */
gboolean bureau_proof_derive (const char *code, const char *pin, const char *client_nonce,
                              const char *hub_nonce, guint8 key[BUREAU_PROOF_KEY_SIZE],
                              GError **error);

/* HMAC-SHA256 in base64url. (transfer full) */
char *bureau_proof_sign (const guint8 key[BUREAU_PROOF_KEY_SIZE], const char *side, const char *pin,
                         const char *client_nonce, const char *hub_nonce);
/* In the same time whatever @proof is. */
gboolean bureau_proof_verify (const guint8 key[BUREAU_PROOF_KEY_SIZE], const char *side,
                              const char *pin, const char *client_nonce, const char *hub_nonce,
                              const char *proof);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Whom a client believes: not a CA, not a name, not a date, but one key. A pin is the SHA-256 of a
 * certificate's key (SPKI), as 43 characters of base64url (reliability.md, 5). */

#define BUREAU_PIN_LENGTH    43
#define BUREAU_PIN_HASH_SIZE 32

/* (transfer full) */
char *bureau_pin_new_from_hash (const guint8 hash[BUREAU_PIN_HASH_SIZE]);

/* The pin of a certificate. @bytes: DER. NULL if that is none. (transfer full) */
char *bureau_pin_new_from_der (const void *bytes, gsize length);

#define BUREAU_TYPE_PIN_DATABASE (bureau_pin_database_get_type ())
G_DECLARE_FINAL_TYPE (BureauPinDatabase, bureau_pin_database, BUREAU, PIN_DATABASE, GTlsDatabase)

/* For soup_session_set_tls_database(), which the WebSocket obeys too. Accepts the leaf with @pin
 * and nobody else; with "" nobody at all. NULL: learns, that is accepts the first that it is shown,
 * and from then on only that one: to ask a hub for a proof of who it is, and for nothing secret. */
GTlsDatabase *bureau_pin_database_new (const char *pin);
/* The one that is accepted; NULL while it has yet to learn. (nullable) (transfer none) */
const char *bureau_pin_database_get_pin (BureauPinDatabase *self);

/* Whether something secret may go to @uri with this @session at all: over https, or plainly to this
 * very machine if the session has no pin. Sets BUREAU_SOCKET_ERROR_PLAIN. */
gboolean bureau_pin_check_uri (SoupSession *session, GUri *uri, GError **error);
/* Before a handshake: names the hub to it by a name that is everybody's. glib-networking would send
 * the address that was asked for, which RFC 6066, section 3, forbids and GnuTLS refuses if it is
 * one of IPv6. */
void bureau_pin_prepare_connection (GTlsConnection *connection);
/* After a handshake, before anything is sent: TLS 1.3 and the pin once more, for a session that was
 * resumed asks no database. Sets BUREAU_SOCKET_ERROR_STRANGER or G_TLS_ERROR. */
gboolean bureau_pin_check_connection (SoupSession *session, GTlsConnection *connection,
                                      GError **error);
/* A handshake has failed with @error: BUREAU_SOCKET_ERROR_STRANGER in its stead, if that was for
 * the pin. (transfer full) both ways. */
GError *bureau_pin_explain (SoupSession *session, GError *error);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-hub-address.h"

G_BEGIN_DECLS

/* An invitation as people pass it on (reliability.md, 5): the link
 * `bureau://HOST:PORT/#v1.PIN.SECRET`, whose fragment never reaches a server's log, or an address
 * and a typed code, `K7QF-2M9X`. PIN is the certificate's SPKI SHA-256 in base64url; empty for a
 * hub on loopback, which needs none. A link whose SECRET is empty invites nobody: with it, somebody
 * who has a handle and a password signs in on another machine. */
typedef struct {
    char *host; /* (owned): a name, an IPv4 or a bracket-less IPv6 address */
    guint16 port;
    char *pin;      /* (owned): "" on loopback, and of a typed code, which proves the certificate */
    char *secret;   /* (owned): the link's secret or the typed code in canonical form */
    gboolean typed; /* it is a code, which is never sent */
} BureauInvitation;

BureauInvitation *bureau_invitation_copy (const BureauInvitation *invitation);
void bureau_invitation_free (BureauInvitation *invitation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauInvitation, bureau_invitation_free)

/* Parses a link strictly: LDH names or IP literals only, no user info, no control bytes, no path.
 * Sets BUREAU_ERROR_INVALID with a sentence for people. */
BureauInvitation *bureau_invitation_parse_link (const char *link, GError **error);
/* Parses "HOST[:PORT]", also with http:// or https:// before it, and a typed code. */
BureauInvitation *bureau_invitation_parse_code (const char *address, const char *code,
                                                GError **error);

/* (transfer full) */
char *bureau_invitation_to_link (const BureauInvitation *invitation);
/* "https://HOST:PORT", an IPv6 address in brackets; "http://…" on loopback, unless there is a pin.
 * (transfer full) */
char *bureau_invitation_to_base_uri (const BureauInvitation *invitation);

/* The canonical form of a typed code: 8 Crockford base-32 characters, upper case, O read as 0, I
 * and L as 1, blanks and hyphens dropped. NULL if it is none. (transfer full) */
char *bureau_code_normalize (const char *typed);
/* "K7QF-2M9X" (transfer full) */
char *bureau_code_format (const char *code);

G_END_DECLS

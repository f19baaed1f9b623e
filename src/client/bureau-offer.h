/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "bureau-enums.h"
#include "bureau-invitation.h"

G_BEGIN_DECLS

/* What an invitation is good for, as the office itself says: its certificate is proven. */
typedef struct {
    char *base_uri; /* (owned) */
    char *pin;      /* (owned): of the office's certificate; "" on loopback */
    char *secret; /* (owned): to join with, once: the link's, or what the typed code was good for */
    char *office_name; /* (owned) */
    char *member_name; /* (owned) (nullable): whom the one who joins takes over, as others know them
                        */
    BureauRole role;
} BureauOffer;

BureauOffer *bureau_offer_copy (const BureauOffer *offer);
void bureau_offer_free (BureauOffer *offer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauOffer, bureau_offer_free)

/* Asks the office what @invitation is good for; that does not use it up. A link is asked for at the
 * hub with its certificate and at no other. A typed code is never sent: each end proves to the
 * other that it knows it, for the certificate that is in between (reliability.md, 5). */
void bureau_offer_get_async (const BureauInvitation *invitation, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data);
/* Errors are BUREAU_ERROR with a sentence for people: BUREAU_ERROR_FORBIDDEN if the invitation or
 * the code is not good (any more), BUREAU_ERROR_RATE_LIMITED after too many wrong ones,
 * BUREAU_ERROR_UNAVAILABLE if nobody is there; and
 * BUREAU_ERROR_STRANGER if that is not the office the invitation is from. (transfer full) */
BureauOffer *bureau_offer_get_finish (GAsyncResult *result, GError **error);

G_END_DECLS

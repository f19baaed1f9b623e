/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-accounts.h"
#include "bureau-offer.h"
#include "bureau-workplace.h"

G_BEGIN_DECLS

/* The office that one is invited to, by what it can be told from others; then one's name and a
 * password.
 *
 * Signal "entered" (BureauWorkplace *workplace): one is in. */
#define BUREAU_TYPE_OFFER_PAGE (bureau_offer_page_get_type ())
G_DECLARE_FINAL_TYPE (BureauOfferPage, bureau_offer_page, BUREAU, OFFER_PAGE, AdwBin)

void bureau_offer_page_set_accounts (BureauOfferPage *self, BureauAccounts *accounts);
void bureau_offer_page_begin (BureauOfferPage *self, const BureauOffer *offer);
/* Gives up what is being done. */
void bureau_offer_page_cancel (BureauOfferPage *self);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-accounts.h"
#include "bureau-offer.h"

G_BEGIN_DECLS

/* Where to join, and with what: a hub of the list or an address and a typed code, or a link. Asks
 * the hub what that is good for, and no more. A code is complete with its last character: then it
 * goes on by itself.
 *
 * Signals:
 *  - "offered" (BureauOffer *offer): the office has said so
 *  - "sign-in-wanted" (BureauInvitation *place): it is a link to sign in with, which invites nobody
 */
#define BUREAU_TYPE_JOIN_PAGE (bureau_join_page_get_type ())
G_DECLARE_FINAL_TYPE (BureauJoinPage, bureau_join_page, BUREAU, JOIN_PAGE, AdwBin)

void bureau_join_page_set_accounts (BureauJoinPage *self, BureauAccounts *accounts);
/* To be called when it is shown; what was typed before is still there. */
void bureau_join_page_begin (BureauJoinPage *self);
/* Gives up what it is asking. */
void bureau_join_page_cancel (BureauJoinPage *self);

G_END_DECLS

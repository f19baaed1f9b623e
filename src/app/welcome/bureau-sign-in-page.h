/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-accounts.h"
#include "bureau-workplace.h"

G_BEGIN_DECLS

/* Signing in at an office that one is a member of already, as on a second machine: handle and
 * password.
 *
 * Signal "entered" (BureauWorkplace *workplace): one is in. */
#define BUREAU_TYPE_SIGN_IN_PAGE (bureau_sign_in_page_get_type ())
G_DECLARE_FINAL_TYPE (BureauSignInPage, bureau_sign_in_page, BUREAU, SIGN_IN_PAGE, AdwBin)

void bureau_sign_in_page_set_accounts (BureauSignInPage *self, BureauAccounts *accounts);
/* @place: a link without a secret. */
void bureau_sign_in_page_begin (BureauSignInPage *self, const BureauInvitation *place);
/* Gives up what is being done. */
void bureau_sign_in_page_cancel (BureauSignInPage *self);

G_END_DECLS

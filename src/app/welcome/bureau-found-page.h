/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-accounts.h"
#include "bureau-workplace.h"

G_BEGIN_DECLS

/* Making an office on this machine, to share it with others or to be alone in it for now. Nobody is
 * asked for a password: whoever has the office's folder is its owner.
 *
 * Signal "entered" (BureauWorkplace *workplace): it is made and open. */
#define BUREAU_TYPE_FOUND_PAGE (bureau_found_page_get_type ())
G_DECLARE_FINAL_TYPE (BureauFoundPage, bureau_found_page, BUREAU, FOUND_PAGE, AdwBin)

void bureau_found_page_set_accounts (BureauFoundPage *self, BureauAccounts *accounts);
/* @alone: nobody else is to be let in yet. */
void bureau_found_page_begin (BureauFoundPage *self, gboolean alone);
/* Gives up what is being done. */
void bureau_found_page_cancel (BureauFoundPage *self);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-accounts.h"
#include "bureau-workplace.h"

G_BEGIN_DECLS

/* The first run: start an office here, join one, or go on alone; and the way back into an office
 * that one has been in. Errors are said in place, and what was typed stays.
 *
 * Signals:
 *  - "entered" (BureauWorkplace *workplace): an office is open
 *  - "returned" (const char *user_id): an office of earlier is wanted */
#define BUREAU_TYPE_WELCOME (bureau_welcome_get_type ())
G_DECLARE_FINAL_TYPE (BureauWelcome, bureau_welcome, BUREAU, WELCOME, AdwBin)

void bureau_welcome_set_accounts (BureauWelcome *self, BureauAccounts *accounts);
/* To be called when it is shown: the tiles, or the page to join at. */
void bureau_welcome_begin (BureauWelcome *self, gboolean joins);
/* A sentence above the tiles that says why one is here (again). */
void bureau_welcome_set_notice (BureauWelcome *self, const char *text);

G_END_DECLS

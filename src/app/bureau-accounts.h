/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* The offices this person has been in, as the settings key "accounts" holds them: JSON, no secret.
 * An account is named by its user id. */
#define BUREAU_TYPE_ACCOUNTS (bureau_accounts_get_type ())
G_DECLARE_FINAL_TYPE (BureauAccounts, bureau_accounts, BUREAU, ACCOUNTS, GObject)

BureauAccounts *bureau_accounts_new (GSettings *settings);
/* The account that was open last; NULL if there is none. @office: (out) (transfer full) (nullable):
 * the name of the folder the office lives in, where this machine serves it. (transfer full)
 * (nullable) */
BureauAccount *bureau_accounts_get_last (BureauAccounts *self, char **office);
/* Adds it, or takes the place of the one with the same user id, and makes it the last one. */
void bureau_accounts_save (BureauAccounts *self, const BureauAccount *account, const char *office);
void bureau_accounts_remove (BureauAccounts *self, const char *user_id);

G_END_DECLS

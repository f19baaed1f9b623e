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
/* All of them, the one that was open last first. (element-type BureauAccount) (transfer container):
 * free with g_ptr_array_unref */
GPtrArray *bureau_accounts_list (BureauAccounts *self);
/* Those of offices that this machine does not serve itself. The same ownership. */
GPtrArray *bureau_accounts_list_joined (BureauAccounts *self);
/* Adds it, or takes the place of the one with the same user id, and makes it the last one. */
void bureau_accounts_save (BureauAccounts *self, const BureauAccount *account, const char *office);
/* Makes it the last one, if it is there. */
void bureau_accounts_choose (BureauAccounts *self, const char *user_id);
/* Whether the office, which this machine serves, is open to the network. */
gboolean bureau_accounts_get_shared (BureauAccounts *self, const char *user_id);
void bureau_accounts_set_shared (BureauAccounts *self, const char *user_id, gboolean shared);
void bureau_accounts_remove (BureauAccounts *self, const char *user_id);

G_END_DECLS

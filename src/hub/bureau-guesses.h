/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"

G_BEGIN_DECLS

/* How often somebody may guess a secret wrong: a password, an invitation, a code (rules.md, Limits;
 * reliability.md, 5 and G27). Counted in the store, so a restart forgets nothing:
 *
 * - of an account at an address: 5 a minute, then waits that double, up to a quarter of an hour;
 * - of an account at all addresses together: 20 an hour;
 * - of an address for all accounts together: 60 an hour, 20 at once.
 *
 * Nobody is locked out by it: where the account has been signed in to before, only what is guessed
 * at that very address counts, whatever strangers do elsewhere; and no wait is longer than a
 * quarter of an hour. Accounts that do not exist are counted like those that do. */

/* Whether the call may guess now: else BUREAU_ERROR_RATE_LIMITED with the time to wait. @account
 * (nullable): the handle as it is written; NULL for a secret that is nobody's, an invitation's. */
gboolean bureau_guesses_check (BureauCall *call, const char *account, GError **error);
/* Counts one, in the call's transaction. What takes long to try is counted before it is tried: so
 * it counts although the hub dies meanwhile, and many at once are no more than one by one. */
gboolean bureau_guesses_count (BureauCall *call, const char *account, GError **error);
/* The one that was counted last was right. */
gboolean bureau_guesses_forgive (BureauCall *call, const char *account, GError **error);

G_END_DECLS

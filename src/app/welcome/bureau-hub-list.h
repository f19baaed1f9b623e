/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-accounts.h"
#include "bureau-found-hub.h"

G_BEGIN_DECLS

/* The hubs to join an office at: those that announce themselves on the network, and those of
 * offices that one has been in. One may be chosen; the only one is chosen from the start. What is
 * found is hearsay: an office's name stands there only if it is known, by the pin of the hub's
 * certificate, from before.
 *
 * It listens to the network while it is mapped.
 *
 * Signal "chosen": another one is, or none. */
#define BUREAU_TYPE_HUB_LIST (bureau_hub_list_get_type ())
G_DECLARE_FINAL_TYPE (BureauHubList, bureau_hub_list, BUREAU, HUB_LIST, AdwBin)

void bureau_hub_list_set_accounts (BureauHubList *self, BureauAccounts *accounts);
/* Where the chosen one is, as one would type it. (transfer full) (nullable) */
char *bureau_hub_list_get_address (BureauHubList *self);
void bureau_hub_list_choose_none (BureauHubList *self);

G_END_DECLS

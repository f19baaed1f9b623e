/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "bureau-client.h"
#include "bureau-found-hub.h"

G_BEGIN_DECLS

/* A hub that one may choose to join at: found on the network, known from an account, or both. */
#define BUREAU_TYPE_HUB_CHOICE (bureau_hub_choice_get_type ())
G_DECLARE_FINAL_TYPE (BureauHubChoice, bureau_hub_choice, BUREAU, HUB_CHOICE, GObject)

/* One of them may be NULL. */
BureauHubChoice *bureau_hub_choice_new (BureauFoundHub *found, const BureauAccount *account);
/* Both (nullable) (transfer none). */
BureauFoundHub *bureau_hub_choice_get_found (BureauHubChoice *self);
const BureauAccount *bureau_hub_choice_get_account (BureauHubChoice *self);
gboolean bureau_hub_choice_equal (BureauHubChoice *self, BureauHubChoice *other);

/* "192.168.1.20:28732", as one would type it. (transfer none) */
const char *bureau_hub_choice_get_address (BureauHubChoice *self);
/* The office's name where it is known, else the hub's. (transfer none) */
const char *bureau_hub_choice_get_title (BureauHubChoice *self);

G_END_DECLS

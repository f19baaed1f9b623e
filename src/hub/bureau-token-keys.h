/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"
#include "bureau-data-directory.h"
#include "bureau-token.h"

G_BEGIN_DECLS

/* The keys that sign access tokens, and their turning over: once a year, or when whoever runs the
 * hub asks for it. What the key before has signed is good until it expires; of an earlier one
 * nothing is. */

/* Reads them from the directory; the first is made at first use. */
gboolean bureau_token_keys_load (BureauTokenSigner *signer, BureauDataDirectory *directory,
                                 const char *hub_id, GError **error);

/* Turns them over, in a turn. @actor: taken; an owner with a token of `bureau-hub`, which is made
 * by whoever can read the keys anyway; NULL: the hub itself. */
BureauRequest *bureau_token_keys_new_rotation (BureauAuthority *authority, BureauActor *actor);
/* Queues that if the key is a year old. */
void bureau_token_keys_review (BureauAuthority *authority);

G_END_DECLS

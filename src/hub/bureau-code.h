/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"

G_BEGIN_DECLS

/* A typed code, proven without being sent (doors.md, REST; bureau-proof.h). Of the codes that are
 * open the hub tries each. */

/* `{nonce}` → `{attempt, nonce}` */
BureauRequest *bureau_code_new_attempt (BureauAuthority *authority, JsonObject *params);
/* `{attempt, proof}` → `{proof, code, …}`: the hub's own proof, what the invitation is good for,
 * and a ticket to join with. */
BureauRequest *bureau_code_new_proof (BureauAuthority *authority, JsonObject *params);

/* Attempts that have begun, by their ids: the authority keeps them. */
GHashTable *bureau_attempts_new (void);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"

G_BEGIN_DECLS

/* Renewing a session and ending it (doors.md, REST), each a request of the turn like any command.
 */

/* `{refreshToken}`: a new pair of tokens. */
BureauRequest *bureau_refresh_new (BureauAuthority *authority, JsonObject *params);
/* Signs @actor (taken) out of the device they ask from. */
BureauRequest *bureau_refresh_new_logout (BureauAuthority *authority, BureauActor *actor);

G_END_DECLS

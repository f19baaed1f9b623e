/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"

G_BEGIN_DECLS

/* Signing in with a password: `{handle, password, device}` (doors.md, REST). A name that nobody has
 * takes as much work, is answered the same and counted the same as a password that is wrong. */
BureauRequest *bureau_sign_in_new (BureauAuthority *authority, JsonObject *params);

G_END_DECLS

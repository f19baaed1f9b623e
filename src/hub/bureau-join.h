/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"

G_BEGIN_DECLS

/* Joining an office with an invitation (doors.md, REST). Each is a request of the turn like any
 * command, so the member, the session and the event of their joining are one transaction. */

/* `{code}`: what an invitation is good for, without using it. */
BureauRequest *bureau_join_new_look (BureauAuthority *authority, JsonObject *params);
/* `{code, name, password?, device}`: `code` is a link's secret or a ticket. Where the request has
 * an actor, somebody who is in another workspace of this hub, they join, with `code` alone. */
BureauRequest *bureau_join_new (BureauAuthority *authority, JsonObject *params);

G_END_DECLS

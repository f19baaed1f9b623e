/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-live.h"

G_BEGIN_DECLS

/* How the office's storage does, and its owners are told of it (reliability.md, G19): a line in the
 * log, and `storage:changed` {state, message?} to all of them, also to one who comes later while
 * something is wrong. While it is, the hub tries once a second whether it can write again. */

/* After a turn, or whatever else has touched the disk. */
void bureau_health_review (BureauAuthority *authority);
/* After @store, which only looks at the office's file, has failed: if that is damaged, it is for
 * the authority's own as well. */
void bureau_health_hear_of (BureauAuthority *authority, BureauStore *store);
/* To one who has just come; tells only an owner. */
gboolean bureau_health_send (BureauAuthority *authority, BureauLive *live, GError **error);
void bureau_health_stop (BureauAuthority *authority);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"

G_BEGIN_DECLS

/* What a hub that serves does for its office once a day: it copies the database's pages between its
 * other work; then a thread examines the copy, and, if that is sound, makes a backup of it and
 * removes those that are too many (reliability.md, G20 and G21). If it is damaged, nothing is
 * written to the database any more, and the owners are told. The functions are for the hub's
 * thread. */
typedef struct _BureauUpkeep BureauUpkeep;

/* Removes what is left of a backup that was interrupted. Before anybody is served. */
BureauUpkeep *bureau_upkeep_new (BureauAuthority *authority);
/* Stops what is being done. */
void bureau_upkeep_free (BureauUpkeep *self);

/* Begins, if a day has gone by since the last time; the hub calls it by itself every few minutes.
 */
void bureau_upkeep_review (BureauUpkeep *self);
gboolean bureau_upkeep_is_busy (BureauUpkeep *self);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-live.h"

G_BEGIN_DECLS

/* The rooms of a person, and where their logs stand. */

/* Rooms with a log that the person is in. (transfer full) */
GStrv bureau_list_rooms (BureauStore *store, const char *user_id, GError **error);
/* {"epoch","rooms","serverTime"} (transfer full) */
JsonObject *bureau_describe_heads (BureauAuthority *authority, const char *const *rooms,
                                   GError **error);

/* sync:heads to all who follow them, a few at a time, so that nobody stays behind unknowingly
 * (reliability.md, G5). */
void bureau_heads_tell (BureauLiveTable *table);
void bureau_heads_stop (BureauLiveTable *table);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-store.h"

G_BEGIN_DECLS

/* Signed-in devices. For all that is true of a store, see bureau-store.h. */

typedef struct {
    char *id;
    char *user_id;
} BureauSessionRow;
void bureau_session_row_free (BureauSessionRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauSessionRow, bureau_session_row_free)

/* @hash: 32 bytes, of the refresh token. */
gboolean bureau_store_add_session (BureauStore *store, const char *id, const char *user_id,
                                   const char *device, const guint8 *hash, gint64 now,
                                   GError **error);
/* The live session whose current or previous refresh token has @hash. */
BureauSessionRow *bureau_store_find_session (BureauStore *store, const guint8 *hash,
                                             GError **error);
/* Puts @next in place of @used, which stays good until @next is first used: a lost reply signs
 * nobody out. */
gboolean bureau_store_rotate_session (BureauStore *store, const char *id, const guint8 *used,
                                      const guint8 *next, gint64 now, GError **error);
gboolean bureau_store_is_session_live (BureauStore *store, const char *id, const char *user_id,
                                       GError **error);

G_END_DECLS

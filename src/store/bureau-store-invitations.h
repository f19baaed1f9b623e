/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-store.h"

G_BEGIN_DECLS

/* Invitations that have not been used up. For all that is true of a store, see bureau-store.h. */

/* @secret_hash, @code_hash: 32 bytes each. @project_id: nullable. */
gboolean bureau_store_add_invitation (BureauStore *store, const char *id, const char *workspace_id,
                                      BureauRole role, const char *project_id,
                                      const guint8 *secret_hash, const guint8 *code_hash,
                                      gint64 uses, gint64 expires_at, const char *created_by,
                                      gint64 now, GError **error);
/* Takes one use of the invitation with that hash: {id, workspaceId, role, projectId}; NULL if there
 * is none, or it is used up or expired. */
JsonObject *bureau_store_use_invitation (BureauStore *store, const guint8 *hash, gint64 now,
                                         GError **error);

G_END_DECLS

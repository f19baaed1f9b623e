/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-audit.h"

G_BEGIN_DECLS

/* What comes into an office where no hub serves it yet. */

/* Makes the office's first rows in the open store, in a transaction of its own: hub id, epoch,
 * workspace, owner and the owner's session. @refresh_token: (out) (transfer full). */
gboolean bureau_founding_create_office (BureauStore *store, BureauAudit *audit,
                                        const guint8 *refresh_key, const char *office_name,
                                        const char *owner_name, const char *device, gint64 now,
                                        char **user_id, char **workspace_id, char **refresh_token,
                                        GError **error);

/* A further session of @user_id's (inout), NULL: of the office's first owner, in a transaction of
 * its own. BUREAU_ERROR_NOT_FOUND if there is no such member. (out) (transfer full) */
gboolean bureau_founding_add_session (BureauStore *store, BureauAudit *audit,
                                      const guint8 *refresh_key, const char *device, gint64 now,
                                      char **user_id, char **workspace_id, char **refresh_token,
                                      GError **error);

G_END_DECLS

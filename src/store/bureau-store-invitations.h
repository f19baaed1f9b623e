/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-store.h"

G_BEGIN_DECLS

/* Invitations, with what they are known by: the link's secret, which is kept as its hash; a typed
 * code, which must be known to be proven and so is kept sealed, for its few minutes; tickets, one
 * for each time the code was proven, kept as hashes. An invitation is open while it has uses left
 * and has not expired. For all that is true of a store, see bureau-store.h. */
typedef struct {
    char *id;           /* (owned) */
    char *workspace_id; /* (owned) */
    char *project_id;   /* (owned) (nullable) */
    char *member_id;    /* (owned) (nullable): a placeholder, whom whoever joins takes over */
    char *created_by;   /* (owned) */
    BureauRole role;
    gint64 uses;
    gint64 uses_left;
    gint64 expires_at;
    gint64 created_at;
    GBytes *code; /* (owned) (nullable): sealed; NULL where it has none that is still good */
    gint64 code_expires_at;
} BureauInvitationRow;
void bureau_invitation_row_free (BureauInvitationRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauInvitationRow, bureau_invitation_row_free)

/* @row: its `uses_left` is taken from `uses`. @secret_hash: 32 bytes. */
gboolean bureau_store_add_invitation (BureauStore *store, const BureauInvitationRow *row,
                                      const guint8 *secret_hash, GError **error);
/* NULL without an error: there is none that is open. All (transfer full). */
BureauInvitationRow *bureau_store_get_invitation (BureauStore *store, const char *id, gint64 now,
                                                  GError **error);
/* The open one whose link has the secret, or that was given the ticket, with this hash. */
BureauInvitationRow *bureau_store_find_invitation (BureauStore *store, const guint8 *hash,
                                                   gint64 now, GError **error);
/* The workspace's open ones, oldest first, at most @limit. (element-type BureauInvitationRow) */
GPtrArray *bureau_store_list_invitations (BureauStore *store, const char *workspace_id, gint64 now,
                                          guint limit, GError **error);
/* Those that have a code, the newest code first, of all workspaces. */
GPtrArray *bureau_store_list_codes (BureauStore *store, gint64 now, guint limit, GError **error);

/* Takes one use, and the ticket with @hash if there is one. Ends the code with the last use. */
gboolean bureau_store_use_invitation (BureauStore *store, const char *id, const guint8 *hash,
                                      GError **error);
/* Withdraws it, with its code and its tickets. */
gboolean bureau_store_end_invitation (BureauStore *store, const char *id, GError **error);
/* Forgets those of the workspace, and the tickets of the hub, that were over before @before. */
gboolean bureau_store_forget_invitations (BureauStore *store, const char *workspace_id,
                                          gint64 before, GError **error);

/* Gives it a new sealed code, with no tries yet, in place of any other of whoever made it. */
gboolean bureau_store_set_code (BureauStore *store, const char *id, const char *created_by,
                                GBytes *code, gint64 expires_at, GError **error);
/* Counts a proof that did not fit the code, if that is still @code, and ends it with the
 * @max_tries-th. */
gboolean bureau_store_count_try (BureauStore *store, const char *id, GBytes *code, guint max_tries,
                                 GError **error);
/* @hash: 32 bytes. */
gboolean bureau_store_add_ticket (BureauStore *store, const char *invitation_id, const guint8 *hash,
                                  gint64 expires_at, GError **error);

G_END_DECLS

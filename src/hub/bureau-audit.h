/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-audit-act.h"
#include "bureau-call.h"
#include "bureau-data-directory.h"

G_BEGIN_DECLS

/* The audit: who let whom in, gave or took what, and was refused what (reliability.md, G26). Rows
 * carry ids, never names, typed text or secrets. */

/* Writes what the call did, in its transaction: if that is taken back, so is the row.
 * @workspace_id (nullable): the whole hub's. @subject (nullable): whom or what it was done to, an
 * id. @details: taken, nullable, and small. */
gboolean bureau_call_audit (BureauCall *call, const char *workspace_id, BureauAuditAct act,
                            const char *subject, JsonObject *details, GError **error);
/* Notes what the call was refused: written in the turn's transaction, although the call's own doing
 * is taken back. @why (nullable): a word, "password" or the command's name; never what they sent.
 */
void bureau_call_audit_refusal (BureauCall *call, const char *workspace_id, BureauAuditAct act,
                                const char *subject, const char *why);

/* Notes, in the next turn, that somebody came with a token of ours that is good no more. What is no
 * token of ours is noise. */
void bureau_audit_queue_refused_sign_in (BureauAuthority *authority, const char *user_id,
                                         const char *address);
/* Notes, in the next turn and once a day, that a token of `bureau-hub token` is in use. Making one
 * leaves no trace: whoever reads the hub's files can, while it does not serve. */
void bureau_audit_queue_script (BureauAuthority *authority, const char *user_id,
                                const char *address);

/* ------------------------------------------------------------------ for the authority */

/* The key, and what keeps a flood of refusals from filling the disk. */
typedef struct _BureauAudit BureauAudit;

/* With the directory's key, made at first use. */
BureauAudit *bureau_audit_open (BureauDataDirectory *directory, BureauStore *store, GError **error);
void bureau_audit_close (BureauAudit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauAudit, bureau_audit_close)

/* Writes the first row of an office, in the transaction that makes it. @act: how it came about. */
gboolean bureau_audit_write_creation (BureauAudit *self, BureauStore *store, BureauAuditAct act,
                                      const char *workspace_id, const char *user_id, gint64 now,
                                      GError **error);
/* Writes that the owner signed in where the office is, in the transaction of that. */
gboolean bureau_audit_write_sign_in (BureauAudit *self, BureauStore *store, const char *user_id,
                                     gint64 now, GError **error);
/* Writes the refusals that the call noted; one that was just refused the same is not written again.
 */
gboolean bureau_audit_write_refusals (BureauAudit *self, BureauCall *call, GError **error);

G_END_DECLS

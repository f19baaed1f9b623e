/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"
#include "bureau-data-directory.h"

G_BEGIN_DECLS

/* The audit: who let whom in, gave or took what, and was refused what (reliability.md, G26). Rows
 * carry ids, never names, typed text or secrets. */

/* The words for acts. A refusal ends with ".refused". */
#define BUREAU_AUDIT_SIGN_IN            "sign_in"
#define BUREAU_AUDIT_SIGN_IN_REFUSED    "sign_in.refused"
#define BUREAU_AUDIT_SIGN_OUT           "sign_out"
#define BUREAU_AUDIT_JOIN               "join"
#define BUREAU_AUDIT_JOIN_REFUSED       "join.refused"
#define BUREAU_AUDIT_TOKEN_REUSED       "token.reused"
#define BUREAU_AUDIT_PASSWORD_SET       "password.set"
#define BUREAU_AUDIT_INVITATION_CREATED "invitation.created"
#define BUREAU_AUDIT_INVITATION_USED    "invitation.used"
#define BUREAU_AUDIT_INVITATION_REVOKED "invitation.revoked"
#define BUREAU_AUDIT_INVITATION_RENEWED "invitation.renewed"
#define BUREAU_AUDIT_CODE_REFUSED       "code.refused"
#define BUREAU_AUDIT_MEMBER_ADDED       "member.added"
#define BUREAU_AUDIT_MEMBER_ROLE        "member.role"
#define BUREAU_AUDIT_MEMBER_DEACTIVATED "member.deactivated"
#define BUREAU_AUDIT_MEMBER_REACTIVATED "member.reactivated"
#define BUREAU_AUDIT_MEMBER_REMOVED     "member.removed"
#define BUREAU_AUDIT_PROJECT_MEMBERS    "project.members"
#define BUREAU_AUDIT_PROJECT_ARCHIVED   "project.archived"
#define BUREAU_AUDIT_TASK_DELETED       "task.deleted"
#define BUREAU_AUDIT_TASK_RESTORED      "task.restored"
#define BUREAU_AUDIT_DEVICE_SIGNED_OUT  "device.signed_out"
#define BUREAU_AUDIT_COMMAND_REFUSED    "command.refused"
#define BUREAU_AUDIT_KEY_ROTATED        "key.rotated"
#define BUREAU_AUDIT_OFFICE_CREATED     "office.created"

/* Writes what the call did, in its transaction: if that is taken back, so is the row.
 * @workspace_id (nullable): the whole hub's. @subject (nullable): whom or what it was done to, an
 * id. @details: taken, nullable, and small. */
gboolean bureau_call_audit (BureauCall *call, const char *workspace_id, const char *act,
                            const char *subject, JsonObject *details, GError **error);
/* Notes what the call was refused: written in the turn's transaction, although the call's own doing
 * is taken back. @why (nullable): a word, "password" or the command's name; never what they sent.
 */
void bureau_call_audit_refusal (BureauCall *call, const char *workspace_id, const char *act,
                                const char *subject, const char *why);

/* Notes, in the next turn, that somebody came with a token of ours that is good no more. What is no
 * token of ours is noise. */
void bureau_audit_queue_refused_sign_in (BureauAuthority *authority, const char *user_id,
                                         const char *address);

/* ------------------------------------------------------------------ for the authority */

/* The key, and what keeps a flood of refusals from filling the disk. */
typedef struct _BureauAudit BureauAudit;

/* With the directory's key, made at first use. */
BureauAudit *bureau_audit_open (BureauDataDirectory *directory, BureauStore *store, GError **error);
void bureau_audit_close (BureauAudit *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauAudit, bureau_audit_close)

/* Writes the first row of an office, in the transaction that makes it. */
gboolean bureau_audit_write_creation (BureauAudit *self, BureauStore *store,
                                      const char *workspace_id, const char *user_id, gint64 now,
                                      GError **error);
/* Writes the refusals that the call noted; one that was just refused the same is not written again.
 */
gboolean bureau_audit_write_refusals (BureauAudit *self, BureauCall *call, GError **error);

G_END_DECLS

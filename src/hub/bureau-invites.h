/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-audit-act.h"
#include "bureau-call.h"
#include "bureau-store-invitations.h"

G_BEGIN_DECLS

/* What joining, proving a code and the commands about invitations have in common. */

#define BUREAU_CODE_MS    (G_GINT64_CONSTANT (10) * 60 * 1000)
#define BUREAU_TICKET_MS  (G_GINT64_CONSTANT (10) * 60 * 1000)
#define BUREAU_CODE_TRIES 5

/* TRUE if whoever made it may still do so, and whom it is for is still a placeholder. FALSE also
 * with @error. */
gboolean bureau_invitation_is_good (BureauCall *call, const BureauInvitationRow *row,
                                    GError **error);
/* The open and good one that a link's secret or a ticket is for. NULL without an error: there is
 * none. (transfer full) */
BureauInvitationRow *bureau_invitation_find (BureauCall *call, const char *secret, GError **error);
/* How it is answered, and audited, that there is none. */
void bureau_invitation_set_refusal (BureauCall *call, BureauAuditAct act, const char *why);

/* Adds to the answer what it is good for: `{office, role, memberName?, expiresAt}`. */
gboolean bureau_invitation_answer_offer (BureauCall *call, const BureauInvitationRow *row,
                                         GError **error);
/* Tells those who manage the workspace what has become of it, and the audit. */
gboolean bureau_invitation_publish (BureauCall *call, const BureauInvitationRow *row,
                                    const char *event, BureauAuditAct act, GError **error);

G_END_DECLS

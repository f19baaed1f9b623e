/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the audit tells of (reliability.md, G26): the hub writes these, and the window has a
 * sentence for each. The word of a refusal ends with ".refused". */
typedef enum {
    BUREAU_AUDIT_SIGN_IN,
    BUREAU_AUDIT_SIGN_IN_REFUSED,
    BUREAU_AUDIT_SIGN_OUT,
    BUREAU_AUDIT_SCRIPT, /* a token of `bureau-hub token` is in use */
    BUREAU_AUDIT_JOIN,
    BUREAU_AUDIT_JOIN_REFUSED,
    BUREAU_AUDIT_TOKEN_REUSED,
    BUREAU_AUDIT_PASSWORD_SET,
    BUREAU_AUDIT_DEVICE_SIGNED_OUT,
    BUREAU_AUDIT_INVITATION_CREATED,
    BUREAU_AUDIT_INVITATION_RENEWED, /* it has a new code */
    BUREAU_AUDIT_INVITATION_USED,
    BUREAU_AUDIT_INVITATION_REVOKED,
    BUREAU_AUDIT_CODE_REFUSED,
    BUREAU_AUDIT_MEMBER_ADDED,
    BUREAU_AUDIT_MEMBER_ROLE,
    BUREAU_AUDIT_MEMBER_DEACTIVATED,
    BUREAU_AUDIT_MEMBER_REACTIVATED,
    BUREAU_AUDIT_MEMBER_REMOVED,
    BUREAU_AUDIT_PROJECT_MEMBERS,
    BUREAU_AUDIT_PROJECT_ARCHIVED,
    BUREAU_AUDIT_TASK_DELETED,
    BUREAU_AUDIT_TASK_RESTORED,
    BUREAU_AUDIT_COMMAND_REFUSED,
    BUREAU_AUDIT_KEY_ROTATED,
    BUREAU_AUDIT_HUB_SHARED, /* other machines can reach it, from here on */
    BUREAU_AUDIT_HUB_UNSHARED,
    BUREAU_AUDIT_OFFICE_CREATED,
    BUREAU_AUDIT_OFFICE_RESTORED,   /* from a backup */
    BUREAU_AUDIT_OFFICE_TAKEN_OVER, /* by another machine */
    BUREAU_AUDIT_OFFICE_RESCUED,    /* made anew from somebody's replica */
    BUREAU_N_AUDIT_ACTS
} BureauAuditAct;

/* "sign_in.refused": as it stands in the audit and goes over the wire. */
const char *bureau_audit_act_to_string (BureauAuditAct act);
/* -1 for a word that is none, as of a newer hub. @word: nullable. */
int bureau_audit_act_from_string (const char *word);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-commands.h"
#include "bureau-error.h"

/* Commands that are in the catalog and not carried out yet: this file goes with the last of them.
 */
static gboolean
refuse (GError **error)
{
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE, "This hub can't do that.");
    return FALSE;
}

#define MISSING(name)                                                                              \
    gboolean bureau_handle_##name (BureauCall *call, GError **error)                               \
    {                                                                                              \
        return refuse (error);                                                                     \
    }

MISSING (member_list_invites)
MISSING (member_renew_code)
MISSING (member_revoke_invite)
MISSING (account_set_password)

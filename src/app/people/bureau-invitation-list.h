/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* The open invitations of the office, as the hub says them, each with a way to withdraw it. Shows
 * nothing while there are none, and to those who may not see them. */
#define BUREAU_TYPE_INVITATION_LIST (bureau_invitation_list_get_type ())
G_DECLARE_FINAL_TYPE (BureauInvitationList, bureau_invitation_list, BUREAU, INVITATION_LIST, AdwBin)

GtkWidget *bureau_invitation_list_new (BureauClient *client);
/* Asks the hub again. */
void bureau_invitation_list_refresh (BureauInvitationList *self);

G_END_DECLS

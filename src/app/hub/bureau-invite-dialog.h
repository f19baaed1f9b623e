/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-workplace.h"

G_BEGIN_DECLS

/* Makes an invitation and shows it: a code to say aloud, a link to paste, a QR code to show. Where
 * this machine serves the office, it can be opened to the network here. */
#define BUREAU_TYPE_INVITE_DIALOG (bureau_invite_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BureauInviteDialog, bureau_invite_dialog, BUREAU, INVITE_DIALOG, AdwWindow)

/* @member (nullable): the placeholder that whoever joins takes over. */
void bureau_invite_dialog_present (GtkWindow *parent, BureauWorkplace *workplace,
                                   BureauMember *member);

G_END_DECLS

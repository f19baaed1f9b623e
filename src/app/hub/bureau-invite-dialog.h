/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* Makes an invitation and shows it: a link to paste, a code to say aloud. */
#define BUREAU_TYPE_INVITE_DIALOG (bureau_invite_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BureauInviteDialog, bureau_invite_dialog, BUREAU, INVITE_DIALOG, AdwWindow)

void bureau_invite_dialog_present (GtkWindow *parent, BureauClient *client);

G_END_DECLS

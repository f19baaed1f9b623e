/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-workplace.h"

G_BEGIN_DECLS

/* How one signs in: the password, the other devices, and the link that takes another one to this
 * hub. */
#define BUREAU_TYPE_ACCOUNT_DIALOG (bureau_account_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BureauAccountDialog, bureau_account_dialog, BUREAU, ACCOUNT_DIALOG, AdwWindow)

void bureau_account_dialog_present (GtkWindow *parent, BureauWorkplace *workplace);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* One's own name and colour, as the others see them. */
#define BUREAU_TYPE_SELF_DIALOG (bureau_self_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BureauSelfDialog, bureau_self_dialog, BUREAU, SELF_DIALOG, AdwWindow)

void bureau_self_dialog_present (GtkWindow *parent, BureauClient *client);

G_END_DECLS

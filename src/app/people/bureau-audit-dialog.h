/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* Who signed in, who was refused, and who changed whose access: the hub's audit, newest first, for
 * those who manage the office. */
#define BUREAU_TYPE_AUDIT_DIALOG (bureau_audit_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BureauAuditDialog, bureau_audit_dialog, BUREAU, AUDIT_DIALOG, AdwWindow)

void bureau_audit_dialog_present (GtkWindow *parent, BureauClient *client);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* The changes that the office does not have yet: those that wait, and those that it has not taken,
 * each to be tried again or given up. */
#define BUREAU_TYPE_QUEUE_DIALOG (bureau_queue_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BureauQueueDialog, bureau_queue_dialog, BUREAU, QUEUE_DIALOG, AdwWindow)

void bureau_queue_dialog_present (GtkWindow *parent, BureauClient *client);

G_END_DECLS

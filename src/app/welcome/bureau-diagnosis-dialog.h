/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* “Why can’t I see it?”: what stands between this machine and an office on the network, one thing
 * after the other, and what to do about each.
 *
 * @address: where the office is said to be, "192.168.1.20:28732"; NULL or "" if that is not known.
 */
#define BUREAU_TYPE_DIAGNOSIS_DIALOG (bureau_diagnosis_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BureauDiagnosisDialog, bureau_diagnosis_dialog, BUREAU, DIAGNOSIS_DIALOG,
                      AdwWindow)

void bureau_diagnosis_dialog_present (GtkWindow *parent, const char *address);

G_END_DECLS

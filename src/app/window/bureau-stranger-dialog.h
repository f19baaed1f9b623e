/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Somebody answers in the place of an office's hub, with another certificate. Shows both
 * fingerprints side by side, what that means, and what to do. There is no way to accept the other
 * one: who has the code or the link of a new invitation has proof, who has not can't tell.
 *
 * @office: the name of the one that is open, to stay in or to join again; NULL while there is none.
 */
#define BUREAU_TYPE_STRANGER_DIALOG (bureau_stranger_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BureauStrangerDialog, bureau_stranger_dialog, BUREAU, STRANGER_DIALOG,
                      AdwWindow)

void bureau_stranger_dialog_present (GtkWindow *parent, const char *known, const char *presented,
                                     const char *office);

G_END_DECLS

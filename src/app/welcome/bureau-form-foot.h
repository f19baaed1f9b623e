/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The foot of a form that asks a hub: the button that does it, what went wrong, and, while it
 * lasts, that it is being done and a way out.
 *
 * Properties: "label" (string, with a mnemonic), "busy-text" (string): what is being done.
 * Signals: "submitted", "cancelled" (while busy), "details": more is wanted of what went wrong. */
#define BUREAU_TYPE_FORM_FOOT (bureau_form_foot_get_type ())
G_DECLARE_FINAL_TYPE (BureauFormFoot, bureau_form_foot, BUREAU, FORM_FOOT, AdwBin)

/* Whether the form is filled in. */
void bureau_form_foot_set_ready (BureauFormFoot *self, gboolean ready);
void bureau_form_foot_set_busy (BureauFormFoot *self, gboolean busy);
/* @text: NULL for nothing any more. @has_details: there is more to show. */
void bureau_form_foot_show_error (BureauFormFoot *self, const char *text, gboolean has_details);
/* As if the button were pressed; for Enter in an entry. */
void bureau_form_foot_submit (BureauFormFoot *self);

G_END_DECLS

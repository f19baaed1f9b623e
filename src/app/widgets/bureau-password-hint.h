/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Says below a row for a new password whether it is long enough, as it is being typed. Length is
 * what makes a password strong; nothing else is asked of it here, the hub refuses the well-known
 * ones. */
#define BUREAU_TYPE_PASSWORD_HINT (bureau_password_hint_get_type ())
G_DECLARE_FINAL_TYPE (BureauPasswordHint, bureau_password_hint, BUREAU, PASSWORD_HINT, AdwBin)

/* @row: an AdwPasswordEntryRow; once. */
void bureau_password_hint_set_row (BureauPasswordHint *self, GtkEditable *row);
/* Whether the row holds a password that is long enough, and not too long. */
gboolean bureau_password_hint_is_good (BureauPasswordHint *self);

G_END_DECLS

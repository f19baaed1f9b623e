/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* A button that says a due date and picks another: quick days and a calendar.
 * Signal: "picked": the person chose; see bureau_due_button_get_due(). */
#define BUREAU_TYPE_DUE_BUTTON (bureau_due_button_get_type ())
G_DECLARE_FINAL_TYPE (BureauDueButton, bureau_due_button, BUREAU, DUE_BUTTON, GtkWidget)

/* Days are counted by the client's clock. Must be called once, before the button is used. */
void bureau_due_button_set_client (BureauDueButton *self, BureauClient *client);
/* A date, an instant or NULL. (transfer none) */
const char *bureau_due_button_get_due (BureauDueButton *self);
/* @late_matters: FALSE for a closed task, which is never overdue. */
void bureau_due_button_set_due (BureauDueButton *self, const char *due, gboolean late_matters);
void bureau_due_button_popup (BureauDueButton *self);

G_END_DECLS

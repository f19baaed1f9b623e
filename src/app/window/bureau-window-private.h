/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-workplace.h"
#include "window/bureau-shell.h"
#include "window/bureau-toaster.h"
#include "window/bureau-window.h"

G_BEGIN_DECLS

/* What the window's actions (bureau-window-actions.c) need of it. */

void bureau_window_install_actions (GtkWidgetClass *widget_class);
/* Enables what may be done now: by one's role, and whether the hub can be asked for what it alone
 * does. */
void bureau_window_update_actions (BureauWindow *self);

/* Leaves the office for the page to join at. Its replica and what waits in it stay. */
void bureau_window_join_again (BureauWindow *self);
/* Closes the office in good order, its hub too, while the window says @meanwhile (nullable) what is
 * being done. @callback ends it with bureau_workplace_close_finish(). */
void bureau_window_leave_office (BureauWindow *self, const char *meanwhile,
                                 GAsyncReadyCallback callback, gpointer data);
/* Opens the office that was open last. Nothing if the window is closing. */
void bureau_window_open_office (BureauWindow *self);
/* A dialog that says what has become of the office; nothing if the window is closing. */
void bureau_window_say_outcome (BureauWindow *self, const char *heading, const char *body);
gboolean bureau_window_is_closing (BureauWindow *self);
/* All NULL while no office is open. (nullable) (transfer none) */
BureauWorkplace *bureau_window_get_workplace (BureauWindow *self);
BureauAccounts *bureau_window_get_accounts (BureauWindow *self); /* always there */
BureauClient *bureau_window_get_client (BureauWindow *self);
BureauShell *bureau_window_get_shell (BureauWindow *self);
BureauToaster *bureau_window_get_toaster (BureauWindow *self);
/* Id of the task deleted last, for Ctrl+Z. (nullable) */
const char *bureau_window_get_last_deleted (BureauWindow *self);
void bureau_window_set_last_deleted (BureauWindow *self, const char *task_id);

/* Who is in the office, and how oneself signs in (bureau-window-members.c). */
void bureau_window_on_set_role_cb (GtkWidget *widget, const char *name, GVariant *parameter);
void bureau_window_on_reactivate_member_cb (GtkWidget *widget, const char *name,
                                            GVariant *parameter);
void bureau_window_on_deactivate_member_cb (GtkWidget *widget, const char *name,
                                            GVariant *parameter);
void bureau_window_on_remove_member_cb (GtkWidget *widget, const char *name, GVariant *parameter);
void bureau_window_on_invite_cb (GtkWidget *widget, const char *name, GVariant *parameter);
void bureau_window_on_invite_member_cb (GtkWidget *widget, const char *name, GVariant *parameter);
void bureau_window_on_add_member_cb (GtkWidget *widget, const char *name, GVariant *parameter);
void bureau_window_on_show_queue_cb (GtkWidget *widget, const char *name, GVariant *parameter);
void bureau_window_on_put_back_cb (GtkWidget *widget, const char *name, GVariant *parameter);
void bureau_window_on_restore_task_cb (GtkWidget *widget, const char *name, GVariant *parameter);
void bureau_window_on_jump_cb (GtkWidget *widget, const char *name, GVariant *parameter);
void bureau_window_on_hand_over_cb (GtkWidget *widget, const char *name, GVariant *parameter);
void bureau_window_on_rescue_cb (GtkWidget *widget, const char *name, GVariant *parameter);
/* Whether the office could be made anew here: its owner is here, and its hub is not. */
gboolean bureau_window_may_rescue (BureauWindow *self);
void bureau_window_on_restore_backup_cb (GtkWidget *widget, const char *name, GVariant *parameter);
void bureau_window_on_audit_cb (GtkWidget *widget, const char *name, GVariant *parameter);
void bureau_window_on_rename_self_cb (GtkWidget *widget, const char *name, GVariant *parameter);
void bureau_window_on_account_cb (GtkWidget *widget, const char *name, GVariant *parameter);

G_END_DECLS

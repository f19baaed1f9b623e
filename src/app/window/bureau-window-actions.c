/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-window-private.h"

#include <glib/gi18n.h>

#include "bureau-json.h"
#include "newtask/bureau-new-task-dialog.h"
#include "window/bureau-project-dialog.h"

/* ------------------------------------------------------------------ commands */

static void
give (BureauWindow *self, BureauCommandId command, JsonObject *params)
{
    g_autoptr (GError) error = NULL;
    g_autofree char *id = bureau_client_give (bureau_window_get_client (self), command, params,
                                              &error);
    if (error != NULL)
        bureau_toaster_say (bureau_window_get_toaster (self), error->message);
}

static JsonObject *
params_of_id (const char *id)
{
    JsonObject *params = json_object_new ();
    bureau_json_set_string (params, "id", id);
    return params;
}

static void
on_delete_task_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauWindow *self = BUREAU_WINDOW (widget);
    BureauShell *shell = bureau_window_get_shell (self);
    const char *id = g_variant_get_string (parameter, NULL);
    BureauTask *task = bureau_client_find_task (bureau_window_get_client (self), id);
    if (task == NULL)
        return;

    g_autofree char *text = g_strdup_printf (_ ("Deleted: %s"), bureau_task_get_title (task));
    if (g_strcmp0 (bureau_shell_get_open_task (shell), id) == 0)
        bureau_shell_close_details (shell);
    bureau_window_set_last_deleted (self, id);
    give (self, BUREAU_COMMAND_TASK_DELETE, params_of_id (id));
    bureau_toaster_offer (bureau_window_get_toaster (self), text, _ ("_Undo"), "win.undo-delete",
                          g_variant_new_string (id));
}

static void
on_undo_delete_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauWindow *self = BUREAU_WINDOW (widget);
    const char *id = g_variant_get_string (parameter, NULL);
    give (self, BUREAU_COMMAND_TASK_UNDO_DELETE, params_of_id (id));
    if (g_strcmp0 (bureau_window_get_last_deleted (self), id) == 0)
        bureau_window_set_last_deleted (self, NULL);
}

static void
on_undo_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    const char *id = bureau_window_get_last_deleted (BUREAU_WINDOW (widget));
    if (id != NULL)
        gtk_widget_activate_action (widget, "win.undo-delete", "s", id);
}

static void
on_stop_timer_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauWindow *self = BUREAU_WINDOW (widget);
    if (bureau_client_get_running_entry (bureau_window_get_client (self)) != NULL)
        give (self, BUREAU_COMMAND_TIMER_STOP, json_object_new ());
}

/* The task I was on last. (transfer full) (nullable) */
static char *
find_last_task (BureauClient *client)
{
    GListModel *entries = bureau_client_get_entries (client);
    const char *my_id = bureau_client_get_account (client)->user_id;
    g_autofree char *task_id = NULL;
    gint64 last = 0;

    for (guint i = 0; i < g_list_model_get_n_items (entries); i++) {
        g_autoptr (BureauTimeEntry) entry = g_list_model_get_item (entries, i);
        const char *id = bureau_time_entry_get_task_id (entry);
        if (id == NULL || bureau_time_entry_get_end_time (entry) <= last ||
            g_strcmp0 (bureau_time_entry_get_user_id (entry), my_id) != 0 ||
            bureau_client_find_task (client, id) == NULL)
            continue;
        last = bureau_time_entry_get_end_time (entry);
        g_free (task_id);
        task_id = g_strdup (id);
    }
    return g_steal_pointer (&task_id);
}

/* Stops the timer, or goes on with the last task. */
static void
on_resume_timer_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauClient *client = bureau_window_get_client (BUREAU_WINDOW (widget));
    if (bureau_client_get_running_entry (client) != NULL) {
        gtk_widget_activate_action (widget, "win.stop-timer", NULL);
        return;
    }
    g_autofree char *task_id = find_last_task (client);
    if (task_id != NULL)
        gtk_widget_activate_action (widget, "win.toggle-timer", "s", task_id);
}

static void
on_toggle_timer_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauWindow *self = BUREAU_WINDOW (widget);
    BureauClient *client = bureau_window_get_client (self);
    const char *id = g_variant_get_string (parameter, NULL);
    BureauTimeEntry *entry = bureau_client_get_running_entry (client);
    if (entry != NULL && g_strcmp0 (bureau_time_entry_get_task_id (entry), id) == 0) {
        give (self, BUREAU_COMMAND_TIMER_STOP, json_object_new ());
        return;
    }
    BureauTask *task = bureau_client_find_task (client, id);
    if (task == NULL)
        return;
    JsonObject *params = json_object_new ();
    bureau_json_set_string (params, "taskId", id);
    bureau_json_set_string (params, "projectId", bureau_task_get_project_id (task));
    give (self, BUREAU_COMMAND_TIMER_START, params);
}

/* ------------------------------------------------------------------ places */

static void
on_show_my_day_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_shell_show_my_day (bureau_window_get_shell (BUREAU_WINDOW (widget)));
}

static void
on_show_people_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_shell_show_people (bureau_window_get_shell (BUREAU_WINDOW (widget)));
}

static void
on_show_hub_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_shell_show_hub (bureau_window_get_shell (BUREAU_WINDOW (widget)));
}

static void
on_show_project_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_shell_show_project (bureau_window_get_shell (BUREAU_WINDOW (widget)),
                               g_variant_get_string (parameter, NULL));
}

static void
on_show_nth_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    int number = g_variant_get_int32 (parameter);
    if (number > 0)
        bureau_shell_show_nth (bureau_window_get_shell (BUREAU_WINDOW (widget)),
                               (guint) number - 1);
}

static void
on_open_task_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_shell_open_task (bureau_window_get_shell (BUREAU_WINDOW (widget)),
                            g_variant_get_string (parameter, NULL));
}

static void
on_close_details_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_shell_close_details (bureau_window_get_shell (BUREAU_WINDOW (widget)));
}

static void
on_toggle_sidebar_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_shell_toggle_sidebar (bureau_window_get_shell (BUREAU_WINDOW (widget)));
}

static void
on_focus_filter_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_shell_focus_filter (bureau_window_get_shell (BUREAU_WINDOW (widget)));
}

static void
on_sync_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_client_reconnect (bureau_window_get_client (BUREAU_WINDOW (widget)));
}

static void
on_join_again_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_window_join_again (BUREAU_WINDOW (widget));
}

/* ------------------------------------------------------------------ dialogs */

static void
on_new_task_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauWindow *self = BUREAU_WINDOW (widget);
    bureau_new_task_dialog_present (GTK_WINDOW (self), bureau_window_get_client (self),
                                    bureau_shell_get_project (bureau_window_get_shell (self)));
}

static void
on_new_project_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_project_dialog_present (GTK_WINDOW (widget),
                                   bureau_window_get_client (BUREAU_WINDOW (widget)), NULL);
}

static void
on_edit_project_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauClient *client = bureau_window_get_client (BUREAU_WINDOW (widget));
    BureauProject *project = bureau_client_find_project (client,
                                                         g_variant_get_string (parameter, NULL));
    if (project != NULL)
        bureau_project_dialog_present (GTK_WINDOW (widget), client, project);
}

static void
on_archive_response_cb (AdwMessageDialog *dialog, const char *response, BureauWindow *self)
{
    const char *id = g_object_get_data (G_OBJECT (dialog), "project-id");
    if (g_str_equal (response, "archive") && bureau_window_get_client (self) != NULL)
        give (self, BUREAU_COMMAND_PROJECT_ARCHIVE, params_of_id (id));
}

/* Asked about, because there is no way back to it from the window. */
static void
on_archive_project_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    const char *id = g_variant_get_string (parameter, NULL);
    BureauProject *project = bureau_client_find_project (
        bureau_window_get_client (BUREAU_WINDOW (widget)), id);
    if (project == NULL)
        return;
    GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (widget), NULL, NULL);
    adw_message_dialog_format_heading (ADW_MESSAGE_DIALOG (dialog), _ ("Archive %s?"),
                                       bureau_project_get_name (project));
    adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog),
                                 _ ("It and its tasks disappear from everybody’s window."));
    adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                      "archive", _ ("_Archive"), NULL);
    adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "archive",
                                                ADW_RESPONSE_DESTRUCTIVE);
    g_object_set_data_full (G_OBJECT (dialog), "project-id", g_strdup (id), g_free);
    g_signal_connect_object (dialog, "response", G_CALLBACK (on_archive_response_cb), widget, 0);
    gtk_window_present (GTK_WINDOW (dialog));
}

/* For what an office's pages have to say to whoever looks at them. */
static void
on_say_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_toaster_say (bureau_window_get_toaster (BUREAU_WINDOW (widget)),
                        g_variant_get_string (parameter, NULL));
}

/* ------------------------------------------------------------------ table */

static const struct {
    const char *name;
    const char *parameter;
    GtkWidgetActionActivateFunc activate;
    int command;   /* offered to whoever may give it; -1: to all */
    gboolean asks; /* what waits in no outbox: offered while the hub can be asked */
} ACTIONS[] = {
    { "win.new-task", NULL, on_new_task_cb, BUREAU_COMMAND_TASK_CREATE },
    { "win.open-task", "s", on_open_task_cb, -1 },
    { "win.close-details", NULL, on_close_details_cb, -1 },
    { "win.delete-task", "s", on_delete_task_cb, BUREAU_COMMAND_TASK_DELETE },
    { "win.undo-delete", "s", on_undo_delete_cb, BUREAU_COMMAND_TASK_UNDO_DELETE },
    { "win.undo", NULL, on_undo_cb, -1 },
    { "win.toggle-timer", "s", on_toggle_timer_cb, BUREAU_COMMAND_TIMER_START },
    { "win.stop-timer", NULL, on_stop_timer_cb, BUREAU_COMMAND_TIMER_STOP },
    { "win.resume-timer", NULL, on_resume_timer_cb, BUREAU_COMMAND_TIMER_START },
    { "win.show-my-day", NULL, on_show_my_day_cb, -1 },
    { "win.show-people", NULL, on_show_people_cb, -1 },
    { "win.show-hub", NULL, on_show_hub_cb, -1 },
    { "win.show-project", "s", on_show_project_cb, -1 },
    { "win.show-nth", "i", on_show_nth_cb, -1 },
    { "win.new-project", NULL, on_new_project_cb, BUREAU_COMMAND_PROJECT_CREATE },
    { "win.edit-project", "s", on_edit_project_cb, BUREAU_COMMAND_PROJECT_UPDATE },
    { "win.archive-project", "s", on_archive_project_cb, BUREAU_COMMAND_PROJECT_ARCHIVE },
    { "win.invite", NULL, bureau_window_on_invite_cb, BUREAU_COMMAND_MEMBER_INVITE, TRUE },
    { "win.invite-member", "s", bureau_window_on_invite_member_cb, BUREAU_COMMAND_MEMBER_INVITE,
      TRUE },
    { "win.add-member", NULL, bureau_window_on_add_member_cb, BUREAU_COMMAND_MEMBER_ADD, TRUE },
    { "win.set-role", "(ss)", bureau_window_on_set_role_cb, BUREAU_COMMAND_MEMBER_SET_ROLE, TRUE },
    { "win.deactivate-member", "s", bureau_window_on_deactivate_member_cb,
      BUREAU_COMMAND_MEMBER_DEACTIVATE, TRUE },
    { "win.reactivate-member", "s", bureau_window_on_reactivate_member_cb,
      BUREAU_COMMAND_MEMBER_REACTIVATE, TRUE },
    { "win.remove-member", "s", bureau_window_on_remove_member_cb, BUREAU_COMMAND_MEMBER_REMOVE,
      TRUE },
    { "win.audit", NULL, bureau_window_on_audit_cb, BUREAU_COMMAND_AUDIT_LIST, TRUE },
    { "win.rename-self", NULL, bureau_window_on_rename_self_cb, BUREAU_COMMAND_MEMBER_UPDATE_SELF },
    { "win.account", NULL, bureau_window_on_account_cb, BUREAU_COMMAND_ACCOUNT_SET_PASSWORD, TRUE },
    { "win.say", "s", on_say_cb, -1 },
    { "win.toggle-sidebar", NULL, on_toggle_sidebar_cb, -1 },
    { "win.focus-filter", NULL, on_focus_filter_cb, -1 },
    { "win.sync", NULL, on_sync_cb, -1 },
    { "win.join-again", NULL, on_join_again_cb, -1 },
    { "win.show-queue", NULL, bureau_window_on_show_queue_cb, -1 },
    { "win.put-back", "(sss)", bureau_window_on_put_back_cb, BUREAU_COMMAND_TASK_UPDATE },
    { "win.restore-task", "s", bureau_window_on_restore_task_cb, BUREAU_COMMAND_TASK_UNDO_DELETE },
    { "win.jump", "as", bureau_window_on_jump_cb, -1 },
    { "win.restore-backup", "s", bureau_window_on_restore_backup_cb, -1 },
    { "win.hand-over", NULL, bureau_window_on_hand_over_cb, -1 },
    { "win.rescue", NULL, bureau_window_on_rescue_cb, -1 },
};

void
bureau_window_install_actions (GtkWidgetClass *widget_class)
{
    for (guint i = 0; i < G_N_ELEMENTS (ACTIONS); i++)
        gtk_widget_class_install_action (widget_class, ACTIONS[i].name, ACTIONS[i].parameter,
                                         ACTIONS[i].activate);
    /* Like Escape in the shell: a text that has the focus takes its own undo first. */
    gtk_widget_class_add_binding_action (widget_class, GDK_KEY_z, GDK_CONTROL_MASK, "win.undo",
                                         NULL);
}

static gboolean
is_offered (BureauClient *client, int command, gboolean asks)
{
    if (client == NULL || (asks && !bureau_client_can_ask (client)))
        return FALSE;
    return command < 0 ||
           bureau_command_is_offered ((BureauCommandId) command, bureau_client_get_role (client));
}

void
bureau_window_update_actions (BureauWindow *self)
{
    BureauClient *client = bureau_window_get_client (self);

    for (guint i = 0; i < G_N_ELEMENTS (ACTIONS); i++)
        gtk_widget_action_set_enabled (GTK_WIDGET (self), ACTIONS[i].name,
                                       is_offered (client, ACTIONS[i].command, ACTIONS[i].asks));
    gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.rescue",
                                   bureau_window_may_rescue (self));
}

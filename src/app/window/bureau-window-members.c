/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-window-private.h"

#include <glib/gi18n.h>

#include "bureau-error.h"
#include "bureau-json.h"
#include "hub/bureau-invite-dialog.h"
#include "people/bureau-account-dialog.h"
#include "people/bureau-add-person-dialog.h"
#include "people/bureau-audit-dialog.h"
#include "people/bureau-self-dialog.h"

/* Whom the office consists of is decided at the hub and seen at once or not at all: these commands
 * wait in no outbox. */

static void
on_asked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauWindow) self = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) answer = bureau_client_ask_finish (BUREAU_CLIENT (source), result,
                                                              &error);
    if (answer != NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    bureau_toaster_say (bureau_window_get_toaster (self),
                        g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE)
                            ? _ ("That takes the hub, which can’t be reached just now.")
                            : error->message);
}

static void
ask (BureauWindow *self, BureauCommandId command, const char *member_id, const char *role)
{
    BureauClient *client = bureau_window_get_client (self);
    JsonObject *params;

    if (client == NULL)
        return;
    params = json_object_new ();
    bureau_json_set_string (params, "id", member_id);
    bureau_json_set_optional (params, "role", role);
    bureau_client_ask_async (client, command, params, NULL, on_asked_cb, g_object_ref (self));
}

static BureauMember *
find_member (GtkWidget *widget, GVariant *parameter)
{
    return bureau_client_find_member (bureau_window_get_client (BUREAU_WINDOW (widget)),
                                      g_variant_get_string (parameter, NULL));
}

/* ------------------------------------------------------------------ roles */

void
bureau_window_on_set_role_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    const char *id, *role;

    g_variant_get (parameter, "(&s&s)", &id, &role);
    ask (BUREAU_WINDOW (widget), BUREAU_COMMAND_MEMBER_SET_ROLE, id, role);
}

void
bureau_window_on_reactivate_member_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    ask (BUREAU_WINDOW (widget), BUREAU_COMMAND_MEMBER_REACTIVATE,
         g_variant_get_string (parameter, NULL), NULL);
}

/* ------------------------------------------------------------------ ends */

static void
on_end_response_cb (AdwMessageDialog *dialog, const char *response, BureauWindow *self)
{
    const char *id = g_object_get_data (G_OBJECT (dialog), "member-id");

    if (g_str_equal (response, "deactivate"))
        ask (self, BUREAU_COMMAND_MEMBER_DEACTIVATE, id, NULL);
    else if (g_str_equal (response, "remove"))
        ask (self, BUREAU_COMMAND_MEMBER_REMOVE, id, NULL);
}

static void
ask_whether (GtkWidget *window, const char *id, char *heading, const char *body,
             const char *response, const char *label)
{
    g_autofree char *text = heading;
    AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
        adw_message_dialog_new (GTK_WINDOW (window), text, body));

    adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), response, label, NULL);
    adw_message_dialog_set_response_appearance (dialog, response, ADW_RESPONSE_DESTRUCTIVE);
    g_object_set_data_full (G_OBJECT (dialog), "member-id", g_strdup (id), g_free);
    g_signal_connect_object (dialog, "response", G_CALLBACK (on_end_response_cb), window, 0);
    gtk_window_present (GTK_WINDOW (dialog));
}

void
bureau_window_on_deactivate_member_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauMember *member = find_member (widget, parameter);

    if (member != NULL)
        ask_whether (widget, bureau_member_get_id (member),
                     g_strdup_printf (_ ("Deactivate %s?"), bureau_member_get_name (member)),
                     _ ("They are signed out everywhere and see nothing more of the office, until "
                        "somebody lets them in again. Their tasks and hours stay."),
                     "deactivate", _ ("_Deactivate"));
}

void
bureau_window_on_remove_member_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauMember *member = find_member (widget, parameter);

    if (member != NULL)
        ask_whether (widget, bureau_member_get_id (member),
                     g_strdup_printf (_ ("Remove %s?"), bureau_member_get_name (member)),
                     _ ("They leave the office and all its projects, and are signed out. What they "
                        "did stays, with their name. Only a new invitation brings them back."),
                     "remove", _ ("_Remove"));
}

/* ------------------------------------------------------------------ dialogs */

void
bureau_window_on_invite_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_invite_dialog_present (GTK_WINDOW (widget),
                                  bureau_window_get_workplace (BUREAU_WINDOW (widget)), NULL);
}

void
bureau_window_on_invite_member_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauMember *member = find_member (widget, parameter);

    if (member != NULL)
        bureau_invite_dialog_present (GTK_WINDOW (widget),
                                      bureau_window_get_workplace (BUREAU_WINDOW (widget)), member);
}

static void
on_named_cb (const char *name, BureauRole role, gpointer data)
{
    BureauWindow *self = BUREAU_WINDOW (data);
    BureauClient *client = bureau_window_get_client (self);
    JsonObject *params;

    if (client == NULL)
        return;
    params = json_object_new ();
    bureau_json_set_string (params, "name", name);
    bureau_json_set_string (params, "role", bureau_role_to_string (role));
    bureau_client_ask_async (client, BUREAU_COMMAND_MEMBER_ADD, params, NULL, on_asked_cb,
                             g_object_ref (self));
}

void
bureau_window_on_add_member_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_add_person_dialog_present (GTK_WINDOW (widget), on_named_cb);
}

void
bureau_window_on_audit_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_audit_dialog_present (GTK_WINDOW (widget),
                                 bureau_window_get_client (BUREAU_WINDOW (widget)));
}

void
bureau_window_on_rename_self_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_self_dialog_present (GTK_WINDOW (widget),
                                bureau_window_get_client (BUREAU_WINDOW (widget)));
}

void
bureau_window_on_account_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_account_dialog_present (GTK_WINDOW (widget),
                                   bureau_window_get_workplace (BUREAU_WINDOW (widget)));
}

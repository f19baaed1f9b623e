/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "people/bureau-account-dialog.h"

#include <glib/gi18n.h>

#include "bureau-fingerprint.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "widgets/bureau-entry-row.h"
#include "widgets/bureau-password-hint.h"

struct _BureauAccountDialog {
    AdwWindow parent_instance;

    BureauClient *client;      /* (owned) */
    GCancellable *cancellable; /* (owned) */
    char *link;                /* (owned) (nullable) */

    AdwToastOverlay *overlay;
    GtkEditable *current_row;
    GtkEditable *password_row;
    BureauPasswordHint *hint;
    GtkLabel *error;
    GtkWidget *set_password;
    GtkWidget *elsewhere;
    AdwActionRow *handle_row;
    AdwActionRow *link_row;
    AdwActionRow *words_row;
    GtkListBox *devices;
};

G_DEFINE_FINAL_TYPE (BureauAccountDialog, bureau_account_dialog, ADW_TYPE_WINDOW)

#define KEY_ID "bureau-device-id"

static void list_devices (BureauAccountDialog *self);

static void
say (BureauAccountDialog *self, const char *text)
{
    adw_toast_overlay_add_toast (self->overlay, adw_toast_new (text));
}

static void
show_error (BureauAccountDialog *self, const char *sentence)
{
    gtk_label_set_text (self->error, sentence);
    gtk_widget_set_visible (GTK_WIDGET (self->error), *sentence != '\0');
}

/* ------------------------------------------------------------------ the password */

static void
on_changed_cb (BureauAccountDialog *self)
{
    gtk_widget_set_sensitive (self->set_password, bureau_password_hint_is_good (self->hint));
    show_error (self, "");
}

static void
on_password_set_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) answer = bureau_client_ask_finish (BUREAU_CLIENT (source), result,
                                                              &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    BureauAccountDialog *self = data;

    if (answer == NULL) {
        gtk_widget_set_sensitive (self->set_password, TRUE);
        show_error (self, error->message);
        return;
    }
    gtk_editable_set_text (self->current_row, "");
    gtk_editable_set_text (self->password_row, "");
    /* Escape closes again, and doesn't end what was being typed. */
    gtk_window_set_focus (GTK_WINDOW (self), NULL);
    say (self, _ ("Your password is set, and your other devices are signed out."));
    list_devices (self);
}

static void
on_set_password_cb (BureauAccountDialog *self)
{
    const char *current = gtk_editable_get_text (self->current_row);
    JsonObject *params;

    if (!bureau_password_hint_is_good (self->hint))
        return;
    params = json_object_new ();
    if (*current != '\0')
        bureau_json_set_string (params, "current", current);
    bureau_json_set_string (params, "password", gtk_editable_get_text (self->password_row));
    gtk_widget_set_sensitive (self->set_password, FALSE);
    bureau_client_ask_async (self->client, BUREAU_COMMAND_ACCOUNT_SET_PASSWORD, params,
                             self->cancellable, on_password_set_cb, self);
}

/* ------------------------------------------------------------------ devices */

static void
on_signed_out_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) answer = bureau_client_ask_finish (BUREAU_CLIENT (source), result,
                                                              &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (answer == NULL)
        say (data, error->message);
    list_devices (data);
}

static void
on_sign_out_cb (GtkWidget *button, BureauAccountDialog *self)
{
    JsonObject *params = json_object_new ();

    bureau_json_set_string (params, "id", g_object_get_data (G_OBJECT (button), KEY_ID));
    gtk_widget_set_sensitive (button, FALSE);
    bureau_client_ask_async (self->client, BUREAU_COMMAND_DEVICE_SIGN_OUT, params,
                             self->cancellable, on_signed_out_cb, self);
}

/* "Signed in 3 May · last seen 21 November, 11:40" (transfer full) */
static char *
describe (JsonObject *device)
{
    gint64 used = bureau_instant_from_string (bureau_json_get_string (device, "usedAt"));
    g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (used / 1000);
    g_autoptr (GDateTime) local = g_date_time_to_local (utc);
    /* Translators: a date and a time, as in “21 November, 14:20” */
    g_autofree char *when = g_date_time_format (local, _ ("%-d %B, %H:%M"));

    if (bureau_json_get_boolean (device, "current", FALSE))
        return g_strdup (_ ("This device"));
    return g_strdup_printf (_ ("Last seen %s"), when);
}

static void
add_device (BureauAccountDialog *self, JsonObject *device)
{
    GtkWidget *row = adw_action_row_new ();
    const char *name = bureau_json_get_string (device, "device");
    g_autofree char *subtitle = describe (device);

    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name != NULL ? name : "");
    adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1);
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
    if (!bureau_json_get_boolean (device, "current", FALSE)) {
        GtkWidget *button = gtk_button_new_with_mnemonic (_ ("Sign _Out"));

        g_object_set_data_full (G_OBJECT (button), KEY_ID,
                                g_strdup (bureau_json_get_string (device, "id")), g_free);
        gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
        g_signal_connect_object (button, "clicked", G_CALLBACK (on_sign_out_cb), self, 0);
        adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
    }
    gtk_list_box_append (self->devices, row);
}

static void
on_listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) answer = bureau_client_ask_finish (BUREAU_CLIENT (source), result,
                                                              &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    BureauAccountDialog *self = data;
    JsonArray *devices = answer != NULL ? bureau_json_get_array (answer, "devices") : NULL;
    GtkListBoxRow *row;

    while ((row = gtk_list_box_get_row_at_index (self->devices, 0)) != NULL)
        gtk_list_box_remove (self->devices, GTK_WIDGET (row));
    for (guint i = 0; devices != NULL && i < json_array_get_length (devices); i++) {
        JsonObject *device = bureau_json_array_get_object (devices, i);

        if (device != NULL)
            add_device (self, device);
    }
}

static void
list_devices (BureauAccountDialog *self)
{
    bureau_client_ask_async (self->client, BUREAU_COMMAND_DEVICE_LIST, json_object_new (),
                             self->cancellable, on_listed_cb, self);
}

/* ------------------------------------------------------------------ elsewhere */

static void
on_copy_link_cb (BureauAccountDialog *self)
{
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->link);
    say (self, _ ("Link copied"));
}

/* Where another device finds the hub, and what it knows it by. NULL while only this computer
 * reaches the office: then there are no other devices. (transfer full) */
static char *
make_link (BureauWorkplace *workplace)
{
    BureauClient *client = bureau_workplace_get_client (workplace);
    g_autofree char *address = bureau_workplace_get_address (workplace);
    g_autofree char *shared = address != NULL ? g_strconcat ("https://", address, NULL) : NULL;
    const char *known = bureau_client_get_account (client)->base_uri;
    g_autoptr (GUri) uri = g_uri_parse (shared != NULL ? shared : known, G_URI_FLAGS_NONE, NULL);
    BureauInvitation link = { .pin = (char *) bureau_workplace_get_pin (workplace),
                              .secret = (char *) "" };

    if (uri == NULL || bureau_hub_address_is_loopback (g_uri_get_host (uri)) || *link.pin == '\0')
        return NULL;
    link.host = (char *) g_uri_get_host (uri);
    link.port = g_uri_get_port (uri) > 0 ? (guint16) g_uri_get_port (uri) : BUREAU_DEFAULT_PORT;
    return bureau_invitation_to_link (&link);
}

/* By the words, whoever signs in there knows that it is the same office. */
static void
show_link (BureauAccountDialog *self, BureauWorkplace *workplace)
{
    g_autofree char *words = bureau_fingerprint_to_words (bureau_workplace_get_pin (workplace));

    adw_action_row_set_subtitle (self->link_row, self->link);
    adw_action_row_set_subtitle (self->words_row, words != NULL ? words : "");
    gtk_widget_set_visible (GTK_WIDGET (self->words_row), words != NULL);
}

static void
show_elsewhere (BureauAccountDialog *self, BureauWorkplace *workplace)
{
    BureauMember *me = bureau_client_get_self (self->client);
    const char *handle = me != NULL ? bureau_member_get_handle (me) : NULL;

    self->link = make_link (workplace);
    gtk_widget_set_visible (self->elsewhere, self->link != NULL && handle != NULL);
    if (handle != NULL)
        adw_action_row_set_subtitle (self->handle_row, handle);
    if (self->link != NULL)
        show_link (self, workplace);
}

/* ------------------------------------------------------------------ */

static void
bureau_account_dialog_dispose (GObject *object)
{
    BureauAccountDialog *self = BUREAU_ACCOUNT_DIALOG (object);
    g_cancellable_cancel (self->cancellable);
    g_clear_object (&self->cancellable);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_account_dialog_parent_class)->dispose (object);
}

static void
bureau_account_dialog_finalize (GObject *object)
{
    g_free (BUREAU_ACCOUNT_DIALOG (object)->link);
    G_OBJECT_CLASS (bureau_account_dialog_parent_class)->finalize (object);
}

static void
bureau_account_dialog_class_init (BureauAccountDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_account_dialog_dispose;
    G_OBJECT_CLASS (klass)->finalize = bureau_account_dialog_finalize;
    g_type_ensure (BUREAU_TYPE_PASSWORD_HINT);
    gtk_widget_class_set_template_from_resource (widget_class, BUREAU_RESOURCE_BASE
                                                 "/ui/bureau-account-dialog.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauAccountDialog, overlay);
    gtk_widget_class_bind_template_child (widget_class, BureauAccountDialog, current_row);
    gtk_widget_class_bind_template_child (widget_class, BureauAccountDialog, password_row);
    gtk_widget_class_bind_template_child (widget_class, BureauAccountDialog, hint);
    gtk_widget_class_bind_template_child (widget_class, BureauAccountDialog, error);
    gtk_widget_class_bind_template_child (widget_class, BureauAccountDialog, set_password);
    gtk_widget_class_bind_template_child (widget_class, BureauAccountDialog, elsewhere);
    gtk_widget_class_bind_template_child (widget_class, BureauAccountDialog, handle_row);
    gtk_widget_class_bind_template_child (widget_class, BureauAccountDialog, link_row);
    gtk_widget_class_bind_template_child (widget_class, BureauAccountDialog, words_row);
    gtk_widget_class_bind_template_child (widget_class, BureauAccountDialog, devices);
    gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_set_password_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_copy_link_cb);
}

static void
bureau_account_dialog_init (BureauAccountDialog *self)
{
    self->cancellable = g_cancellable_new ();
    gtk_widget_init_template (GTK_WIDGET (self));
    bureau_password_hint_set_row (self->hint, self->password_row);
    bureau_row_name_text (self->current_row);
    bureau_row_name_text (self->password_row);
}

void
bureau_account_dialog_present (GtkWindow *parent, BureauWorkplace *workplace)
{
    g_return_if_fail (BUREAU_IS_WORKPLACE (workplace));
    BureauAccountDialog *self = g_object_new (BUREAU_TYPE_ACCOUNT_DIALOG, "transient-for", parent,
                                              NULL);
    self->client = g_object_ref (bureau_workplace_get_client (workplace));
    show_elsewhere (self, workplace);
    list_devices (self);
    gtk_window_present (GTK_WINDOW (self));
}

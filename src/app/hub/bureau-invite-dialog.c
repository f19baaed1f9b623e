/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hub/bureau-invite-dialog.h"

#include <glib/gi18n.h>

#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"

struct _BureauInviteDialog {
    AdwWindow parent_instance;

    BureauClient *client;      /* (owned) */
    GCancellable *cancellable; /* (owned) */
    char *link;                /* (owned) (nullable): of the invitation that is shown */
    char *address;             /* (owned) (nullable) */

    AdwToastOverlay *overlay;
    GtkStack *stack;
    AdwComboRow *role_row;
    AdwComboRow *uses_row;
    AdwComboRow *hours_row;
    GtkLabel *error;
    GtkWidget *make;
    GtkLabel *code_label;
    GtkLabel *terms_label;
    AdwActionRow *address_row;
    AdwActionRow *link_row;
    GtkWidget *local_note;
};

G_DEFINE_FINAL_TYPE (BureauInviteDialog, bureau_invite_dialog, ADW_TYPE_WINDOW)

/* In the order of the rows' choices. */
static const BureauRole ROLES[] = { BUREAU_ROLE_MEMBER, BUREAU_ROLE_MANAGER, BUREAU_ROLE_GUEST };
static const int USES[] = { 1, 5, 25 };
static const int HOURS[] = { 1, 24, 7 * 24 };

/* "For one person, until Sunday 14:20." (transfer full) */
static char *
make_terms_text (gint64 uses, const char *expires_at)
{
    gint64 instant = bureau_instant_from_string (expires_at);
    g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (instant / 1000);
    g_autoptr (GDateTime) local = g_date_time_to_local (utc);
    /* Translators: a day and a time, as in “Sunday 14:20” */
    g_autofree char *when = g_date_time_format (local, _ ("%A %H:%M"));
    if (uses == 1)
        return g_strdup_printf (_ ("For one person, until %s"), when);
    return g_strdup_printf (
        ngettext ("For %d person, until %s", "For %d people, until %s", (gulong) uses), (int) uses,
        when);
}

static gboolean
is_local (const char *host)
{
    return g_str_has_prefix (host, "127.") || g_str_equal (host, "::1") ||
           g_str_equal (host, "localhost");
}

static void
show_error (BureauInviteDialog *self, const char *sentence)
{
    gtk_label_set_text (self->error, sentence);
    gtk_widget_set_visible (GTK_WIDGET (self->error), TRUE);
}

/* @invitation: NULL counts as one that can't be understood. */
static void
show_invitation (BureauInviteDialog *self, JsonObject *invitation)
{
    const char *link = bureau_json_get_string (invitation, "link");
    const char *code = bureau_json_get_string (invitation, "code");
    g_autofree char *canonical = code != NULL ? bureau_code_normalize (code) : NULL;
    g_autofree char *pretty = canonical != NULL ? bureau_code_format (canonical) : NULL;
    g_autofree char *terms = make_terms_text (bureau_json_get_int (invitation, "uses", 1),
                                              bureau_json_get_string (invitation, "expiresAt"));
    g_autoptr (BureauInvitation) parsed = link != NULL ? bureau_invitation_parse_link (link, NULL)
                                                       : NULL;
    if (pretty == NULL || parsed == NULL) {
        show_error (self, _ ("The hub’s answer is not understood."));
        return;
    }
    g_autofree char *uri = bureau_invitation_to_base_uri (parsed);
    self->link = g_strdup (link);
    self->address = g_strdup (strstr (uri, "://") + strlen ("://"));
    gtk_label_set_text (self->code_label, pretty);
    gtk_label_set_text (self->terms_label, terms);
    adw_action_row_set_subtitle (self->address_row, self->address);
    adw_action_row_set_subtitle (self->link_row, self->link);
    gtk_widget_set_visible (self->local_note, is_local (parsed->host));
    gtk_stack_set_visible_child_name (self->stack, "invitation");
}

static void
on_asked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) answer = bureau_client_ask_finish (BUREAU_CLIENT (source), result,
                                                              &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    BureauInviteDialog *self = data;
    gtk_widget_set_sensitive (self->make, TRUE);
    if (answer == NULL) {
        gboolean offline = g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE);
        show_error (self, offline
                              ? _ ("The hub makes invitations, and it can’t be reached just now.")
                              : error->message);
        return;
    }
    show_invitation (self, bureau_json_get_object (answer, "invitation"));
}

static void
on_make_clicked_cb (BureauInviteDialog *self)
{
    guint role = adw_combo_row_get_selected (self->role_row);
    guint uses = adw_combo_row_get_selected (self->uses_row);
    guint hours = adw_combo_row_get_selected (self->hours_row);
    g_return_if_fail (role < G_N_ELEMENTS (ROLES) && uses < G_N_ELEMENTS (USES) &&
                      hours < G_N_ELEMENTS (HOURS));

    JsonObject *params = json_object_new ();
    bureau_json_set_string (params, "role", bureau_role_to_string (ROLES[role]));
    json_object_set_int_member (params, "uses", USES[uses]);
    json_object_set_int_member (params, "hours", HOURS[hours]);
    gtk_widget_set_visible (GTK_WIDGET (self->error), FALSE);
    gtk_widget_set_sensitive (self->make, FALSE);
    bureau_client_ask_async (self->client, BUREAU_COMMAND_MEMBER_INVITE, params, self->cancellable,
                             on_asked_cb, self);
}

static void
copy (BureauInviteDialog *self, const char *text, const char *said)
{
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
    AdwToast *toast = adw_toast_new (said);
    adw_toast_set_timeout (toast, 2);
    adw_toast_overlay_add_toast (self->overlay, toast);
}

static void
on_copy_link_cb (BureauInviteDialog *self)
{
    copy (self, self->link, _ ("Link copied"));
}

static void
on_copy_code_cb (BureauInviteDialog *self)
{
    g_autofree char *text = g_strdup_printf ("%s  %s", self->address,
                                             gtk_label_get_text (self->code_label));
    copy (self, text, _ ("Address and code copied"));
}

static void
bureau_invite_dialog_dispose (GObject *object)
{
    BureauInviteDialog *self = BUREAU_INVITE_DIALOG (object);
    g_cancellable_cancel (self->cancellable);
    g_clear_object (&self->cancellable);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_invite_dialog_parent_class)->dispose (object);
}

static void
bureau_invite_dialog_finalize (GObject *object)
{
    BureauInviteDialog *self = BUREAU_INVITE_DIALOG (object);
    g_free (self->link);
    g_free (self->address);
    G_OBJECT_CLASS (bureau_invite_dialog_parent_class)->finalize (object);
}

static void
bureau_invite_dialog_class_init (BureauInviteDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
    G_OBJECT_CLASS (klass)->dispose = bureau_invite_dialog_dispose;
    G_OBJECT_CLASS (klass)->finalize = bureau_invite_dialog_finalize;

    gtk_widget_class_set_template_from_resource (widget_class, BUREAU_RESOURCE_BASE
                                                 "/ui/bureau-invite-dialog.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, overlay);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, stack);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, role_row);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, uses_row);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, hours_row);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, error);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, make);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, code_label);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, terms_label);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, address_row);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, link_row);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, local_note);
    gtk_widget_class_bind_template_callback (widget_class, on_make_clicked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_copy_link_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_copy_code_cb);
}

static void
bureau_invite_dialog_init (BureauInviteDialog *self)
{
    self->cancellable = g_cancellable_new ();
    gtk_widget_init_template (GTK_WIDGET (self));
}

void
bureau_invite_dialog_present (GtkWindow *parent, BureauClient *client)
{
    g_return_if_fail (BUREAU_IS_CLIENT (client));
    BureauInviteDialog *self = g_object_new (BUREAU_TYPE_INVITE_DIALOG, "transient-for", parent,
                                             NULL);
    self->client = g_object_ref (client);
    gtk_window_present (GTK_WINDOW (self));
    gtk_widget_grab_focus (self->make);
}

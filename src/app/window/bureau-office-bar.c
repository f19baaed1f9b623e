/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-office-bar.h"

#include <glib/gi18n.h>

#include "welcome/bureau-welcome-error.h"
#include "window/bureau-stranger-dialog.h"

struct _BureauOfficeBar {
    AdwBin parent_instance;

    BureauWorkplace *workplace; /* (owned) (nullable) */
    GCancellable *cancellable;  /* (owned) */
    gboolean busy;

    GtkRevealer *revealer;
    GtkImage *icon;
    GtkLabel *heading;
    GtkLabel *text;
    GtkWidget *sign_in_box;
    GtkEditable *password;
    GtkWidget *sign_in;
    GtkSpinner *spinner;
    GtkLabel *error;
    GtkWidget *compare;
    GtkWidget *join_again;
};

G_DEFINE_FINAL_TYPE (BureauOfficeBar, bureau_office_bar, ADW_TYPE_BIN)

/* ------------------------------------------------------------------ what it says */

/* What is common to all that can be mended by signing in. */
#define UNTIL_THEN                                                                                 \
    N_ ("Until you sign in you see what was last known, and your changes wait on this computer.")

static const char *
get_heading (BureauSignedOutReason reason)
{
    switch (reason) {
    case BUREAU_SIGNED_OUT_REVOKED:
        return _ ("You were signed out");
    case BUREAU_SIGNED_OUT_EXPIRED:
        return _ ("Your sign-in has run out");
    case BUREAU_SIGNED_OUT_REMOVED:
        return _ ("You are no longer in this office");
    case BUREAU_SIGNED_OUT_NOT:
        break;
    }
    return _ ("Sign in to go on");
}

/* (transfer full) */
static char *
make_text (BureauSignedOutReason reason)
{
    const char *why = NULL;

    switch (reason) {
    case BUREAU_SIGNED_OUT_REVOKED:
        why = _ ("That was done from another device, by somebody who manages the office, or by a "
                 "new password.");
        break;
    case BUREAU_SIGNED_OUT_EXPIRED:
        why = _ ("This computer has been away for too long.");
        break;
    case BUREAU_SIGNED_OUT_REMOVED:
        return g_strdup (
            _ ("Somebody who manages it has taken you out. You see what was last known. "
               "To be in it again, ask for an invitation."));
    case BUREAU_SIGNED_OUT_NOT:
        why = _ ("The keyring has no sign-in for this office.");
        break;
    }
    return g_strdup_printf ("%s %s", why, _ (UNTIL_THEN));
}

static void
show_signed_out (BureauOfficeBar *self, BureauClient *client)
{
    BureauSignedOutReason reason = bureau_client_get_signed_out_reason (client);
    g_autofree char *text = make_text (reason);

    gtk_image_set_from_icon_name (self->icon, "dialog-password-symbolic");
    gtk_label_set_text (self->heading, get_heading (reason));
    gtk_label_set_text (self->text, text);
    gtk_widget_set_visible (self->sign_in_box, reason != BUREAU_SIGNED_OUT_REMOVED);
    gtk_widget_set_visible (self->compare, FALSE);
    gtk_widget_set_visible (self->join_again, TRUE);
    /* At the start there is nothing yet that the focus could be taken from. */
    if (reason == BUREAU_SIGNED_OUT_NOT)
        gtk_widget_grab_focus (GTK_WIDGET (self->password));
}

static void
show_stranger (BureauOfficeBar *self)
{
    gtk_image_set_from_icon_name (self->icon, "dialog-warning-symbolic");
    gtk_label_set_text (self->heading, _ ("Somebody else answers for this office"));
    gtk_label_set_text (
        self->text, _ ("Whoever is at its address has another certificate than its hub. Nothing "
                       "was sent. You can go on working: your changes wait on this computer."));
    gtk_widget_set_visible (self->sign_in_box, FALSE);
    gtk_widget_set_visible (self->compare, TRUE);
    gtk_widget_set_visible (self->join_again, FALSE);
}

static const struct {
    const char *trouble;
    const char *heading;
    const char *text;
} TROUBLES[] = {
    { "full", N_ ("The hub’s disk is full"),
      N_ ("Make room on the computer that serves the office. Until then nothing is lost and nothing "
          "is stored: everybody’s changes wait on their own computers.") },
    { "read_only", N_ ("The hub may not write to its disk"),
      N_ ("Look after the computer that serves the office. Until then nothing is lost and nothing "
          "is stored: everybody’s changes wait on their own computers.") },
    { "failing", N_ ("The hub’s disk does not work as it should"),
      N_ ("Look after the computer that serves the office. Until then nothing is lost and nothing "
          "is stored: everybody’s changes wait on their own computers.") },
    { "damaged", N_ ("The office’s file is damaged"),
      N_ ("Nothing is written to it any more, and everybody’s changes wait on their own computers. "
          "Stop the hub and put back a backup: its log names the newest one that is whole.") },
};

static void
show_warning (BureauOfficeBar *self, const char *heading, const char *text)
{
    gtk_label_set_text (self->heading, heading);
    gtk_label_set_text (self->text, text);
    gtk_image_set_from_icon_name (self->icon, "dialog-warning-symbolic");
    gtk_widget_set_visible (self->sign_in_box, FALSE);
    gtk_widget_set_visible (self->compare, FALSE);
    gtk_widget_set_visible (self->join_again, FALSE);
}

static void
show_trouble (BureauOfficeBar *self, const char *trouble)
{
    for (guint i = 0; i < G_N_ELEMENTS (TROUBLES); i++) {
        if (g_str_equal (trouble, TROUBLES[i].trouble))
            show_warning (self, _ (TROUBLES[i].heading), _ (TROUBLES[i].text));
    }
}

static void
show_replica_error (BureauOfficeBar *self, const GError *error)
{
    const char *text = _ (
        "You can look at the office but not change it, and changes that waited here go on waiting. "
        "Look after this computer’s disk, then start Bureau again.");

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
        text = _ (
            "You can look at the office but not change it, and changes that waited here go on "
            "waiting. A newer Bureau has been used on this computer: use that one.");
    else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY))
        text = _ ("You can look at the office but not change it. Another Bureau on this computer "
                  "has it open: use that one, or close it and start this one again.");
    show_warning (self, _ ("This computer’s copy of the office can’t be used"), text);
}

static void
show_error (BureauOfficeBar *self, const char *text)
{
    gtk_label_set_text (self->error, text != NULL ? text : "");
    gtk_widget_set_visible (GTK_WIDGET (self->error), text != NULL);
}

static void
update (BureauOfficeBar *self)
{
    BureauClient *client = bureau_workplace_get_client (self->workplace);
    BureauClientState state = bureau_client_get_state (client);
    /* An office of one's own is opened anew by its window. */
    gboolean signed_out = state == BUREAU_CLIENT_SIGNED_OUT &&
                          !bureau_workplace_is_host (self->workplace);
    gboolean stranger = state == BUREAU_CLIENT_STRANGER;
    const char *trouble = state == BUREAU_CLIENT_LIVE ? bureau_client_get_hub_trouble (client)
                                                      : NULL;
    const GError *error = bureau_client_get_replica_error (client);
    gboolean shown = signed_out || stranger || trouble != NULL || error != NULL;

    if (signed_out)
        show_signed_out (self, client);
    else if (stranger)
        show_stranger (self);
    else if (trouble != NULL)
        show_trouble (self, trouble);
    else if (error != NULL)
        show_replica_error (self, error);
    show_error (self, NULL);
    gtk_widget_set_visible (GTK_WIDGET (self->revealer), shown);
    gtk_revealer_set_reveal_child (self->revealer, shown);
}

/* ------------------------------------------------------------------ signing in */

static void
update_form (BureauOfficeBar *self)
{
    gboolean filled = *gtk_editable_get_text (self->password) != '\0';
    gtk_widget_set_sensitive (GTK_WIDGET (self->password), !self->busy);
    gtk_widget_set_sensitive (self->sign_in, filled && !self->busy);
    gtk_widget_set_visible (GTK_WIDGET (self->spinner), self->busy);
    gtk_spinner_set_spinning (self->spinner, self->busy);
}

static void
on_signed_in_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauOfficeBar) self = data;
    g_autoptr (GError) error = NULL;
    gboolean good = bureau_workplace_sign_in_again_finish (BUREAU_WORKPLACE (source), result,
                                                           &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    self->busy = FALSE;
    update_form (self);
    if (good) {
        gtk_editable_set_text (self->password, "");
        return;
    }
    g_autofree char *text = bureau_welcome_error_to_text (error);
    show_error (self, text);
    gtk_widget_grab_focus (GTK_WIDGET (self->password));
}

static void
on_sign_in_cb (BureauOfficeBar *self)
{
    if (!gtk_widget_get_sensitive (self->sign_in))
        return;
    show_error (self, NULL);
    self->busy = TRUE;
    update_form (self);
    bureau_workplace_sign_in_again_async (self->workplace, gtk_editable_get_text (self->password),
                                          self->cancellable, on_signed_in_cb, g_object_ref (self));
}

static void
on_compare_clicked_cb (BureauOfficeBar *self)
{
    BureauClient *client = bureau_workplace_get_client (self->workplace);
    bureau_stranger_dialog_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                    bureau_client_get_account (client)->pin,
                                    bureau_client_get_presented_pin (client),
                                    bureau_client_get_office_name (client));
}

/* ------------------------------------------------------------------ class */

static void
bureau_office_bar_dispose (GObject *object)
{
    BureauOfficeBar *self = BUREAU_OFFICE_BAR (object);
    g_cancellable_cancel (self->cancellable);
    g_clear_object (&self->cancellable);
    g_clear_object (&self->workplace);
    G_OBJECT_CLASS (bureau_office_bar_parent_class)->dispose (object);
}

static void
bureau_office_bar_class_init (BureauOfficeBarClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
    G_OBJECT_CLASS (klass)->dispose = bureau_office_bar_dispose;

    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-office-bar.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauOfficeBar, revealer);
    gtk_widget_class_bind_template_child (widget_class, BureauOfficeBar, icon);
    gtk_widget_class_bind_template_child (widget_class, BureauOfficeBar, heading);
    gtk_widget_class_bind_template_child (widget_class, BureauOfficeBar, text);
    gtk_widget_class_bind_template_child (widget_class, BureauOfficeBar, sign_in_box);
    gtk_widget_class_bind_template_child (widget_class, BureauOfficeBar, password);
    gtk_widget_class_bind_template_child (widget_class, BureauOfficeBar, sign_in);
    gtk_widget_class_bind_template_child (widget_class, BureauOfficeBar, spinner);
    gtk_widget_class_bind_template_child (widget_class, BureauOfficeBar, error);
    gtk_widget_class_bind_template_child (widget_class, BureauOfficeBar, compare);
    gtk_widget_class_bind_template_child (widget_class, BureauOfficeBar, join_again);
    gtk_widget_class_bind_template_callback (widget_class, update_form);
    gtk_widget_class_bind_template_callback (widget_class, on_sign_in_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_compare_clicked_cb);
}

static void
bureau_office_bar_init (BureauOfficeBar *self)
{
    self->cancellable = g_cancellable_new ();
    gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
bureau_office_bar_new (BureauWorkplace *workplace)
{
    g_return_val_if_fail (BUREAU_IS_WORKPLACE (workplace), NULL);
    BureauOfficeBar *self = g_object_new (BUREAU_TYPE_OFFICE_BAR, NULL);
    BureauClient *client = bureau_workplace_get_client (workplace);
    g_autofree char *label = g_strdup_printf (_ ("Password of %s"),
                                              bureau_client_get_account (client)->user_name);

    self->workplace = g_object_ref (workplace);
    g_object_set (self->password, "placeholder-text", label, NULL);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->password), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    label, -1);
    g_signal_connect_object (client, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "notify::hub-trouble", G_CALLBACK (update), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "notify::loaded", G_CALLBACK (update), self,
                             G_CONNECT_SWAPPED);
    update_form (self);
    update (self);
    return GTK_WIDGET (self);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "welcome/bureau-sign-in-page.h"

#include <glib/gi18n.h>

#include "bureau-error.h"
#include "welcome/bureau-form-foot.h"
#include "welcome/bureau-welcome-error.h"
#include "widgets/bureau-entry-row.h"
#include "widgets/bureau-fingerprint-view.h"
#include "window/bureau-stranger-dialog.h"

struct _BureauSignInPage {
    AdwBin parent_instance;

    BureauAccounts *accounts;  /* (owned) (nullable) */
    char *base_uri;            /* (owned) (nullable) */
    char *pin;                 /* (owned) (nullable) */
    GCancellable *cancellable; /* (owned) (nullable): while one is signing in */
    GError *error;             /* (owned) (nullable): the last one, for its details */

    GtkLabel *place_label;
    GtkWidget *fingerprint_box;
    BureauFingerprintView *fingerprint;
    GtkWidget *form;
    GtkEditable *handle_row;
    GtkEditable *password_row;
    BureauFormFoot *foot;
};

G_DEFINE_FINAL_TYPE (BureauSignInPage, bureau_sign_in_page, ADW_TYPE_BIN)

enum { SIGNAL_ENTERED, N_SIGNALS };

static guint signals[N_SIGNALS];

/* (transfer full) */
static char *
get_handle (BureauSignInPage *self)
{
    g_autofree char *text = bureau_row_get_text (self->handle_row);
    return g_strdup (*text == '@' ? text + 1 : text);
}

static void
update_form (BureauSignInPage *self)
{
    g_autofree char *handle = get_handle (self);
    const char *password = gtk_editable_get_text (self->password_row);

    bureau_form_foot_set_ready (self->foot, *handle != '\0' && *password != '\0');
    bureau_form_foot_show_error (self->foot, NULL, FALSE);
}

static void
set_busy (BureauSignInPage *self, gboolean busy)
{
    gtk_widget_set_sensitive (self->form, !busy);
    bureau_form_foot_set_busy (self->foot, busy);
}

static void
show_error (BureauSignInPage *self, GError *error)
{
    g_autofree char *text = bureau_welcome_error_to_text (error);

    g_clear_error (&self->error);
    self->error = error;
    bureau_form_foot_show_error (self->foot, text, bureau_error_get_expected_pin (error) != NULL);
    gtk_widget_grab_focus (GTK_WIDGET (self->password_row));
}

static void
on_signed_in_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauSignInPage) self = data;
    GError *error = NULL;
    g_autoptr (BureauWorkplace) workplace = bureau_workplace_finish (result, &error);

    g_clear_object (&self->cancellable);
    set_busy (self, FALSE);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        g_error_free (error);
        return;
    }
    if (workplace == NULL) {
        show_error (self, error);
        return;
    }
    gtk_editable_set_text (self->password_row, "");
    g_signal_emit (self, signals[SIGNAL_ENTERED], 0, workplace);
}

static void
on_submitted_cb (BureauSignInPage *self)
{
    g_autofree char *handle = get_handle (self);

    set_busy (self, TRUE);
    self->cancellable = g_cancellable_new ();
    bureau_workplace_sign_in_async (self->accounts, self->base_uri, self->pin, handle,
                                    gtk_editable_get_text (self->password_row), self->cancellable,
                                    on_signed_in_cb, g_object_ref (self));
}

static void
on_handle_activated_cb (BureauSignInPage *self)
{
    gtk_widget_grab_focus (GTK_WIDGET (self->password_row));
}

static void
on_password_activated_cb (BureauSignInPage *self)
{
    bureau_form_foot_submit (self->foot);
}

static void
on_details_cb (BureauSignInPage *self)
{
    bureau_stranger_dialog_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                    bureau_error_get_expected_pin (self->error),
                                    bureau_error_get_presented_pin (self->error), NULL);
}

static void
bureau_sign_in_page_dispose (GObject *object)
{
    BureauSignInPage *self = BUREAU_SIGN_IN_PAGE (object);
    bureau_sign_in_page_cancel (self);
    g_clear_object (&self->accounts);
    G_OBJECT_CLASS (bureau_sign_in_page_parent_class)->dispose (object);
}

static void
bureau_sign_in_page_finalize (GObject *object)
{
    BureauSignInPage *self = BUREAU_SIGN_IN_PAGE (object);
    g_free (self->base_uri);
    g_free (self->pin);
    g_clear_error (&self->error);
    G_OBJECT_CLASS (bureau_sign_in_page_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
    gtk_widget_class_bind_template_child (widget_class, BureauSignInPage, place_label);
    gtk_widget_class_bind_template_child (widget_class, BureauSignInPage, fingerprint_box);
    gtk_widget_class_bind_template_child (widget_class, BureauSignInPage, fingerprint);
    gtk_widget_class_bind_template_child (widget_class, BureauSignInPage, form);
    gtk_widget_class_bind_template_child (widget_class, BureauSignInPage, handle_row);
    gtk_widget_class_bind_template_child (widget_class, BureauSignInPage, password_row);
    gtk_widget_class_bind_template_child (widget_class, BureauSignInPage, foot);
    gtk_widget_class_bind_template_callback (widget_class, update_form);
    gtk_widget_class_bind_template_callback (widget_class, on_handle_activated_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_password_activated_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_submitted_cb);
    gtk_widget_class_bind_template_callback (widget_class, bureau_sign_in_page_cancel);
    gtk_widget_class_bind_template_callback (widget_class, on_details_cb);
}

static void
bureau_sign_in_page_class_init (BureauSignInPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_sign_in_page_dispose;
    G_OBJECT_CLASS (klass)->finalize = bureau_sign_in_page_finalize;
    signals[SIGNAL_ENTERED] = g_signal_new ("entered", BUREAU_TYPE_SIGN_IN_PAGE, G_SIGNAL_RUN_LAST,
                                            0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                            BUREAU_TYPE_WORKPLACE);

    g_type_ensure (BUREAU_TYPE_FINGERPRINT_VIEW);
    g_type_ensure (BUREAU_TYPE_FORM_FOOT);
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-sign-in-page.ui");
    bind_children (widget_class);
}

static void
bureau_sign_in_page_init (BureauSignInPage *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
    bureau_row_name_text (self->handle_row);
    bureau_row_name_text (self->password_row);
}

void
bureau_sign_in_page_set_accounts (BureauSignInPage *self, BureauAccounts *accounts)
{
    g_return_if_fail (BUREAU_IS_SIGN_IN_PAGE (self));
    g_set_object (&self->accounts, accounts);
}

void
bureau_sign_in_page_begin (BureauSignInPage *self, const BureauInvitation *place)
{
    g_return_if_fail (BUREAU_IS_SIGN_IN_PAGE (self));
    g_autofree char *text = g_strdup_printf (_ ("At the office’s hub, %s"), place->host);

    g_free (self->base_uri);
    g_free (self->pin);
    self->base_uri = bureau_invitation_to_base_uri (place);
    self->pin = g_strdup (place->pin);
    gtk_label_set_text (self->place_label, text);
    bureau_fingerprint_view_set_pin (self->fingerprint, self->pin);
    gtk_widget_set_visible (self->fingerprint_box, *self->pin != '\0');
    update_form (self);
    gtk_widget_grab_focus (GTK_WIDGET (self->handle_row));
}

void
bureau_sign_in_page_cancel (BureauSignInPage *self)
{
    g_return_if_fail (BUREAU_IS_SIGN_IN_PAGE (self));
    g_cancellable_cancel (self->cancellable);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "welcome/bureau-offer-page.h"

#include <glib/gi18n.h>

#include "bureau-catalog.h"
#include "welcome/bureau-form-foot.h"
#include "welcome/bureau-real-name.h"
#include "welcome/bureau-welcome-error.h"
#include "widgets/bureau-entry-row.h"
#include "widgets/bureau-fingerprint-view.h"
#include "widgets/bureau-password-hint.h"

struct _BureauOfferPage {
    AdwBin parent_instance;

    BureauAccounts *accounts;  /* (owned) (nullable) */
    BureauOffer *offer;        /* (owned) (nullable) */
    GCancellable *cancellable; /* (owned) (nullable): while one is joining */

    GtkLabel *office_label;
    GtkLabel *role_label;
    GtkWidget *fingerprint_box;
    BureauFingerprintView *fingerprint;
    GtkWidget *form;
    GtkEditable *name_row;
    GtkEditable *password_row;
    BureauPasswordHint *hint;
    BureauFormFoot *foot;
};

G_DEFINE_FINAL_TYPE (BureauOfferPage, bureau_offer_page, ADW_TYPE_BIN)

enum { SIGNAL_ENTERED, N_SIGNALS };

static guint signals[N_SIGNALS];

/* ------------------------------------------------------------------ the offer */

/* What one will be there. (transfer full) */
static char *
make_role_text (const BureauOffer *offer)
{
    const char *text = NULL;

    if (offer->member_name != NULL)
        return g_strdup_printf (_ ("You are expected there as %s."), offer->member_name);
    switch (offer->role) {
    case BUREAU_ROLE_OWNER:
        text = _ ("You are invited as an owner.");
        break;
    case BUREAU_ROLE_MANAGER:
        text = _ ("You are invited as a manager.");
        break;
    case BUREAU_ROLE_GUEST:
        text = _ ("You are invited as a guest: you see what you are shown, and may ask for more.");
        break;
    case BUREAU_ROLE_MEMBER:
    case BUREAU_ROLE_NONE:
        text = _ ("You are invited as a member.");
        break;
    }
    return g_strdup (text);
}

static void
update_form (BureauOfferPage *self)
{
    g_autofree char *name = bureau_row_get_text (self->name_row);
    bureau_form_foot_set_ready (self->foot,
                                *name != '\0' && bureau_password_hint_is_good (self->hint));
    bureau_form_foot_show_error (self->foot, NULL, FALSE);
}

/* ------------------------------------------------------------------ joining */

static void
set_busy (BureauOfferPage *self, gboolean busy)
{
    gtk_widget_set_sensitive (self->form, !busy);
    bureau_form_foot_set_busy (self->foot, busy);
}

static void
on_joined_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauOfferPage) self = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauWorkplace) workplace = bureau_workplace_finish (result, &error);

    g_clear_object (&self->cancellable);
    set_busy (self, FALSE);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (workplace == NULL) {
        g_autofree char *text = bureau_welcome_error_to_text (error);
        bureau_form_foot_show_error (self->foot, text, FALSE);
        gtk_widget_grab_focus (GTK_WIDGET (self->password_row));
        return;
    }
    gtk_editable_set_text (self->password_row, "");
    g_signal_emit (self, signals[SIGNAL_ENTERED], 0, workplace);
}

static void
on_submitted_cb (BureauOfferPage *self)
{
    g_autofree char *name = bureau_row_get_text (self->name_row);

    set_busy (self, TRUE);
    self->cancellable = g_cancellable_new ();
    bureau_workplace_join_async (self->accounts, self->offer, name,
                                 gtk_editable_get_text (self->password_row), self->cancellable,
                                 on_joined_cb, g_object_ref (self));
}

static void
on_name_activated_cb (BureauOfferPage *self)
{
    gtk_widget_grab_focus (GTK_WIDGET (self->password_row));
}

static void
on_password_activated_cb (BureauOfferPage *self)
{
    bureau_form_foot_submit (self->foot);
}

/* ------------------------------------------------------------------ class */

static void
bureau_offer_page_dispose (GObject *object)
{
    BureauOfferPage *self = BUREAU_OFFER_PAGE (object);
    bureau_offer_page_cancel (self);
    g_clear_object (&self->accounts);
    g_clear_pointer (&self->offer, bureau_offer_free);
    G_OBJECT_CLASS (bureau_offer_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
    gtk_widget_class_bind_template_child (widget_class, BureauOfferPage, office_label);
    gtk_widget_class_bind_template_child (widget_class, BureauOfferPage, role_label);
    gtk_widget_class_bind_template_child (widget_class, BureauOfferPage, fingerprint_box);
    gtk_widget_class_bind_template_child (widget_class, BureauOfferPage, fingerprint);
    gtk_widget_class_bind_template_child (widget_class, BureauOfferPage, form);
    gtk_widget_class_bind_template_child (widget_class, BureauOfferPage, name_row);
    gtk_widget_class_bind_template_child (widget_class, BureauOfferPage, password_row);
    gtk_widget_class_bind_template_child (widget_class, BureauOfferPage, hint);
    gtk_widget_class_bind_template_child (widget_class, BureauOfferPage, foot);
    gtk_widget_class_bind_template_callback (widget_class, update_form);
    gtk_widget_class_bind_template_callback (widget_class, on_name_activated_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_password_activated_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_submitted_cb);
    gtk_widget_class_bind_template_callback (widget_class, bureau_offer_page_cancel);
}

static void
bureau_offer_page_class_init (BureauOfferPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_offer_page_dispose;
    signals[SIGNAL_ENTERED] = g_signal_new ("entered", BUREAU_TYPE_OFFER_PAGE, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 1,
                                            BUREAU_TYPE_WORKPLACE);

    g_type_ensure (BUREAU_TYPE_FINGERPRINT_VIEW);
    g_type_ensure (BUREAU_TYPE_PASSWORD_HINT);
    g_type_ensure (BUREAU_TYPE_FORM_FOOT);
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-offer-page.ui");
    bind_children (widget_class);
}

static void
bureau_offer_page_init (BureauOfferPage *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
    bureau_row_name_text (self->name_row);
    bureau_row_name_text (self->password_row);
    bureau_row_limit_text (self->name_row, BUREAU_MAX_NAME);
    bureau_password_hint_set_row (self->hint, self->password_row);
    gtk_editable_set_text (self->name_row, bureau_get_real_name ());
}

void
bureau_offer_page_set_accounts (BureauOfferPage *self, BureauAccounts *accounts)
{
    g_return_if_fail (BUREAU_IS_OFFER_PAGE (self));
    g_set_object (&self->accounts, accounts);
}

void
bureau_offer_page_begin (BureauOfferPage *self, const BureauOffer *offer)
{
    g_return_if_fail (BUREAU_IS_OFFER_PAGE (self));
    g_autofree char *role_text = make_role_text (offer);

    g_clear_pointer (&self->offer, bureau_offer_free);
    self->offer = bureau_offer_copy (offer);
    gtk_label_set_text (self->office_label, offer->office_name);
    gtk_label_set_text (self->role_label, role_text);
    bureau_fingerprint_view_set_pin (self->fingerprint, offer->pin);
    gtk_widget_set_visible (self->fingerprint_box, *offer->pin != '\0');
    if (offer->member_name != NULL)
        gtk_editable_set_text (self->name_row, offer->member_name);
    update_form (self);

    g_autofree char *name = bureau_row_get_text (self->name_row);
    gtk_widget_grab_focus (GTK_WIDGET (*name != '\0' ? self->password_row : self->name_row));
}

void
bureau_offer_page_cancel (BureauOfferPage *self)
{
    g_return_if_fail (BUREAU_IS_OFFER_PAGE (self));
    g_cancellable_cancel (self->cancellable);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "welcome/bureau-found-page.h"

#include <glib/gi18n.h>

#include "bureau-catalog.h"
#include "welcome/bureau-form-foot.h"
#include "welcome/bureau-real-name.h"
#include "welcome/bureau-welcome-error.h"
#include "widgets/bureau-entry-row.h"

struct _BureauFoundPage {
    AdwBin parent_instance;

    BureauAccounts *accounts;  /* (owned) (nullable) */
    GCancellable *cancellable; /* (owned) (nullable): while it is being made */
    gboolean alone;

    GtkLabel *title;
    GtkLabel *text;
    GtkWidget *form;
    GtkEditable *office_row;
    GtkEditable *name_row;
    BureauFormFoot *foot;
};

G_DEFINE_FINAL_TYPE (BureauFoundPage, bureau_found_page, ADW_TYPE_BIN)

enum { SIGNAL_ENTERED, N_SIGNALS };

static guint signals[N_SIGNALS];

static void
update_form (BureauFoundPage *self)
{
    g_autofree char *office = bureau_row_get_text (self->office_row);
    g_autofree char *name = bureau_row_get_text (self->name_row);

    bureau_form_foot_set_ready (self->foot, *name != '\0' && (self->alone || *office != '\0'));
    bureau_form_foot_show_error (self->foot, NULL, FALSE);
}

static void
set_busy (BureauFoundPage *self, gboolean busy)
{
    gtk_widget_set_sensitive (self->form, !busy);
    bureau_form_foot_set_busy (self->foot, busy);
}

static void
on_founded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauFoundPage) self = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauWorkplace) workplace = bureau_workplace_finish (result, &error);

    g_clear_object (&self->cancellable);
    set_busy (self, FALSE);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (workplace == NULL) {
        g_autofree char *text = bureau_welcome_error_to_text (error);
        bureau_form_foot_show_error (self->foot, text, FALSE);
        return;
    }
    g_signal_emit (self, signals[SIGNAL_ENTERED], 0, workplace);
}

static void
on_submitted_cb (BureauFoundPage *self)
{
    g_autofree char *name = bureau_row_get_text (self->name_row);
    g_autofree char *office = self->alone ? g_strdup (_ ("My office"))
                                          : bureau_row_get_text (self->office_row);

    set_busy (self, TRUE);
    self->cancellable = g_cancellable_new ();
    bureau_workplace_found_async (self->accounts, office, name, !self->alone, self->cancellable,
                                  on_founded_cb, g_object_ref (self));
}

static void
on_office_activated_cb (BureauFoundPage *self)
{
    g_autofree char *name = bureau_row_get_text (self->name_row);
    if (*name == '\0')
        gtk_widget_grab_focus (GTK_WIDGET (self->name_row));
    else
        bureau_form_foot_submit (self->foot);
}

static void
on_name_activated_cb (BureauFoundPage *self)
{
    bureau_form_foot_submit (self->foot);
}

static void
bureau_found_page_dispose (GObject *object)
{
    BureauFoundPage *self = BUREAU_FOUND_PAGE (object);
    bureau_found_page_cancel (self);
    g_clear_object (&self->accounts);
    G_OBJECT_CLASS (bureau_found_page_parent_class)->dispose (object);
}

static void
bureau_found_page_class_init (BureauFoundPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_found_page_dispose;
    signals[SIGNAL_ENTERED] = g_signal_new ("entered", BUREAU_TYPE_FOUND_PAGE, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 1,
                                            BUREAU_TYPE_WORKPLACE);

    g_type_ensure (BUREAU_TYPE_FORM_FOOT);
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-found-page.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauFoundPage, title);
    gtk_widget_class_bind_template_child (widget_class, BureauFoundPage, text);
    gtk_widget_class_bind_template_child (widget_class, BureauFoundPage, form);
    gtk_widget_class_bind_template_child (widget_class, BureauFoundPage, office_row);
    gtk_widget_class_bind_template_child (widget_class, BureauFoundPage, name_row);
    gtk_widget_class_bind_template_child (widget_class, BureauFoundPage, foot);
    gtk_widget_class_bind_template_callback (widget_class, update_form);
    gtk_widget_class_bind_template_callback (widget_class, on_office_activated_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_name_activated_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_submitted_cb);
    gtk_widget_class_bind_template_callback (widget_class, bureau_found_page_cancel);
}

static void
bureau_found_page_init (BureauFoundPage *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
    bureau_row_name_text (self->office_row);
    bureau_row_name_text (self->name_row);
    bureau_row_limit_text (self->office_row, BUREAU_MAX_NAME);
    bureau_row_limit_text (self->name_row, BUREAU_MAX_NAME);
    gtk_editable_set_text (self->name_row, bureau_get_real_name ());
}

void
bureau_found_page_set_accounts (BureauFoundPage *self, BureauAccounts *accounts)
{
    g_return_if_fail (BUREAU_IS_FOUND_PAGE (self));
    g_set_object (&self->accounts, accounts);
}

void
bureau_found_page_begin (BureauFoundPage *self, gboolean alone)
{
    g_return_if_fail (BUREAU_IS_FOUND_PAGE (self));
    self->alone = alone;
    gtk_label_set_text (self->title, alone ? _ ("Just Me") : _ ("Start an Office"));
    gtk_label_set_text (
        self->text, alone ? _ ("How should the others see you, once there are any? Until you "
                               "share the office, only this computer can reach it.")
                          : _ ("This computer keeps the office’s tasks and serves them to others "
                               "on the same network, who come in by your invitation."));
    gtk_widget_set_visible (GTK_WIDGET (self->office_row), !alone);
    update_form (self);
    gtk_widget_grab_focus (GTK_WIDGET (alone ? self->name_row : self->office_row));
}

void
bureau_found_page_cancel (BureauFoundPage *self)
{
    g_return_if_fail (BUREAU_IS_FOUND_PAGE (self));
    g_cancellable_cancel (self->cancellable);
}

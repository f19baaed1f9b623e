/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-stranger-dialog.h"

#include <glib/gi18n.h>

#include "widgets/bureau-fingerprint-view.h"

struct _BureauStrangerDialog {
    AdwWindow parent_instance;

    GtkLabel *text;
    BureauFingerprintView *known;
    BureauFingerprintView *presented;
    GtkWidget *no_certificate;
    GtkWidget *stay;
    GtkWidget *join_again;
    GtkWidget *close;
};

G_DEFINE_FINAL_TYPE (BureauStrangerDialog, bureau_stranger_dialog, ADW_TYPE_WINDOW)

static void
on_join_again_clicked_cb (BureauStrangerDialog *self)
{
    GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));
    gtk_widget_activate_action (GTK_WIDGET (parent), "win.join-again", NULL);
    gtk_window_close (GTK_WINDOW (self));
}

static void
bureau_stranger_dialog_class_init (BureauStrangerDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    g_type_ensure (BUREAU_TYPE_FINGERPRINT_VIEW);
    gtk_widget_class_set_template_from_resource (widget_class, BUREAU_RESOURCE_BASE
                                                 "/ui/bureau-stranger-dialog.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauStrangerDialog, text);
    gtk_widget_class_bind_template_child (widget_class, BureauStrangerDialog, known);
    gtk_widget_class_bind_template_child (widget_class, BureauStrangerDialog, presented);
    gtk_widget_class_bind_template_child (widget_class, BureauStrangerDialog, no_certificate);
    gtk_widget_class_bind_template_child (widget_class, BureauStrangerDialog, stay);
    gtk_widget_class_bind_template_child (widget_class, BureauStrangerDialog, join_again);
    gtk_widget_class_bind_template_child (widget_class, BureauStrangerDialog, close);
    gtk_widget_class_bind_template_callback (widget_class, on_join_again_clicked_cb);
}

static void
bureau_stranger_dialog_init (BureauStrangerDialog *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
}

void
bureau_stranger_dialog_present (GtkWindow *parent, const char *known, const char *presented,
                                const char *office)
{
    BureauStrangerDialog *self = g_object_new (BUREAU_TYPE_STRANGER_DIALOG, "transient-for", parent,
                                               NULL);
    gboolean has_certificate = presented != NULL && *presented != '\0';
    g_autofree char *text =
        office != NULL
            ? g_strdup_printf (
                  _ ("Nothing was sent. Either %s was set up anew, or somebody on this network "
                     "pretends to be it. Ask whoever runs it to read its fingerprint to you. If it "
                     "is the one shown now, have them invite you again; if not, stay offline."),
                  office)
            : g_strdup (_ ("Nothing was sent. Either the office was set up anew since you were "
                           "invited, or somebody on this network pretends to be it. Ask whoever "
                           "invited you for a new invitation."));

    gtk_label_set_text (self->text, text);
    bureau_fingerprint_view_set_pin (self->known, known);
    bureau_fingerprint_view_set_pin (self->presented, presented);
    gtk_widget_set_visible (GTK_WIDGET (self->presented), has_certificate);
    gtk_widget_set_visible (self->no_certificate, !has_certificate);
    gtk_widget_set_visible (self->stay, office != NULL);
    gtk_widget_set_visible (self->join_again, office != NULL);
    gtk_widget_set_visible (self->close, office == NULL);
    gtk_window_present (GTK_WINDOW (self));
    gtk_widget_grab_focus (office != NULL ? self->stay : self->close);
}

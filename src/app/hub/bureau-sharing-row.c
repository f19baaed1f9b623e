/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hub/bureau-sharing-row.h"

#include <glib/gi18n.h>

struct _BureauSharingRow {
    AdwActionRow parent_instance;

    BureauWorkplace *workplace; /* (owned) */
    GtkSwitch *toggle;
    GtkWidget *spinner;
};

G_DEFINE_FINAL_TYPE (BureauSharingRow, bureau_sharing_row, ADW_TYPE_ACTION_ROW)

/* As it is: the switch shows the truth, not the wish. */
static void
update (BureauSharingRow *self)
{
    gboolean shared = bureau_workplace_get_shared (self->workplace);
    g_autofree char *address = shared ? bureau_workplace_get_address (self->workplace) : NULL;
    g_autofree char *text = NULL;

    if (address != NULL)
        text = g_strdup_printf (_ ("Others reach it at %s"), address);
    else if (shared)
        text = g_strdup (_ ("This computer is on no network just now."));
    else
        text = g_strdup (_ ("Only this computer can reach the office."));
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text);
    gtk_switch_set_active (self->toggle, shared);
    gtk_switch_set_state (self->toggle, shared);
}

static void
on_shared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauSharingRow) self = data;
    g_autoptr (GError) error = NULL;
    gboolean good = bureau_workplace_share_finish (BUREAU_WORKPLACE (source), result, &error);

    gtk_widget_set_visible (self->spinner, FALSE);
    gtk_widget_set_sensitive (GTK_WIDGET (self->toggle), TRUE);
    update (self);
    if (!good)
        adw_action_row_set_subtitle (ADW_ACTION_ROW (self), error->message);
}

static gboolean
on_state_set_cb (BureauSharingRow *self, gboolean wanted)
{
    if (wanted == bureau_workplace_get_shared (self->workplace))
        return FALSE;
    gtk_widget_set_visible (self->spinner, TRUE);
    gtk_widget_set_sensitive (GTK_WIDGET (self->toggle), FALSE);
    bureau_workplace_share_async (self->workplace, wanted, on_shared_cb, g_object_ref (self));
    return TRUE;
}

static void
bureau_sharing_row_dispose (GObject *object)
{
    BureauSharingRow *self = BUREAU_SHARING_ROW (object);
    g_clear_object (&self->workplace);
    G_OBJECT_CLASS (bureau_sharing_row_parent_class)->dispose (object);
}

static void
bureau_sharing_row_class_init (BureauSharingRowClass *klass)
{
    G_OBJECT_CLASS (klass)->dispose = bureau_sharing_row_dispose;
}

static void
bureau_sharing_row_init (BureauSharingRow *self)
{
    self->toggle = GTK_SWITCH (gtk_switch_new ());
    self->spinner = gtk_spinner_new ();
    gtk_spinner_start (GTK_SPINNER (self->spinner));
    gtk_widget_set_visible (self->spinner, FALSE);
    gtk_widget_set_valign (GTK_WIDGET (self->toggle), GTK_ALIGN_CENTER);
    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _ ("Share on this network"));
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->toggle), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    _ ("Share on this network"), -1);
    adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->spinner);
    adw_action_row_add_suffix (ADW_ACTION_ROW (self), GTK_WIDGET (self->toggle));
    adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self), GTK_WIDGET (self->toggle));
    g_signal_connect_object (self->toggle, "state-set", G_CALLBACK (on_state_set_cb), self,
                             G_CONNECT_SWAPPED);
}

GtkWidget *
bureau_sharing_row_new (BureauWorkplace *workplace)
{
    g_return_val_if_fail (BUREAU_IS_WORKPLACE (workplace), NULL);
    BureauSharingRow *self = g_object_new (BUREAU_TYPE_SHARING_ROW, NULL);
    self->workplace = g_object_ref (workplace);
    update (self);
    return GTK_WIDGET (self);
}

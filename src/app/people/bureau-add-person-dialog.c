/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "people/bureau-add-person-dialog.h"

#include <glib/gi18n.h>

#include "people/bureau-member-menu.h"
#include "widgets/bureau-entry-row.h"

/* In the order of the row's choices. */
static const BureauRole ROLES[] = { BUREAU_ROLE_MEMBER, BUREAU_ROLE_MANAGER, BUREAU_ROLE_GUEST };

typedef struct {
    AdwMessageDialog *dialog; /* owns this */
    GtkEditable *name;
    AdwComboRow *role;
    BureauAddPersonFunc func;
} Question;

static void
on_changed_cb (GtkEditable *name, Question *question)
{
    g_autofree char *text = bureau_row_get_text (question->name);

    adw_message_dialog_set_response_enabled (question->dialog, "add", *text != '\0');
}

static void
on_response_cb (AdwMessageDialog *dialog, const char *response, gpointer parent)
{
    Question *question = g_object_get_data (G_OBJECT (dialog), "question");
    g_autofree char *name = bureau_row_get_text (question->name);

    if (g_str_equal (response, "add"))
        question->func (name, ROLES[adw_combo_row_get_selected (question->role)], parent);
}

static GtkWidget *
make_rows (Question *question)
{
    GtkWidget *group = adw_preferences_group_new ();
    GtkStringList *roles = gtk_string_list_new (NULL);

    question->name = GTK_EDITABLE (adw_entry_row_new ());
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (question->name), _ ("Name"));
    bureau_row_name_text (question->name);
    bureau_row_limit_text (question->name, BUREAU_MAX_NAME);
    gtk_text_set_activates_default (GTK_TEXT (gtk_editable_get_delegate (question->name)), TRUE);

    for (guint i = 0; i < G_N_ELEMENTS (ROLES); i++)
        gtk_string_list_append (roles, bureau_role_to_label (ROLES[i]));
    question->role = ADW_COMBO_ROW (adw_combo_row_new ());
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (question->role), _ ("Role"));
    adw_combo_row_set_model (question->role, G_LIST_MODEL (roles));
    g_object_unref (roles);

    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (question->name));
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (question->role));
    return group;
}

void
bureau_add_person_dialog_present (GtkWindow *parent, BureauAddPersonFunc func)
{
    Question *question = g_new0 (Question, 1);
    AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
        parent, _ ("Add Somebody"),
        _ ("They can be given tasks at once. When they join, an invitation takes their place "
           "over.")));

    question->dialog = dialog;
    question->func = func;
    g_object_set_data_full (G_OBJECT (dialog), "question", question, g_free);
    adw_message_dialog_set_extra_child (dialog, make_rows (question));
    adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "add", _ ("_Add"), NULL);
    adw_message_dialog_set_response_appearance (dialog, "add", ADW_RESPONSE_SUGGESTED);
    adw_message_dialog_set_response_enabled (dialog, "add", FALSE);
    adw_message_dialog_set_default_response (dialog, "add");
    g_signal_connect (question->name, "changed", G_CALLBACK (on_changed_cb), question);
    g_signal_connect_object (dialog, "response", G_CALLBACK (on_response_cb), parent, 0);
    gtk_window_present (GTK_WINDOW (dialog));
    gtk_widget_grab_focus (GTK_WIDGET (question->name));
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hub/bureau-take-over-dialog.h"

#include <glib/gi18n.h>

#include "hub/bureau-summary-text.h"

#define RESPONSE_TAKE_OVER "take-over"

/* Belongs to its dialog. */
typedef struct {
    AdwMessageDialog *dialog;  /* (not owned) */
    GtkWidget *widget;         /* (owned) */
    GCancellable *cancellable; /* (owned) */
    BureauHubSummary *package; /* (owned) (nullable): once it has been read */
    BureauTakeOverFunc func;
} Question;

static void
question_free (gpointer data)
{
    Question *question = data;

    g_cancellable_cancel (question->cancellable);
    g_object_unref (question->cancellable);
    g_object_unref (question->widget);
    g_clear_pointer (&question->package, bureau_hub_summary_free);
    g_free (question);
}

/* A backup's hub may still be there: two of one key would take each other's people. */
static void
show_package (Question *question)
{
    const BureauHubSummary *package = question->package;
    g_autofree char *name = package->offices != NULL ? g_strjoinv (", ", package->offices) : NULL;
    g_autofree char *contents = bureau_summary_to_words (package);
    g_autofree char *body = g_strdup_printf (
        "%s\n\n%s", contents,
        package->handed_over
            ? _ ("This computer will serve the office. Everybody’s window finds it by itself on "
                 "this network, and nobody has to sign in again.")
            : _ ("This is a backup, and no hand-over: what was done since is not in it, and the "
                 "computer that served the office until now must never serve it again."));

    adw_message_dialog_set_extra_child (question->dialog, NULL);
    adw_message_dialog_format_heading (question->dialog, _ ("Take Over %s?"), name);
    adw_message_dialog_set_body (question->dialog, body);
    adw_message_dialog_set_response_enabled (question->dialog, RESPONSE_TAKE_OVER, TRUE);
}

static void
on_examined_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubSummary) package = bureau_hub_summary_finish (result, &error);
    Question *question = data;

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (package == NULL) {
        adw_message_dialog_set_extra_child (question->dialog, NULL);
        adw_message_dialog_set_heading (question->dialog, _ ("This File Can’t Be Used"));
        adw_message_dialog_set_body (question->dialog, error->message);
        return;
    }
    question->package = g_steal_pointer (&package);
    show_package (question);
}

static void
on_response_cb (AdwMessageDialog *dialog, const char *response, Question *question)
{
    if (g_str_equal (response, RESPONSE_TAKE_OVER))
        question->func (question->package, question->widget);
}

static AdwMessageDialog *
make_dialog (GtkWindow *parent)
{
    AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
        adw_message_dialog_new (parent, _ ("Reading the File…"), NULL));
    GtkWidget *spinner = gtk_spinner_new ();

    gtk_spinner_start (GTK_SPINNER (spinner));
    adw_message_dialog_set_extra_child (dialog, spinner);
    adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), RESPONSE_TAKE_OVER,
                                      _ ("_Take Over"), NULL);
    adw_message_dialog_set_response_appearance (dialog, RESPONSE_TAKE_OVER, ADW_RESPONSE_SUGGESTED);
    adw_message_dialog_set_response_enabled (dialog, RESPONSE_TAKE_OVER, FALSE);
    adw_message_dialog_set_close_response (dialog, "cancel");
    return dialog;
}

void
bureau_take_over_dialog_present (GtkWidget *widget, const char *path, BureauTakeOverFunc func)
{
    Question *question = g_new0 (Question, 1);

    question->dialog = make_dialog (GTK_WINDOW (gtk_widget_get_root (widget)));
    question->widget = g_object_ref (widget);
    question->cancellable = g_cancellable_new ();
    question->func = func;
    g_object_set_data_full (G_OBJECT (question->dialog), "question", question, question_free);
    g_signal_connect (question->dialog, "response", G_CALLBACK (on_response_cb), question);
    bureau_hub_examine_backup_async (path, question->cancellable, on_examined_cb, question);
    gtk_window_present (GTK_WINDOW (question->dialog));
}

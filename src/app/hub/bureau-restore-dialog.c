/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hub/bureau-restore-dialog.h"

#include <glib/gi18n.h>

#include "hub/bureau-summary-text.h"
#include "widgets/bureau-instant-text.h"

#define RESPONSE_RESTORE "restore"

/* Belongs to its dialog. */
typedef struct {
    AdwMessageDialog *dialog;  /* (not owned) */
    char *directory;           /* (owned) */
    GCancellable *cancellable; /* (owned) */
    BureauHubSummary *backup;  /* (owned) (nullable): once it has been read */
    BureauRestoreFunc func;
} Question;

static void
question_free (gpointer data)
{
    Question *question = data;

    g_cancellable_cancel (question->cancellable);
    g_object_unref (question->cancellable);
    g_free (question->directory);
    g_clear_pointer (&question->backup, bureau_hub_summary_free);
    g_free (question);
}

static void
show (Question *question, const char *heading, const char *body)
{
    adw_message_dialog_set_extra_child (question->dialog, NULL);
    adw_message_dialog_set_heading (question->dialog, heading);
    adw_message_dialog_set_body (question->dialog, body);
}

static void
show_problem (Question *question, const char *sentence)
{
    show (question, _ ("This Backup Can’t Be Used"), sentence);
}

/* ------------------------------------------------------------------ the difference */

/* (transfer full) */
static char *
describe_loss (const BureauHubSummary *now)
{
    if (now->changes == 0)
        return g_strdup (_ ("Nothing has changed since."));
    return g_strdup_printf (ngettext ("%d newer change will be gone.",
                                      "%d newer changes will be gone.", (gulong) now->changes),
                            (int) now->changes);
}

static void
show_difference (Question *question, const BureauHubSummary *now)
{
    g_autofree char *contents = bureau_summary_to_words (question->backup);
    g_autofree char *loss = describe_loss (now);
    g_autofree char *body = g_strdup_printf (
        "%s\n\n%s\n\n%s", contents, loss,
        _ ("The office as it is now is kept, beside its backups. Everybody’s window follows by "
           "itself, and what waits on their computers is sent again."));

    show (question, _ ("Restore This Backup?"), body);
    adw_message_dialog_set_response_enabled (question->dialog, RESPONSE_RESTORE, TRUE);
}

/* An office that can't be read has nothing to lose: what may be in it is kept. */
static void
on_summarized_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubSummary) now = bureau_hub_summary_finish (result, &error);
    g_autoptr (BureauHubSummary) nothing = g_new0 (BureauHubSummary, 1);
    Question *question = data;

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (now != NULL && g_strcmp0 (now->hub, question->backup->hub) != 0)
        show_problem (question, _ ("It is of another office. To serve that one here, begin with "
                                   "“Take over an office” in a new start of Bureau."));
    else
        show_difference (question, now != NULL ? now : nothing);
}

static void
on_examined_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubSummary) backup = bureau_hub_summary_finish (result, &error);
    Question *question = data;

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (backup == NULL) {
        show_problem (question, error->message);
        return;
    }
    question->backup = g_steal_pointer (&backup);
    bureau_hub_summarize_async (question->directory, question->backup->at, question->cancellable,
                                on_summarized_cb, question);
}

/* ------------------------------------------------------------------ the dialog */

static void
on_response_cb (AdwMessageDialog *dialog, const char *response, Question *question)
{
    if (g_str_equal (response, RESPONSE_RESTORE))
        question->func (question->backup, gtk_window_get_transient_for (GTK_WINDOW (dialog)));
}

static AdwMessageDialog *
make_dialog (GtkWindow *parent)
{
    AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
        adw_message_dialog_new (parent, _ ("Reading the Backup…"), NULL));
    GtkWidget *spinner = gtk_spinner_new ();

    gtk_spinner_start (GTK_SPINNER (spinner));
    adw_message_dialog_set_extra_child (dialog, spinner);
    adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), RESPONSE_RESTORE,
                                      _ ("_Restore"), NULL);
    adw_message_dialog_set_response_appearance (dialog, RESPONSE_RESTORE, ADW_RESPONSE_DESTRUCTIVE);
    adw_message_dialog_set_response_enabled (dialog, RESPONSE_RESTORE, FALSE);
    adw_message_dialog_set_close_response (dialog, "cancel");
    return dialog;
}

void
bureau_restore_dialog_present (GtkWindow *parent, const char *directory, const char *path,
                               BureauRestoreFunc func)
{
    Question *question = g_new0 (Question, 1);

    question->dialog = make_dialog (parent);
    question->directory = g_strdup (directory);
    question->cancellable = g_cancellable_new ();
    question->func = func;
    g_object_set_data_full (G_OBJECT (question->dialog), "question", question, question_free);
    g_signal_connect (question->dialog, "response", G_CALLBACK (on_response_cb), question);
    bureau_hub_examine_backup_async (path, question->cancellable, on_examined_cb, question);
    gtk_window_present (GTK_WINDOW (question->dialog));
}

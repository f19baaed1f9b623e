/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-window-private.h"

#include <glib/gi18n.h>

#include "hub/bureau-restore-dialog.h"
#include "widgets/bureau-instant-text.h"

/* What takes the office that is open, and the hub that serves it, out of the window for a while. */

/* ------------------------------------------------------------------ putting it back */

typedef struct {
    BureauWindow *window; /* (owned) */
    char *directory;      /* (owned) */
    char *backup;         /* (owned) */
    char *when;           /* (owned): in words */
} Restoring;

static void
restoring_free (Restoring *restoring)
{
    g_object_unref (restoring->window);
    g_free (restoring->directory);
    g_free (restoring->backup);
    g_free (restoring->when);
    g_free (restoring);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Restoring, restoring_free)

static void
show_failure (BureauWindow *self, const char *heading, const char *why)
{
    GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, why);

    adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
    gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_restored_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Restoring) restoring = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubSummary) summary = bureau_hub_summary_finish (result, &error);
    g_autofree char *news = NULL;

    if (summary != NULL)
        /* Translators: %s is a date and a time, as in “21 November, 14:20” */
        news = g_strdup_printf (_ ("The office is as it was: %s"), restoring->when);
    bureau_window_open_office (restoring->window, news);
    if (summary == NULL && !bureau_window_is_closing (restoring->window))
        show_failure (restoring->window, _ ("The Backup Was Not Put Back"), error->message);
}

static void
on_left_for_restore_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Restoring *restoring = data;
    g_autoptr (GError) error = NULL;

    if (!bureau_workplace_close_finish (BUREAU_WORKPLACE (source), result, &error))
        g_warning ("The office was not left in good order: %s", error->message);
    bureau_hub_restore_async (restoring->directory, restoring->backup, on_restored_cb, restoring);
}

static void
restore (const BureauHubSummary *backup, gpointer window)
{
    BureauWindow *self = BUREAU_WINDOW (window);
    BureauWorkplace *workplace = bureau_window_get_workplace (self);
    Restoring *restoring;

    if (workplace == NULL)
        return;
    restoring = g_new0 (Restoring, 1);
    restoring->window = g_object_ref (self);
    restoring->directory = bureau_workplace_get_directory (workplace);
    restoring->backup = g_strdup (backup->path);
    restoring->when = bureau_instant_to_words (backup->at, g_get_real_time () / 1000);
    bureau_window_leave_office (self, _ ("The backup is being put back…"), on_left_for_restore_cb,
                                restoring);
}

void
bureau_window_on_restore_backup_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauWorkplace *workplace = bureau_window_get_workplace (BUREAU_WINDOW (widget));
    g_autofree char *directory = workplace != NULL ? bureau_workplace_get_directory (workplace)
                                                   : NULL;

    if (directory != NULL)
        bureau_restore_dialog_present (GTK_WINDOW (widget), directory,
                                       g_variant_get_string (parameter, NULL), restore);
}

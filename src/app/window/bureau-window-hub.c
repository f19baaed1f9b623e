/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-window-private.h"

#include <glib/gi18n.h>

#include "hub/bureau-backup-file.h"
#include "hub/bureau-restore-dialog.h"
#include "secrets/bureau-keyring.h"
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

void
bureau_window_say_outcome (BureauWindow *self, const char *heading, const char *body)
{
    GtkWidget *dialog;

    if (bureau_window_is_closing (self))
        return;
    dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, body);
    adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
    gtk_window_present (GTK_WINDOW (dialog));
}

/* @aside (nullable): where what was there is now. */
static void
show_restored (Restoring *restoring, const char *aside)
{
    /* Translators: %s is a date and a time, as in “21 November, 14:20” */
    g_autofree char *when = g_strdup_printf (_ ("It is the office of %s."), restoring->when);
    g_autofree char *body = aside != NULL
                                ? g_strdup_printf ("%s %s\n\n%s", when,
                                                   _ ("What was there before is kept in:"), aside)
                                : g_strdup (when);

    bureau_window_say_outcome (restoring->window, _ ("The Backup Is Put Back"), body);
}

static void
on_restored_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Restoring) restoring = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubSummary) summary = bureau_hub_summary_finish (result, &error);

    bureau_window_open_office (restoring->window);
    if (summary != NULL)
        show_restored (restoring, summary->path);
    else
        bureau_window_say_outcome (restoring->window, _ ("The Backup Was Not Put Back"),
                                   error->message);
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

/* ------------------------------------------------------------------ handing it over */

typedef struct {
    BureauWindow *window;   /* (owned) */
    BureauAccount *host;    /* (owned): as it is while this machine serves it */
    BureauAccount *account; /* (owned): for when it is served elsewhere */
    char *directory;        /* (owned) */
    char *path;             /* (owned) */
} Leaving;

static void
leaving_free (Leaving *leaving)
{
    g_object_unref (leaving->window);
    bureau_account_free (leaving->host);
    bureau_account_free (leaving->account);
    g_free (leaving->directory);
    g_free (leaving->path);
    g_free (leaving);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Leaving, leaving_free)

static void
show_packed (Leaving *leaving)
{
    g_autofree char *name = g_path_get_basename (leaving->path);
    /* Translators: %s is a file's name */
    g_autofree char *body = g_strdup_printf (
        _ ("%s holds all of it. Take it to the other computer, and choose “Take Over an Office” in "
           "Bureau there. Until then everybody can go on working: their changes wait.\n\nKeep the "
           "file secret, and remove it when all is well. To serve the office here again after all, "
           "take it over here."),
        name);

    bureau_window_say_outcome (leaving->window, _ ("The Office Is Packed"), body);
}

static void
finish_leaving (Leaving *leaving)
{
    bureau_accounts_save (bureau_window_get_accounts (leaving->window), leaving->account, NULL);
    bureau_window_open_office (leaving->window);
    show_packed (leaving);
}

static void
on_secret_cleared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Leaving) leaving = data;
    g_autoptr (GError) error = NULL;

    if (!bureau_keyring_clear_finish (result, &error))
        g_message ("The keyring did not forget the sign-in: %s", error->message);
    finish_leaving (leaving);
}

static void
on_secret_stored_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Leaving *leaving = data;
    g_autoptr (GError) error = NULL;

    if (!bureau_keyring_store_finish (result, &error))
        g_message ("The keyring did not take the sign-in: %s", error->message);
    bureau_keyring_clear_async (leaving->host, NULL, on_secret_cleared_cb, leaving);
}

/* It is kept under the hub's pin, which this machine's own has none of. */
static void
on_secret_found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Leaving *leaving = data;
    g_autoptr (GError) error = NULL;
    g_autofree char *token = bureau_keyring_lookup_finish (result, &error);

    if (token != NULL) {
        bureau_keyring_store_async (leaving->account, token, NULL, on_secret_stored_cb, leaving);
        return;
    }
    if (error != NULL)
        g_message ("The keyring does not say: %s", error->message);
    finish_leaving (leaving);
    leaving_free (leaving);
}

/* Whoever kept the office is in it like everybody else from now on. */
static void
on_handed_over_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Leaving *leaving = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubSummary) summary = bureau_hub_summary_finish (result, &error);

    if (summary != NULL) {
        bureau_keyring_lookup_async (leaving->host, NULL, on_secret_found_cb, leaving);
        return;
    }
    bureau_window_open_office (leaving->window);
    bureau_window_say_outcome (leaving->window, _ ("The Office Was Not Packed"), error->message);
    leaving_free (leaving);
}

static void
on_left_for_hand_over_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Leaving *leaving = data;
    g_autoptr (GError) error = NULL;

    if (!bureau_workplace_close_finish (BUREAU_WORKPLACE (source), result, &error))
        g_warning ("The office was not left in good order: %s", error->message);
    bureau_hub_hand_over_async (leaving->directory, leaving->path, on_handed_over_cb, leaving);
}

static void
on_package_chosen_cb (const char *path, gpointer window)
{
    BureauWindow *self = BUREAU_WINDOW (window);
    BureauWorkplace *workplace = bureau_window_get_workplace (self);
    Leaving *leaving;

    if (workplace == NULL)
        return;
    leaving = g_new0 (Leaving, 1);
    leaving->window = g_object_ref (self);
    leaving->host = bureau_account_copy (
        bureau_client_get_account (bureau_workplace_get_client (workplace)));
    leaving->account = bureau_workplace_make_guest_account (workplace);
    leaving->directory = bureau_workplace_get_directory (workplace);
    leaving->path = g_strdup (path);
    bureau_window_leave_office (self, _ ("The office is being packed…"), on_left_for_hand_over_cb,
                                leaving);
}

static void
on_hand_over_response_cb (AdwMessageDialog *dialog, const char *response, GtkWidget *window)
{
    if (g_str_equal (response, "choose"))
        bureau_backup_file_save (window, _ ("Pack the Office"), _ ("move"), on_package_chosen_cb);
}

void
bureau_window_on_hand_over_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    GtkWidget *dialog = adw_message_dialog_new (
        GTK_WINDOW (widget), _ ("Move the Office to Another Computer?"),
        _ ("All of it is packed into one file, with the hub’s keys, so that the other computer is "
           "known as the same hub and nobody has to sign in again. Whoever has the file can be the "
           "hub: put it where nobody else can read it.\n\nThis computer then serves the office no "
           "more. Its window goes on like everybody’s."));

    adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                      "choose", _ ("Choose a _File…"), NULL);
    adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "choose",
                                                ADW_RESPONSE_DESTRUCTIVE);
    g_signal_connect_object (dialog, "response", G_CALLBACK (on_hand_over_response_cb), widget, 0);
    gtk_window_present (GTK_WINDOW (dialog));
}

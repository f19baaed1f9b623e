/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-window-private.h"

#include <glib/gi18n.h>

#include "hub/bureau-host.h"
#include "hub/bureau-summary-text.h"
#include "secrets/bureau-keyring.h"

/* The hub is gone for good, and with it its backups: the office is made anew on this computer, from
 * what its owner's replica has of it. */

typedef struct {
    BureauWindow *window;   /* (owned) */
    BureauAccount *account; /* (owned): as it will be */
    char *office;           /* (owned): the name of the new folder */
    char *replica;          /* (owned) */
} Rescue;

static void
rescue_free (Rescue *rescue)
{
    g_object_unref (rescue->window);
    bureau_account_free (rescue->account);
    g_free (rescue->office);
    g_free (rescue->replica);
    g_free (rescue);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rescue, rescue_free)

gboolean
bureau_window_may_rescue (BureauWindow *self)
{
    BureauWorkplace *workplace = bureau_window_get_workplace (self);
    BureauClient *client = bureau_window_get_client (self);

    if (client == NULL || bureau_workplace_is_host (workplace) ||
        bureau_client_get_role (client) != BUREAU_ROLE_OWNER)
        return FALSE;
    switch (bureau_client_get_state (client)) {
    case BUREAU_CLIENT_OFFLINE:
    case BUREAU_CLIENT_CONNECTING:
    case BUREAU_CLIENT_STRANGER:
        return TRUE;
    case BUREAU_CLIENT_CATCHING_UP:
    case BUREAU_CLIENT_LIVE:
    case BUREAU_CLIENT_SIGNED_OUT:
        break;
    }
    return FALSE;
}

/* ------------------------------------------------------------------ making it */

/* The lost hub's secret is none of the new one's, whose folder lets its owner in. */
static void
on_secret_cleared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Rescue) rescue = data;
    g_autoptr (GError) error = NULL;

    if (!bureau_keyring_clear_finish (result, &error))
        g_message ("The keyring did not forget the sign-in: %s", error->message);
    bureau_window_open_office (rescue->window);
    bureau_window_say_outcome (
        rescue->window, _ ("The Office Is Here Now"),
        _ ("Invite the others anew, each as who they were: in People, choose "
           "Invite beside their name. What waits on their computers is sent then."));
}

static void
on_rescued_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Rescue *rescue = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubSummary) summary = bureau_hub_summary_finish (result, &error);
    BureauAccounts *accounts = bureau_window_get_accounts (rescue->window);

    if (summary == NULL) {
        bureau_window_open_office (rescue->window);
        bureau_window_say_outcome (rescue->window, _ ("The Office Was Not Made Anew"),
                                   error->message);
        rescue_free (rescue);
        return;
    }
    bureau_accounts_save (accounts, rescue->account, rescue->office);
    bureau_accounts_set_shared (accounts, rescue->account->user_id, TRUE);
    bureau_keyring_clear_async (rescue->account, NULL, on_secret_cleared_cb, rescue);
}

static void
make (Rescue *rescue)
{
    g_autofree char *directory = bureau_host_get_directory (rescue->office);

    bureau_hub_rescue_async (directory, rescue->replica, on_rescued_cb, rescue);
}

/* ------------------------------------------------------------------ the question */

/* A plain word on what may be missing (G21). */
static char *
make_body (const BureauHubSummary *summary)
{
    g_autofree char *contents = bureau_summary_to_words (summary);

    return g_strdup_printf (
        "%s\n\n%s\n\n%s",
        _ ("Do this only if the computer that served the office is gone for good. If there is a "
           "backup, take the office over from that instead: it is whole."),
        contents,
        _ ("Missing may be: what had not reached this computer; passwords and sign-ins, so that "
           "everybody else joins anew by invitation; the notes of other people’s timers, and hours "
           "that ended long ago; deleted tasks, the history of changes, and the access log."));
}

/* Nothing is done yet: the office is opened again as it was. */
static void
on_response_cb (AdwMessageDialog *dialog, const char *response, Rescue *rescue)
{
    if (g_str_equal (response, "make")) {
        make (rescue);
        return;
    }
    bureau_window_open_office (rescue->window);
    rescue_free (rescue);
}

static void
ask (Rescue *rescue, const BureauHubSummary *summary)
{
    g_autofree char *body = make_body (summary);
    GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (rescue->window),
                                                _ ("Make the Office Anew Here?"), body);

    adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "make",
                                      _ ("_Make Anew"), NULL);
    adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "make",
                                                ADW_RESPONSE_DESTRUCTIVE);
    adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
    g_signal_connect (dialog, "response", G_CALLBACK (on_response_cb), rescue);
    gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_examined_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Rescue *rescue = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubSummary) summary = bureau_hub_summary_finish (result, &error);

    if (summary != NULL && !bureau_window_is_closing (rescue->window)) {
        ask (rescue, summary);
        return;
    }
    bureau_window_open_office (rescue->window);
    if (summary == NULL)
        bureau_window_say_outcome (rescue->window, _ ("The Office Can’t Be Made Anew Here"),
                                   error->message);
    rescue_free (rescue);
}

/* The client has let go of its file. */
static void
on_left_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Rescue *rescue = data;
    g_autoptr (GError) error = NULL;

    if (!bureau_workplace_close_finish (BUREAU_WORKPLACE (source), result, &error))
        g_warning ("The office was not left in good order: %s", error->message);
    bureau_hub_examine_replica_async (rescue->replica, NULL, on_examined_cb, rescue);
}

/* The menu it was chosen from, which goes with the office, has closed. */
static void
leave_cb (gpointer data)
{
    Rescue *rescue = data;

    if (bureau_window_may_rescue (rescue->window))
        bureau_window_leave_office (rescue->window,
                                    _ ("Looking at what this computer has of the office…"),
                                    on_left_cb, rescue);
    else
        rescue_free (rescue);
}

void
bureau_window_on_rescue_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauWindow *self = BUREAU_WINDOW (widget);
    BureauClient *client = bureau_window_get_client (self);
    Rescue *rescue = g_new0 (Rescue, 1);

    rescue->window = g_object_ref (self);
    rescue->account = bureau_account_copy (bureau_client_get_account (client));
    g_free (rescue->account->pin);
    rescue->account->pin = g_strdup ("");
    rescue->office = bureau_host_pick_office ();
    rescue->replica = g_strdup (bureau_client_get_replica_path (client));
    g_idle_add_once (leave_cb, rescue);
}

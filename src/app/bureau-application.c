/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-application.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "bureau-accounts.h"
#include "window/bureau-window.h"

struct _BureauApplication {
    AdwApplication parent_instance;

    GSettings *settings;      /* (owned) (nullable): from startup on */
    BureauAccounts *accounts; /* (owned) (nullable) */
    guint sigterm_id;
    guint sigint_id;
};

G_DEFINE_FINAL_TYPE (BureauApplication, bureau_application, ADW_TYPE_APPLICATION)

/* The window is gone, but the program stays until its office has been closed in good order. */
static void
on_window_closed_cb (BureauWindow *window, GApplication *application)
{
    g_application_release (application);
}

static void
close_windows (BureauApplication *self)
{
    g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (self)));
    for (GList *item = windows; item != NULL; item = item->next)
        gtk_window_close (item->data);
}

static gboolean
on_signal_cb (gpointer data)
{
    close_windows (data);
    return G_SOURCE_CONTINUE;
}

static void
on_quit_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    close_windows (data);
}

static void
on_help_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    GtkWindow *window = gtk_application_get_active_window (data);
    gtk_show_uri (window, "help:bureau", GDK_CURRENT_TIME);
}

static void
on_about_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    adw_show_about_window (
        gtk_application_get_active_window (data), "application-name", _ ("Bureau"),
        "application-icon", BUREAU_APP_ID, "version", BUREAU_VERSION, "developer-name",
        _ ("The Bureau authors"), "comments",
        _ ("An office’s tasks, timers and presence, live. No server to rent: one of your computers serves "
           "the others."),
        "license-type", GTK_LICENSE_GPL_3_0,
        /* Translators: your name, or the names of all who translated, one a line */
        "translator-credits", _ ("translator-credits"), NULL);
}

static void
set_accels (GtkApplication *application)
{
    static const struct {
        const char *action;
        const char *const accels[3];
    } ACCELS[] = {
        { "app.quit", { "<Control>q" } },
        { "app.help", { "F1" } },
        { "window.close", { "<Control>w" } },
        { "win.show-help-overlay", { "<Control>question" } },
        { "win.new-task", { "<Control>n" } },
        { "win.toggle-sidebar", { "F9" } },
        { "win.focus-filter", { "<Control>f" } },
        { "win.sync", { "F5" } },
        { "win.resume-timer", { "<Control>space" } },
    };
    for (guint i = 0; i < G_N_ELEMENTS (ACCELS); i++)
        gtk_application_set_accels_for_action (application, ACCELS[i].action, ACCELS[i].accels);

    for (int i = 1; i <= 7; i++) {
        g_autofree char *action = g_strdup_printf ("win.show-nth(%d)", i);
        g_autofree char *accel = g_strdup_printf ("<Control>%d", i);
        const char *const accels[] = { accel, NULL };
        gtk_application_set_accels_for_action (application, action, accels);
    }
}

static void
bureau_application_startup (GApplication *application)
{
    static const GActionEntry ACTIONS[] = {
        { "quit", on_quit_cb },
        { "help", on_help_cb },
        { "about", on_about_cb },
    };
    BureauApplication *self = BUREAU_APPLICATION (application);

    G_APPLICATION_CLASS (bureau_application_parent_class)->startup (application);
    gtk_window_set_default_icon_name (BUREAU_APP_ID);
    self->settings = g_settings_new (BUREAU_APP_ID);
    self->accounts = bureau_accounts_new (self->settings);
    g_action_map_add_action_entries (G_ACTION_MAP (self), ACTIONS, G_N_ELEMENTS (ACTIONS), self);
    set_accels (GTK_APPLICATION (self));
    self->sigterm_id = g_unix_signal_add (SIGTERM, on_signal_cb, self);
    self->sigint_id = g_unix_signal_add (SIGINT, on_signal_cb, self);
}

static void
bureau_application_activate (GApplication *application)
{
    BureauApplication *self = BUREAU_APPLICATION (application);
    GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));
    if (window == NULL) {
        window = GTK_WINDOW (
            bureau_window_new (GTK_APPLICATION (self), self->settings, self->accounts));
        g_application_hold (application);
        g_signal_connect_object (window, "closed", G_CALLBACK (on_window_closed_cb), application,
                                 0);
    }
    gtk_window_present (window);
}

static int
bureau_application_handle_local_options (GApplication *application, GVariantDict *options)
{
    if (g_variant_dict_contains (options, "version")) {
        g_print ("bureau %s\n", BUREAU_VERSION);
        return 0;
    }
    return -1;
}

static void
bureau_application_shutdown (GApplication *application)
{
    BureauApplication *self = BUREAU_APPLICATION (application);
    g_clear_handle_id (&self->sigterm_id, g_source_remove);
    g_clear_handle_id (&self->sigint_id, g_source_remove);
    g_clear_object (&self->accounts);
    g_clear_object (&self->settings);
    G_APPLICATION_CLASS (bureau_application_parent_class)->shutdown (application);
}

static void
bureau_application_class_init (BureauApplicationClass *klass)
{
    GApplicationClass *application_class = G_APPLICATION_CLASS (klass);
    application_class->startup = bureau_application_startup;
    application_class->activate = bureau_application_activate;
    application_class->handle_local_options = bureau_application_handle_local_options;
    application_class->shutdown = bureau_application_shutdown;
}

static void
bureau_application_init (BureauApplication *self)
{
    static const GOptionEntry OPTIONS[] = {
        { "version", 'v', 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version and exit"), NULL },
        { NULL },
    };
    g_application_add_main_option_entries (G_APPLICATION (self), OPTIONS);
    g_application_set_option_context_summary (G_APPLICATION (self),
                                              _ ("An office’s tasks, timers and presence, live."));
}

BureauApplication *
bureau_application_new (void)
{
    g_set_application_name (_ ("Bureau"));
    return g_object_new (BUREAU_TYPE_APPLICATION, "application-id", BUREAU_APP_ID,
                         "resource-base-path", BUREAU_RESOURCE_BASE, NULL);
}

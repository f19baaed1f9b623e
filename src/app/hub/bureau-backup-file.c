/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hub/bureau-backup-file.h"

#include <glib/gi18n.h>

#define SUFFIX ".bureau-backup.tar.gz"

typedef struct {
    GtkWidget *widget;             /* (owned) */
    GtkFileChooserNative *chooser; /* (owned) */
    BureauBackupFileFunc func;
} Asking;

static void
on_response_cb (GtkNativeDialog *dialog, int response, gpointer data)
{
    g_autofree Asking *asking = data;
    g_autoptr (GtkWidget) widget = asking->widget;
    g_autoptr (GtkFileChooserNative) chooser = asking->chooser;
    g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                                 ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser))
                                 : NULL;
    const char *path = file != NULL ? g_file_peek_path (file) : NULL;

    if (path != NULL)
        asking->func (path, widget);
    else if (file != NULL)
        gtk_widget_activate_action (widget, "win.say", "s",
                                    _ ("That place is on another machine. Choose a file here."));
}

/* In ISO 8601, so that files sort by it. (transfer full) */
static char *
make_name (const char *stem)
{
    g_autoptr (GDateTime) now = g_date_time_new_now_local ();
    g_autofree char *day = g_date_time_format (now, "%Y-%m-%d");

    return g_strconcat (stem, "-", day, SUFFIX, NULL);
}

static GtkFileChooser *
ask (GtkWidget *widget, const char *title, GtkFileChooserAction action, BureauBackupFileFunc func)
{
    GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (widget));
    GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title, window, action, NULL, NULL);
    GtkFileFilter *filter = gtk_file_filter_new ();
    Asking *asking = g_new0 (Asking, 1);

    asking->widget = g_object_ref (widget);
    asking->chooser = dialog;
    asking->func = func;
    gtk_file_filter_set_name (filter, _ ("Backups of an office"));
    gtk_file_filter_add_pattern (filter, "*" SUFFIX);
    gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
    g_object_unref (filter);
    gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
    g_signal_connect (dialog, "response", G_CALLBACK (on_response_cb), asking);
    return GTK_FILE_CHOOSER (dialog);
}

void
bureau_backup_file_open (GtkWidget *widget, const char *title, BureauBackupFileFunc func)
{
    gtk_native_dialog_show (
        GTK_NATIVE_DIALOG (ask (widget, title, GTK_FILE_CHOOSER_ACTION_OPEN, func)));
}

void
bureau_backup_file_save (GtkWidget *widget, const char *title, const char *stem,
                         BureauBackupFileFunc func)
{
    GtkFileChooser *chooser = ask (widget, title, GTK_FILE_CHOOSER_ACTION_SAVE, func);
    g_autofree char *name = make_name (stem);

    gtk_file_chooser_set_current_name (chooser, name);
    gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

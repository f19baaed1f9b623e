/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hub/bureau-backup-group.h"

#include <glib/gi18n.h>

#include "hub.h"
#include "hub/bureau-backup-file.h"
#include "widgets/bureau-instant-text.h"

struct _BureauBackupGroup {
    AdwPreferencesGroup parent_instance;

    char *directory;           /* (owned) */
    GCancellable *cancellable; /* (owned) */
    GPtrArray *rows;           /* (owned): of the backups kept (not owned) */

    AdwActionRow *newest_row;
    GtkSpinner *spinner;
    GtkWidget *make;
    AdwActionRow *copy_row;
    GtkWidget *save;
    AdwExpanderRow *kept_row;
};

G_DEFINE_FINAL_TYPE (BureauBackupGroup, bureau_backup_group, ADW_TYPE_PREFERENCES_GROUP)

static void
set_busy (BureauBackupGroup *self, gboolean busy)
{
    gtk_spinner_set_spinning (self->spinner, busy);
    gtk_widget_set_sensitive (self->make, !busy);
    gtk_widget_set_sensitive (self->save, !busy);
}

/* ------------------------------------------------------------------ which there are */

static GtkWidget *
make_restore_button (const BureauHubBackup *backup, const char *when)
{
    GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Restore…"));
    /* Translators: a button's name for who can't see it; %s is when the backup was made */
    g_autofree char *name = g_strdup_printf (_ ("Restore the backup of %s"), when);

    gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
    gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.restore-backup");
    gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", backup->path);
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                    -1);
    return button;
}

static GtkWidget *
make_row (const BureauHubBackup *backup)
{
    g_autofree char *when = bureau_instant_to_words (backup->at, g_get_real_time () / 1000);
    g_autofree char *size = g_format_size ((guint64) backup->size);
    GtkWidget *row = adw_action_row_new ();

    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), when);
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), size);
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), make_restore_button (backup, when));
    return row;
}

static void
show_newest (BureauBackupGroup *self, GPtrArray *backups)
{
    const BureauHubBackup *newest = backups->len > 0 ? g_ptr_array_index (backups, 0) : NULL;
    g_autofree char *when = newest != NULL
                                ? bureau_instant_to_words (newest->at, g_get_real_time () / 1000)
                                : g_strdup (_ ("There is none yet"));
    g_autofree char *count = g_strdup_printf (
        ngettext ("%u backup is kept here", "%u backups are kept here", backups->len),
        backups->len);

    adw_action_row_set_subtitle (self->newest_row, when);
    adw_expander_row_set_subtitle (self->kept_row,
                                   newest != NULL ? count : _ ("No backup is kept here yet"));
}

static void
show_backups (BureauBackupGroup *self, GPtrArray *backups)
{
    for (guint i = 0; i < self->rows->len; i++)
        adw_expander_row_remove (self->kept_row, g_ptr_array_index (self->rows, i));
    g_ptr_array_set_size (self->rows, 0);
    for (guint i = 0; i < backups->len; i++) {
        GtkWidget *row = make_row (g_ptr_array_index (backups, i));

        adw_expander_row_add_row (self->kept_row, row);
        g_ptr_array_add (self->rows, row);
    }
    show_newest (self, backups);
}

static void
on_listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauBackupGroup) self = data;
    g_autoptr (GPtrArray) backups = bureau_hub_list_backups_finish (result, NULL);

    if (backups != NULL)
        show_backups (self, backups);
}

/* ------------------------------------------------------------------ making one */

static void
on_made_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauBackupGroup) self = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubSummary) summary = bureau_hub_summary_finish (result, &error);

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    set_busy (self, FALSE);
    if (summary == NULL) {
        adw_action_row_set_subtitle (self->newest_row, error->message);
        return;
    }
    bureau_backup_group_refresh (self);
}

static void
on_make_clicked_cb (BureauBackupGroup *self)
{
    set_busy (self, TRUE);
    bureau_hub_back_up_async (self->directory, NULL, self->cancellable, on_made_cb,
                              g_object_ref (self));
}

/* ------------------------------------------------------------------ files */

static void
on_saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauBackupGroup) self = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubSummary) summary = bureau_hub_summary_finish (result, &error);
    g_autofree char *name = NULL;
    g_autofree char *text = NULL;

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    set_busy (self, FALSE);
    if (summary == NULL) {
        adw_action_row_set_subtitle (self->copy_row, error->message);
        return;
    }
    name = g_path_get_basename (summary->path);
    /* Translators: %s is a file's name */
    text = g_strdup_printf (_ ("Saved and read again: %s"), name);
    adw_action_row_set_subtitle (self->copy_row, text);
}

static void
on_save_chosen_cb (const char *path, gpointer data)
{
    BureauBackupGroup *self = data;

    set_busy (self, TRUE);
    bureau_hub_back_up_async (self->directory, path, self->cancellable, on_saved_cb,
                              g_object_ref (self));
}

static void
on_save_clicked_cb (BureauBackupGroup *self)
{
    bureau_backup_file_save (GTK_WIDGET (self), _ ("Save a Copy of the Office"), _ ("office"),
                             on_save_chosen_cb);
}

static void
on_restore_chosen_cb (const char *path, gpointer data)
{
    gtk_widget_activate_action (data, "win.restore-backup", "s", path);
}

static void
on_choose_clicked_cb (BureauBackupGroup *self)
{
    bureau_backup_file_open (GTK_WIDGET (self), _ ("Restore from a File"), on_restore_chosen_cb);
}

/* ------------------------------------------------------------------ class */

static void
bureau_backup_group_dispose (GObject *object)
{
    BureauBackupGroup *self = BUREAU_BACKUP_GROUP (object);

    g_cancellable_cancel (self->cancellable);
    g_clear_object (&self->cancellable);
    G_OBJECT_CLASS (bureau_backup_group_parent_class)->dispose (object);
}

static void
bureau_backup_group_finalize (GObject *object)
{
    BureauBackupGroup *self = BUREAU_BACKUP_GROUP (object);

    g_free (self->directory);
    g_ptr_array_unref (self->rows);
    G_OBJECT_CLASS (bureau_backup_group_parent_class)->finalize (object);
}

static void
bureau_backup_group_class_init (BureauBackupGroupClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_backup_group_dispose;
    G_OBJECT_CLASS (klass)->finalize = bureau_backup_group_finalize;
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-backup-group.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauBackupGroup, newest_row);
    gtk_widget_class_bind_template_child (widget_class, BureauBackupGroup, spinner);
    gtk_widget_class_bind_template_child (widget_class, BureauBackupGroup, make);
    gtk_widget_class_bind_template_child (widget_class, BureauBackupGroup, copy_row);
    gtk_widget_class_bind_template_child (widget_class, BureauBackupGroup, save);
    gtk_widget_class_bind_template_child (widget_class, BureauBackupGroup, kept_row);
    gtk_widget_class_bind_template_callback (widget_class, on_make_clicked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_save_clicked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_choose_clicked_cb);
}

static void
bureau_backup_group_init (BureauBackupGroup *self)
{
    self->cancellable = g_cancellable_new ();
    self->rows = g_ptr_array_new ();
    gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
bureau_backup_group_new (const char *directory)
{
    g_return_val_if_fail (directory != NULL, NULL);
    BureauBackupGroup *self = g_object_new (BUREAU_TYPE_BACKUP_GROUP, NULL);

    self->directory = g_strdup (directory);
    return GTK_WIDGET (self);
}

void
bureau_backup_group_refresh (BureauBackupGroup *self)
{
    g_return_if_fail (BUREAU_IS_BACKUP_GROUP (self));
    bureau_hub_list_backups_async (self->directory, self->cancellable, on_listed_cb,
                                   g_object_ref (self));
}

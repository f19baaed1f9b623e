/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "queue/bureau-queue-dialog.h"

#include <glib/gi18n.h>

#include "bureau-error.h"
#include "bureau-json.h"
#include "queue/bureau-change-words.h"
#include "widgets/bureau-due-text.h"

/* More are counted, not shown: nobody looks through them. */
#define MAX_ROWS 100

struct _BureauQueueDialog {
    AdwWindow parent_instance;

    BureauClient *client;        /* (owned) */
    GListModel *queue;           /* (owned): the client's */
    GtkFilterListModel *refused; /* (owned): those of it that were refused … */
    GtkFilterListModel *waiting; /* (owned): … and those that were not */

    GtkStack *stack;
    GtkWidget *refused_box;
    GtkListBox *refused_list;
    GtkWidget *waiting_box;
    GtkListBox *waiting_list;
    GtkLabel *more;
};

G_DEFINE_FINAL_TYPE (BureauQueueDialog, bureau_queue_dialog, ADW_TYPE_WINDOW)

/* ------------------------------------------------------------------ what is done to one */

static BureauChange *
get_change (GtkWidget *button)
{
    return g_object_get_data (G_OBJECT (button), "change");
}

static void
on_retry_cb (BureauQueueDialog *self, GtkWidget *button)
{
    bureau_client_retry (self->client, bureau_change_get_op_id (get_change (button)));
}

/* The row of @button is about to go: whoever goes through the list with the keyboard goes on with
 * the one beside it. */
static void
leave_row (GtkWidget *button)
{
    GtkWidget *row = gtk_widget_get_ancestor (button, GTK_TYPE_LIST_BOX_ROW);
    GtkWidget *next = gtk_widget_get_next_sibling (row);

    if (next == NULL)
        next = gtk_widget_get_prev_sibling (row);
    if (next != NULL)
        gtk_widget_child_focus (next, GTK_DIR_TAB_FORWARD);
}

static void
on_discard_cb (BureauQueueDialog *self, GtkWidget *button)
{
    leave_row (button);
    bureau_client_discard (self->client, bureau_change_get_op_id (get_change (button)));
}

/* A change of a task that somebody has deleted: it can't be done before the task is back. */
static gboolean
is_of_deleted (BureauQueueDialog *self, BureauChange *change)
{
    const char *id = bureau_json_get_string (bureau_change_get_params (change), "id");

    return g_error_matches (bureau_change_get_error (change), BUREAU_ERROR,
                            BUREAU_ERROR_NOT_FOUND) &&
           g_str_has_prefix (bureau_change_get_command (change)->name, "task:") && id != NULL &&
           bureau_client_was_deleted (self->client, id);
}

static void
on_restore_cb (BureauQueueDialog *self, GtkWidget *button)
{
    JsonObject *params = bureau_change_get_params (get_change (button));

    bureau_client_restore_task (self->client, bureau_json_get_string (params, "id"));
}

static void
on_copy_cb (BureauQueueDialog *self, GtkWidget *button)
{
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                            bureau_change_get_text (get_change (button)));
}

/* ------------------------------------------------------------------ rows */

static void
add_button (BureauQueueDialog *self, AdwActionRow *row, BureauChange *change, const char *icon_name,
            const char *label, GCallback clicked)
{
    GtkWidget *button = gtk_button_new_from_icon_name (icon_name);

    gtk_widget_set_tooltip_text (button, label);
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                    -1);
    gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
    gtk_widget_add_css_class (button, "flat");
    g_object_set_data_full (G_OBJECT (button), "change", g_object_ref (change), g_object_unref);
    g_signal_connect_swapped (button, "clicked", clicked, self);
    adw_action_row_add_suffix (row, button);
}

/* Why it was refused, or when it was given. (transfer full) */
static char *
make_subtitle (BureauQueueDialog *self, BureauChange *change)
{
    const GError *error = bureau_change_get_error (change);
    g_autoptr (GTimeZone) zone = g_time_zone_new_local ();

    if (is_of_deleted (self, change))
        return g_strdup (_ ("The task was deleted meanwhile."));
    if (error != NULL)
        return g_strdup (error->message);
    return bureau_instant_to_text (bureau_change_get_given_at (change),
                                   bureau_client_get_now (self->client), zone);
}

static GtkWidget *
make_row_cb (gpointer item, gpointer data)
{
    BureauQueueDialog *self = data;
    BureauChange *change = item;
    GtkWidget *row = adw_action_row_new ();
    g_autofree char *title = bureau_change_to_words (change, self->client);
    g_autofree char *subtitle = make_subtitle (self, change);

    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
    if (bureau_change_get_error (change) != NULL && bureau_change_get_text (change) != NULL)
        add_button (self, ADW_ACTION_ROW (row), change, "edit-copy-symbolic", _ ("Copy the Text"),
                    G_CALLBACK (on_copy_cb));
    if (is_of_deleted (self, change))
        add_button (self, ADW_ACTION_ROW (row), change, "edit-undo-symbolic",
                    _ ("Restore the Task"), G_CALLBACK (on_restore_cb));
    else
        add_button (self, ADW_ACTION_ROW (row), change, "view-refresh-symbolic", _ ("Try Again"),
                    G_CALLBACK (on_retry_cb));
    add_button (self, ADW_ACTION_ROW (row), change, "user-trash-symbolic", _ ("Discard"),
                G_CALLBACK (on_discard_cb));
    return row;
}

/* ------------------------------------------------------------------ the two lists */

static void
show_more (BureauQueueDialog *self, guint more)
{
    g_autofree char *text = g_strdup_printf (ngettext ("and %u more", "and %u more", more), more);

    gtk_label_set_text (self->more, text);
    gtk_widget_set_visible (GTK_WIDGET (self->more), more > 0);
}

static void
update (BureauQueueDialog *self)
{
    guint n_refused = g_list_model_get_n_items (G_LIST_MODEL (self->refused));
    guint n_waiting = g_list_model_get_n_items (G_LIST_MODEL (self->waiting));

    gtk_widget_set_visible (self->refused_box, n_refused > 0);
    gtk_widget_set_visible (self->waiting_box, n_waiting > 0);
    show_more (self, MAX (n_refused, MAX_ROWS) + MAX (n_waiting, MAX_ROWS) - 2 * MAX_ROWS);
    gtk_stack_set_visible_child_name (self->stack, n_refused + n_waiting > 0 ? "list" : "empty");
}

static gboolean
is_refused (gpointer item, gpointer data)
{
    return bureau_change_get_error (item) != NULL;
}

static gboolean
is_waiting (gpointer item, gpointer data)
{
    return !is_refused (item, data);
}

/* One and the same change is refused, or waits again. */
static void
on_refused_changed_cb (BureauQueueDialog *self)
{
    gtk_filter_changed (gtk_filter_list_model_get_filter (self->refused),
                        GTK_FILTER_CHANGE_DIFFERENT);
    gtk_filter_changed (gtk_filter_list_model_get_filter (self->waiting),
                        GTK_FILTER_CHANGE_DIFFERENT);
}

/* Rows are made for the first of them only. (transfer full) */
static GtkFilterListModel *
fill (BureauQueueDialog *self, GtkListBox *list, GtkCustomFilterFunc filter)
{
    GtkFilterListModel *some = gtk_filter_list_model_new (
        g_object_ref (self->queue), GTK_FILTER (gtk_custom_filter_new (filter, NULL, NULL)));
    g_autoptr (GtkSliceListModel) first = gtk_slice_list_model_new (
        g_object_ref (G_LIST_MODEL (some)), 0, MAX_ROWS);

    gtk_list_box_bind_model (list, G_LIST_MODEL (first), make_row_cb, self, NULL);
    g_signal_connect_object (some, "items-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    return some;
}

static void
set_client (BureauQueueDialog *self, BureauClient *client)
{
    self->client = g_object_ref (client);
    self->queue = g_object_ref (bureau_client_get_queue (client));
    self->refused = fill (self, self->refused_list, is_refused);
    self->waiting = fill (self, self->waiting_list, is_waiting);
    g_signal_connect_object (client, "notify::refused", G_CALLBACK (on_refused_changed_cb), self,
                             G_CONNECT_SWAPPED);
    update (self);
}

/* ------------------------------------------------------------------ */

static void
bureau_queue_dialog_dispose (GObject *object)
{
    BureauQueueDialog *self = BUREAU_QUEUE_DIALOG (object);

    g_clear_object (&self->refused);
    g_clear_object (&self->waiting);
    g_clear_object (&self->queue);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_queue_dialog_parent_class)->dispose (object);
}

static void
bureau_queue_dialog_class_init (BureauQueueDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_queue_dialog_dispose;
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-queue-dialog.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauQueueDialog, stack);
    gtk_widget_class_bind_template_child (widget_class, BureauQueueDialog, refused_box);
    gtk_widget_class_bind_template_child (widget_class, BureauQueueDialog, refused_list);
    gtk_widget_class_bind_template_child (widget_class, BureauQueueDialog, waiting_box);
    gtk_widget_class_bind_template_child (widget_class, BureauQueueDialog, waiting_list);
    gtk_widget_class_bind_template_child (widget_class, BureauQueueDialog, more);
}

static void
bureau_queue_dialog_init (BureauQueueDialog *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
}

/* (nullable) (transfer none) */
static GtkWindow *
find_open (GtkWindow *parent)
{
    GListModel *windows = gtk_window_get_toplevels ();

    for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
        g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

        if (BUREAU_IS_QUEUE_DIALOG (window) && gtk_window_get_transient_for (window) == parent)
            return window;
    }
    return NULL;
}

void
bureau_queue_dialog_present (GtkWindow *parent, BureauClient *client)
{
    GtkWindow *open = find_open (parent);
    BureauQueueDialog *self;

    g_return_if_fail (BUREAU_IS_CLIENT (client));

    /* It is not modal: one can go on with the office beside it. */
    if (open != NULL) {
        gtk_window_present (open);
        return;
    }
    self = g_object_new (BUREAU_TYPE_QUEUE_DIALOG, "transient-for", parent, NULL);
    set_client (self, client);
    gtk_window_present (GTK_WINDOW (self));
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "board/bureau-board-column-private.h"

#include <glib/gi18n.h>

#include "board/bureau-task-card.h"
#include "board/bureau-task-commands.h"
#include "board/bureau-task-surface.h"

G_DEFINE_FINAL_TYPE (BureauBoardColumn, bureau_board_column, GTK_TYPE_WIDGET)

static gboolean
matches_cb (BureauTask *task, gpointer data)
{
    BureauBoardColumn *self = data;

    return bureau_task_get_status (task) == self->status &&
           g_strcmp0 (bureau_task_get_project_id (task), bureau_project_get_id (self->project)) ==
               0;
}

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer data)
{
    return bureau_task_compare (a, b);
}

static void
update_count (BureauBoardColumn *self)
{
    guint n = bureau_task_model_get_n_items (self->model);
    g_autofree char *count = g_strdup_printf ("%u", n);
    g_autofree char *name = g_strdup_printf (ngettext ("%s, %u task", "%s, %u tasks", n),
                                             bureau_status_to_label (self->status), n);

    gtk_label_set_label (self->count_label, count);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->list_view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    name, -1);
    gtk_widget_set_visible (GTK_WIDGET (self->hint_label),
                            n == 0 && *gtk_label_get_label (self->hint_label) != '\0');
}

static void
on_setup_cb (BureauBoardColumn *self, GtkListItem *item)
{
    gtk_list_item_set_child (item, bureau_task_card_new (self->client));
}

static void
on_bind_cb (BureauBoardColumn *self, GtkListItem *item)
{
    bureau_task_cell_set_task (BUREAU_TASK_CELL (gtk_list_item_get_child (item)),
                               gtk_list_item_get_item (item));
}

static void
on_unbind_cb (BureauBoardColumn *self, GtkListItem *item)
{
    bureau_task_cell_set_task (BUREAU_TASK_CELL (gtk_list_item_get_child (item)), NULL);
}

static void
on_activate_cb (BureauBoardColumn *self, guint position)
{
    BureauTask *task = bureau_task_model_get (self->model, position);

    if (task != NULL)
        gtk_widget_activate_action (GTK_WIDGET (self), "win.open-task", "s",
                                    bureau_task_get_id (task));
}

/* ------------------------------------------------------------- quick add */

static void
on_add_clicked_cb (BureauBoardColumn *self)
{
    gboolean open = !gtk_revealer_get_reveal_child (self->add_revealer);

    gtk_revealer_set_reveal_child (self->add_revealer, open);
    if (open)
        gtk_widget_grab_focus (GTK_WIDGET (self->add_entry));
}

static void
close_add (BureauBoardColumn *self)
{
    gtk_editable_set_text (GTK_EDITABLE (self->add_entry), "");
    gtk_revealer_set_reveal_child (self->add_revealer, FALSE);
}

/* Stays open: whoever adds one task often adds another. */
static void
on_add_activate_cb (BureauBoardColumn *self)
{
    g_autofree char *title = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->add_entry)));

    g_strstrip (title);
    if (*title == '\0')
        return;
    g_free (bureau_task_give_new (self->client, self->project, title, self->status, NULL, NULL));
    gtk_editable_set_text (GTK_EDITABLE (self->add_entry), "");
}

static gboolean
on_add_escape_cb (GtkWidget *widget, GVariant *args, gpointer data)
{
    BureauBoardColumn *self = data;

    close_add (self);
    gtk_widget_grab_focus (self->add_button);
    return TRUE;
}

static void
on_add_leave_cb (BureauBoardColumn *self)
{
    if (*gtk_editable_get_text (GTK_EDITABLE (self->add_entry)) == '\0')
        close_add (self);
}

static void
set_up_add_entry (BureauBoardColumn *self)
{
    GtkEventController *keys = gtk_shortcut_controller_new ();
    GtkEventController *focus = gtk_event_controller_focus_new ();

    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (keys),
        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                          gtk_callback_action_new (on_add_escape_cb, self, NULL)));
    gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
    gtk_widget_add_controller (GTK_WIDGET (self->add_entry), keys);
    g_signal_connect_swapped (focus, "leave", G_CALLBACK (on_add_leave_cb), self);
    gtk_widget_add_controller (GTK_WIDGET (self->add_entry), focus);
}

/* By whom one is. */
static void
update_add (BureauBoardColumn *self)
{
    gtk_widget_set_visible (self->add_button, bureau_task_may_add (self->client, self->status));
}

/* ---------------------------------------------------------------- GObject */

static void
bureau_board_column_dispose (GObject *object)
{
    BureauBoardColumn *self = BUREAU_BOARD_COLUMN (object);
    GtkWidget *child;

    if (self->drop_cell != NULL)
        g_object_remove_weak_pointer (G_OBJECT (self->drop_cell), (gpointer *) &self->drop_cell);
    self->drop_cell = NULL;
    gtk_widget_dispose_template (GTK_WIDGET (self), BUREAU_TYPE_BOARD_COLUMN);
    while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
        gtk_widget_unparent (child);
    g_clear_object (&self->model);
    g_clear_object (&self->project);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_board_column_parent_class)->dispose (object);
}

static void
bureau_board_column_class_init (BureauBoardColumnClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_board_column_dispose;
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-board-column.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauBoardColumn, title_label);
    gtk_widget_class_bind_template_child (widget_class, BureauBoardColumn, count_label);
    gtk_widget_class_bind_template_child (widget_class, BureauBoardColumn, add_button);
    gtk_widget_class_bind_template_child (widget_class, BureauBoardColumn, add_revealer);
    gtk_widget_class_bind_template_child (widget_class, BureauBoardColumn, add_entry);
    gtk_widget_class_bind_template_child (widget_class, BureauBoardColumn, scroller);
    gtk_widget_class_bind_template_child (widget_class, BureauBoardColumn, list_view);
    gtk_widget_class_bind_template_child (widget_class, BureauBoardColumn, hint_label);
    gtk_widget_class_bind_template_callback (widget_class, on_setup_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_bind_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_unbind_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_activate_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_add_clicked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_add_activate_cb);
    gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
    gtk_widget_class_set_css_name (widget_class, "board-column");
    gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
bureau_board_column_init (BureauBoardColumn *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
    gtk_orientable_set_orientation (
        GTK_ORIENTABLE (gtk_widget_get_layout_manager (GTK_WIDGET (self))),
        GTK_ORIENTATION_VERTICAL);
    set_up_add_entry (self);
    bureau_board_column_accept_drops (self);
}

GtkWidget *
bureau_board_column_new (BureauClient *client, BureauProject *project, BureauStatus status)
{
    BureauBoardColumn *self = g_object_new (BUREAU_TYPE_BOARD_COLUMN, NULL);
    const char *label = bureau_status_to_label (status);
    g_autofree char *add = g_strdup_printf (_ ("New Task in “%s”"), label);
    GtkNoSelection *selection;

    self->client = g_object_ref (client);
    self->project = g_object_ref (project);
    self->status = status;
    self->model = bureau_task_model_new (client, matches_cb, compare_cb, self);
    gtk_label_set_label (self->title_label, label);
    update_add (self);
    g_signal_connect_object (client, "notify::role", G_CALLBACK (update_add), self,
                             G_CONNECT_SWAPPED);
    gtk_widget_set_tooltip_text (self->add_button, add);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->add_button),
                                    GTK_ACCESSIBLE_PROPERTY_LABEL, add, -1);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                    -1);

    selection = gtk_no_selection_new (g_object_ref (bureau_task_model_get_items (self->model)));
    gtk_list_view_set_model (self->list_view, GTK_SELECTION_MODEL (selection));
    g_object_unref (selection);
    g_signal_connect_object (bureau_task_model_get_items (self->model), "items-changed",
                             G_CALLBACK (update_count), self, G_CONNECT_SWAPPED);
    update_count (self);
    return GTK_WIDGET (self);
}

BureauTaskModel *
bureau_board_column_get_model (BureauBoardColumn *self)
{
    return self->model;
}

BureauStatus
bureau_board_column_get_status (BureauBoardColumn *self)
{
    return self->status;
}

gboolean
bureau_board_column_focus_task (BureauBoardColumn *self, BureauTask *task)
{
    guint position = bureau_task_model_find (self->model, task);

    return position != GTK_INVALID_LIST_POSITION &&
           bureau_list_view_focus_item (self->list_view, position, task);
}

void
bureau_board_column_set_hint (BureauBoardColumn *self, const char *hint)
{
    gtk_label_set_label (self->hint_label, hint != NULL ? hint : "");
    update_count (self);
}

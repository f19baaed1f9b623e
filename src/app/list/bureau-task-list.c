/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "list/bureau-task-list.h"

#include "board/bureau-task-surface.h"
#include "board/bureau-task-watch.h"
#include "list/bureau-task-row.h"

#define NARROW_WIDTH 560

struct _BureauTaskList {
    GtkWidget parent_instance;

    BureauClient *client;   /* (owned) */
    BureauTaskModel *model; /* (owned) */
    BureauTaskSectionFunc section;
    BureauSectionTitleFunc title;
    gpointer data;
    gboolean columns;

    GtkWidget *scroller; /* (owned) */
    GtkListView *list_view;
    GHashTable *items; /* (owned): the bound GtkListItems, at most some two hundred */
    guint headings_id; /* idle that puts the headings right */
    gboolean narrow;
};

static void bureau_task_list_surface_init (BureauTaskSurfaceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BureauTaskList, bureau_task_list, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (BUREAU_TYPE_TASK_SURFACE,
                                                      bureau_task_list_surface_init))

/* --------------------------------------------------------------- headings */

static guint
count_section (BureauTaskList *self, guint from, int section)
{
    guint n = bureau_task_model_get_n_items (self->model);
    guint i = from;

    while (i < n && self->section (bureau_task_model_get (self->model, i), self->data) == section)
        i++;
    return i - from;
}

static void
update_row (BureauTaskList *self, GtkListItem *item)
{
    BureauTaskRow *row = BUREAU_TASK_ROW (gtk_list_item_get_child (item));
    BureauTask *task = gtk_list_item_get_item (item);
    guint position = gtk_list_item_get_position (item);
    int section;

    if (task == NULL || position == GTK_INVALID_LIST_POSITION)
        return;
    section = self->section (task, self->data);
    bureau_task_row_set_narrow (row, self->narrow);
    if (position > 0 &&
        self->section (bureau_task_model_get (self->model, position - 1), self->data) == section)
        bureau_task_row_set_heading (row, NULL, 0);
    else
        bureau_task_row_set_heading (row, self->title (section),
                                     count_section (self, position, section));
}

static void
update_rows (BureauTaskList *self)
{
    GHashTableIter iter;
    gpointer item;

    g_hash_table_iter_init (&iter, self->items);
    while (g_hash_table_iter_next (&iter, &item, NULL))
        update_row (self, item);
}

static gboolean
headings_cb (gpointer data)
{
    BureauTaskList *self = data;

    self->headings_id = 0;
    update_rows (self);
    return G_SOURCE_REMOVE;
}

/* Once all items-changed handlers are through: only then the bound items know their positions. */
static void
queue_headings (BureauTaskList *self)
{
    if (self->headings_id == 0)
        self->headings_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE + 6, headings_cb, self, NULL);
}

static void
on_setup_cb (BureauTaskList *self, GtkListItem *item)
{
    gtk_list_item_set_child (item, bureau_task_row_new (self->client, !self->columns));
}

static void
on_bind_cb (BureauTaskList *self, GtkListItem *item)
{
    bureau_task_cell_set_task (BUREAU_TASK_CELL (gtk_list_item_get_child (item)),
                               gtk_list_item_get_item (item));
    g_hash_table_add (self->items, item);
    update_row (self, item);
}

static void
on_unbind_cb (BureauTaskList *self, GtkListItem *item)
{
    g_hash_table_remove (self->items, item);
    bureau_task_cell_set_task (BUREAU_TASK_CELL (gtk_list_item_get_child (item)), NULL);
}

static void
on_activate_cb (BureauTaskList *self, guint position)
{
    BureauTask *task = bureau_task_model_get (self->model, position);

    if (task != NULL)
        gtk_widget_activate_action (GTK_WIDGET (self), "win.open-task", "s",
                                    bureau_task_get_id (task));
}

/* ---------------------------------------------------------------- surface */

/* The rows of all columns in one model: neighbours across a heading are of another column, and
 * moving past one's own column's end is left to the surface, which only looks at the neighbour's
 * place. */
static BureauTaskModel *
bureau_task_list_get_column (BureauTaskSurface *surface, BureauStatus status)
{
    BureauTaskList *self = BUREAU_TASK_LIST (surface);

    return self->columns ? self->model : NULL;
}

static gboolean
bureau_task_list_focus_task (BureauTaskSurface *surface, BureauTask *task)
{
    BureauTaskList *self = BUREAU_TASK_LIST (surface);
    guint position = bureau_task_model_find (self->model, task);

    return position != GTK_INVALID_LIST_POSITION &&
           bureau_list_view_focus_item (self->list_view, position, task);
}

static void
bureau_task_list_surface_init (BureauTaskSurfaceInterface *iface)
{
    iface->get_column = bureau_task_list_get_column;
    iface->focus_task = bureau_task_list_focus_task;
}

/* ----------------------------------------------------------------- GObject */

static gboolean
narrow_cb (gpointer data)
{
    update_rows (data);
    return G_SOURCE_REMOVE;
}

static void
bureau_task_list_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
    BureauTaskList *self = BUREAU_TASK_LIST (widget);
    gboolean narrow = width < NARROW_WIDTH;

    if (narrow != self->narrow) {
        self->narrow = narrow;
        /* Rows cannot change their size while they are being given one. */
        g_idle_add_full (G_PRIORITY_HIGH_IDLE + 6, narrow_cb, g_object_ref (self), g_object_unref);
    }
    gtk_widget_size_allocate (self->scroller, &(GtkAllocation){ 0, 0, width, height }, baseline);
}

static void
bureau_task_list_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
    gtk_widget_measure (BUREAU_TASK_LIST (widget)->scroller, orientation, for_size, minimum,
                        natural, minimum_baseline, natural_baseline);
}

static void
bureau_task_list_dispose (GObject *object)
{
    BureauTaskList *self = BUREAU_TASK_LIST (object);

    g_clear_handle_id (&self->headings_id, g_source_remove);
    g_clear_pointer (&self->scroller, gtk_widget_unparent);
    g_clear_object (&self->model);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_task_list_parent_class)->dispose (object);
}

static void
bureau_task_list_finalize (GObject *object)
{
    g_hash_table_unref (BUREAU_TASK_LIST (object)->items);
    G_OBJECT_CLASS (bureau_task_list_parent_class)->finalize (object);
}

static void
bureau_task_list_class_init (BureauTaskListClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_task_list_dispose;
    G_OBJECT_CLASS (klass)->finalize = bureau_task_list_finalize;
    widget_class->measure = bureau_task_list_measure;
    widget_class->size_allocate = bureau_task_list_size_allocate;
    gtk_widget_class_set_css_name (widget_class, "task-list");
    gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
bureau_task_list_init (BureauTaskList *self)
{
    GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
    GtkWidget *clamp = adw_clamp_scrollable_new ();

    self->items = g_hash_table_new (NULL, NULL);
    g_signal_connect_swapped (factory, "setup", G_CALLBACK (on_setup_cb), self);
    g_signal_connect_swapped (factory, "bind", G_CALLBACK (on_bind_cb), self);
    g_signal_connect_swapped (factory, "unbind", G_CALLBACK (on_unbind_cb), self);
    self->list_view = GTK_LIST_VIEW (gtk_list_view_new (NULL, factory));
    gtk_list_view_set_single_click_activate (self->list_view, TRUE);
    gtk_widget_add_css_class (GTK_WIDGET (self->list_view), "task-rows");
    g_signal_connect_swapped (self->list_view, "activate", G_CALLBACK (on_activate_cb), self);

    adw_clamp_scrollable_set_maximum_size (ADW_CLAMP_SCROLLABLE (clamp), 960);
    adw_clamp_scrollable_set_child (ADW_CLAMP_SCROLLABLE (clamp), GTK_WIDGET (self->list_view));
    self->scroller = gtk_scrolled_window_new ();
    gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                    GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), clamp);
    gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
}

GtkWidget *
bureau_task_list_new (BureauClient *client, BureauTaskModel *model, BureauTaskSectionFunc section,
                      BureauSectionTitleFunc title, gboolean columns, gpointer data)
{
    BureauTaskList *self = g_object_new (BUREAU_TYPE_TASK_LIST, NULL);
    GListModel *items = bureau_task_model_get_items (model);
    g_autoptr (GtkNoSelection) selection = gtk_no_selection_new (g_object_ref (items));

    self->client = g_object_ref (client);
    self->model = g_object_ref (model);
    self->section = section;
    self->title = title;
    self->columns = columns;
    self->data = data;
    gtk_list_view_set_model (self->list_view, GTK_SELECTION_MODEL (selection));
    bureau_task_surface_attach (BUREAU_TASK_SURFACE (self), client);
    g_signal_connect_object (items, "items-changed", G_CALLBACK (queue_headings), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (bureau_task_watch_get (client), "changed",
                             G_CALLBACK (bureau_task_list_refresh), self, G_CONNECT_SWAPPED);
    return GTK_WIDGET (self);
}

gboolean
bureau_task_list_focus_first (BureauTaskList *self)
{
    if (bureau_task_model_get_n_items (self->model) == 0)
        return FALSE;
    return bureau_task_list_focus_task (BUREAU_TASK_SURFACE (self),
                                        bureau_task_model_get (self->model, 0));
}

void
bureau_task_list_refresh (BureauTaskList *self)
{
    BureauTask *focused = bureau_task_surface_get_focused (BUREAU_TASK_SURFACE (self));
    g_autoptr (BureauTask) task = focused != NULL ? g_object_ref (focused) : NULL;

    bureau_task_model_refresh (self->model);
    queue_headings (self);
    if (task != NULL && bureau_task_surface_get_focused (BUREAU_TASK_SURFACE (self)) != task)
        bureau_task_surface_focus_task (BUREAU_TASK_SURFACE (self), task);
}

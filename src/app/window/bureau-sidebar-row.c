/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-sidebar-row.h"

#include <glib/gi18n.h>

#include "window/bureau-color-dot.h"

struct _BureauSidebarRow {
    GtkListBoxRow parent_instance;

    char *place;            /* (owned) */
    BureauProject *project; /* (owned) (nullable) */
    gboolean manageable;
    char *words;     /* (owned) (nullable): the count, spoken */
    GtkWidget *menu; /* (nullable): made when it is first asked for */

    GtkBox *box;
    GtkLabel *title;
    GtkLabel *count;
    BureauColorDot *dot; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (BureauSidebarRow, bureau_sidebar_row, GTK_TYPE_LIST_BOX_ROW)

/* "Studio B refit, 4 tasks" */
static void
update_accessible (BureauSidebarRow *self)
{
    const char *title = gtk_label_get_text (self->title);
    g_autofree char *text = self->words != NULL ? g_strdup_printf ("%s, %s", title, self->words)
                                                : g_strdup (title);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
update_project (BureauSidebarRow *self)
{
    gtk_label_set_text (self->title, bureau_project_get_name (self->project));
    bureau_color_dot_set_color (self->dot, bureau_project_get_color (self->project));
    update_accessible (self);
}

static void
add_item (GMenu *menu, const char *label, const char *action, const char *id)
{
    g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);
    g_menu_item_set_action_and_target (item, action, "s", id);
    g_menu_append_item (menu, item);
}

static void
open_menu (BureauSidebarRow *self)
{
    if (self->project == NULL || !self->manageable)
        return;
    if (self->menu == NULL) {
        const char *id = bureau_project_get_id (self->project);
        g_autoptr (GMenu) model = g_menu_new ();
        add_item (model, _ ("_Edit Project…"), "win.edit-project", id);
        add_item (model, _ ("_Archive Project"), "win.archive-project", id);
        self->menu = gtk_popover_menu_new_from_model (G_MENU_MODEL (model));
        gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
        gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
        gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
    }
    gtk_popover_popup (GTK_POPOVER (self->menu));
}

/* On release: a popover that opens at the press takes the release away, and the row would look
 * pressed from then on. */
static void
on_secondary_released_cb (GtkGestureClick *gesture, int presses, double x, double y,
                          BureauSidebarRow *self)
{
    open_menu (self);
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
on_menu_action_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    open_menu (BUREAU_SIDEBAR_ROW (widget));
}

static void
bureau_sidebar_row_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
    BureauSidebarRow *self = BUREAU_SIDEBAR_ROW (widget);
    GTK_WIDGET_CLASS (bureau_sidebar_row_parent_class)
        ->size_allocate (widget, width, height, baseline);
    if (self->menu != NULL)
        gtk_popover_present (GTK_POPOVER (self->menu));
}

static void
bureau_sidebar_row_dispose (GObject *object)
{
    BureauSidebarRow *self = BUREAU_SIDEBAR_ROW (object);
    g_clear_pointer (&self->menu, gtk_widget_unparent);
    g_clear_object (&self->project);
    G_OBJECT_CLASS (bureau_sidebar_row_parent_class)->dispose (object);
}

static void
bureau_sidebar_row_finalize (GObject *object)
{
    BureauSidebarRow *self = BUREAU_SIDEBAR_ROW (object);
    g_free (self->place);
    g_free (self->words);
    G_OBJECT_CLASS (bureau_sidebar_row_parent_class)->finalize (object);
}

static void
bureau_sidebar_row_class_init (BureauSidebarRowClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    object_class->dispose = bureau_sidebar_row_dispose;
    object_class->finalize = bureau_sidebar_row_finalize;
    widget_class->size_allocate = bureau_sidebar_row_size_allocate;

    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-sidebar-row.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauSidebarRow, box);
    gtk_widget_class_bind_template_child (widget_class, BureauSidebarRow, title);
    gtk_widget_class_bind_template_child (widget_class, BureauSidebarRow, count);
    gtk_widget_class_bind_template_callback (widget_class, on_secondary_released_cb);
    gtk_widget_class_install_action (widget_class, "sidebar-row.menu", NULL, on_menu_action_cb);
}

static void
bureau_sidebar_row_init (BureauSidebarRow *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
bureau_sidebar_row_new (const char *place, const char *icon_name, const char *title)
{
    BureauSidebarRow *self = g_object_new (BUREAU_TYPE_SIDEBAR_ROW, NULL);
    GtkWidget *icon = gtk_image_new_from_icon_name (icon_name);

    self->place = g_strdup (place);
    gtk_box_prepend (self->box, icon);
    gtk_label_set_text (self->title, title);
    update_accessible (self);
    return GTK_WIDGET (self);
}

GtkWidget *
bureau_sidebar_row_new_for_project (BureauProject *project)
{
    g_return_val_if_fail (BUREAU_IS_PROJECT (project), NULL);
    BureauSidebarRow *self = g_object_new (BUREAU_TYPE_SIDEBAR_ROW, NULL);
    GtkWidget *dot = bureau_color_dot_new (12);

    self->place = g_strconcat ("project:", bureau_project_get_id (project), NULL);
    self->project = g_object_ref (project);
    self->dot = BUREAU_COLOR_DOT (dot);
    gtk_widget_set_size_request (dot, 16, 16);
    gtk_box_prepend (self->box, dot);
    g_signal_connect_object (project, "notify", G_CALLBACK (update_project), self,
                             G_CONNECT_SWAPPED);
    update_project (self);
    return GTK_WIDGET (self);
}

const char *
bureau_sidebar_row_get_place (BureauSidebarRow *self)
{
    g_return_val_if_fail (BUREAU_IS_SIDEBAR_ROW (self), NULL);
    return self->place;
}

BureauProject *
bureau_sidebar_row_get_project (BureauSidebarRow *self)
{
    g_return_val_if_fail (BUREAU_IS_SIDEBAR_ROW (self), NULL);
    return self->project;
}

void
bureau_sidebar_row_set_count (BureauSidebarRow *self, const char *count, const char *words)
{
    g_return_if_fail (BUREAU_IS_SIDEBAR_ROW (self));
    gtk_label_set_text (self->count, count != NULL ? count : "");
    gtk_widget_set_visible (GTK_WIDGET (self->count), count != NULL);
    g_free (self->words);
    self->words = g_strdup (words);
    update_accessible (self);
}

void
bureau_sidebar_row_set_manageable (BureauSidebarRow *self, gboolean manageable)
{
    g_return_if_fail (BUREAU_IS_SIDEBAR_ROW (self));
    self->manageable = manageable;
}

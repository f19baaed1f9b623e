/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-sidebar.h"

#include <glib/gi18n.h>

#include "board/bureau-task-watch.h"
#include "window/bureau-sidebar-row.h"

struct _BureauSidebar {
    AdwBin parent_instance;

    BureauClient *client; /* (owned) (nullable) */
    BureauSidebarRow *my_day;
    BureauSidebarRow *people;
    BureauSidebarRow *hub; /* (nullable) */
    guint n_projects;      /* rows of projects: they stand after my_day */
    char *place;           /* (owned) (nullable): the place that is shown */

    AdwHeaderBar *header;
    GtkLabel *office_name;
    GtkMenuButton *menu_button;
    GtkListBox *list;
    BureauConnectionChip *chip;
};

G_DEFINE_FINAL_TYPE (BureauSidebar, bureau_sidebar, ADW_TYPE_BIN)

#define FIRST_PROJECT 1 /* the index of the first project's row */

static BureauSidebarRow *
get_row (BureauSidebar *self, guint index)
{
    GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, (int) index);
    return row != NULL ? BUREAU_SIDEBAR_ROW (row) : NULL;
}

/* ------------------------------------------------------------------ section headings */

static GtkWidget *
make_heading (const char *title)
{
    GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *label = gtk_label_new (title);
    gtk_label_set_xalign (GTK_LABEL (label), 0);
    gtk_widget_set_hexpand (label, TRUE);
    gtk_widget_add_css_class (label, "heading");
    gtk_widget_add_css_class (label, "dim-label");
    gtk_widget_add_css_class (box, "section-heading");
    gtk_box_append (GTK_BOX (box), label);
    return box;
}

static GtkWidget *
make_projects_heading (void)
{
    GtkWidget *box = make_heading (_ ("Projects"));
    GtkWidget *button = gtk_button_new_from_icon_name ("list-add-symbolic");
    gtk_widget_add_css_class (button, "flat");
    gtk_widget_add_css_class (button, "circular");
    gtk_widget_set_tooltip_text (button, _ ("New Project"));
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    _ ("New project"), -1);
    gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.new-project");
    /* Shown to those who may. */
    g_object_bind_property (button, "sensitive", button, "visible", G_BINDING_SYNC_CREATE);
    gtk_box_append (GTK_BOX (box), button);
    return box;
}

/* The one above the projects. */
static gboolean
is_first_place (GtkListBoxRow *row)
{
    return gtk_list_box_row_get_index (row) == 0;
}

static void
update_header (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data)
{
    gboolean is_project = bureau_sidebar_row_get_project (BUREAU_SIDEBAR_ROW (row)) != NULL;
    gboolean after_project = before != NULL &&
                             bureau_sidebar_row_get_project (BUREAU_SIDEBAR_ROW (before)) != NULL;

    const char *wanted = NULL;
    if (is_project && !after_project)
        wanted = "projects";
    else if (!is_project && before != NULL && (after_project || is_first_place (before)))
        wanted = "office";

    GtkWidget *header = gtk_list_box_row_get_header (row);
    const char *current = header != NULL ? gtk_widget_get_name (header) : NULL;
    if (g_strcmp0 (wanted, current) == 0)
        return;
    header = NULL;
    if (wanted != NULL) {
        header = is_project ? make_projects_heading () : make_heading (_ ("Office"));
        gtk_widget_set_name (header, wanted);
    }
    gtk_list_box_row_set_header (row, header);
}

/* ------------------------------------------------------------------ counts */

static void
update_project_counts (BureauSidebar *self)
{
    g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
    GListModel *tasks = bureau_client_get_tasks (self->client);
    guint n_tasks = g_list_model_get_n_items (tasks);

    for (guint i = 0; i < n_tasks; i++) {
        g_autoptr (BureauTask) task = g_list_model_get_item (tasks, i);
        BureauStatus status = bureau_task_get_status (task);
        if (status == BUREAU_STATUS_DONE || status == BUREAU_STATUS_DECLINED)
            continue;
        gpointer key = (gpointer) bureau_task_get_project_id (task);
        guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, key));
        g_hash_table_insert (counts, key, GUINT_TO_POINTER (count + 1));
    }
    for (guint i = 0; i < self->n_projects; i++) {
        BureauSidebarRow *row = get_row (self, FIRST_PROJECT + i);
        const char *id = bureau_project_get_id (bureau_sidebar_row_get_project (row));
        guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, id));
        g_autofree char *number = g_strdup_printf ("%u", count);
        g_autofree char *words = g_strdup_printf (ngettext ("%u task", "%u tasks", count), count);
        bureau_sidebar_row_set_count (row, count > 0 ? number : NULL, words);
    }
}

static void
update_people_count (BureauSidebar *self)
{
    GListModel *members = bureau_client_get_members (self->client);
    guint total = 0, online = 0;
    for (guint i = 0; i < g_list_model_get_n_items (members); i++) {
        g_autoptr (BureauMember) member = g_list_model_get_item (members, i);
        if (!bureau_member_get_active (member) || bureau_member_get_placeholder (member))
            continue;
        total++;
        online += bureau_member_get_presence (member) != BUREAU_PRESENCE_OFFLINE;
    }
    g_autofree char *count = g_strdup_printf ("%u/%u", online, total);
    g_autofree char *words = g_strdup_printf (_ ("%u of %u here"), online, total);
    bureau_sidebar_row_set_count (self->people, count, words);
}

/* ------------------------------------------------------------------ rows */

static gboolean
may_manage (BureauSidebar *self)
{
    return bureau_command_is_offered (BUREAU_COMMAND_PROJECT_UPDATE,
                                      bureau_client_get_role (self->client));
}

static void
update_manageable (BureauSidebar *self)
{
    gboolean manageable = may_manage (self);
    for (guint i = 0; i < self->n_projects; i++)
        bureau_sidebar_row_set_manageable (get_row (self, FIRST_PROJECT + i), manageable);
}

/* One's own role is one of the things that may have changed. */
static void
on_people_changed_cb (BureauSidebar *self)
{
    update_people_count (self);
    update_manageable (self);
}

static void
on_projects_changed_cb (BureauSidebar *self, guint position, guint removed, guint added,
                        GListModel *projects)
{
    for (guint i = 0; i < removed; i++)
        gtk_list_box_remove (self->list, GTK_WIDGET (get_row (self, FIRST_PROJECT + position)));
    for (guint i = 0; i < added; i++) {
        g_autoptr (BureauProject) project = g_list_model_get_item (projects, position + i);
        GtkWidget *row = bureau_sidebar_row_new_for_project (project);
        gtk_list_box_insert (self->list, row, (int) (FIRST_PROJECT + position + i));
    }
    self->n_projects += added - removed;
    update_manageable (self);
    update_project_counts (self);
    gtk_list_box_invalidate_headers (self->list);
    bureau_sidebar_select (self, self->place);
}

static void
activate_place (BureauSidebar *self, BureauSidebarRow *row)
{
    BureauProject *project = bureau_sidebar_row_get_project (row);
    GtkWidget *widget = GTK_WIDGET (self);
    if (project != NULL)
        gtk_widget_activate_action (widget, "win.show-project", "s",
                                    bureau_project_get_id (project));
    else if (row == self->people)
        gtk_widget_activate_action (widget, "win.show-people", NULL);
    else if (row == self->hub)
        gtk_widget_activate_action (widget, "win.show-hub", NULL);
    else
        gtk_widget_activate_action (widget, "win.show-my-day", NULL);
}

static void
on_row_activated_cb (GtkListBox *list, GtkListBoxRow *row, BureauSidebar *self)
{
    activate_place (self, BUREAU_SIDEBAR_ROW (row));
}

static void
update_office_name (BureauSidebar *self)
{
    gtk_label_set_text (self->office_name, bureau_client_get_office_name (self->client));
}

static void
bureau_sidebar_dispose (GObject *object)
{
    BureauSidebar *self = BUREAU_SIDEBAR (object);
    g_clear_object (&self->client);
    g_clear_pointer (&self->place, g_free);
    G_OBJECT_CLASS (bureau_sidebar_parent_class)->dispose (object);
}

static void
bureau_sidebar_class_init (BureauSidebarClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
    G_OBJECT_CLASS (klass)->dispose = bureau_sidebar_dispose;

    g_type_ensure (BUREAU_TYPE_CONNECTION_CHIP);
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-sidebar.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauSidebar, header);
    gtk_widget_class_bind_template_child (widget_class, BureauSidebar, office_name);
    gtk_widget_class_bind_template_child (widget_class, BureauSidebar, menu_button);
    gtk_widget_class_bind_template_child (widget_class, BureauSidebar, list);
    gtk_widget_class_bind_template_child (widget_class, BureauSidebar, chip);
    gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
}

static void
bureau_sidebar_init (BureauSidebar *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));

    self->my_day = BUREAU_SIDEBAR_ROW (
        bureau_sidebar_row_new ("my-day", "starred-symbolic", _ ("My day")));
    self->people = BUREAU_SIDEBAR_ROW (
        bureau_sidebar_row_new ("people", "system-users-symbolic", _ ("People")));
    gtk_list_box_append (self->list, GTK_WIDGET (self->my_day));
    gtk_list_box_append (self->list, GTK_WIDGET (self->people));
    gtk_list_box_set_header_func (self->list, update_header, NULL, NULL);
}

BureauConnectionChip *
bureau_sidebar_get_chip (BureauSidebar *self)
{
    g_return_val_if_fail (BUREAU_IS_SIDEBAR (self), NULL);
    return self->chip;
}

void
bureau_sidebar_set_client (BureauSidebar *self, BureauClient *client, gboolean is_host)
{
    g_return_if_fail (BUREAU_IS_SIDEBAR (self));
    g_return_if_fail (self->client == NULL);
    GListModel *projects = bureau_client_get_projects (client);

    self->client = g_object_ref (client);
    bureau_connection_chip_set_client (self->chip, client, is_host);
    g_signal_connect_object (projects, "items-changed", G_CALLBACK (on_projects_changed_cb), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (bureau_task_watch_get (client), "changed",
                             G_CALLBACK (update_project_counts), self, G_CONNECT_SWAPPED);
    g_signal_connect_object (bureau_task_watch_get (client), "people-changed",
                             G_CALLBACK (on_people_changed_cb), self, G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "notify::office-name", G_CALLBACK (update_office_name), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "notify::role", G_CALLBACK (update_manageable), self,
                             G_CONNECT_SWAPPED);
    on_projects_changed_cb (self, 0, 0, g_list_model_get_n_items (projects), projects);
    update_people_count (self);
    update_office_name (self);
}

void
bureau_sidebar_add_hub (BureauSidebar *self)
{
    g_return_if_fail (BUREAU_IS_SIDEBAR (self));
    self->hub = BUREAU_SIDEBAR_ROW (
        bureau_sidebar_row_new ("hub", "network-server-symbolic", _ ("Hub")));
    gtk_list_box_append (self->list, GTK_WIDGET (self->hub));
}

void
bureau_sidebar_set_my_day_count (BureauSidebar *self, guint count)
{
    g_return_if_fail (BUREAU_IS_SIDEBAR (self));
    g_autofree char *number = g_strdup_printf ("%u", count);
    g_autofree char *words = g_strdup_printf (ngettext ("%u task", "%u tasks", count), count);
    bureau_sidebar_row_set_count (self->my_day, count > 0 ? number : NULL, words);
}

void
bureau_sidebar_select (BureauSidebar *self, const char *place)
{
    g_return_if_fail (BUREAU_IS_SIDEBAR (self));
    if (place != self->place) {
        g_free (self->place);
        self->place = g_strdup (place);
    }
    for (guint i = 0; get_row (self, i) != NULL; i++) {
        BureauSidebarRow *row = get_row (self, i);
        if (g_strcmp0 (bureau_sidebar_row_get_place (row), place) == 0)
            gtk_list_box_select_row (self->list, GTK_LIST_BOX_ROW (row));
    }
}

void
bureau_sidebar_activate_nth (BureauSidebar *self, guint index)
{
    g_return_if_fail (BUREAU_IS_SIDEBAR (self));
    BureauSidebarRow *row = get_row (self, index);
    if (row != NULL)
        activate_place (self, row);
}

void
bureau_sidebar_set_folded (BureauSidebar *self, gboolean folded)
{
    g_return_if_fail (BUREAU_IS_SIDEBAR (self));
    adw_header_bar_set_show_end_title_buttons (self->header, folded);
}

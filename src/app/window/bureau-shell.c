/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-shell.h"

#include <glib/gi18n.h>

#include "board/bureau-project-page.h"
#include "details/bureau-details.h"
#include "myday/bureau-my-day-page.h"
#include "people/bureau-people-page.h"
#include "timers/bureau-timer-pill.h"
#include "window/bureau-adaptive-bin.h"
#include "window/bureau-color-dot.h"
#include "window/bureau-here-now.h"
#include "window/bureau-sidebar.h"

struct _BureauShell {
    AdwBin parent_instance;

    BureauClient *client;    /* (owned) */
    BureauProject *project;  /* (owned) (nullable): the one that is shown */
    GtkWidget *project_page; /* (nullable): a child of pages */
    GtkWidget *my_day;       /* a child of pages */
    BureauDetails *details;
    GtkWidget *pill;
    BureauHereNow *here;
    char *task_id; /* (owned) (nullable): the task in the details */
    char *view;    /* (owned): "board" or "list" */

    AdwLeaflet *leaflet;
    BureauSidebar *sidebar;
    GtkWidget *separator_line;
    BureauAdaptiveBin *bin;
    GtkWidget *start_controls;
    GtkWidget *back;
    GtkOverlay *back_icon;
    GtkWidget *trouble_dot;
    GtkLabel *title;
    GtkWidget *project_menu;
    AdwBin *wide_switch;
    AdwBin *narrow_switch;
    GtkWidget *view_switch;
    AdwBin *wide_pill;
    AdwBin *narrow_pill;
    AdwSqueezer *here_now;
    AdwBin *notice;
    AdwFlap *flap;
    GtkStack *pages;
    AdwBin *details_bin;
    GtkWidget *strip;
};

G_DEFINE_FINAL_TYPE (BureauShell, bureau_shell, ADW_TYPE_BIN)

enum { PROP_VIEW = 1, N_PROPS };

static GParamSpec *properties[N_PROPS];

#define PLACE_MY_DAY  "my-day"
#define PLACE_PEOPLE  "people"
#define PLACE_HUB     "hub"
#define PLACE_PROJECT "project"

/* ------------------------------------------------------------------ folding */

static void
update_buttons (BureauShell *self)
{
    gboolean folded = adw_leaflet_get_folded (self->leaflet);
    gboolean sidebar_shown = gtk_widget_get_visible (GTK_WIDGET (self->sidebar));
    gtk_widget_set_visible (self->start_controls, folded || !sidebar_shown);
    gtk_widget_set_visible (self->back, folded || !sidebar_shown);
    bureau_sidebar_set_folded (self->sidebar, folded);
}

/* The way to the connection says how it is, while that is out of sight. */
static void
on_trouble_cb (BureauShell *self, GParamSpec *pspec, BureauConnectionChip *chip)
{
    g_autofree char *trouble = NULL;
    g_autofree char *color = NULL;
    g_object_get (chip, "trouble", &trouble, "color", &color, NULL);
    bureau_color_dot_set_color (BUREAU_COLOR_DOT (self->trouble_dot), color);
    gtk_widget_set_visible (self->trouble_dot, trouble != NULL);
    gtk_widget_set_tooltip_text (self->back, trouble != NULL ? trouble : _ ("Show Sidebar"));
}

static void
on_folded_cb (BureauShell *self)
{
    /* Hidden by F9 it would be out of reach: there is nothing to go back to. */
    if (adw_leaflet_get_folded (self->leaflet)) {
        gtk_widget_set_visible (GTK_WIDGET (self->sidebar), TRUE);
        gtk_widget_set_visible (self->separator_line, TRUE);
    }
    update_buttons (self);
}

static void
move_child (GtkWidget *child, AdwBin *from, AdwBin *to)
{
    if (adw_bin_get_child (from) != child)
        return;
    g_object_ref (child);
    adw_bin_set_child (from, NULL);
    adw_bin_set_child (to, child);
    g_object_unref (child);
}

/* Where it is narrow, what the header has no room for stands below. */
static void
update_narrow (BureauShell *self)
{
    gboolean narrow = bureau_adaptive_bin_get_narrow (self->bin);
    move_child (self->view_switch, narrow ? self->wide_switch : self->narrow_switch,
                narrow ? self->narrow_switch : self->wide_switch);
    if (self->pill != NULL)
        move_child (self->pill, narrow ? self->wide_pill : self->narrow_pill,
                    narrow ? self->narrow_pill : self->wide_pill);
    gtk_widget_set_visible (GTK_WIDGET (self->here_now), !narrow);
    gtk_label_set_width_chars (self->title, narrow ? 3 : 10);
    gtk_widget_set_visible (
        self->strip, narrow && (self->project != NULL ||
                                (self->pill != NULL && gtk_widget_get_visible (self->pill))));
}

static void
on_narrow_cb (BureauShell *self)
{
    update_narrow (self);
}

/* ------------------------------------------------------------------ places */

static gboolean
may_manage (BureauShell *self)
{
    return bureau_command_is_offered (BUREAU_COMMAND_PROJECT_UPDATE,
                                      bureau_client_get_role (self->client));
}

static void
update_title (BureauShell *self)
{
    const char *place = gtk_stack_get_visible_child_name (self->pages);
    if (self->project != NULL)
        gtk_label_set_text (self->title, bureau_project_get_name (self->project));
    else if (g_strcmp0 (place, PLACE_PEOPLE) == 0)
        gtk_label_set_text (self->title, _ ("People"));
    else if (g_strcmp0 (place, PLACE_HUB) == 0)
        gtk_label_set_text (self->title, _ ("Hub"));
    else
        gtk_label_set_text (self->title, _ ("My day"));
    gtk_widget_set_visible (self->view_switch, self->project != NULL);
    gtk_widget_set_visible (self->project_menu, self->project != NULL && may_manage (self));
}

static void
forget_project (BureauShell *self)
{
    if (self->project != NULL)
        g_signal_handlers_disconnect_by_func (self->project, update_title, self);
    g_clear_object (&self->project);
}

/* @project: NULL where the place is none. */
static void
show_place (BureauShell *self, const char *place, BureauProject *project)
{
    if (project != self->project) {
        forget_project (self);
        g_set_object (&self->project, project);
        if (project != NULL)
            g_signal_connect_object (project, "notify::name", G_CALLBACK (update_title), self,
                                     G_CONNECT_SWAPPED);
    }
    gtk_stack_set_visible_child_name (self->pages, place);
    if (project == NULL && self->project_page != NULL) {
        gtk_stack_remove (self->pages, self->project_page);
        self->project_page = NULL;
    }
    bureau_here_now_set_project (self->here, project);
    update_title (self);
    update_narrow (self);

    g_autofree char *row = project != NULL
                               ? g_strconcat ("project:", bureau_project_get_id (project), NULL)
                               : g_strdup (place);
    bureau_sidebar_select (self->sidebar, row);
    adw_leaflet_set_visible_child_name (self->leaflet, "content");
}

static gboolean
is_listed (BureauShell *self, const char *project_id)
{
    BureauProject *project = bureau_client_find_project (self->client, project_id);
    return project != NULL && !bureau_project_get_archived (project);
}

static void
on_tasks_changed_cb (BureauShell *self)
{
    if (self->task_id == NULL)
        return;
    BureauTask *task = bureau_client_find_task (self->client, self->task_id);
    if (task == NULL || !is_listed (self, bureau_task_get_project_id (task)))
        bureau_shell_close_details (self);
}

/* A project that is archived takes its tasks with it. */
static void
on_projects_changed_cb (BureauShell *self)
{
    on_tasks_changed_cb (self);
    if (self->project != NULL && !is_listed (self, bureau_project_get_id (self->project)))
        bureau_shell_show_my_day (self);
}

static void
on_my_day_count_cb (BureauShell *self)
{
    guint count = 0;
    g_object_get (self->my_day, "count", &count, NULL);
    bureau_sidebar_set_my_day_count (self->sidebar, count);
}

/* ------------------------------------------------------------------ details */

static void
on_reveal_cb (BureauShell *self)
{
    if (adw_flap_get_reveal_flap (self->flap) || self->task_id == NULL)
        return;
    g_clear_pointer (&self->task_id, g_free);
    bureau_details_set_task (self->details, NULL);
}

/* ------------------------------------------------------------------ class */

static void
on_edit_project_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauShell *self = BUREAU_SHELL (widget);
    if (self->project != NULL)
        gtk_widget_activate_action (widget, "win.edit-project", "s",
                                    bureau_project_get_id (self->project));
}

static void
on_archive_project_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauShell *self = BUREAU_SHELL (widget);
    if (self->project != NULL)
        gtk_widget_activate_action (widget, "win.archive-project", "s",
                                    bureau_project_get_id (self->project));
}

static void
bureau_shell_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_VIEW:
        g_value_set_string (value, BUREAU_SHELL (object)->view);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_view (BureauShell *self, const char *view)
{
    if (g_strcmp0 (view, "list") != 0)
        view = "board";
    if (g_strcmp0 (self->view, view) == 0)
        return;
    g_free (self->view);
    self->view = g_strdup (view);
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VIEW]);
}

static void
bureau_shell_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_VIEW:
        set_view (BUREAU_SHELL (object), g_value_get_string (value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_shell_dispose (GObject *object)
{
    BureauShell *self = BUREAU_SHELL (object);
    if (self->client != NULL)
        forget_project (self);
    g_clear_pointer (&self->task_id, g_free);
    g_clear_pointer (&self->view, g_free);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_shell_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
    gtk_widget_class_bind_template_child (widget_class, BureauShell, leaflet);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, sidebar);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, separator_line);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, bin);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, start_controls);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, back);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, back_icon);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, title);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, project_menu);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, wide_switch);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, narrow_switch);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, view_switch);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, wide_pill);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, narrow_pill);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, here_now);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, notice);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, flap);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, pages);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, details_bin);
    gtk_widget_class_bind_template_child (widget_class, BureauShell, strip);
    gtk_widget_class_bind_template_callback (widget_class, on_folded_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_narrow_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_reveal_cb);
}

static void
bureau_shell_class_init (BureauShellClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    object_class->get_property = bureau_shell_get_property;
    object_class->set_property = bureau_shell_set_property;
    object_class->dispose = bureau_shell_dispose;

    properties[PROP_VIEW] = g_param_spec_string ("view", NULL, NULL, "board",
                                                 G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                     G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties (object_class, N_PROPS, properties);

    g_type_ensure (BUREAU_TYPE_ADAPTIVE_BIN);
    g_type_ensure (BUREAU_TYPE_SIDEBAR);
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-shell.ui");
    bind_children (widget_class);
    gtk_widget_class_install_property_action (widget_class, "shell.view", "view");
    gtk_widget_class_install_action (widget_class, "shell.edit-project", NULL, on_edit_project_cb);
    gtk_widget_class_install_action (widget_class, "shell.archive-project", NULL,
                                     on_archive_project_cb);
    /* Not an accelerator of the application: an entry or a popover that is open takes Escape first.
     */
    gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "win.close-details",
                                         NULL);
}

static void
bureau_shell_init (BureauShell *self)
{
    self->view = g_strdup ("board");
    gtk_widget_init_template (GTK_WIDGET (self));
    self->trouble_dot = bureau_color_dot_new (8);
    gtk_widget_set_halign (self->trouble_dot, GTK_ALIGN_END);
    gtk_widget_set_valign (self->trouble_dot, GTK_ALIGN_START);
    gtk_overlay_add_overlay (self->back_icon, self->trouble_dot);
}

static void
add_pages (BureauShell *self)
{
    self->my_day = bureau_my_day_page_new (self->client);
    gtk_stack_add_named (self->pages, self->my_day, PLACE_MY_DAY);
    gtk_stack_add_named (self->pages, bureau_people_page_new (self->client), PLACE_PEOPLE);
    g_signal_connect_object (self->my_day, "notify::count", G_CALLBACK (on_my_day_count_cb), self,
                             G_CONNECT_SWAPPED);
}

GtkWidget *
bureau_shell_new (BureauClient *client, gboolean is_host)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (client), NULL);
    BureauShell *self = g_object_new (BUREAU_TYPE_SHELL, NULL);

    self->client = g_object_ref (client);
    g_signal_connect_object (bureau_sidebar_get_chip (self->sidebar), "notify",
                             G_CALLBACK (on_trouble_cb), self, G_CONNECT_SWAPPED);
    bureau_sidebar_set_client (self->sidebar, client, is_host);
    self->details = BUREAU_DETAILS (bureau_details_new (client));
    adw_bin_set_child (self->details_bin, GTK_WIDGET (self->details));
    self->here = BUREAU_HERE_NOW (bureau_here_now_new (client));
    adw_squeezer_add (self->here_now, GTK_WIDGET (self->here));
    self->pill = bureau_timer_pill_new (client);
    adw_bin_set_child (self->wide_pill, self->pill);
    g_signal_connect_object (self->pill, "notify::visible", G_CALLBACK (update_narrow), self,
                             G_CONNECT_SWAPPED);
    add_pages (self);

    g_signal_connect_object (bureau_client_get_projects (client), "items-changed",
                             G_CALLBACK (on_projects_changed_cb), self, G_CONNECT_SWAPPED);
    g_signal_connect_object (bureau_client_get_tasks (client), "items-changed",
                             G_CALLBACK (on_tasks_changed_cb), self, G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "notify::role", G_CALLBACK (update_title), self,
                             G_CONNECT_SWAPPED);
    bureau_shell_show_my_day (self);
    on_my_day_count_cb (self);
    update_buttons (self);
    return GTK_WIDGET (self);
}

void
bureau_shell_set_notice (BureauShell *self, GtkWidget *notice)
{
    g_return_if_fail (BUREAU_IS_SHELL (self));
    adw_bin_set_child (self->notice, notice);
}

void
bureau_shell_set_hub (BureauShell *self, GtkWidget *page)
{
    g_return_if_fail (BUREAU_IS_SHELL (self));
    gtk_stack_add_named (self->pages, page, PLACE_HUB);
    bureau_sidebar_add_hub (self->sidebar);
}

void
bureau_shell_show_my_day (BureauShell *self)
{
    g_return_if_fail (BUREAU_IS_SHELL (self));
    show_place (self, PLACE_MY_DAY, NULL);
}

void
bureau_shell_show_people (BureauShell *self)
{
    g_return_if_fail (BUREAU_IS_SHELL (self));
    show_place (self, PLACE_PEOPLE, NULL);
}

void
bureau_shell_show_hub (BureauShell *self)
{
    g_return_if_fail (BUREAU_IS_SHELL (self));
    if (gtk_stack_get_child_by_name (self->pages, PLACE_HUB) != NULL)
        show_place (self, PLACE_HUB, NULL);
}

void
bureau_shell_show_project (BureauShell *self, const char *project_id)
{
    g_return_if_fail (BUREAU_IS_SHELL (self));
    BureauProject *project = bureau_client_find_project (self->client, project_id);
    if (!is_listed (self, project_id))
        return;
    if (project != self->project) {
        GtkWidget *old = self->project_page;
        self->project_page = bureau_project_page_new (self->client, project);
        gtk_stack_add_child (self->pages, self->project_page);
        g_object_bind_property (self, "view", self->project_page, "view",
                                G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
        gtk_stack_set_visible_child (self->pages, self->project_page);
        if (old != NULL)
            gtk_stack_remove (self->pages, old);
        GtkStackPage *page = gtk_stack_get_page (self->pages, self->project_page);
        gtk_stack_page_set_name (page, PLACE_PROJECT);
    }
    show_place (self, PLACE_PROJECT, project);
}

BureauProject *
bureau_shell_get_project (BureauShell *self)
{
    g_return_val_if_fail (BUREAU_IS_SHELL (self), NULL);
    return self->project;
}

void
bureau_shell_show_nth (BureauShell *self, guint index)
{
    g_return_if_fail (BUREAU_IS_SHELL (self));
    bureau_sidebar_activate_nth (self->sidebar, index);
}

void
bureau_shell_open_task (BureauShell *self, const char *task_id)
{
    g_return_if_fail (BUREAU_IS_SHELL (self));
    BureauTask *task = bureau_client_find_task (self->client, task_id);
    if (task == NULL)
        return;
    g_free (self->task_id);
    self->task_id = g_strdup (task_id);
    bureau_details_set_task (self->details, task);
    adw_flap_set_reveal_flap (self->flap, TRUE);
    adw_leaflet_set_visible_child_name (self->leaflet, "content");
}

void
bureau_shell_close_details (BureauShell *self)
{
    g_return_if_fail (BUREAU_IS_SHELL (self));
    adw_flap_set_reveal_flap (self->flap, FALSE);
}

const char *
bureau_shell_get_open_task (BureauShell *self)
{
    g_return_val_if_fail (BUREAU_IS_SHELL (self), NULL);
    return self->task_id;
}

void
bureau_shell_toggle_sidebar (BureauShell *self)
{
    g_return_if_fail (BUREAU_IS_SHELL (self));
    if (adw_leaflet_get_folded (self->leaflet)) {
        const char *name = adw_leaflet_get_visible_child_name (self->leaflet);
        gboolean is_sidebar = g_strcmp0 (name, "sidebar") == 0;
        adw_leaflet_set_visible_child_name (self->leaflet, is_sidebar ? "content" : "sidebar");
        return;
    }
    gboolean shown = !gtk_widget_get_visible (GTK_WIDGET (self->sidebar));
    gtk_widget_set_visible (GTK_WIDGET (self->sidebar), shown);
    gtk_widget_set_visible (self->separator_line, shown);
    update_buttons (self);
}

void
bureau_shell_focus_filter (BureauShell *self)
{
    g_return_if_fail (BUREAU_IS_SHELL (self));
    if (self->project_page != NULL)
        bureau_project_page_focus_filter (BUREAU_PROJECT_PAGE (self->project_page));
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "board/bureau-project-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "board/bureau-board.h"
#include "board/bureau-task-watch.h"
#include "list/bureau-task-list.h"
#include "widgets/bureau-task-cell.h"

struct _BureauProjectPage {
    GtkWidget parent_instance;

    BureauClient *client;   /* (owned) */
    BureauProject *project; /* (owned) */
    BureauTaskModel *model; /* (owned): of the list; also knows whether the filter finds anything */
    char *view;             /* (owned) */

    GtkSearchBar *search_bar;
    GtkSearchEntry *search_entry;
    GtkStack *stack;
    AdwStatusPage *nothing_page;
    BureauBoard *board;   /* (unowned) */
    BureauTaskList *list; /* (unowned) (nullable): made when first seen */
};

enum { PROP_VIEW = 1, PROP_SEARCHING, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BureauProjectPage, bureau_project_page, GTK_TYPE_WIDGET)

static gboolean
matches_cb (BureauTask *task, gpointer data)
{
    BureauProjectPage *self = data;

    return g_strcmp0 (bureau_task_get_project_id (task), bureau_project_get_id (self->project)) ==
           0;
}

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer data)
{
    return bureau_task_compare (a, b);
}

static int
section_cb (BureauTask *task, gpointer data)
{
    return bureau_task_get_status (task);
}

static const char *
section_title_cb (int section)
{
    return bureau_status_to_label (section);
}

static const char *
get_text (BureauProjectPage *self)
{
    if (!gtk_search_bar_get_search_mode (self->search_bar))
        return "";
    return gtk_editable_get_text (GTK_EDITABLE (self->search_entry));
}

static void
ensure_list (BureauProjectPage *self)
{
    GtkWidget *list;

    if (self->list != NULL)
        return;
    list = bureau_task_list_new (self->client, self->model, section_cb, section_title_cb, TRUE,
                                 self);
    self->list = BUREAU_TASK_LIST (list);
    gtk_stack_add_named (self->stack, list, "list");
}

static void
show_page (BureauProjectPage *self)
{
    const char *text = get_text (self);
    gboolean list = g_strcmp0 (self->view, "list") == 0;
    gboolean empty = bureau_task_model_get_n_items (self->model) == 0;

    if (list)
        ensure_list (self);
    if (empty && *text != '\0') {
        g_autofree char *what = g_markup_printf_escaped (_ ("No task of this project has “%s”."),
                                                         text);

        adw_status_page_set_description (self->nothing_page, what);
        gtk_stack_set_visible_child_name (self->stack, "nothing");
    } else if (empty && list) {
        gtk_stack_set_visible_child_name (self->stack, "empty");
    } else {
        gtk_stack_set_visible_child_name (self->stack, list ? "list" : "board");
    }
}

static void
on_search_changed_cb (BureauProjectPage *self)
{
    const char *text = get_text (self);

    bureau_task_model_set_text (self->model, text);
    bureau_board_set_text (self->board, text);
    show_page (self);
}

static void
on_search_mode_cb (BureauProjectPage *self)
{
    on_search_changed_cb (self);
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEARCHING]);
}

/* Enter goes from the filter to what it found. */
static void
on_search_activate_cb (BureauProjectPage *self)
{
    bureau_project_page_focus_first (self);
}

/* Once there is a list it refreshes the model itself, minding the focus. */
static void
on_changed_cb (BureauProjectPage *self)
{
    if (self->list == NULL)
        bureau_task_model_refresh (self->model);
}

static void
bureau_project_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    BureauProjectPage *self = BUREAU_PROJECT_PAGE (object);

    switch (id) {
    case PROP_VIEW:
        g_value_set_string (value, self->view);
        break;
    case PROP_SEARCHING:
        g_value_set_boolean (value, gtk_search_bar_get_search_mode (self->search_bar));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_project_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    BureauProjectPage *self = BUREAU_PROJECT_PAGE (object);

    switch (id) {
    case PROP_VIEW:
        bureau_project_page_set_view (self, g_value_get_string (value));
        break;
    case PROP_SEARCHING:
        gtk_search_bar_set_search_mode (self->search_bar, g_value_get_boolean (value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_project_page_dispose (GObject *object)
{
    BureauProjectPage *self = BUREAU_PROJECT_PAGE (object);
    GtkWidget *child;

    gtk_widget_dispose_template (GTK_WIDGET (self), BUREAU_TYPE_PROJECT_PAGE);
    while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
        gtk_widget_unparent (child);
    g_clear_object (&self->model);
    g_clear_object (&self->project);
    g_clear_object (&self->client);
    g_clear_pointer (&self->view, g_free);
    G_OBJECT_CLASS (bureau_project_page_parent_class)->dispose (object);
}

static void
bureau_project_page_class_init (BureauProjectPageClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    object_class->dispose = bureau_project_page_dispose;
    object_class->get_property = bureau_project_page_get_property;
    object_class->set_property = bureau_project_page_set_property;
    properties[PROP_VIEW] = g_param_spec_string ("view", NULL, NULL, "board",
                                                 G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                     G_PARAM_STATIC_STRINGS);
    properties[PROP_SEARCHING] = g_param_spec_boolean ("searching", NULL, NULL, FALSE,
                                                       G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                           G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties (object_class, N_PROPS, properties);
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-project-page.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauProjectPage, search_bar);
    gtk_widget_class_bind_template_child (widget_class, BureauProjectPage, search_entry);
    gtk_widget_class_bind_template_child (widget_class, BureauProjectPage, stack);
    gtk_widget_class_bind_template_child (widget_class, BureauProjectPage, nothing_page);
    gtk_widget_class_bind_template_callback (widget_class, on_search_changed_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_search_mode_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_search_activate_cb);
    gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
}

static void
bureau_project_page_init (BureauProjectPage *self)
{
    self->view = g_strdup ("board");
    gtk_widget_init_template (GTK_WIDGET (self));
    gtk_orientable_set_orientation (
        GTK_ORIENTABLE (gtk_widget_get_layout_manager (GTK_WIDGET (self))),
        GTK_ORIENTATION_VERTICAL);
    gtk_search_bar_connect_entry (self->search_bar, GTK_EDITABLE (self->search_entry));
}

GtkWidget *
bureau_project_page_new (BureauClient *client, BureauProject *project)
{
    BureauProjectPage *self = g_object_new (BUREAU_TYPE_PROJECT_PAGE, NULL);
    GtkWidget *board = bureau_board_new (client, project);

    self->client = g_object_ref (client);
    self->project = g_object_ref (project);
    self->model = bureau_task_model_new (client, matches_cb, compare_cb, self);
    self->board = BUREAU_BOARD (board);
    gtk_stack_add_named (self->stack, board, "board");
    g_signal_connect_object (bureau_task_model_get_items (self->model), "items-changed",
                             G_CALLBACK (show_page), self, G_CONNECT_SWAPPED);
    g_signal_connect_object (bureau_task_watch_get (client), "changed", G_CALLBACK (on_changed_cb),
                             self, G_CONNECT_SWAPPED);
    show_page (self);
    return GTK_WIDGET (self);
}

void
bureau_project_page_set_view (BureauProjectPage *self, const char *view)
{
    if (g_strcmp0 (view, self->view) == 0)
        return;
    g_free (self->view);
    self->view = g_strdup (view);
    show_page (self);
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VIEW]);
}

void
bureau_project_page_focus_filter (BureauProjectPage *self)
{
    gtk_search_bar_set_search_mode (self->search_bar, TRUE);
    gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
    gtk_editable_select_region (GTK_EDITABLE (self->search_entry), 0, -1);
}

gboolean
bureau_project_page_focus_first (BureauProjectPage *self)
{
    if (g_strcmp0 (self->view, "list") == 0)
        return self->list != NULL && bureau_task_list_focus_first (self->list);
    return bureau_board_focus_first (self->board);
}

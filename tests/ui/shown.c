/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "shown.h"

#include "board/bureau-task-commands.h"

void
shown_init (void)
{
    adw_init ();
    gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (gdk_display_get_default ()),
                                      BUREAU_RESOURCE_BASE "/icons");
}

static void
on_action_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    Shown *shown = data;
    BureauTask *task = NULL;

    if (parameter != NULL)
        task = bureau_client_find_task (shown->ana->client, g_variant_get_string (parameter, NULL));
    g_string_append_printf (shown->activated, "%s%s%s ", g_action_get_name (G_ACTION (action)),
                            task != NULL ? " " : "",
                            task != NULL ? bureau_task_get_title (task) : "");
}

Shown *
shown_new (void)
{
    Shown *shown = g_new0 (Shown, 1);

    shown->activated = g_string_new (NULL);
    shown->office = office_new ();
    shown->ana = person_new_owner (shown->office);
    person_start_live (shown->ana);
    WAIT_UNTIL (g_list_model_get_n_items (bureau_client_get_projects (shown->ana->client)) == 1);
    shown->project = g_list_model_get_item (bureau_client_get_projects (shown->ana->client), 0);
    return shown;
}

void
shown_present (Shown *shown, GtkWidget *widget, int width, int height)
{
    static const GActionEntry entries[] = {
        { "open-task", on_action_cb, "s" },    { "delete-task", on_action_cb, "s" },
        { "toggle-timer", on_action_cb, "s" }, { "close-details", on_action_cb },
        { "stop-timer", on_action_cb },        { "new-task", on_action_cb },
    };
    g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();

    g_action_map_add_action_entries (G_ACTION_MAP (actions), entries, G_N_ELEMENTS (entries),
                                     shown);
    shown->window = GTK_WINDOW (gtk_window_new ());
    gtk_widget_insert_action_group (GTK_WIDGET (shown->window), "win", G_ACTION_GROUP (actions));
    gtk_window_set_default_size (shown->window, width, height);
    gtk_window_set_child (shown->window, widget);
    gtk_window_present (shown->window);
    WAIT_UNTIL (gtk_widget_get_width (widget) > 0);
    shown_settle (shown);
}

void
shown_free (Shown *shown)
{
    if (shown->window != NULL)
        gtk_window_destroy (shown->window);
    g_clear_object (&shown->project);
    person_free (shown->ana);
    office_free (shown->office);
    g_string_free (shown->activated, TRUE);
    g_free (shown);
}

BureauTask *
shown_add_task (Shown *shown, const char *title, BureauStatus status)
{
    g_autofree char *id = bureau_task_give_new (shown->ana->client, shown->project, title, status,
                                                NULL, NULL);

    WAIT_UNTIL (get_task (shown->ana, id) != NULL &&
                bureau_task_get_key (get_task (shown->ana, id)) != NULL &&
                !bureau_task_get_pending (get_task (shown->ana, id)));
    return get_task (shown->ana, id);
}

static gpointer
find (GtkWidget *widget, GType type, guint *nth)
{
    if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type) && (*nth)-- == 0)
        return widget;
    for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
         child = gtk_widget_get_next_sibling (child)) {
        gpointer found = find (child, type, nth);

        if (found != NULL)
            return found;
    }
    return NULL;
}

gpointer
shown_find (GtkWidget *root, GType type, guint nth)
{
    return find (root, type, &nth);
}

gpointer
shown_find_window (GType type)
{
    GListModel *windows = gtk_window_get_toplevels ();

    for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
        g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

        if (g_type_is_a (G_OBJECT_TYPE (window), type))
            return window;
    }
    return NULL;
}

static gboolean
settled_cb (gpointer data)
{
    *(gboolean *) data = TRUE;
    return G_SOURCE_REMOVE;
}

void
shown_settle (Shown *shown)
{
    gboolean settled = FALSE;

    /* Behind everything that is due now, drawing included. */
    g_idle_add_full (G_PRIORITY_LOW, settled_cb, &settled, NULL);
    WAIT_UNTIL (settled);
}

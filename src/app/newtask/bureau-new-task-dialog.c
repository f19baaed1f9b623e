/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "newtask/bureau-new-task-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "board/bureau-task-commands.h"
#include "widgets/bureau-due-button.h"
#include "widgets/bureau-people-button.h"

#define BUREAU_TYPE_NEW_TASK_DIALOG (bureau_new_task_dialog_get_type ())
G_DECLARE_FINAL_TYPE (BureauNewTaskDialog, bureau_new_task_dialog, BUREAU, NEW_TASK_DIALOG,
                      AdwWindow)

struct _BureauNewTaskDialog {
    AdwWindow parent_instance;

    BureauClient *client; /* (owned) */

    AdwEntryRow *title_row;
    AdwComboRow *project_row;
    BureauPeopleButton *people_button;
    BureauDueButton *due_button;
    GtkWidget *create_button;
};

G_DEFINE_FINAL_TYPE (BureauNewTaskDialog, bureau_new_task_dialog, ADW_TYPE_WINDOW)

/* (transfer full) */
static char *
dup_title (BureauNewTaskDialog *self)
{
    char *title = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->title_row)));

    return g_strstrip (title);
}

static gboolean
can_create (BureauNewTaskDialog *self)
{
    g_autofree char *title = dup_title (self);

    return *title != '\0' && g_utf8_strlen (title, -1) <= BUREAU_MAX_TITLE &&
           adw_combo_row_get_selected_item (self->project_row) != NULL;
}

static void
on_changed_cb (BureauNewTaskDialog *self)
{
    g_autofree char *title = dup_title (self);

    gtk_widget_set_sensitive (self->create_button, can_create (self));
    if (g_utf8_strlen (title, -1) > BUREAU_MAX_TITLE)
        gtk_widget_add_css_class (GTK_WIDGET (self->title_row), "error");
    else
        gtk_widget_remove_css_class (GTK_WIDGET (self->title_row), "error");
}

static void
on_project_selected_cb (BureauNewTaskDialog *self)
{
    bureau_people_button_set_project (self->people_button,
                                      adw_combo_row_get_selected_item (self->project_row));
    on_changed_cb (self);
}

static void
create (BureauNewTaskDialog *self)
{
    g_autofree char *title = dup_title (self);

    if (!can_create (self))
        return;
    g_free (bureau_task_give_new (self->client, adw_combo_row_get_selected_item (self->project_row),
                                  title, BUREAU_STATUS_TODO,
                                  bureau_due_button_get_due (self->due_button),
                                  bureau_people_button_get_ids (self->people_button)));
    gtk_window_close (GTK_WINDOW (self));
}

static void
bureau_new_task_dialog_dispose (GObject *object)
{
    g_clear_object (&BUREAU_NEW_TASK_DIALOG (object)->client);
    G_OBJECT_CLASS (bureau_new_task_dialog_parent_class)->dispose (object);
}

static void
bureau_new_task_dialog_class_init (BureauNewTaskDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_new_task_dialog_dispose;
    g_type_ensure (BUREAU_TYPE_PROJECT);
    g_type_ensure (BUREAU_TYPE_PEOPLE_BUTTON);
    g_type_ensure (BUREAU_TYPE_DUE_BUTTON);
    gtk_widget_class_set_template_from_resource (widget_class, BUREAU_RESOURCE_BASE
                                                 "/ui/bureau-new-task-dialog.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauNewTaskDialog, title_row);
    gtk_widget_class_bind_template_child (widget_class, BureauNewTaskDialog, project_row);
    gtk_widget_class_bind_template_child (widget_class, BureauNewTaskDialog, people_button);
    gtk_widget_class_bind_template_child (widget_class, BureauNewTaskDialog, due_button);
    gtk_widget_class_bind_template_child (widget_class, BureauNewTaskDialog, create_button);
    gtk_widget_class_bind_template_callback (widget_class, on_changed_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_project_selected_cb);
    gtk_widget_class_bind_template_callback (widget_class, create);
    gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
bureau_new_task_dialog_init (BureauNewTaskDialog *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
}

static void
select_project (BureauNewTaskDialog *self, BureauProject *project)
{
    GListModel *projects = bureau_client_get_projects (self->client);
    guint n = g_list_model_get_n_items (projects);

    adw_combo_row_set_model (self->project_row, projects);
    for (guint i = 0; i < n; i++) {
        g_autoptr (BureauProject) item = g_list_model_get_item (projects, i);

        if (item == project)
            adw_combo_row_set_selected (self->project_row, i);
    }
    gtk_widget_set_visible (GTK_WIDGET (self->project_row), n != 1);
    on_project_selected_cb (self);
}

void
bureau_new_task_dialog_present (GtkWindow *parent, BureauClient *client, BureauProject *project)
{
    BureauNewTaskDialog *self = g_object_new (BUREAU_TYPE_NEW_TASK_DIALOG, "transient-for", parent,
                                              NULL);

    self->client = g_object_ref (client);
    bureau_people_button_set_client (self->people_button, client);
    bureau_due_button_set_client (self->due_button, client);
    select_project (self, project);
    gtk_window_present (GTK_WINDOW (self));
    gtk_widget_grab_focus (GTK_WIDGET (self->title_row));
}

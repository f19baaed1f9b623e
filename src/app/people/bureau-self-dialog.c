/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "people/bureau-self-dialog.h"

#include "bureau-json.h"
#include "widgets/bureau-entry-row.h"
#include "window/bureau-color-picker.h"

struct _BureauSelfDialog {
    AdwWindow parent_instance;

    BureauClient *client; /* (owned) */

    GtkWidget *submit;
    GtkEditable *name_row;
    BureauColorPicker *color;
    GtkLabel *error;
};

G_DEFINE_FINAL_TYPE (BureauSelfDialog, bureau_self_dialog, ADW_TYPE_WINDOW)

static void
on_name_changed_cb (BureauSelfDialog *self)
{
    g_autofree char *name = bureau_row_get_text (self->name_row);
    gtk_widget_set_sensitive (self->submit, *name != '\0');
}

static void
on_submit_cb (BureauSelfDialog *self)
{
    if (!gtk_widget_get_sensitive (self->submit))
        return;
    g_autofree char *name = bureau_row_get_text (self->name_row);
    JsonObject *params = json_object_new ();
    g_autoptr (GError) error = NULL;

    bureau_json_set_string (params, "name", name);
    bureau_json_set_optional (params, "color", bureau_color_picker_get_color (self->color));
    g_autofree char *id = bureau_client_give (self->client, BUREAU_COMMAND_MEMBER_UPDATE_SELF,
                                              params, &error);
    if (error != NULL) {
        gtk_label_set_text (self->error, error->message);
        gtk_widget_set_visible (GTK_WIDGET (self->error), TRUE);
        return;
    }
    gtk_window_close (GTK_WINDOW (self));
}

static void
bureau_self_dialog_dispose (GObject *object)
{
    BureauSelfDialog *self = BUREAU_SELF_DIALOG (object);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_self_dialog_parent_class)->dispose (object);
}

static void
bureau_self_dialog_class_init (BureauSelfDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
    G_OBJECT_CLASS (klass)->dispose = bureau_self_dialog_dispose;

    g_type_ensure (BUREAU_TYPE_COLOR_PICKER);
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-self-dialog.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauSelfDialog, submit);
    gtk_widget_class_bind_template_child (widget_class, BureauSelfDialog, name_row);
    gtk_widget_class_bind_template_child (widget_class, BureauSelfDialog, color);
    gtk_widget_class_bind_template_child (widget_class, BureauSelfDialog, error);
    gtk_widget_class_bind_template_callback (widget_class, on_name_changed_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_submit_cb);
}

static void
bureau_self_dialog_init (BureauSelfDialog *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
    bureau_row_name_text (self->name_row);
    bureau_row_limit_text (self->name_row, BUREAU_MAX_NAME);
}

void
bureau_self_dialog_present (GtkWindow *parent, BureauClient *client)
{
    BureauMember *member = bureau_client_get_self (client);
    if (member == NULL)
        return;
    BureauSelfDialog *self = g_object_new (BUREAU_TYPE_SELF_DIALOG, "transient-for", parent, NULL);
    self->client = g_object_ref (client);
    gtk_editable_set_text (self->name_row, bureau_member_get_name (member));
    bureau_color_picker_set_color (self->color, bureau_member_get_color (member));
    gtk_window_present (GTK_WINDOW (self));
    gtk_widget_grab_focus (GTK_WIDGET (self->name_row));
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-project-dialog.h"

#include <glib/gi18n.h>

#include "bureau-json.h"
#include "widgets/bureau-avatar.h"
#include "widgets/bureau-entry-row.h"
#include "window/bureau-color-picker.h"

struct _BureauProjectDialog {
    AdwWindow parent_instance;

    BureauClient *client;   /* (owned) */
    BureauProject *project; /* (owned) (nullable): the one that is changed */
    GPtrArray
        *switches; /* (element-type GtkSwitch) (owned): one for each member that can be chosen */
    gboolean key_typed; /* the short name is the person's own, not suggested */
    gboolean suggesting;

    GtkButton *submit;
    GtkEditable *name_row;
    GtkEditable *key_row;
    BureauColorPicker *color;
    AdwPreferencesGroup *people;
    GtkLabel *error;
};

G_DEFINE_FINAL_TYPE (BureauProjectDialog, bureau_project_dialog, ADW_TYPE_WINDOW)

#define SHORT_NAME_MIN 2
#define SHORT_NAME_MAX 8
#define SUGGESTED_MAX  4
#define KEY_MEMBER     "bureau-member-id"

/* ------------------------------------------------------------------ the short name */

static gboolean
is_short_name (const char *text)
{
    gsize length = strlen (text);
    return length >= SHORT_NAME_MIN && length <= SHORT_NAME_MAX && g_ascii_isalpha (text[0]) &&
           strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == length;
}

/* The initials of several words, or the first letters of one. */
char *
bureau_suggest_short_name (const char *name)
{
    g_autofree char *ascii = g_str_to_ascii (name, NULL);
    g_autoptr (GString) initials = g_string_new (NULL);
    g_autoptr (GString) letters = g_string_new (NULL);
    gboolean in_word = FALSE;

    for (const char *p = ascii; *p != '\0'; p++) {
        gboolean counts = g_ascii_isalpha (*p) ||
                          (g_ascii_isdigit (*p) && (letters->len > 0 || initials->len > 0));
        if (counts) {
            if (!in_word && initials->len < SUGGESTED_MAX)
                g_string_append_c (initials, g_ascii_toupper (*p));
            if (letters->len < 3)
                g_string_append_c (letters, g_ascii_toupper (*p));
        }
        in_word = g_ascii_isalnum (*p);
    }
    GString *best = initials->len >= SHORT_NAME_MIN ? initials : letters;
    return g_strdup (best->len >= SHORT_NAME_MIN ? best->str : "");
}

static void
update_submit (BureauProjectDialog *self)
{
    g_autofree char *name = bureau_row_get_text (self->name_row);
    const char *key = gtk_editable_get_text (self->key_row);
    gboolean ready = *name != '\0' &&
                     (self->project != NULL || *key == '\0' || is_short_name (key));
    gtk_widget_set_sensitive (GTK_WIDGET (self->submit), ready);
}

static void
on_name_changed_cb (BureauProjectDialog *self)
{
    if (self->project == NULL && !self->key_typed) {
        g_autofree char *key = bureau_suggest_short_name (gtk_editable_get_text (self->name_row));
        self->suggesting = TRUE;
        gtk_editable_set_text (self->key_row, key);
        self->suggesting = FALSE;
    }
    update_submit (self);
}

static void
on_key_changed_cb (BureauProjectDialog *self)
{
    const char *key = gtk_editable_get_text (self->key_row);
    g_autofree char *upper = g_ascii_strup (key, -1);
    if (!g_str_equal (key, upper)) {
        int position = gtk_editable_get_position (self->key_row);
        gtk_editable_set_text (self->key_row, upper);
        gtk_editable_set_position (self->key_row, position);
        return;
    }
    if (!self->suggesting)
        self->key_typed = *key != '\0';
    gboolean good = *key == '\0' || is_short_name (key);
    if (good)
        gtk_widget_remove_css_class (GTK_WIDGET (self->key_row), "error");
    else
        gtk_widget_add_css_class (GTK_WIDGET (self->key_row), "error");
    update_submit (self);
}

/* ------------------------------------------------------------------ the people */

static void
add_member (BureauProjectDialog *self, BureauMember *member)
{
    GtkWidget *row = adw_action_row_new ();
    GtkWidget *avatar = bureau_avatar_new (28);
    GtkWidget *toggle = gtk_switch_new ();
    const char *id = bureau_member_get_id (member);
    gboolean is_in = self->project == NULL ||
                     g_strv_contains (bureau_project_get_member_ids (self->project), id);

    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), bureau_member_get_name (member));
    bureau_avatar_set_member (BUREAU_AVATAR (avatar), member);
    gtk_widget_set_valign (avatar, GTK_ALIGN_CENTER);
    adw_action_row_add_prefix (ADW_ACTION_ROW (row), avatar);
    gtk_switch_set_active (GTK_SWITCH (toggle), is_in);
    gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
    gtk_accessible_update_property (GTK_ACCESSIBLE (toggle), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    bureau_member_get_name (member), -1);
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), toggle);
    adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), toggle);
    g_object_set_data_full (G_OBJECT (toggle), KEY_MEMBER, g_strdup (id), g_free);
    g_ptr_array_add (self->switches, toggle);
    adw_preferences_group_add (self->people, row);
}

static void
add_people (BureauProjectDialog *self)
{
    GListModel *members = bureau_client_get_members (self->client);
    for (guint i = 0; i < g_list_model_get_n_items (members); i++) {
        g_autoptr (BureauMember) member = g_list_model_get_item (members, i);
        if (bureau_member_get_active (member) &&
            bureau_member_get_role (member) < BUREAU_ROLE_MANAGER)
            add_member (self, member);
    }
    gtk_widget_set_visible (GTK_WIDGET (self->people), self->switches->len > 0);
}

/* Managers that stand in the list stay in it. (transfer full) */
static JsonArray *
collect_people (BureauProjectDialog *self)
{
    JsonArray *ids = json_array_new ();
    const char *const *old = self->project != NULL ? bureau_project_get_member_ids (self->project)
                                                   : NULL;
    for (guint i = 0; old != NULL && old[i] != NULL; i++) {
        BureauMember *member = bureau_client_find_member (self->client, old[i]);
        if (member != NULL && bureau_member_get_role (member) >= BUREAU_ROLE_MANAGER)
            json_array_add_string_element (ids, old[i]);
    }
    for (guint i = 0; i < self->switches->len; i++) {
        GtkSwitch *toggle = g_ptr_array_index (self->switches, i);
        if (gtk_switch_get_active (toggle))
            json_array_add_string_element (ids, g_object_get_data (G_OBJECT (toggle), KEY_MEMBER));
    }
    return ids;
}

/* ------------------------------------------------------------------ giving the command */

static JsonObject *
make_params (BureauProjectDialog *self)
{
    g_autofree char *name = bureau_row_get_text (self->name_row);
    const char *key = gtk_editable_get_text (self->key_row);
    JsonObject *params = json_object_new ();

    if (self->project != NULL)
        bureau_json_set_string (params, "id", bureau_project_get_id (self->project));
    else
        bureau_json_set_optional (params, "key", *key != '\0' ? key : NULL);
    bureau_json_set_string (params, "name", name);
    bureau_json_set_optional (params, "color", bureau_color_picker_get_color (self->color));
    if (self->switches->len > 0)
        json_object_set_array_member (params, "memberIds", collect_people (self));
    return params;
}

static void
on_submit_cb (BureauProjectDialog *self)
{
    if (!gtk_widget_get_sensitive (GTK_WIDGET (self->submit)))
        return;
    BureauCommandId command = self->project != NULL ? BUREAU_COMMAND_PROJECT_UPDATE
                                                    : BUREAU_COMMAND_PROJECT_CREATE;
    g_autoptr (GError) error = NULL;
    g_autofree char *id = bureau_client_give (self->client, command, make_params (self), &error);
    if (error != NULL) {
        gtk_label_set_text (self->error, error->message);
        gtk_widget_set_visible (GTK_WIDGET (self->error), TRUE);
        return;
    }
    GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));
    if (self->project == NULL && id != NULL)
        gtk_widget_activate_action (GTK_WIDGET (parent), "win.show-project", "s", id);
    gtk_window_close (GTK_WINDOW (self));
}

static void
bureau_project_dialog_dispose (GObject *object)
{
    BureauProjectDialog *self = BUREAU_PROJECT_DIALOG (object);
    g_clear_pointer (&self->switches, g_ptr_array_unref);
    g_clear_object (&self->project);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_project_dialog_parent_class)->dispose (object);
}

static void
bureau_project_dialog_class_init (BureauProjectDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
    G_OBJECT_CLASS (klass)->dispose = bureau_project_dialog_dispose;

    g_type_ensure (BUREAU_TYPE_COLOR_PICKER);
    gtk_widget_class_set_template_from_resource (widget_class, BUREAU_RESOURCE_BASE
                                                 "/ui/bureau-project-dialog.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauProjectDialog, submit);
    gtk_widget_class_bind_template_child (widget_class, BureauProjectDialog, name_row);
    gtk_widget_class_bind_template_child (widget_class, BureauProjectDialog, key_row);
    gtk_widget_class_bind_template_child (widget_class, BureauProjectDialog, color);
    gtk_widget_class_bind_template_child (widget_class, BureauProjectDialog, people);
    gtk_widget_class_bind_template_child (widget_class, BureauProjectDialog, error);
    gtk_widget_class_bind_template_callback (widget_class, on_name_changed_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_key_changed_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_submit_cb);
}

static void
bureau_project_dialog_init (BureauProjectDialog *self)
{
    self->switches = g_ptr_array_new ();
    gtk_widget_init_template (GTK_WIDGET (self));
    bureau_row_name_text (self->name_row);
    bureau_row_limit_text (self->name_row, BUREAU_MAX_NAME);
    bureau_row_name_text (self->key_row);
}

static void
fill (BureauProjectDialog *self)
{
    gboolean is_new = self->project == NULL;
    gtk_window_set_title (GTK_WINDOW (self), is_new ? _ ("New Project") : _ ("Edit Project"));
    gtk_button_set_label (self->submit, is_new ? _ ("C_reate") : _ ("_Save"));
    gtk_widget_set_visible (GTK_WIDGET (self->key_row), is_new);
    if (is_new) {
        guint count = g_list_model_get_n_items (bureau_client_get_projects (self->client));
        bureau_color_picker_set_color (self->color, bureau_color_picker_suggest (count));
    } else {
        gtk_editable_set_text (self->name_row, bureau_project_get_name (self->project));
        bureau_color_picker_set_color (self->color, bureau_project_get_color (self->project));
    }
    add_people (self);
    update_submit (self);
}

void
bureau_project_dialog_present (GtkWindow *parent, BureauClient *client, BureauProject *project)
{
    g_return_if_fail (BUREAU_IS_CLIENT (client));
    BureauProjectDialog *self = g_object_new (BUREAU_TYPE_PROJECT_DIALOG, "transient-for", parent,
                                              NULL);
    self->client = g_object_ref (client);
    g_set_object (&self->project, project);
    fill (self);
    gtk_window_present (GTK_WINDOW (self));
    gtk_widget_grab_focus (GTK_WIDGET (self->name_row));
}

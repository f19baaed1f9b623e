/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "widgets/bureau-people-button.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "widgets/bureau-avatar-row.h"
#include "widgets/bureau-avatar.h"

/* A list longer than this can be searched. */
#define MANY_PEOPLE 8

struct _BureauPeopleButton {
    GtkWidget parent_instance;

    BureauClient *client;   /* (owned) (nullable) */
    BureauProject *project; /* (owned) (nullable) */
    char **ids;             /* (owned) */
    gboolean open;

    GtkMenuButton *menu_button;
    BureauAvatarRow *avatars;
    GtkLabel *label;
    GtkPopover *popover;
    GtkWidget *search_entry;
    GtkListBox *list_box;
};

enum { SIGNAL_PICKED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BureauPeopleButton, bureau_people_button, GTK_TYPE_WIDGET)

static void
show_chosen (BureauPeopleButton *self)
{
    g_autoptr (GPtrArray) members = g_ptr_array_new_with_free_func (g_object_unref);
    g_autoptr (GString) names = g_string_new (NULL);

    for (guint i = 0; self->ids[i] != NULL; i++) {
        BureauMember *member = bureau_client_find_member (self->client, self->ids[i]);

        if (member == NULL)
            continue;
        g_ptr_array_add (members, g_object_ref (member));
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "",
                                bureau_member_get_name (member));
    }
    bureau_avatar_row_set_members (self->avatars, members);
    gtk_label_set_label (self->label, members->len > 0 ? names->str : _ ("Nobody"));
    /* Several are known by their faces; their names stand in the tooltip. */
    gtk_widget_set_visible (GTK_WIDGET (self->label), members->len < 2);
    if (members->len > 0)
        gtk_widget_remove_css_class (GTK_WIDGET (self->label), "dim-label");
    else
        gtk_widget_add_css_class (GTK_WIDGET (self->label), "dim-label");
    gtk_widget_set_tooltip_text (GTK_WIDGET (self->menu_button),
                                 members->len > 1 ? names->str : NULL);
}

/* Managers and owners are in every project without being named there. */
static gboolean
is_offered (BureauPeopleButton *self, BureauMember *member)
{
    const char *id = bureau_member_get_id (member);

    if (g_strv_contains ((const char *const *) self->ids, id))
        return TRUE;
    if (!bureau_member_get_active (member))
        return FALSE;
    return self->project == NULL || bureau_member_get_role (member) >= BUREAU_ROLE_MANAGER ||
           g_strv_contains (bureau_project_get_member_ids (self->project), id);
}

static GtkWidget *
make_row (BureauPeopleButton *self, BureauMember *member)
{
    GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
    GtkWidget *avatar = bureau_avatar_new (28);
    GtkWidget *name = gtk_label_new (bureau_member_get_name (member));
    GtkWidget *check = gtk_check_button_new ();
    GtkWidget *row = gtk_list_box_row_new ();
    gboolean chosen = g_strv_contains ((const char *const *) self->ids,
                                       bureau_member_get_id (member));

    bureau_avatar_set_member (BUREAU_AVATAR (avatar), member);
    gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
    gtk_label_set_max_width_chars (GTK_LABEL (name), 24);
    gtk_label_set_xalign (GTK_LABEL (name), 0);
    gtk_widget_set_hexpand (name, TRUE);
    gtk_check_button_set_active (GTK_CHECK_BUTTON (check), chosen);
    /* The whole row is the switch. */
    gtk_widget_set_can_target (check, FALSE);
    gtk_widget_set_can_focus (check, FALSE);
    gtk_box_append (GTK_BOX (box), avatar);
    gtk_box_append (GTK_BOX (box), name);
    gtk_box_append (GTK_BOX (box), check);
    gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    bureau_member_get_name (member), -1);
    g_object_set_data_full (G_OBJECT (row), "member", g_object_ref (member), g_object_unref);
    g_object_set_data (G_OBJECT (row), "check", check);
    g_object_set_data (G_OBJECT (row), "was", GINT_TO_POINTER (chosen));
    return row;
}

static void
fill (BureauPeopleButton *self)
{
    GListModel *members = bureau_client_get_members (self->client);
    guint n = g_list_model_get_n_items (members);
    GtkWidget *row;

    while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list_box))) != NULL)
        gtk_list_box_remove (self->list_box, row);
    for (guint i = 0; i < n; i++) {
        g_autoptr (BureauMember) member = g_list_model_get_item (members, i);

        if (!is_offered (self, member))
            continue;
        row = make_row (self, member);
        /* Myself first. */
        gtk_list_box_insert (self->list_box, row,
                             member == bureau_client_get_self (self->client) ? 0 : -1);
    }
    gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
    gtk_widget_set_visible (self->search_entry, n > MANY_PEOPLE);
}

static gboolean
filter_cb (GtkListBoxRow *row, gpointer data)
{
    BureauPeopleButton *self = data;
    BureauMember *member = g_object_get_data (G_OBJECT (row), "member");
    const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

    return *text == '\0' || g_str_match_string (text, bureau_member_get_name (member), TRUE);
}

static void
on_search_changed_cb (BureauPeopleButton *self)
{
    gtk_list_box_invalidate_filter (self->list_box);
}

static void
on_row_activated_cb (BureauPeopleButton *self, GtkListBoxRow *row)
{
    GtkCheckButton *check = g_object_get_data (G_OBJECT (row), "check");

    gtk_check_button_set_active (check, !gtk_check_button_get_active (check));
}

/* Space, as on any check button; the list box itself knows Enter only. */
static gboolean
on_key_pressed_cb (BureauPeopleButton *self, guint keyval, guint keycode, GdkModifierType state)
{
    GtkWidget *row = gtk_widget_get_focus_child (GTK_WIDGET (self->list_box));

    if ((keyval != GDK_KEY_space && keyval != GDK_KEY_KP_Space) || !GTK_IS_LIST_BOX_ROW (row))
        return GDK_EVENT_PROPAGATE;
    on_row_activated_cb (self, GTK_LIST_BOX_ROW (row));
    return GDK_EVENT_STOP;
}

static void
on_show_cb (BureauPeopleButton *self)
{
    GtkListBoxRow *first;

    self->open = TRUE;
    fill (self);
    first = gtk_list_box_get_row_at_index (self->list_box, 0);
    if (gtk_widget_get_visible (self->search_entry))
        gtk_widget_grab_focus (self->search_entry);
    else if (first != NULL)
        gtk_widget_grab_focus (GTK_WIDGET (first));
}

static gboolean
is_checked (GtkWidget *row)
{
    return gtk_check_button_get_active (g_object_get_data (G_OBJECT (row), "check"));
}

/* Whether the person has switched the row since the list opened. */
static gboolean
is_switched (GtkWidget *row)
{
    return is_checked (row) != GPOINTER_TO_INT (g_object_get_data (G_OBJECT (row), "was"));
}

/* Who is chosen, with what the person has switched: somebody else may have chosen too while the
 * list was open. Who was chosen before keeps their place: the first is who people think of.
 * (transfer full) */
static char **
collect (BureauPeopleButton *self)
{
    g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
    g_autoptr (GHashTable) left = g_hash_table_new (g_str_hash, g_str_equal);
    g_autoptr (GPtrArray) come = g_ptr_array_new ();

    for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->list_box)); row != NULL;
         row = gtk_widget_get_next_sibling (row)) {
        const char *id = bureau_member_get_id (g_object_get_data (G_OBJECT (row), "member"));

        if (is_switched (row) && !is_checked (row))
            g_hash_table_add (left, (char *) id);
        else if (is_switched (row) && !g_strv_contains ((const char *const *) self->ids, id))
            g_ptr_array_add (come, (char *) id);
    }
    for (char **id = self->ids; *id != NULL; id++)
        if (!g_hash_table_contains (left, *id))
            g_strv_builder_add (builder, *id);
    for (guint i = 0; i < come->len; i++)
        g_strv_builder_add (builder, g_ptr_array_index (come, i));
    return g_strv_builder_end (builder);
}

static void
on_closed_cb (BureauPeopleButton *self)
{
    g_auto (GStrv) ids = NULL;

    if (!self->open)
        return;
    self->open = FALSE;
    ids = collect (self);
    if (g_strv_equal ((const char *const *) ids, (const char *const *) self->ids))
        return;
    bureau_people_button_set_ids (self, (const char *const *) ids);
    g_signal_emit (self, signals[SIGNAL_PICKED], 0);
}

static gboolean
bureau_people_button_mnemonic_activate (GtkWidget *widget, gboolean cycling)
{
    bureau_people_button_popup (BUREAU_PEOPLE_BUTTON (widget));
    return TRUE;
}

static void
bureau_people_button_dispose (GObject *object)
{
    BureauPeopleButton *self = BUREAU_PEOPLE_BUTTON (object);
    GtkWidget *child;

    self->open = FALSE;
    gtk_widget_dispose_template (GTK_WIDGET (self), BUREAU_TYPE_PEOPLE_BUTTON);
    while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
        gtk_widget_unparent (child);
    g_clear_object (&self->client);
    g_clear_object (&self->project);
    G_OBJECT_CLASS (bureau_people_button_parent_class)->dispose (object);
}

static void
bureau_people_button_finalize (GObject *object)
{
    g_strfreev (BUREAU_PEOPLE_BUTTON (object)->ids);
    G_OBJECT_CLASS (bureau_people_button_parent_class)->finalize (object);
}

static void
bureau_people_button_class_init (BureauPeopleButtonClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_people_button_dispose;
    G_OBJECT_CLASS (klass)->finalize = bureau_people_button_finalize;
    widget_class->mnemonic_activate = bureau_people_button_mnemonic_activate;
    signals[SIGNAL_PICKED] = g_signal_new ("picked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    g_type_ensure (BUREAU_TYPE_AVATAR_ROW);
    gtk_widget_class_set_template_from_resource (widget_class, BUREAU_RESOURCE_BASE
                                                 "/ui/bureau-people-button.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauPeopleButton, menu_button);
    gtk_widget_class_bind_template_child (widget_class, BureauPeopleButton, avatars);
    gtk_widget_class_bind_template_child (widget_class, BureauPeopleButton, label);
    gtk_widget_class_bind_template_child (widget_class, BureauPeopleButton, popover);
    gtk_widget_class_bind_template_child (widget_class, BureauPeopleButton, search_entry);
    gtk_widget_class_bind_template_child (widget_class, BureauPeopleButton, list_box);
    gtk_widget_class_bind_template_callback (widget_class, on_search_changed_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_row_activated_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_key_pressed_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_show_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_closed_cb);
    gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
bureau_people_button_init (BureauPeopleButton *self)
{
    self->ids = g_new0 (char *, 1);
    gtk_widget_init_template (GTK_WIDGET (self));
    gtk_list_box_set_filter_func (self->list_box, filter_cb, self, NULL);
}

void
bureau_people_button_set_client (BureauPeopleButton *self, BureauClient *client)
{
    g_set_object (&self->client, client);
    show_chosen (self);
}

void
bureau_people_button_set_project (BureauPeopleButton *self, BureauProject *project)
{
    g_set_object (&self->project, project);
}

const char *const *
bureau_people_button_get_ids (BureauPeopleButton *self)
{
    return (const char *const *) self->ids;
}

void
bureau_people_button_set_ids (BureauPeopleButton *self, const char *const *user_ids)
{
    char **copy = g_strdupv ((char **) user_ids);

    g_strfreev (self->ids);
    self->ids = copy;
    show_chosen (self);
}

void
bureau_people_button_popup (BureauPeopleButton *self)
{
    gtk_menu_button_popup (self->menu_button);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "people/bureau-person-row.h"

#include <glib/gi18n.h>

#include "people/bureau-member-menu.h"
#include "widgets/bureau-avatar.h"

struct _BureauPersonRow {
    AdwActionRow parent_instance;

    BureauClient *client; /* (owned) */
    BureauMember *member; /* (owned) */
    GtkLabel *clock;      /* "0:42" */
    GtkWidget *timer;     /* the clock with its sign */
    GtkMenuButton *menu;  /* what may be done with their membership */
};

G_DEFINE_FINAL_TYPE (BureauPersonRow, bureau_person_row, ADW_TYPE_ACTION_ROW)

/* "STU-42 Replace patch bay"; the note where there is no task. (transfer full) */
static char *
describe_entry (BureauPersonRow *self, BureauTimeEntry *entry)
{
    const char *task_id = bureau_time_entry_get_task_id (entry);
    const char *note = bureau_time_entry_get_note (entry);
    BureauTask *task = task_id != NULL ? bureau_client_find_task (self->client, task_id) : NULL;
    if (task != NULL && bureau_task_get_key (task) != NULL)
        return g_strdup_printf ("%s %s", bureau_task_get_key (task), bureau_task_get_title (task));
    if (task != NULL)
        return g_strdup (bureau_task_get_title (task));
    /* A task of a project one is not in: that they work is all one may know. */
    return g_strdup (note != NULL && *note != '\0' ? note : _ ("working"));
}

static void
update_timer (BureauPersonRow *self, BureauTimeEntry *entry)
{
    gtk_widget_set_visible (self->timer, entry != NULL);
    if (entry == NULL)
        return;
    gint64 minutes = bureau_time_entry_get_seconds (entry, bureau_client_get_now (self->client)) /
                     60;
    g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT ":%02" G_GINT64_FORMAT,
                                             minutes / 60, minutes % 60);
    gtk_label_set_text (self->clock, text);
}

static const char *
get_state_label (BureauMember *member)
{
    if (!bureau_member_get_active (member))
        return _ ("deactivated");
    if (bureau_member_get_placeholder (member))
        return _ ("has not joined yet");
    return bureau_presence_to_label (bureau_member_get_presence (member));
}

static gboolean
is_me (BureauPersonRow *self)
{
    return g_strcmp0 (bureau_member_get_id (self->member),
                      bureau_client_get_account (self->client)->user_id) == 0;
}

/* One's own membership is somebody else's to change. (transfer full) (nullable) */
static GMenuModel *
make_menu (BureauPersonRow *self)
{
    return is_me (self)
               ? NULL
               : bureau_member_menu_new (bureau_client_get_role (self->client), self->member);
}

/* Made as it opens: it would close if it were replaced under the pointer. */
static void
on_popup_cb (GtkMenuButton *button, gpointer data)
{
    g_autoptr (GMenuModel) model = make_menu (data);

    gtk_menu_button_set_menu_model (button, model);
}

/* Roles change, one's own too, and a placeholder's name when somebody joins in its stead; and the
 * hub is not always there to do it. */
static void
update_menu (BureauPersonRow *self)
{
    g_autoptr (GMenuModel) model = make_menu (self);
    g_autofree char *label = g_strdup_printf (_ ("What to do with %s"),
                                              bureau_member_get_name (self->member));

    gtk_widget_set_visible (GTK_WIDGET (self->menu), model != NULL);
    gtk_widget_set_sensitive (GTK_WIDGET (self->menu), bureau_client_can_ask (self->client));
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->menu), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    label, -1);
}

void
bureau_person_row_update (BureauPersonRow *self)
{
    g_return_if_fail (BUREAU_IS_PERSON_ROW (self));
    AdwPreferencesRow *row = ADW_PREFERENCES_ROW (self);
    const char *id = bureau_member_get_id (self->member);
    BureauTimeEntry *entry = bureau_client_find_timer (self->client, id);

    g_autofree char *mine = g_strdup_printf (_ ("%s (you)"), bureau_member_get_name (self->member));
    g_autofree char *where = g_strdup_printf (
        "%s · %s", bureau_role_to_label (bureau_member_get_role (self->member)),
        get_state_label (self->member));
    g_autofree char *what = entry != NULL ? describe_entry (self, entry) : NULL;
    g_autofree char *text = what != NULL ? g_strdup_printf ("%s · %s", where, what) : NULL;

    adw_preferences_row_set_title (row,
                                   is_me (self) ? mine : bureau_member_get_name (self->member));
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text != NULL ? text : where);
    update_timer (self, entry);
}

static void
on_member_cb (BureauPersonRow *self)
{
    bureau_person_row_update (self);
    update_menu (self);
}

static void
add_timer (BureauPersonRow *self)
{
    GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *icon = gtk_image_new_from_icon_name ("media-playback-start-symbolic");
    GtkWidget *label = gtk_label_new (NULL);

    gtk_widget_add_css_class (label, "numeric");
    gtk_widget_add_css_class (box, "timer-badge");
    gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
    gtk_box_append (GTK_BOX (box), icon);
    gtk_box_append (GTK_BOX (box), label);
    adw_action_row_add_suffix (ADW_ACTION_ROW (self), box);
    self->timer = box;
    self->clock = GTK_LABEL (label);
}

static void
add_button (BureauPersonRow *self, const char *icon_name, const char *label, const char *action)
{
    GtkWidget *button = gtk_button_new_from_icon_name (icon_name);

    gtk_widget_add_css_class (button, "flat");
    gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
    gtk_widget_set_tooltip_text (button, label);
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                    -1);
    gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
    adw_action_row_add_suffix (ADW_ACTION_ROW (self), button);
}

static void
add_self_buttons (BureauPersonRow *self)
{
    add_button (self, "document-edit-symbolic", _ ("Your Name and Colour"), "win.rename-self");
    add_button (self, "dialog-password-symbolic", _ ("Password and Devices"), "win.account");
}

static void
add_menu (BureauPersonRow *self)
{
    self->menu = GTK_MENU_BUTTON (gtk_menu_button_new ());
    gtk_menu_button_set_icon_name (self->menu, "view-more-symbolic");
    gtk_menu_button_set_create_popup_func (self->menu, on_popup_cb, self, NULL);
    gtk_widget_add_css_class (GTK_WIDGET (self->menu), "flat");
    gtk_widget_set_valign (GTK_WIDGET (self->menu), GTK_ALIGN_CENTER);
    adw_action_row_add_suffix (ADW_ACTION_ROW (self), GTK_WIDGET (self->menu));
}

static void
bureau_person_row_dispose (GObject *object)
{
    BureauPersonRow *self = BUREAU_PERSON_ROW (object);
    g_clear_object (&self->member);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_person_row_parent_class)->dispose (object);
}

static void
bureau_person_row_class_init (BureauPersonRowClass *klass)
{
    G_OBJECT_CLASS (klass)->dispose = bureau_person_row_dispose;
}

static void
bureau_person_row_init (BureauPersonRow *self)
{
    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
    adw_action_row_set_title_lines (ADW_ACTION_ROW (self), 2);
    adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self), 2);
}

GtkWidget *
bureau_person_row_new (BureauClient *client, BureauMember *member)
{
    BureauPersonRow *self = g_object_new (BUREAU_TYPE_PERSON_ROW, NULL);
    GtkWidget *avatar = bureau_avatar_new (40);

    self->client = g_object_ref (client);
    self->member = g_object_ref (member);
    bureau_avatar_set_member (BUREAU_AVATAR (avatar), member);
    gtk_widget_set_valign (avatar, GTK_ALIGN_CENTER);
    adw_action_row_add_prefix (ADW_ACTION_ROW (self), avatar);
    add_timer (self);
    if (is_me (self))
        add_self_buttons (self);
    add_menu (self);
    g_signal_connect_object (member, "notify", G_CALLBACK (on_member_cb), self, G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "notify::role", G_CALLBACK (update_menu), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "notify::state", G_CALLBACK (update_menu), self,
                             G_CONNECT_SWAPPED);
    on_member_cb (self);
    return GTK_WIDGET (self);
}

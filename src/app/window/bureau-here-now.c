/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-here-now.h"

#include <glib/gi18n.h>

#include "board/bureau-task-watch.h"
#include "widgets/bureau-avatar-row.h"

struct _BureauHereNow {
    AdwBin parent_instance;

    BureauClient *client;   /* (owned) */
    BureauProject *project; /* (owned) (nullable) */
    BureauAvatarRow *row;
};

G_DEFINE_FINAL_TYPE (BureauHereNow, bureau_here_now, ADW_TYPE_BIN)

#define AVATAR_SIZE 24
#define MOST        3

/* Managers are in every project without standing in its list. */
static gboolean
is_of_project (BureauProject *project, BureauMember *member)
{
    return project == NULL || bureau_member_get_role (member) >= BUREAU_ROLE_MANAGER ||
           g_strv_contains (bureau_project_get_member_ids (project), bureau_member_get_id (member));
}

static void
update (BureauHereNow *self)
{
    GListModel *members = bureau_client_get_members (self->client);
    const char *my_id = bureau_client_get_account (self->client)->user_id;
    g_autoptr (GPtrArray) here = g_ptr_array_new_with_free_func (g_object_unref);
    g_autoptr (GString) names = g_string_new (NULL);

    for (guint i = 0; i < g_list_model_get_n_items (members); i++) {
        g_autoptr (BureauMember) member = g_list_model_get_item (members, i);
        if (bureau_member_get_presence (member) == BUREAU_PRESENCE_OFFLINE ||
            g_strcmp0 (bureau_member_get_id (member), my_id) == 0 ||
            !is_of_project (self->project, member))
            continue;
        g_string_append_printf (names, names->len > 0 ? ", %s" : "%s",
                                bureau_member_get_name (member));
        g_ptr_array_add (here, g_steal_pointer (&member));
    }
    bureau_avatar_row_set_members (self->row, here);
    gtk_widget_set_visible (GTK_WIDGET (self->row), here->len > 0);

    g_autofree char *text = g_strdup_printf (_ ("Here now: %s"), names->str);
    gtk_widget_set_tooltip_text (GTK_WIDGET (self), text);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
bureau_here_now_dispose (GObject *object)
{
    BureauHereNow *self = BUREAU_HERE_NOW (object);
    g_clear_object (&self->project);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_here_now_parent_class)->dispose (object);
}

static void
bureau_here_now_class_init (BureauHereNowClass *klass)
{
    G_OBJECT_CLASS (klass)->dispose = bureau_here_now_dispose;
    gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
bureau_here_now_init (BureauHereNow *self)
{
    GtkWidget *row = bureau_avatar_row_new (AVATAR_SIZE, MOST);
    self->row = BUREAU_AVATAR_ROW (row);
    gtk_widget_set_valign (row, GTK_ALIGN_CENTER);
    adw_bin_set_child (ADW_BIN (self), row);
}

GtkWidget *
bureau_here_now_new (BureauClient *client)
{
    BureauHereNow *self = g_object_new (BUREAU_TYPE_HERE_NOW, NULL);
    self->client = g_object_ref (client);
    g_signal_connect_object (bureau_task_watch_get (client), "people-changed", G_CALLBACK (update),
                             self, G_CONNECT_SWAPPED);
    update (self);
    return GTK_WIDGET (self);
}

void
bureau_here_now_set_project (BureauHereNow *self, BureauProject *project)
{
    g_return_if_fail (BUREAU_IS_HERE_NOW (self));
    g_set_object (&self->project, project);
    update (self);
}

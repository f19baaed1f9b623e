/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "people/bureau-people-page.h"

#include <glib/gi18n.h>

#include "board/bureau-task-watch.h"
#include "people/bureau-invitation-list.h"
#include "people/bureau-person-row.h"

/* How often running timers are looked at; they show minutes. */
#define TICK_SECONDS 10

struct _BureauPeoplePage {
    AdwBin parent_instance;

    BureauClient *client;   /* (owned) */
    GtkFilter *active;      /* (owned) */
    GtkFilter *deactivated; /* (owned) */
    guint total;            /* who has joined and is not deactivated */
    guint tick_id;

    GtkLabel *summary;
    GtkWidget *invite;
    GtkListBox *list;
    GtkWidget *past;
    GtkListBox *past_list;
    GtkBox *content;
    BureauInvitationList *invitations;
    GtkWidget *alone;
};

G_DEFINE_FINAL_TYPE (BureauPeoplePage, bureau_people_page, ADW_TYPE_BIN)

static void
update_rows_of (GtkListBox *list)
{
    GtkListBoxRow *row;
    for (int i = 0; (row = gtk_list_box_get_row_at_index (list, i)) != NULL; i++)
        bureau_person_row_update (BUREAU_PERSON_ROW (row));
}

static void
update_rows (BureauPeoplePage *self)
{
    update_rows_of (self->list);
    update_rows_of (self->past_list);
}

static void
update_summary (BureauPeoplePage *self)
{
    GListModel *members = bureau_client_get_members (self->client);
    guint total = 0, here = 0;
    for (guint i = 0; i < g_list_model_get_n_items (members); i++) {
        g_autoptr (BureauMember) member = g_list_model_get_item (members, i);
        if (!bureau_member_get_active (member) || bureau_member_get_placeholder (member))
            continue;
        total++;
        here += bureau_member_get_presence (member) != BUREAU_PRESENCE_OFFLINE;
    }
    g_autofree char *text = g_strdup_printf (
        ngettext ("%2$u of %1$u person is here", "%2$u of %1$u people are here", total), total,
        here);
    gtk_label_set_text (self->summary, total > 1 ? text : "");
    self->total = total;
}

/* What one may never do is not shown; what takes the hub is, and waits for it. */
static void
update_offers (BureauPeoplePage *self)
{
    gboolean invites = bureau_command_is_offered (BUREAU_COMMAND_MEMBER_INVITE,
                                                  bureau_client_get_role (self->client));

    gtk_widget_set_visible (self->invite, invites);
    gtk_widget_set_visible (self->alone, invites && self->total == 1);
}

static gboolean
is_active (gpointer item, gpointer data)
{
    return bureau_member_get_active (item);
}

static gboolean
is_deactivated (gpointer item, gpointer data)
{
    return !bureau_member_get_active (item);
}

static GtkWidget *
create_row (gpointer item, gpointer data)
{
    BureauPeoplePage *self = data;
    return bureau_person_row_new (self->client, item);
}

static gboolean
on_tick_cb (gpointer data)
{
    update_rows (data);
    return G_SOURCE_CONTINUE;
}

static void
bureau_people_page_map (GtkWidget *widget)
{
    BureauPeoplePage *self = BUREAU_PEOPLE_PAGE (widget);
    GTK_WIDGET_CLASS (bureau_people_page_parent_class)->map (widget);
    update_rows (self);
    bureau_invitation_list_refresh (self->invitations);
    self->tick_id = g_timeout_add_seconds (TICK_SECONDS, on_tick_cb, self);
}

static void
bureau_people_page_unmap (GtkWidget *widget)
{
    BureauPeoplePage *self = BUREAU_PEOPLE_PAGE (widget);
    g_clear_handle_id (&self->tick_id, g_source_remove);
    GTK_WIDGET_CLASS (bureau_people_page_parent_class)->unmap (widget);
}

static void
bureau_people_page_dispose (GObject *object)
{
    BureauPeoplePage *self = BUREAU_PEOPLE_PAGE (object);
    g_clear_handle_id (&self->tick_id, g_source_remove);
    g_clear_object (&self->active);
    g_clear_object (&self->deactivated);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_people_page_parent_class)->dispose (object);
}

static void
bureau_people_page_class_init (BureauPeoplePageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_people_page_dispose;
    widget_class->map = bureau_people_page_map;
    widget_class->unmap = bureau_people_page_unmap;
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-people-page.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauPeoplePage, summary);
    gtk_widget_class_bind_template_child (widget_class, BureauPeoplePage, invite);
    gtk_widget_class_bind_template_child (widget_class, BureauPeoplePage, content);
    gtk_widget_class_bind_template_child (widget_class, BureauPeoplePage, list);
    gtk_widget_class_bind_template_child (widget_class, BureauPeoplePage, past);
    gtk_widget_class_bind_template_child (widget_class, BureauPeoplePage, past_list);
    gtk_widget_class_bind_template_child (widget_class, BureauPeoplePage, alone);
}

static void
bureau_people_page_init (BureauPeoplePage *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
    self->active = GTK_FILTER (gtk_custom_filter_new (is_active, NULL, NULL));
    self->deactivated = GTK_FILTER (gtk_custom_filter_new (is_deactivated, NULL, NULL));
}

static void
bind_list (BureauPeoplePage *self, GtkListBox *list, GtkFilter *filter)
{
    GListModel *members = bureau_client_get_members (self->client);
    g_autoptr (GtkFilterListModel) some = gtk_filter_list_model_new (g_object_ref (members),
                                                                     g_object_ref (filter));

    gtk_list_box_bind_model (list, G_LIST_MODEL (some), create_row, self, NULL);
}

static void
on_people_changed_cb (BureauPeoplePage *self)
{
    gtk_filter_changed (self->active, GTK_FILTER_CHANGE_DIFFERENT);
    gtk_filter_changed (self->deactivated, GTK_FILTER_CHANGE_DIFFERENT);
    gtk_widget_set_visible (self->past, gtk_list_box_get_row_at_index (self->past_list, 0) != NULL);
    update_summary (self);
    update_offers (self);
}

GtkWidget *
bureau_people_page_new (BureauClient *client)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (client), NULL);
    BureauPeoplePage *self = g_object_new (BUREAU_TYPE_PEOPLE_PAGE, NULL);

    self->client = g_object_ref (client);
    bind_list (self, self->list, self->active);
    bind_list (self, self->past_list, self->deactivated);
    self->invitations = BUREAU_INVITATION_LIST (bureau_invitation_list_new (client));
    gtk_box_append (self->content, GTK_WIDGET (self->invitations));
    g_signal_connect_object (bureau_task_watch_get (client), "people-changed",
                             G_CALLBACK (on_people_changed_cb), self, G_CONNECT_SWAPPED);
    g_signal_connect_object (bureau_task_watch_get (client), "marks-changed",
                             G_CALLBACK (update_rows), self, G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "notify::role", G_CALLBACK (update_offers), self,
                             G_CONNECT_SWAPPED);
    on_people_changed_cb (self);
    return GTK_WIDGET (self);
}

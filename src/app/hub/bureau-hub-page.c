/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hub/bureau-hub-page.h"

#include <glib/gi18n.h>

#include "board/bureau-task-watch.h"
#include "bureau-fingerprint.h"
#include "hub/bureau-backup-group.h"
#include "hub/bureau-check-up-group.h"
#include "hub/bureau-sharing-row.h"
#include "widgets/bureau-instant-text.h"

struct _BureauHubPage {
    AdwBin parent_instance;

    BureauWorkplace *workplace; /* (owned) */
    BureauBackupGroup *backups;

    GtkBox *content;
    AdwPreferencesGroup *state_group;
    AdwActionRow *state_row;
    GtkImage *state_icon;
    AdwActionRow *people_row;
    AdwActionRow *words_row;
    GtkWidget *other_group;
};

G_DEFINE_FINAL_TYPE (BureauHubPage, bureau_hub_page, ADW_TYPE_BIN)

/* ------------------------------------------------------------------ how it is served */

static void
show_state (BureauHubPage *self, const char *icon, const char *title, const char *subtitle)
{
    gtk_image_set_from_icon_name (self->state_icon, icon);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->state_row), title);
    adw_action_row_set_subtitle (self->state_row, subtitle);
}

/* "Since today, 14:20 · port 28732" (transfer full) */
static char *
describe_serving (BureauHubPage *self)
{
    BureauClient *client = bureau_workplace_get_client (self->workplace);
    g_autofree char *since = bureau_instant_to_words (bureau_workplace_get_since (self->workplace),
                                                      bureau_client_get_now (client));
    g_autoptr (GUri) uri = g_uri_parse (bureau_client_get_account (client)->base_uri,
                                        G_URI_FLAGS_NONE, NULL);

    /* Translators: as in “Since today, 14:20 · port 28732” */
    return g_strdup_printf (_ ("Since %s · port %d"), since,
                            uri != NULL ? g_uri_get_port (uri) : 0);
}

static void
update_state (BureauHubPage *self)
{
    BureauClient *client = bureau_workplace_get_client (self->workplace);

    if (bureau_workplace_is_serving (self->workplace)) {
        g_autofree char *text = describe_serving (self);

        show_state (self, "emblem-ok-symbolic", _ ("This computer serves the office"), text);
    } else if (bureau_client_get_state (client) == BUREAU_CLIENT_LIVE) {
        show_state (self, "emblem-ok-symbolic", _ ("bureau-hub serves the office"),
                    _ ("A program of its own on this computer: sharing and restoring are done "
                       "there."));
    } else {
        show_state (self, "dialog-warning-symbolic", _ ("The office is not served"),
                    _ ("Nobody else can reach it. Open Bureau anew to try again."));
    }
}

static void
update_words (BureauHubPage *self)
{
    g_autofree char *words = bureau_fingerprint_to_words (
        bureau_workplace_get_pin (self->workplace));

    adw_action_row_set_subtitle (self->words_row, words != NULL ? words : "");
    gtk_widget_set_visible (GTK_WIDGET (self->words_row), words != NULL);
}

/* ------------------------------------------------------------------ who is connected */

static gboolean
is_here (BureauMember *member)
{
    return bureau_member_get_active (member) && !bureau_member_get_placeholder (member) &&
           bureau_member_get_presence (member) != BUREAU_PRESENCE_OFFLINE;
}

static void
update_people (BureauHubPage *self)
{
    GListModel *members = bureau_client_get_members (bureau_workplace_get_client (self->workplace));
    g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
    g_autofree char *title = NULL;
    g_autofree char *text = NULL;

    for (guint i = 0; i < g_list_model_get_n_items (members); i++) {
        g_autoptr (BureauMember) member = g_list_model_get_item (members, i);

        if (is_here (member))
            g_ptr_array_add (names, g_strdup (bureau_member_get_name (member)));
    }
    title = g_strdup_printf (
        ngettext ("%u person is connected", "%u people are connected", names->len), names->len);
    g_ptr_array_add (names, NULL);
    text = g_strjoinv (", ", (char **) names->pdata);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->people_row), title);
    adw_action_row_set_subtitle (self->people_row, text);
}

/* ------------------------------------------------------------------ class */

/* What has changed while somebody looked elsewhere. */
static void
bureau_hub_page_map (GtkWidget *widget)
{
    BureauHubPage *self = BUREAU_HUB_PAGE (widget);

    GTK_WIDGET_CLASS (bureau_hub_page_parent_class)->map (widget);
    update_state (self);
    update_people (self);
    update_words (self);
    bureau_backup_group_refresh (self->backups);
}

static void
bureau_hub_page_dispose (GObject *object)
{
    BureauHubPage *self = BUREAU_HUB_PAGE (object);

    g_clear_object (&self->workplace);
    G_OBJECT_CLASS (bureau_hub_page_parent_class)->dispose (object);
}

static void
bureau_hub_page_class_init (BureauHubPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_hub_page_dispose;
    widget_class->map = bureau_hub_page_map;
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-hub-page.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauHubPage, content);
    gtk_widget_class_bind_template_child (widget_class, BureauHubPage, state_group);
    gtk_widget_class_bind_template_child (widget_class, BureauHubPage, state_row);
    gtk_widget_class_bind_template_child (widget_class, BureauHubPage, state_icon);
    gtk_widget_class_bind_template_child (widget_class, BureauHubPage, people_row);
    gtk_widget_class_bind_template_child (widget_class, BureauHubPage, words_row);
    gtk_widget_class_bind_template_child (widget_class, BureauHubPage, other_group);
}

static void
bureau_hub_page_init (BureauHubPage *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
}

static void
add_groups (BureauHubPage *self)
{
    g_autofree char *directory = bureau_workplace_get_directory (self->workplace);

    if (bureau_workplace_is_serving (self->workplace))
        adw_preferences_group_add (self->state_group, bureau_sharing_row_new (self->workplace));
    self->backups = BUREAU_BACKUP_GROUP (bureau_backup_group_new (directory));
    gtk_box_append (self->content, GTK_WIDGET (self->backups));
    gtk_box_append (self->content, bureau_check_up_group_new (directory));
    gtk_box_append (self->content, self->other_group);
}

GtkWidget *
bureau_hub_page_new (BureauWorkplace *workplace)
{
    g_return_val_if_fail (BUREAU_IS_WORKPLACE (workplace), NULL);
    BureauHubPage *self = g_object_new (BUREAU_TYPE_HUB_PAGE, NULL);
    BureauClient *client = bureau_workplace_get_client (workplace);

    self->workplace = g_object_ref (workplace);
    add_groups (self);
    g_signal_connect_object (client, "notify::state", G_CALLBACK (update_state), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (bureau_task_watch_get (client), "people-changed",
                             G_CALLBACK (update_people), self, G_CONNECT_SWAPPED);
    return GTK_WIDGET (self);
}

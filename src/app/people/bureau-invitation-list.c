/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "people/bureau-invitation-list.h"

#include <glib/gi18n.h>

#include "bureau-instant.h"
#include "bureau-json.h"
#include "people/bureau-member-menu.h"

struct _BureauInvitationList {
    AdwBin parent_instance;

    BureauClient *client;       /* (owned) */
    GCancellable *cancellable;  /* (owned) */
    AdwPreferencesGroup *group; /* (nullable): while there are any */
    gboolean asked;             /* whether there was a hub to ask when it was looked last */
};

G_DEFINE_FINAL_TYPE (BureauInvitationList, bureau_invitation_list, ADW_TYPE_BIN)

#define KEY_ID "bureau-invitation-id"

/* "Member · for 2 of 5 people · until Sunday 14:20 · by Ana" (transfer full) */
static char *
describe (BureauInvitationList *self, JsonObject *invitation)
{
    gint64 uses = bureau_json_get_int (invitation, "uses", 1);
    gint64 left = bureau_json_get_int (invitation, "usesLeft", uses);
    gint64 expires = bureau_instant_from_string (bureau_json_get_string (invitation, "expiresAt"));
    const char *creator_id = bureau_json_get_string (invitation, "createdBy");
    BureauMember *creator = creator_id != NULL
                                ? bureau_client_find_member (self->client, creator_id)
                                : NULL;
    g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (expires / 1000);
    g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;
    /* Translators: a day and a time, as in “Sunday 14:20” */
    g_autofree char *when = local != NULL ? g_date_time_format (local, _ ("%A %H:%M")) : NULL;
    g_autoptr (GString) text = g_string_new (NULL);

    if (uses > 1)
        g_string_append_printf (text, _ ("%d of %d left · "), (int) left, (int) uses);
    g_string_append_printf (text, _ ("until %s"), when != NULL ? when : "?");
    if (creator != NULL)
        g_string_append_printf (text, _ (" · by %s"), bureau_member_get_name (creator));
    return g_string_free (g_steal_pointer (&text), FALSE);
}

/* "Member", or whose place is taken over, and of a guest in which project. (transfer full) */
static char *
entitle (BureauInvitationList *self, JsonObject *invitation)
{
    int role = bureau_role_from_string (bureau_json_get_string (invitation, "role"));
    const char *label = bureau_role_to_label (role >= 0 ? (BureauRole) role : BUREAU_ROLE_NONE);
    const char *member_id = bureau_json_get_string (invitation, "memberId");
    const char *project_id = bureau_json_get_string (invitation, "projectId");
    BureauMember *member = member_id != NULL ? bureau_client_find_member (self->client, member_id)
                                             : NULL;
    BureauProject *project = project_id != NULL
                                 ? bureau_client_find_project (self->client, project_id)
                                 : NULL;

    if (member != NULL)
        return g_strdup_printf (_ ("%s, in place of %s"), label, bureau_member_get_name (member));
    if (project != NULL)
        return g_strdup_printf (_ ("%s in %s"), label, bureau_project_get_name (project));
    return g_strdup (label);
}

static void
on_withdrawn_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) answer = bureau_client_ask_finish (BUREAU_CLIENT (source), result,
                                                              &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (answer == NULL)
        gtk_widget_activate_action (data, "win.say", "s", error->message);
    bureau_invitation_list_refresh (data);
}

static void
on_withdraw_cb (GtkWidget *button, BureauInvitationList *self)
{
    JsonObject *params = json_object_new ();

    bureau_json_set_string (params, "id", g_object_get_data (G_OBJECT (button), KEY_ID));
    gtk_widget_set_sensitive (button, FALSE);
    bureau_client_ask_async (self->client, BUREAU_COMMAND_MEMBER_REVOKE_INVITE, params,
                             self->cancellable, on_withdrawn_cb, self);
}

static void
add_row (BureauInvitationList *self, JsonObject *invitation)
{
    GtkWidget *row = adw_action_row_new ();
    GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Withdraw"));
    g_autofree char *title = entitle (self, invitation);
    g_autofree char *subtitle = describe (self, invitation);

    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
    adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 1);
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
    g_object_set_data_full (G_OBJECT (button), KEY_ID,
                            g_strdup (bureau_json_get_string (invitation, "id")), g_free);
    gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
    gtk_widget_add_css_class (button, "flat");
    g_signal_connect_object (button, "clicked", G_CALLBACK (on_withdraw_cb), self, 0);
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
    adw_preferences_group_add (self->group, row);
}

static void
show_all (BureauInvitationList *self, JsonArray *invitations)
{
    guint length = invitations != NULL ? json_array_get_length (invitations) : 0;

    self->group = NULL;
    adw_bin_set_child (ADW_BIN (self), NULL);
    gtk_widget_set_visible (GTK_WIDGET (self), length > 0);
    if (length == 0)
        return;

    self->group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
    adw_preferences_group_set_title (self->group, _ ("Open Invitations"));
    adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->group));
    for (guint i = 0; i < length; i++) {
        JsonObject *invitation = bureau_json_array_get_object (invitations, i);

        if (invitation != NULL)
            add_row (self, invitation);
    }
}

static void
on_listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) answer = bureau_client_ask_finish (BUREAU_CLIENT (source), result,
                                                              &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    show_all (data, answer != NULL ? bureau_json_get_array (answer, "invitations") : NULL);
}

void
bureau_invitation_list_refresh (BureauInvitationList *self)
{
    if (!bureau_client_can_ask (self->client) ||
        !bureau_command_is_offered (BUREAU_COMMAND_MEMBER_LIST_INVITES,
                                    bureau_client_get_role (self->client))) {
        show_all (self, NULL);
        return;
    }
    bureau_client_ask_async (self->client, BUREAU_COMMAND_MEMBER_LIST_INVITES, json_object_new (),
                             self->cancellable, on_listed_cb, self);
}

/* It is not mapped itself while it has nothing to show. */
static gboolean
is_looked_at (BureauInvitationList *self)
{
    GtkWidget *parent = gtk_widget_get_parent (GTK_WIDGET (self));

    return parent != NULL && gtk_widget_get_mapped (parent);
}

static void
on_happened_cb (BureauInvitationList *self, const char *event)
{
    if (g_str_has_prefix (event, "invitation:") && is_looked_at (self))
        bureau_invitation_list_refresh (self);
}

/* The hub alone knows which are open: without it none are listed. */
static void
on_client_cb (BureauInvitationList *self)
{
    gboolean asked = bureau_client_can_ask (self->client);

    if (asked == self->asked)
        return;
    self->asked = asked;
    if (!asked || is_looked_at (self))
        bureau_invitation_list_refresh (self);
}

/* One's own come from a dialog, which has just been closed. */
static void
on_active_cb (BureauInvitationList *self, GParamSpec *pspec, GtkWindow *window)
{
    if (gtk_window_is_active (window) && is_looked_at (self))
        bureau_invitation_list_refresh (self);
}

static void
bureau_invitation_list_root (GtkWidget *widget)
{
    GTK_WIDGET_CLASS (bureau_invitation_list_parent_class)->root (widget);
    g_signal_connect_object (gtk_widget_get_root (widget), "notify::is-active",
                             G_CALLBACK (on_active_cb), widget, G_CONNECT_SWAPPED);
}

static void
bureau_invitation_list_unroot (GtkWidget *widget)
{
    g_signal_handlers_disconnect_by_func (gtk_widget_get_root (widget), on_active_cb, widget);
    GTK_WIDGET_CLASS (bureau_invitation_list_parent_class)->unroot (widget);
}

static void
bureau_invitation_list_dispose (GObject *object)
{
    BureauInvitationList *self = BUREAU_INVITATION_LIST (object);
    g_cancellable_cancel (self->cancellable);
    g_clear_object (&self->cancellable);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_invitation_list_parent_class)->dispose (object);
}

static void
bureau_invitation_list_class_init (BureauInvitationListClass *klass)
{
    G_OBJECT_CLASS (klass)->dispose = bureau_invitation_list_dispose;
    GTK_WIDGET_CLASS (klass)->root = bureau_invitation_list_root;
    GTK_WIDGET_CLASS (klass)->unroot = bureau_invitation_list_unroot;
}

static void
bureau_invitation_list_init (BureauInvitationList *self)
{
    self->cancellable = g_cancellable_new ();
    gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
bureau_invitation_list_new (BureauClient *client)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (client), NULL);
    BureauInvitationList *self = g_object_new (BUREAU_TYPE_INVITATION_LIST, NULL);
    self->client = g_object_ref (client);
    self->asked = bureau_client_can_ask (client);
    g_signal_connect_object (client, "happened", G_CALLBACK (on_happened_cb), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "notify::state", G_CALLBACK (on_client_cb), self,
                             G_CONNECT_SWAPPED);
    return GTK_WIDGET (self);
}

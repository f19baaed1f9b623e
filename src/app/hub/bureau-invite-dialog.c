/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hub/bureau-invite-dialog.h"

#include <glib/gi18n.h>

#include "bureau-error.h"
#include "bureau-fingerprint.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "hub/bureau-qr-code.h"
#include "hub/bureau-sharing-row.h"
#include "people/bureau-member-menu.h"

struct _BureauInviteDialog {
    AdwWindow parent_instance;

    BureauWorkplace *workplace; /* (owned) */
    char *member_id;            /* (owned) (nullable): who is taken over */
    GCancellable *cancellable;  /* (owned) */
    char *id;                   /* (owned) (nullable): the invitation that is shown */
    char *link;                 /* (owned) (nullable) */
    char *address;              /* (owned) (nullable) */
    GPtrArray *project_ids;     /* (element-type utf8) (owned): in the order of the row's choices */
    gint64 code_expires_at;     /* instant, on the hub's clock */
    guint tick_id;

    AdwToastOverlay *overlay;
    GtkStack *stack;
    AdwPreferencesGroup *sharing;
    GtkLabel *whose;
    AdwComboRow *role_row;
    AdwComboRow *project_row;
    AdwComboRow *uses_row;
    AdwComboRow *hours_row;
    GtkLabel *error;
    GtkWidget *make;
    GtkLabel *code_label;
    GtkLabel *code_terms;
    GtkWidget *renew;
    GtkLabel *terms_label;
    AdwActionRow *address_row;
    AdwActionRow *link_row;
    AdwExpanderRow *qr_row;
    BureauQrCode *qr_code;
    AdwActionRow *words_row;
    GtkWidget *local_note;
};

G_DEFINE_FINAL_TYPE (BureauInviteDialog, bureau_invite_dialog, ADW_TYPE_WINDOW)

/* In the order of the rows' choices. */
static const BureauRole ROLES[] = { BUREAU_ROLE_MEMBER, BUREAU_ROLE_MANAGER, BUREAU_ROLE_GUEST,
                                    BUREAU_ROLE_OWNER };
static const int USES[] = { 1, 5, 10 };
static const int HOURS[] = { 1, 24, 7 * 24 };

static BureauClient *
get_client (BureauInviteDialog *self)
{
    return bureau_workplace_get_client (self->workplace);
}

static void
show_error (BureauInviteDialog *self, const char *sentence)
{
    gtk_label_set_text (self->error, sentence);
    gtk_widget_set_visible (GTK_WIDGET (self->error), *sentence != '\0');
}

/* ------------------------------------------------------------------ the terms */

static gboolean
is_guest (BureauInviteDialog *self)
{
    return ROLES[adw_combo_row_get_selected (self->role_row)] == BUREAU_ROLE_GUEST;
}

/* A guest sees the projects they are in and nothing else, so one has to be named. */
static void
on_role_cb (BureauInviteDialog *self)
{
    gboolean guest = is_guest (self) && self->member_id == NULL;

    gtk_widget_set_visible (GTK_WIDGET (self->project_row), guest);
    gtk_widget_set_sensitive (self->make, !guest || self->project_ids->len > 0);
    show_error (self, guest && self->project_ids->len == 0
                          ? _ ("A guest needs a project to be invited to. Make one first.")
                          : "");
}

static void
fill_roles (BureauInviteDialog *self)
{
    BureauRole mine = bureau_client_get_role (get_client (self));
    GtkStringList *names = gtk_string_list_new (NULL);

    for (guint i = 0; i < G_N_ELEMENTS (ROLES); i++) {
        if (bureau_role_may_manage (mine, ROLES[i]))
            gtk_string_list_append (names, bureau_role_to_label (ROLES[i]));
    }
    adw_combo_row_set_model (self->role_row, G_LIST_MODEL (names));
    g_object_unref (names);
}

static void
fill_projects (BureauInviteDialog *self)
{
    GListModel *projects = bureau_client_get_projects (get_client (self));
    GtkStringList *names = gtk_string_list_new (NULL);

    for (guint i = 0; i < g_list_model_get_n_items (projects); i++) {
        g_autoptr (BureauProject) project = g_list_model_get_item (projects, i);

        gtk_string_list_append (names, bureau_project_get_name (project));
        g_ptr_array_add (self->project_ids, g_strdup (bureau_project_get_id (project)));
    }
    adw_combo_row_set_model (self->project_row, G_LIST_MODEL (names));
    g_object_unref (names);
}

static JsonObject *
make_params (BureauInviteDialog *self)
{
    JsonObject *params = json_object_new ();

    json_object_set_int_member (params, "hours",
                                HOURS[adw_combo_row_get_selected (self->hours_row)]);
    if (self->member_id != NULL) {
        bureau_json_set_string (params, "memberId", self->member_id);
        return params;
    }
    bureau_json_set_string (
        params, "role", bureau_role_to_string (ROLES[adw_combo_row_get_selected (self->role_row)]));
    json_object_set_int_member (params, "uses", USES[adw_combo_row_get_selected (self->uses_row)]);
    if (is_guest (self))
        bureau_json_set_string (
            params, "projectId",
            g_ptr_array_index (self->project_ids, adw_combo_row_get_selected (self->project_row)));
    return params;
}

/* ------------------------------------------------------------------ the code */

/* "Good for 9:41", or that it is over. */
static void
update_code (BureauInviteDialog *self)
{
    gint64 left = (self->code_expires_at - bureau_client_get_now (get_client (self))) / 1000;
    g_autofree char *text = left > 0
                                ? g_strdup_printf (_ ("Type it on the other machine: %d:%02d left"),
                                                   (int) left / 60, (int) left % 60)
                                : g_strdup (_ ("This code has expired."));

    gtk_label_set_text (self->code_terms, text);
    gtk_widget_set_visible (self->renew, left <= 0);
    gtk_widget_set_opacity (GTK_WIDGET (self->code_label), left > 0 ? 1 : 0.3);
}

static gboolean
on_tick_cb (gpointer data)
{
    update_code (data);
    return G_SOURCE_CONTINUE;
}

/* FALSE if there is none in @answer that could be typed. */
static gboolean
show_code (BureauInviteDialog *self, JsonObject *answer)
{
    const char *code = bureau_json_get_string (answer, "code");
    g_autofree char *canonical = code != NULL ? bureau_code_normalize (code) : NULL;
    g_autofree char *pretty = canonical != NULL ? bureau_code_format (canonical) : NULL;

    if (pretty == NULL)
        return FALSE;
    gtk_label_set_text (self->code_label, pretty);
    self->code_expires_at = bureau_instant_from_string (
        bureau_json_get_string (answer, "codeExpiresAt"));
    update_code (self);
    if (self->tick_id == 0)
        self->tick_id = g_timeout_add_seconds (1, on_tick_cb, self);
    return TRUE;
}

/* ------------------------------------------------------------------ the invitation */

/* "For one person, until Sunday 14:20." (transfer full) */
static char *
make_terms_text (gint64 uses, const char *expires_at)
{
    gint64 instant = bureau_instant_from_string (expires_at);
    g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (instant / 1000);
    g_autoptr (GDateTime) local = g_date_time_to_local (utc);
    /* Translators: a day and a time, as in “Sunday 14:20” */
    g_autofree char *when = g_date_time_format (local, _ ("%A %H:%M"));
    if (uses == 1)
        return g_strdup_printf (_ ("For one person, until %s"), when);
    return g_strdup_printf (
        ngettext ("For %d person, until %s", "For %d people, until %s", (gulong) uses), (int) uses,
        when);
}

static gboolean
is_local (const char *host)
{
    return g_str_has_prefix (host, "127.") || g_str_equal (host, "::1") ||
           g_str_equal (host, "localhost");
}

static void
show_link (BureauInviteDialog *self, const char *link, BureauInvitation *parsed)
{
    g_autofree char *uri = bureau_invitation_to_base_uri (parsed);
    g_autofree char *words = *parsed->pin != '\0' ? bureau_fingerprint_to_words (parsed->pin)
                                                  : NULL;

    self->link = g_strdup (link);
    self->address = g_strdup (strstr (uri, "://") + strlen ("://"));
    adw_action_row_set_subtitle (self->address_row, self->address);
    adw_action_row_set_subtitle (self->link_row, self->link);
    bureau_qr_code_set_text (self->qr_code, self->link);
    adw_action_row_set_subtitle (self->words_row, words != NULL ? words : "");
    gtk_widget_set_visible (GTK_WIDGET (self->words_row), words != NULL);
    gtk_widget_set_visible (self->local_note, is_local (parsed->host));
}

/* @invitation: NULL counts as one that can't be understood. */
static void
show_invitation (BureauInviteDialog *self, JsonObject *invitation)
{
    const char *id = bureau_json_get_string (invitation, "id");
    const char *link = bureau_json_get_string (invitation, "link");
    g_autofree char *terms = make_terms_text (bureau_json_get_int (invitation, "uses", 1),
                                              bureau_json_get_string (invitation, "expiresAt"));
    g_autoptr (BureauInvitation) parsed = link != NULL ? bureau_invitation_parse_link (link, NULL)
                                                       : NULL;

    if (id == NULL || parsed == NULL || !show_code (self, invitation)) {
        show_error (self, _ ("The hub’s answer is not understood."));
        return;
    }
    self->id = g_strdup (id);
    show_link (self, link, parsed);
    gtk_label_set_text (self->terms_label, terms);
    gtk_stack_set_visible_child_name (self->stack, "invitation");
}

static void
show_refusal (BureauInviteDialog *self, const GError *error)
{
    show_error (self, g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE)
                          ? _ ("The hub makes invitations, and it can’t be reached just now.")
                          : error->message);
}

static void
on_asked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) answer = bureau_client_ask_finish (BUREAU_CLIENT (source), result,
                                                              &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    BureauInviteDialog *self = data;
    gtk_widget_set_sensitive (self->make, TRUE);
    if (answer == NULL)
        show_refusal (self, error);
    else
        show_invitation (self, bureau_json_get_object (answer, "invitation"));
}

static void
on_make_clicked_cb (BureauInviteDialog *self)
{
    show_error (self, "");
    gtk_widget_set_sensitive (self->make, FALSE);
    bureau_client_ask_async (get_client (self), BUREAU_COMMAND_MEMBER_INVITE, make_params (self),
                             self->cancellable, on_asked_cb, self);
}

static void
say (BureauInviteDialog *self, const char *text)
{
    AdwToast *toast = adw_toast_new (text);

    adw_toast_set_timeout (toast, 2);
    adw_toast_overlay_add_toast (self->overlay, toast);
}

static void
on_renewed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) answer = bureau_client_ask_finish (BUREAU_CLIENT (source), result,
                                                              &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    BureauInviteDialog *self = data;
    gtk_widget_set_sensitive (self->renew, TRUE);
    if (answer == NULL)
        say (self, error->message);
    else if (!show_code (self, answer))
        say (self, _ ("The hub’s answer is not understood."));
}

static void
on_renew_clicked_cb (BureauInviteDialog *self)
{
    JsonObject *params = json_object_new ();

    bureau_json_set_string (params, "id", self->id);
    gtk_widget_set_sensitive (self->renew, FALSE);
    bureau_client_ask_async (get_client (self), BUREAU_COMMAND_MEMBER_RENEW_CODE, params,
                             self->cancellable, on_renewed_cb, self);
}

static void
copy (BureauInviteDialog *self, const char *text, const char *said)
{
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
    say (self, said);
}

static void
on_copy_link_cb (BureauInviteDialog *self)
{
    copy (self, self->link, _ ("Link copied"));
}

static void
on_copy_code_cb (BureauInviteDialog *self)
{
    g_autofree char *text = g_strdup_printf ("%s  %s", self->address,
                                             gtk_label_get_text (self->code_label));
    copy (self, text, _ ("Address and code copied"));
}

/* ------------------------------------------------------------------ */

static void
bureau_invite_dialog_dispose (GObject *object)
{
    BureauInviteDialog *self = BUREAU_INVITE_DIALOG (object);
    g_cancellable_cancel (self->cancellable);
    g_clear_handle_id (&self->tick_id, g_source_remove);
    g_clear_object (&self->cancellable);
    g_clear_object (&self->workplace);
    G_OBJECT_CLASS (bureau_invite_dialog_parent_class)->dispose (object);
}

static void
bureau_invite_dialog_finalize (GObject *object)
{
    BureauInviteDialog *self = BUREAU_INVITE_DIALOG (object);
    g_free (self->member_id);
    g_free (self->id);
    g_free (self->link);
    g_free (self->address);
    g_ptr_array_unref (self->project_ids);
    G_OBJECT_CLASS (bureau_invite_dialog_parent_class)->finalize (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, overlay);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, stack);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, sharing);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, whose);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, role_row);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, project_row);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, uses_row);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, hours_row);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, error);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, make);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, code_label);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, code_terms);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, renew);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, terms_label);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, address_row);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, link_row);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, qr_row);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, qr_code);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, words_row);
    gtk_widget_class_bind_template_child (widget_class, BureauInviteDialog, local_note);
}

static void
bureau_invite_dialog_class_init (BureauInviteDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
    G_OBJECT_CLASS (klass)->dispose = bureau_invite_dialog_dispose;
    G_OBJECT_CLASS (klass)->finalize = bureau_invite_dialog_finalize;

    g_type_ensure (BUREAU_TYPE_QR_CODE);
    gtk_widget_class_set_template_from_resource (widget_class, BUREAU_RESOURCE_BASE
                                                 "/ui/bureau-invite-dialog.ui");
    bind_children (widget_class);
    gtk_widget_class_bind_template_callback (widget_class, on_role_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_make_clicked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_renew_clicked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_copy_link_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_copy_code_cb);
}

static void
bureau_invite_dialog_init (BureauInviteDialog *self)
{
    self->cancellable = g_cancellable_new ();
    self->project_ids = g_ptr_array_new_with_free_func (g_free);
    gtk_widget_init_template (GTK_WIDGET (self));
}

/* Whoever takes over somebody's place has that one's role and projects. */
static void
set_member (BureauInviteDialog *self, BureauMember *member)
{
    g_autofree char *text = g_strdup_printf (_ ("Whoever joins with it becomes %s."),
                                             bureau_member_get_name (member));

    self->member_id = g_strdup (bureau_member_get_id (member));
    gtk_label_set_text (self->whose, text);
    gtk_widget_set_visible (GTK_WIDGET (self->whose), TRUE);
    gtk_widget_set_visible (GTK_WIDGET (self->role_row), FALSE);
    gtk_widget_set_visible (GTK_WIDGET (self->uses_row), FALSE);
}

void
bureau_invite_dialog_present (GtkWindow *parent, BureauWorkplace *workplace, BureauMember *member)
{
    g_return_if_fail (BUREAU_IS_WORKPLACE (workplace));
    BureauInviteDialog *self = g_object_new (BUREAU_TYPE_INVITE_DIALOG, "transient-for", parent,
                                             NULL);
    self->workplace = g_object_ref (workplace);
    if (bureau_workplace_is_host (workplace))
        adw_preferences_group_add (self->sharing, bureau_sharing_row_new (workplace));
    gtk_widget_set_visible (GTK_WIDGET (self->sharing), bureau_workplace_is_host (workplace));
    if (member != NULL)
        set_member (self, member);
    fill_projects (self);
    fill_roles (self);
    on_role_cb (self);
    gtk_window_present (GTK_WINDOW (self));
    gtk_widget_grab_focus (self->make);
}

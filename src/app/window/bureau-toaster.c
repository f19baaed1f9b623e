/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-toaster-private.h"

#include <glib/gi18n.h>

#include "bureau-json.h"

/* How long to wait for more of a burst before something is said. */
#define BURST_MS 350
/* For so long, and some, a toast fades away. */
#define FADE_MS 500
/* How long what one may no longer do is said, or what one now may. */
#define ACCESS_TOAST_S 15
/* A window narrower than that, in pixels, and what then fits into a line. */
#define NARROW       700
#define NARROW_CHARS 26

#define KEY_SUBJECT "bureau-toast-subject"
/* Subjects: one's role; a project, by its name; one's work. Most toasts have none. */
#define SUBJECT_ROLE "role"

G_DEFINE_FINAL_TYPE (BureauToaster, bureau_toaster, G_TYPE_OBJECT)

/* One thing that happened, in words. */
typedef struct {
    char *text; /* (owned) */
    char *who;  /* (owned): name of who did it */
    const char *icon_name;
    char *undo_id;   /* (owned) (nullable): the deleted task */
    gboolean for_me; /* it asks something of this person */
} Notice;

static void
notice_free (Notice *notice)
{
    g_free (notice->text);
    g_free (notice->who);
    g_free (notice->undo_id);
    g_free (notice);
}

/* ------------------------------------------------------------------ from events to words */

static gboolean
has_changed (JsonObject *event, const char *field)
{
    JsonArray *changed = bureau_json_get_array (event, "changed");
    for (guint i = 0; changed != NULL && i < json_array_get_length (changed); i++) {
        JsonNode *node = json_array_get_element (changed, i);
        if (JSON_NODE_HOLDS_VALUE (node) && g_strcmp0 (json_node_get_string (node), field) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_assigned_to_me (BureauToaster *self, JsonObject *task)
{
    const char *my_id = bureau_client_get_account (self->client)->user_id;
    JsonArray *assignees = bureau_json_get_array (task, "assignees");
    for (guint i = 0; assignees != NULL && i < json_array_get_length (assignees); i++) {
        JsonObject *assignee = bureau_json_array_get_object (assignees, i);
        if (assignee != NULL && g_strcmp0 (bureau_json_get_string (assignee, "userId"), my_id) == 0)
            return TRUE;
    }
    return FALSE;
}

static Notice *
make_task_notice (BureauToaster *self, const char *event_name, JsonObject *event, const char *who)
{
    JsonObject *task = bureau_json_get_object (event, "task");
    const char *title = task != NULL ? bureau_json_get_string (task, "title") : NULL;
    if (title == NULL)
        title = _ ("a task");
    Notice *notice = g_new0 (Notice, 1);

    if (g_str_equal (event_name, BUREAU_EVENT_TASK_DELETED)) {
        notice->text = g_strdup_printf (_ ("%s deleted: %s"), who, title);
        notice->icon_name = "user-trash-symbolic";
        notice->undo_id = g_strdup (bureau_json_get_string (event, "taskId"));
    } else if (g_str_equal (event_name, BUREAU_EVENT_TASK_CREATED)) {
        gboolean restored = bureau_json_get_boolean (event, "restored", FALSE);
        notice->text = g_strdup_printf (restored ? _ ("%s brought back: %s") : _ ("%s created: %s"),
                                        who, title);
        notice->icon_name = restored ? "edit-undo-symbolic" : "list-add-symbolic";
    } else if (task != NULL && has_changed (event, "status") &&
               g_strcmp0 (bureau_json_get_string (task, "status"), "done") == 0) {
        notice->text = g_strdup_printf (_ ("%s completed: %s"), who, title);
        notice->icon_name = "object-select-symbolic";
    } else if (task != NULL && has_changed (event, "assignees") && is_assigned_to_me (self, task)) {
        notice->text = g_strdup_printf (_ ("%s gave you: %s"), who, title);
        notice->icon_name = "avatar-default-symbolic";
        notice->for_me = TRUE;
    } else {
        notice_free (notice);
        return NULL;
    }
    return notice;
}

static Notice *
make_office_notice (const char *event_name, JsonObject *event, const char *who)
{
    JsonObject *project = bureau_json_get_object (event, "project");
    const char *name = project != NULL ? bureau_json_get_string (project, "name") : "";
    Notice *notice = g_new0 (Notice, 1);

    if (g_str_equal (event_name, BUREAU_EVENT_PROJECT_CREATED)) {
        notice->text = g_strdup_printf (_ ("%s started the project %s"), who, name);
        notice->icon_name = "list-add-symbolic";
    } else if (g_str_equal (event_name, BUREAU_EVENT_PROJECT_ARCHIVED)) {
        notice->text = g_strdup_printf (_ ("%s archived the project %s"), who, name);
        notice->icon_name = "folder-symbolic";
    } else if (g_str_equal (event_name, BUREAU_EVENT_MEMBER_JOINED) && project == NULL &&
               bureau_json_get_string (event, "projectId") == NULL) {
        JsonObject *member = bureau_json_get_object (event, "member");
        const char *newcomer = member != NULL ? bureau_json_get_string (member, "name") : NULL;
        notice->text = g_strdup_printf (_ ("%s joined the office"),
                                        newcomer != NULL ? newcomer : who);
        notice->icon_name = "avatar-default-symbolic";
    } else {
        notice_free (notice);
        return NULL;
    }
    return notice;
}

/* ------------------------------------------------------------------ saying it */

AdwToast *
bureau_toaster_make (const char *text, const char *icon_name)
{
    /* The title of a toast is markup: people's words go into a label of their own. */
    AdwToast *toast = adw_toast_new ("");
    GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
    GtkWidget *label = gtk_label_new (text);
    if (icon_name != NULL)
        gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (icon_name));
    gtk_label_set_wrap (GTK_LABEL (label), TRUE);
    gtk_label_set_lines (GTK_LABEL (label), 2);
    gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
    gtk_label_set_xalign (GTK_LABEL (label), 0);
    gtk_widget_add_css_class (label, "heading");
    gtk_box_append (GTK_BOX (box), label);
    adw_toast_set_custom_title (toast, box);
    return toast;
}

/* Once it is gone, nobody has to take it back. */
static void
on_dismissed_cb (BureauToaster *self, AdwToast *toast)
{
    g_ptr_array_remove (self->shown, toast);
}

/* @subject: what it may be taken back by, see withdraw(). (nullable)
 *
 * Libadwaita 1.2 aborts where a toast that has stepped aside for an urgent one is to come back
 * while it is still fading away: what is shown is never taken back before what is to take its place
 * is there, and of several the oldest goes first. */
static void
show_toast (BureauToaster *self, AdwToast *toast, const char *subject)
{
    g_object_set_data_full (G_OBJECT (toast), KEY_SUBJECT, g_strdup (subject), g_free);
    g_ptr_array_add (self->shown, g_object_ref (toast));
    self->shown_at = g_get_monotonic_time ();
    g_signal_connect_object (toast, "dismissed", G_CALLBACK (on_dismissed_cb), self,
                             G_CONNECT_SWAPPED);
    adw_toast_overlay_add_toast (self->overlay, toast);
}

static gboolean
is_about (AdwToast *toast, const char *subject)
{
    return g_strcmp0 (g_object_get_data (G_OBJECT (toast), KEY_SUBJECT), subject) == 0;
}

/* Whether what has stepped aside may still be fading away. */
static gboolean
has_just_shown (BureauToaster *self)
{
    return g_get_monotonic_time () - self->shown_at < FADE_MS * 1000;
}

/* Takes back what was said of @subject before @toast. */
static void
withdraw (BureauToaster *self, const char *subject, AdwToast *toast)
{
    for (guint i = self->shown->len; i > 0; i--) {
        g_autoptr (AdwToast) other = g_object_ref (g_ptr_array_index (self->shown, i - 1));

        if (other != toast && is_about (other, subject))
            adw_toast_dismiss (other);
    }
}

/* What fits beside a toast's own button is not enough for a sentence in a narrow window: there the
 * button goes below it. A toast is as high as its text is at its natural width, so that is set. */
static void
stack_up (AdwToast *toast, GtkLabel *label)
{
    g_autoptr (GtkWidget) title = g_object_ref (adw_toast_get_custom_title (toast));
    GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
    const char *text = adw_toast_get_button_label (toast);

    gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_NONE);
    gtk_label_set_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
    gtk_label_set_width_chars (label, NARROW_CHARS);
    gtk_label_set_max_width_chars (label, NARROW_CHARS);
    adw_toast_set_custom_title (toast, box);
    gtk_box_append (GTK_BOX (box), title);
    if (text == NULL)
        return;

    GtkWidget *button = gtk_button_new_with_mnemonic (text);
    gtk_actionable_set_action_name (GTK_ACTIONABLE (button), adw_toast_get_action_name (toast));
    gtk_actionable_set_action_target_value (GTK_ACTIONABLE (button),
                                            adw_toast_get_action_target_value (toast));
    gtk_widget_set_halign (button, GTK_ALIGN_END);
    /* A button that has gone from the window activates nothing: first the action, then this. */
    g_signal_connect_object (button, "clicked", G_CALLBACK (adw_toast_dismiss), toast,
                             G_CONNECT_SWAPPED | G_CONNECT_AFTER);
    adw_toast_set_button_label (toast, NULL);
    gtk_box_append (GTK_BOX (box), button);
}

void
bureau_toaster_say_long (BureauToaster *self, AdwToast *toast, AdwToastPriority priority,
                         const char *subject, guint seconds)
{
    GtkWidget *label = gtk_widget_get_last_child (adw_toast_get_custom_title (toast));
    /* A whole sentence, that has to be read to its end. */
    gtk_label_set_lines (GTK_LABEL (label), 4);
    if (gtk_widget_get_width (GTK_WIDGET (self->overlay)) < NARROW)
        stack_up (toast, GTK_LABEL (label));
    adw_toast_set_priority (toast, priority);
    adw_toast_set_timeout (toast, seconds);
    show_toast (self, toast, subject);
}

static void
say_notice (BureauToaster *self, const Notice *notice)
{
    AdwToast *toast = bureau_toaster_make (notice->text, notice->icon_name);
    if (notice->undo_id != NULL) {
        adw_toast_set_button_label (toast, _ ("_Undo"));
        adw_toast_set_action_name (toast, "win.undo-delete");
        adw_toast_set_action_target_value (toast, g_variant_new_string (notice->undo_id));
    }
    show_toast (self, toast, NULL);
}

/* To the desktop: what concerns this person is said where they are, and not only in a window that
 * they don't see. */
static void
notify_desktop (BureauToaster *self, const Notice *notice)
{
    GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self->overlay));
    if (!GTK_IS_WINDOW (root) || gtk_window_is_active (GTK_WINDOW (root)))
        return;
    GtkApplication *application = gtk_window_get_application (GTK_WINDOW (root));
    g_autoptr (GNotification) notification = g_notification_new (
        bureau_client_get_office_name (self->client));
    g_notification_set_body (notification, notice->text);
    if (application != NULL)
        g_application_send_notification (G_APPLICATION (application), NULL, notification);
}

static void
say_burst (BureauToaster *self)
{
    guint count = self->waiting->len;
    const Notice *first = g_ptr_array_index (self->waiting, 0);
    gboolean several_people = FALSE;
    for (guint i = 1; i < count; i++) {
        const Notice *notice = g_ptr_array_index (self->waiting, i);
        several_people |= !g_str_equal (notice->who, first->who);
    }
    g_autofree char *text =
        several_people
            ? g_strdup_printf (ngettext ("%u change by others", "%u changes by others", count),
                               count)
            : g_strdup_printf (ngettext ("%s made %u change", "%s made %u changes", count),
                               first->who, count);
    show_toast (self, bureau_toaster_make (text, "emblem-synchronizing-symbolic"), NULL);
}

/* Takes all back, also what has not been said yet. @work_too: and what became of one's work. */
static void
forget (BureauToaster *self, gboolean work_too)
{
    g_autoptr (GPtrArray) toasts = g_ptr_array_new_with_free_func (g_object_unref);

    for (guint i = 0; i < self->shown->len; i++)
        g_ptr_array_add (toasts, g_object_ref (self->shown->pdata[i]));
    g_clear_handle_id (&self->timeout_id, g_source_remove);
    g_ptr_array_set_size (self->waiting, 0);
    for (guint i = 0; i < toasts->len; i++) {
        if (work_too || !is_about (toasts->pdata[i], BUREAU_TOAST_OF_WORK))
            adw_toast_dismiss (toasts->pdata[i]);
    }
}

static gboolean
on_timeout_cb (gpointer data)
{
    BureauToaster *self = data;
    self->timeout_id = 0;
    if (self->waiting->len > 2)
        say_burst (self);
    else
        for (guint i = 0; i < self->waiting->len; i++)
            say_notice (self, g_ptr_array_index (self->waiting, i));
    g_ptr_array_set_size (self->waiting, 0);
    return G_SOURCE_REMOVE;
}

static void
on_happened_cb (BureauToaster *self, const char *event_name, JsonObject *event)
{
    const char *who = bureau_json_get_string (event, "userName");
    if (who == NULL)
        who = _ ("Somebody");
    Notice *notice = g_str_has_prefix (event_name, "task:")
                         ? make_task_notice (self, event_name, event, who)
                         : make_office_notice (event_name, event, who);
    if (notice == NULL)
        return;
    notice->who = g_strdup (who);
    if (notice->for_me)
        notify_desktop (self, notice);
    g_ptr_array_add (self->waiting, notice);
    if (self->timeout_id == 0)
        self->timeout_id = g_timeout_add (BURST_MS, on_timeout_cb, self);
}

/* (transfer full) (nullable) */
static char *
make_access_text (const char *what, const char *name)
{
    if (g_str_equal (what, "project-lost"))
        return g_strdup_printf (_ ("You are no longer in the project %s"), name);
    if (g_str_equal (what, "project-gained"))
        return g_strdup_printf (_ ("You are now in the project %s"), name);
    if (!g_str_equal (what, "role"))
        return NULL;
    switch ((BureauRole) bureau_role_from_string (name)) {
    case BUREAU_ROLE_OWNER:
        return g_strdup (_ ("You now own this office, with all rights"));
    case BUREAU_ROLE_MANAGER:
        return g_strdup (_ ("You now manage this office"));
    case BUREAU_ROLE_MEMBER:
        return g_strdup (_ ("You are now a member of this office"));
    case BUREAU_ROLE_GUEST:
        return g_strdup (_ ("You are now a guest in this office: you see what you are shown"));
    case BUREAU_ROLE_NONE:
        break;
    }
    return NULL;
}

static void
on_access_changed_cb (BureauToaster *self, const char *what, const char *name)
{
    g_autofree char *text = make_access_text (what, name);
    g_autofree char *subject = g_str_equal (what, "role") ? g_strdup (SUBJECT_ROLE)
                                                          : g_strdup_printf ("project %s", name);
    AdwToast *toast;

    if (text == NULL)
        return;
    toast = bureau_toaster_make (text, "dialog-information-symbolic");
    bureau_toaster_say_long (self, toast, ADW_TOAST_PRIORITY_HIGH, subject, ACCESS_TOAST_S);
    /* The one before is not true any more. */
    withdraw (self, subject, toast);
}

/* Who is signed out has no role, and is not signed in "until": the bar says how things stand. What
 * became of their work, and the way back, is as true as before. */
static void
on_state_cb (BureauToaster *self)
{
    if (bureau_client_get_state (self->client) == BUREAU_CLIENT_SIGNED_OUT)
        forget (self, has_just_shown (self));
}

static void
bureau_toaster_dispose (GObject *object)
{
    BureauToaster *self = BUREAU_TOASTER (object);
    g_clear_handle_id (&self->timeout_id, g_source_remove);
    g_clear_object (&self->refused_toast);
    g_clear_object (&self->signals);
    g_clear_object (&self->client);
    g_clear_object (&self->overlay);
    G_OBJECT_CLASS (bureau_toaster_parent_class)->dispose (object);
}

static void
bureau_toaster_finalize (GObject *object)
{
    BureauToaster *self = BUREAU_TOASTER (object);

    g_ptr_array_unref (self->waiting);
    g_ptr_array_unref (self->shown);
    g_ptr_array_unref (self->clash_toasts);
    g_ptr_array_unref (self->clashed_ids);
    G_OBJECT_CLASS (bureau_toaster_parent_class)->finalize (object);
}

static void
bureau_toaster_class_init (BureauToasterClass *klass)
{
    G_OBJECT_CLASS (klass)->dispose = bureau_toaster_dispose;
    G_OBJECT_CLASS (klass)->finalize = bureau_toaster_finalize;
}

static void
bureau_toaster_init (BureauToaster *self)
{
    self->waiting = g_ptr_array_new_with_free_func ((GDestroyNotify) notice_free);
    self->shown = g_ptr_array_new_with_free_func (g_object_unref);
    self->clash_toasts = g_ptr_array_new_with_free_func (g_object_unref);
    self->clashed_ids = g_ptr_array_new_with_free_func (g_free);
    self->signals = g_signal_group_new (BUREAU_TYPE_CLIENT);
    g_signal_group_connect_swapped (self->signals, "happened", G_CALLBACK (on_happened_cb), self);
    g_signal_group_connect_swapped (self->signals, "access-changed",
                                    G_CALLBACK (on_access_changed_cb), self);
    g_signal_group_connect_swapped (self->signals, "notify::state", G_CALLBACK (on_state_cb), self);
    bureau_toaster_listen_to_sync (self);
}

BureauToaster *
bureau_toaster_new (AdwToastOverlay *overlay)
{
    BureauToaster *self = g_object_new (BUREAU_TYPE_TOASTER, NULL);
    self->overlay = g_object_ref (overlay);
    return self;
}

void
bureau_toaster_set_client (BureauToaster *self, BureauClient *client)
{
    g_return_if_fail (BUREAU_IS_TOASTER (self));
    if (g_set_object (&self->client, client))
        forget (self, TRUE);
    g_signal_group_set_target (self->signals, client);
}

/* What one has just done is answered at once: what is shown comes back after it. */
static void
answer (BureauToaster *self, AdwToast *toast)
{
    adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
    show_toast (self, toast, NULL);
}

void
bureau_toaster_say (BureauToaster *self, const char *text)
{
    g_return_if_fail (BUREAU_IS_TOASTER (self));
    answer (self, bureau_toaster_make (text, NULL));
}

void
bureau_toaster_offer (BureauToaster *self, const char *text, const char *button, const char *action,
                      GVariant *target)
{
    g_return_if_fail (BUREAU_IS_TOASTER (self));
    AdwToast *toast = bureau_toaster_make (text, NULL);
    adw_toast_set_button_label (toast, button);
    adw_toast_set_action_name (toast, action);
    adw_toast_set_action_target_value (toast, target);
    answer (self, toast);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "details/bureau-details.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "board/bureau-task-commands.h"
#include "board/bureau-task-watch.h"
#include "bureau-json.h"
#include "details/bureau-text-field.h"
#include "widgets/bureau-avatar-row.h"
#include "widgets/bureau-due-button.h"
#include "widgets/bureau-due-text.h"
#include "widgets/bureau-people-button.h"
#include "widgets/bureau-task-cell.h"
#include "widgets/bureau-timer-mark.h"

#define LONG_TITLE 120 /* characters */

struct _BureauDetails {
    GtkWidget parent_instance;

    BureauClient *client;        /* (owned) */
    BureauTask *task;            /* (owned) (nullable) */
    GSignalGroup *signals;       /* (owned): the task's */
    gboolean filling;            /* fields are being set by us, not by the person */
    GSimpleActionGroup *actions; /* (owned) */
    gint64 title_base;           /* the task's version that the text in the field is made from */
    gint64 description_base;     /* the same */
    char *edit_field;            /* (owned) (nullable): where the person wants to go */
    guint edit_id;

    GtkLabel *key_label;
    GtkLabel *project_label;
    GtkWidget *pending_image;
    BureauTextField *title_field;
    GtkWidget *viewers_box;
    BureauAvatarRow *viewers_avatars;
    GtkLabel *viewers_label;
    AdwComboRow *status_row;
    BureauPeopleButton *people_button;
    BureauDueButton *due_button;
    AdwComboRow *priority_row;
    AdwActionRow *timer_row;
    GtkButton *timer_button;
    BureauTextField *description_field;
    GtkLabel *dates_label;
};

G_DEFINE_FINAL_TYPE (BureauDetails, bureau_details, GTK_TYPE_WIDGET)

/* What the status row offers; a task that is requested or declined has its own status before them.
 */
static const BureauStatus ordinary[] = { BUREAU_STATUS_TODO, BUREAU_STATUS_IN_PROGRESS,
                                         BUREAU_STATUS_REVIEW, BUREAU_STATUS_DONE };

static gboolean
is_ordinary (BureauStatus status)
{
    return status >= BUREAU_STATUS_TODO && status <= BUREAU_STATUS_DONE;
}

/* ---------------------------------------------------- showing the task */

static void
enable_action (BureauDetails *self, const char *name, gboolean enabled)
{
    GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), name);

    g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

static void
show_key (BureauDetails *self)
{
    const char *key = bureau_task_get_key (self->task);
    BureauProject *project = bureau_client_find_project (self->client,
                                                         bureau_task_get_project_id (self->task));

    /* Translators: in place of the key of a task that the hub has not numbered yet */
    gtk_label_set_label (self->key_label, key != NULL ? key : _ ("New"));
    gtk_label_set_label (self->project_label,
                         project != NULL ? bureau_project_get_name (project) : "");
    enable_action (self, "copy-key", key != NULL);
}

static void
show_status (BureauDetails *self)
{
    BureauStatus status = bureau_task_get_status (self->task);
    g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
    guint extra = is_ordinary (status) ? 0 : 1;

    if (extra > 0)
        gtk_string_list_append (names, bureau_status_to_label (status));
    for (guint i = 0; i < G_N_ELEMENTS (ordinary); i++)
        gtk_string_list_append (names, bureau_status_to_label (ordinary[i]));
    if (g_list_model_get_n_items (adw_combo_row_get_model (self->status_row)) !=
        G_N_ELEMENTS (ordinary) + extra)
        adw_combo_row_set_model (self->status_row, G_LIST_MODEL (names));
    adw_combo_row_set_selected (self->status_row, extra > 0 ? 0 : status - BUREAU_STATUS_TODO);
}

static void
show_due (BureauDetails *self)
{
    BureauStatus status = bureau_task_get_status (self->task);

    bureau_due_button_set_due (self->due_button, bureau_task_get_due_at (self->task),
                               status != BUREAU_STATUS_DONE && status != BUREAU_STATUS_DECLINED);
}

static void
show_dates (BureauDetails *self)
{
    g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
    gint64 now = bureau_client_get_now (self->client);
    BureauMember *creator = NULL;
    g_autofree char *created = NULL;
    g_autofree char *updated = NULL;
    g_autoptr (GString) text = g_string_new (NULL);

    if (bureau_task_get_created_by (self->task) != NULL)
        creator = bureau_client_find_member (self->client, bureau_task_get_created_by (self->task));
    if (bureau_task_get_created_at (self->task) != 0) {
        created = bureau_instant_to_text (bureau_task_get_created_at (self->task), now, zone);
        if (creator != NULL)
            /* Translators: the name of who made a task, and when */
            g_string_append_printf (text, _ ("Created by %s · %s"),
                                    bureau_member_get_name (creator), created);
        else
            g_string_append_printf (text, _ ("Created · %s"), created);
    }
    if (bureau_task_get_updated_at (self->task) > bureau_task_get_created_at (self->task)) {
        updated = bureau_instant_to_text (bureau_task_get_updated_at (self->task), now, zone);
        g_string_append_printf (text, "%s", text->len > 0 ? "\n" : "");
        g_string_append_printf (text, _ ("Changed · %s"), updated);
    }
    gtk_label_set_label (self->dates_label, text->str);
}

static void
show_timer (BureauDetails *self)
{
    BureauTimeEntry *running = bureau_client_get_running_entry (self->client);
    g_autoptr (GPtrArray) members = NULL;
    g_autofree char *text = NULL;
    gboolean mine;

    if (self->task == NULL)
        return;
    members = bureau_task_watch_get_timers (bureau_task_watch_get (self->client),
                                            bureau_task_get_id (self->task));
    text = bureau_timers_to_text (members, self->client);
    mine = running != NULL && g_strcmp0 (bureau_time_entry_get_task_id (running),
                                         bureau_task_get_id (self->task)) == 0;
    adw_action_row_set_subtitle (self->timer_row, text != NULL ? text : "");
    gtk_button_set_label (self->timer_button, mine ? _ ("Stop") : _ ("Start"));
}

/* A title of many lines is set smaller, or it would push all else out of sight. */
static void
show_title_size (BureauDetails *self)
{
    if (g_utf8_strlen (bureau_task_get_title (self->task), -1) > LONG_TITLE)
        gtk_widget_add_css_class (GTK_WIDGET (self->title_field), "long");
    else
        gtk_widget_remove_css_class (GTK_WIDGET (self->title_field), "long");
}

/* What one may not do is not offered. */
static void
show_rights (BureauDetails *self)
{
    gboolean change = bureau_task_may_change (self->client, self->task);
    gboolean done = bureau_task_get_status (self->task) == BUREAU_STATUS_DONE;

    bureau_text_field_set_editable (self->title_field, change);
    bureau_text_field_set_editable (self->description_field, change);
    gtk_widget_set_sensitive (GTK_WIDGET (self->people_button), change);
    gtk_widget_set_sensitive (GTK_WIDGET (self->due_button), change);
    gtk_widget_set_sensitive (GTK_WIDGET (self->priority_row), change);
    gtk_widget_set_sensitive (
        GTK_WIDGET (self->status_row),
        bureau_task_may_move (self->client, self->task,
                              done ? BUREAU_STATUS_TODO : BUREAU_STATUS_DONE));
    gtk_widget_set_visible (GTK_WIDGET (self->timer_row), bureau_task_may_time (self->client));
    enable_action (self, "delete", change);
}

/* Everything but the two texts, which know by themselves what to do with a change. */
static void
show_fields (BureauDetails *self)
{
    guint priority = bureau_task_get_priority (self->task);

    self->filling = TRUE;
    show_key (self);
    show_title_size (self);
    show_status (self);
    bureau_people_button_set_project (
        self->people_button,
        bureau_client_find_project (self->client, bureau_task_get_project_id (self->task)));
    bureau_people_button_set_ids (self->people_button, bureau_task_get_assignee_ids (self->task));
    show_due (self);
    adw_combo_row_set_selected (self->priority_row, CLAMP (priority, 1, 4) - 1);
    show_timer (self);
    bureau_task_show_pending (self->task, self->pending_image);
    show_dates (self);
    show_rights (self);
    self->filling = FALSE;
}

static void
on_notify_cb (BureauDetails *self, GParamSpec *pspec)
{
    if (g_strcmp0 (pspec->name, "title") == 0) {
        if (bureau_text_field_set_value (self->title_field, bureau_task_get_title (self->task)))
            self->title_base = bureau_task_get_version (self->task);
        show_title_size (self);
    } else if (g_strcmp0 (pspec->name, "description") == 0) {
        if (bureau_text_field_set_value (self->description_field,
                                         bureau_task_get_description (self->task)))
            self->description_base = bureau_task_get_version (self->task);
    } else
        show_fields (self);
}

/* Comes right after the change itself, and says whose it was. */
static void
on_happened_cb (BureauDetails *self, const char *event, JsonObject *object)
{
    JsonObject *task = bureau_json_get_object (object, "task");
    const char *name = bureau_json_get_string (object, "userName");

    if (self->task == NULL || task == NULL || name == NULL ||
        g_strcmp0 (bureau_json_get_string (task, "id"), bureau_task_get_id (self->task)) != 0)
        return;
    bureau_text_field_set_changer (self->title_field, name);
    bureau_text_field_set_changer (self->description_field, name);
}

static void
on_viewers_changed_cb (BureauDetails *self, const char *task_id)
{
    g_autoptr (GPtrArray) viewers = NULL;
    g_autofree char *text = NULL;

    if (self->task == NULL || g_strcmp0 (task_id, bureau_task_get_id (self->task)) != 0)
        return;
    viewers = bureau_client_get_viewers (self->client, task_id);
    gtk_widget_set_visible (self->viewers_box, viewers->len > 0);
    if (viewers->len == 0)
        return;
    if (viewers->len == 1)
        text = g_strdup_printf (_ ("%s is viewing"),
                                bureau_member_get_name (g_ptr_array_index (viewers, 0)));
    else if (viewers->len == 2)
        text = g_strdup_printf (_ ("%s and %s are viewing"),
                                bureau_member_get_name (g_ptr_array_index (viewers, 0)),
                                bureau_member_get_name (g_ptr_array_index (viewers, 1)));
    else
        /* Translators: the number is of all the others, three or more */
        text = g_strdup_printf (
            ngettext ("%u person is viewing", "%u people are viewing", viewers->len), viewers->len);
    bureau_avatar_row_set_members (self->viewers_avatars, viewers);
    gtk_label_set_label (self->viewers_label, text);
}

/* Timers, rights, and the names of people and projects. */
static void
on_marks_changed_cb (BureauDetails *self)
{
    if (self->task == NULL)
        return;
    show_fields (self);
    on_viewers_changed_cb (self, bureau_task_get_id (self->task));
}

/* ------------------------------------------------------------ the person */

static void
on_title_commit_cb (BureauDetails *self)
{
    if (self->task != NULL)
        bureau_task_give_title (self->client, self->task, self->title_base,
                                bureau_text_field_get_text (self->title_field));
}

static void
on_description_commit_cb (BureauDetails *self)
{
    if (self->task != NULL)
        bureau_task_give_description (self->client, self->task, self->description_base,
                                      bureau_text_field_get_text (self->description_field));
}

static void
on_status_selected_cb (BureauDetails *self)
{
    guint selected = adw_combo_row_get_selected (self->status_row);
    guint extra;

    if (self->filling || self->task == NULL || selected == GTK_INVALID_LIST_POSITION)
        return;
    extra = is_ordinary (bureau_task_get_status (self->task)) ? 0 : 1;
    if (selected < extra || ordinary[selected - extra] == bureau_task_get_status (self->task))
        return;
    bureau_task_give_move (self->client, self->task, ordinary[selected - extra], NULL);
}

static void
on_priority_selected_cb (BureauDetails *self)
{
    if (!self->filling && self->task != NULL)
        bureau_task_give_priority (self->client, self->task,
                                   adw_combo_row_get_selected (self->priority_row) + 1);
}

static void
on_people_picked_cb (BureauDetails *self)
{
    if (self->task != NULL)
        bureau_task_give_assignees (self->client, self->task,
                                    bureau_people_button_get_ids (self->people_button));
}

static void
on_due_picked_cb (BureauDetails *self)
{
    if (self->task != NULL)
        bureau_task_give_due (self->client, self->task,
                              bureau_due_button_get_due (self->due_button));
}

static void
activate_for_task (BureauDetails *self, const char *action)
{
    if (self->task != NULL)
        gtk_widget_activate_action (GTK_WIDGET (self), action, "s",
                                    bureau_task_get_id (self->task));
}

static void
on_timer_clicked_cb (BureauDetails *self)
{
    activate_for_task (self, "win.toggle-timer");
}

/* Here because the pane may just be sliding in: only then can it have the focus. */
static gboolean
edit_cb (gpointer data)
{
    BureauDetails *self = data;
    g_autofree char *field = g_steal_pointer (&self->edit_field);

    self->edit_id = 0;
    if (self->task == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)) ||
        !bureau_task_may_change (self->client, self->task))
        return G_SOURCE_REMOVE;
    if (g_strcmp0 (field, "assignees") == 0)
        bureau_people_button_popup (self->people_button);
    else if (g_strcmp0 (field, "due") == 0)
        bureau_due_button_popup (self->due_button);
    else if (g_strcmp0 (field, "priority") == 0)
        gtk_widget_activate (GTK_WIDGET (self->priority_row));
    else
        bureau_text_field_focus (self->title_field);
    return G_SOURCE_REMOVE;
}

static void
on_edit_cb (BureauDetails *self, const char *field)
{
    g_free (self->edit_field);
    self->edit_field = g_strdup (field);
    if (self->edit_id == 0)
        self->edit_id = g_idle_add (edit_cb, self);
}

static void
copy_key_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    BureauDetails *self = data;

    if (self->task != NULL && bureau_task_get_key (self->task) != NULL)
        gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                                bureau_task_get_key (self->task));
}

static void
delete_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    activate_for_task (data, "win.delete-task");
}

/* ---------------------------------------------------------------- GObject */

static void
commit_texts (BureauDetails *self)
{
    bureau_text_field_commit (self->title_field);
    bureau_text_field_commit (self->description_field);
}

/* The window closes, or the pane does: what is being typed is kept too. */
static void
bureau_details_unmap (GtkWidget *widget)
{
    commit_texts (BUREAU_DETAILS (widget));
    GTK_WIDGET_CLASS (bureau_details_parent_class)->unmap (widget);
}

static void
bureau_details_dispose (GObject *object)
{
    BureauDetails *self = BUREAU_DETAILS (object);
    GtkWidget *child;

    g_clear_handle_id (&self->edit_id, g_source_remove);
    g_clear_pointer (&self->edit_field, g_free);
    g_clear_object (&self->signals);
    g_clear_object (&self->task);
    gtk_widget_dispose_template (GTK_WIDGET (self), BUREAU_TYPE_DETAILS);
    while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
        gtk_widget_unparent (child);
    g_clear_object (&self->actions);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_details_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-details.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, key_label);
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, project_label);
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, pending_image);
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, title_field);
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, viewers_box);
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, viewers_avatars);
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, viewers_label);
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, status_row);
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, people_button);
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, due_button);
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, priority_row);
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, timer_row);
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, timer_button);
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, description_field);
    gtk_widget_class_bind_template_child (widget_class, BureauDetails, dates_label);
    gtk_widget_class_bind_template_callback (widget_class, on_title_commit_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_description_commit_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_status_selected_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_priority_selected_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_people_picked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_due_picked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_timer_clicked_cb);
}

static void
bureau_details_class_init (BureauDetailsClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_details_dispose;
    widget_class->unmap = bureau_details_unmap;
    g_type_ensure (BUREAU_TYPE_TEXT_FIELD);
    g_type_ensure (BUREAU_TYPE_AVATAR_ROW);
    g_type_ensure (BUREAU_TYPE_PEOPLE_BUTTON);
    g_type_ensure (BUREAU_TYPE_DUE_BUTTON);
    bind_template (widget_class);
    gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
    gtk_widget_class_set_css_name (widget_class, "details");
    gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
bureau_details_init (BureauDetails *self)
{
    static const GActionEntry entries[] = { { "copy-key", copy_key_cb }, { "delete", delete_cb } };
    g_autoptr (GtkStringList) priorities = gtk_string_list_new (NULL);

    gtk_widget_init_template (GTK_WIDGET (self));
    gtk_orientable_set_orientation (
        GTK_ORIENTABLE (gtk_widget_get_layout_manager (GTK_WIDGET (self))),
        GTK_ORIENTATION_VERTICAL);
    self->actions = g_simple_action_group_new ();
    g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                     self);
    gtk_widget_insert_action_group (GTK_WIDGET (self), "details", G_ACTION_GROUP (self->actions));

    self->filling = TRUE;
    for (guint priority = 1; priority <= 4; priority++)
        gtk_string_list_append (priorities, bureau_priority_to_label (priority));
    adw_combo_row_set_model (self->priority_row, G_LIST_MODEL (priorities));
    self->filling = FALSE;
    bureau_text_field_set_label (self->title_field, _ ("Title"));
    bureau_text_field_set_label (self->description_field, _ ("Description"));
    self->signals = g_signal_group_new (BUREAU_TYPE_TASK);
    g_signal_group_connect_swapped (self->signals, "notify", G_CALLBACK (on_notify_cb), self);
}

static void
on_role_cb (BureauDetails *self)
{
    if (self->task != NULL)
        show_rights (self);
}

GtkWidget *
bureau_details_new (BureauClient *client)
{
    BureauDetails *self = g_object_new (BUREAU_TYPE_DETAILS, NULL);

    self->client = g_object_ref (client);
    bureau_people_button_set_client (self->people_button, client);
    bureau_due_button_set_client (self->due_button, client);
    g_signal_connect_object (client, "viewers-changed", G_CALLBACK (on_viewers_changed_cb), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "happened", G_CALLBACK (on_happened_cb), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "notify::role", G_CALLBACK (on_role_cb), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (bureau_task_watch_get (client), "edit", G_CALLBACK (on_edit_cb), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (bureau_task_watch_get (client), "marks-changed",
                             G_CALLBACK (on_marks_changed_cb), self, G_CONNECT_SWAPPED);
    return GTK_WIDGET (self);
}

void
bureau_details_set_task (BureauDetails *self, BureauTask *task)
{
    if (task == self->task)
        return;
    if (self->task != NULL)
        commit_texts (self);
    g_set_object (&self->task, task);
    g_signal_group_set_target (self->signals, task);
    bureau_client_set_viewing (self->client, task != NULL ? bureau_task_get_id (task) : NULL);
    bureau_task_watch_set_open (bureau_task_watch_get (self->client),
                                task != NULL ? bureau_task_get_id (task) : NULL);
    if (task == NULL)
        return;
    self->title_base = self->description_base = bureau_task_get_version (task);
    bureau_text_field_reset (self->title_field, bureau_task_get_title (task));
    bureau_text_field_reset (self->description_field, bureau_task_get_description (task));
    gtk_widget_set_visible (self->viewers_box, FALSE);
    on_viewers_changed_cb (self, bureau_task_get_id (task));
    show_fields (self);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "timers/bureau-timer-pill.h"

#include <glib/gi18n.h>

#include "board/bureau-task-watch.h"
#include "widgets/bureau-due-text.h"

struct _BureauTimerPill {
    GtkWidget parent_instance;

    BureauClient *client;  /* (owned) */
    GSignalGroup *signals; /* (owned): the running entry's */
    guint tick_id;

    GtkWidget *box; /* (owned) */
    GtkWidget *open_button;
    GtkLabel *what_label;
    GtkLabel *time_label;
    GtkWidget *stop_button;
};

G_DEFINE_FINAL_TYPE (BureauTimerPill, bureau_timer_pill, GTK_TYPE_WIDGET)

char *
bureau_duration_to_text (gint64 seconds)
{
    return g_strdup_printf ("%d:%02d:%02d", (int) (seconds / 3600), (int) (seconds / 60 % 60),
                            (int) (seconds % 60));
}

static BureauTask *
get_task (BureauTimerPill *self, BureauTimeEntry *entry)
{
    const char *task_id = bureau_time_entry_get_task_id (entry);

    return task_id != NULL ? bureau_client_find_task (self->client, task_id) : NULL;
}

static void
show_time (BureauTimerPill *self, BureauTimeEntry *entry)
{
    g_autofree char *text = bureau_duration_to_text (
        bureau_time_entry_get_seconds (entry, bureau_client_get_now (self->client)));

    gtk_label_set_label (self->time_label, text);
}

/* Looks at the clock again just after its next second begins. */
static gboolean
tick_cb (gpointer data)
{
    BureauTimerPill *self = data;
    BureauTimeEntry *entry = bureau_client_get_running_entry (self->client);
    gint64 into_second;

    self->tick_id = 0;
    if (entry == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
        return G_SOURCE_REMOVE;
    show_time (self, entry);
    into_second = (bureau_client_get_now (self->client) -
                   bureau_time_entry_get_start_time (entry)) %
                  1000;
    self->tick_id = g_timeout_add (1010 - CLAMP (into_second, 0, 999), tick_cb, self);
    return G_SOURCE_REMOVE;
}

static void
start_ticking (BureauTimerPill *self)
{
    g_clear_handle_id (&self->tick_id, g_source_remove);
    tick_cb (self);
}

static void
show_what (BureauTimerPill *self, BureauTimeEntry *entry)
{
    BureauTask *task = get_task (self, entry);
    const char *note = bureau_time_entry_get_note (entry);
    const char *key = task != NULL ? bureau_task_get_key (task) : NULL;
    const char *what = key != NULL                     ? key
                       : task != NULL                  ? bureau_task_get_title (task)
                       : note != NULL && *note != '\0' ? note
                                                       : _ ("Timer");
    g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
    g_autofree char *since = bureau_instant_to_text (bureau_time_entry_get_start_time (entry),
                                                     bureau_client_get_now (self->client), zone);
    /* Translators: since when a timer runs: "since Today, 14:05" */
    g_autofree char *since_text = g_strdup_printf (_ ("since %s"), since);
    g_autofree char *tip = g_strdup_printf (
        "%s\n%s", task != NULL ? bureau_task_get_title (task) : what, since_text);

    gtk_label_set_label (self->what_label, what);
    gtk_widget_set_tooltip_text (self->open_button, tip);
    gtk_widget_set_sensitive (self->open_button, task != NULL);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->open_button),
                                    GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
}

static void
update (BureauTimerPill *self)
{
    BureauTimeEntry *entry = bureau_client_get_running_entry (self->client);

    g_signal_group_set_target (self->signals, entry);
    gtk_widget_set_visible (GTK_WIDGET (self), entry != NULL);
    if (entry == NULL)
        return;
    show_what (self, entry);
    start_ticking (self);
}

static void
on_open_cb (BureauTimerPill *self)
{
    BureauTimeEntry *entry = bureau_client_get_running_entry (self->client);
    BureauTask *task = entry != NULL ? get_task (self, entry) : NULL;

    if (task != NULL)
        gtk_widget_activate_action (GTK_WIDGET (self), "win.open-task", "s",
                                    bureau_task_get_id (task));
}

static void
bureau_timer_pill_map (GtkWidget *widget)
{
    GTK_WIDGET_CLASS (bureau_timer_pill_parent_class)->map (widget);
    start_ticking (BUREAU_TIMER_PILL (widget));
}

static void
bureau_timer_pill_unmap (GtkWidget *widget)
{
    g_clear_handle_id (&BUREAU_TIMER_PILL (widget)->tick_id, g_source_remove);
    GTK_WIDGET_CLASS (bureau_timer_pill_parent_class)->unmap (widget);
}

static void
bureau_timer_pill_dispose (GObject *object)
{
    BureauTimerPill *self = BUREAU_TIMER_PILL (object);

    g_clear_handle_id (&self->tick_id, g_source_remove);
    g_clear_object (&self->signals);
    g_clear_pointer (&self->box, gtk_widget_unparent);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_timer_pill_parent_class)->dispose (object);
}

static void
bureau_timer_pill_class_init (BureauTimerPillClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_timer_pill_dispose;
    widget_class->map = bureau_timer_pill_map;
    widget_class->unmap = bureau_timer_pill_unmap;
    gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name (widget_class, "timer-pill");
    gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
make_open_button (BureauTimerPill *self)
{
    GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
    GtkWidget *button = gtk_button_new ();

    self->what_label = GTK_LABEL (gtk_label_new (NULL));
    gtk_label_set_ellipsize (self->what_label, PANGO_ELLIPSIZE_END);
    gtk_label_set_max_width_chars (self->what_label, 10);
    gtk_label_set_width_chars (self->what_label, 5); /* a key stays whole where room is scarce */
    self->time_label = GTK_LABEL (gtk_label_new (NULL));
    gtk_widget_add_css_class (GTK_WIDGET (self->time_label), "numeric");
    gtk_box_append (GTK_BOX (content), gtk_image_new_from_icon_name ("bureau-timer-symbolic"));
    gtk_box_append (GTK_BOX (content), GTK_WIDGET (self->what_label));
    gtk_box_append (GTK_BOX (content), GTK_WIDGET (self->time_label));
    gtk_button_set_child (GTK_BUTTON (button), content);
    g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_open_cb), self);
    return button;
}

static void
bureau_timer_pill_init (BureauTimerPill *self)
{
    self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
    self->open_button = make_open_button (self);
    self->stop_button = gtk_button_new_from_icon_name ("media-playback-stop-symbolic");
    gtk_actionable_set_action_name (GTK_ACTIONABLE (self->stop_button), "win.stop-timer");
    gtk_widget_set_tooltip_text (self->stop_button, _ ("Stop Timer"));
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->stop_button),
                                    GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Stop Timer"), -1);
    gtk_box_append (GTK_BOX (self->box), self->open_button);
    gtk_box_append (GTK_BOX (self->box), self->stop_button);
    gtk_widget_set_parent (self->box, GTK_WIDGET (self));
    gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
    gtk_widget_set_visible (GTK_WIDGET (self), FALSE);

    self->signals = g_signal_group_new (BUREAU_TYPE_TIME_ENTRY);
    g_signal_group_connect_swapped (self->signals, "notify", G_CALLBACK (update), self);
}

GtkWidget *
bureau_timer_pill_new (BureauClient *client)
{
    BureauTimerPill *self = g_object_new (BUREAU_TYPE_TIMER_PILL, NULL);

    self->client = g_object_ref (client);
    g_signal_connect_object (client, "notify::running-entry", G_CALLBACK (update), self,
                             G_CONNECT_SWAPPED);
    /* The task may come after its timer, and its key after the task. */
    g_signal_connect_object (bureau_task_watch_get (client), "changed", G_CALLBACK (update), self,
                             G_CONNECT_SWAPPED);
    update (self);
    return GTK_WIDGET (self);
}

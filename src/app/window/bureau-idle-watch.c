/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-idle-watch.h"

#define AWAY_AFTER  (5 * 60 * G_TIME_SPAN_SECOND)
#define CHECK_EVERY 10 /* seconds */

struct _BureauIdleWatch {
    GObject parent_instance;

    GWeakRef client;
    GtkWidget *window;              /* (nullable): a weak pointer */
    GtkEventController *controller; /* owned by the window */
    gint64 last_input;              /* monotonic, microseconds */
    gboolean away;
    guint timeout_id;
};

G_DEFINE_FINAL_TYPE (BureauIdleWatch, bureau_idle_watch, G_TYPE_OBJECT)

static void
set_away (BureauIdleWatch *self, gboolean away)
{
    if (self->away == away)
        return;
    self->away = away;
    g_autoptr (BureauClient) client = g_weak_ref_get (&self->client);
    if (client != NULL)
        bureau_client_set_presence (client, away ? BUREAU_PRESENCE_AWAY : BUREAU_PRESENCE_ONLINE);
}

static gboolean
on_event_cb (BureauIdleWatch *self, GdkEvent *event)
{
    switch (gdk_event_get_event_type (event)) {
    case GDK_MOTION_NOTIFY:
    case GDK_BUTTON_PRESS:
    case GDK_KEY_PRESS:
    case GDK_SCROLL:
    case GDK_TOUCH_BEGIN:
    case GDK_TOUCH_UPDATE:
        self->last_input = g_get_monotonic_time ();
        set_away (self, FALSE);
        break;
    default:
        break;
    }
    return GDK_EVENT_PROPAGATE;
}

static gboolean
on_timeout_cb (gpointer data)
{
    BureauIdleWatch *self = data;
    if (g_get_monotonic_time () - self->last_input >= AWAY_AFTER)
        set_away (self, TRUE);
    return G_SOURCE_CONTINUE;
}

static void
bureau_idle_watch_dispose (GObject *object)
{
    BureauIdleWatch *self = BUREAU_IDLE_WATCH (object);
    g_clear_handle_id (&self->timeout_id, g_source_remove);
    if (self->window != NULL && self->controller != NULL)
        gtk_widget_remove_controller (self->window, self->controller);
    self->controller = NULL;
    g_clear_weak_pointer (&self->window);
    g_weak_ref_clear (&self->client);
    G_OBJECT_CLASS (bureau_idle_watch_parent_class)->dispose (object);
}

static void
bureau_idle_watch_class_init (BureauIdleWatchClass *klass)
{
    G_OBJECT_CLASS (klass)->dispose = bureau_idle_watch_dispose;
}

static void
bureau_idle_watch_init (BureauIdleWatch *self)
{
    g_weak_ref_init (&self->client, NULL);
    self->last_input = g_get_monotonic_time ();
    self->timeout_id = g_timeout_add_seconds (CHECK_EVERY, on_timeout_cb, self);
}

BureauIdleWatch *
bureau_idle_watch_new (GtkWidget *window, BureauClient *client)
{
    BureauIdleWatch *self = g_object_new (BUREAU_TYPE_IDLE_WATCH, NULL);
    g_weak_ref_set (&self->client, client);
    g_set_weak_pointer (&self->window, window);
    self->controller = gtk_event_controller_legacy_new ();
    gtk_event_controller_set_propagation_phase (self->controller, GTK_PHASE_CAPTURE);
    g_signal_connect_object (self->controller, "event", G_CALLBACK (on_event_cb), self,
                             G_CONNECT_SWAPPED);
    gtk_widget_add_controller (window, self->controller);
    return self;
}

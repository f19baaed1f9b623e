/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-network-watch.h"

#include "bureau-hub-address.h"

/* Reference-counted: by its owner and by what is under way. */
struct _BureauNetworkWatch {
    GSocketConnectable *hub;      /* (owned) (nullable): on this machine */
    BureauNetworkChanged changed; /* (nullable): it is over */
    gpointer data;
    GNetworkMonitor *monitor; /* (owned) (nullable): until it is found */
    gulong handler;
    GCancellable *asking; /* (owned) (nullable): the last question */
};

static void
clear (gpointer data)
{
    BureauNetworkWatch *self = data;

    g_clear_object (&self->hub);
    g_clear_object (&self->monitor);
}

static void
release (BureauNetworkWatch *self)
{
    g_rc_box_release_full (self, clear);
}

static void
stop_asking (BureauNetworkWatch *self)
{
    g_cancellable_cancel (self->asking);
    g_clear_object (&self->asking);
}

/* Only what says so for certain counts as no: a name that can't be looked up now may be, later. */
static void
on_asked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    BureauNetworkWatch *self = data;
    g_autoptr (GError) error = NULL;
    gboolean reachable = g_network_monitor_can_reach_finish (G_NETWORK_MONITOR (source), result,
                                                             &error);

    if (self->changed && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        g_clear_object (&self->asking);
        self->changed (self->data,
                       reachable ||
                           (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE) &&
                            !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE)));
    }
    release (self);
}

static void
on_network_changed_cb (GNetworkMonitor *monitor, gboolean available, gpointer data)
{
    BureauNetworkWatch *self = data;

    stop_asking (self);
    if (!self->hub) {
        self->changed (self->data, TRUE);
        return;
    }
    self->asking = g_cancellable_new ();
    g_network_monitor_can_reach_async (monitor, self->hub, self->asking, on_asked_cb,
                                       g_rc_box_acquire (self));
}

/* Finding the monitor may ask other programs and wait for them. */
static void
find_monitor (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    g_task_return_pointer (task, g_object_ref (g_network_monitor_get_default ()), g_object_unref);
}

static void
on_monitor_found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    BureauNetworkWatch *self = data;

    if (self->changed) {
        self->monitor = g_task_propagate_pointer (G_TASK (result), NULL);
        self->handler = g_signal_connect (self->monitor, "network-changed",
                                          G_CALLBACK (on_network_changed_cb), self);
    }
    release (self);
}

static GSocketConnectable *
find_hub (const char *base_uri)
{
    g_autoptr (GUri) uri = g_uri_parse (base_uri, G_URI_FLAGS_NONE, NULL);

    if (!uri || bureau_hub_address_is_loopback (g_uri_get_host (uri)))
        return NULL;
    return g_network_address_new (g_uri_get_host (uri), MAX (1, g_uri_get_port (uri)));
}

BureauNetworkWatch *
bureau_network_watch_new (const char *base_uri, BureauNetworkChanged changed, gpointer data)
{
    BureauNetworkWatch *self = g_rc_box_new0 (BureauNetworkWatch);
    g_autoptr (GTask) task = g_task_new (NULL, NULL, on_monitor_found_cb, g_rc_box_acquire (self));

    self->hub = find_hub (base_uri);
    self->changed = changed;
    self->data = data;
    g_task_run_in_thread (task, find_monitor);
    return self;
}

void
bureau_network_watch_free (BureauNetworkWatch *self)
{
    self->changed = NULL;
    stop_asking (self);
    if (self->monitor)
        g_signal_handler_disconnect (self->monitor, self->handler);
    release (self);
}

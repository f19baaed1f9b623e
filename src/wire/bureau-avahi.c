/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-avahi.h"

#define NAME "org.freedesktop.Avahi"
/* After which a bus that is not there, or has left us, is tried again. */
#define RETRY_SECONDS 20
#define CALL_TIMEOUT  10000 /* ms */

struct _BureauAvahi {
    BureauAvahiChanged changed;
    gpointer data;
    BureauAvahiState state;

    /* Its own: the one that g_bus_get() shares ends the process when the bus goes. */
    GDBusConnection *bus;     /* (owned) (nullable) */
    GCancellable *connecting; /* (owned) */
    GSource *retry;           /* (owned) (nullable) */
    guint watch;              /* for the daemon's name */
    gulong closed;
    char *daemon;          /* (owned) (nullable): its unique name */
    GCancellable *calls;   /* (owned): of this daemon */
    GArray *subscriptions; /* (owned): guint, to this daemon */
};

static void connect_to_bus (BureauAvahi *self);

/* The last thing one does with @self, which may be freed by it. */
static void
set_state (BureauAvahi *self, BureauAvahiState state)
{
    if (self->state == state)
        return;
    self->state = state;
    self->changed (self, state, self->data);
}

static void
forget_daemon (BureauAvahi *self)
{
    g_cancellable_cancel (self->calls);
    g_object_unref (self->calls);
    self->calls = g_cancellable_new ();
    for (guint i = 0; i < self->subscriptions->len; i++)
        g_dbus_connection_signal_unsubscribe (self->bus,
                                              g_array_index (self->subscriptions, guint, i));
    g_array_set_size (self->subscriptions, 0);
    g_clear_pointer (&self->daemon, g_free);
}

/* ------------------------------------------------------------------ the daemon */

static void
on_appeared_cb (GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
    BureauAvahi *self = data;

    forget_daemon (self);
    self->daemon = g_strdup (owner);
    set_state (self, BUREAU_AVAHI_THERE);
}

static void
on_vanished_cb (GDBusConnection *bus, const char *name, gpointer data)
{
    BureauAvahi *self = data;

    forget_daemon (self);
    /* Without a bus, on_closed_cb() has more to say. */
    if (bus != NULL && !g_dbus_connection_is_closed (bus))
        set_state (self, BUREAU_AVAHI_NO_DAEMON);
}

/* ------------------------------------------------------------------ the bus */

static void
forget_bus (BureauAvahi *self)
{
    forget_daemon (self);
    g_clear_handle_id (&self->watch, g_bus_unwatch_name);
    if (self->bus != NULL)
        g_clear_signal_handler (&self->closed, self->bus);
    g_clear_object (&self->bus);
}

static gboolean
on_retry_cb (gpointer data)
{
    BureauAvahi *self = data;

    g_clear_pointer (&self->retry, g_source_unref);
    connect_to_bus (self);
    return G_SOURCE_REMOVE;
}

static void
lose_bus (BureauAvahi *self)
{
    forget_bus (self);
    self->retry = g_timeout_source_new_seconds (RETRY_SECONDS);
    g_source_set_callback (self->retry, on_retry_cb, self, NULL);
    g_source_attach (self->retry, g_main_context_get_thread_default ());
    set_state (self, BUREAU_AVAHI_NO_BUS);
}

static void
on_closed_cb (GDBusConnection *bus, gboolean vanished, GError *error, gpointer data)
{
    lose_bus (data);
}

static void
on_connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    BureauAvahi *self = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (GDBusConnection) bus = g_dbus_connection_new_for_address_finish (result, &error);

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (bus == NULL) {
        lose_bus (self);
        return;
    }
    self->bus = g_steal_pointer (&bus);
    self->closed = g_signal_connect (self->bus, "closed", G_CALLBACK (on_closed_cb), self);
    self->watch = g_bus_watch_name_on_connection (self->bus, NAME,
                                                  G_BUS_NAME_WATCHER_FLAGS_AUTO_START,
                                                  on_appeared_cb, on_vanished_cb, self, NULL);
}

static void
connect_to_bus (BureauAvahi *self)
{
    /* Of the system bus this is no more than an environment variable or what is customary. */
    g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);

    g_dbus_connection_new_for_address (address,
                                       G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                           G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                       NULL, self->connecting, on_connected_cb, self);
}

/* ------------------------------------------------------------------ calls and signals */

void
bureau_avahi_call (BureauAvahi *self, const char *path, const char *interface, const char *method,
                   GVariant *params, GAsyncReadyCallback callback, gpointer data)
{
    g_autofree char *full_interface = g_strconcat (NAME ".", interface, NULL);

    g_dbus_connection_call (self->bus, self->daemon, path, full_interface, method, params, NULL,
                            G_DBUS_CALL_FLAGS_NO_AUTO_START, CALL_TIMEOUT, self->calls, callback,
                            data);
}

GVariant *
bureau_avahi_call_finish (GObject *source, GAsyncResult *result, const char *type, GError **error)
{
    g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result,
                                                                 error);

    if (answer == NULL)
        return NULL;
    if (!g_variant_is_of_type (answer, G_VARIANT_TYPE (type))) {
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                             "Avahi’s answer can’t be understood.");
        return NULL;
    }
    return g_steal_pointer (&answer);
}

void
bureau_avahi_listen (BureauAvahi *self, const char *interface, GDBusSignalCallback heard,
                     gpointer data)
{
    g_autofree char *full_interface = g_strconcat (NAME ".", interface, NULL);
    guint id = g_dbus_connection_signal_subscribe (self->bus, self->daemon, full_interface, NULL,
                                                   NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE, heard,
                                                   data, NULL);

    g_array_append_val (self->subscriptions, id);
}

/* ------------------------------------------------------------------ life */

BureauAvahi *
bureau_avahi_new (BureauAvahiChanged changed, gpointer data)
{
    BureauAvahi *self = g_new0 (BureauAvahi, 1);

    self->changed = changed;
    self->data = data;
    self->connecting = g_cancellable_new ();
    self->calls = g_cancellable_new ();
    self->subscriptions = g_array_new (FALSE, FALSE, sizeof (guint));
    connect_to_bus (self);
    return self;
}

void
bureau_avahi_free (BureauAvahi *self)
{
    g_autoptr (GDBusConnection) bus = self->bus != NULL ? g_object_ref (self->bus) : NULL;

    g_cancellable_cancel (self->connecting);
    if (self->retry != NULL)
        g_source_destroy (self->retry);
    g_clear_pointer (&self->retry, g_source_unref);
    forget_bus (self);
    if (bus != NULL)
        g_dbus_connection_close (bus, NULL, NULL, NULL);
    g_object_unref (self->connecting);
    g_object_unref (self->calls);
    g_array_unref (self->subscriptions);
    g_free (self);
}

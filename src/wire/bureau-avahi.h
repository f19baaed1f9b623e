/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The way to the system's Avahi daemon: a D-Bus connection of its own, and news of whether the
 * daemon is there. Nothing waits; all happens in the main context it was made in. The daemon may
 * come and go, and so may the bus. */
typedef struct _BureauAvahi BureauAvahi;

typedef enum {
    BUREAU_AVAHI_CONNECTING,
    BUREAU_AVAHI_NO_BUS,    /* there is no system bus, or we are kept from it */
    BUREAU_AVAHI_NO_DAEMON, /* nobody there is Avahi */
    BUREAU_AVAHI_THERE,
} BureauAvahiState;

/* Not called from within bureau_avahi_new() or _free(). It may free @avahi. */
typedef void (*BureauAvahiChanged) (BureauAvahi *avahi, BureauAvahiState state, gpointer data);

BureauAvahi *bureau_avahi_new (BureauAvahiChanged changed, gpointer data);
/* The daemon forgets what was asked of it here. */
void bureau_avahi_free (BureauAvahi *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauAvahi, bureau_avahi_free)

/* The three that follow are for while the daemon is there. */

/* Calls a method of org.freedesktop.Avahi.@interface, in the manner of g_dbus_connection_call().
 * G_IO_ERROR_CANCELLED if the daemon or @self went before the answer came. @params: floating refs
 * are taken. */
void bureau_avahi_call (BureauAvahi *self, const char *path, const char *interface,
                        const char *method, GVariant *params, GAsyncReadyCallback callback,
                        gpointer data);
/* The answer, of @type. */
GVariant *bureau_avahi_call_finish (GObject *source, GAsyncResult *result, const char *type,
                                    GError **error);
/* Hears the signals of all objects with org.freedesktop.Avahi.@interface, for as long as the daemon
 * is there. */
void bureau_avahi_listen (BureauAvahi *self, const char *interface, GDBusSignalCallback heard,
                          gpointer data);

#define BUREAU_AVAHI_SERVER_PATH "/"
/* Of AVAHI_IF_UNSPEC and AVAHI_PROTO_UNSPEC. */
#define BUREAU_AVAHI_ANY (-1)

G_END_DECLS

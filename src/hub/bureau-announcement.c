/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-announcement.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include "bureau-avahi.h"
#include "bureau-hub-id.h"

/* As Avahi has them (avahi-common/defs.h, address.h). */
enum { SERVER_RUNNING = 2 };
enum { GROUP_COLLISION = 3, GROUP_FAILURE = 4 };
enum { PROTOCOL_IPV4 = 0, PROTOCOL_IPV6 = 1 };

#define COLLISION_ERROR "org.freedesktop.Avahi.CollisionError"
/* Names to try, when others have taken ours. */
#define MAX_NAMES 16

struct _BureauAnnouncement {
    char *id; /* (owned) */
    guint16 port;
    int interface;
    int protocol;
    BureauAvahi *avahi; /* (owned) */
    char *group;        /* (owned) (nullable): the path of what Avahi keeps for us */
    gboolean running;   /* Avahi knows this machine's name */
    guint number;       /* of the name */
};

/* A call whose group may be another one's when its answer comes. */
typedef struct {
    BureauAnnouncement *self; /* (unowned): alive unless the call was cancelled */
    char *group;              /* (owned) */
} Asked;

static void
asked_free (Asked *asked)
{
    g_free (asked->group);
    g_free (asked);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asked, asked_free)

static void
call_group (BureauAnnouncement *self, const char *method, GVariant *params,
            GAsyncReadyCallback callback)
{
    Asked *asked = NULL;

    if (callback != NULL) {
        asked = g_new0 (Asked, 1);
        asked->self = self;
        asked->group = g_strdup (self->group);
    }
    bureau_avahi_call (self->avahi, self->group, "EntryGroup", method, params, callback, asked);
}

/* ------------------------------------------------------------------ what is said */

static void
give_up (const char *why)
{
    g_message ("Avahi does not announce this hub: %s", why);
}

static char *
make_name (BureauAnnouncement *self)
{
    g_autofree char *name = bureau_hub_id_to_name (self->id);

    return self->number == 1 ? g_steal_pointer (&name)
                             : g_strdup_printf ("%s #%u", name, self->number);
}

static void add_service (BureauAnnouncement *self);

/* Somebody else has our name: a hub with the same id, or who wants to be taken for one. */
static void
take_next_name (BureauAnnouncement *self)
{
    if (self->number >= MAX_NAMES) {
        give_up ("all its names are taken.");
        return;
    }
    self->number++;
    call_group (self, "Reset", NULL, NULL);
    add_service (self);
}

static void
on_added_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Asked) asked = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (GVariant) answer = bureau_avahi_call_finish (source, result, "()", &error);
    g_autofree char *remote = error != NULL ? g_dbus_error_get_remote_error (error) : NULL;

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
        g_strcmp0 (asked->group, asked->self->group) != 0)
        return;
    if (answer != NULL)
        call_group (asked->self, "Commit", NULL, NULL);
    else if (g_strcmp0 (remote, COLLISION_ERROR) == 0)
        take_next_name (asked->self);
    else
        give_up (error->message);
}

static void
add_service (BureauAnnouncement *self)
{
    g_autofree char *name = make_name (self);

    call_group (self, "AddService",
                g_variant_new ("(iiussssq@aay)", self->interface, self->protocol, 0, name,
                               BUREAU_SERVICE_TYPE, BUREAU_SERVICE_DOMAIN, "", self->port,
                               bureau_hub_id_to_text (self->id)),
                on_added_cb);
}

static void
on_group_signal_cb (GDBusConnection *bus, const char *sender, const char *path,
                    const char *interface, const char *signal, GVariant *params, gpointer data)
{
    BureauAnnouncement *self = data;
    const char *why;
    int state;

    if (g_strcmp0 (path, self->group) != 0 || !g_str_equal (signal, "StateChanged") ||
        !g_variant_is_of_type (params, G_VARIANT_TYPE ("(is)")))
        return;
    g_variant_get (params, "(i&s)", &state, &why);
    if (state == GROUP_COLLISION)
        take_next_name (self);
    else if (state == GROUP_FAILURE)
        give_up (why);
}

/* ------------------------------------------------------------------ when */

static void
withdraw (BureauAnnouncement *self)
{
    if (self->group == NULL)
        return;
    call_group (self, "Free", NULL, NULL);
    g_clear_pointer (&self->group, g_free);
}

static void
on_group_made_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GVariant) answer = bureau_avahi_call_finish (source, result, "(o)", &error);
    BureauAnnouncement *self = data;

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (answer == NULL) {
        give_up (error->message);
        return;
    }
    /* Asked for twice, when Avahi changed its mind twice meanwhile. */
    withdraw (self);
    g_variant_get (answer, "(o)", &self->group);
    if (self->running)
        add_service (self);
    else
        withdraw (self);
}

/* Its own name comes first: were it to change, ours would point to the old one. */
static void
set_running (BureauAnnouncement *self, gboolean running)
{
    if (self->running == running)
        return;
    self->running = running;
    withdraw (self);
    if (running)
        bureau_avahi_call (self->avahi, BUREAU_AVAHI_SERVER_PATH, "Server", "EntryGroupNew", NULL,
                           on_group_made_cb, self);
}

static void
on_server_signal_cb (GDBusConnection *bus, const char *sender, const char *path,
                     const char *interface, const char *signal, GVariant *params, gpointer data)
{
    int state;

    if (!g_str_equal (signal, "StateChanged") ||
        !g_variant_is_of_type (params, G_VARIANT_TYPE ("(is)")))
        return;
    g_variant_get (params, "(is)", &state, NULL);
    set_running (data, state == SERVER_RUNNING);
}

static void
on_state_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GVariant) answer = bureau_avahi_call_finish (source, result, "(i)", &error);
    int state;

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (answer == NULL) {
        give_up (error->message);
        return;
    }
    g_variant_get (answer, "(i)", &state);
    set_running (data, state == SERVER_RUNNING);
}

static void
on_avahi_changed_cb (BureauAvahi *avahi, BureauAvahiState state, gpointer data)
{
    BureauAnnouncement *self = data;

    /* Another daemon knows nothing of what the last one was told. */
    g_clear_pointer (&self->group, g_free);
    self->running = FALSE;
    self->number = 1;
    if (state != BUREAU_AVAHI_THERE)
        return;
    bureau_avahi_listen (avahi, "Server", on_server_signal_cb, self);
    bureau_avahi_listen (avahi, "EntryGroup", on_group_signal_cb, self);
    bureau_avahi_call (avahi, BUREAU_AVAHI_SERVER_PATH, "Server", "GetState", NULL, on_state_cb,
                       self);
}

/* ------------------------------------------------------------------ where */

static gboolean
has_address (const struct ifaddrs *interface, GInetAddress *address)
{
    const struct sockaddr *native = interface->ifa_addr;
    g_autoptr (GSocketAddress) theirs = NULL;

    if (native == NULL || (native->sa_family != AF_INET && native->sa_family != AF_INET6))
        return FALSE;
    theirs = g_socket_address_new_from_native (
        (gpointer) native,
        native->sa_family == AF_INET ? sizeof (struct sockaddr_in) : sizeof (struct sockaddr_in6));
    return g_inet_address_equal (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (theirs)),
                                 address);
}

/* The index of the interface that has the address. */
static int
find_interface (GInetAddress *address)
{
    struct ifaddrs *interfaces;
    int found = BUREAU_AVAHI_ANY;

    if (getifaddrs (&interfaces) != 0)
        return BUREAU_AVAHI_ANY;
    for (const struct ifaddrs *i = interfaces; i != NULL; i = i->ifa_next) {
        if (has_address (i, address))
            found = if_nametoindex (i->ifa_name);
    }
    freeifaddrs (interfaces);
    return found > 0 ? found : BUREAU_AVAHI_ANY;
}

/* Nobody is told of the hub where it does not listen. */
static void
choose_networks (BureauAnnouncement *self, const char *text)
{
    g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);
    gboolean is_ipv4 = address != NULL &&
                       g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4;

    self->interface = BUREAU_AVAHI_ANY;
    self->protocol = is_ipv4 ? PROTOCOL_IPV4 : BUREAU_AVAHI_ANY;
    if (address == NULL || g_inet_address_get_is_any (address))
        return; /* "::" listens to IPv4 as well */
    self->interface = find_interface (address);
    if (!is_ipv4)
        self->protocol = PROTOCOL_IPV6;
}

/* ------------------------------------------------------------------ life */

BureauAnnouncement *
bureau_announcement_new (const char *address, guint16 port, const char *pin)
{
    BureauAnnouncement *self;
    char *id = bureau_hub_id_new (pin);

    g_return_val_if_fail (id != NULL && port != 0, NULL);
    self = g_new0 (BureauAnnouncement, 1);
    self->id = id;
    self->port = port;
    self->number = 1;
    choose_networks (self, address);
    self->avahi = bureau_avahi_new (on_avahi_changed_cb, self);
    return self;
}

/* Avahi says goodbye for who closes its connection, so that no call has to be waited for. */
void
bureau_announcement_free (BureauAnnouncement *self)
{
    bureau_avahi_free (self->avahi);
    g_free (self->group);
    g_free (self->id);
    g_free (self);
}

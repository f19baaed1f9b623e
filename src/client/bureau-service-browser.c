/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-service-browser.h"

#include <string.h>

#include "bureau-avahi.h"
#include "bureau-discovery.h"
#include "bureau-hub-id.h"
#include "bureau-lan-address.h"

/* Each hub is said to be there by every interface and protocol. */
#define MAX_SERVICES (4 * BUREAU_DISCOVERY_MAX_HUBS)
#define MAX_NAME     63 /* bytes: a label of DNS */

#define ITEM_SIGNAL  "(iisssu)"
#define FOUND_SIGNAL "(iissssisqaayu)"

typedef struct {
    guint number;
    char *key;      /* (owned): see make_key() */
    char *name;     /* (owned) */
    char *resolver; /* (owned) (nullable): the path of what asks for its address */
} Service;

struct _BureauServiceBrowser {
    const BureauServiceBrowserHooks *hooks;
    gpointer data;
    BureauAvahi *avahi;    /* (owned) */
    char *path;            /* (owned) (nullable): of Avahi's browser */
    GHashTable *services;  /* (owned): key (unowned) → Service (owned) */
    GHashTable *resolvers; /* (owned): path (unowned) → Service (unowned) */
    guint last_number;
};

/* A call whose service may be gone when its answer comes. */
typedef struct {
    BureauServiceBrowser *self; /* (unowned): alive unless the call was cancelled */
    char *key;                  /* (owned) */
} Asked;

static void
service_free (gpointer data)
{
    Service *service = data;

    g_free (service->key);
    g_free (service->name);
    g_free (service->resolver);
    g_free (service);
}

static void
sighting_clear (BureauSighting *sighting)
{
    g_free (sighting->name);
    g_free (sighting->id);
    g_clear_object (&sighting->address);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BureauSighting, sighting_clear)

/* ------------------------------------------------------------------ one service's address */

static Asked *
asked_new (BureauServiceBrowser *self, const char *key)
{
    Asked *asked = g_new0 (Asked, 1);

    asked->self = self;
    asked->key = g_strdup (key);
    return asked;
}

static void
asked_free (Asked *asked)
{
    g_free (asked->key);
    g_free (asked);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asked, asked_free)

static gboolean
read_found (GVariant *params, BureauSighting *sighting)
{
    g_autoptr (GVariant) record = NULL;
    const char *type;
    const char *address;

    if (!g_variant_is_of_type (params, G_VARIANT_TYPE (FOUND_SIGNAL)))
        return FALSE;
    g_variant_get (params, "(iis&sssi&sq@aayu)", NULL, NULL, NULL, &type, NULL, NULL, NULL,
                   &address, &sighting->port, &record, NULL);
    if (!g_str_equal (type, BUREAU_SERVICE_TYPE) || sighting->port == 0)
        return FALSE;
    sighting->id = bureau_hub_id_new_from_text (record);
    sighting->address = bureau_lan_address_parse (address);
    return sighting->id != NULL && sighting->address != NULL;
}

static void
on_resolver_signal_cb (GDBusConnection *bus, const char *sender, const char *path,
                       const char *interface, const char *signal, GVariant *params, gpointer data)
{
    BureauServiceBrowser *self = data;
    Service *service = g_hash_table_lookup (self->resolvers, path);
    g_auto (BureauSighting) sighting = { 0 };

    if (service == NULL)
        return;
    sighting.name = g_strdup (service->name);
    if (g_str_equal (signal, "Found") && read_found (params, &sighting))
        self->hooks->sighted (service->number, &sighting, self->data);
    else
        self->hooks->lost (service->number, self->data);
}

static void
free_resolver (BureauServiceBrowser *self, const char *path)
{
    bureau_avahi_call (self->avahi, path, "ServiceResolver", "Free", NULL, NULL, NULL);
}

static void
on_resolver_made_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Asked) asked = data;
    g_autoptr (GVariant) answer = bureau_avahi_call_finish (source, result, "(o)", NULL);
    BureauServiceBrowser *self = asked->self;
    Service *service;
    g_autofree char *path = NULL;

    if (answer == NULL)
        return;
    g_variant_get (answer, "(o)", &path);
    service = g_hash_table_lookup (self->services, asked->key);
    /* It went meanwhile; if it has come back as well, it has another one. */
    if (service == NULL || service->resolver != NULL) {
        free_resolver (self, path);
        return;
    }
    service->resolver = g_steal_pointer (&path);
    g_hash_table_insert (self->resolvers, service->resolver, service);
    bureau_avahi_call (self->avahi, service->resolver, "ServiceResolver", "Start", NULL, NULL,
                       NULL);
}

/* ------------------------------------------------------------------ services */

typedef struct {
    int interface;
    int protocol;
    const char *name; /* (unowned) */
} Item;

static gboolean
read_item (GVariant *params, Item *item)
{
    const char *type;
    const char *domain;

    if (!g_variant_is_of_type (params, G_VARIANT_TYPE (ITEM_SIGNAL)))
        return FALSE;
    g_variant_get (params, "(ii&s&s&su)", &item->interface, &item->protocol, &item->name, &type,
                   &domain, NULL);
    return strlen (item->name) <= MAX_NAME && g_str_equal (type, BUREAU_SERVICE_TYPE) &&
           g_str_equal (domain, BUREAU_SERVICE_DOMAIN);
}

static char *
make_key (const Item *item)
{
    return g_strdup_printf ("%d %d %s", item->interface, item->protocol, item->name);
}

static void
add_service (BureauServiceBrowser *self, const Item *item)
{
    g_autofree char *key = make_key (item);
    Service *service;

    if (g_hash_table_size (self->services) >= MAX_SERVICES ||
        g_hash_table_contains (self->services, key))
        return;
    service = g_new0 (Service, 1);
    service->number = ++self->last_number;
    service->name = g_strdup (item->name);
    service->key = g_strdup (key);
    g_hash_table_insert (self->services, service->key, service);
    /* It goes on resolving, so that a change is told. Its address is to be of the protocol by which
     * it was heard: the other's are said by the other. */
    bureau_avahi_call (self->avahi, BUREAU_AVAHI_SERVER_PATH, "Server2", "ServiceResolverPrepare",
                       g_variant_new ("(iisssiu)", item->interface, item->protocol, item->name,
                                      BUREAU_SERVICE_TYPE, BUREAU_SERVICE_DOMAIN, item->protocol,
                                      0),
                       on_resolver_made_cb, asked_new (self, key));
}

static void
remove_service (BureauServiceBrowser *self, const Item *item)
{
    g_autofree char *key = make_key (item);
    Service *service = g_hash_table_lookup (self->services, key);
    guint number;

    if (service == NULL)
        return;
    number = service->number;
    if (service->resolver != NULL) {
        free_resolver (self, service->resolver);
        g_hash_table_remove (self->resolvers, service->resolver);
    }
    g_hash_table_remove (self->services, key);
    self->hooks->lost (number, self->data);
}

static void
forget_services (BureauServiceBrowser *self)
{
    g_hash_table_remove_all (self->resolvers);
    g_hash_table_remove_all (self->services);
    g_clear_pointer (&self->path, g_free);
}

/* The last thing one does with @self, which may be freed by it. */
static void
give_up (BureauServiceBrowser *self)
{
    forget_services (self);
    self->hooks->browsing (FALSE, self->data);
}

static void
on_browser_signal_cb (GDBusConnection *bus, const char *sender, const char *path,
                      const char *interface, const char *signal, GVariant *params, gpointer data)
{
    BureauServiceBrowser *self = data;
    Item item;

    if (g_strcmp0 (path, self->path) != 0)
        return;
    if (g_str_equal (signal, "ItemNew") && read_item (params, &item))
        add_service (self, &item);
    else if (g_str_equal (signal, "ItemRemove") && read_item (params, &item))
        remove_service (self, &item);
    else if (g_str_equal (signal, "Failure"))
        give_up (self);
}

/* ------------------------------------------------------------------ the daemon */

static void
on_browser_started_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GVariant) answer = bureau_avahi_call_finish (source, result, "()", &error);
    BureauServiceBrowser *self = data;

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (answer != NULL)
        self->hooks->browsing (TRUE, self->data);
    else
        give_up (self);
}

static void
on_browser_made_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GVariant) answer = bureau_avahi_call_finish (source, result, "(o)", &error);
    BureauServiceBrowser *self = data;

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    if (answer == NULL) {
        give_up (self);
        return;
    }
    g_variant_get (answer, "(o)", &self->path);
    bureau_avahi_call (self->avahi, self->path, "ServiceBrowser", "Start", NULL,
                       on_browser_started_cb, self);
}

/* Objects are prepared first, and say nothing before they are started: so nothing is missed. */
static void
browse (BureauServiceBrowser *self)
{
    bureau_avahi_listen (self->avahi, "ServiceBrowser", on_browser_signal_cb, self);
    bureau_avahi_listen (self->avahi, "ServiceResolver", on_resolver_signal_cb, self);
    bureau_avahi_call (self->avahi, BUREAU_AVAHI_SERVER_PATH, "Server2", "ServiceBrowserPrepare",
                       g_variant_new ("(iissu)", BUREAU_AVAHI_ANY, BUREAU_AVAHI_ANY,
                                      BUREAU_SERVICE_TYPE, BUREAU_SERVICE_DOMAIN, 0),
                       on_browser_made_cb, self);
}

static void
on_avahi_changed_cb (BureauAvahi *avahi, BureauAvahiState state, gpointer data)
{
    BureauServiceBrowser *self = data;

    if (state == BUREAU_AVAHI_THERE)
        browse (self);
    else
        give_up (self);
}

BureauServiceBrowser *
bureau_service_browser_new (const BureauServiceBrowserHooks *hooks, gpointer data)
{
    BureauServiceBrowser *self = g_new0 (BureauServiceBrowser, 1);

    self->hooks = hooks;
    self->data = data;
    self->services = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, service_free);
    self->resolvers = g_hash_table_new (g_str_hash, g_str_equal);
    self->avahi = bureau_avahi_new (on_avahi_changed_cb, self);
    return self;
}

void
bureau_service_browser_free (BureauServiceBrowser *self)
{
    bureau_avahi_free (self->avahi);
    forget_services (self);
    g_hash_table_unref (self->resolvers);
    g_hash_table_unref (self->services);
    g_free (self);
}

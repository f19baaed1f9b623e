/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-found-hub.h"

#include "bureau-hub-address.h"
#include "bureau-hub-id.h"
#include "bureau-lan-address.h"

/* What one interface and protocol say of it. */
typedef struct {
    guint service;
    char *host; /* (owned) */
    guint rank;
} Place;

struct _BureauFoundHub {
    GObject parent_instance;

    char *id;        /* (owned) */
    char *name;      /* (owned): ours for it */
    char *announced; /* (owned): its service's */
    guint16 port;
    GPtrArray *places; /* (owned): Place (owned), in the order they are to be tried */
    char *address;     /* (owned) (nullable): of the first */
};

G_DEFINE_FINAL_TYPE (BureauFoundHub, bureau_found_hub, G_TYPE_OBJECT)

enum { PROP_0, PROP_ADDRESS, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

static void
place_free (gpointer data)
{
    Place *place = data;

    g_free (place->host);
    g_free (place);
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
    const Place *first = *(const Place *const *) a;
    const Place *second = *(const Place *const *) b;

    if (first->rank != second->rank)
        return first->rank < second->rank ? -1 : 1;
    return g_strcmp0 (first->host, second->host);
}

static void
update_address (BureauFoundHub *self)
{
    g_autofree char *address = NULL;
    const char *host;

    g_ptr_array_sort (self->places, compare_places);
    host = bureau_found_hub_get_host (self);
    if (host != NULL)
        address = bureau_hub_address_join (host, self->port);
    if (g_strcmp0 (address, self->address) == 0)
        return;
    g_free (self->address);
    self->address = g_steal_pointer (&address);
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ADDRESS]);
}

static void
remove_place (BureauFoundHub *self, guint service)
{
    for (guint i = 0; i < self->places->len; i++) {
        Place *place = self->places->pdata[i];

        if (place->service == service) {
            g_ptr_array_remove_index (self->places, i);
            return;
        }
    }
}

void
bureau_found_hub_put (BureauFoundHub *self, guint service, GInetAddress *address)
{
    Place *place = g_new0 (Place, 1);

    place->service = service;
    place->host = g_inet_address_to_string (address);
    place->rank = bureau_lan_address_rank (address);
    remove_place (self, service);
    g_ptr_array_add (self->places, place);
    update_address (self);
}

gboolean
bureau_found_hub_drop (BureauFoundHub *self, guint service)
{
    remove_place (self, service);
    if (self->places->len == 0)
        return FALSE;
    update_address (self);
    return TRUE;
}

gboolean
bureau_found_hub_is (BureauFoundHub *self, const char *announced, const char *id, guint16 port)
{
    return port == self->port && g_str_equal (id, self->id) &&
           g_str_equal (announced, self->announced);
}

const char *
bureau_found_hub_get_id (BureauFoundHub *self)
{
    g_return_val_if_fail (BUREAU_IS_FOUND_HUB (self), NULL);
    return self->id;
}

const char *
bureau_found_hub_get_name (BureauFoundHub *self)
{
    g_return_val_if_fail (BUREAU_IS_FOUND_HUB (self), NULL);
    return self->name;
}

const char *
bureau_found_hub_get_host (BureauFoundHub *self)
{
    g_return_val_if_fail (BUREAU_IS_FOUND_HUB (self), NULL);
    return self->places->len > 0 ? ((Place *) self->places->pdata[0])->host : NULL;
}

const char *
bureau_found_hub_get_address (BureauFoundHub *self)
{
    g_return_val_if_fail (BUREAU_IS_FOUND_HUB (self), NULL);
    return self->address;
}

/* ------------------------------------------------------------------ object */

static void
bureau_found_hub_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    BureauFoundHub *self = BUREAU_FOUND_HUB (object);

    switch (id) {
    case PROP_ADDRESS:
        g_value_set_string (value, self->address);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_found_hub_finalize (GObject *object)
{
    BureauFoundHub *self = BUREAU_FOUND_HUB (object);

    g_free (self->id);
    g_free (self->name);
    g_free (self->announced);
    g_free (self->address);
    g_ptr_array_unref (self->places);
    G_OBJECT_CLASS (bureau_found_hub_parent_class)->finalize (object);
}

static void
bureau_found_hub_class_init (BureauFoundHubClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);

    object_class->get_property = bureau_found_hub_get_property;
    object_class->finalize = bureau_found_hub_finalize;
    properties[PROP_ADDRESS] = g_param_spec_string ("address", NULL, NULL, NULL,
                                                    G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY |
                                                        G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
bureau_found_hub_init (BureauFoundHub *self)
{
    self->places = g_ptr_array_new_with_free_func (place_free);
}

BureauFoundHub *
bureau_found_hub_new (const char *announced, const char *id, guint16 port)
{
    BureauFoundHub *self = g_object_new (BUREAU_TYPE_FOUND_HUB, NULL);

    self->announced = g_strdup (announced);
    self->id = g_strdup (id);
    self->name = bureau_hub_id_to_name (id);
    self->port = port;
    return self;
}

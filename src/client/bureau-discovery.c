/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-discovery.h"

#include "bureau-hub-id.h"
#include "bureau-service-browser.h"

struct _BureauDiscovery {
    GObject parent_instance;

    BureauDiscoveryState state;
    BureauServiceBrowser *browser; /* (owned) (nullable): while it is started */
    GListStore *hubs;              /* (owned): BureauFoundHub */
};

static void bureau_discovery_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BureauDiscovery, bureau_discovery, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      bureau_discovery_list_model_init))

enum { PROP_0, PROP_STATE, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

GType
bureau_discovery_state_get_type (void)
{
    static gsize type;
    static const GEnumValue VALUES[] = {
        { BUREAU_DISCOVERY_STARTING, "BUREAU_DISCOVERY_STARTING", "starting" },
        { BUREAU_DISCOVERY_BROWSING, "BUREAU_DISCOVERY_BROWSING", "browsing" },
        { BUREAU_DISCOVERY_UNAVAILABLE, "BUREAU_DISCOVERY_UNAVAILABLE", "unavailable" },
        { 0 },
    };

    if (g_once_init_enter (&type))
        g_once_init_leave (&type, g_enum_register_static ("BureauDiscoveryState", VALUES));
    return type;
}

static void
set_state (BureauDiscovery *self, BureauDiscoveryState state)
{
    if (self->state == state)
        return;
    self->state = state;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

/* ------------------------------------------------------------------ list model */

static GType
bureau_discovery_get_item_type (GListModel *model)
{
    return BUREAU_TYPE_FOUND_HUB;
}

static guint
bureau_discovery_get_n_items (GListModel *model)
{
    return g_list_model_get_n_items (G_LIST_MODEL (BUREAU_DISCOVERY (model)->hubs));
}

static gpointer
bureau_discovery_get_item (GListModel *model, guint position)
{
    return g_list_model_get_item (G_LIST_MODEL (BUREAU_DISCOVERY (model)->hubs), position);
}

static void
bureau_discovery_list_model_init (GListModelInterface *iface)
{
    iface->get_item_type = bureau_discovery_get_item_type;
    iface->get_n_items = bureau_discovery_get_n_items;
    iface->get_item = bureau_discovery_get_item;
}

/* ------------------------------------------------------------------ hubs */

static guint
count (BureauDiscovery *self)
{
    return g_list_model_get_n_items (G_LIST_MODEL (self->hubs));
}

/* Of an index. */
static BureauFoundHub *
dup_hub (BureauDiscovery *self, guint index)
{
    return g_list_model_get_item (G_LIST_MODEL (self->hubs), index);
}

static int
compare_hubs (gconstpointer a, gconstpointer b, gpointer data)
{
    return g_strcmp0 (bureau_found_hub_get_id ((gpointer) a),
                      bureau_found_hub_get_id ((gpointer) b));
}

/* The hub that is sighted, if it is listed. Somebody who uses another's id does not become it.
 * (nullable) (transfer full) */
static BureauFoundHub *
find_hub (BureauDiscovery *self, const BureauSighting *sighting)
{
    for (guint i = 0; i < count (self); i++) {
        g_autoptr (BureauFoundHub) hub = dup_hub (self, i);

        if (bureau_found_hub_is (hub, sighting->name, sighting->id, sighting->port))
            return g_steal_pointer (&hub);
    }
    return NULL;
}

/* No hub but @except (nullable) is said to be there by @service. */
static void
drop_service (BureauDiscovery *self, guint service, BureauFoundHub *except)
{
    for (guint i = count (self); i > 0; i--) {
        g_autoptr (BureauFoundHub) hub = i <= count (self) ? dup_hub (self, i - 1) : NULL;

        if (hub != NULL && hub != except && !bureau_found_hub_drop (hub, service))
            g_list_store_remove (self->hubs, i - 1);
    }
}

static void
forget_hubs (BureauDiscovery *self)
{
    /* A list store would tell of the removal of none, too. */
    if (count (self) > 0)
        g_list_store_remove_all (self->hubs);
}

static void
on_sighted (guint service, const BureauSighting *sighting, gpointer data)
{
    BureauDiscovery *self = data;
    g_autoptr (BureauFoundHub) hub = find_hub (self, sighting);

    if (hub != NULL) {
        bureau_found_hub_put (hub, service, sighting->address);
    } else if (count (self) < BUREAU_DISCOVERY_MAX_HUBS) {
        hub = bureau_found_hub_new (sighting->name, sighting->id, sighting->port);
        bureau_found_hub_put (hub, service, sighting->address);
        g_list_store_insert_sorted (self->hubs, hub, compare_hubs, NULL);
    }
    /* Last, as who hears of a change may stop us. */
    drop_service (self, service, hub);
}

static void
on_lost (guint service, gpointer data)
{
    drop_service (data, service, NULL);
}

static void
on_browsing (gboolean browsing, gpointer data)
{
    BureauDiscovery *self = data;

    if (!browsing)
        forget_hubs (self);
    if (self->browser != NULL) /* not stopped by who heard of that */
        set_state (self, browsing ? BUREAU_DISCOVERY_BROWSING : BUREAU_DISCOVERY_UNAVAILABLE);
}

/* ------------------------------------------------------------------ life */

void
bureau_discovery_start (BureauDiscovery *self)
{
    static const BureauServiceBrowserHooks hooks = {
        .browsing = on_browsing,
        .sighted = on_sighted,
        .lost = on_lost,
    };

    g_return_if_fail (BUREAU_IS_DISCOVERY (self));
    if (self->browser == NULL)
        self->browser = bureau_service_browser_new (&hooks, self);
}

void
bureau_discovery_stop (BureauDiscovery *self)
{
    g_return_if_fail (BUREAU_IS_DISCOVERY (self));
    g_clear_pointer (&self->browser, bureau_service_browser_free);
    forget_hubs (self);
    set_state (self, BUREAU_DISCOVERY_STARTING);
}

BureauDiscoveryState
bureau_discovery_get_state (BureauDiscovery *self)
{
    g_return_val_if_fail (BUREAU_IS_DISCOVERY (self), BUREAU_DISCOVERY_UNAVAILABLE);
    return self->state;
}

gboolean
bureau_discovery_match (BureauFoundHub *found, const char *pin)
{
    g_autofree char *id = bureau_hub_id_new (pin);

    return g_strcmp0 (id, bureau_found_hub_get_id (found)) == 0;
}

/* ------------------------------------------------------------------ object */

static void
bureau_discovery_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    BureauDiscovery *self = BUREAU_DISCOVERY (object);

    switch (id) {
    case PROP_STATE:
        g_value_set_enum (value, self->state);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_discovery_finalize (GObject *object)
{
    BureauDiscovery *self = BUREAU_DISCOVERY (object);

    g_clear_pointer (&self->browser, bureau_service_browser_free);
    g_object_unref (self->hubs);
    G_OBJECT_CLASS (bureau_discovery_parent_class)->finalize (object);
}

static void
bureau_discovery_class_init (BureauDiscoveryClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);

    object_class->get_property = bureau_discovery_get_property;
    object_class->finalize = bureau_discovery_finalize;
    properties[PROP_STATE] = g_param_spec_enum (
        "state", NULL, NULL, BUREAU_TYPE_DISCOVERY_STATE, BUREAU_DISCOVERY_STARTING,
        G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
on_items_changed_cb (BureauDiscovery *self, guint position, guint removed, guint added)
{
    g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

static void
bureau_discovery_init (BureauDiscovery *self)
{
    self->hubs = g_list_store_new (BUREAU_TYPE_FOUND_HUB);
    g_signal_connect_swapped (self->hubs, "items-changed", G_CALLBACK (on_items_changed_cb), self);
}

BureauDiscovery *
bureau_discovery_new (void)
{
    return g_object_new (BUREAU_TYPE_DISCOVERY, NULL);
}

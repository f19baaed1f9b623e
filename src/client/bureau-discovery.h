/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-found-hub.h"

G_BEGIN_DECLS

/* Whether one would hear of a hub. */
typedef enum {
    BUREAU_DISCOVERY_STARTING,    /* not asked yet */
    BUREAU_DISCOVERY_BROWSING,    /* hubs come and go */
    BUREAU_DISCOVERY_UNAVAILABLE, /* there is no Avahi to ask; it is noticed when one comes */
} BureauDiscoveryState;
GType bureau_discovery_state_get_type (void);
#define BUREAU_TYPE_DISCOVERY_STATE (bureau_discovery_state_get_type ())

/* The hubs that announce themselves on the networks this machine is in: a GListModel of
 * BureauFoundHub in the order of their ids, kept up to date by the system's Avahi. Nothing waits.
 * It lives in the thread whose main context it was made in.
 *
 * Property (read-only, notify): "state" (BureauDiscoveryState). */
#define BUREAU_TYPE_DISCOVERY (bureau_discovery_get_type ())
G_DECLARE_FINAL_TYPE (BureauDiscovery, bureau_discovery, BUREAU, DISCOVERY, GObject)

/* More that are said to be there are not listed. */
#define BUREAU_DISCOVERY_MAX_HUBS 64

/* Stopped. */
BureauDiscovery *bureau_discovery_new (void);
/* Starts listening, which tells the network that somebody looks for a hub; so only while a window
 * shows the list. */
void bureau_discovery_start (BureauDiscovery *self);
/* Empties the list. */
void bureau_discovery_stop (BureauDiscovery *self);
BureauDiscoveryState bureau_discovery_get_state (BureauDiscovery *self);

/* Whether @found may be the hub with @pin. A hint where to look for it: who is there says the
 * certificate. */
gboolean bureau_discovery_match (BureauFoundHub *found, const char *pin);

G_END_DECLS

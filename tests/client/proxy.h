/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A proxy in front of a hub on this machine, which lets through what it is told to. Signing in and
 * snapshots go by HTTP whatever the transport: they come through whenever anything does. */

typedef enum {
    PROXY_WEBSOCKET = 1 << 0,
    PROXY_POLLING = 1 << 1, /* of Engine.IO */
    PROXY_REST = 1 << 2,    /* heads, events and commands */
    PROXY_ALL = PROXY_WEBSOCKET | PROXY_POLLING | PROXY_REST,
    PROXY_NOTHING = 0,
} ProxyPass;

/* What becomes of the rest. */
typedef enum {
    PROXY_CUTS,    /* its connection is closed */
    PROXY_REFUSES, /* it is answered: 403 */
    PROXY_SILENT,  /* it is not answered */
} ProxyManner;

typedef struct {
    GSocketService *service; /* (owned) */
    char *uri;               /* (owned) */
    guint16 hub_port;
    ProxyPass pass;
    ProxyManner manner;
    GPtrArray *streams; /* (owned) (element-type GIOStream): all that ever came */
    guint upgrades;     /* WebSockets that were asked for */
    guint connections;  /* that ever came */
} Proxy;

/* @base_uri: the hub's. */
Proxy *proxy_new (const char *base_uri, ProxyPass pass, ProxyManner manner);
void proxy_free (Proxy *proxy);
/* All connections that are there, whatever they do. */
void proxy_drop (Proxy *proxy);
/* From now on; drops what there is. */
void proxy_let (Proxy *proxy, ProxyPass pass);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Looks for hubs by Avahi, and checks all that is said. What one interface and one protocol say of
 * one name is a service of its own; a number stands for it here as long as it is there. */
typedef struct _BureauServiceBrowser BureauServiceBrowser;

/* What a service says, as far as it is well-formed. */
typedef struct {
    char *name;            /* (owned): of the service, as it was announced */
    char *id;              /* (owned): see bureau-hub-id.h */
    GInetAddress *address; /* (owned): see bureau-lan-address.h */
    guint16 port;
} BureauSighting;

/* Each may free the browser. */
typedef struct {
    /* Whether one would hear of a hub. If not, all services are gone. */
    void (*browsing) (gboolean browsing, gpointer data);
    void (*sighted) (guint service, const BureauSighting *sighting, gpointer data);
    /* It has gone, or what it says now is not good. */
    void (*lost) (guint service, gpointer data);
} BureauServiceBrowserHooks;

BureauServiceBrowser *bureau_service_browser_new (const BureauServiceBrowserHooks *hooks,
                                                  gpointer data);
void bureau_service_browser_free (BureauServiceBrowser *self);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether this machine's networks lead to a hub, as the system knows it (GNetworkMonitor). */
typedef struct _BureauNetworkWatch BureauNetworkWatch;

/* The networks have changed: whether there is a way to the hub now. A hub on this very machine can
 * always be reached. */
typedef void (*BureauNetworkChanged) (gpointer data, gboolean reachable);

/* In the main context that is the thread's default. @changed is called from there, never at once,
 * and not after the watch is freed. (transfer full) */
BureauNetworkWatch *bureau_network_watch_new (const char *base_uri, BureauNetworkChanged changed,
                                              gpointer data);
void bureau_network_watch_free (BureauNetworkWatch *self);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "hub.h"

G_BEGIN_DECLS

/* The offices this machine keeps and the hub it serves one with: which folder they live in, which
 * port is free. All that the window sees of the hub. */

/* The folder of a new office: a name that no office has yet, under the user's data. (transfer full)
 */
char *bureau_host_pick_office (void);
/* The whole path of an office's folder. (transfer full) */
char *bureau_host_get_directory (const char *office);

#define BUREAU_TYPE_HOST (bureau_host_get_type ())
G_DECLARE_FINAL_TYPE (BureauHost, bureau_host, BUREAU, HOST, GObject)

/* @office: the name of its folder. Does nothing yet. */
BureauHost *bureau_host_new (const char *office);
const char *bureau_host_get_office (BureauHost *self);

/* Serves the office to this machine, and if it is @shared to the network too: at the port of
 * @last_uri, where the others look for it (nullable), at Bureau's own port, or at any free one if
 * those are taken. */
void bureau_host_serve_async (BureauHost *self, const char *last_uri, gboolean shared,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer data);
gboolean bureau_host_serve_finish (BureauHost *self, GAsyncResult *result, GError **error);
/* Where it is served: "http://127.0.0.1:28732". NULL while it is not. (nullable) */
const char *bureau_host_get_uri (BureauHost *self);
/* Since when, an instant; 0 while it is not. */
gint64 bureau_host_get_since (BureauHost *self);

/* Opens it to the network, or closes it again, while it is served; see bureau_hub_share_async(). */
void bureau_host_share_async (BureauHost *self, gboolean shared, GAsyncReadyCallback callback,
                              gpointer data);
gboolean bureau_host_share_finish (BureauHost *self, GAsyncResult *result, GError **error);
gboolean bureau_host_get_shared (BureauHost *self);
/* Where others find it; NULL while they don't. (nullable) (transfer full) */
char *bureau_host_get_address (BureauHost *self);
/* The pin by which others know it; "" while it is not served. (transfer none) */
const char *bureau_host_get_pin (BureauHost *self);

/* Stops serving; at once if it does not serve. */
void bureau_host_stop_async (BureauHost *self, GAsyncReadyCallback callback, gpointer data);
gboolean bureau_host_stop_finish (BureauHost *self, GAsyncResult *result, GError **error);

G_END_DECLS

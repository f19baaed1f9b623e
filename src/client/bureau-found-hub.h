/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A hub that somebody on the network says is there. All of it is hearsay, though well-formed: a
 * hint where to ask. It is a hub of ours if it proves so by its certificate.
 *
 * Property (read-only, notify): "address" (string). */
#define BUREAU_TYPE_FOUND_HUB (bureau_found_hub_get_type ())
G_DECLARE_FINAL_TYPE (BureauFoundHub, bureau_found_hub, BUREAU, FOUND_HUB, GObject)

/* 16 hex digits, see bureau-hub-id.h. */
const char *bureau_found_hub_get_id (BureauFoundHub *self);
/* "Bureau ab12-cd34" */
const char *bureau_found_hub_get_name (BureauFoundHub *self);
/* The best of its addresses: numeric, an IPv6 one without brackets. */
const char *bureau_found_hub_get_host (BureauFoundHub *self);
/* "192.168.1.20:28732", "[2001:db8::1]:28732": as one would type it. */
const char *bureau_found_hub_get_address (BureauFoundHub *self);

/* ------------------------------------------------------------------ for the discovery */

/* @announced: the name of its service. */
BureauFoundHub *bureau_found_hub_new (const char *announced, const char *id, guint16 port);
gboolean bureau_found_hub_is (BureauFoundHub *self, const char *announced, const char *id,
                              guint16 port);
/* @service (see bureau-service-browser.h) says that the hub is at @address, in place of what it
 * said before. */
void bureau_found_hub_put (BureauFoundHub *self, guint service, GInetAddress *address);
/* Forgets what @service has said. FALSE if nobody says anything of the hub any more. */
gboolean bureau_found_hub_drop (BureauFoundHub *self, guint service);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An address that the network gave us for a hub, if it is one that another machine can have and
 * that can be written into a URI: not loopback, where we would speak without TLS, no multicast, and
 * no link-local IPv6, whose scope has no place there. (transfer full) (nullable) */
GInetAddress *bureau_lan_address_parse (const char *text);

/* Whether this machine is on a network of any kind, with or without a way to the Internet. */
gboolean bureau_lan_address_is_there (void);

/* The lower, the better to try: those in one's own subnets first, and of these IPv4 first. */
guint bureau_lan_address_rank (GInetAddress *address);

G_END_DECLS

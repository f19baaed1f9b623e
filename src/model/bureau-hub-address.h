/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where a hub is: a host, which is a name, an IPv4 or an IPv6 address without brackets, and a port.
 */

#define BUREAU_DEFAULT_PORT 28732

/* An address of this very machine: the only ones to be spoken to without TLS. */
gboolean bureau_hub_address_is_loopback (const char *host);

/* "192.0.2.7:28732", "[2001:db8::7]:28732" (transfer full) */
char *bureau_hub_address_join (const char *host, guint16 port);

G_END_DECLS

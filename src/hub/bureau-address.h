/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* This machine's addresses as they are at the moment of asking; numeric, without ports. Nothing is
 * sent. */

/* The one that others are likely to reach: where the default route begins, else the first that is
 * not loopback. NULL if this machine is on no network. (nullable) (transfer full) */
char *bureau_address_find (void);
/* All but loopback ones and those that need a scope, in a fixed order, IPv4 first. (transfer full)
 */
GStrv bureau_address_list (void);
/* Where everybody on the network is listened to: "::" (for IPv4 too), "0.0.0.0" where there is no
 * IPv6. */
const char *bureau_address_get_wildcard (void);

/* What an address of anybody's is counted as: of IPv6 the network (/64), whose addresses all are
 * one's own; an IPv4 address, also one written as IPv6, itself. (transfer full) */
char *bureau_address_to_group (const char *address);

G_END_DECLS

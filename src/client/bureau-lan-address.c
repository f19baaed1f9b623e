/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-lan-address.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#define MAX_TEXT INET6_ADDRSTRLEN

/* 0.0.0.0/8 is "this network", 240.0.0.0/4 reserved with the broadcast address in it; ::ffff:0:0/96
 * would be an IPv4 address past the checks of one. */
static gboolean
is_of_nobody (GInetAddress *address)
{
    const guint8 *bytes = g_inet_address_to_bytes (address);
    static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };

    if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4)
        return bytes[0] == 0 || bytes[0] >= 240;
    return memcmp (bytes, mapped, sizeof mapped) == 0;
}

GInetAddress *
bureau_lan_address_parse (const char *text)
{
    g_autoptr (GInetAddress) address = NULL;

    if (strlen (text) > MAX_TEXT)
        return NULL;
    address = g_inet_address_new_from_string (text);
    if (address == NULL || is_of_nobody (address) || g_inet_address_get_is_any (address) ||
        g_inet_address_get_is_loopback (address) || g_inet_address_get_is_multicast (address))
        return NULL;
    if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6 &&
        g_inet_address_get_is_link_local (address))
        return NULL;
    return g_steal_pointer (&address);
}

/* The bytes of an interface's address or mask; NULL if it is of another family. */
static const guint8 *
get_bytes (const struct sockaddr *address, GSocketFamily family)
{
    if (address == NULL || address->sa_family != family)
        return NULL;
    return family == G_SOCKET_FAMILY_IPV4
               ? (const guint8 *) &((const struct sockaddr_in *) address)->sin_addr
               : (const guint8 *) &((const struct sockaddr_in6 *) address)->sin6_addr;
}

static gboolean
is_in_subnet (GInetAddress *address, const struct ifaddrs *interface)
{
    GSocketFamily family = g_inet_address_get_family (address);
    const guint8 *theirs = g_inet_address_to_bytes (address);
    const guint8 *ours = get_bytes (interface->ifa_addr, family);
    const guint8 *mask = get_bytes (interface->ifa_netmask, family);

    if (ours == NULL || mask == NULL || (interface->ifa_flags & IFF_LOOPBACK) != 0)
        return FALSE;
    for (gsize i = 0; i < g_inet_address_get_native_size (address); i++) {
        if (((theirs[i] ^ ours[i]) & mask[i]) != 0)
            return FALSE;
    }
    return TRUE;
}

static gboolean
is_near (GInetAddress *address)
{
    struct ifaddrs *interfaces;
    gboolean near = FALSE;

    if (getifaddrs (&interfaces) != 0)
        return FALSE;
    for (const struct ifaddrs *i = interfaces; i != NULL && !near; i = i->ifa_next)
        near = is_in_subnet (address, i);
    freeifaddrs (interfaces);
    return near;
}

/* A cable that is plugged in, and an address of ours on it. */
static gboolean
is_connected (const struct ifaddrs *interface)
{
    const unsigned int wanted = IFF_UP | IFF_RUNNING;

    return (interface->ifa_flags & (wanted | IFF_LOOPBACK)) == wanted &&
           (get_bytes (interface->ifa_addr, G_SOCKET_FAMILY_IPV4) != NULL ||
            get_bytes (interface->ifa_addr, G_SOCKET_FAMILY_IPV6) != NULL);
}

gboolean
bureau_lan_address_is_there (void)
{
    struct ifaddrs *interfaces;
    gboolean there = FALSE;

    if (getifaddrs (&interfaces) != 0)
        return FALSE;
    for (const struct ifaddrs *i = interfaces; i != NULL && !there; i = i->ifa_next)
        there = is_connected (i);
    freeifaddrs (interfaces);
    return there;
}

guint
bureau_lan_address_rank (GInetAddress *address)
{
    guint family = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4 ? 0 : 1;

    return (is_near (address) ? 0 : 2) + family;
}

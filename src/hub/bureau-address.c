/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

/* Of documentation (RFC 5737, RFC 3849): nobody is there, and nothing is sent, but a route is
 * chosen. */
#define FAR_IPV4 "198.51.100.1"
#define FAR_IPV6 "2001:db8:ffff::1"
#define DISCARD  9

static char *
find_on_route (const char *far)
{
    g_autoptr (GSocketAddress) target = g_inet_socket_address_new_from_string (far, DISCARD);
    g_autoptr (GSocket) socket = g_socket_new (g_socket_address_get_family (target),
                                               G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
    g_autoptr (GSocketAddress) local = NULL;
    GInetAddress *address;

    if (socket == NULL || !g_socket_connect (socket, target, NULL, NULL))
        return NULL;
    local = g_socket_get_local_address (socket, NULL);
    if (local == NULL)
        return NULL;
    address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local));
    return g_inet_address_get_is_loopback (address) || g_inet_address_get_is_link_local (address)
               ? NULL
               : g_inet_address_to_string (address);
}

char *
bureau_address_find (void)
{
    char *found = find_on_route (FAR_IPV4);

    if (found == NULL)
        found = find_on_route (FAR_IPV6);
    if (found == NULL) {
        g_auto (GStrv) all = bureau_address_list ();

        found = g_strdup (all[0]);
    }
    return found;
}

/* The address in words; NULL if it is not one to list. (transfer full) */
static char *
describe (const struct ifaddrs *interface)
{
    const struct sockaddr *native = interface->ifa_addr;
    g_autoptr (GInetAddress) address = NULL;

    if (native == NULL || (interface->ifa_flags & IFF_UP) == 0)
        return NULL;
    if (native->sa_family == AF_INET)
        address = g_inet_address_new_from_bytes (
            (const guint8 *) &((const struct sockaddr_in *) native)->sin_addr,
            G_SOCKET_FAMILY_IPV4);
    else if (native->sa_family == AF_INET6)
        address = g_inet_address_new_from_bytes (
            (const guint8 *) &((const struct sockaddr_in6 *) native)->sin6_addr,
            G_SOCKET_FAMILY_IPV6);
    if (address == NULL || g_inet_address_get_is_loopback (address) ||
        (native->sa_family == AF_INET6 && g_inet_address_get_is_link_local (address)))
        return NULL;
    return g_inet_address_to_string (address);
}

static int
compare (gconstpointer a, gconstpointer b)
{
    const char *one = *(const char *const *) a, *other = *(const char *const *) b;
    int by_family = (strchr (one, ':') != NULL) - (strchr (other, ':') != NULL);

    return by_family != 0 ? by_family : strcmp (one, other);
}

GStrv
bureau_address_list (void)
{
    g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
    struct ifaddrs *interfaces = NULL;

    if (getifaddrs (&interfaces) == 0) {
        for (struct ifaddrs *at = interfaces; at != NULL; at = at->ifa_next) {
            char *address = describe (at);

            if (address != NULL)
                g_ptr_array_add (found, address);
        }
        freeifaddrs (interfaces);
    }
    g_ptr_array_sort (found, compare);
    g_ptr_array_add (found, NULL);
    g_ptr_array_set_free_func (found, NULL);
    return (GStrv) g_ptr_array_free (g_steal_pointer (&found), FALSE);
}

const char *
bureau_address_get_wildcard (void)
{
    int fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return "0.0.0.0";
    close (fd);
    return "::";
}

char *
bureau_address_to_group (const char *address)
{
    /* Without the name of the link. */
    g_autofree char *plain = g_strndup (address, strcspn (address, "%"));
    struct in6_addr bytes;
    char text[INET6_ADDRSTRLEN];

    if (inet_pton (AF_INET6, plain, &bytes) != 1)
        return g_strdup (address);
    if (IN6_IS_ADDR_V4MAPPED (&bytes))
        return g_strdup (inet_ntop (AF_INET, bytes.s6_addr + 12, text, sizeof text));
    memset (bytes.s6_addr + 8, 0, 8);
    return g_strdup_printf ("%s/64", inet_ntop (AF_INET6, &bytes, text, sizeof text));
}

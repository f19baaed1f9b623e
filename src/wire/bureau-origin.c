/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-origin.h"

#include <arpa/inet.h>
#include <string.h>

/* RFC 1035, section 2.3.4 */
#define MAX_NAME 253

/* Takes "NAME", "NAME:PORT" or "[ADDRESS]:PORT" apart. FALSE if it is none of these. */
static gboolean
split_host (const char *host, char name[MAX_NAME + 1])
{
    gboolean bracketed = *host == '[';
    const char *start = host + bracketed;
    const char *end = bracketed ? strchr (start, ']') : strchrnul (start, ':');
    const char *port;

    if (end == NULL || end == start || end - start > MAX_NAME)
        return FALSE;
    memcpy (name, start, end - start);
    name[end - start] = '\0';
    port = end + bracketed;
    return *port == '\0' || (*port == ':' && port[1] != '\0' &&
                             strspn (port + 1, "0123456789") == strlen (port + 1));
}

/* An address as the 16 bytes that IPv6 has for it, be it of IPv4 or not. */
static gboolean
parse_address (const char *name, struct in6_addr *address)
{
    static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };
    struct in_addr four;

    if (inet_pton (AF_INET, name, &four) != 1)
        return inet_pton (AF_INET6, name, address) == 1;
    memcpy (address->s6_addr, mapped, sizeof mapped);
    memcpy (address->s6_addr + sizeof mapped, &four, sizeof four);
    return TRUE;
}

static gboolean
is_loopback (const struct in6_addr *address)
{
    return IN6_IS_ADDR_LOOPBACK (address) ||
           (IN6_IS_ADDR_V4MAPPED (address) && address->s6_addr[12] == 127);
}

static gboolean
is_local (const struct in6_addr *address, GSocketAddress *local)
{
    GInetAddress *inet;
    gsize size;

    if (!G_IS_INET_SOCKET_ADDRESS (local))
        return FALSE;
    inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local));
    size = g_inet_address_get_native_size (inet);
    /* One of IPv4 is the end of its IPv6 form. */
    return (size == 16 || IN6_IS_ADDR_V4MAPPED (address)) &&
           memcmp (address->s6_addr + 16 - size, g_inet_address_to_bytes (inet), size) == 0;
}

static gboolean
is_machine_name (const char *name)
{
    const char *machine = g_get_host_name ();
    gsize length = strlen (machine);

    return g_ascii_strncasecmp (name, machine, length) == 0 &&
           (name[length] == '\0' || g_ascii_strcasecmp (name + length, ".local") == 0);
}

/* A page that has its own name resolve to our address sends that name (DNS rebinding); our own
 * clients send ours. */
gboolean
bureau_origin_is_own_host (const char *host, GSocketAddress *local)
{
    char name[MAX_NAME + 1];
    struct in6_addr address;

    if (!split_host (host, name))
        return FALSE;
    if (parse_address (name, &address))
        return is_loopback (&address) || is_local (&address, local);
    return g_ascii_strcasecmp (name, "localhost") == 0 || is_machine_name (name);
}

gboolean
bureau_origin_is_allowed (const char *const *allowed, const char *origin)
{
    for (; allowed != NULL && *allowed != NULL; allowed++) {
        if (strcmp (*allowed, "*") == 0 || g_ascii_strcasecmp (*allowed, origin) == 0)
            return TRUE;
    }
    return FALSE;
}

/* What a name or an address in brackets is made of; whether there is such a host is not asked. */
static gboolean
is_host_name (const char *name)
{
    struct in6_addr address;

    return strchr (name, ':') != NULL
               ? inet_pton (AF_INET6, name, &address) == 1
               : strspn (name,
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") ==
                     strlen (name);
}

gboolean
bureau_origin_is_valid (const char *origin)
{
    char name[MAX_NAME + 1];
    const char *host;

    if (g_str_has_prefix (origin, "http://"))
        host = origin + strlen ("http://");
    else if (g_str_has_prefix (origin, "https://"))
        host = origin + strlen ("https://");
    else
        return FALSE;
    return split_host (host, name) && is_host_name (name);
}

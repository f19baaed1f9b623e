/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-hub-address.h"

#include <gio/gio.h>
#include <string.h>

gboolean
bureau_hub_address_is_loopback (const char *host)
{
    g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

    /* GLib never asks the network what "localhost" is (RFC 6761, section 6.3). */
    return address != NULL ? g_inet_address_get_is_loopback (address)
                           : g_ascii_strcasecmp (host, "localhost") == 0;
}

char *
bureau_hub_address_join (const char *host, guint16 port)
{
    return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
}

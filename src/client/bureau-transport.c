/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-transport.h"

GType
bureau_transport_get_type (void)
{
    static gsize type;
    static const GEnumValue VALUES[] = {
        { BUREAU_TRANSPORT_NONE, "BUREAU_TRANSPORT_NONE", "none" },
        { BUREAU_TRANSPORT_WEBSOCKET, "BUREAU_TRANSPORT_WEBSOCKET", "websocket" },
        { BUREAU_TRANSPORT_POLLING, "BUREAU_TRANSPORT_POLLING", "polling" },
        { BUREAU_TRANSPORT_REST, "BUREAU_TRANSPORT_REST", "rest" },
        { 0 },
    };

    if (g_once_init_enter (&type))
        g_once_init_leave (&type, g_enum_register_static ("BureauTransport", VALUES));
    return type;
}

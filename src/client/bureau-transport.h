/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* The ways of being connected, from the best down (sync.md, Reconnect). */
typedef enum {
    BUREAU_TRANSPORT_NONE,
    BUREAU_TRANSPORT_WEBSOCKET,
    BUREAU_TRANSPORT_POLLING, /* HTTP long-polling: as good, only a little later */
    BUREAU_TRANSPORT_REST,    /* asking every 10 s; who is there can't be known */
} BureauTransport;
GType bureau_transport_get_type (void);
#define BUREAU_TYPE_TRANSPORT (bureau_transport_get_type ())

G_END_DECLS

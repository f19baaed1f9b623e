/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-packet.h"
#include "bureau-socket.h"

G_BEGIN_DECLS

/* What a CONNECT_ERROR says. (transfer full) */
GError *bureau_socket_error_new_refused (const BureauPacket *packet);
/* A WebSocket's close frame. (transfer full) */
GError *bureau_socket_error_new_closed (guint16 close_code);
void bureau_socket_error_set_http (GError **error, guint status);
/* @expected, @presented: pins (nullable). */
void bureau_socket_error_set_stranger (GError **error, const char *expected, const char *presented);

G_END_DECLS

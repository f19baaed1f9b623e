/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-rung.h"

G_BEGIN_DECLS

/* The live rungs: Socket.IO over a WebSocket or by long-polling, of which the second may become the
 * first while it is open. Its token is renewed over the connection itself. */
#define BUREAU_TYPE_SOCKET_RUNG (bureau_socket_rung_get_type ())
G_DECLARE_FINAL_TYPE (BureauSocketRung, bureau_socket_rung, BUREAU, SOCKET_RUNG, BureauRung)

/* See bureau_rung_open(). */
void bureau_socket_rung_open (BureauTransport transport, BureauCredentials *credentials,
                              JsonObject *auth, GCancellable *cancellable, BureauRungOpened opened,
                              gpointer data);

G_END_DECLS

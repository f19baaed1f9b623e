/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The client's half of the WebSocket handshake (RFC 6455 section 4.1): the request's text, and a
 * strict look at the head of the answer. */

#define BUREAU_HANDSHAKE_MAX_HEAD (16 * 1024)

/* 16 random bytes, as Sec-WebSocket-Key has them. (transfer full) */
char *bureau_handshake_make_key (void);
/* @uri: of bureau_carrier_make_uri(), which has nothing in it that a request must not. (transfer
 * full) */
char *bureau_handshake_make_request (GUri *uri, const char *key);
/* What Sec-WebSocket-Accept has to say. (transfer full) */
char *bureau_handshake_make_accept (const char *key);
/* How long the head is, up to its empty line; 0 if it is not whole yet. */
gsize bureau_handshake_find_end (const guint8 *bytes, gsize length);
/* Checks the head of @length bytes that find_end() found. Any status but 101 is
 * BUREAU_SOCKET_ERROR_HTTP with that status; all else that is wrong with it is
 * BUREAU_SOCKET_ERROR_PROTOCOL. */
gboolean bureau_handshake_check_answer (const guint8 *head, gsize length, const char *key,
                                        GError **error);

G_END_DECLS

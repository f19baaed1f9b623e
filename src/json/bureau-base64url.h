/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Base64url (RFC 4648, section 5) without padding: tokens, pins, nonces, proofs. */

/* (transfer full) */
char *bureau_base64url_encode (const void *bytes, gsize length);
/* Strict: the whole text, no padding, no blanks, and just what bureau_base64url_encode() would make
 * of it. @size: of @bytes. */
gboolean bureau_base64url_decode (const char *text, gsize length, void *bytes, gsize size,
                                  gsize *written);
/* The same for a whole text (nullable) that is just @size bytes. */
gboolean bureau_base64url_decode_all (const char *text, void *bytes, gsize size);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Keys and certificates of a hub that nobody vouches for: P-256, signed by themselves. Functions of
 * their arguments; texts are PEM, instants are Unix time in seconds. */

/* A new private key. (transfer full) */
char *bureau_tls_key_new (void);
/* The pin (see bureau-pin.h) of a private key, which is that of every certificate made for it.
 * G_IO_ERROR_INVALID_DATA if @key is none. (transfer full) */
char *bureau_tls_key_get_pin (const char *key, GError **error);

/* A certificate for @key and @names: host names and numeric addresses, NULL-terminated; the first
 * one is its subject. G_IO_ERROR_INVALID_DATA if @key is none. (transfer full) */
char *bureau_tls_certificate_new (const char *key, const char *const *names, gint64 from,
                                  gint64 until, GError **error);
/* Whether @certificate is for @key, for just these @names, and good from @from until @until.
 * G_IO_ERROR_INVALID_DATA if one of the two is none, or if it is for another key: then it is no
 * older certificate of ours. */
gboolean bureau_tls_certificate_fits (const char *certificate, const char *key,
                                      const char *const *names, gint64 from, gint64 until,
                                      gboolean *fits, GError **error);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "bureau-stranger.h"

G_BEGIN_DECLS

/* A session that speaks with the hub whose certificate has @pin, and with nobody else; "" for a hub
 * on loopback. NULL lets in whoever is there, to learn the pin: nothing that others must not know
 * may be said over it. (transfer full) */
SoupSession *bureau_trust_session_new (const char *pin);

/* FALSE, with a sentence for people, if others might hear what is said at @base_uri: plain HTTP
 * stays in this machine, and all else needs a @pin (nullable, like ""). */
gboolean bureau_trust_check (const char *base_uri, const char *pin, GError **error);

/* The pin of the certificate that was shown last; "" if there was none. (transfer none) */
const char *bureau_trust_get_presented (SoupSession *session);
/* A BUREAU_STRANGER_ERROR if @error, of a connection of @session, is there because of another
 * certificate; else NULL. (transfer full) */
GError *bureau_trust_find_stranger (SoupSession *session, const GError *error);

G_END_DECLS

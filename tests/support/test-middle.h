/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A man in the middle: ends TLS with a key of its own, begins it anew towards the real hub, hands
 * on all that is said, and remembers what it was told. In threads of its own. */
typedef struct _Middle Middle;

/* @upstream: where the hub is, "https://127.0.0.1:1234"; NULL: it answers nothing itself.
 * @priority: GnuTLS's, e.g. for an old version; NULL for TLS 1.3. PEM texts. */
Middle *middle_new (const char *upstream, const char *certificate, const char *key,
                    const char *priority);
void middle_free (Middle *middle);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Middle, middle_free)

/* "https://127.0.0.1:4321" (transfer none) */
const char *middle_get_uri (Middle *middle);
/* How many came, and with how many of them a handshake was done. */
guint middle_count_visits (Middle *middle);
guint middle_count_handshakes (Middle *middle);
/* Bytes that were said to it within TLS. */
gsize middle_count_heard (Middle *middle);
/* Whether @text was said to it, or by it, within TLS or without. */
gboolean middle_knows (Middle *middle, const char *text);
/* Cuts all connections, and waits until it has forgotten them. */
void middle_cut (Middle *middle);
/* From now on it shows another certificate. */
void middle_set_identity (Middle *middle, const char *certificate, const char *key);

G_END_DECLS

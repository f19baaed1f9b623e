/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a hub calls itself on the network (reliability.md, 5): the first 8 bytes of its
 * certificate's SPKI hash, as 16 hex digits, and nothing of whose office it is. Anybody on the
 * network can say the same, so it is a hint where to ask, never a proof of who answers. */
#define BUREAU_HUB_ID_LENGTH 16

/* Of DNS-SD. */
#define BUREAU_SERVICE_TYPE   "_bureau._tcp"
#define BUREAU_SERVICE_DOMAIN "local"

/* The id of the hub with @pin, base64url of the hash. (transfer full) (nullable): not a pin */
char *bureau_hub_id_new (const char *pin);
/* "Bureau ab12-cd34" (transfer full) */
char *bureau_hub_id_to_name (const char *id);

/* The TXT record that says it: `v=1` and `id=`, an array of byte strings (floating). */
GVariant *bureau_hub_id_to_text (const char *id);
/* Reads such a record of anybody's; keys it does not know are passed over, as RFC 6763 (6.4) wants.
 * (transfer full) (nullable): it is not a hub's that we could talk to */
char *bureau_hub_id_new_from_text (GVariant *text);

G_END_DECLS

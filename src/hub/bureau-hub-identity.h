/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-data-directory.h"
#include "bureau-tls.h"

G_BEGIN_DECLS

/* Their files, below keys/. */
#define BUREAU_HUB_KEY         "hub.key"
#define BUREAU_HUB_CERTIFICATE "hub.crt"

/* Who the hub is to other machines: keys/hub.key and keys/hub.crt (reliability.md, 5). The key is
 * made once and is what clients know the hub by; the certificate only carries it, and is made anew
 * for the same key when it nears its end or the machine has got other names or addresses. A file
 * that is damaged or not ours is an error, and stays as it is: a new key would lock everybody out.
 * Blocking. @pin (transfer full): the key's. */
BureauTlsIdentity *bureau_hub_identity_load (BureauDataDirectory *directory, char **pin,
                                             GError **error);
/* The pin alone, of a key that is there. (transfer full) */
char *bureau_hub_identity_read_pin (BureauDataDirectory *directory, GError **error);

G_END_DECLS

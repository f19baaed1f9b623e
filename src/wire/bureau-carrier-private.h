/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-carrier.h"

G_BEGIN_DECLS

/* Bytes that may wait for a hub that does not take them. */
#define BUREAU_CARRIER_MAX_UNSENT (16 * 1024 * 1024)
/* ms for saying goodbye */
#define BUREAU_CARRIER_LEAVE_TIME 2000

BureauCarrier *bureau_carrier_new (GType type, SoupSession *session, const char *base_uri,
                                   gsize max_payload, const BureauCarrierEvents *events,
                                   gpointer owner);
SoupSession *bureau_carrier_get_session (BureauCarrier *self);
gsize bureau_carrier_get_max_payload (BureauCarrier *self);
const char *bureau_carrier_get_base_uri (BureauCarrier *self);
/* FALSE once it was left or has failed. */
gboolean bureau_carrier_has_owner (BureauCarrier *self);
void bureau_carrier_tell_opened (BureauCarrier *self);
void bureau_carrier_tell_packet (BureauCarrier *self, const char *text, gsize length);
void bureau_carrier_tell_paused (BureauCarrier *self);
/* Takes @error. */
void bureau_carrier_fail (BureauCarrier *self, GError *error);

G_END_DECLS

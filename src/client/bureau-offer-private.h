/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "bureau-offer.h"

G_BEGIN_DECLS

/* bureau-offer.c asks with a link, bureau-offer-code.c with a typed code. */

#define BUREAU_OFFER_MAX_ANSWER (16 * 1024) /* bytes */

/* What the hub at @base_uri, with @pin, says in @answer. NULL if it makes no sense. (transfer full)
 */
BureauOffer *bureau_offer_new (const char *base_uri, const char *pin, const char *secret,
                               JsonObject *answer, GError **error);

/* Ends @task with the offer, or with what is wrong. @task: taken. */
void bureau_offer_ask_by_code (const BureauInvitation *invitation, GTask *task);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-settings.h"

G_BEGIN_DECLS

/* How much one person, and one network address, may ask of a hub (rules.md, Limits). */

typedef enum {
    BUREAU_RATE_NONE, /* not counted */
    /* By person, all of their connections together. */
    BUREAU_RATE_COMMAND,
    BUREAU_RATE_STORE, /* bytes */
    BUREAU_RATE_READ,  /* KiB: owed, as nobody knows before how many it will be */
    BUREAU_RATE_PROJECT,
    BUREAU_RATE_MEMBER,
    BUREAU_RATE_INVITE,
    /* By address, before anybody has signed in. */
    BUREAU_RATE_LOGIN,
    BUREAU_RATE_JOIN,
    BUREAU_RATE_INVITATION,
    BUREAU_RATE_CODE,
    BUREAU_RATE_REFRESH,
    BUREAU_N_RATES
} BureauRateKind;

typedef struct _BureauRates BureauRates;

BureauRates *bureau_rates_new (const BureauSettings *settings);
void bureau_rates_free (BureauRates *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauRates, bureau_rates_free)

/* Counts @count for @who: a person's id, or an address's group. BUREAU_ERROR_RATE_LIMITED, with the
 * time to wait, if that is too much: then nothing is counted. */
gboolean bureau_rates_take (BureauRates *self, BureauRateKind kind, const char *who, gint64 count,
                            GError **error);
/* Counts what @who has had, after they took none of it. */
void bureau_rates_owe (BureauRates *self, BureauRateKind kind, const char *who, gint64 count);

G_END_DECLS

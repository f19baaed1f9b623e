/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The facts behind “Why can’t I see it?”: what could be in the way between this machine and an
 * office. The words for them, and what to do, are the window's. */

/* In the order in which they are looked at, and told. */
typedef enum {
    BUREAU_CHECK_NETWORK, /* this machine is on a network */
    BUREAU_CHECK_SANDBOX, /* nothing forbids us to ask Avahi */
    BUREAU_CHECK_AVAHI,   /* it is there, to tell of offices nearby */
    BUREAU_CHECK_REACH,   /* somebody answers at the address */
    BUREAU_CHECK_HUB,     /* and it is a hub */
    BUREAU_CHECK_CLOCK,   /* whose clock says about what ours says */
} BureauCheck;

typedef enum {
    BUREAU_FINDING_GOOD,
    BUREAU_FINDING_BAD,
    BUREAU_FINDING_UNKNOWN, /* could not be looked at, mostly as something before it is bad */
} BureauFinding;

/* What is bad, where more than one thing may be. */
typedef enum {
    BUREAU_TROUBLE_NONE,
    BUREAU_TROUBLE_NO_BUS,    /* AVAHI: nor is there a system bus to ask for it */
    BUREAU_TROUBLE_NO_NAME,   /* REACH: nobody knows the name */
    BUREAU_TROUBLE_NO_ROUTE,  /* REACH: no way leads there from here */
    BUREAU_TROUBLE_REFUSED,   /* REACH: the machine is there, the office is not served */
    BUREAU_TROUBLE_TIMED_OUT, /* REACH: silence, as of a firewall, or a machine that is off */
    BUREAU_TROUBLE_NOT_TLS,   /* HUB: it does not speak TLS */
    BUREAU_TROUBLE_NOT_HUB,   /* HUB: it is something else */
} BureauTrouble;

typedef struct {
    BureauCheck check;
    BureauFinding finding;
    BureauTrouble trouble;
} BureauFact;

/* @address (nullable): "HOST[:PORT]" as somebody types it; without one nothing is told of REACH and
 * what follows. At most 5 s go by for each of an address's attempts and for the hub's answer.
 * Nobody is told anything but that somebody asks. */
void bureau_diagnose_async (const char *address, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer data);
/* Of BureauFact, each check once. BUREAU_ERROR_INVALID, with a sentence for people, if @address is
 * none; G_IO_ERROR_CANCELLED. (transfer full) */
GArray *bureau_diagnose_finish (GAsyncResult *result, GError **error);

G_END_DECLS

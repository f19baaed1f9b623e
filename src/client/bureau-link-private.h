/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

/* bureau-link.c is what its owner and the machine say to it; bureau-link-ladder.c gets from rung to
 * rung. */

#include "bureau-attempt.h"
#include "bureau-link.h"
#include "bureau-network-watch.h"
#include "bureau-sleep-watch.h"

G_BEGIN_DECLS

/* So many waits that double, from a second on; after those it is offline. */
#define BUREAU_LINK_SHORT_FAILURES 5
#define BUREAU_LINK_LONG_WAIT      30000 /* ms */

struct _BureauLink {
    GObject parent_instance;

    BureauCredentials *credentials; /* (owned) */
    const BureauLinkListener *listener;
    gpointer data;

    BureauLinkState state;
    BureauRung *rung;            /* (owned) (nullable): open */
    BureauAttempt *attempt;      /* (owned) (nullable): under way, also beside a REST rung */
    gint64 begun;                /* monotonic time of the last one's beginning */
    BureauTransport first;       /* to try: the one that last worked */
    GSource *retry;              /* (owned) (nullable) */
    GSource *rise;               /* (owned) (nullable): while there may be something better */
    GSource *steady;             /* (owned) (nullable): while it works, but not for long yet */
    gboolean lasts;              /* the rung has worked for a while */
    guint cuts;                  /* live connections in a row that were lost too soon */
    gboolean lowered;            /* `first` is a lower one because of them */
    gboolean shut_out;           /* the hub has ended the token: not its fault, nor ours */
    guint failures;              /* since a connection last worked for a while */
    gint64 pause;                /* ms the hub asked for, 0 for none */
    GError *reason;              /* (owned) (nullable): why it tries no more */
    BureauNetworkWatch *network; /* (owned) (nullable) */
    BureauSleepWatch *sleep;     /* (owned) (nullable) */
};

/* Tells the listener, if it is another. */
void bureau_link_set_state (BureauLink *self, BureauLinkState state);

/* Now, if there is none under way and no live connection; beside REST, for something better. */
void bureau_link_attempt (BureauLink *self);
/* The same, but not for each of the many changes of one network that comes up. */
void bureau_link_attempt_soon (BureauLink *self);
/* After a wait, longer each time. */
void bureau_link_plan_retry (BureauLink *self);
/* The one under way and the next. */
void bureau_link_leave_attempt (BureauLink *self);

/* Says nothing to the listener. */
void bureau_link_leave_rung (BureauLink *self);
/* Leaves it, says so, and plans the next attempt. */
void bureau_link_lose_rung (BureauLink *self);
/* There is a rung: tries for a better one. */
void bureau_link_rise (BureauLink *self);

G_END_DECLS

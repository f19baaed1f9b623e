/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The network between one person's machine and the hub: a port of loopback whose connections are
 * handed on, in slices, until they are cut. Lives in the default main context. */
typedef struct _SimRelay SimRelay;

typedef enum {
    SIM_RELAY_OPEN,
    SIM_RELAY_DEAF,   /* what comes is not handed on, nor answered: a cable has been pulled */
    SIM_RELAY_CLOSED, /* who comes is turned away */
} SimRelayState;

/* The hub has said what is not for the person. */
typedef void (*SimRelaySpy) (gpointer data, const char *text);

/* The person's program comes so often as no one should who waits between two tries. */
typedef void (*SimRelayStorm) (gpointer data);

/* @chance (unowned): the slices. */
SimRelay *sim_relay_new (GRand *chance, SimRelaySpy spy, SimRelayStorm storm, gpointer data);
void sim_relay_free (SimRelay *relay);
guint16 sim_relay_get_port (SimRelay *relay);
/* Where the hub is; 0: nowhere. */
void sim_relay_set_hub (SimRelay *relay, guint16 port);
void sim_relay_set_state (SimRelay *relay, SimRelayState state);
SimRelayState sim_relay_get_state (SimRelay *relay);
/* Ends all connections; what is on its way is lost. */
void sim_relay_cut (SimRelay *relay);
/* Does so when @bytes more have been handed on, in whichever direction. */
void sim_relay_cut_after (SimRelay *relay, gint64 bytes);
/* The hub must not say @text, a number and a comma to this person any more, but for what the kernel
 * has of it already. */
void sim_relay_forbid (SimRelay *relay, const char *text);
void sim_relay_allow (SimRelay *relay, const char *text);
void sim_relay_allow_all (SimRelay *relay);
/* Nothing at all is handed on any more, by any relay: the moment has stopped. */
void sim_relay_freeze_all (gboolean frozen);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-authority.h"

G_BEGIN_DECLS

/* bureau-rest.c is the door: routes, who asks, changes; bureau-rest-read.c answers what is only
 * read.
 */

/* One request while a route answers it. */
typedef struct {
    BureauAuthority *authority;
    BureauExchange *exchange; /* (not owned) */
    const char *rest;         /* what follows the route's path */
    BureauActor *actor;       /* (owned) (nullable): set for routes that need one */
} BureauRest;

void bureau_rest_respond_object (BureauExchange *exchange, JsonObject *object);
void bureau_rest_respond_error (BureauExchange *exchange, const GError *error);
/* Answers what the command does, in a turn. @params: taken, nullable. */
void bureau_rest_queue_command (BureauRest *rest, const char *name, JsonObject *params);

void bureau_rest_get_health (BureauRest *rest);
void bureau_rest_get_office (BureauRest *rest);
void bureau_rest_get_audit (BureauRest *rest);
void bureau_rest_get_tasks (BureauRest *rest);
void bureau_rest_get_task (BureauRest *rest);
void bureau_rest_get_presence (BureauRest *rest);
void bureau_rest_get_snapshot (BureauRest *rest);
void bureau_rest_get_events (BureauRest *rest);
void bureau_rest_get_heads (BureauRest *rest);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-server.h"

G_BEGIN_DECLS

/* What whoever runs a hub may choose. Copied with plain assignment; its lists are not owned. */
typedef struct {
    BureauServerOptions server; /* the transport's, and the pages that may come */
    guint commands_per_second;  /* of one connection, in the long run */
    guint commands_at_once;     /* of one connection, after a pause */
    guint connections_per_person;
    /* Of one person, all connections together. */
    guint person_commands_per_second;
    guint person_commands_at_once;
    gsize stored_per_day;  /* bytes */
    guint read_per_second; /* KiB, in the long run */
    guint read_at_once;    /* KiB, after a pause */
    guint projects_per_hour;
    guint members_per_hour;
    guint invitations_per_hour;
    /* Of one address: of each kind of request before signing in, and of renewing a session. */
    guint sign_ins_per_minute;
    guint sign_ins_at_once;
    guint refreshes_per_minute;
    guint refreshes_at_once;
    /* What is kept at least (bureau-prune.h): of each room's log so many days, and so many events
     * however old they are; the answers to commands, for repeats, so many days. */
    guint log_days;
    guint log_events;
    guint answer_days;
    gboolean announced; /* to the networks it is shared with */
} BureauSettings;

/* The defaults of rules.md, Limits. */
BureauSettings bureau_settings_get_default (void);
/* Sets one limit, "connections=5000"; G_IO_ERROR_INVALID_ARGUMENT if there is none of that name, or
 * if the number is out of its range. */
gboolean bureau_settings_set_limit (BureauSettings *settings, const char *limit, GError **error);
/* The limits and their defaults, a line for each, for people. (transfer full) */
char *bureau_settings_describe_limits (void);

G_END_DECLS

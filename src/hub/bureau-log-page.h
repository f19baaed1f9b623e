/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"

G_BEGIN_DECLS

/* A page of a room's log, as somebody in the room may see it: what sync:since, GET /events and the
 * replay on connecting read (rules.md, Limits). */

typedef enum {
    BUREAU_LOG_GOOD,   /* it can be gone on from there */
    BUREAU_LOG_BEHIND, /* what came next is not kept any more */
    BUREAU_LOG_AHEAD,  /* that never was */
    BUREAU_LOG_EPOCH,  /* it was in another life of the office */
} BureauLogPlace;

/* Why a client has to begin anew, for its `reset`. */
const char *bureau_log_place_to_string (BureauLogPlace place);

/* Where @since is in the log of @room. @epoch (nullable): the client's. */
gboolean bureau_log_find_place (BureauAuthority *authority, const char *room, gint64 since,
                                const char *epoch, BureauLogPlace *place, gint64 *head,
                                GError **error);

/* How much is on the page so far; one page may go on from room to room. */
typedef struct {
    guint limit; /* at most BUREAU_MAX_EVENTS */
    guint events;
    gsize bytes;
} BureauLogPage;

/* Calls @func with each event after *@since that the page has room for, as @user_id may see it, and
 * moves *@since to the last; it counts as read by them. An empty page has room for one event,
 * whatever its size. The caller has checked that they are in the room, and that the log goes on
 * there. */
typedef void (*BureauLogFunc) (const char *name, const char *json, gpointer data);
gboolean bureau_log_page_fill (BureauLogPage *page, BureauAuthority *authority, const char *room,
                               const char *user_id, gint64 *since, BureauLogFunc func,
                               gpointer data, GError **error);
gboolean bureau_log_page_is_full (const BureauLogPage *page);

/* The answer to sync:since with these params, which are valid. What the actor is not in is
 * BUREAU_ERROR_FORBIDDEN, whether or not there is such a room. (transfer full) */
char *bureau_log_answer_since (BureauAuthority *authority, const char *user_id, JsonObject *params,
                               GError **error);

G_END_DECLS

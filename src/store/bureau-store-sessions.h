/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-store.h"

G_BEGIN_DECLS

/* Signed-in devices. For all that is true of a store, see bureau-store.h. Instants here are the
 * hub's security time (bureau-clock.h). */

/* Of a session's refresh tokens, numbered from 1: the last that was used, 0 for none, and which of
 * those that came after it are out and not used yet. There is more than one where a reply was lost
 * and the token used again. */
typedef struct {
    gint64 used;
    gint64 first_next;
    gint64 last_next;
} BureauGenerations;

typedef struct {
    char *id;
    char *user_id;
    BureauGenerations generations;
    gint64 created_at;
    gint64 used_at; /* when it was last renewed */
} BureauSessionRow;
void bureau_session_row_free (BureauSessionRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauSessionRow, bureau_session_row_free)

/* Generation 1 is out with it. */
gboolean bureau_store_add_session (BureauStore *store, const char *id, const char *user_id,
                                   const char *device, gint64 now, GError **error);
/* One that is not revoked; NULL without @error if there is none. */
BureauSessionRow *bureau_store_get_session (BureauStore *store, const char *id, GError **error);
gboolean bureau_store_renew_session (BureauStore *store, const char *id,
                                     const BureauGenerations *generations, gint64 now,
                                     GError **error);
gboolean bureau_store_is_session_live (BureauStore *store, const char *id, const char *user_id,
                                       GError **error);
/* Whose it is or was, also if it is revoked; NULL without @error if nobody knows. (transfer full)
 */
char *bureau_store_find_session_user (BureauStore *store, const char *id, GError **error);
/* Stays FALSE for what never was a session: a script has none. */
gboolean bureau_store_is_session_revoked (BureauStore *store, const char *id, GError **error);
/* Revokes the session @session_id (nullable: all) of @user_id, but not @except (nullable). */
gboolean bureau_store_revoke_sessions (BureauStore *store, const char *user_id,
                                       const char *session_id, const char *except, gint64 now,
                                       GError **error);
/* Forgets those of @user_id that began before @created_before, whatever became of them. */
gboolean bureau_store_forget_sessions (BureauStore *store, const char *user_id,
                                       gint64 created_before, GError **error);
/* The ids of those that are not revoked, the longest unused first. (transfer full) */
GStrv bureau_store_list_sessions (BureauStore *store, const char *user_id, GError **error);
/* [{id, device, createdAt, usedAt}] of those that are not revoked and were used after @used_after
 * and made after @created_after, the last used first. (transfer full) */
JsonArray *bureau_store_describe_sessions (BureauStore *store, const char *user_id,
                                           gint64 used_after, gint64 created_after, GError **error);

G_END_DECLS

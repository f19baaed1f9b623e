/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"

G_BEGIN_DECLS

/* A session is a person signed in on one device: it begins with joining or signing in, is renewed
 * by its refresh tokens, and ends by being revoked, unused for long, or old (reliability.md, 5). */

#define BUREAU_SESSION_IDLE_MS (G_GINT64_CONSTANT (30) * 24 * 3600 * 1000)
#define BUREAU_SESSION_LIFE_MS (G_GINT64_CONSTANT (90) * 24 * 3600 * 1000)
#define BUREAU_MAX_SESSIONS    20 /* of one person */

/* Begins a session, and answers its tokens as doors.md says: for joining and signing in. Of too
 * many, the longest unused one ends. @session_id: a new UUID. */
gboolean bureau_call_start_session (BureauCall *call, const char *session_id, const char *user_id,
                                    const char *device, GError **error);
/* Answers a fresh access token, the refresh token of @generation, and who they are. @ends_at: of
 * the session, which no token outlives. */
gboolean bureau_call_answer_tokens (BureauCall *call, const char *user_id, const char *session_id,
                                    gint64 generation, gint64 ends_at, GError **error);

/* How whoever has no session any more is told why: BUREAU_ERROR_UNAUTHENTICATED. It was revoked, or
 * its person is in no office of the hub. Both return FALSE. */
gboolean bureau_session_set_revoked (GError **error);
gboolean bureau_session_set_removed (GError **error);

/* Begins a session outside any call, in the caller's transaction, where no hub serves the office.
 * @refresh_key: BUREAU_KEY_SIZE bytes. @now: security time. @refresh_token: (out) (transfer full)
 */
gboolean bureau_session_add (BureauStore *store, const guint8 *refresh_key, const char *session_id,
                             const char *user_id, const char *device, gint64 now,
                             char **refresh_token, GError **error);

G_END_DECLS

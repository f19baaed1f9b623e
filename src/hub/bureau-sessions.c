/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-sessions.h"

#include "bureau-authority.h"
#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-refresh-token.h"
#include "bureau-store-sessions.h"

#define ACCESS_MS (600 * 1000)

/* ------------------------------------------------------------------ beginning */

/* The longest unused ones of those that are one too many with the next. (transfer full) */
static GStrv
list_surplus (BureauStore *store, const char *user_id, GError **error)
{
    GStrv sessions = bureau_store_list_sessions (store, user_id, error);
    guint count = sessions != NULL ? g_strv_length (sessions) : 0;
    guint keep = MIN (count, BUREAU_MAX_SESSIONS - 1);

    for (guint i = count - keep; i < count; i++)
        g_clear_pointer (&sessions[i], g_free);
    return sessions;
}

/* What has ended long ago, by whatever, is of no use to anybody. */
static gboolean
add_row (BureauStore *store, const char *session_id, const char *user_id, const char *device,
         gint64 now, GError **error)
{
    return bureau_store_forget_sessions (store, user_id, now - BUREAU_SESSION_LIFE_MS, error) &&
           bureau_store_add_session (store, session_id, user_id, device, now, error);
}

gboolean
bureau_session_add (BureauStore *store, const guint8 *refresh_key, const char *session_id,
                    const char *user_id, const char *device, gint64 now, char **refresh_token,
                    GError **error)
{
    g_auto (GStrv) surplus = list_surplus (store, user_id, error);

    if (surplus == NULL)
        return FALSE;
    for (guint i = 0; surplus[i] != NULL; i++) {
        if (!bureau_store_revoke_sessions (store, user_id, surplus[i], NULL, now, error))
            return FALSE;
    }
    if (!add_row (store, session_id, user_id, device, now, error))
        return FALSE;
    *refresh_token = bureau_refresh_token_new (refresh_key, session_id, 1);
    return TRUE;
}

gboolean
bureau_call_start_session (BureauCall *call, const char *session_id, const char *user_id,
                           const char *device, GError **error)
{
    BureauStore *store = call->authority->store;
    gint64 now = bureau_authority_get_security_time (call->authority);
    g_auto (GStrv) surplus = list_surplus (store, user_id, error);

    if (surplus == NULL)
        return FALSE;
    for (guint i = 0; surplus[i] != NULL; i++) {
        if (!bureau_call_end_sessions (call, user_id, surplus[i], NULL,
                                       "Signed in on too many other devices", error))
            return FALSE;
    }
    return add_row (store, session_id, user_id, device, now, error) &&
           bureau_call_answer_tokens (call, user_id, session_id, 1, now + BUREAU_SESSION_LIFE_MS,
                                      error);
}

/* ------------------------------------------------------------------ the end */

gboolean
bureau_session_set_revoked (GError **error)
{
    bureau_error_set_unauthenticated (error, "revoked",
                                      "This device has been signed out. Sign in again.");
    return FALSE;
}

gboolean
bureau_session_set_removed (GError **error)
{
    bureau_error_set_unauthenticated (error, "removed", "You are no longer in this office.");
    return FALSE;
}

/* ------------------------------------------------------------------ answering */

/* Who they are, in the first office they are in. */
static gboolean
answer_person (BureauCall *call, const char *user_id, GError **error)
{
    BureauStore *store = call->authority->store;
    g_autoptr (JsonArray) workspaces = bureau_store_list_workspaces (store, user_id, error);
    JsonObject *first;
    JsonObject *user;

    if (workspaces == NULL)
        return FALSE;
    first = bureau_json_array_get_object (workspaces, 0);
    if (first == NULL)
        return bureau_session_set_removed (error);
    user = bureau_store_get_member (store, bureau_json_get_string (first, "id"), user_id, error);
    if (user == NULL)
        return FALSE;
    json_object_set_object_member (call->answer, "user", user);
    json_object_set_object_member (call->answer, "workspace", json_object_ref (first));
    return TRUE;
}

gboolean
bureau_call_answer_tokens (BureauCall *call, const char *user_id, const char *session_id,
                           gint64 generation, gint64 ends_at, GError **error)
{
    BureauAuthority *authority = call->authority;
    gint64 now = bureau_authority_get_security_time (authority);
    gint64 expires_at = MIN (now + ACCESS_MS, ends_at);
    g_autofree char *access = bureau_token_sign (&authority->signer, user_id, session_id, now,
                                                 expires_at);
    g_autofree char *refresh = bureau_refresh_token_new (authority->refresh_key, session_id,
                                                         generation);

    bureau_json_set_string (call->answer, "accessToken", access);
    bureau_json_set_string (call->answer, "refreshToken", refresh);
    json_object_set_int_member (call->answer, "expiresIn", (expires_at - now) / 1000);
    /* Whoever has tokens is somebody. */
    if (call->actor == NULL)
        call->actor = bureau_actor_new (user_id, session_id);
    return answer_person (call, user_id, error);
}

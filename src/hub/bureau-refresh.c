/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-refresh.h"

#include "bureau-audit.h"
#include "bureau-authority.h"
#include "bureau-commands.h"
#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-refresh-token.h"
#include "bureau-sessions.h"
#include "bureau-store-sessions.h"

/* Of many that come at once with the same token one wins, and the others' wait is longer than
 * theirs: what comes later than this is a lost reply's. */
#define RACE_MS 2000

typedef enum {
    NEXT, /* what was given out last */
    LOST, /* used before, but nothing that came after it was: its reply may have been lost */
    RACE, /* the same, so soon that somebody else is at it */
    STOLEN,
} Verdict;

/* One that is higher than any this office knows of was given out before it was put back to an older
 * backup. */
static Verdict
judge (const BureauSessionRow *session, gint64 generation, gint64 now)
{
    const BureauGenerations *known = &session->generations;

    if (generation >= known->first_next)
        return NEXT;
    if (generation != known->used)
        return STOLEN;
    return now - session->used_at < RACE_MS ? RACE : LOST;
}

/* A successor to a lost one stands beside it: whichever is used first makes the other worthless. */
static void
turn_over (BureauGenerations *known, gint64 generation)
{
    known->last_next = MAX (known->last_next, generation) + 1;
    if (generation == known->used)
        return;
    known->used = generation;
    known->first_next = known->last_next;
}

static void
audit_refusal (BureauCall *call, const char *user_id, const char *why)
{
    bureau_call_audit_refusal (call, NULL, BUREAU_AUDIT_SIGN_IN_REFUSED, user_id, why);
}

/* Who was signed out because they left hears that, for it is not for them to sign in again. What is
 * no token of ours is noise, and not for the audit. */
static void
set_ended (BureauCall *call, const char *session_id, GError **error)
{
    g_autofree char *user_id = NULL;

    if (session_id != NULL)
        user_id = bureau_store_find_session_user (call->authority->store, session_id, NULL);
    if (user_id != NULL)
        audit_refusal (call, user_id, "signed_out");
    if (user_id == NULL || bureau_authority_check_person (call->authority, user_id, error))
        bureau_session_set_revoked (error);
}

/* Somebody has a copy, and nobody knows who: both are signed out. */
static gboolean
raise_alarm (BureauCall *call, BureauSessionRow *session, GError **error)
{
    g_message ("A refresh token of session %s came twice: the session is ended.", session->id);
    bureau_session_set_revoked (&call->refusal);
    return bureau_call_end_sessions (call, session->user_id, session->id, NULL,
                                     "A copy of this device's token was used", error) &&
           bureau_call_audit (call, NULL, BUREAU_AUDIT_TOKEN_REUSED, session->user_id, NULL, error);
}

/* The session of a token that is still good, by its time. (transfer full) */
static BureauSessionRow *
find_session (BureauCall *call, const char *token, gint64 *generation, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    g_autofree char *session_id = NULL;
    g_autoptr (BureauSessionRow) session = NULL;
    g_autoptr (GError) local_error = NULL;

    if (bureau_refresh_token_read (call->authority->refresh_key, token, &session_id, generation))
        session = bureau_store_get_session (call->authority->store, session_id, &local_error);
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
    }
    if (session == NULL) {
        set_ended (call, session_id, error);
        return NULL;
    }
    if (now - session->used_at >= BUREAU_SESSION_IDLE_MS ||
        now - session->created_at >= BUREAU_SESSION_LIFE_MS) {
        audit_refusal (call, session->user_id, "expired");
        bureau_error_set_unauthenticated (error, "expired",
                                          "This device was signed in too long ago. Sign in again.");
        return NULL;
    }
    if (!bureau_authority_check_person (call->authority, session->user_id, error)) {
        audit_refusal (call, session->user_id, "signed_out");
        return NULL;
    }
    return g_steal_pointer (&session);
}

static gboolean
renew (BureauCall *call, BureauSessionRow *session, gint64 generation, GError **error)
{
    BureauStore *store = call->authority->store;
    gint64 now = bureau_authority_get_security_time (call->authority);
    gint64 end = session->created_at + BUREAU_SESSION_LIFE_MS;

    /* Nobody is locked out of reading because nothing can be written: the token stays the one that
     * comes next. */
    if (bureau_store_is_refusing (store))
        return bureau_call_answer_tokens (call, session->user_id, session->id, generation, end,
                                          error);
    turn_over (&session->generations, generation);
    return bureau_store_renew_session (store, session->id, &session->generations, now, error) &&
           bureau_call_answer_tokens (call, session->user_id, session->id,
                                      session->generations.last_next, end, error);
}

static gboolean
use_token (BureauCall *call, BureauSessionRow *session, gint64 generation, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);

    switch (judge (session, generation, now)) {
    case NEXT:
    case LOST:
        return renew (call, session, generation, error);
    case RACE:
        bureau_error_set_rate_limited (error, RACE_MS - (now - session->used_at));
        return FALSE;
    case STOLEN:
        return raise_alarm (call, session, error);
    }
    g_return_val_if_reached (FALSE);
}

static gboolean
run_refresh (BureauCall *call, GError **error)
{
    const char *token = bureau_json_get_string (call->params, "refreshToken");
    g_autoptr (BureauSessionRow) session = NULL;
    gint64 generation;

    if (token == NULL) {
        bureau_error_set_invalid (error, "refreshToken", "“refreshToken” must be a text.");
        return FALSE;
    }
    session = find_session (call, token, &generation, error);
    return session != NULL && use_token (call, session, generation, error);
}

BureauRequest *
bureau_refresh_new (BureauAuthority *authority, JsonObject *params)
{
    return bureau_request_new (authority, run_refresh, params);
}

/* ------------------------------------------------------------------ on the live connection */

static gboolean
check_owner (BureauCall *call, const char *user_id, const char *session_id, GError **error)
{
    if (g_str_equal (user_id, call->actor->user_id) &&
        g_str_equal (session_id, call->actor->session_id))
        return TRUE;
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
                         "This token is another device's. Connect anew with it.");
    return FALSE;
}

/* As over REST, and the connection goes on as long as the new access token does. */
static gboolean
refresh_here (BureauCall *call, const char *token, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    g_autoptr (BureauSessionRow) session = NULL;
    gint64 generation;

    session = find_session (call, token, &generation, error);
    if (session == NULL || !check_owner (call, session->user_id, session->id, error) ||
        !use_token (call, session, generation, error))
        return FALSE;
    bureau_call_renew_connection (call,
                                  now + bureau_json_get_int (call->answer, "expiresIn", 0) * 1000);
    return TRUE;
}

/* Its page has fetched itself a new one. */
static gboolean
prolong (BureauCall *call, const char *token, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    g_autoptr (BureauActor) actor = bureau_authority_authenticate (call->authority, token,
                                                                   call->address, error);

    if (actor == NULL || !check_owner (call, actor->user_id, actor->session_id, error))
        return FALSE;
    bureau_call_renew_connection (call, actor->expires_at);
    json_object_set_int_member (call->answer, "expiresIn",
                                (MAX (actor->expires_at, call->actor->expires_at) - now) / 1000);
    return TRUE;
}

gboolean
bureau_handle_auth_refresh (BureauCall *call, GError **error)
{
    const char *refresh_token = bureau_json_get_string (call->params, "refreshToken");
    const char *token = bureau_json_get_string (call->params, "token");

    if ((refresh_token != NULL) == (token != NULL)) {
        bureau_error_set_invalid (error, "refreshToken",
                                  "Either “refreshToken” or “token” is needed.");
        return FALSE;
    }
    return refresh_token != NULL ? refresh_here (call, refresh_token, error)
                                 : prolong (call, token, error);
}

/* ------------------------------------------------------------------ the end */

static gboolean
run_logout (BureauCall *call, GError **error)
{
    return bureau_call_end_sessions (call, call->actor->user_id, call->actor->session_id, NULL,
                                     "Signed out", error) &&
           bureau_call_audit (call, NULL, BUREAU_AUDIT_SIGN_OUT, call->actor->user_id, NULL, error);
}

BureauRequest *
bureau_refresh_new_logout (BureauAuthority *authority, BureauActor *actor)
{
    BureauRequest *request = bureau_request_new (authority, run_logout, NULL);

    request->call.actor = actor;
    return request;
}

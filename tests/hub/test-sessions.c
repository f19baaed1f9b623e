/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-json.h"
#include "bureau-refresh.h"
#include "bureau-sessions.h"
#include "bureau-store-sessions.h"
#include "test-office.h"

/* Sessions and the time they end by, with clocks of the test's own. */

#define SECOND G_GINT64_CONSTANT (1000)
#define DAY    (24 * 3600 * SECOND)

static gint64 wall, monotonic;

static gint64
test_wall (void)
{
    return wall;
}

static gint64
test_monotonic (void)
{
    return monotonic;
}

/* Both clocks go on, as they do. */
static void
pass (gint64 ms)
{
    wall += ms;
    monotonic += ms * 1000;
}

static void
set_up (Office *office, gconstpointer data)
{
    office_set_up (office, data);
    wall = office->authority->clock ();
    monotonic = office->authority->monotonic ();
    office->authority->clock = test_wall;
    office->authority->monotonic = test_monotonic;
}

static JsonObject *
refresh (Office *office, const char *token)
{
    JsonObject *params = json_object_new (), *answer = NULL;
    BureauRequest *request;

    bureau_json_set_string (params, "refreshToken", token);
    request = bureau_refresh_new (office->authority, params);
    office_queue_request (office, request, &answer);
    bureau_authority_run_turn (office->authority);
    return answer;
}

/* The new token; or NULL, where the answer's code is @code. (transfer full) */
static char *
renew (Office *office, const char *token, const char *code)
{
    g_autoptr (JsonObject) answer = refresh (office, token);

    g_assert_cmpstr (get_code (answer), ==, code);
    return g_strdup (bureau_json_get_string (answer, "refreshToken"));
}

/* ------------------------------------------------------------------ tokens that come twice */

static void
test_lost_reply (Office *office, gconstpointer data)
{
    const char *first = office->owner->refresh_token;
    g_autofree char *lost = renew (office, first, "ok");
    g_autofree char *race = renew (office, first, "rate_limited");
    g_autofree char *second = NULL;
    g_autofree char *third = NULL;

    pass (1999);
    g_assert_null (renew (office, first, "rate_limited"));
    pass (1);
    second = renew (office, first, "ok");
    g_assert_cmpstr (second, !=, lost);
    pass (10 * DAY);
    third = renew (office, second, "ok");
    g_assert_nonnull (third);

    /* Its twin is worthless now, and whoever has it has no right to it. */
    g_assert_null (renew (office, lost, "unauthenticated"));
    g_assert_null (renew (office, third, "unauthenticated"));
}

/* The reply was not lost, only late: the one that was asked for in vain does no harm. */
static void
test_late_reply (Office *office, gconstpointer data)
{
    const char *first = office->owner->refresh_token;
    g_autofree char *answered = renew (office, first, "ok");
    g_autofree char *unread = NULL;
    g_autofree char *next = NULL;

    pass (5 * SECOND);
    unread = renew (office, first, "ok");
    next = renew (office, answered, "ok");
    pass (5 * SECOND);
    g_free (renew (office, next, "ok"));
}

static void
test_restored_database (Office *office, gconstpointer data)
{
    BureauStore *store = office->authority->store;
    const BureauGenerations before = { .used = 0, .first_next = 1, .last_next = 1 };
    g_auto (GStrv) sessions = bureau_store_list_sessions (store, office->owner->user_id, NULL);
    g_autofree char *second = renew (office, office->owner->refresh_token, "ok");
    g_autofree char *third = renew (office, second, "ok");
    g_autofree char *fourth = NULL;

    g_assert_true (bureau_store_renew_session (store, sessions[0], &before, wall, NULL));
    fourth = renew (office, third, "ok");
    g_assert_nonnull (fourth);
    g_assert_null (renew (office, office->owner->refresh_token, "unauthenticated"));
    g_assert_null (renew (office, fourth, "unauthenticated"));
}

/* ------------------------------------------------------------------ ends */

static void
test_idle (Office *office, gconstpointer data)
{
    g_autofree char *second = NULL;

    pass (BUREAU_SESSION_IDLE_MS - SECOND);
    second = renew (office, office->owner->refresh_token, "ok");
    pass (BUREAU_SESSION_IDLE_MS);
    g_assert_null (renew (office, second, "unauthenticated"));
}

/* Used every day, it ends all the same, and no access token outlives it. */
static void
test_absolute (Office *office, gconstpointer data)
{
    g_autofree char *token = g_strdup (office->owner->refresh_token);
    g_autoptr (JsonObject) last = NULL;

    for (guint i = 0; i < 89; i++) {
        char *next;

        pass (DAY);
        next = renew (office, token, "ok");
        g_free (token);
        token = next;
    }
    pass (DAY - 100 * SECOND);
    last = refresh (office, token);
    g_assert_cmpint (bureau_json_get_int (last, "expiresIn", 0), <=, 100);
    pass (100 * SECOND);
    g_assert_null (
        renew (office, bureau_json_get_string (last, "refreshToken"), "unauthenticated"));
}

static gboolean
run_sign_in (BureauCall *call, GError **error)
{
    g_autofree char *id = bureau_id_new ();

    return bureau_call_start_session (call, id, bureau_json_get_string (call->params, "userId"),
                                      "bag", error);
}

static char *
sign_in (Office *office)
{
    JsonObject *params = json_object_new ();
    g_autoptr (JsonObject) answer = NULL;
    BureauRequest *request;

    bureau_json_set_string (params, "userId", office->owner->user_id);
    request = bureau_request_new (office->authority, run_sign_in, params);
    office_queue_request (office, request, &answer);
    bureau_authority_run_turn (office->authority);
    g_assert_cmpstr (get_code (answer), ==, "ok");
    return g_strdup (bureau_json_get_string (answer, "refreshToken"));
}

static void
test_too_many (Office *office, gconstpointer data)
{
    g_autofree char *first = g_strdup (office->owner->refresh_token);
    g_autofree char *unused = NULL;
    g_autofree char *next = NULL;

    pass (SECOND);
    unused = sign_in (office);
    for (guint i = 2; i < BUREAU_MAX_SESSIONS; i++) {
        pass (SECOND);
        g_free (sign_in (office));
    }
    next = renew (office, first, "ok");
    g_free (sign_in (office));
    g_assert_null (renew (office, unused, "unauthenticated"));
    g_free (renew (office, next, "ok"));
}

static void
queue_as (Office *office, const char *session_id, const char *command, JsonObject *params,
          JsonObject **answer)
{
    BureauRequest *request = bureau_request_new_command (
        office->authority, command, params, bureau_actor_new (office->owner->user_id, session_id));

    office_queue_request (office, request, answer);
}

/* What a device asks in the very turn that signs it out is not done. */
static void
test_same_turn (Office *office, gconstpointer data)
{
    g_auto (GStrv) sessions = bureau_store_list_sessions (office->authority->store,
                                                          office->owner->user_id, NULL);
    JsonObject *sign_out = json_object_new (), *rename = json_object_new ();
    g_autoptr (JsonObject) first = NULL;
    g_autoptr (JsonObject) second = NULL;

    bureau_json_set_string (sign_out, "id", sessions[0]);
    bureau_json_set_string (rename, "name", "Anna");
    queue_as (office, BUREAU_SCRIPT_SESSION, "device:sign_out", sign_out, &first);
    queue_as (office, sessions[0], "member:update_self", rename, &second);
    bureau_authority_run_turn (office->authority);
    g_assert_cmpstr (get_code (first), ==, "ok");
    g_assert_cmpstr (get_code (second), ==, "unauthenticated");
}

/* ------------------------------------------------------------------ clocks */

static char *
sign_token (Office *office, gint64 ms)
{
    gint64 now = bureau_authority_get_security_time (office->authority);

    return bureau_token_sign (&office->authority->signer, office->owner->user_id,
                              BUREAU_SCRIPT_SESSION, now, now + ms);
}

static gboolean
is_good (Office *office, const char *token)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauActor) actor = bureau_authority_authenticate (office->authority, token, NULL,
                                                                   &error);

    return actor != NULL;
}

static void
test_clock_set_back (Office *office, gconstpointer data)
{
    g_autofree char *old = sign_token (office, 600 * SECOND);
    g_autofree char *next = NULL;
    g_autofree char *later = NULL;

    pass (601 * SECOND);
    g_assert_false (is_good (office, old));
    wall -= 30 * DAY;
    g_assert_false (is_good (office, old));

    /* Nor after a restart; and nobody is locked out. */
    next = renew (office, office->owner->refresh_token, "ok");
    bureau_authority_close (office->authority);
    office->authority = bureau_authority_open (office->directory, NULL, NULL);
    office->authority->clock = test_wall;
    office->authority->monotonic = test_monotonic;
    office->authority->security.at = monotonic;
    g_assert_cmpint (wall, <, bureau_authority_get_security_time (office->authority) - 29 * DAY);
    g_assert_false (is_good (office, old));
    later = sign_token (office, 600 * SECOND);
    g_assert_true (is_good (office, later));
    pass (601 * SECOND);
    g_assert_false (is_good (office, later));
    g_free (renew (office, next, "ok"));
}

static void
test_clock_set_forward (Office *office, gconstpointer data)
{
    g_autofree char *old = sign_token (office, 600 * SECOND);
    g_autofree char *token = NULL;
    g_autofree char *new_session = NULL;

    wall += 29 * DAY;
    g_assert_false (is_good (office, old));
    token = renew (office, office->owner->refresh_token, "ok");
    wall -= 29 * DAY;
    g_assert_false (is_good (office, old));
    g_free (renew (office, token, "ok"));

    /* Even after a jump that ends every session, signing in works. */
    wall += 60 * DAY;
    g_assert_null (renew (office, token, "unauthenticated"));
    new_session = sign_in (office);
    wall -= 60 * DAY;
    pass (SECOND);
    g_free (renew (office, new_session, "ok"));
}

static void
test_clock_follows (void)
{
    BureauClock clock = { .reached = 1000 };

    g_assert_cmpint (bureau_clock_read (&clock, 500, 0), ==, 1000);
    g_assert_cmpint (bureau_clock_read (&clock, 500, 1500), ==, 1001);
    g_assert_cmpint (bureau_clock_read (&clock, 500, 2000), ==, 1002);
    g_assert_cmpint (bureau_clock_read (&clock, 9000, 2000), ==, 9000);
    g_assert_cmpint (bureau_clock_read (&clock, 10, 12000), ==, 9010);
}

#define ADD(path, function)                                                                        \
    g_test_add ("/sessions/" path, Office, NULL, set_up, function, office_tear_down)

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

    ADD ("lost-reply", test_lost_reply);
    ADD ("late-reply", test_late_reply);
    ADD ("restored-database", test_restored_database);
    ADD ("idle", test_idle);
    ADD ("absolute", test_absolute);
    ADD ("too-many", test_too_many);
    ADD ("same-turn", test_same_turn);
    ADD ("clock-set-back", test_clock_set_back);
    ADD ("clock-set-forward", test_clock_set_forward);
    g_test_add_func ("/sessions/clock-follows", test_clock_follows);
    return g_test_run ();
}

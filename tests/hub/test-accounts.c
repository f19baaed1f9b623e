/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sodium.h>
#include <string.h>

#include "bureau-code.h"
#include "bureau-join.h"
#include "bureau-json.h"
#include "bureau-password.h"
#include "bureau-proof.h"
#include "bureau-sign-in.h"
#include "bureau-store-accounts.h"
#include "bureau-store-members.h"
#include "bureau-store-private.h"
#include "test-directory.h"
#include "test-office.h"
#include "test-wait.h"

/* Signing in, joining and proving codes, as requests through the turn and the workers. */

#define PASSWORD "Ein Bett im Kornfeld"
#define ANOTHER  "correct horse battery"

typedef BureauRequest *(*MakeFunc) (BureauAuthority *authority, JsonObject *params);

/* Queues a request from @address; its answer will be in @answer. */
static void
queue (Office *office, MakeFunc make, const char *address, BureauActor *actor, JsonObject *params,
       JsonObject **answer)
{
    BureauRequest *request = make (office->authority, params);

    request->call.address = g_strdup (address);
    request->call.actor = actor;
    office_queue_request (office, request, answer);
}

static JsonObject *
parse (const char *format, va_list values)
{
    g_autofree char *json = g_strdelimit (g_strdup_vprintf (format, values), "'", '"');
    JsonObject *params = bureau_json_parse_object (json, -1, NULL);

    g_assert_nonnull (params);
    return params;
}

/* The answer to a request with these params, ' for ". (transfer full) */
G_GNUC_PRINTF (4, 5)
static JsonObject *
ask (Office *office, MakeFunc make, const char *address, const char *format, ...)
{
    JsonObject *answer = NULL;
    va_list values;

    va_start (values, format);
    queue (office, make, address, NULL, parse (format, values), &answer);
    va_end (values);
    WAIT_UNTIL (answer != NULL);
    return answer;
}

#define LOGIN "{'handle':'%s','password':'%s','device':'Desk'}"

static JsonObject *
sign_in (Office *office, const char *address, const char *handle, const char *password)
{
    return ask (office, bureau_sign_in_new, address, LOGIN, handle, password);
}

/* A command whose answer takes more than one turn. (transfer full) */
static JsonObject *
set_password (Office *office, const char *user_id, const char *params)
{
    JsonObject *answer = NULL;

    office_queue (office, user_id, "account:set_password", &answer, "%s", params);
    WAIT_UNTIL (answer != NULL);
    return answer;
}

/* Stores the password of a person as joining does. */
static void
give_password (Office *office, const char *user_id, const char *password)
{
    g_autofree char *hash = bureau_password_hash (password);

    g_assert_true (bureau_store_set_password (office->authority->store, user_id, hash, NULL));
}

static JsonObject *
invite (Office *office, const char *by, const char *params)
{
    g_autoptr (JsonObject) answer = RUN (office, by, "member:invite", "%s", params);

    g_assert_cmpstr (get_code (answer), ==, "ok");
    return json_object_ref (bureau_json_get_object (answer, "invitation"));
}

static const char *
get_secret (JsonObject *invitation)
{
    return strrchr (bureau_json_get_string (invitation, "link"), '.') + 1;
}

static JsonObject *
join (Office *office, const char *code, const char *name)
{
    return ask (office, bureau_join_new, "127.0.0.1", "{'code':'%s','name':'%s','device':'Desk'}",
                code, name);
}

static gint64 test_now;
static gint64 test_ticks;

static gint64
test_clock (void)
{
    return test_now;
}

static gint64
test_monotonic (void)
{
    return test_ticks;
}

/* From now on time is what test_now says. */
static void
stop_clock (Office *office)
{
    test_now = bureau_authority_get_security_time (office->authority);
    test_ticks = g_get_monotonic_time ();
    office->authority->clock = test_clock;
    office->authority->monotonic = test_monotonic;
}

/* ------------------------------------------------------------------ passwords */

static void
test_rules (void)
{
    static const char *const words[] = { "Studio Nord", "Änne Müller", "anne", NULL };
    static const char *const good[] = { PASSWORD,          ANOTHER,      "8273649182",
                                        "Änne mag Kuchen", "ßßßßßßßßßß", "studionordlicht" };
    static const char *const bad[] = { "",
                                       "123456789",
                                       "ßßßßßßßßß",
                                       "1234567890",
                                       "Qwertyuiop",
                                       "1Q2W3E4R5T",
                                       "Studio Nord",
                                       "studionord2024",
                                       "2024-Nord-Studio!",
                                       "ÄNNE MÜLLER",
                                       "AnneMüller1",
                                       "Bureau12345",
                                       "passwordpassword" };
    g_autofree char *most = g_strnfill (1023, '7');
    g_autofree char *longest = g_strconcat (most, "x", NULL);
    g_autofree char *too_long = g_strconcat (longest, "x", NULL);
    g_autoptr (GError) error = NULL;

    for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
        bureau_password_check (good[i], words, "password", &error);
        g_assert_no_error (error);
    }
    for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
        g_autoptr (GError) why = NULL;

        g_test_message ("%s", bad[i]);
        g_assert_false (bureau_password_check (bad[i], words, "password", &why));
        g_assert_cmpstr (bureau_error_get_field (why), ==, "password");
    }
    g_assert_true (bureau_password_check (longest, words, "password", NULL));
    g_assert_false (bureau_password_check (too_long, words, "password", NULL));
    g_assert_true (bureau_password_check ("StudioNord2024", NULL, "password", NULL));
}

static void
test_change (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autoptr (JsonObject) refused = NULL;

    ASSERT_CODE (sign_in (office, "10.0.0.1", "ana", PASSWORD), "unauthenticated");
    ASSERT_CODE (set_password (office, ana, "{'password':'studio nord'}"), "invalid");
    ASSERT_CODE (set_password (office, ana, "{'password':5}"), "invalid");
    ASSERT_CODE (set_password (office, ana, "{}"), "invalid");
    ASSERT_CODE (set_password (office, ana, "{'password':'" PASSWORD "'}"), "ok");
    ASSERT_CODE (sign_in (office, "10.0.0.1", "ana", PASSWORD), "ok");

    /* Whoever has one must know it. */
    refused = set_password (office, ana, "{'password':'" ANOTHER "'}");
    g_assert_cmpstr (bureau_json_get_string (bureau_json_get_object (refused, "error"), "field"),
                     ==, "current");
    ASSERT_CODE (set_password (office, ana, "{'password':'" ANOTHER "','current':'" ANOTHER "'}"),
                 "forbidden");
    ASSERT_CODE (sign_in (office, "10.0.0.1", "ana", ANOTHER), "unauthenticated");
    ASSERT_CODE (set_password (office, ana, "{'password':'" ANOTHER "','current':'" PASSWORD "'}"),
                 "ok");
    ASSERT_CODE (sign_in (office, "10.0.0.1", "ana", PASSWORD), "unauthenticated");
    ASSERT_CODE (sign_in (office, "10.0.0.1", " Ana ", ANOTHER), "ok");
}

/* What is known of passwords is nowhere but in their one column, as a hash. */
static void
test_no_trace (Office *office, gconstpointer data)
{
    g_autoptr (JsonObject) invitation = invite (office, office->owner->user_id, "{}");
    g_autofree char *path = g_build_filename (office->directory, "hub.db-wal", NULL);
    g_autofree char *contents = NULL;
    gsize length;

    ASSERT_CODE (ask (office, bureau_join_new, "10.0.0.1",
                      "{'code':'%s','name':'Ben','device':'Desk','password':'" PASSWORD "',"
                      "'opId':'00000000-0000-4000-8000-000000000001'}",
                      get_secret (invitation)),
                 "ok");
    ASSERT_CODE (sign_in (office, "10.0.0.1", "ben", PASSWORD), "ok");
    ASSERT_CODE (sign_in (office, "10.0.0.1", "ben", "Wrong " PASSWORD), "unauthenticated");
    ASSERT_CODE (set_password (office, office->owner->user_id,
                               "{'password':'" PASSWORD "',"
                               "'opId':'00000000-0000-4000-8000-000000000002'}"),
                 "ok");
    g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
    g_assert_cmpuint (length, >, 0);
    g_assert_null (memmem (contents, length, PASSWORD, strlen (PASSWORD)));
    g_assert_null (memmem (contents, length, get_secret (invitation), 22));
}

/* One that was made to cost less is made anew when it is next known. */
static void
test_rehash (Office *office, gconstpointer data)
{
    BureauStore *store = office->authority->store;
    const char *ana = office->owner->user_id;
    char cheap[crypto_pwhash_STRBYTES];
    g_autofree char *now = NULL;

    g_assert_cmpint (crypto_pwhash_str_alg (cheap, PASSWORD, strlen (PASSWORD), 1, 8192 * 1024,
                                            crypto_pwhash_ALG_ARGON2ID13),
                     ==, 0);
    g_assert_true (bureau_store_set_password (store, ana, cheap, NULL));
    ASSERT_CODE (sign_in (office, "10.0.0.1", "ana", PASSWORD), "ok");
    now = bureau_store_get_password (store, ana, NULL);
    g_assert_true (g_str_has_prefix (now, "$argon2id$v=19$m=65536,t=2,p=1$"));
    ASSERT_CODE (sign_in (office, "10.0.0.1", "ana", PASSWORD), "ok");
}

/* ------------------------------------------------------------------ the same for everybody */

/* Who there is, nobody learns at the door: as much work, and the same answer. */
static void
test_unknown_names (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *ben = office_join (office, ana, "member", "Ben");
    static const char *const names[] = { "ana", "ben", "cleo", "nobody", "\xe6\x9d\x8e" };
    g_autofree char *expected = NULL;

    give_password (office, ana, PASSWORD);
    give_password (office, ben, PASSWORD);
    ASSERT_CODE (RUN (office, ana, "member:deactivate", "{'id':'%s'}", ben), "ok");
    ASSERT_CODE (RUN (office, ana, "member:add", "{'name':'Cleo'}"), "ok");
    for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
        guint before = bureau_workers_get_done (office->authority->workers);
        g_autoptr (JsonObject) answer = sign_in (office, "10.0.0.1", names[i],
                                                 i == 1 ? PASSWORD : ANOTHER);
        g_autofree char *text = bureau_json_object_to_string (answer);

        g_assert_cmpuint (bureau_workers_get_done (office->authority->workers), ==, before + 1);
        if (expected == NULL)
            expected = g_strdup (text);
        g_assert_cmpstr (text, ==, expected);
    }
    g_assert_nonnull (strstr (expected, "\"unauthenticated\""));
}

static void
test_bad_params (Office *office, gconstpointer data)
{
    g_autofree char *huge = g_strnfill (1025, 'x');
    g_autofree char *huge_password = g_strdup_printf (
        "{'handle':'ana','password':'%s','device':'x'}", huge);
    const char *const logins[] = { "{}",
                                   "{'handle':'ana','device':'x'}",
                                   "{'handle':'ana','password':null,'device':'x'}",
                                   "{'handle':'ana','password':5,'device':'x'}",
                                   "{'handle':'ana','password':'','device':'x'}",
                                   "{'handle':['ana'],'password':'x','device':'x'}",
                                   "{'handle':'','password':'x','device':'x'}",
                                   "{'handle':'ana','password':'x'}",
                                   "{'handle':'ana','password':'x','device':'a\\nb'}",
                                   "{'handle':'ana','password':'x','device':{}}",
                                   huge_password };
    static const char *const nonces[] = { "{}", "{'nonce':5}", "{'nonce':''}",
                                          "{'nonce':'AAECAwQFBgcICQoLDA0O'}" };
    static const char *const proofs[] = { "{}", "{'attempt':'x'}", "{'proof':'x'}",
                                          "{'attempt':1,'proof':'x'}",
                                          "{'attempt':'x','proof':['x']}" };
    static const char *const joins[] = { "{}", "{'code':5,'name':'Eve','device':'x'}",
                                         "{'code':'','name':'Eve','device':'x'}",
                                         "{'code':'x','name':5,'device':'x'}",
                                         "{'code':'x','name':'Eve','device':''}" };

    for (guint i = 0; i < G_N_ELEMENTS (logins); i++)
        ASSERT_CODE (ask (office, bureau_sign_in_new, "10.0.0.1", "%s", logins[i]), "invalid");
    for (guint i = 0; i < G_N_ELEMENTS (nonces); i++)
        ASSERT_CODE (ask (office, bureau_code_new_attempt, "10.0.0.1", "%s", nonces[i]), "invalid");
    for (guint i = 0; i < G_N_ELEMENTS (proofs); i++)
        ASSERT_CODE (ask (office, bureau_code_new_proof, "10.0.0.1", "%s", proofs[i]), "invalid");
    for (guint i = 0; i < G_N_ELEMENTS (joins); i++)
        ASSERT_CODE (ask (office, bureau_join_new, "10.0.0.1", "%s", joins[i]), "invalid");
    ASSERT_CODE (ask (office, bureau_join_new_look, "10.0.0.1", "{'code':{}}"), "invalid");
    g_assert_cmpuint (bureau_workers_get_done (office->authority->workers), ==, 0);
}

/* ------------------------------------------------------------------ the workers */

/* Many at once: as many as fit are worked on, the others are told to come back, and the loop has
 * time for everybody else. */
static void
test_queue_is_short (Office *office, gconstpointer data)
{
    JsonObject *answers[BUREAU_MAX_WORK + 4] = { NULL };
    guint refused = 0;

    for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
        g_autofree char *address = g_strdup_printf ("10.0.1.%u", i);
        JsonObject *params = json_object_new ();

        bureau_json_set_string (params, "handle", address);
        bureau_json_set_string (params, "password", PASSWORD);
        bureau_json_set_string (params, "device", "Desk");
        queue (office, bureau_sign_in_new, address, NULL, params, &answers[i]);
    }
    bureau_authority_run_turn (office->authority);
    for (guint i = BUREAU_MAX_WORK; i < G_N_ELEMENTS (answers); i++) {
        JsonObject *error = bureau_json_get_object (answers[i], "error");

        g_assert_cmpstr (get_code (answers[i]), ==, "rate_limited");
        g_assert_cmpint (bureau_json_get_int (error, "retryAfterMs", 0), >, 0);
    }

    /* Nobody waits for them. */
    ASSERT_CODE (RUN (office, office->owner->user_id, "office:describe", "{}"), "ok");
    g_assert_null (answers[BUREAU_MAX_WORK - 1]);
    for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
        WAIT_UNTIL (answers[i] != NULL);
        refused += g_str_equal (get_code (answers[i]), "rate_limited");
        json_object_unref (answers[i]);
    }
    g_assert_cmpuint (refused, ==, 4);
    /* One that was not tried does not count. */
    ASSERT_CODE (sign_in (office, "10.0.1.17", "10.0.1.17", PASSWORD), "unauthenticated");
}

static void
test_close_while_working (Office *office, gconstpointer data)
{
    JsonObject *answers[6] = { NULL };

    for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
        g_autofree char *address = g_strdup_printf ("10.0.1.%u", i);
        JsonObject *params = json_object_new ();

        bureau_json_set_string (params, "handle", "ana");
        bureau_json_set_string (params, "password", PASSWORD);
        bureau_json_set_string (params, "device", "Desk");
        queue (office, bureau_sign_in_new, address, NULL, params, &answers[i]);
        /* The last one is not even begun. */
        if (i + 2 == G_N_ELEMENTS (answers))
            bureau_authority_run_turn (office->authority);
    }
    bureau_authority_close (office->authority);
    for (guint i = 0; i + 1 < G_N_ELEMENTS (answers); i++)
        g_assert_cmpstr (get_code (answers[i]), ==, "unavailable");
    g_assert_cmpstr (get_code (answers[5]), ==, "rate_limited");
    for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
        json_object_unref (answers[i]);

    office->authority = bureau_authority_open (office->directory, NULL, NULL);
    g_assert_nonnull (office->authority);
}

/* ------------------------------------------------------------------ guesses */

/* Five wrong ones, from now on @address must wait for this account. */
static void
exhaust (Office *office, const char *address, const char *handle)
{
    for (guint i = 0; i < 5; i++)
        ASSERT_CODE (sign_in (office, address, handle, ANOTHER), "unauthenticated");
    ASSERT_CODE (sign_in (office, address, handle, PASSWORD), "rate_limited");
}

/* Whoever guesses keeps nobody else out. */
static void
test_strangers_lock_nobody_out (Office *office, gconstpointer data)
{
    give_password (office, office->owner->user_id, PASSWORD);
    stop_clock (office);
    exhaust (office, "10.0.0.66", "ana");
    ASSERT_CODE (sign_in (office, "10.0.0.1", "ana", PASSWORD), "ok");

    /* Together they have guessed 20 in an hour: new addresses wait now, with what time is told. */
    exhaust (office, "10.0.0.67", "ana");
    exhaust (office, "10.0.0.68", "ana");
    for (guint i = 0; i < 5; i++)
        ASSERT_CODE (sign_in (office, "10.0.0.69", "ana", ANOTHER), "unauthenticated");
    ASSERT_CODE (sign_in (office, "10.0.0.2", "ana", PASSWORD), "rate_limited");
    /* Where she has been before she does not. */
    ASSERT_CODE (sign_in (office, "10.0.0.1", "ana", ANOTHER), "unauthenticated");
    ASSERT_CODE (sign_in (office, "10.0.0.1", "ana", PASSWORD), "ok");
    test_now += 3 * 60 * 1000;
    ASSERT_CODE (sign_in (office, "10.0.0.2", "ana", PASSWORD), "ok");
}

/* However many accounts somebody tries. */
static void
test_address_is_slowed_down (Office *office, gconstpointer data)
{
    guint evaluated = 0;

    stop_clock (office);
    for (guint i = 0; i < 200; i++) {
        g_autofree char *handle = g_strdup_printf ("user%u", i);
        g_autoptr (JsonObject) answer = sign_in (office, "10.0.0.66", handle, PASSWORD);

        evaluated += g_str_equal (get_code (answer), "unauthenticated");
    }
    g_assert_cmpuint (evaluated, ==, 20);
    g_assert_cmpuint (bureau_workers_get_done (office->authority->workers), ==, 20);
    test_now += 60 * 1000;
    ASSERT_CODE (sign_in (office, "10.0.0.66", "ana", PASSWORD), "unauthenticated");
    ASSERT_CODE (sign_in (office, "10.0.0.66", "ana", PASSWORD), "rate_limited");
}

/* All of an IPv6 network is one's own. */
static void
test_network_is_one_address (Office *office, gconstpointer data)
{
    stop_clock (office);
    for (guint i = 0; i < 5; i++) {
        g_autofree char *address = g_strdup_printf ("2001:db8::%x", i);

        ASSERT_CODE (sign_in (office, address, "ana", PASSWORD), "unauthenticated");
    }
    ASSERT_CODE (sign_in (office, "2001:db8::99", "ana", PASSWORD), "rate_limited");
    ASSERT_CODE (sign_in (office, "2001:db8:0:1::1", "ana", PASSWORD), "unauthenticated");
}

/* Each wait is double the last, up to a quarter of an hour; a restart forgets nothing. */
static void
test_waits_double (Office *office, gconstpointer data)
{
    give_password (office, office->owner->user_id, PASSWORD);
    stop_clock (office);
    exhaust (office, "10.0.0.66", "ana");
    for (guint minutes = 1; minutes < 60; minutes *= 2) {
        bureau_authority_close (office->authority);
        office->authority = bureau_authority_open (office->directory, NULL, NULL);
        office->authority->clock = test_clock;
        office->authority->monotonic = test_monotonic;
        office->authority->security.at = test_ticks;
        office->authority->security.reached = test_now;

        test_now += MIN (minutes, 15) * 60 * 1000 - 1;
        ASSERT_CODE (sign_in (office, "10.0.0.66", "ana", PASSWORD), "rate_limited");
        test_now += 1;
        ASSERT_CODE (sign_in (office, "10.0.0.66", "ana", ANOTHER), "unauthenticated");
    }
    test_now += 15 * 60 * 1000;
    ASSERT_CODE (sign_in (office, "10.0.0.66", "ana", PASSWORD), "ok");
    ASSERT_CODE (sign_in (office, "10.0.0.66", "ana", ANOTHER), "unauthenticated");
    ASSERT_CODE (sign_in (office, "10.0.0.66", "ana", PASSWORD), "ok");
}

/* ------------------------------------------------------------------ typed codes */

/* What one end of a proof knows. */
typedef struct {
    char *attempt;   /* (owned) */
    char *nonce;     /* (owned): the client's */
    char *hub_nonce; /* (owned) */
    guint8 key[BUREAU_PROOF_KEY_SIZE];
} Try;

static void
try_free (Try *try)
{
    g_free (try->attempt);
    g_free (try->nonce);
    g_free (try->hub_nonce);
    g_free (try);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Try, try_free)

static Try *
begin (Office *office, const char *address, const char *code, const char *pin)
{
    g_autofree char *canonical = g_strdup_printf ("%.4s%s", code, code + 5);
    Try *try = g_new0 (Try, 1);
    g_autoptr (JsonObject) answer = NULL;
    g_autoptr (GError) error = NULL;

    try->nonce = bureau_proof_nonce_new ();
    answer = ask (office, bureau_code_new_attempt, address, "{'nonce':'%s'}", try->nonce);
    g_assert_cmpstr (get_code (answer), ==, "ok");
    try->attempt = g_strdup (bureau_json_get_string (answer, "attempt"));
    try->hub_nonce = g_strdup (bureau_json_get_string (answer, "nonce"));
    bureau_proof_derive (canonical, pin, try->nonce, try->hub_nonce, try->key, &error);
    g_assert_no_error (error);
    return try;
}

static JsonObject *
prove (Office *office, const char *address, const Try *try, const char *pin)
{
    g_autofree char *proof = bureau_proof_sign (try->key, BUREAU_PROOF_CLIENT, pin, try->nonce,
                                                try->hub_nonce);

    return ask (office, bureau_code_new_proof, address, "{'attempt':'%s','proof':'%s'}",
                try->attempt, proof);
}

/* Shows that it has @code, as somebody who sees @pin. */
static JsonObject *
prove_code (Office *office, const char *address, const char *code, const char *pin)
{
    g_autoptr (Try) try = begin (office, address, code, pin);

    return prove (office, address, try, pin);
}

static void
test_code_opens (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *mia = office_join (office, ana, "manager", "Mia");
    g_autoptr (JsonObject) other = invite (office, mia, "{}");
    g_autoptr (JsonObject) invitation = invite (office, ana, "{'role':'guest','uses':2}");
    const char *code = bureau_json_get_string (invitation, "code");
    g_autoptr (Try) try = begin (office, "10.0.0.1", code, "");
    g_autoptr (JsonObject) answer = prove (office, "10.0.0.1", try, "");
    const char *ticket = bureau_json_get_string (answer, "code");

    g_assert_cmpstr (get_code (answer), ==, "ok");
    g_assert_cmpstr (bureau_json_get_string (answer, "office"), ==, "Studio Nord");
    g_assert_cmpstr (bureau_json_get_string (answer, "role"), ==, "guest");
    g_assert_true (bureau_proof_verify (try->key, BUREAU_PROOF_HUB, "", try->nonce, try->hub_nonce,
                                        bureau_json_get_string (answer, "proof")));

    /* Once is enough, of the attempt and of the ticket. */
    ASSERT_CODE (prove (office, "10.0.0.1", try, ""), "conflict");
    ASSERT_CODE (join (office, ticket, "Ben"), "ok");
    ASSERT_CODE (join (office, ticket, "Eve"), "forbidden");
    /* The code is for whoever is left. */
    ASSERT_CODE (prove_code (office, "10.0.0.1", code, ""), "ok");
    ASSERT_CODE (join (office, get_secret (invitation), "Gus"), "ok");
    ASSERT_CODE (prove_code (office, "10.0.0.1", code, ""), "forbidden");
    ASSERT_CODE (join (office, code, "Eve"), "forbidden");
}

/* Somebody between the two: the client sees their certificate, the hub its own. */
static void
test_man_in_the_middle (Office *office, gconstpointer data)
{
    g_autoptr (JsonObject) invitation = invite (office, office->owner->user_id, "{}");
    const char *code = bureau_json_get_string (invitation, "code");
    g_autoptr (Try) try = begin (office, "10.0.0.1", code,
                                 "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");

    ASSERT_CODE (prove (office, "10.0.0.1", try, "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"),
                 "forbidden");
    /* Nor from elsewhere than it was begun. */
    {
        g_autoptr (Try) stolen = begin (office, "10.0.0.1", code, "");

        ASSERT_CODE (prove (office, "10.0.0.2", stolen, ""), "conflict");
    }
    ASSERT_CODE (prove_code (office, "10.0.0.1", code, ""), "ok");
}

/* Over TLS both see the certificate, and "" is nobody's any more. */
static void
test_code_over_tls (Office *office, gconstpointer data)
{
    g_autoptr (JsonObject) invitation = invite (office, office->owner->user_id, "{}");
    const char *code = bureau_json_get_string (invitation, "code");
    const char *pins[] = { "", office->authority->pin };

    g_assert_cmpuint (strlen (office->authority->pin), ==, 43);
    for (guint i = 0; i < G_N_ELEMENTS (pins); i++) {
        g_autoptr (Try) try = begin (office, "10.0.0.1", code, pins[i]);
        g_autofree char *proof = bureau_proof_sign (try->key, BUREAU_PROOF_CLIENT, pins[i],
                                                    try->nonce, try->hub_nonce);
        JsonObject *params = json_object_new ();
        g_autoptr (JsonObject) answer = NULL;
        BureauRequest *request;

        bureau_json_set_string (params, "attempt", try->attempt);
        bureau_json_set_string (params, "proof", proof);
        request = bureau_code_new_proof (office->authority, params);
        request->call.address = g_strdup ("10.0.0.1");
        request->call.is_secure = TRUE;
        office_queue_request (office, request, &answer);
        WAIT_UNTIL (answer != NULL);
        g_assert_cmpstr (get_code (answer), ==, i == 0 ? "forbidden" : "ok");
    }
}

static void
test_code_is_burned (Office *office, gconstpointer data)
{
    g_autoptr (JsonObject) invitation = invite (office, office->owner->user_id, "{}");
    const char *id = bureau_json_get_string (invitation, "id");
    const char *code = bureau_json_get_string (invitation, "code");
    g_autofree char *wrong = g_strdup (code);
    g_autoptr (JsonObject) renewed = NULL;

    wrong[8] = wrong[8] == '0' ? '1' : '0';
    for (guint i = 0; i < 5; i++) {
        g_autofree char *address = g_strdup_printf ("10.0.0.%u", i);

        ASSERT_CODE (prove_code (office, address, wrong, ""), "forbidden");
    }
    ASSERT_CODE (prove_code (office, "10.0.0.9", code, ""), "forbidden");

    /* The link is as good as it was, and there may be another code. */
    renewed = RUN (office, office->owner->user_id, "member:renew_code", "{'id':'%s'}", id);
    g_assert_cmpstr (get_code (renewed), ==, "ok");
    ASSERT_CODE (prove_code (office, "10.0.0.9", bureau_json_get_string (renewed, "code"), ""),
                 "ok");
    ASSERT_CODE (join (office, get_secret (invitation), "Ben"), "ok");
}

static void
test_code_expires (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autoptr (JsonObject) first = invite (office, ana, "{}");
    g_autoptr (JsonObject) second = NULL;
    g_autoptr (JsonObject) answer = NULL;
    g_autoptr (Try) late = NULL;

    stop_clock (office);
    /* One of each who invites. */
    second = invite (office, ana, "{}");
    ASSERT_CODE (prove_code (office, "10.0.0.1", bureau_json_get_string (first, "code"), ""),
                 "forbidden");

    late = begin (office, "10.0.0.1", bureau_json_get_string (second, "code"), "");
    test_now += 60 * 1000;
    ASSERT_CODE (prove (office, "10.0.0.1", late, ""), "conflict");
    answer = prove_code (office, "10.0.0.1", bureau_json_get_string (second, "code"), "");
    g_assert_cmpstr (get_code (answer), ==, "ok");

    test_now += 9 * 60 * 1000;
    ASSERT_CODE (prove_code (office, "10.0.0.1", bureau_json_get_string (second, "code"), ""),
                 "forbidden");
    test_now += 60 * 1000;
    ASSERT_CODE (join (office, bureau_json_get_string (answer, "code"), "Late"), "forbidden");
    ASSERT_CODE (join (office, get_secret (second), "Ben"), "ok");
}

/* Of one address a few at a time. */
static void
test_attempts_are_few (Office *office, gconstpointer data)
{
    g_autofree char *nonce = bureau_proof_nonce_new ();

    stop_clock (office);
    for (guint i = 0; i < 4; i++)
        ASSERT_CODE (ask (office, bureau_code_new_attempt, "10.0.0.1", "{'nonce':'%s'}", nonce),
                     "ok");
    ASSERT_CODE (ask (office, bureau_code_new_attempt, "10.0.0.1", "{'nonce':'%s'}", nonce),
                 "rate_limited");
    ASSERT_CODE (ask (office, bureau_code_new_attempt, "10.0.0.2", "{'nonce':'%s'}", nonce), "ok");
    test_now += 60 * 1000;
    ASSERT_CODE (ask (office, bureau_code_new_attempt, "10.0.0.1", "{'nonce':'%s'}", nonce), "ok");
}

/* ------------------------------------------------------------------ invitations */

/* 200 times, some at once, with and without a password: one is let in. */
static void
test_race (Office *office, gconstpointer data)
{
    /* It is not about the disk. */
    g_assert_true (
        bureau_sql_execute (office->authority->store->sql, "PRAGMA synchronous=OFF", NULL));
    for (guint round = 0; round < 200; round++) {
        g_autoptr (JsonObject) invitation = NULL;
        JsonObject *answers[4] = { NULL };
        guint winners = 0;

        /* So that nobody has invited too often. */
        if (round % 20 == 0) {
            bureau_rates_free (office->authority->rates);
            office->authority->rates = bureau_rates_new (&office->authority->settings);
        }
        invitation = invite (office, office->owner->user_id, "{}");
        for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
            JsonObject *params = json_object_new ();
            g_autofree char *address = g_strdup_printf ("10.%u.0.%u", round, i);

            bureau_json_set_string (params, "code", get_secret (invitation));
            bureau_json_set_string (params, "name", "Ben");
            bureau_json_set_string (params, "device", "Desk");
            if (round < 5)
                bureau_json_set_string (params, "password", PASSWORD);
            queue (office, bureau_join_new, address, NULL, params, &answers[i]);
        }
        for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
            WAIT_UNTIL (answers[i] != NULL);
            if (g_str_equal (get_code (answers[i]), "ok"))
                winners++;
            else
                g_assert_cmpstr (get_code (answers[i]), ==, "forbidden");
            json_object_unref (answers[i]);
        }
        g_assert_cmpuint (winners, ==, 1);
    }
}

static void
test_placeholder (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autoptr (JsonObject) added = RUN (office, ana, "member:add", "{'name':'B.','role':'guest'}");
    const char *id = bureau_json_get_string (bureau_json_get_object (added, "member"), "id");
    g_autofree char *params = g_strdup_printf ("{'memberId':'%s','role':'owner','uses':5}", id);
    g_autoptr (JsonObject) invitation = NULL;
    g_autoptr (JsonObject) look = NULL;
    g_autoptr (JsonObject) joined = NULL;
    g_autoptr (JsonObject) task = NULL;
    g_autoptr (JsonObject) member = NULL;
    JsonObject *user;

    ASSERT_CODE (RUN (office, ana, "project:update", "{'id':'%s','memberIds':['%s','%s']}",
                      office->project_id, ana, id),
                 "ok");
    task = RUN (office, ana, "task:create", "{'projectId':'%s','title':'A','assigneeIds':['%s']}",
                office->project_id, id);
    g_assert_cmpstr (get_code (task), ==, "ok");
    invitation = invite (office, ana, params);
    g_assert_cmpstr (bureau_json_get_string (invitation, "role"), ==, "guest");
    g_assert_cmpint (bureau_json_get_int (invitation, "uses", 0), ==, 1);

    look = ask (office, bureau_join_new_look, "10.0.0.1", "{'code':'%s'}", get_secret (invitation));
    g_assert_cmpstr (bureau_json_get_string (look, "memberName"), ==, "B.");
    joined = ask (office, bureau_join_new, "10.0.0.1",
                  "{'code':'%s','name':'Ben Okafor','device':'Desk','password':'" PASSWORD "'}",
                  get_secret (invitation));
    g_assert_cmpstr (get_code (joined), ==, "ok");
    user = bureau_json_get_object (joined, "user");
    g_assert_cmpstr (bureau_json_get_string (user, "id"), ==, id);
    g_assert_cmpstr (bureau_json_get_string (user, "name"), ==, "Ben Okafor");
    g_assert_false (bureau_json_get_boolean (user, "placeholder", TRUE));
    ASSERT_CODE (join (office, get_secret (invitation), "Eve"), "forbidden");
    ASSERT_CODE (sign_in (office, "10.0.0.1", bureau_json_get_string (user, "handle"), PASSWORD),
                 "ok");

    /* Nobody else is invited to be them. */
    ASSERT_CODE (RUN (office, ana, "member:invite", "{'memberId':'%s'}", id), "invalid");
    ASSERT_CODE (RUN (office, ana, "member:invite", "{'memberId':'%s'}", ana), "invalid");
    {
        g_auto (GStrv) projects = bureau_store_list_visible_projects (office->authority->store, id,
                                                                      NULL);
        g_autoptr (JsonObject) after = bureau_store_get_task (
            office->authority->store,
            bureau_json_get_string (bureau_json_get_object (task, "task"), "id"), FALSE, NULL);

        g_assert_cmpstr (projects[0], ==, office->project_id);
        g_assert_cmpstr (bureau_json_get_string (after, "assigneeName"), ==, "Ben Okafor");
    }
}

/* An invitation is worth no more than whoever made it. */
static void
test_issuer (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *mia = office_join (office, ana, "manager", "Mia");
    g_autoptr (JsonObject) invitation = invite (office, mia, "{'role':'manager','uses':3}");
    g_autoptr (JsonObject) listed = NULL;

    ASSERT_CODE (join (office, get_secret (invitation), "Ben"), "ok");
    ASSERT_CODE (RUN (office, ana, "member:set_role", "{'id':'%s','role':'member'}", mia), "ok");
    ASSERT_CODE (join (office, get_secret (invitation), "Eve"), "forbidden");
    ASSERT_CODE (prove_code (office, "10.0.0.1", bureau_json_get_string (invitation, "code"), ""),
                 "forbidden");
    listed = RUN (office, ana, "member:list_invites", "{}");
    g_assert_cmpuint (json_array_get_length (bureau_json_get_array (listed, "invitations")), ==, 0);
}

static void
test_commands (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *mia = office_join (office, ana, "manager", "Mia");
    g_autofree char *ben = office_join (office, ana, "member", "Ben");
    g_autoptr (JsonObject) owners = invite (office, ana, "{'role':'owner'}");
    g_autoptr (JsonObject) invitation = invite (office, mia, "{'uses':2}");
    const char *id = bureau_json_get_string (invitation, "id");
    g_autoptr (JsonObject) listed = RUN (office, mia, "member:list_invites", "{}");
    g_autofree char *text = bureau_json_object_to_string (listed);

    g_assert_cmpuint (json_array_get_length (bureau_json_get_array (listed, "invitations")), ==, 2);
    g_assert_nonnull (strstr (text, id));
    g_assert_null (strstr (text, get_secret (invitation)));
    g_assert_null (strstr (text, bureau_json_get_string (invitation, "code")));

    ASSERT_CODE (RUN (office, mia, "member:invite", "{'role':'owner'}"), "forbidden");
    ASSERT_CODE (RUN (office, mia, "member:invite", "{'uses':11}"), "invalid");
    ASSERT_CODE (RUN (office, mia, "member:invite", "{'hours':169}"), "invalid");
    ASSERT_CODE (RUN (office, mia, "member:invite", "{'memberId':'%s'}", id), "invalid");
    ASSERT_CODE (RUN (office, ben, "member:list_invites", "{}"), "forbidden");
    ASSERT_CODE (RUN (office, ben, "member:revoke_invite", "{'id':'%s'}", id), "not_found");
    ASSERT_CODE (RUN (office, mia, "member:revoke_invite", "{'id':'%s'}",
                      bureau_json_get_string (owners, "id")),
                 "forbidden");
    ASSERT_CODE (RUN (office, mia, "member:renew_code", "{'id':'%s'}", mia), "not_found");
    ASSERT_CODE (RUN (office, ana, "member:revoke_invite", "{'id':'%s'}", id), "ok");
    ASSERT_CODE (join (office, get_secret (invitation), "Eve"), "forbidden");
    ASSERT_CODE (RUN (office, ana, "member:revoke_invite", "{'id':'%s'}", id), "not_found");
}

static void
test_quota (Office *office, gconstpointer data)
{
    g_assert_true (
        bureau_sql_execute (office->authority->store->sql, "PRAGMA synchronous=OFF", NULL));
    office->authority->settings.invitations_per_hour = 1000;
    bureau_rates_free (office->authority->rates);
    office->authority->rates = bureau_rates_new (&office->authority->settings);
    for (guint i = 0; i < 100; i++)
        ASSERT_CODE (RUN (office, office->owner->user_id, "member:invite", "{'hours':1}"), "ok");
    ASSERT_CODE (RUN (office, office->owner->user_id, "member:invite", "{}"), "conflict");
    stop_clock (office);
    test_now += 3600 * 1000;
    ASSERT_CODE (RUN (office, office->owner->user_id, "member:invite", "{}"), "ok");
}

/* Somebody of another workspace of the same hub joins as who they are. */
static void
test_acquaintance (Office *office, gconstpointer data)
{
    BureauStore *store = office->authority->store;
    const char *ana = office->owner->user_id;
    g_autofree char *other = bureau_id_new ();
    g_autofree char *zoe = bureau_id_new ();
    g_autoptr (JsonObject) invitation = NULL;
    JsonObject *answers[2] = { NULL };

    bureau_store_add_workspace (store, other, "Werft Süd", 1, NULL);
    bureau_store_add_user (store, zoe, "Zoe", "#000000", 1, NULL);
    bureau_store_add_member (store, other, zoe, BUREAU_ROLE_OWNER, 1, NULL);
    invitation = invite (office, ana, "{'role':'manager','uses':2}");
    for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
        JsonObject *params = json_object_new ();

        bureau_json_set_string (params, "code", get_secret (invitation));
        queue (office, bureau_join_new, "10.0.0.1", bureau_actor_new (zoe, "session"), params,
               &answers[i]);
        WAIT_UNTIL (answers[i] != NULL);
    }
    g_assert_cmpstr (get_code (answers[0]), ==, "ok");
    g_assert_cmpstr (bureau_json_get_string (bureau_json_get_object (answers[0], "user"), "id"), ==,
                     zoe);
    g_assert_cmpstr (
        bureau_json_get_string (bureau_json_get_object (answers[0], "workspace"), "id"), ==,
        office->owner->workspace_id);
    /* Their tokens are what they have. */
    g_assert_null (bureau_json_get_string (answers[0], "refreshToken"));
    g_assert_cmpint (bureau_store_get_role (store, office->owner->workspace_id, zoe, NULL), ==,
                     BUREAU_ROLE_MANAGER);
    g_assert_cmpint (bureau_store_get_role (store, other, zoe, NULL), ==, BUREAU_ROLE_OWNER);
    g_assert_cmpstr (get_code (answers[1]), ==, "conflict");
    json_object_unref (answers[0]);
    json_object_unref (answers[1]);

    /* An invitation of the one office is nothing to the other. */
    ASSERT_CODE (RUN (office, ana, "member:list_invites", "{'workspaceId':'%s'}", other),
                 "not_found");
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

    g_test_add_func ("/accounts/rules", test_rules);
#define ADD(path, test)                                                                            \
    g_test_add ("/accounts/" path, Office, NULL, office_set_up, test, office_tear_down)
    ADD ("change", test_change);
    ADD ("no-trace", test_no_trace);
    ADD ("rehash", test_rehash);
    ADD ("unknown-names", test_unknown_names);
    ADD ("bad-params", test_bad_params);
    ADD ("workers/queue-is-short", test_queue_is_short);
    ADD ("workers/close", test_close_while_working);
    ADD ("guesses/strangers", test_strangers_lock_nobody_out);
    ADD ("guesses/address", test_address_is_slowed_down);
    ADD ("guesses/network", test_network_is_one_address);
    ADD ("guesses/waits-double", test_waits_double);
    ADD ("code/opens", test_code_opens);
    ADD ("code/man-in-the-middle", test_man_in_the_middle);
    ADD ("code/over-tls", test_code_over_tls);
    ADD ("code/burned", test_code_is_burned);
    ADD ("code/expires", test_code_expires);
    ADD ("code/attempts", test_attempts_are_few);
    ADD ("invitations/race", test_race);
    ADD ("invitations/placeholder", test_placeholder);
    ADD ("invitations/issuer", test_issuer);
    ADD ("invitations/commands", test_commands);
    ADD ("invitations/quota", test_quota);
    ADD ("invitations/acquaintance", test_acquaintance);

    return g_test_run ();
}

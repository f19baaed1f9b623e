/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdarg.h>
#include <string.h>

#include "bureau-audit.h"
#include "bureau-authority.h"
#include "bureau-doctor.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-refresh.h"
#include "bureau-store-audit.h"
#include "bureau-store-private.h"
#include "hub.h"
#include "test-directory.h"

/* The audit: what is written, what is bounded, who may see it, and that whoever changes the
 * database behind the hub's back is found out. */

typedef struct {
    char *directory;
    BureauHubOwner *owner;
    BureauAuthority *authority;
} Fixture;

/* ------------------------------------------------------------------ helpers */

static void
open_authority (Fixture *fixture)
{
    g_autoptr (GError) error = NULL;

    fixture->authority = bureau_authority_open (fixture->directory, NULL, &error);
    g_assert_no_error (error);
}

static void
close_authority (Fixture *fixture)
{
    g_clear_pointer (&fixture->authority, bureau_authority_close);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;

    fixture->directory = directory_new ();
    fixture->owner = bureau_hub_create_office (fixture->directory, "Studio Nord", "Ana", "test",
                                               "First project", NULL, &error);
    g_assert_no_error (error);
    open_authority (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    close_authority (fixture);
    bureau_hub_owner_free (fixture->owner);
    directory_free (fixture->directory);
}

static BureauSql *
get_sql (Fixture *fixture)
{
    return fixture->authority->store->sql;
}

static void
execute (Fixture *fixture, const char *text)
{
    g_autoptr (GError) error = NULL;

    bureau_sql_execute (get_sql (fixture), text, &error);
    g_assert_no_error (error);
}

static gint64
count_rows (Fixture *fixture)
{
    g_autoptr (GError) error = NULL;
    guint8 hash[BUREAU_AUDIT_HASH_SIZE];
    gint64 n;

    bureau_store_get_last_audit (fixture->authority->store, &n, hash, &error);
    g_assert_no_error (error);
    return n;
}

static void
keep_answer (BureauRequest *request)
{
    *(JsonObject **) request->door = bureau_json_parse_object (request->json, -1, NULL);
}

/* Runs a request of its own in a turn of its own, as @user_id from @address (nullable, both).
 * (transfer full) */
static JsonObject *
run (Fixture *fixture, BureauRequest *request, const char *user_id, const char *address)
{
    JsonObject *answer = NULL;

    g_clear_pointer (&request->call.actor, bureau_actor_free);
    request->call.actor = user_id != NULL ? bureau_actor_new (user_id, user_id) : NULL;
    request->call.address = g_strdup (address);
    request->door = &answer;
    request->answered = keep_answer;
    bureau_authority_queue (fixture->authority, request);
    bureau_authority_run_turn (fixture->authority);
    g_assert_nonnull (answer);
    return answer;
}

static JsonObject *
give (Fixture *fixture, const char *user_id, const char *command, JsonObject *params)
{
    return run (fixture, bureau_request_new_command (fixture->authority, command, params, NULL),
                user_id, "192.0.2.7");
}

static const char *
get_code (JsonObject *answer)
{
    JsonObject *error = bureau_json_get_object (answer, "error");

    return error != NULL ? bureau_json_get_string (error, "code") : "ok";
}

/* A person in the workspace, without the way through an invitation. (transfer full) */
static char *
add_member (Fixture *fixture, const char *workspace_id, const char *name, BureauRole role)
{
    g_autoptr (GError) error = NULL;
    BureauStore *store = fixture->authority->store;
    gint64 now = bureau_authority_now (fixture->authority);
    char *id = bureau_id_new ();

    bureau_store_begin (store, &error);
    bureau_store_add_user (store, id, name, "#000000", now, &error);
    bureau_store_add_member (store, workspace_id, id, role, now, &error);
    bureau_store_commit (store, &error);
    g_assert_no_error (error);
    return id;
}

/* The audit as @user_id may see it. (transfer full) */
static JsonArray *
list (Fixture *fixture, const char *user_id, gint64 before, gint64 limit)
{
    JsonObject *params = json_object_new ();
    g_autoptr (JsonObject) answer = NULL;

    json_object_set_int_member (params, "limit", limit);
    if (before > 0)
        json_object_set_int_member (params, "before", before);
    answer = give (fixture, user_id, "audit:list", params);
    g_assert_cmpstr (get_code (answer), ==, "ok");
    return json_array_ref (bureau_json_get_array (answer, "entries"));
}

static void
assert_act (JsonObject *entry, BureauAuditAct act)
{
    g_assert_cmpstr (bureau_json_get_string (entry, "act"), ==, bureau_audit_act_to_string (act));
}

static guint
count_act (JsonArray *entries, BureauAuditAct act)
{
    guint count = 0;

    for (guint i = 0; i < json_array_get_length (entries); i++)
        count += g_strcmp0 (
                     bureau_json_get_string (json_array_get_object_element (entries, i), "act"),
                     bureau_audit_act_to_string (act)) == 0;
    return count;
}

static void
find_audit (const char *what, gboolean good, const char *text, gpointer data)
{
    char **verdict = data;

    g_assert_null (strpbrk (text, "\n\r"));
    if (g_str_equal (what, "audit"))
        *verdict = g_strdup_printf ("%s %s", good ? "ok" : "bad", text);
    else if (!good)
        g_error ("%s: %s", what, text);
}

/* What doctor says of the audit, and asserts that it finds all else good. (transfer full) */
static char *
ask_doctor (Fixture *fixture)
{
    char *verdict = NULL;
    gboolean good = bureau_doctor_examine (fixture->directory, g_get_real_time () / 1000,
                                           find_audit, &verdict);

    g_assert_nonnull (verdict);
    g_assert_cmpint (good, ==, g_str_has_prefix (verdict, "ok "));
    return verdict;
}

static void
assert_verdict (Fixture *fixture, const char *pattern)
{
    g_autofree char *verdict = ask_doctor (fixture);

    g_test_message ("%s", verdict);
    g_assert_true (g_pattern_match_simple (pattern, verdict));
}

/* ------------------------------------------------------------------ what is written */

/* A new office begins with how it was made, and who was let into its first project. */
static void
test_beginning (Fixture *fixture, gconstpointer data)
{
    g_autoptr (JsonArray) entries = list (fixture, fixture->owner->user_id, 0, 100);
    JsonObject *oldest = json_array_get_object_element (entries,
                                                        json_array_get_length (entries) - 1);

    g_assert_cmpint (json_array_get_length (entries), ==, 2);
    g_assert_cmpint (bureau_json_get_int (oldest, "n", 0), ==, 1);
    assert_act (oldest, BUREAU_AUDIT_OFFICE_CREATED);
    g_assert_cmpstr (bureau_json_get_string (oldest, "actorName"), ==, "Ana");
    g_assert_cmpuint (count_act (entries, BUREAU_AUDIT_PROJECT_MEMBERS), ==, 1);
    assert_verdict (fixture, "ok 2 rows, *");
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer data)
{
    *(GAsyncResult **) data = g_object_ref (result);
}

/* Whoever may read the hub's files gets in without a password, and not without a row. */
static void
test_owner_sign_in (Fixture *fixture, gconstpointer data)
{
    g_autoptr (BureauHubOwner) again = NULL;
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (JsonArray) entries = NULL;
    g_autoptr (GError) error = NULL;

    close_authority (fixture);
    bureau_hub_sign_in_async (fixture->directory, NULL, "second", NULL, keep_result, &result);
    while (result == NULL)
        g_main_context_iteration (NULL, TRUE);
    again = bureau_hub_sign_in_finish (result, &error);
    g_assert_no_error (error);
    open_authority (fixture);
    entries = list (fixture, fixture->owner->user_id, 0, 1);
    assert_act (json_array_get_object_element (entries, 0), BUREAU_AUDIT_SIGN_IN);
    assert_verdict (fixture, "ok 3 rows, *");
}

static gboolean
run_act (BureauCall *call, GError **error)
{
    JsonObject *details = json_object_new ();

    bureau_json_set_string (details, "role", "guest");
    return bureau_call_audit (call, NULL, BUREAU_AUDIT_MEMBER_ROLE, call->actor->user_id, details,
                              error);
}

static gboolean
run_failing_act (BureauCall *call, GError **error)
{
    bureau_call_audit_refusal (call, NULL, BUREAU_AUDIT_JOIN_REFUSED, NULL, "invitation");
    if (!run_act (call, error))
        return FALSE;
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT, "No.");
    return FALSE;
}

/* An act's row goes with the act; a refusal's stays. */
static void
test_rollback (Fixture *fixture, gconstpointer data)
{
    const char *ana = fixture->owner->user_id;
    gint64 rows = count_rows (fixture);
    g_autoptr (JsonObject) good = run (
        fixture, bureau_request_new (fixture->authority, run_act, NULL), ana, "192.0.2.7");
    g_autoptr (JsonObject) bad = run (
        fixture, bureau_request_new (fixture->authority, run_failing_act, NULL), ana, "192.0.2.7");
    g_autoptr (JsonArray) entries = list (fixture, ana, 0, 100);
    JsonObject *newest = json_array_get_object_element (entries, 0);
    JsonObject *before = json_array_get_object_element (entries, 1);

    g_assert_cmpstr (get_code (bad), ==, "conflict");
    g_assert_cmpint (count_rows (fixture), ==, rows + 2);
    assert_act (newest, BUREAU_AUDIT_JOIN_REFUSED);
    g_assert_cmpstr (bureau_json_get_string (newest, "address"), ==, "192.0.2.7");
    g_assert_cmpstr (bureau_json_get_string (bureau_json_get_object (newest, "details"), "why"), ==,
                     "invitation");
    assert_act (before, BUREAU_AUDIT_MEMBER_ROLE);
    g_assert_cmpstr (bureau_json_get_string (before, "subjectName"), ==, "Ana");
    assert_verdict (fixture, "ok *");
}

/* What Ana does, ' for ", goes well. (transfer full) */
static JsonObject *
act (Fixture *fixture, const char *command, const char *format, ...)
{
    g_autofree char *text = NULL;
    g_autoptr (JsonObject) answer = NULL;
    va_list arguments;

    va_start (arguments, format);
    text = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    g_strdelimit (text, "'", '"');
    answer = give (fixture, fixture->owner->user_id, command,
                   bureau_json_parse_object (text, -1, NULL));
    g_assert_cmpstr (get_code (answer), ==, "ok");
    return g_steal_pointer (&answer);
}

/* The one row that has come since @rows. */
static void
assert_one_more (Fixture *fixture, gint64 *rows, BureauAuditAct act, const char *subject)
{
    g_autoptr (JsonArray) entries = list (fixture, fixture->owner->user_id, 0, 1);
    JsonObject *newest = json_array_get_object_element (entries, 0);

    g_assert_cmpint (count_rows (fixture), ==, ++*rows);
    assert_act (newest, act);
    g_assert_cmpstr (bureau_json_get_string (newest, "actorName"), ==, "Ana");
    g_assert_cmpstr (bureau_json_get_string (newest, "subjectName"), ==, subject);
}

#define DO(command, ...) json_object_unref (act (fixture, command, __VA_ARGS__))

static void
test_members_acts (Fixture *fixture, gconstpointer data)
{
    gint64 rows = count_rows (fixture);
    g_autoptr (JsonObject) bea = act (fixture, "member:add", "{'name':'Bea'}");
    const char *id = bureau_json_get_string (bureau_json_get_object (bea, "member"), "id");

    assert_one_more (fixture, &rows, BUREAU_AUDIT_MEMBER_ADDED, "Bea");
    DO ("member:set_role", "{'id':'%s','role':'guest'}", id);
    assert_one_more (fixture, &rows, BUREAU_AUDIT_MEMBER_ROLE, "Bea");
    DO ("member:deactivate", "{'id':'%s'}", id);
    assert_one_more (fixture, &rows, BUREAU_AUDIT_MEMBER_DEACTIVATED, "Bea");
    DO ("member:reactivate", "{'id':'%s'}", id);
    assert_one_more (fixture, &rows, BUREAU_AUDIT_MEMBER_REACTIVATED, "Bea");
    DO ("member:remove", "{'id':'%s'}", id);
    assert_one_more (fixture, &rows, BUREAU_AUDIT_MEMBER_REMOVED, "Bea");
}

static void
test_invitations_acts (Fixture *fixture, gconstpointer data)
{
    gint64 rows = count_rows (fixture);
    g_autoptr (JsonObject) made = act (fixture, "member:invite", "{}");
    const char *id = bureau_json_get_string (bureau_json_get_object (made, "invitation"), "id");

    assert_one_more (fixture, &rows, BUREAU_AUDIT_INVITATION_CREATED, NULL);
    DO ("member:renew_code", "{'id':'%s'}", id);
    assert_one_more (fixture, &rows, BUREAU_AUDIT_INVITATION_RENEWED, NULL);
    DO ("member:revoke_invite", "{'id':'%s'}", id);
    assert_one_more (fixture, &rows, BUREAU_AUDIT_INVITATION_REVOKED, NULL);
}

/* Who may see a project is a permission; what is deleted is missed. */
static void
test_projects_acts (Fixture *fixture, gconstpointer data)
{
    g_autofree char *ben = add_member (fixture, fixture->owner->workspace_id, "Ben",
                                       BUREAU_ROLE_MEMBER);
    g_autofree char *id = bureau_id_new ();
    g_autofree char *task = bureau_id_new ();
    gint64 rows = count_rows (fixture);

    DO ("project:create", "{'id':'%s','name':'Second','memberIds':[]}", id);
    DO ("project:update", "{'id':'%s','name':'Third'}", id);
    DO ("project:update", "{'id':'%s','memberIds':['%s']}", id, ben);
    assert_one_more (fixture, &rows, BUREAU_AUDIT_PROJECT_MEMBERS, "Third");
    DO ("project:update", "{'id':'%s','memberIds':['%s']}", id, ben);
    DO ("project:update", "{'id':'%s','memberIds':[]}", id);
    assert_one_more (fixture, &rows, BUREAU_AUDIT_PROJECT_MEMBERS, "Third");
    DO ("task:create", "{'id':'%s','projectId':'%s','title':'Paint'}", task, id);
    DO ("task:delete", "{'id':'%s'}", task);
    assert_one_more (fixture, &rows, BUREAU_AUDIT_TASK_DELETED, "SEC-1");
    DO ("task:undo_delete", "{'id':'%s'}", task);
    assert_one_more (fixture, &rows, BUREAU_AUDIT_TASK_RESTORED, "SEC-1");
    DO ("project:archive", "{'id':'%s'}", id);
    assert_one_more (fixture, &rows, BUREAU_AUDIT_PROJECT_ARCHIVED, "Third");
    assert_verdict (fixture, "ok *");
}

static void
refresh_in_vain (Fixture *fixture)
{
    JsonObject *params = json_object_new ();
    g_autoptr (JsonObject) answer = NULL;

    bureau_json_set_string (params, "refreshToken", fixture->owner->refresh_token);
    answer = run (fixture, bureau_refresh_new (fixture->authority, params), NULL, "192.0.2.9");
    g_assert_cmpstr (get_code (answer), ==, "unauthenticated");
}

/* A device that was signed out, and is tried all the same. */
static void
test_refused_renewal (Fixture *fixture, gconstpointer data)
{
    g_autoptr (JsonObject) answer = act (fixture, "device:list", "{}");
    JsonArray *devices = bureau_json_get_array (answer, "devices");
    g_autoptr (JsonArray) entries = NULL;
    JsonObject *newest;

    DO ("device:sign_out", "{'id':'%s'}",
        bureau_json_get_string (json_array_get_object_element (devices, 0), "id"));
    refresh_in_vain (fixture);
    refresh_in_vain (fixture);
    entries = list (fixture, fixture->owner->user_id, 0, 100);
    newest = json_array_get_object_element (entries, 0);
    g_assert_cmpuint (count_act (entries, BUREAU_AUDIT_DEVICE_SIGNED_OUT), ==, 1);
    g_assert_cmpuint (count_act (entries, BUREAU_AUDIT_SIGN_IN_REFUSED), ==, 1);
    assert_act (newest, BUREAU_AUDIT_SIGN_IN_REFUSED);
    g_assert_cmpstr (bureau_json_get_string (newest, "subjectName"), ==, "Ana");
    g_assert_cmpstr (bureau_json_get_string (newest, "address"), ==, "192.0.2.9");
}

#undef DO

/* ------------------------------------------------------------------ what is bounded */

static void
give_forbidden (Fixture *fixture, const char *user_id, const char *subject)
{
    JsonObject *params = json_object_new ();
    g_autoptr (JsonObject) answer = NULL;

    bureau_json_set_string (params, "id", subject);
    bureau_json_set_string (params, "name", "Mine");
    answer = give (fixture, user_id, "project:create", params);
    g_assert_cmpstr (get_code (answer), ==, "forbidden");
}

static void
test_flood (Fixture *fixture, gconstpointer data)
{
    g_autofree char *ben = add_member (fixture, fixture->owner->workspace_id, "Ben",
                                       BUREAU_ROLE_MEMBER);
    g_autofree char *cem = add_member (fixture, fixture->owner->workspace_id, "Cem",
                                       BUREAU_ROLE_GUEST);
    g_autofree char *same = bureau_id_new ();
    gint64 rows = count_rows (fixture);

    fixture->authority->settings.projects_per_hour = 1000000;
    g_clear_pointer (&fixture->authority->rates, bureau_rates_free);
    fixture->authority->rates = bureau_rates_new (&fixture->authority->settings);

    for (guint i = 0; i < 500; i++)
        give_forbidden (fixture, ben, same);
    g_assert_cmpint (count_rows (fixture), ==, rows + 1);
    for (guint i = 0; i < 500; i++) {
        g_autofree char *other = bureau_id_new ();

        give_forbidden (fixture, ben, other);
    }
    g_assert_cmpint (count_rows (fixture), ==, rows + 20);

    /* Ben's flood hides nobody else's. */
    give_forbidden (fixture, cem, same);
    g_assert_cmpint (count_rows (fixture), ==, rows + 21);
}

/* ------------------------------------------------------------------ who sees it */

static void
test_who (Fixture *fixture, gconstpointer data)
{
    static const BureauRole refused[] = { BUREAU_ROLE_GUEST, BUREAU_ROLE_MEMBER };
    g_autofree char *eve = add_member (fixture, fixture->owner->workspace_id, "Eve",
                                       BUREAU_ROLE_MANAGER);
    g_autoptr (JsonArray) entries = list (fixture, eve, 0, 100);

    g_assert_cmpint (json_array_get_length (entries), ==, 2);
    for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
        g_autofree char *id = add_member (fixture, fixture->owner->workspace_id, "Who", refused[i]);
        g_autoptr (JsonObject) answer = give (fixture, id, "audit:list", json_object_new ());

        g_assert_cmpstr (get_code (answer), ==, "forbidden");
    }
}

static void
test_pages (Fixture *fixture, gconstpointer data)
{
    const char *ana = fixture->owner->user_id;
    gint64 before = 0, seen = 0;

    for (guint i = 0; i < 23; i++)
        json_object_unref (
            run (fixture, bureau_request_new (fixture->authority, run_act, NULL), ana, NULL));
    for (;;) {
        g_autoptr (JsonArray) page = list (fixture, ana, before, 10);

        if (json_array_get_length (page) == 0)
            break;
        for (guint i = 0; i < json_array_get_length (page); i++, seen++)
            g_assert_cmpint (bureau_json_get_int (json_array_get_object_element (page, i), "n", 0),
                             ==, 25 - seen);
        before = 25 - seen + 1;
    }
    g_assert_cmpint (seen, ==, 25);
}

/* In the workspace that the params name. */
static gboolean
run_act_there (BureauCall *call, GError **error)
{
    return bureau_call_audit (call, bureau_json_get_string (call->params, "workspaceId"),
                              BUREAU_AUDIT_JOIN, call->actor->user_id, NULL, error);
}

/* Nothing of one workspace is seen in another, not even a name; of the whole hub's rows each sees
 * those about its own people. */
static void
test_wall (Fixture *fixture, gconstpointer data)
{
    const char *ana = fixture->owner->user_id;
    g_autofree char *other = bureau_id_new ();
    g_autoptr (GError) error = NULL;
    g_autofree char *mia = NULL;
    g_autofree char *ben = NULL;

    bureau_store_add_workspace (fixture->authority->store, other, "Other", 0, &error);
    g_assert_no_error (error);
    mia = add_member (fixture, other, "Mia", BUREAU_ROLE_OWNER);
    ben = add_member (fixture, fixture->owner->workspace_id, "Ben", BUREAU_ROLE_MEMBER);

    /* Rows of the hub: Ana's and Mia's, and one of nobody. */
    json_object_unref (
        run (fixture, bureau_request_new (fixture->authority, run_act, NULL), ana, NULL));
    json_object_unref (
        run (fixture, bureau_request_new (fixture->authority, run_act, NULL), mia, NULL));
    give_forbidden (fixture, ben, other);
    {
        g_autoptr (JsonArray) hers = list (fixture, mia, 0, 100);
        JsonObject *entry = json_array_get_object_element (hers, 0);

        g_assert_cmpint (json_array_get_length (hers), ==, 1);
        g_assert_cmpstr (bureau_json_get_string (entry, "actorId"), ==, mia);
        g_assert_cmpstr (bureau_json_get_string (entry, "actorName"), ==, "Mia");
    }
    {
        g_autoptr (JsonArray) hers = list (fixture, ana, 0, 100);

        g_assert_cmpuint (count_act (hers, BUREAU_AUDIT_MEMBER_ROLE), ==, 1);
        g_assert_cmpuint (count_act (hers, BUREAU_AUDIT_COMMAND_REFUSED), ==, 1);
        for (guint i = 0; i < json_array_get_length (hers); i++)
            g_assert_cmpstr (
                bureau_json_get_string (json_array_get_object_element (hers, i), "actorId"), !=,
                mia);
    }
    {
        JsonObject *params = json_object_new ();
        g_autoptr (JsonArray) hers = NULL;
        JsonObject *entry;

        bureau_json_set_string (params, "workspaceId", fixture->owner->workspace_id);
        json_object_unref (run (
            fixture, bureau_request_new (fixture->authority, run_act_there, params), mia, NULL));
        hers = list (fixture, ana, 0, 1);
        entry = json_array_get_object_element (hers, 0);
        g_assert_cmpstr (bureau_json_get_string (entry, "actorId"), ==, mia);
        g_assert_false (json_object_has_member (entry, "actorName"));
        g_assert_false (json_object_has_member (entry, "subjectName"));
    }
    {
        JsonObject *params = json_object_new ();
        g_autoptr (JsonObject) answer = NULL;

        bureau_json_set_string (params, "workspaceId", other);
        answer = give (fixture, ana, "audit:list", params);
        g_assert_cmpstr (get_code (answer), ==, "not_found");
    }
}

/* ------------------------------------------------------------------ tampering */

#define NO_TRIGGERS                                                                                \
    "DROP TRIGGER audit_is_added_to; DROP TRIGGER audit_is_not_changed;"                           \
    "DROP TRIGGER audit_is_not_cut;"

typedef struct {
    const char *name;
    const char *sql;
    const char *verdict;
} Tampering;

/* Done to an audit of six rows. */
static const Tampering tamperings[] = {
    { "act", "UPDATE audit SET act = 'sign_in' WHERE n = 3", "bad Row 3 is not*" },
    { "at", "UPDATE audit SET at = at + 1 WHERE n = 4", "bad Row 4 is not*" },
    { "workspace", "UPDATE audit SET workspace_id = NULL WHERE n = 2", "bad Row 2 is not*" },
    { "actor", "UPDATE audit SET actor_id = 'x' WHERE n = 3", "bad Row 3 is not*" },
    { "subject", "UPDATE audit SET subject = '' WHERE n = 1", "bad Row 1 is not*" },
    { "address", "UPDATE audit SET address = '10.0.0.1' WHERE n = 5", "bad Row 5 is not*" },
    { "details", "UPDATE audit SET details = '{}' WHERE n = 3", "bad Row 3 is not*" },
    { "hash", "UPDATE audit SET hash = zeroblob (32) WHERE n = 3", "bad Row 3 is not*" },
    { "short hash", "UPDATE audit SET hash = x'' WHERE n = 3", "bad Row 3 is not*" },
    { "from field to field",
      "UPDATE audit SET address = subject || coalesce (address, ''), subject = NULL WHERE n = 3",
      "bad Row 3 is not*" },
    { "delete", "DELETE FROM audit WHERE n = 3", "bad Row 3 is missing*" },
    { "delete the first", "DELETE FROM audit WHERE n = 1", "bad Row 1 is missing*" },
    { "delete and close up",
      "DELETE FROM audit WHERE n = 3; UPDATE audit SET n = n - 1 WHERE n > 3",
      "bad Row 3 is not*" },
    { "reorder",
      "UPDATE audit SET n = 99 WHERE n = 3; UPDATE audit SET n = 3 WHERE n = 4;"
      "UPDATE audit SET n = 4 WHERE n = 99",
      "bad Row 3 is not*" },
    { "cut", "DELETE FROM audit WHERE n > 4", "bad Row 5 is missing*" },
    { "cut all", "DELETE FROM audit", "bad Row 1 is missing*" },
    { "cut all and the seal", "DELETE FROM audit; DELETE FROM meta WHERE key = 'audit'",
      "bad Row 1 is missing*" },
    { "cut and move the seal",
      "DELETE FROM audit WHERE n > 4; UPDATE meta SET value ="
      " (SELECT '4 ' || lower (hex (hash)) FROM audit WHERE n = 4) WHERE key = 'audit'",
      "bad Row 5 is missing*" },
    { "add",
      "INSERT INTO audit SELECT 7, at, workspace_id, act, actor_id, subject, address, details, hash"
      " FROM audit WHERE n = 6",
      "bad Row 7 is not*" },
};

static void
write_six_rows (Fixture *fixture)
{
    while (count_rows (fixture) < 6)
        json_object_unref (run (fixture, bureau_request_new (fixture->authority, run_act, NULL),
                                fixture->owner->user_id, NULL));
    assert_verdict (fixture, "ok 6 rows, *");
}

/* Whoever is to go unnoticed puts the triggers back. */
static void
tamper (Fixture *fixture, const char *change)
{
    g_autoptr (GString) sql = g_string_new (NO_TRIGGERS);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauRows) triggers = bureau_sql_query (
        get_sql (fixture), &error,
        "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'audit%'", "");

    g_string_append (sql, change);
    while (triggers != NULL && bureau_rows_next (triggers, &error))
        g_string_append_printf (sql, ";%s", bureau_rows_text (triggers, 0));
    g_assert_no_error (error);
    execute (fixture, sql->str);
}

static void
test_tampering (Fixture *fixture, gconstpointer data)
{
    const Tampering *tampering = data;

    write_six_rows (fixture);
    tamper (fixture, tampering->sql);
    assert_verdict (fixture, tampering->verdict);

    /* And it stays so, whatever the hub writes later. */
    close_authority (fixture);
    open_authority (fixture);
    json_object_unref (run (fixture, bureau_request_new (fixture->authority, run_act, NULL),
                            fixture->owner->user_id, NULL));
    assert_verdict (fixture, tampering->verdict);
}

/* With the programs that make the database, but without the key. */
static void
test_forging (Fixture *fixture, gconstpointer data)
{
    g_autofree char *path = g_build_filename (fixture->directory, "keys", "audit.key", NULL);
    g_autofree char *key = NULL;
    g_autofree char *forged = NULL;
    gsize length;

    write_six_rows (fixture);
    close_authority (fixture);
    g_assert_true (g_file_get_contents (path, &key, &length, NULL));
    forged = g_strnfill (length, 'k');
    g_assert_true (g_file_set_contents_full (path, forged, length, G_FILE_SET_CONTENTS_CONSISTENT,
                                             0600, NULL));
    open_authority (fixture);
    json_object_unref (run (fixture, bureau_request_new (fixture->authority, run_act, NULL),
                            fixture->owner->user_id, NULL));
    g_assert_true (
        g_file_set_contents_full (path, key, length, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
    assert_verdict (fixture, "bad Row 7 is missing*");
}

/* Even with a shell of SQLite one must take more trouble than a slip. */
static void
test_triggers (Fixture *fixture, gconstpointer data)
{
    static const char *const refused[] = {
        "UPDATE audit SET at = 0",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT n, 0, workspace_id, act, actor_id, subject, address,"
        " details, hash FROM audit WHERE n = 1",
        "INSERT OR REPLACE INTO audit SELECT n, 0, workspace_id, act, actor_id, subject, address,"
        " details, hash FROM audit WHERE n = 2",
    };

    for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
        g_autoptr (GError) error = NULL;

        g_assert_false (bureau_sql_execute (get_sql (fixture), refused[i], &error));
        g_assert_nonnull (strstr (error->message, "only added to"));
    }
    assert_verdict (fixture, "ok 2 rows, *");
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/audit/" name, Fixture, NULL, set_up, function, tear_down)
    ADD ("beginning", test_beginning);
    ADD ("owner-sign-in", test_owner_sign_in);
    ADD ("rollback", test_rollback);
    ADD ("acts/members", test_members_acts);
    ADD ("acts/invitations", test_invitations_acts);
    ADD ("acts/projects", test_projects_acts);
    ADD ("refused-renewal", test_refused_renewal);
    ADD ("flood", test_flood);
    ADD ("who", test_who);
    ADD ("pages", test_pages);
    ADD ("wall", test_wall);
    ADD ("forging", test_forging);
    ADD ("triggers", test_triggers);
#undef ADD
    for (guint i = 0; i < G_N_ELEMENTS (tamperings); i++) {
        g_autofree char *path = g_strdup_printf ("/audit/tampering/%s", tamperings[i].name);

        g_test_add (path, Fixture, &tamperings[i], set_up, test_tampering, tear_down);
    }
    return g_test_run ();
}

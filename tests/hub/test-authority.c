/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-json.h"
#include "bureau-join.h"
#include "bureau-store-accounts.h"
#include "bureau-store-private.h"
#include "test-office.h"
#include "test-wait.h"

/* Commands through the turn, as every door gives them, without a socket between. */

/* The secret of the link that was answered. (transfer none) */
static const char *
get_secret (JsonObject *invited)
{
    const char *link = bureau_json_get_string (bureau_json_get_object (invited, "invitation"),
                                               "link");

    return strrchr (link, '.') + 1;
}

/* The answer to somebody who asks to join with @code. (transfer full) */
static JsonObject *
ask_to_join (Office *office, const char *address, const char *code, const char *name,
             const char *device)
{
    JsonObject *params = json_object_new ();
    JsonObject *answer = NULL;
    BureauRequest *request;

    bureau_json_set_string (params, "code", code);
    bureau_json_set_string (params, "name", name);
    bureau_json_set_string (params, "device", device);
    request = bureau_join_new (office->authority, params);
    request->call.address = g_strdup (address);
    office_queue_request (office, request, &answer);
    bureau_authority_run_turn (office->authority);
    g_assert_nonnull (answer);
    return answer;
}

/* Somebody joins with an invitation of @role; returns their user id. */
static char *
join (Office *office, const char *role, const char *name)
{
    g_autoptr (JsonObject) invited = RUN (office, office->owner->user_id, "member:invite",
                                          "{'role':'%s'}", role);
    g_autoptr (JsonObject) answer = NULL;

    g_assert_cmpstr (get_code (invited), ==, "ok");
    answer = ask_to_join (office, "127.0.0.1", get_secret (invited), name, "test");
    g_assert_cmpstr (get_code (answer), ==, "ok");
    return g_strdup (bureau_json_get_string (bureau_json_get_object (answer, "user"), "id"));
}

/* ------------------------------------------------------------------ the turn */

/* One bad command among good ones: they are done, it is not, and the log has no gap. */
static void
test_turn_isolates_failures (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autoptr (JsonObject) first = NULL;
    g_autoptr (JsonObject) bad = NULL;
    g_autoptr (JsonObject) second = NULL;

    office_queue (office, ana, "task:create", &first, "{'projectId':'%s','title':'One'}",
                  office->project_id);
    office_queue (office, ana, "task:create", &bad,
                  "{'projectId':'%s','title':'Two','assigneeIds':['%s']}", office->project_id,
                  "00000000-0000-4000-8000-000000000000");
    office_queue (office, ana, "task:create", &second, "{'projectId':'%s','title':'Three'}",
                  office->project_id);
    bureau_authority_run_turn (office->authority);

    g_assert_cmpstr (get_code (first), ==, "ok");
    g_assert_cmpstr (get_code (bad), ==, "invalid");
    g_assert_cmpstr (bureau_json_get_string (bureau_json_get_object (bad, "error"), "field"), ==,
                     "assigneeIds");
    g_assert_cmpstr (get_code (second), ==, "ok");
    g_assert_cmpint (bureau_json_get_int (second, "seq", 0), ==,
                     bureau_json_get_int (first, "seq", 0) + 1);
    g_assert_cmpstr (bureau_json_get_string (bureau_json_get_object (second, "task"), "key"), ==,
                     "FIR-2");
}

/* A full disk makes SQLite take back the whole transaction, and what came after would be on its
 * own: all of the turn is refused, and nothing of it is done. */
static void
test_full_disk_fails_the_turn (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    BureauSql *sql = office->authority->store->sql;
    g_autofree char *long_text = g_strnfill (40000, 'x');
    g_autoptr (JsonObject) first = NULL;
    g_autoptr (JsonObject) bad = NULL;
    g_autoptr (JsonObject) second = NULL;
    g_autoptr (JsonObject) described = NULL;

    /* As full as it is now. */
    g_assert_true (bureau_sql_execute (sql, "PRAGMA max_page_count=1", NULL));
    office_queue (office, ana, "member:update_self", &first, "{'name':'Before'}");
    office_queue (office, ana, "task:create", &bad,
                  "{'projectId':'%s','title':'One','description':'%s'}", office->project_id,
                  long_text);
    office_queue (office, ana, "member:update_self", &second, "{'name':'After'}");
    bureau_authority_run_turn (office->authority);
    g_assert_cmpstr (get_code (first), ==, "unavailable");
    g_assert_cmpstr (get_code (bad), ==, "unavailable");
    g_assert_cmpstr (get_code (second), ==, "unavailable");

    g_assert_true (bureau_sql_execute (sql, "PRAGMA max_page_count=100000", NULL));
    described = RUN (office, ana, "office:describe", "{}");
    g_assert_cmpstr (bureau_json_get_string (bureau_json_get_object (described, "user"), "name"),
                     ==, "Ana");
    ASSERT_CODE (RUN (office, ana, "member:update_self", "{'name':'Later'}"), "ok");
}

/* Something that only COMMIT finds wrong. */
static gboolean
run_until_commit (BureauCall *call, GError **error)
{
    return bureau_sql_execute (call->authority->store->sql,
                               "PRAGMA defer_foreign_keys=ON;"
                               "INSERT INTO project_members VALUES ('nothing', 'nobody')",
                               error);
}

/* Nobody is told of success that is not on the disk, and the next turn begins clean. */
static void
test_failed_commit_fails_the_turn (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autoptr (JsonObject) good = NULL;
    g_autoptr (JsonObject) bad = NULL;
    g_autoptr (JsonObject) later = NULL;
    BureauRequest *request = bureau_request_new (office->authority, run_until_commit, NULL);

    office_queue (office, ana, "task:create", &good, "{'projectId':'%s','title':'One'}",
                  office->project_id);
    office_queue_request (office, request, &bad);
    g_test_expect_message ("bureau-hub", G_LOG_LEVEL_MESSAGE, "*not stored*");
    g_test_expect_message ("bureau-hub", G_LOG_LEVEL_WARNING, "Error *");
    g_test_expect_message ("bureau-hub", G_LOG_LEVEL_WARNING, "Error *");
    bureau_authority_run_turn (office->authority);
    g_test_assert_expected_messages ();
    g_assert_cmpstr (get_code (good), ==, "internal");
    g_assert_cmpstr (get_code (bad), ==, "internal");

    later = RUN (office, ana, "task:create", "{'projectId':'%s','title':'Two'}",
                 office->project_id);
    g_assert_cmpstr (bureau_json_get_string (bureau_json_get_object (later, "task"), "key"), ==,
                     "FIR-1");
}

static void
test_same_op_is_done_once (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    const char *op = "11111111-1111-4111-8111-111111111111";
    g_autoptr (JsonObject) first = RUN (office, ana, "task:create",
                                        "{'projectId':'%s','title':'One','opId':'%s'}",
                                        office->project_id, op);
    g_autoptr (JsonObject) again = RUN (office, ana, "task:create",
                                        "{'opId':'%s','title':'One','projectId':'%s'}", op,
                                        office->project_id);

    g_assert_true (bureau_json_equal (first, again));
    ASSERT_CODE (RUN (office, ana, "task:create", "{'projectId':'%s','title':'Other','opId':'%s'}",
                      office->project_id, op),
                 "conflict");
}

static void
test_same_id_is_done_once (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    const char *id = "22222222-2222-4222-8222-222222222222";
    g_autofree char *ben = join (office, "member", "Ben");
    g_autoptr (JsonObject) first = RUN (office, ana, "task:create",
                                        "{'id':'%s','projectId':'%s','title':'One'}", id,
                                        office->project_id);
    g_autoptr (JsonObject) again = RUN (office, ana, "task:create",
                                        "{'id':'%s','projectId':'%s','title':'One'}", id,
                                        office->project_id);

    g_assert_true (bureau_json_equal (first, again));
    ASSERT_CODE (RUN (office, ben, "task:create", "{'id':'%s','projectId':'%s','title':'One'}", id,
                      office->project_id),
                 "conflict");
}

/* ------------------------------------------------------------------ rules */

static void
test_guests (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *eve = join (office, "guest", "Eve");
    g_autoptr (JsonObject) theirs = NULL;
    g_autoptr (JsonObject) mine = NULL;
    const char *theirs_id, *mine_id;

    /* A guest is let into no project by joining: there is nothing to see. */
    ASSERT_CODE (
        RUN (office, eve, "task:create", "{'projectId':'%s','title':'x'}", office->project_id),
        "not_found");

    ASSERT_CODE (RUN (office, ana, "project:update", "{'id':'%s','memberIds':['%s','%s']}",
                      office->project_id, ana, eve),
                 "ok");
    theirs = RUN (office, eve, "task:create", "{'projectId':'%s','title':'x','status':'done'}",
                  office->project_id);
    mine = RUN (office, ana, "task:create", "{'projectId':'%s','title':'y'}", office->project_id);
    theirs_id = bureau_json_get_string (bureau_json_get_object (theirs, "task"), "id");
    mine_id = bureau_json_get_string (bureau_json_get_object (mine, "task"), "id");
    g_assert_cmpstr (bureau_json_get_string (bureau_json_get_object (theirs, "task"), "status"), ==,
                     "requested");
    g_assert_cmpstr (bureau_json_get_string (bureau_json_get_object (theirs, "task"), "kind"), ==,
                     "request");

    ASSERT_CODE (RUN (office, eve, "task:update", "{'id':'%s','title':'z'}", theirs_id), "ok");
    ASSERT_CODE (RUN (office, eve, "task:update", "{'id':'%s','status':'done'}", theirs_id),
                 "forbidden");
    ASSERT_CODE (RUN (office, eve, "task:update", "{'id':'%s','title':'z'}", mine_id), "forbidden");
    ASSERT_CODE (RUN (office, eve, "task:delete", "{'id':'%s'}", mine_id), "forbidden");
    ASSERT_CODE (RUN (office, eve, "task:move", "{'id':'%s','status':'done'}", theirs_id),
                 "forbidden");
    ASSERT_CODE (RUN (office, eve, "timer:start", "{}"), "forbidden");

    ASSERT_CODE (RUN (office, ana, "task:update", "{'id':'%s','status':'todo'}", theirs_id), "ok");
    ASSERT_CODE (RUN (office, eve, "task:update", "{'id':'%s','title':'again'}", theirs_id),
                 "forbidden");
}

/* What one may not see answers exactly as what does not exist. */
static void
test_strangers_learn_nothing (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *ben = join (office, "member", "Ben");
    g_autoptr (JsonObject) project = RUN (office, ana, "project:create",
                                          "{'name':'Secret','memberIds':[]}");
    const char *hidden = bureau_json_get_string (bureau_json_get_object (project, "project"), "id");
    g_autoptr (JsonObject) task = RUN (office, ana, "task:create", "{'projectId':'%s','title':'x'}",
                                       hidden);
    const char *task_id = bureau_json_get_string (bureau_json_get_object (task, "task"), "id");
    const char *nowhere = "00000000-0000-4000-8000-000000000000";
    static const char *const with_id[] = { "task:update", "task:delete", "task:undo_delete",
                                           "project:archive" };

    for (guint i = 0; i < G_N_ELEMENTS (with_id); i++) {
        const char *id = g_str_has_prefix (with_id[i], "project") ? hidden : task_id;
        g_autoptr (JsonObject) foreign = RUN (office, ben, with_id[i], "{'id':'%s'}", id);
        g_autoptr (JsonObject) missing = RUN (office, ben, with_id[i], "{'id':'%s'}", nowhere);

        g_assert_cmpstr (get_code (foreign), ==, "not_found");
        g_assert_true (bureau_json_equal (foreign, missing));
    }
    {
        g_autoptr (JsonObject) foreign = RUN (office, ben, "task:create",
                                              "{'projectId':'%s','title':'x'}", hidden);
        g_autoptr (JsonObject) missing = RUN (office, ben, "task:create",
                                              "{'projectId':'%s','title':'x'}", nowhere);

        g_assert_true (bureau_json_equal (foreign, missing));
    }
}

static void
test_managers_only (Office *office, gconstpointer data)
{
    g_autofree char *ben = join (office, "member", "Ben");
    g_autofree char *cleo = join (office, "manager", "Cleo");

    ASSERT_CODE (RUN (office, ben, "project:create", "{'name':'P'}"), "forbidden");
    ASSERT_CODE (RUN (office, ben, "project:update", "{'id':'%s','name':'P'}", office->project_id),
                 "forbidden");
    ASSERT_CODE (RUN (office, ben, "member:invite", "{}"), "forbidden");
    ASSERT_CODE (RUN (office, cleo, "project:create", "{'name':'P'}"), "ok");
    ASSERT_CODE (RUN (office, cleo, "member:invite", "{'role':'owner'}"), "forbidden");
    ASSERT_CODE (RUN (office, cleo, "member:invite", "{'role':'manager'}"), "ok");
}

static void
test_archived_project_is_left_alone (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;

    ASSERT_CODE (RUN (office, ana, "project:archive", "{'id':'%s'}", office->project_id), "ok");
    ASSERT_CODE (
        RUN (office, ana, "task:create", "{'projectId':'%s','title':'x'}", office->project_id),
        "conflict");
}

/* ------------------------------------------------------------------ tasks and timers */

static char *
add_task (Office *office, const char *title)
{
    g_autoptr (JsonObject) answer = RUN (office, office->owner->user_id, "task:create",
                                         "{'projectId':'%s','title':'%s'}", office->project_id,
                                         title);

    return g_strdup (bureau_json_get_string (bureau_json_get_object (answer, "task"), "id"));
}

typedef struct {
    const char *status;
    GString *titles;
} Column;

static gboolean
add_title (JsonObject *task, gpointer data, GError **error)
{
    Column *column = data;

    if (g_strcmp0 (bureau_json_get_string (task, "status"), column->status) == 0)
        g_string_append (column->titles, bureau_json_get_string (task, "title"));
    return TRUE;
}

static void
check_column (Office *office, const char *status, const char *expected)
{
    g_autoptr (GString) titles = g_string_new (NULL);
    Column column = { status, titles };

    bureau_store_foreach_task (office->authority->store, office->project_id, add_title, &column,
                               NULL);
    g_assert_cmpstr (titles->str, ==, expected);
}

static void
test_move (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *a = add_task (office, "A");
    g_autofree char *b = add_task (office, "B");
    g_autofree char *c = add_task (office, "C");

    check_column (office, "todo", "ABC");
    ASSERT_CODE (RUN (office, ana, "task:move", "{'id':'%s','status':'todo','after':null}", c),
                 "ok");
    check_column (office, "todo", "CAB");
    ASSERT_CODE (RUN (office, ana, "task:move", "{'id':'%s','status':'todo','after':'%s'}", c, a),
                 "ok");
    check_column (office, "todo", "ACB");
    ASSERT_CODE (RUN (office, ana, "task:move", "{'id':'%s','status':'done'}", a), "ok");
    ASSERT_CODE (RUN (office, ana, "task:update", "{'id':'%s','status':'done'}", b), "ok");
    check_column (office, "done", "AB");
    check_column (office, "todo", "C");

    /* The neighbour went elsewhere meanwhile: the end of the column is the honest place. */
    ASSERT_CODE (RUN (office, ana, "task:move", "{'id':'%s','status':'done','after':'%s'}", c, c),
                 "ok");
    check_column (office, "done", "ABC");
}

static void
test_delete_and_back (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *a = add_task (office, "A");
    g_autofree char *b = add_task (office, "B");

    ASSERT_CODE (RUN (office, ana, "task:delete", "{'id':'%s'}", a), "ok");
    check_column (office, "todo", "B");
    ASSERT_CODE (RUN (office, ana, "task:delete", "{'id':'%s'}", a), "not_found");
    ASSERT_CODE (RUN (office, ana, "task:update", "{'id':'%s','title':'x'}", a), "not_found");
    ASSERT_CODE (RUN (office, ana, "task:undo_delete", "{'id':'%s'}", a), "ok");
    check_column (office, "todo", "AB");
    ASSERT_CODE (RUN (office, ana, "task:undo_delete", "{'id':'%s'}", b), "not_found");
}

static gint64 test_now;

static gint64
test_clock (void)
{
    return test_now;
}

static void
test_undo_ends_after_30_days (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *a = NULL;

    office->authority->clock = test_clock;
    test_now = 1800000000000;
    a = add_task (office, "A");
    ASSERT_CODE (RUN (office, ana, "task:delete", "{'id':'%s'}", a), "ok");
    test_now += 31 * (G_TIME_SPAN_DAY / 1000);
    ASSERT_CODE (RUN (office, ana, "task:undo_delete", "{'id':'%s'}", a), "conflict");
}

static void
test_timers (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *ben = join (office, "member", "Ben");
    g_autofree char *task = add_task (office, "A");
    g_autoptr (JsonObject) first = NULL;
    g_autoptr (JsonObject) second = NULL;
    const char *first_id;

    office->authority->clock = test_clock;
    test_now = 1800000000000;
    first = RUN (office, ana, "timer:start", "{'taskId':'%s'}", task);
    g_assert_cmpstr (bureau_json_get_string (bureau_json_get_object (first, "entry"), "projectId"),
                     ==, office->project_id);
    first_id = bureau_json_get_string (bureau_json_get_object (first, "entry"), "id");

    /* Another's timer is a manager's to stop, and nobody else's. */
    ASSERT_CODE (RUN (office, ben, "timer:stop", "{'id':'%s'}", first_id), "not_found");

    test_now += 90 * 60 * 1000;
    second = RUN (office, ana, "timer:start", "{'note':'call'}");
    g_assert_cmpstr (bureau_json_get_string (bureau_json_get_object (second, "stopped"), "id"), ==,
                     first_id);
    g_assert_cmpstr (
        bureau_json_get_string (bureau_json_get_object (second, "stopped"), "endTime"), ==,
        bureau_json_get_string (bureau_json_get_object (second, "entry"), "startTime"));

    ASSERT_CODE (RUN (office, ben, "timer:stop", "{}"), "not_found");
    ASSERT_CODE (RUN (office, ana, "timer:stop", "{}"), "ok");
    ASSERT_CODE (RUN (office, ana, "timer:stop", "{}"), "not_found");
    ASSERT_CODE (RUN (office, ana, "timer:start", "{'startTime':'2000-01-01T00:00:00Z'}"),
                 "invalid");
}

/* When a timer ends that began at @test_now, stopped an hour later with @end. */
static void
assert_ends (Office *office, const char *end, const char *expected)
{
    const char *ana = office->owner->user_id;
    g_autoptr (JsonObject) answer = NULL;

    ASSERT_CODE (RUN (office, ana, "timer:start", "{}"), "ok");
    test_now += 60 * 60 * 1000;
    answer = RUN (office, ana, "timer:stop", "{'endTime':'%s'}", end);
    test_now -= 60 * 60 * 1000;
    g_assert_cmpstr (bureau_json_get_string (bureau_json_get_object (answer, "entry"), "endTime"),
                     ==, expected);
}

/* Stopped without a connection, it ended then; but not before it began, nor in the future. By the
 * clock of who gives it, it may begin there. */
static void
test_times_of_a_timer (Office *office, gconstpointer data)
{
    g_autoptr (JsonObject) started = NULL;

    office->authority->clock = test_clock;
    test_now = 1800000000000; /* 2027-01-15T08:00:00Z */
    assert_ends (office, "2027-01-15T08:20:00Z", "2027-01-15T08:20:00.000Z");
    assert_ends (office, "2027-01-15T07:00:00Z", "2027-01-15T08:00:00.000Z");
    assert_ends (office, "2027-01-15T12:00:00Z", "2027-01-15T09:00:00.000Z");

    started = RUN (office, office->owner->user_id, "timer:start",
                   "{'startTime':'2027-01-15T10:00:00Z'}");
    g_assert_cmpstr (
        bureau_json_get_string (bureau_json_get_object (started, "entry"), "startTime"), ==,
        "2027-01-15T08:00:00.000Z");
}

/* ------------------------------------------------------------------ signing in */

/* Stands still: time is what test_clock() says. */
static gint64
test_monotonic (void)
{
    static gint64 stopped;

    if (stopped == 0)
        stopped = g_get_monotonic_time ();
    return stopped;
}

static void
run_join (Office *office, const char *code, const char *name, const char *expected)
{
    ASSERT_CODE (ask_to_join (office, "127.0.0.1", code, name, "test"), expected);
}

/* Both come back to other people's screens. */
static void
test_names_of_people_and_devices (Office *office, gconstpointer data)
{
    static const char *const bad[] = { "", "\n", "a\nb", "a\x1b[2Jb", "a\xe2\x80\xae" };

    for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
        g_autoptr (JsonObject) name = ask_to_join (office, "127.0.0.1", "x", bad[i], "Desk");
        g_autoptr (JsonObject) device = ask_to_join (office, "127.0.0.1", "x", "Eve", bad[i]);

        g_assert_cmpstr (bureau_json_get_string (bureau_json_get_object (name, "error"), "field"),
                         ==, "name");
        g_assert_cmpstr (bureau_json_get_string (bureau_json_get_object (device, "error"), "field"),
                         ==, "device");
    }
}

static void
test_guessing_is_slow (Office *office, gconstpointer data)
{
    g_autoptr (JsonObject) invited = RUN (office, office->owner->user_id, "member:invite", "{}");
    const char *code = get_secret (invited);

    office->authority->monotonic = test_monotonic;
    test_now = bureau_authority_get_security_time (office->authority);
    office->authority->clock = test_clock;
    for (guint i = 0; i < 5; i++)
        run_join (office, "00000000", "Eve", "forbidden");
    run_join (office, code, "Ben", "rate_limited");
    test_now += 60 * 1000;
    run_join (office, code, "", "invalid");
    run_join (office, code, "Ben", "ok");

    /* From now on each wrong one doubles the wait, up to a quarter of an hour. */
    for (guint minutes = 2; minutes < 30; minutes *= 2) {
        run_join (office, code, "Ben", "forbidden");
        test_now += MIN (minutes, 15) * 60 * 1000 - 1;
        run_join (office, code, "Ben", "rate_limited");
        test_now += 1;
    }

    /* A quarter of an hour without a guess, and it begins anew. */
    test_now += 15 * 60 * 1000;
    for (guint i = 0; i < 5; i++)
        run_join (office, "00000000", "Eve", "forbidden");
    run_join (office, "00000000", "Eve", "rate_limited");
}

/* However many addresses somebody has, the hub's memory of them has an end, and who must wait is
 * not forgotten for it. */
static void
test_guessers_are_bounded (Office *office, gconstpointer data)
{
    g_autofree char *fill = g_strdup_printf (
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)"
        " INSERT INTO guesses SELECT randomblob (32), 1, %" G_GINT64_FORMAT ", 0 FROM n",
        g_get_real_time () / 1000);

    for (guint i = 0; i < 5; i++)
        run_join (office, "00000000", "Eve", "forbidden");
    g_assert_true (bureau_sql_execute (office->authority->store->sql, fill, NULL));
    office->authority->guess_room = 0;
    for (guint i = 0; i < 10; i++) {
        g_autofree char *address = g_strdup_printf ("192.0.2.%u", i);

        ASSERT_CODE (ask_to_join (office, address, "00000000", "Eve", "test"), "rate_limited");
    }
    g_assert_cmpint (bureau_store_count_guesses (office->authority->store, NULL), <, 50010);
    run_join (office, "00000000", "Eve", "rate_limited");

    /* After an hour there is room again. */
    office->authority->clock = test_clock;
    test_now = g_get_real_time () / 1000 + 3600 * 1000 + 1000;
    run_join (office, "00000000", "Eve", "forbidden");
    g_assert_cmpint (bureau_store_count_guesses (office->authority->store, NULL), <, 10);
}

/* The log says what went wrong, the answer where it says so. */
static void
test_internal_error_is_for_the_log (Office *office, gconstpointer data)
{
    g_autoptr (JsonObject) answer = NULL;
    g_autoptr (GRegex) promise = g_regex_new ("about error [0-9a-f]{8}\\.$", 0, 0, NULL);
    const char *message;

    g_assert_true (bureau_sql_execute (office->authority->store->sql,
                                       "ALTER TABLE time_entries RENAME TO gone", NULL));
    g_test_expect_message ("bureau-hub", G_LOG_LEVEL_WARNING, "Error *time_entries*");
    answer = RUN (office, office->owner->user_id, "timer:start", "{}");
    g_test_assert_expected_messages ();
    g_assert_cmpstr (get_code (answer), ==, "internal");
    message = bureau_json_get_string (bureau_json_get_object (answer, "error"), "message");
    g_assert_null (strstr (message, "time_entries"));
    g_assert_true (g_regex_match (promise, message, 0, NULL));
}

static void
test_invitation_expires (Office *office, gconstpointer data)
{
    g_autoptr (JsonObject) invited = RUN (office, office->owner->user_id, "member:invite",
                                          "{'hours':1}");
    const char *code = get_secret (invited);

    office->authority->clock = test_clock;
    test_now = g_get_real_time () / 1000 + 3600 * 1000 + 1000;
    run_join (office, code, "Ben", "forbidden");
}

static gboolean
add_to_array (JsonObject *object, gpointer data, GError **error)
{
    json_array_add_object_element (data, json_object_ref (object));
    return TRUE;
}

/* In the words, and the language, of who makes it. */
static void
test_new_office_has_its_examples (Office *office, gconstpointer data)
{
    static const BureauHubExample examples[] = { { "Erstens", "Ein Satz.", "todo" },
                                                 { "Zweitens", "", "in_progress" },
                                                 { NULL } };
    g_autofree char *directory = g_build_filename (office->directory, "other", NULL);
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (BureauHubOwner) owner = NULL;
    g_autoptr (BureauStore) store = NULL;
    g_autofree char *database = g_build_filename (directory, "hub.db", NULL);
    g_auto (GStrv) projects = NULL;
    g_autoptr (JsonObject) project = NULL;
    g_autoptr (JsonArray) tasks = json_array_new ();
    g_autoptr (GError) error = NULL;

    bureau_hub_create_office_async (directory, "Studio", "Änne", "test", "Erstes Projekt", examples,
                                    NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    owner = bureau_hub_create_office_finish (result, &error);
    g_assert_no_error (error);

    store = bureau_store_open_read_only (database, NULL);
    projects = bureau_store_list_visible_projects (store, owner->user_id, NULL);
    g_assert_cmpuint (g_strv_length (projects), ==, 1);
    project = bureau_store_get_project (store, projects[0], NULL);
    g_assert_cmpstr (bureau_json_get_string (project, "name"), ==, "Erstes Projekt");
    bureau_store_foreach_task (store, projects[0], add_to_array, tasks, NULL);
    g_assert_cmpuint (json_array_get_length (tasks), ==, 2);
    g_assert_cmpstr (bureau_json_get_string (json_array_get_object_element (tasks, 0), "title"), ==,
                     "Zweitens");
    g_assert_cmpstr (
        bureau_json_get_string (json_array_get_object_element (tasks, 1), "description"), ==,
        "Ein Satz.");
}

static void
test_second_hub_is_refused (Office *office, gconstpointer data)
{
    g_autoptr (GError) error = NULL;

    g_assert_null (bureau_authority_open (office->directory, NULL, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(path, function)                                                                        \
    g_test_add ("/authority/" path, Office, NULL, office_set_up, function, office_tear_down)
    ADD ("turn-isolates-failures", test_turn_isolates_failures);
    ADD ("full-disk", test_full_disk_fails_the_turn);
    ADD ("failed-commit", test_failed_commit_fails_the_turn);
    ADD ("same-op-once", test_same_op_is_done_once);
    ADD ("same-id-once", test_same_id_is_done_once);
    ADD ("guests", test_guests);
    ADD ("strangers", test_strangers_learn_nothing);
    ADD ("managers-only", test_managers_only);
    ADD ("archived", test_archived_project_is_left_alone);
    ADD ("move", test_move);
    ADD ("delete", test_delete_and_back);
    ADD ("undo-ends", test_undo_ends_after_30_days);
    ADD ("timers", test_timers);
    ADD ("times-of-a-timer", test_times_of_a_timer);
    ADD ("names", test_names_of_people_and_devices);
    ADD ("guessing", test_guessing_is_slow);
    ADD ("guessers", test_guessers_are_bounded);
    ADD ("internal-error", test_internal_error_is_for_the_log);
    ADD ("invitation-expires", test_invitation_expires);
    ADD ("examples", test_new_office_has_its_examples);
    ADD ("second-hub", test_second_hub_is_refused);
    return g_test_run ();
}

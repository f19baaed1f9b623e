/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-json.h"
#include "bureau-store-changes.h"
#include "bureau-store-private.h"
#include "test-office.h"

/* Changes made from versions of a task that are not the newest (sync.md, Conflicts): Ana's and
 * Ben's of one task, which begins as version 1, "Title", with a description of three lines. */

typedef struct {
    Office office;
    const char *ana; /* whose tests' device is called as she is */
    char *ben;
    char *task; /* its id */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
    g_autoptr (JsonObject) answer = NULL;

    office_set_up (&fixture->office, data);
    fixture->ana = fixture->office.owner->user_id;
    fixture->ben = office_join (&fixture->office, fixture->ana, "member", "Ben");
    answer = RUN (&fixture->office, fixture->ana, "task:create",
                  "{'projectId':'%s','title':'Title','description':'one\\ntwo\\nthree'}",
                  fixture->office.project_id);
    fixture->task = g_strdup (
        bureau_json_get_string (bureau_json_get_object (answer, "task"), "id"));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    office_tear_down (&fixture->office, data);
    g_free (fixture->ben);
    g_free (fixture->task);
}

/* @user changes what @members say, as it was in version @base. (transfer full): the answer */
static JsonObject *
update (Fixture *fixture, const char *user, int base, const char *members)
{
    JsonObject *answer = RUN (&fixture->office, user, "task:update", "{'id':'%s','base':%d,%s}",
                              fixture->task, base, members);

    g_assert_cmpstr (get_code (answer), ==, "ok");
    return answer;
}

/* The same where nothing is lost. */
static void
update_quietly (Fixture *fixture, const char *user, int base, const char *members)
{
    g_autoptr (JsonObject) answer = update (fixture, user, base, members);

    g_assert_false (json_object_has_member (answer, "conflicts"));
}

/* The one conflict of @answer (taken). */
static void
assert_conflict (JsonObject *answer, const char *field, const char *mine, const char *theirs,
                 const char *by, const char *by_name)
{
    g_autoptr (JsonObject) own = answer;
    JsonArray *conflicts = bureau_json_get_array (answer, "conflicts");
    JsonObject *conflict;
    g_autofree char *my_text = NULL;
    g_autofree char *their_text = NULL;

    g_assert_nonnull (conflicts);
    g_assert_cmpuint (json_array_get_length (conflicts), ==, 1);
    conflict = json_array_get_object_element (conflicts, 0);
    my_text = json_to_string (json_object_get_member (conflict, "mine"), FALSE);
    their_text = json_to_string (json_object_get_member (conflict, "theirs"), FALSE);
    g_assert_cmpstr (bureau_json_get_string (conflict, "field"), ==, field);
    g_assert_cmpstr (my_text, ==, mine);
    g_assert_cmpstr (their_text, ==, theirs);
    g_assert_cmpstr (bureau_json_get_string (conflict, "by"), ==, by);
    g_assert_cmpstr (bureau_json_get_string (conflict, "byName"), ==, by_name);
    g_assert_cmpint (bureau_instant_from_string (bureau_json_get_string (conflict, "at")), >, 0);
}

static void
assert_value (Fixture *fixture, const char *field, const char *value)
{
    g_autoptr (JsonObject) task = bureau_store_get_task (fixture->office.authority->store,
                                                         fixture->task, FALSE, NULL);
    g_autofree char *text = json_to_string (json_object_get_member (task, field), FALSE);

    g_assert_cmpstr (text, ==, value);
}

/* ------------------------------------------------------------------ fields */

static void
test_other_fields (Fixture *fixture, gconstpointer data)
{
    update_quietly (fixture, fixture->ana, 1, "'title':'Ana’s'");
    update_quietly (fixture, fixture->ben, 1, "'priority':1,'dueAt':'2026-12-24'");
    update_quietly (fixture, fixture->ana, 1, "'status':'review'");
    assert_value (fixture, "title", "\"Ana’s\"");
    assert_value (fixture, "priority", "1");
    assert_value (fixture, "dueAt", "\"2026-12-24\"");
    assert_value (fixture, "status", "\"review\"");
}

static void
test_same_field (Fixture *fixture, gconstpointer data)
{
    update_quietly (fixture, fixture->ana, 1, "'title':'Ana’s'");
    assert_conflict (update (fixture, fixture->ben, 1, "'title':'Ben’s'"), "title", "\"Ben’s\"",
                     "\"Ana’s\"", fixture->ana, "Ana");
    assert_value (fixture, "title", "\"Ben’s\"");
    /* One click puts the other back. */
    update_quietly (fixture, fixture->ben, 3, "'title':'Ana’s'");
    assert_value (fixture, "title", "\"Ana’s\"");
}

static void
test_every_field (Fixture *fixture, gconstpointer data)
{
    g_autofree char *to_ana = g_strdup_printf ("'assigneeIds':['%s']", fixture->ana);
    g_autofree char *to_ben = g_strdup_printf ("'assigneeIds':['%s']", fixture->ben);
    g_autofree char *ana_list = g_strdup_printf ("[\"%s\"]", fixture->ana);
    g_autofree char *ben_list = g_strdup_printf ("[\"%s\"]", fixture->ben);

    update_quietly (fixture, fixture->ana, 1,
                    "'priority':1,'status':'review','dueAt':'2026-12-24'");
    assert_conflict (update (fixture, fixture->ben, 1, "'priority':2"), "priority", "2", "1",
                     fixture->ana, "Ana");
    assert_conflict (update (fixture, fixture->ben, 1, "'status':'done'"), "status", "\"done\"",
                     "\"review\"", fixture->ana, "Ana");
    assert_conflict (update (fixture, fixture->ben, 1, "'dueAt':'2027-01-01'"), "dueAt",
                     "\"2027-01-01\"", "\"2026-12-24\"", fixture->ana, "Ana");
    update_quietly (fixture, fixture->ana, 1, to_ana);
    assert_conflict (update (fixture, fixture->ben, 1, to_ben), "assigneeIds", ben_list, ana_list,
                     fixture->ana, "Ana");
}

/* A date taken away is a value like any other. */
static void
test_nothing_is_a_value (Fixture *fixture, gconstpointer data)
{
    update_quietly (fixture, fixture->ana, 1, "'dueAt':'2026-12-24'");
    update_quietly (fixture, fixture->ana, 2, "'dueAt':null");
    update_quietly (fixture, fixture->ben, 1, "'dueAt':'2027-01-01'");
    update_quietly (fixture, fixture->ana, 4, "'dueAt':null");
    assert_conflict (update (fixture, fixture->ben, 2, "'dueAt':'2027-02-02'"), "dueAt",
                     "\"2027-02-02\"", "null", fixture->ana, "Ana");
}

/* A whole form sent back, of which one field was changed. */
static void
test_unchanged_is_not_taken (Fixture *fixture, gconstpointer data)
{
    update_quietly (fixture, fixture->ana, 1, "'title':'Ana’s','status':'review'");
    update_quietly (fixture, fixture->ben, 1, "'title':'Title','status':'todo','priority':1");
    assert_value (fixture, "title", "\"Ana’s\"");
    assert_value (fixture, "status", "\"review\"");
    assert_value (fixture, "priority", "1");
}

static void
test_same_value (Fixture *fixture, gconstpointer data)
{
    update_quietly (fixture, fixture->ana, 1, "'title':'Same'");
    update_quietly (fixture, fixture->ben, 1, "'title':'Same'");
}

/* Several changes in a row from one device, all made offline from version 1, are no conflict with
 * each other; with somebody's in between there is one, and once. */
static void
test_own_changes_follow (Fixture *fixture, gconstpointer data)
{
    update_quietly (fixture, fixture->ben, 1, "'title':'One'");
    update_quietly (fixture, fixture->ben, 1, "'title':'Two'");
    /* Also one that goes back to where it began. */
    update_quietly (fixture, fixture->ben, 1, "'title':'Title'");
    assert_value (fixture, "title", "\"Title\"");
    update_quietly (fixture, fixture->ana, 4, "'title':'Ana’s'");
    assert_conflict (update (fixture, fixture->ben, 1, "'title':'Three'"), "title", "\"Three\"",
                     "\"Ana’s\"", fixture->ana, "Ana");
    update_quietly (fixture, fixture->ben, 1, "'title':'Four'");
    assert_value (fixture, "title", "\"Four\"");
}

/* One person's two devices are as two people. */
static void
test_two_devices (Fixture *fixture, gconstpointer data)
{
    BureauTaskChange change = { fixture->task, "title", 2,       fixture->ben,
                                "another one", 1,       "\"T\"", NULL };

    update_quietly (fixture, fixture->ben, 1, "'priority':1");
    g_assert_true (bureau_store_add_task_change (fixture->office.authority->store, &change, NULL));
    assert_conflict (update (fixture, fixture->ben, 1, "'title':'Mine'"), "title", "\"Mine\"",
                     "\"Title\"", fixture->ben, "Ben");
}

static void
test_moved (Fixture *fixture, gconstpointer data)
{
    ASSERT_CODE (RUN (&fixture->office, fixture->ana, "task:move",
                      "{'id':'%s','status':'done','after':null}", fixture->task),
                 "ok");
    assert_conflict (update (fixture, fixture->ben, 1, "'status':'review'"), "status", "\"review\"",
                     "\"done\"", fixture->ana, "Ana");
}

static void
test_without_base (Fixture *fixture, gconstpointer data)
{
    g_autoptr (JsonObject) answer = NULL;

    update_quietly (fixture, fixture->ana, 1, "'title':'Ana’s'");
    answer = RUN (&fixture->office, fixture->ben, "task:update", "{'id':'%s','title':'Ben’s'}",
                  fixture->task);
    g_assert_cmpstr (get_code (answer), ==, "ok");
    g_assert_false (json_object_has_member (answer, "conflicts"));
    /* Yet it is known who did it. */
    assert_conflict (update (fixture, fixture->ana, 2, "'title':'Again'"), "title", "\"Again\"",
                     "\"Ben’s\"", fixture->ben, "Ben");
}

/* A version that the hub has not got to, as after a restore. */
static void
test_base_of_the_future (Fixture *fixture, gconstpointer data)
{
    update_quietly (fixture, fixture->ana, 1, "'title':'Ana’s'");
    update_quietly (fixture, fixture->ben, 1000, "'title':'Ben’s'");
    assert_value (fixture, "title", "\"Ben’s\"");
}

static void
test_repeat (Fixture *fixture, gconstpointer data)
{
    const char *op = "'title':'Ben’s','opId':'11111111-1111-4111-8111-111111111111'";
    g_autoptr (JsonObject) first = NULL;
    g_autoptr (JsonObject) again = NULL;

    update_quietly (fixture, fixture->ana, 1, "'title':'Ana’s'");
    first = update (fixture, fixture->ben, 1, op);
    update_quietly (fixture, fixture->ana, 3, "'title':'Later'");
    again = update (fixture, fixture->ben, 1, op);
    g_assert_true (bureau_json_equal (first, again));
    assert_conflict (g_steal_pointer (&again), "title", "\"Ben’s\"", "\"Ana’s\"", fixture->ana,
                     "Ana");
    assert_value (fixture, "title", "\"Later\"");
}

/* Whoever lost it hears of it too: it stands in the event. */
static void
test_event_tells (Fixture *fixture, gconstpointer data)
{
    g_autofree char *room = g_strdup_printf ("project:%s", fixture->office.project_id);
    g_autoptr (BureauRows) rows = NULL;
    g_autoptr (JsonObject) event = NULL;

    update_quietly (fixture, fixture->ana, 1, "'title':'Ana’s'");
    json_object_unref (update (fixture, fixture->ben, 1, "'title':'Ben’s'"));
    rows = bureau_sql_query (fixture->office.authority->store->sql, NULL,
                             "SELECT payload FROM events WHERE room = ? ORDER BY seq DESC LIMIT 1",
                             "s", room);
    g_assert_true (bureau_rows_next (rows, NULL));
    event = bureau_json_parse_object (bureau_rows_text (rows, 0), -1, NULL);
    assert_conflict (g_steal_pointer (&event), "title", "\"Ben’s\"", "\"Ana’s\"", fixture->ana,
                     "Ana");
}

/* ------------------------------------------------------------------ lines */

static void
test_other_lines (Fixture *fixture, gconstpointer data)
{
    update_quietly (fixture, fixture->ana, 1, "'description':'ONE\\ntwo\\nthree'");
    update_quietly (fixture, fixture->ben, 1, "'description':'one\\ntwo\\nTHREE\\nfour'");
    assert_value (fixture, "description", "\"ONE\\ntwo\\nTHREE\\nfour\"");
}

static void
test_same_line (Fixture *fixture, gconstpointer data)
{
    update_quietly (fixture, fixture->ana, 1, "'description':'one\\nAna\\nthree\\nfour'");
    assert_conflict (update (fixture, fixture->ben, 1, "'description':'one\\nBen\\nthree'"),
                     "description", "\"one\\nBen\\nthree\"", "\"one\\nAna\\nthree\\nfour\"",
                     fixture->ana, "Ana");
    assert_value (fixture, "description", "\"one\\nBen\\nthree\\nfour\"");
}

/* Ben's second change was made from his own first, which did not have what it was merged with: what
 * Ana wrote is still there after it, and nothing clashes. */
static void
test_lines_of_changes_that_follow (Fixture *fixture, gconstpointer data)
{
    update_quietly (fixture, fixture->ana, 1, "'description':'zero\\none\\ntwo\\nthree'");
    update_quietly (fixture, fixture->ben, 1, "'description':'one\\ntwo\\nthree\\nfour'");
    update_quietly (fixture, fixture->ben, 1, "'description':'one\\ntwo\\nthree\\nFOUR'");
    assert_value (fixture, "description", "\"zero\\none\\ntwo\\nthree\\nFOUR\"");
}

static void
test_too_long_together (Fixture *fixture, gconstpointer data)
{
    g_autofree char *half = g_strnfill (30000, 'x');
    g_autofree char *ana = g_strdup_printf ("'description':'%s\\none\\ntwo\\nthree'", half);
    g_autofree char *ben = g_strdup_printf ("'description':'one\\ntwo\\nthree\\n%s'", half);
    g_autofree char *ana_text = g_strdup_printf ("\"%s\\none\\ntwo\\nthree\"", half);
    g_autofree char *ben_text = g_strdup_printf ("\"one\\ntwo\\nthree\\n%s\"", half);

    update_quietly (fixture, fixture->ana, 1, ana);
    assert_conflict (update (fixture, fixture->ben, 1, ben), "description", ben_text, ana_text,
                     fixture->ana, "Ana");
    assert_value (fixture, "description", ben_text);
}

/* ------------------------------------------------------------------ pruning */

/* What was before is forgotten, who changed it is not. */
static void
test_pruned (Fixture *fixture, gconstpointer data)
{
    BureauStore *store = fixture->office.authority->store;
    guint n;

    update_quietly (fixture, fixture->ana, 1, "'title':'A','description':'zero\\none'");
    update_quietly (fixture, fixture->ana, 2, "'title':'B'");
    update_quietly (fixture, fixture->ana, 3, "'title':'C'");
    g_assert_true (bureau_store_prune_task_changes (store, G_MAXINT64, 3, &n, NULL));
    g_assert_cmpuint (n, ==, 3);
    g_assert_true (bureau_store_prune_task_changes (store, G_MAXINT64, 100, &n, NULL));
    g_assert_cmpuint (n, ==, 1);
    g_assert_true (bureau_store_prune_task_changes (store, G_MAXINT64, 100, &n, NULL));
    g_assert_cmpuint (n, ==, 0);

    assert_conflict (update (fixture, fixture->ben, 1, "'title':'Ben’s'"), "title", "\"Ben’s\"",
                     "\"C\"", fixture->ana, "Ana");
    assert_conflict (update (fixture, fixture->ben, 1, "'description':'one'"), "description",
                     "\"one\"", "\"zero\\none\"", fixture->ana, "Ana");
    update_quietly (fixture, fixture->ben, 1, "'priority':2");
}

static void
test_young_ones_stay (Fixture *fixture, gconstpointer data)
{
    guint n;

    update_quietly (fixture, fixture->ana, 1, "'description':'ONE\\ntwo\\nthree'");
    g_assert_true (
        bureau_store_prune_task_changes (fixture->office.authority->store, 1, 100, &n, NULL));
    g_assert_cmpuint (n, ==, 0);
    update_quietly (fixture, fixture->ben, 1, "'description':'one\\ntwo\\nTHREE'");
    assert_value (fixture, "description", "\"ONE\\ntwo\\nTHREE\"");
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/merge/" name, Fixture, NULL, set_up, function, tear_down)
    ADD ("other-fields", test_other_fields);
    ADD ("same-field", test_same_field);
    ADD ("every-field", test_every_field);
    ADD ("nothing-is-a-value", test_nothing_is_a_value);
    ADD ("unchanged-is-not-taken", test_unchanged_is_not_taken);
    ADD ("same-value", test_same_value);
    ADD ("own-changes-follow", test_own_changes_follow);
    ADD ("two-devices", test_two_devices);
    ADD ("moved", test_moved);
    ADD ("without-base", test_without_base);
    ADD ("base-of-the-future", test_base_of_the_future);
    ADD ("repeat", test_repeat);
    ADD ("event-tells", test_event_tells);
    ADD ("other-lines", test_other_lines);
    ADD ("same-line", test_same_line);
    ADD ("lines-of-changes-that-follow", test_lines_of_changes_that_follow);
    ADD ("too-long-together", test_too_long_together);
    ADD ("pruned", test_pruned);
    ADD ("young-ones-stay", test_young_ones_stay);
#undef ADD
    return g_test_run ();
}

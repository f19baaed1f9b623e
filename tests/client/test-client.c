/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fixture.h"

#include <glib/gstdio.h>

#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"

static gboolean
has_title (Person *person, const char *id, const char *title)
{
    BureauTask *task = get_task (person, id);

    return task && g_strcmp0 (bureau_task_get_title (task), title) == 0;
}

/* Every task of the one is the other's, field by field. */
static void
assert_same_tasks (Person *one, Person *other)
{
    GListModel *tasks = bureau_client_get_tasks (one->client);

    g_assert_cmpuint (g_list_model_get_n_items (tasks), ==,
                      g_list_model_get_n_items (bureau_client_get_tasks (other->client)));
    for (guint i = 0; i < g_list_model_get_n_items (tasks); i++) {
        g_autoptr (BureauTask) task = g_list_model_get_item (tasks, i);
        BureauTask *twin = get_task (other, bureau_task_get_id (task));
        g_autoptr (JsonObject) a = bureau_task_to_json (task);
        g_autoptr (JsonObject) b = NULL;

        g_assert_nonnull (twin);
        b = bureau_task_to_json (twin);
        g_assert_true (bureau_json_equal (a, b));
    }
}

static void
test_both_ways (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ana, "Replace patch bay");
    BureauTask *mine = get_task (two->ana, id);
    BureauTask *theirs;
    g_autofree char *second = NULL;

    /* At once, before the hub has heard of it. */
    g_assert_nonnull (mine);
    g_assert_true (bureau_task_get_pending (mine));
    g_assert_null (bureau_task_get_key (mine));

    WAIT_UNTIL (get_task (two->ben, id));
    WAIT_UNTIL (is_settled (two->ana, id));
    g_assert_true (mine == get_task (two->ana, id));
    theirs = get_task (two->ben, id);
    g_assert_cmpstr (bureau_task_get_title (theirs), ==, "Replace patch bay");
    g_assert_cmpstr (bureau_task_get_key (theirs), ==, bureau_task_get_key (mine));

    g_free (
        give (two->ben, BUREAU_COMMAND_TASK_UPDATE,
              "'id': '%s', 'title': 'Mend patch bay', 'assigneeIds': ['%s'], 'dueAt': '2026-12-01'",
              id, two->ben->account->user_id));
    g_assert_true (has_title (two->ben, id, "Mend patch bay"));
    WAIT_UNTIL (has_title (two->ana, id, "Mend patch bay"));
    g_assert_true (bureau_task_is_assigned_to (mine, two->ben->account->user_id));
    g_assert_cmpstr (bureau_task_get_due_at (mine), ==, "2026-12-01");
    WAIT_UNTIL (is_settled (two->ben, id));

    second = give_task (two->ana, "Label cables");
    WAIT_UNTIL (is_settled (two->ana, second));
    g_free (give (two->ana, BUREAU_COMMAND_TASK_MOVE, "'id': '%s', 'status': 'done', 'after': null",
                  id));
    g_assert_cmpint (bureau_task_get_status (mine), ==, BUREAU_STATUS_DONE);
    WAIT_UNTIL (bureau_task_get_status (theirs) == BUREAU_STATUS_DONE);
    WAIT_UNTIL (is_settled (two->ana, id));
    assert_same_tasks (two->ana, two->ben);

    g_free (give (two->ben, BUREAU_COMMAND_TASK_DELETE, "'id': '%s'", id));
    g_assert_null (get_task (two->ben, id));
    WAIT_UNTIL (!get_task (two->ana, id));
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UNDO_DELETE, "'id': '%s'", id));
    g_assert_true (has_title (two->ben, id, "Mend patch bay"));
    WAIT_UNTIL (get_task (two->ana, id));
    WAIT_UNTIL (is_settled (two->ben, id));
    assert_same_tasks (two->ana, two->ben);

    g_assert_true (has_happened (two->ben, BUREAU_EVENT_TASK_CREATED));
    g_assert_true (has_happened (two->ana, BUREAU_EVENT_TASK_UPDATED));
    g_assert_true (has_happened (two->ana, BUREAU_EVENT_TASK_DELETED));
    g_assert_false (has_happened (two->ben, BUREAU_EVENT_TASK_DELETED));
    g_assert_cmpuint (two->ana->refused->len + two->ben->refused->len, ==, 0);
}

/* Two move tasks to the same place at the same moment: the log's order decides, for both alike. */
static void
test_conflicting_order (Two *two, gconstpointer data)
{
    g_autofree char *a = give_task (two->ana, "A");
    g_autofree char *b = give_task (two->ana, "B");
    g_autofree char *c = give_task (two->ana, "C");

    WAIT_UNTIL (is_settled (two->ana, c) && get_task (two->ben, c));
    g_free (give (two->ana, BUREAU_COMMAND_TASK_MOVE, "'id': '%s', 'status': 'todo', 'after': '%s'",
                  c, a));
    g_free (give (two->ben, BUREAU_COMMAND_TASK_MOVE, "'id': '%s', 'status': 'todo', 'after': '%s'",
                  a, c));
    g_free (give (two->ana, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'Ana’s'", b));
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'Ben’s'", b));
    WAIT_UNTIL (is_settled (two->ana, b) && is_settled (two->ben, b));
    WAIT_UNTIL (bureau_task_get_version (get_task (two->ana, b)) == 3 &&
                bureau_task_get_version (get_task (two->ben, b)) == 3);
    WAIT_UNTIL (bureau_task_get_version (get_task (two->ana, a)) ==
                bureau_task_get_version (get_task (two->ben, a)));
    assert_same_tasks (two->ana, two->ben);
}

static void
test_offline_edits (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ana, "Old");
    g_autofree char *fresh = NULL;

    WAIT_UNTIL (is_settled (two->ana, id) && get_task (two->ben, id));
    office_stop (two->office);
    WAIT_UNTIL (!is_live (two->ana) && !is_live (two->ben));
    g_assert_cmpint (bureau_member_get_presence (
                         bureau_client_find_member (two->ben->client, two->ana->account->user_id)),
                     ==, BUREAU_PRESENCE_OFFLINE);

    g_free (give (two->ana, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'New'", id));
    fresh = give_task (two->ben, "Made offline");
    g_free (
        give (two->ben, BUREAU_COMMAND_TASK_MOVE, "'id': '%s', 'status': 'in_progress'", fresh));
    WAIT_UNTIL (bureau_client_get_waiting (two->ana->client) == 1 &&
                bureau_client_get_waiting (two->ben->client) == 2);
    g_assert_true (bureau_task_get_pending (get_task (two->ben, fresh)));

    office_start (two->office);
    bureau_client_reconnect (two->ana->client);
    bureau_client_reconnect (two->ben->client);
    WAIT_UNTIL (get_task (two->ana, fresh) && has_title (two->ben, id, "New"));
    WAIT_UNTIL (is_settled (two->ana, id) && is_settled (two->ben, fresh));
    WAIT_UNTIL (bureau_task_get_status (get_task (two->ana, fresh)) == BUREAU_STATUS_IN_PROGRESS);
    assert_same_tasks (two->ana, two->ben);
}

/* Comes back by itself, and shows what it missed without calling it news. */
static void
test_shows_what_it_missed (Two *two, gconstpointer data)
{
    g_autofree char *id = NULL;

    person_stop (two->ben);
    id = give_task (two->ana, "Missed");
    WAIT_UNTIL (is_settled (two->ana, id));
    office_stop (two->office);
    person_start (two->ben);
    WAIT_UNTIL (!is_live (two->ana));
    g_assert_null (get_task (two->ben, id));
    office_start (two->office);
    WAIT_UNTIL (is_live (two->ana) && is_live (two->ben));
    g_assert_nonnull (get_task (two->ben, id));
    g_assert_false (has_happened (two->ben, BUREAU_EVENT_TASK_CREATED));
    assert_same_tasks (two->ana, two->ben);
}

static void
test_from_disk (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ana, "Kept");
    guint n_members = g_list_model_get_n_items (bureau_client_get_members (two->ana->client));

    WAIT_UNTIL (is_settled (two->ana, id) && get_task (two->ben, id));
    g_assert_cmpuint (n_members, ==, 2);
    person_stop (two->ana);
    office_stop (two->office);
    person_start (two->ana);
    g_assert_false (is_live (two->ana));
    g_assert_true (has_title (two->ana, id, "Kept"));
    g_assert_false (bureau_task_get_pending (get_task (two->ana, id)));
    g_assert_cmpuint (g_list_model_get_n_items (bureau_client_get_members (two->ana->client)), ==,
                      n_members);
    g_assert_cmpuint (g_list_model_get_n_items (bureau_client_get_projects (two->ana->client)), ==,
                      1);
    g_assert_nonnull (bureau_client_get_self (two->ana->client));
    assert_same_tasks (two->ana, two->ben);
}

/* The version of the replica's tables, where SQLite keeps it in a closed file. Returns the one
 * before. */
static guint32
set_version (Person *person, guint32 version)
{
    g_autofree char *name = g_strconcat (person->account->user_id, ".replica", NULL);
    g_autofree char *path = g_build_filename (person->directory, name, NULL);
    guint32 text = GUINT32_TO_BE (version), before = 0;
    FILE *file = g_fopen (path, "r+");

    g_assert_nonnull (file);
    g_assert_cmpint (fseek (file, 60, SEEK_SET), ==, 0);
    g_assert_cmpuint (fread (&before, sizeof before, 1, file), ==, 1);
    g_assert_cmpint (fseek (file, 60, SEEK_SET), ==, 0);
    g_assert_cmpuint (fwrite (&text, sizeof text, 1, file), ==, 1);
    g_assert_cmpint (fclose (file), ==, 0);
    return GUINT32_FROM_BE (before);
}

/* A replica that can't be opened, here because a newer Bureau has written it: the office is there
 * to be looked at, and what waits in the file goes out when that can be opened again. */
static void
test_no_replica (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ana, "Cables");
    guint32 version;

    WAIT_UNTIL (get_task (two->ben, id) && is_settled (two->ana, id));
    office_stop (two->office);
    WAIT_UNTIL (!is_live (two->ben));
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'Waits'", id));
    person_stop (two->ben);
    version = set_version (two->ben, 1000);
    office_start (two->office);
    bureau_client_reconnect (two->ana->client);
    WAIT_UNTIL (is_live (two->ana));

    person_start_live (two->ben);
    g_assert_error (bureau_client_get_replica_error (two->ben->client), G_IO_ERROR,
                    G_IO_ERROR_NOT_SUPPORTED);
    g_assert_true (has_title (two->ben, id, "Cables"));
    g_free (give (two->ana, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'priority': 1", id));
    WAIT_UNTIL (bureau_task_get_priority (get_task (two->ben, id)) == 1);
    g_free (give (two->ben, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'No'", id));
    WAIT_UNTIL (two->ben->refused->len == 1);
    person_stop (two->ben);

    g_assert_cmpuint (set_version (two->ben, version), ==, 1000);
    person_start_live (two->ben);
    g_assert_no_error (bureau_client_get_replica_error (two->ben->client));
    WAIT_UNTIL (has_title (two->ben, id, "Waits") && has_title (two->ana, id, "Waits"));
    g_assert_cmpuint (bureau_task_get_priority (get_task (two->ben, id)), ==, 1);
}

static void
test_refused (Two *two, gconstpointer data)
{
    g_autofree char *nobody = bureau_id_new ();
    g_autofree char *id = give_task (two->ana, "Here");
    g_autofree char *ghost = NULL;

    WAIT_UNTIL (is_settled (two->ana, id) && get_task (two->ben, id));
    ghost = give (two->ana, BUREAU_COMMAND_TASK_CREATE, "'projectId': '%s', 'title': 'Nowhere'",
                  nobody);
    g_assert_nonnull (get_task (two->ana, ghost));
    WAIT_UNTIL (two->ana->refused->len == 1);
    g_assert_null (get_task (two->ana, ghost));
    g_assert_cmpuint (bureau_client_get_waiting (two->ana->client), ==, 0);

    /* Deleted by the other, edited by me while I could not know. */
    office_stop (two->office);
    WAIT_UNTIL (!is_live (two->ana) && !is_live (two->ben));
    g_free (give (two->ben, BUREAU_COMMAND_TASK_DELETE, "'id': '%s'", id));
    g_free (give (two->ana, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'Edited'", id));
    WAIT_UNTIL (bureau_client_get_waiting (two->ana->client) == 1);
    person_stop (two->ana);
    office_start (two->office);
    bureau_client_reconnect (two->ben->client);
    WAIT_UNTIL (is_live (two->ben) && bureau_client_get_waiting (two->ben->client) == 0);
    person_start (two->ana);
    WAIT_UNTIL (two->ana->refused->len == 2);
    g_assert_cmpstr (two->ana->refused->pdata[1], ==, "task:update not_found");
    WAIT_UNTIL (is_live (two->ana));
    g_assert_null (get_task (two->ana, id));
}

static void
test_timers (Two *two, gconstpointer data)
{
    const char *ana = two->ana->account->user_id;
    g_autofree char *first = give (two->ana, BUREAU_COMMAND_TIMER_START, "'note': 'one'");
    g_autofree char *second = NULL;
    BureauTimeEntry *running = bureau_client_get_running_entry (two->ana->client);

    g_assert_nonnull (running);
    g_assert_cmpstr (bureau_time_entry_get_id (running), ==, first);
    WAIT_UNTIL (bureau_client_find_timer (two->ben->client, ana));
    second = give (two->ana, BUREAU_COMMAND_TIMER_START, "'note': 'two'");
    running = bureau_client_get_running_entry (two->ana->client);
    g_assert_cmpstr (bureau_time_entry_get_id (running), ==, second);
    WAIT_UNTIL (
        g_strcmp0 (bureau_time_entry_get_id (bureau_client_find_timer (two->ben->client, ana)),
                   second) == 0);
    WAIT_UNTIL (bureau_client_get_waiting (two->ana->client) == 0);
    g_assert_cmpuint (g_list_model_get_n_items (bureau_client_get_entries (two->ana->client)), ==,
                      2);
    g_assert_cmpuint (g_list_model_get_n_items (bureau_client_get_entries (two->ben->client)), ==,
                      1);
    g_free (give (two->ana, BUREAU_COMMAND_TIMER_STOP, "'note': ''"));
    g_assert_null (bureau_client_get_running_entry (two->ana->client));
    WAIT_UNTIL (!bureau_client_find_timer (two->ben->client, ana));
    WAIT_UNTIL (bureau_client_get_waiting (two->ana->client) == 0);
    g_assert_null (bureau_client_get_running_entry (two->ana->client));
    g_assert_cmpuint (g_list_model_get_n_items (bureau_client_get_entries (two->ben->client)), ==,
                      0);
    g_assert_cmpuint (two->ana->refused->len, ==, 0);
}

/* (transfer none): the model keeps it */
static BureauTimeEntry *
get_entry (Person *person, const char *id)
{
    GListModel *entries = bureau_client_get_entries (person->client);

    for (guint i = 0; i < g_list_model_get_n_items (entries); i++) {
        g_autoptr (BureauTimeEntry) entry = g_list_model_get_item (entries, i);

        if (g_strcmp0 (bureau_time_entry_get_id (entry), id) == 0)
            return entry;
    }
    g_assert_not_reached ();
}

/* A timer started without a connection began when it was started. */
static void
test_offline_timer (Two *two, gconstpointer data)
{
    const char *ana = two->ana->account->user_id;
    g_autofree char *id = NULL;
    gint64 start;

    office_stop (two->office);
    WAIT_UNTIL (!is_live (two->ana));
    id = give (two->ana, BUREAU_COMMAND_TIMER_START, "'note': 'offline'");
    start = bureau_time_entry_get_start_time (bureau_client_get_running_entry (two->ana->client));
    WAIT_UNTIL (bureau_client_get_waiting (two->ana->client) == 1);
    person_stop (two->ana);
    person_start (two->ana);
    g_assert_cmpstr (bureau_time_entry_get_id (bureau_client_get_running_entry (two->ana->client)),
                     ==, id);
    office_start (two->office);
    bureau_client_reconnect (two->ana->client);
    bureau_client_reconnect (two->ben->client);
    WAIT_UNTIL (bureau_client_find_timer (two->ben->client, ana));
    g_assert_cmpint (
        bureau_time_entry_get_start_time (bureau_client_find_timer (two->ben->client, ana)), ==,
        start);
    WAIT_UNTIL (bureau_client_get_waiting (two->ana->client) == 0);
    g_assert_cmpuint (two->ana->refused->len, ==, 0);
}

/* One whose start is on its way when the connection goes, and that is stopped without one, ran when
 * it was shown to run, and not when the hub hears of it. */
static void
test_offline_stop (Two *two, gconstpointer data)
{
    g_autofree char *id = give (two->ana, BUREAU_COMMAND_TIMER_START, "'note': 'long'");
    gint64 started_at = bureau_client_get_now (two->ana->client), stopped_at;
    BureauTimeEntry *entry;

    office_stop (two->office);
    WAIT_UNTIL (!is_live (two->ana));
    g_free (give (two->ana, BUREAU_COMMAND_TIMER_STOP, "'id': '%s'", id));
    stopped_at = bureau_client_get_now (two->ana->client);
    WAIT_UNTIL (bureau_client_get_now (two->ana->client) > stopped_at);
    office_start (two->office);
    bureau_client_reconnect (two->ana->client);
    WAIT_UNTIL (is_live (two->ana) && bureau_client_get_waiting (two->ana->client) == 0);

    entry = get_entry (two->ana, id);
    g_assert_cmpint (bureau_time_entry_get_start_time (entry), <=, started_at);
    g_assert_cmpint (bureau_time_entry_get_end_time (entry), >, 0);
    g_assert_cmpint (bureau_time_entry_get_end_time (entry), <=, stopped_at);
}

/* A hub that was put back to an earlier state: it is believed, and what waits is sent to it. */
static void
test_restored_hub (Two *two, gconstpointer data)
{
    g_autofree char *before = give_task (two->ana, "Before the backup");
    g_autofree char *after = NULL;
    g_autofree char *offline = NULL;
    g_autofree char *backup = NULL;

    WAIT_UNTIL (is_settled (two->ana, before) && get_task (two->ben, before));
    office_stop (two->office);
    backup = office_save (two->office);
    office_start (two->office);
    bureau_client_reconnect (two->ana->client);
    bureau_client_reconnect (two->ben->client);
    WAIT_UNTIL (is_live (two->ana) && is_live (two->ben));
    after = give_task (two->ana, "After the backup");
    WAIT_UNTIL (is_settled (two->ana, after) && get_task (two->ben, after));

    office_stop (two->office);
    WAIT_UNTIL (!is_live (two->ana));
    offline = give_task (two->ana, "Not yet sent");
    office_restore (two->office, backup);
    office_start (two->office);
    bureau_client_reconnect (two->ana->client);
    bureau_client_reconnect (two->ben->client);
    WAIT_UNTIL (is_live (two->ana) && is_live (two->ben));
    WAIT_UNTIL (is_settled (two->ana, offline) && get_task (two->ben, offline));
    g_assert_null (get_task (two->ana, after));
    g_assert_null (get_task (two->ben, after));
    assert_same_tasks (two->ana, two->ben);
}

/* A refresh token the hub does not take ends in SIGNED_OUT, and what waits goes on waiting. */
static void
test_signed_out (Two *two, gconstpointer data)
{
    g_autofree char *token = NULL;
    g_autofree char *id = NULL;

    person_stop (two->ben);
    token = g_steal_pointer (&two->ben->refresh_token);
    two->ben->refresh_token = g_strdup ("not-a-token");
    person_start (two->ben);
    WAIT_UNTIL (bureau_client_get_state (two->ben->client) == BUREAU_CLIENT_SIGNED_OUT);
    id = give_task (two->ben, "Still mine");
    WAIT_UNTIL (bureau_client_get_waiting (two->ben->client) == 1);
    person_stop (two->ben);

    g_free (two->ben->refresh_token);
    two->ben->refresh_token = g_steal_pointer (&token);
    person_start (two->ben);
    WAIT_UNTIL (get_task (two->ana, id));
    WAIT_UNTIL (is_settled (two->ben, id));
}

/* Without a secret at the start, as with a locked keyring: one can look on and go on working, and
 * nothing is asked of the hub. */
static void
test_signed_in_later (Two *two, gconstpointer data)
{
    g_autofree char *token = NULL;
    g_autofree char *seen = give_task (two->ana, "Seen");
    g_autofree char *id = NULL;

    WAIT_UNTIL (get_task (two->ben, seen));
    person_stop (two->ben);
    token = g_steal_pointer (&two->ben->refresh_token);
    person_start (two->ben);
    WAIT_UNTIL (bureau_client_get_state (two->ben->client) == BUREAU_CLIENT_SIGNED_OUT);
    g_assert_cmpint (bureau_client_get_signed_out_reason (two->ben->client), ==,
                     BUREAU_SIGNED_OUT_NOT);
    g_assert_nonnull (get_task (two->ben, seen));
    id = give_task (two->ben, "Written meanwhile");
    WAIT_UNTIL (bureau_client_get_waiting (two->ben->client) == 1);
    g_assert_cmpint (bureau_client_get_state (two->ben->client), ==, BUREAU_CLIENT_SIGNED_OUT);

    bureau_client_sign_in (two->ben->client, token);
    WAIT_UNTIL (is_live (two->ben) && get_task (two->ana, id));
    WAIT_UNTIL (is_settled (two->ben, id));
}

/* The same object comes back before the hub has heard of either. */
static void
test_undo_at_once (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ana, "Hardly gone");
    BureauTask *task = get_task (two->ana, id);

    WAIT_UNTIL (is_settled (two->ana, id) && get_task (two->ben, id));
    g_free (give (two->ana, BUREAU_COMMAND_TASK_DELETE, "'id': '%s'", id));
    g_assert_null (get_task (two->ana, id));
    g_free (give (two->ana, BUREAU_COMMAND_TASK_UNDO_DELETE, "'id': '%s'", id));
    g_assert_true (get_task (two->ana, id) == task);
    WAIT_UNTIL (is_settled (two->ana, id));
    g_assert_true (get_task (two->ana, id) == task);
    WAIT_UNTIL (has_happened (two->ben, BUREAU_EVENT_TASK_DELETED) && get_task (two->ben, id));
    assert_same_tasks (two->ana, two->ben);
}

/* What is given before the replica has been read counts like anything else. */
static void
test_given_early (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ana, "Early");
    g_autoptr (GError) error = NULL;
    JsonObject *params = json_object_new ();

    WAIT_UNTIL (is_settled (two->ana, id));
    person_stop (two->ana);
    person_make_client (two->ana);
    json_object_set_string_member (params, "id", id);
    json_object_set_string_member (params, "title", "Earlier");
    g_free (bureau_client_give (two->ana->client, BUREAU_COMMAND_TASK_UPDATE, params, &error));
    g_assert_no_error (error);
    bureau_client_start (two->ana->client);
    WAIT_UNTIL (bureau_client_get_loaded (two->ana->client));
    g_assert_true (has_title (two->ana, id, "Earlier"));
    WAIT_UNTIL (has_title (two->ben, id, "Earlier") && is_settled (two->ana, id));
    assert_same_tasks (two->ana, two->ben);
    g_assert_cmpuint (two->ana->refused->len, ==, 0);
}

/* Nothing is asked of a hub that is not there, and nothing is given that can't wait. */
static void
test_errors (Two *two, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    JsonObject *params = json_object_new ();

    g_assert_null (
        bureau_client_give (two->ana->client, BUREAU_COMMAND_TASK_CREATE, params, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_INVALID);
    g_clear_error (&error);
    g_assert_null (
        bureau_client_give (two->ana->client, BUREAU_COMMAND_MEMBER_INVITE, NULL, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_INVALID);
    g_clear_error (&error);
    g_assert_cmpuint (bureau_client_get_waiting (two->ana->client), ==, 0);

    office_stop (two->office);
    WAIT_UNTIL (!is_live (two->ana));
    ask (two->ana, BUREAU_COMMAND_MEMBER_INVITE, &error);
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE);
}

static BureauPresence
get_presence (Person *person, Person *of)
{
    return bureau_member_get_presence (
        bureau_client_find_member (person->client, of->account->user_id));
}

static guint
count_viewers (Person *person, const char *task_id)
{
    g_autoptr (GPtrArray) viewers = bureau_client_get_viewers (person->client, task_id);

    return viewers->len;
}

static void
test_presence (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ana, "Looked at");

    WAIT_UNTIL (get_presence (two->ana, two->ben) == BUREAU_PRESENCE_ONLINE);
    WAIT_UNTIL (get_presence (two->ben, two->ana) == BUREAU_PRESENCE_ONLINE);
    bureau_client_set_presence (two->ben->client, BUREAU_PRESENCE_AWAY);
    WAIT_UNTIL (get_presence (two->ana, two->ben) == BUREAU_PRESENCE_AWAY);

    WAIT_UNTIL (is_settled (two->ana, id) && get_task (two->ben, id));
    bureau_client_set_viewing (two->ben->client, id);
    WAIT_UNTIL (count_viewers (two->ana, id) == 1);
    g_assert_cmpuint (count_viewers (two->ben, id), ==, 0);

    /* Both are told again after a reconnect. */
    office_stop (two->office);
    WAIT_UNTIL (!is_live (two->ana) && !is_live (two->ben));
    g_assert_cmpuint (count_viewers (two->ana, id), ==, 0);
    office_start (two->office);
    WAIT_UNTIL (count_viewers (two->ana, id) == 1);
    WAIT_UNTIL (get_presence (two->ana, two->ben) == BUREAU_PRESENCE_AWAY);
    bureau_client_set_viewing (two->ben->client, NULL);
    WAIT_UNTIL (count_viewers (two->ana, id) == 0);
    person_stop (two->ben);
    WAIT_UNTIL (get_presence (two->ana, two->ben) == BUREAU_PRESENCE_OFFLINE);
}

/* Its members get a project's room the moment it is made; others never hear of it. */
static void
test_new_project (Two *two, gconstpointer data)
{
    g_autofree char *ours = give (two->ana, BUREAU_COMMAND_PROJECT_CREATE,
                                  "'name': 'Front desk', 'memberIds': ['%s']",
                                  two->ben->account->user_id);
    g_autofree char *task = NULL;

    g_assert_nonnull (bureau_client_find_project (two->ana->client, ours));
    task = give (two->ana, BUREAU_COMMAND_TASK_CREATE, "'projectId': '%s', 'title': 'First'", ours);
    WAIT_UNTIL (bureau_client_find_project (two->ben->client, ours) && get_task (two->ben, task));
    WAIT_UNTIL (is_settled (two->ana, task));
    assert_same_tasks (two->ana, two->ben);

    g_free (give (two->ana, BUREAU_COMMAND_PROJECT_UPDATE, "'id': '%s', 'memberIds': []", ours));
    WAIT_UNTIL (!bureau_client_find_project (two->ben->client, ours));
    g_assert_null (get_task (two->ben, task));
    WAIT_UNTIL (bureau_client_get_waiting (two->ana->client) == 0);
    g_assert_nonnull (get_task (two->ana, task));
    g_free (give (two->ana, BUREAU_COMMAND_PROJECT_UPDATE, "'id': '%s', 'memberIds': ['%s']", ours,
                  two->ben->account->user_id));
    WAIT_UNTIL (get_task (two->ben, task));
    g_free (give (two->ana, BUREAU_COMMAND_PROJECT_ARCHIVE, "'id': '%s'", ours));
    WAIT_UNTIL (g_list_model_get_n_items (bureau_client_get_projects (two->ben->client)) == 1);
    g_assert_cmpuint (g_list_model_get_n_items (bureau_client_get_projects (two->ana->client)), ==,
                      1);
    g_assert_cmpuint (two->ana->refused->len, ==, 0);
}

static void
test_self (Two *two, gconstpointer data)
{
    BureauMember *ben = bureau_client_get_self (two->ben->client);
    BureauMember *seen = bureau_client_find_member (two->ana->client, two->ben->account->user_id);

    g_assert_cmpstr (bureau_member_get_name (ben), ==, "Ben");
    g_free (give (two->ben, BUREAU_COMMAND_MEMBER_UPDATE_SELF, "'name': 'Aaron'"));
    g_assert_cmpstr (bureau_member_get_name (ben), ==, "Aaron");
    WAIT_UNTIL (g_strcmp0 (bureau_member_get_name (seen), "Aaron") == 0);
    WAIT_UNTIL (bureau_client_get_waiting (two->ben->client) == 0);
    {
        g_autoptr (BureauMember) first = g_list_model_get_item (
            bureau_client_get_members (two->ana->client), 0);

        g_assert_true (first == seen);
    }
    g_assert_cmpstr (bureau_client_get_office_name (two->ben->client), ==, "Studio Nord");
}

static gboolean
is_named (Person *person, const char *id, const char *assignee, const char *project)
{
    BureauTask *task = get_task (person, id);

    return g_strcmp0 (bureau_task_get_assignee_name (task), assignee) == 0 &&
           g_strcmp0 (bureau_task_get_project_name (task), project) == 0;
}

/* Nothing happens to the task itself: its log says what they were called when it was given. */
static void
test_renamed (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ana, "Order cables");

    g_free (give (two->ana, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'assigneeIds': ['%s']", id,
                  two->ben->account->user_id));
    WAIT_UNTIL (is_settled (two->ana, id) && get_task (two->ben, id) &&
                is_named (two->ben, id, "Ben", "First project"));
    g_free (give (two->ben, BUREAU_COMMAND_MEMBER_UPDATE_SELF, "'name': 'Aaron'"));
    g_free (give (two->ana, BUREAU_COMMAND_PROJECT_UPDATE, "'id': '%s', 'name': 'Refit'",
                  get_first_project (two->ana)));
    g_assert_true (is_named (two->ben, id, "Aaron", "First project"));
    g_assert_true (is_named (two->ana, id, "Ben", "Refit"));
    WAIT_UNTIL (is_named (two->ana, id, "Aaron", "Refit"));
    WAIT_UNTIL (is_named (two->ben, id, "Aaron", "Refit"));
    WAIT_UNTIL (bureau_client_get_waiting (two->ana->client) == 0);

    office_stop (two->office);
    person_stop (two->ana);
    person_start (two->ana);
    g_assert_true (is_named (two->ana, id, "Aaron", "Refit"));
}

/* More than a hub lets through at once: all of it arrives, in order, once. */
static void
test_many (Two *two, gconstpointer data)
{
    g_autofree char *last = NULL;
    g_autofree char *first = give_task (two->ana, "0");

    for (int i = 1; i < 300; i++) {
        g_autofree char *title = g_strdup_printf ("%d", i);

        g_free (g_steal_pointer (&last));
        last = give_task (two->ana, title);
    }
    WAIT_UNTIL (is_settled (two->ana, last) && get_task (two->ben, last));
    g_assert_cmpuint (two->ana->refused->len, ==, 0);
    g_assert_cmpuint (g_list_model_get_n_items (bureau_client_get_tasks (two->ben->client)), ==,
                      300);
    assert_same_tasks (two->ana, two->ben);
    g_assert_cmpstr (bureau_task_get_position (get_task (two->ben, first)), <,
                     bureau_task_get_position (get_task (two->ben, last)));
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(name, function)                                                                        \
    g_test_add ("/client/" name, Two, NULL, two_set_up, function, two_tear_down)
    ADD ("both-ways", test_both_ways);
    ADD ("conflicting-order", test_conflicting_order);
    ADD ("offline-edits", test_offline_edits);
    ADD ("shows-what-it-missed", test_shows_what_it_missed);
    ADD ("from-disk", test_from_disk);
    ADD ("no-replica", test_no_replica);
    ADD ("refused", test_refused);
    ADD ("timers", test_timers);
    ADD ("offline-timer", test_offline_timer);
    ADD ("offline-stop", test_offline_stop);
    ADD ("restored-hub", test_restored_hub);
    ADD ("signed-out", test_signed_out);
    ADD ("signed-in-later", test_signed_in_later);
    ADD ("undo-at-once", test_undo_at_once);
    ADD ("given-early", test_given_early);
    ADD ("errors", test_errors);
    ADD ("presence", test_presence);
    ADD ("new-project", test_new_project);
    ADD ("self", test_self);
    ADD ("renamed", test_renamed);
    ADD ("many", test_many);
#undef ADD

    return g_test_run ();
}

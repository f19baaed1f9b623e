/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>

#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-store-invitations.h"
#include "bureau-store-sessions.h"
#include "bureau-position.h"
#include "bureau-store-check.h"
#include "bureau-store-members.h"
#include "bureau-store.h"
#include "test-directory.h"

#define ANA       "00000000-0000-4000-8000-00000000000a"
#define BEN       "00000000-0000-4000-8000-00000000000b"
#define WORKSPACE "00000000-0000-4000-8000-000000000001"
#define PROJECT   "00000000-0000-4000-8000-000000000002"

typedef struct {
    char *directory;
    char *path;
    BureauStore *store;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;

    fixture->directory = directory_new ();
    fixture->path = g_build_filename (fixture->directory, "hub.db", NULL);
    fixture->store = bureau_store_open (fixture->path, &error);
    g_assert_no_error (error);
    g_assert_true (
        bureau_store_add_workspace (fixture->store, WORKSPACE, "Studio Nord", 1, &error));
    g_assert_true (bureau_store_add_user (fixture->store, ANA, "Ana", "#000000", 1, &error));
    g_assert_true (bureau_store_add_user (fixture->store, BEN, "Ben", "#000000", 1, &error));
    g_assert_true (
        bureau_store_add_member (fixture->store, WORKSPACE, ANA, BUREAU_ROLE_OWNER, 1, &error));
    g_assert_true (
        bureau_store_add_member (fixture->store, WORKSPACE, BEN, BUREAU_ROLE_MEMBER, 2, &error));
    g_assert_true (bureau_store_add_project (fixture->store, PROJECT, WORKSPACE, "Studio B", "STU",
                                             "#000000", ANA, 3, &error));
    g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    bureau_store_close (fixture->store);
    directory_free (fixture->directory);
    g_free (fixture->path);
}

static void
add_task (Fixture *fixture, const char *id, const char *position)
{
    g_autoptr (JsonObject) task = json_object_new ();
    g_autoptr (GError) error = NULL;

    bureau_json_set_string (task, "id", id);
    bureau_json_set_string (task, "projectId", PROJECT);
    bureau_json_set_string (task, "title", id);
    bureau_json_set_string (task, "status", "todo");
    bureau_json_set_string (task, "kind", "task");
    bureau_json_set_string (task, "position", position);
    bureau_store_add_task (fixture->store, task, ANA, 10, &error);
    g_assert_no_error (error);
}

/* ------------------------------------------------------------------ the file */

static void
assert_refused (Fixture *fixture, const char *mark)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauStore) store = NULL;
    g_autofree char *wrong = NULL;
    sqlite3 *db;

    g_clear_pointer (&fixture->store, bureau_store_close);
    g_assert_cmpint (sqlite3_open (fixture->path, &db), ==, SQLITE_OK);
    g_assert_cmpint (sqlite3_exec (db, mark, NULL, NULL, NULL), ==, SQLITE_OK);
    sqlite3_close (db);

    g_assert_null (bureau_store_open (fixture->path, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE);
    store = bureau_store_open_read_only (fixture->path, NULL);
    wrong = bureau_store_check_tables (store);
    g_assert_cmpstr (wrong, ==, error->message);
}

static void
test_newer_schema_is_refused (Fixture *fixture, gconstpointer data)
{
    assert_refused (fixture, "PRAGMA user_version=1000");
}

/* The version is a number with a sign, and a bit of it can flip like any other. */
static void
test_schema_below_zero_is_refused (Fixture *fixture, gconstpointer data)
{
    assert_refused (fixture, "PRAGMA user_version=-2147483645");
}

static void
test_other_file_is_refused (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;

    g_clear_pointer (&fixture->store, bureau_store_close);
    g_assert_true (
        g_file_set_contents (fixture->path, "not a database at all, only text", -1, NULL));
    g_assert_null (bureau_store_open (fixture->path, &error));
    g_assert_nonnull (error);
}

static void
add_bulk (Fixture *fixture, guint n)
{
    g_autofree char *payload = g_strnfill (40000, 'x');

    g_assert_true (bureau_store_begin (fixture->store, NULL));
    for (guint i = 0; i < n; i++)
        g_assert_true (bureau_store_append_event (
            fixture->store, "bulk", bureau_store_take_seq (fixture->store, "bulk", NULL), "e", "n",
            ANA, "d", NULL, 1, payload, NULL));
    g_assert_true (bureau_store_in_transaction (fixture->store));
    g_assert_true (bureau_store_commit (fixture->store, NULL));
    g_assert_false (bureau_store_in_transaction (fixture->store));
}

/* A checkpoint is due by what there is to carry over, not by the number of commits. */
static void
test_checkpoint_is_due_by_size (Fixture *fixture, gconstpointer data)
{
    for (guint i = 0; i < 3; i++) {
        add_bulk (fixture, 1);
        g_assert_false (bureau_store_wants_checkpoint (fixture->store));
        add_bulk (fixture, 150);
        g_assert_true (bureau_store_wants_checkpoint (fixture->store));
        bureau_store_checkpoint (fixture->store);
        g_assert_false (bureau_store_wants_checkpoint (fixture->store));
    }
}

static void
test_reopening_keeps_everything (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) task = NULL;

    add_task (fixture, "00000000-0000-4000-8000-000000000010", "a1");
    g_clear_pointer (&fixture->store, bureau_store_close);
    fixture->store = bureau_store_open (fixture->path, &error);
    g_assert_no_error (error);

    task = bureau_store_get_task (fixture->store, "00000000-0000-4000-8000-000000000010", FALSE,
                                  &error);
    g_assert_no_error (error);
    g_assert_cmpstr (bureau_json_get_string (task, "key"), ==, "STU-1");
    g_assert_cmpstr (bureau_json_get_string (task, "projectName"), ==, "Studio B");
}

/* ------------------------------------------------------------------ transactions */

static void
test_savepoint_costs_its_neighbours_nothing (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;

    g_assert_true (bureau_store_begin (fixture->store, &error));
    g_assert_true (bureau_store_savepoint (fixture->store, &error));
    g_assert_cmpint (bureau_store_take_seq (fixture->store, "project:x", &error), ==, 1);
    g_assert_true (bureau_store_release (fixture->store, &error));

    g_assert_true (bureau_store_savepoint (fixture->store, &error));
    g_assert_cmpint (bureau_store_take_seq (fixture->store, "project:x", &error), ==, 2);
    bureau_store_rollback_to_savepoint (fixture->store);

    g_assert_true (bureau_store_savepoint (fixture->store, &error));
    g_assert_cmpint (bureau_store_take_seq (fixture->store, "project:x", &error), ==, 2);
    g_assert_true (bureau_store_release (fixture->store, &error));
    g_assert_true (bureau_store_commit (fixture->store, &error));
    g_assert_no_error (error);
    g_assert_cmpint (bureau_store_get_head (fixture->store, "project:x", &error), ==, 2);
}

static gboolean
collect_seq (const char *name, gint64 seq, const char *payload, gpointer data)
{
    g_string_append_printf (data, "%s%" G_GINT64_FORMAT "%s ", name, seq, payload);
    return TRUE;
}

static void
test_log_gives_what_came_after (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GString) seen = g_string_new (NULL);
    g_autoptr (GError) error = NULL;

    for (int i = 1; i <= 4; i++) {
        gint64 seq = bureau_store_take_seq (fixture->store, "project:x", &error);
        g_autofree char *payload = g_strdup_printf ("{%d}", i);

        bureau_store_append_event (fixture->store, "project:x", seq, "e", "n", ANA, "d", NULL, 5,
                                   payload, &error);
        g_assert_no_error (error);
    }
    g_assert_true (
        bureau_store_foreach_event (fixture->store, "project:x", 1, 2, collect_seq, seen, &error));
    g_assert_cmpstr (seen->str, ==, "n2{2} n3{3} ");
}

static void
test_answers_are_kept (Fixture *fixture, gconstpointer data)
{
    guint8 digest[32] = { 1 }, other[32] = { 2 };
    g_autoptr (GError) error = NULL;
    g_autofree char *answer = NULL;

    g_assert_null (bureau_store_find_answer (fixture->store, "device", "op", digest, &error));
    g_assert_no_error (error);
    g_assert_true (
        bureau_store_keep_answer (fixture->store, "device", "op", digest, "{}", 1, &error));
    answer = bureau_store_find_answer (fixture->store, "device", "op", digest, &error);
    g_assert_cmpstr (answer, ==, "{}");

    g_assert_null (bureau_store_find_answer (fixture->store, "other", "op", digest, &error));
    g_assert_no_error (error);
    g_assert_null (bureau_store_find_answer (fixture->store, "device", "op", other, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT);
}

/* ------------------------------------------------------------------ people */

static void
test_handles_are_unique (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    bureau_store_add_user (fixture->store, "u1", "Änne Müller", "#000000", 1, &error);
    bureau_store_add_user (fixture->store, "u2", "Anne Berg", "#000000", 1, &error);
    bureau_store_add_user (fixture->store, "u3", "李", "#000000", 1, &error);
    g_assert_no_error (error);
    first = bureau_store_find_user (fixture->store, "anne", &error);
    second = bureau_store_find_user (fixture->store, "anne2", &error);
    g_assert_cmpstr (first, ==, "u1");
    g_assert_cmpstr (second, ==, "u2");
}

static void
add_invitation (Fixture *fixture, const char *id, guint8 first_byte, gint64 uses, gint64 expires_at)
{
    const BureauInvitationRow row = { .id = (char *) id,
                                      .workspace_id = (char *) WORKSPACE,
                                      .created_by = (char *) ANA,
                                      .role = BUREAU_ROLE_GUEST,
                                      .uses = uses,
                                      .expires_at = expires_at,
                                      .created_at = 1 };
    g_autoptr (GError) error = NULL;
    guint8 hash[32] = { first_byte };

    bureau_store_add_invitation (fixture->store, &row, hash, &error);
    g_assert_no_error (error);
}

/* Whether there is an open one with this secret or ticket. */
static gboolean
has_invitation (Fixture *fixture, guint8 first_byte, gint64 now)
{
    guint8 hash[32] = { first_byte };
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauInvitationRow) row = bureau_store_find_invitation (fixture->store, hash, now,
                                                                        &error);

    g_assert_no_error (error);
    return row != NULL;
}

static void
test_invitation_is_used_up (Fixture *fixture, gconstpointer data)
{
    guint8 secret[32] = { 1 };
    g_autoptr (GError) error = NULL;

    add_invitation (fixture, "i", 1, 2, 100);
    g_assert_true (has_invitation (fixture, 1, 99));
    g_assert_false (has_invitation (fixture, 1, 100));
    bureau_store_use_invitation (fixture->store, "i", secret, &error);
    g_assert_true (has_invitation (fixture, 1, 50));
    bureau_store_use_invitation (fixture->store, "i", secret, &error);
    g_assert_no_error (error);
    g_assert_false (has_invitation (fixture, 1, 50));
    g_assert_false (bureau_store_use_invitation (fixture->store, "i", secret, &error));
    g_assert_nonnull (error);
}

static char *
get_typed_code (Fixture *fixture, const char *id, gint64 now)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauInvitationRow) row = bureau_store_get_invitation (fixture->store, id, now,
                                                                       &error);

    g_assert_no_error (error);
    if (row->code == NULL)
        return NULL;
    return g_strndup (g_bytes_get_data (row->code, NULL), g_bytes_get_size (row->code));
}

#define ASSERT_TYPED_CODE(id, now, expected)                                                       \
    G_STMT_START                                                                                   \
    {                                                                                              \
        g_autofree char *code_ = get_typed_code (fixture, id, now);                                \
        g_assert_cmpstr (code_, ==, expected);                                                     \
    }                                                                                              \
    G_STMT_END

/* One for each who invites, for a few minutes and a few tries. */
static void
test_codes_end (Fixture *fixture, gconstpointer data)
{
    BureauStore *store = fixture->store;
    g_autoptr (GBytes) first = g_bytes_new_static ("sealed a", 8);
    g_autoptr (GBytes) second = g_bytes_new_static ("sealed b", 8);
    g_autoptr (GError) error = NULL;

    add_invitation (fixture, "i", 1, 2, 100);
    add_invitation (fixture, "j", 2, 2, 100);
    bureau_store_set_code (store, "i", ANA, first, 60, &error);
    ASSERT_TYPED_CODE ("i", 59, "sealed a");
    ASSERT_TYPED_CODE ("i", 60, NULL);
    bureau_store_set_code (store, "j", ANA, second, 60, &error);
    ASSERT_TYPED_CODE ("i", 59, NULL);

    bureau_store_count_try (store, "j", second, 2, &error);
    bureau_store_count_try (store, "j", first, 2, &error);
    ASSERT_TYPED_CODE ("j", 59, "sealed b");
    bureau_store_count_try (store, "j", second, 2, &error);
    ASSERT_TYPED_CODE ("j", 59, NULL);
    g_assert_no_error (error);
}

static void
test_tickets_are_for_once (Fixture *fixture, gconstpointer data)
{
    guint8 ticket[32] = { 9 }, other[32] = { 8 };
    g_autoptr (GError) error = NULL;

    add_invitation (fixture, "i", 1, 3, 100);
    bureau_store_add_ticket (fixture->store, "i", ticket, 50, &error);
    bureau_store_add_ticket (fixture->store, "i", other, 50, &error);
    g_assert_true (has_invitation (fixture, 9, 49));
    g_assert_false (has_invitation (fixture, 9, 50));
    bureau_store_use_invitation (fixture->store, "i", ticket, &error);
    g_assert_false (has_invitation (fixture, 9, 49));
    g_assert_true (has_invitation (fixture, 8, 49));
    bureau_store_end_invitation (fixture->store, "i", &error);
    g_assert_false (has_invitation (fixture, 8, 49));
    g_assert_false (has_invitation (fixture, 1, 49));
    bureau_store_forget_invitations (fixture->store, WORKSPACE, 101, &error);
    g_assert_no_error (error);
}

static void
test_sessions (Fixture *fixture, gconstpointer data)
{
    const BureauGenerations renewed = { .used = 1, .first_next = 2, .last_next = 2 };
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauSessionRow) session = NULL;
    g_autoptr (JsonArray) devices = NULL;
    g_auto (GStrv) before = NULL;
    g_auto (GStrv) after = NULL;

    g_assert_true (bureau_store_add_session (fixture->store, "s", ANA, "desk", 1, &error));
    g_assert_true (bureau_store_add_session (fixture->store, "t", ANA, "bag", 2, &error));
    g_assert_true (bureau_store_renew_session (fixture->store, "s", &renewed, 3, &error));
    session = bureau_store_get_session (fixture->store, "s", &error);
    g_assert_cmpstr (session->user_id, ==, ANA);
    g_assert_cmpint (session->generations.used, ==, 1);
    g_assert_cmpint (session->generations.last_next, ==, 2);
    g_assert_cmpint (session->created_at, ==, 1);
    g_assert_cmpint (session->used_at, ==, 3);

    before = bureau_store_list_sessions (fixture->store, ANA, &error);
    g_assert_cmpstrv (before, ((const char *const[]){ "t", "s", NULL }));
    devices = bureau_store_describe_sessions (fixture->store, ANA, 2, 0, &error);
    g_assert_cmpint (json_array_get_length (devices), ==, 1);

    g_assert_true (bureau_store_revoke_sessions (fixture->store, ANA, NULL, "t", 4, &error));
    g_assert_false (bureau_store_is_session_live (fixture->store, "s", ANA, &error));
    g_assert_true (bureau_store_is_session_live (fixture->store, "t", ANA, &error));
    g_assert_true (bureau_store_is_session_revoked (fixture->store, "s", &error));
    g_assert_false (bureau_store_is_session_revoked (fixture->store, "t", &error));
    g_assert_null (bureau_store_get_session (fixture->store, "s", &error));
    g_assert_true (bureau_store_forget_sessions (fixture->store, ANA, 2, &error));
    g_assert_false (bureau_store_is_session_revoked (fixture->store, "s", &error));
    after = bureau_store_list_sessions (fixture->store, ANA, &error);
    g_assert_cmpstrv (after, ((const char *const[]){ "t", NULL }));
    g_assert_no_error (error);
}

static void
test_access_follows_membership (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_auto (BureauAccess) owner = { 0 };
    g_auto (BureauAccess) stranger = { 0 };
    g_auto (BureauAccess) member = { 0 };
    g_auto (BureauAccess) nowhere = { 0 };

    g_assert_true (bureau_store_get_access (fixture->store, PROJECT, ANA, &owner, &error));
    g_assert_cmpstr (owner.workspace_id, ==, WORKSPACE);
    g_assert_true (bureau_store_get_access (fixture->store, PROJECT, BEN, &stranger, &error));
    g_assert_null (stranger.workspace_id);
    g_assert_true (bureau_store_add_project_member (fixture->store, PROJECT, BEN, &error));
    g_assert_true (bureau_store_get_access (fixture->store, PROJECT, BEN, &member, &error));
    g_assert_cmpint (member.role, ==, BUREAU_ROLE_MEMBER);
    g_assert_true (bureau_store_get_access (fixture->store, "no such id", ANA, &nowhere, &error));
    g_assert_null (nowhere.workspace_id);
    g_assert_no_error (error);
}

/* ------------------------------------------------------------------ tasks */

static void
check_place (Fixture *fixture, const char *after_id, gboolean last, const char *moved,
             const char *before, const char *after)
{
    g_autoptr (GError) error = NULL;
    g_autofree char *got_before = NULL;
    g_autofree char *got_after = NULL;

    g_assert_true (bureau_store_find_place (fixture->store, PROJECT, BUREAU_STATUS_TODO, after_id,
                                            last, moved, &got_before, &got_after, &error));
    g_assert_no_error (error);
    g_assert_cmpstr (got_before, ==, before);
    g_assert_cmpstr (got_after, ==, after);
}

static void
test_places (Fixture *fixture, gconstpointer data)
{
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    g_autoptr (GError) error = NULL;

    check_place (fixture, NULL, FALSE, NULL, NULL, NULL);
    check_place (fixture, NULL, TRUE, NULL, NULL, NULL);

    add_task (fixture, "t1", "b");
    add_task (fixture, "t2", "d");
    add_task (fixture, "t3", "f");
    check_place (fixture, NULL, FALSE, NULL, NULL, "b");
    check_place (fixture, NULL, TRUE, NULL, "f", NULL);
    check_place (fixture, "t1", FALSE, NULL, "b", "d");
    check_place (fixture, "t3", FALSE, NULL, "f", NULL);
    /* A task that is moved is in nobody's way. */
    check_place (fixture, "t1", FALSE, "t2", "b", "f");
    check_place (fixture, NULL, FALSE, "t1", NULL, "d");

    g_assert_false (bureau_store_find_place (fixture->store, PROJECT, BUREAU_STATUS_DONE, "t1",
                                             FALSE, NULL, &before, &after, &error));
    g_assert_no_error (error);
}

static void
test_update_keeps_what_is_not_named (Fixture *fixture, gconstpointer data)
{
    g_autoptr (JsonObject) changes = bureau_json_parse_object ("{\"dueAt\":\"2026-12-01\"}", -1,
                                                               NULL);
    g_autoptr (JsonObject) clear = bureau_json_parse_object ("{\"dueAt\":null,\"status\":\"done\"}",
                                                             -1, NULL);
    g_autoptr (JsonObject) reopen = bureau_json_parse_object ("{\"status\":\"todo\"}", -1, NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) dated = NULL;
    g_autoptr (JsonObject) done = NULL;
    g_autoptr (JsonObject) open = NULL;

    add_task (fixture, "t1", "b");
    g_assert_true (bureau_store_update_task (fixture->store, "t1", changes, 20, &error));
    dated = bureau_store_get_task (fixture->store, "t1", FALSE, &error);
    g_assert_cmpstr (bureau_json_get_string (dated, "dueAt"), ==, "2026-12-01");
    g_assert_cmpstr (bureau_json_get_string (dated, "title"), ==, "t1");
    g_assert_cmpint (bureau_json_get_int (dated, "version", 0), ==, 2);

    g_assert_true (bureau_store_update_task (fixture->store, "t1", clear, 30, &error));
    done = bureau_store_get_task (fixture->store, "t1", FALSE, &error);
    g_assert_true (bureau_json_is_null (done, "dueAt"));
    g_assert_cmpstr (bureau_json_get_string (done, "completedAt"), ==, "1970-01-01T00:00:00.030Z");

    g_assert_true (bureau_store_update_task (fixture->store, "t1", reopen, 40, &error));
    open = bureau_store_get_task (fixture->store, "t1", FALSE, &error);
    g_assert_true (bureau_json_is_null (open, "completedAt"));
}

static void
test_assignees_keep_their_state (Fixture *fixture, gconstpointer data)
{
    const char *both[] = { ANA, BEN, NULL }, *one[] = { BEN, NULL };
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) task = NULL;
    JsonArray *assignees;

    add_task (fixture, "t1", "b");
    g_assert_true (bureau_store_set_assignees (fixture->store, "t1", both, 20, &error));
    g_assert_true (bureau_store_set_assignees (fixture->store, "t1", one, 30, &error));
    task = bureau_store_get_task (fixture->store, "t1", FALSE, &error);
    assignees = bureau_json_get_array (task, "assignees");
    g_assert_cmpuint (json_array_get_length (assignees), ==, 1);
    g_assert_cmpstr (bureau_json_get_string (task, "assigneeName"), ==, "Ben");
    /* Sent once, at the first time: being named again is no new assignment. */
    g_assert_cmpstr (bureau_json_get_string (json_array_get_object_element (assignees, 0), "at"),
                     ==, "1970-01-01T00:00:00.020Z");
}

static void
test_assignees_keep_their_order (Fixture *fixture, gconstpointer data)
{
    const char *there[] = { BEN, ANA, NULL }, *back[] = { ANA, BEN, NULL };
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) first = NULL;
    g_autoptr (JsonObject) second = NULL;

    add_task (fixture, "t1", "b");
    g_assert_true (bureau_store_set_assignees (fixture->store, "t1", there, 20, &error));
    first = bureau_store_get_task (fixture->store, "t1", FALSE, &error);
    g_assert_cmpstr (bureau_json_get_string (first, "assigneeName"), ==, "Ben, Ana");
    g_assert_true (bureau_store_set_assignees (fixture->store, "t1", back, 30, &error));
    second = bureau_store_get_task (fixture->store, "t1", FALSE, &error);
    g_assert_cmpstr (bureau_json_get_string (second, "assigneeName"), ==, "Ana, Ben");
}

static void
test_numbers_are_never_used_twice (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) task = NULL;

    add_task (fixture, "t1", "b");
    g_assert_true (bureau_store_set_task_deleted (fixture->store, "t1", TRUE, 20, &error));
    g_assert_null (bureau_store_get_task (fixture->store, "t1", FALSE, &error));
    add_task (fixture, "t2", "c");
    task = bureau_store_get_task (fixture->store, "t2", FALSE, &error);
    g_assert_cmpstr (bureau_json_get_string (task, "key"), ==, "STU-2");
}

static void
test_one_timer_a_person (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) none = NULL;

    g_assert_true (bureau_store_add_entry (fixture->store, "e1", WORKSPACE, ANA, NULL, NULL, NULL,
                                           100, &error));
    g_assert_true (bureau_store_add_entry (fixture->store, "e2", WORKSPACE, BEN, NULL, NULL, NULL,
                                           100, &error));
    g_assert_no_error (error);
    g_assert_false (bureau_store_add_entry (fixture->store, "e3", WORKSPACE, ANA, NULL, NULL, NULL,
                                            200, &error));
    g_clear_error (&error);
    g_assert_true (bureau_store_end_entry (fixture->store, "e1", 200, &error));
    none = bureau_store_get_timer (fixture->store, WORKSPACE, ANA, &error);
    g_assert_null (none);
    g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add ("/store/" path, Fixture, NULL, set_up, function, tear_down)
    ADD ("newer-schema", test_newer_schema_is_refused);
    ADD ("schema-below-zero", test_schema_below_zero_is_refused);
    ADD ("other-file", test_other_file_is_refused);
    ADD ("checkpoint", test_checkpoint_is_due_by_size);
    ADD ("reopen", test_reopening_keeps_everything);
    ADD ("savepoint", test_savepoint_costs_its_neighbours_nothing);
    ADD ("log", test_log_gives_what_came_after);
    ADD ("answers", test_answers_are_kept);
    ADD ("handles", test_handles_are_unique);
    ADD ("invitation/is-used-up", test_invitation_is_used_up);
    ADD ("invitation/codes-end", test_codes_end);
    ADD ("invitation/tickets-are-for-once", test_tickets_are_for_once);
    ADD ("sessions", test_sessions);
    ADD ("access", test_access_follows_membership);
    ADD ("places", test_places);
    ADD ("update", test_update_keeps_what_is_not_named);
    ADD ("assignees", test_assignees_keep_their_state);
    ADD ("assignees-order", test_assignees_keep_their_order);
    ADD ("numbers", test_numbers_are_never_used_twice);
    ADD ("one-timer", test_one_timer_a_person);
    return g_test_run ();
}

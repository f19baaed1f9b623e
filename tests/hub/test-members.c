/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-json.h"
#include "bureau-people.h"
#include "bureau-store-members.h"
#include "test-office.h"

/* Memberships through the turn: who may give and take them, and what else goes with one. */

#define ASSERT_ROLE(fixture, id, wanted)                                                           \
    g_assert_cmpint (get_membership (fixture, id).role, ==, BUREAU_ROLE_##wanted)

static BureauMembership
get_membership (Office *office, const char *id)
{
    BureauMembership membership;

    g_assert_true (bureau_store_get_membership (
        office->authority->store, office->owner->workspace_id, id, &membership, NULL));
    return membership;
}

/* How many events of that name @room has had. */
static guint count;

static gboolean
count_event (const char *name, gint64 seq, const char *payload, gpointer data)
{
    count += g_str_equal (name, data);
    return TRUE;
}

static guint
count_events (Office *office, const char *kind, const char *id, const char *name)
{
    g_autofree char *room = bureau_room (kind, id);

    count = 0;
    g_assert_true (bureau_store_foreach_event (office->authority->store, room, 0, 1000, count_event,
                                               (gpointer) name, NULL));
    return count;
}

/* ------------------------------------------------------------------ roles */

/* Managers manage all but owners, and make all but owners. */
static void
test_who_may (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *max = office_join (office, ana, "manager", "Max");
    g_autofree char *mia = office_join (office, ana, "manager", "Mia");
    g_autofree char *ben = office_join (office, ana, "member", "Ben");
    g_autofree char *gil = office_join (office, ana, "guest", "Gil");
    const char *const verbs[] = { "member:deactivate", "member:remove" };

    for (guint i = 0; i < G_N_ELEMENTS (verbs); i++) {
        ASSERT_CODE (RUN (office, ben, verbs[i], "{'id':'%s'}", gil), "forbidden");
        ASSERT_CODE (RUN (office, gil, verbs[i], "{'id':'%s'}", ben), "forbidden");
        ASSERT_CODE (RUN (office, max, verbs[i], "{'id':'%s'}", ana), "forbidden");
    }
    ASSERT_CODE (RUN (office, ben, "member:set_role", "{'id':'%s','role':'manager'}", ben),
                 "forbidden");
    ASSERT_CODE (RUN (office, max, "member:set_role", "{'id':'%s','role':'owner'}", max),
                 "forbidden");
    ASSERT_CODE (RUN (office, max, "member:set_role", "{'id':'%s','role':'guest'}", ana),
                 "forbidden");
    ASSERT_CODE (RUN (office, max, "member:add", "{'name':'Pia','role':'owner'}"), "forbidden");
    ASSERT_CODE (RUN (office, ana, "member:add", "{'name':'Pia','role':'owner'}"), "invalid");

    ASSERT_CODE (RUN (office, max, "member:set_role", "{'id':'%s','role':'manager'}", gil), "ok");
    ASSERT_CODE (RUN (office, max, "member:set_role", "{'id':'%s','role':'member'}", mia), "ok");
    ASSERT_CODE (RUN (office, ana, "member:set_role", "{'id':'%s','role':'owner'}", max), "ok");
    ASSERT_ROLE (office, gil, MANAGER);
    ASSERT_ROLE (office, mia, MEMBER);
    ASSERT_ROLE (office, max, OWNER);
    /* Nobody's role counts from before. */
    ASSERT_CODE (RUN (office, mia, "member:remove", "{'id':'%s'}", ben), "forbidden");
    ASSERT_CODE (RUN (office, gil, "member:remove", "{'id':'%s'}", ben), "ok");
}

static void
test_role_changes_are_told (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    const char *workspace = office->owner->workspace_id;
    g_autofree char *ben = office_join (office, ana, "member", "Ben");
    g_autoptr (JsonObject) answer = RUN (office, ana, "member:set_role",
                                         "{'id':'%s','role':'manager'}", ben);
    JsonObject *member = bureau_json_get_object (answer, "member");

    g_assert_cmpstr (bureau_json_get_string (member, "role"), ==, "manager");
    g_assert_cmpstr (bureau_json_get_string (member, "workspaceId"), ==, workspace);
    g_assert_false (bureau_json_get_boolean (member, "placeholder", TRUE));
    g_assert_cmpuint (count_events (office, "workspace", workspace, "member:role_changed"), ==, 1);

    /* What is so already is nothing to tell. */
    ASSERT_CODE (RUN (office, ana, "member:set_role", "{'id':'%s','role':'manager'}", ben), "ok");
    ASSERT_CODE (RUN (office, ana, "member:reactivate", "{'id':'%s'}", ben), "ok");
    g_assert_cmpuint (count_events (office, "workspace", workspace, "member:role_changed"), ==, 1);
    g_assert_cmpuint (count_events (office, "workspace", workspace, "member:joined"), ==, 1);
}

/* ------------------------------------------------------------------ the last owner */

static void
test_last_owner_stays (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *ben = office_join (office, ana, "member", "Ben");
    const char *const verbs[] = { "member:deactivate", "member:remove" };

    for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
        ASSERT_CODE (RUN (office, ana, verbs[i], "{'id':'%s'}", ana), "conflict");
    ASSERT_CODE (RUN (office, ana, "member:set_role", "{'id':'%s','role':'manager'}", ana),
                 "conflict");
    ASSERT_ROLE (office, ana, OWNER);

    /* One who is not there does not count. */
    ASSERT_CODE (RUN (office, ana, "member:set_role", "{'id':'%s','role':'owner'}", ben), "ok");
    ASSERT_CODE (RUN (office, ana, "member:deactivate", "{'id':'%s'}", ben), "ok");
    ASSERT_CODE (RUN (office, ana, "member:set_role", "{'id':'%s','role':'guest'}", ana),
                 "conflict");
    ASSERT_CODE (RUN (office, ana, "member:reactivate", "{'id':'%s'}", ben), "ok");
    ASSERT_CODE (RUN (office, ana, "member:set_role", "{'id':'%s','role':'guest'}", ana), "ok");
    ASSERT_ROLE (office, ana, GUEST);
    ASSERT_CODE (RUN (office, ben, "member:remove", "{'id':'%s'}", ben), "conflict");
}

/* Two owners put one another out, or step back, in the same turn: one of them remains. */
static void
test_last_owner_race (Office *office, gconstpointer data)
{
    static const char *const verbs[] = { "member:set_role", "member:deactivate", "member:remove" };
    g_autofree char *one = g_strdup (office->owner->user_id);

    for (guint i = 0; i < 4 * G_N_ELEMENTS (verbs); i++) {
        const char *verb = verbs[i % G_N_ELEMENTS (verbs)];
        gboolean each_other = i % 2;
        g_autofree char *other = office_join (office, one, "member", "Other");
        g_autoptr (JsonObject) first = NULL;
        g_autoptr (JsonObject) second = NULL;

        ASSERT_CODE (RUN (office, one, "member:set_role", "{'id':'%s','role':'owner'}", other),
                     "ok");
        office_queue (office, one, verb, &first, "{'id':'%s','role':'member'}",
                      each_other ? other : one);
        office_queue (office, other, verb, &second, "{'id':'%s','role':'member'}",
                      each_other ? one : other);
        bureau_authority_run_turn (office->authority);
        g_assert_cmpstr (get_code (first), ==, "ok");
        g_assert_cmpstr (get_code (second), !=, "ok");

        /* Who is left goes on. */
        if (!each_other) {
            g_free (one);
            one = g_strdup (other);
        }
        g_assert_cmpint (get_membership (office, one).role, ==, BUREAU_ROLE_OWNER);
        g_assert_true (get_membership (office, one).active);
    }
}

/* ------------------------------------------------------------------ leaving */

static void
start_timer (Office *office, const char *user_id)
{
    ASSERT_CODE (RUN (office, user_id, "timer:start", "{'projectId':'%s'}", office->project_id),
                 "ok");
}

static gboolean
has_timer (Office *office, const char *user_id)
{
    g_autoptr (JsonObject) entry = bureau_store_get_timer (
        office->authority->store, office->owner->workspace_id, user_id, NULL);

    return entry != NULL;
}

static gboolean
is_in_project (Office *office, const char *user_id)
{
    g_auto (GStrv) projects = bureau_store_list_member_projects (
        office->authority->store, office->owner->workspace_id, user_id, NULL);

    return projects[0] != NULL;
}

static void
test_removal (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    const char *workspace = office->owner->workspace_id;
    g_autofree char *ben = office_join (office, ana, "member", "Ben");
    g_autoptr (JsonObject) made = RUN (office, ana, "task:create",
                                       "{'projectId':'%s','title':'One','assigneeIds':['%s']}",
                                       office->project_id, ben);
    const char *task_id = bureau_json_get_string (bureau_json_get_object (made, "task"), "id");
    g_autoptr (JsonArray) members = NULL;
    g_autoptr (JsonObject) task = NULL;

    start_timer (office, ben);
    g_assert_true (is_in_project (office, ben));
    ASSERT_CODE (RUN (office, ana, "member:remove", "{'id':'%s'}", ben), "ok");

    ASSERT_ROLE (office, ben, NONE);
    g_assert_false (is_in_project (office, ben));
    g_assert_false (has_timer (office, ben));
    g_assert_cmpuint (count_events (office, "time", workspace, "timer:stopped"), ==, 1);
    g_assert_cmpuint (count_events (office, "workspace", workspace, "member:left"), ==, 1);
    g_assert_cmpuint (count_events (office, "project", office->project_id, "project:updated"), ==,
                      1);
    members = bureau_store_list_members (office->authority->store, workspace, NULL);
    g_assert_cmpuint (json_array_get_length (members), ==, 1);
    task = bureau_store_get_task (office->authority->store, task_id, FALSE, NULL);
    g_assert_cmpstr (bureau_json_get_string (task, "assigneeName"), ==, "Ben");

    /* As if they had never been there. */
    ASSERT_CODE (RUN (office, ben, "office:describe", "{}"), "unauthenticated");
    ASSERT_CODE (RUN (office, ana, "member:set_role", "{'id':'%s','role':'owner'}", ben),
                 "not_found");
    ASSERT_CODE (RUN (office, ana, "member:reactivate", "{'id':'%s'}", ben), "not_found");
    ASSERT_CODE (RUN (office, ana, "member:remove", "{'id':'%s'}", ben), "not_found");
    ASSERT_CODE (RUN (office, ana, "project:update", "{'id':'%s','memberIds':['%s']}",
                      office->project_id, ben),
                 "invalid");
}

static void
test_deactivation (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    const char *workspace = office->owner->workspace_id;
    g_autofree char *ben = office_join (office, ana, "member", "Ben");
    g_autoptr (JsonArray) members = NULL;

    start_timer (office, ben);
    ASSERT_CODE (RUN (office, ana, "member:deactivate", "{'id':'%s'}", ben), "ok");
    g_assert_false (get_membership (office, ben).active);
    g_assert_true (is_in_project (office, ben));
    g_assert_false (has_timer (office, ben));
    members = bureau_store_list_members (office->authority->store, workspace, NULL);
    g_assert_cmpuint (json_array_get_length (members), ==, 2);
    ASSERT_CODE (RUN (office, ben, "office:describe", "{}"), "unauthenticated");

    ASSERT_CODE (RUN (office, ana, "member:reactivate", "{'id':'%s'}", ben), "ok");
    g_assert_true (get_membership (office, ben).active);
    g_assert_cmpuint (count_events (office, "workspace", workspace, "member:joined"), ==, 2);
    ASSERT_CODE (
        RUN (office, ben, "task:create", "{'projectId':'%s','title':'Back'}", office->project_id),
        "ok");
}

/* A list that still names somebody who has left is not wrong for that; nobody new may have left. */
static void
test_lists_with_the_gone (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *ben = office_join (office, ana, "member", "Ben");
    g_autofree char *cleo = office_join (office, ana, "member", "Cleo");
    g_autoptr (JsonObject) made = RUN (office, ana, "task:create",
                                       "{'projectId':'%s','title':'One','assigneeIds':['%s']}",
                                       office->project_id, ben);
    const char *task_id = bureau_json_get_string (bureau_json_get_object (made, "task"), "id");

    ASSERT_CODE (RUN (office, ana, "member:deactivate", "{'id':'%s'}", ben), "ok");
    ASSERT_CODE (RUN (office, ana, "task:update", "{'id':'%s','assigneeIds':['%s','%s']}", task_id,
                      cleo, ben),
                 "ok");
    ASSERT_CODE (RUN (office, ana, "project:update", "{'id':'%s','memberIds':['%s','%s']}",
                      office->project_id, ben, ana),
                 "ok");
    g_assert_true (is_in_project (office, ben));
    g_assert_false (is_in_project (office, cleo));

    ASSERT_CODE (RUN (office, ana, "task:update", "{'id':'%s','assigneeIds':[]}", task_id), "ok");
    ASSERT_CODE (RUN (office, ana, "task:update", "{'id':'%s','assigneeIds':['%s']}", task_id, ben),
                 "invalid");
}

/* The row of before comes back; and nobody is taken in twice. */
static void
test_coming_back (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    const char *workspace = office->owner->workspace_id;
    BureauStore *store = office->authority->store;
    g_autofree char *ben = office_join (office, ana, "member", "Ben");
    g_autoptr (GError) error = NULL;

    ASSERT_CODE (RUN (office, ana, "member:remove", "{'id':'%s'}", ben), "ok");
    g_assert_true (bureau_store_add_member (store, workspace, ben, BUREAU_ROLE_GUEST, 5, &error));
    g_assert_no_error (error);
    ASSERT_ROLE (office, ben, GUEST);
    g_assert_true (get_membership (office, ben).active);

    ASSERT_CODE (RUN (office, ana, "member:deactivate", "{'id':'%s'}", ben), "ok");
    g_assert_false (bureau_store_add_member (store, workspace, ben, BUREAU_ROLE_OWNER, 6, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT);
    g_assert_false (get_membership (office, ben).active);
    ASSERT_ROLE (office, ben, GUEST);
}

/* ------------------------------------------------------------------ placeholders */

static void
test_placeholder (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *id = bureau_id_new ();
    g_autoptr (JsonObject) answer = RUN (office, ana, "member:add", "{'id':'%s','name':'Pia'}", id);
    JsonObject *member = bureau_json_get_object (answer, "member");

    g_assert_cmpstr (bureau_json_get_string (member, "id"), ==, id);
    g_assert_cmpstr (bureau_json_get_string (member, "role"), ==, "member");
    g_assert_true (bureau_json_get_boolean (member, "placeholder", FALSE));

    ASSERT_CODE (RUN (office, ana, "task:create",
                      "{'projectId':'%s','title':'Hers','assigneeIds':['%s']}", office->project_id,
                      id),
                 "ok");
    ASSERT_CODE (RUN (office, ana, "project:update", "{'id':'%s','memberIds':['%s']}",
                      office->project_id, id),
                 "ok");
    ASSERT_CODE (RUN (office, ana, "member:set_role", "{'id':'%s','role':'owner'}", id), "invalid");
    ASSERT_CODE (RUN (office, ana, "member:set_role", "{'id':'%s','role':'guest'}", id), "ok");
    ASSERT_CODE (RUN (office, ana, "member:remove", "{'id':'%s'}", id), "ok");
}

/* A repeat is the same; any other use of an id is refused alike, wherever the id is. */
static void
test_taken_ids (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    BureauStore *store = office->authority->store;
    g_autofree char *id = bureau_id_new ();
    g_autofree char *elsewhere = bureau_id_new ();
    g_autofree char *zoe = bureau_id_new ();

    ASSERT_CODE (RUN (office, ana, "member:add", "{'id':'%s','name':'Pia'}", id), "ok");
    ASSERT_CODE (RUN (office, ana, "member:add", "{'id':'%s','name':'Pia'}", id), "ok");
    ASSERT_CODE (
        RUN (office, ana, "member:add", "{'id':'%s','name':'Pia','opId':'%s'}", id, elsewhere),
        "ok");
    ASSERT_CODE (RUN (office, ana, "member:add", "{'id':'%s','name':'Eve','opId':'%s'}", id, zoe),
                 "conflict");
    ASSERT_CODE (RUN (office, ana, "member:add", "{'id':'%s','name':'Ana'}", ana), "conflict");
    g_assert_true (bureau_store_add_workspace (store, elsewhere, "Elsewhere", 1, NULL));
    g_assert_true (
        bureau_people_add (store, zoe, "Zoe", elsewhere, BUREAU_ROLE_OWNER, TRUE, 1, NULL));
    ASSERT_CODE (RUN (office, ana, "member:add", "{'id':'%s','name':'Zoe'}", zoe), "conflict");
    ASSERT_ROLE (office, zoe, NONE);
    g_assert_cmpuint (
        count_events (office, "workspace", office->owner->workspace_id, "member:joined"), ==, 1);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
#define ADD(path, function)                                                                        \
    g_test_add ("/members/" path, Office, NULL, office_set_up, function, office_tear_down)
    ADD ("who-may", test_who_may);
    ADD ("role-changes-are-told", test_role_changes_are_told);
    ADD ("last-owner-stays", test_last_owner_stays);
    ADD ("last-owner-race", test_last_owner_race);
    ADD ("removal", test_removal);
    ADD ("deactivation", test_deactivation);
    ADD ("lists-with-the-gone", test_lists_with_the_gone);
    ADD ("coming-back", test_coming_back);
    ADD ("placeholder", test_placeholder);
    ADD ("taken-ids", test_taken_ids);
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a client does when somebody changes what its person may: it says so, loses nothing that is
 * theirs, and goes on when it may again. */

#include "bureau-client-private.h"
#include "bureau-error.h"
#include "bureau-json.h"
#include "fixture.h"

static BureauClientState
get_state (Person *person)
{
    return bureau_client_get_state (person->client);
}

static void
set_role (Two *two, const char *role)
{
    json_object_unref (order (two->ana, BUREAU_COMMAND_MEMBER_SET_ROLE, "'id': '%s', 'role': '%s'",
                              two->ben->account->user_id, role));
}

static void
change_ben (Two *two, BureauCommandId command)
{
    json_object_unref (order (two->ana, command, "'id': '%s'", two->ben->account->user_id));
}

static void
assert_told (Person *person, guint n, const char *last)
{
    g_assert_cmpuint (person->access->len, ==, n);
    g_assert_cmpstr (person->access->pdata[n - 1], ==, last);
}

/* ------------------------------------------------------------------ roles */

static BureauRole
get_role (Person *of, Person *seen_by)
{
    return bureau_member_get_role (
        bureau_client_find_member (seen_by->client, of->account->user_id));
}

static void
test_role (Two *two, gconstpointer data)
{
    set_role (two, "manager");
    WAIT_UNTIL (two->ben->access->len == 1);
    assert_told (two->ben, 1, "role manager");
    g_assert_cmpint (bureau_member_get_role (bureau_client_get_self (two->ben->client)), ==,
                     BUREAU_ROLE_MANAGER);
    g_assert_cmpint (get_role (two->ben, two->ana), ==, BUREAU_ROLE_MANAGER);

    set_role (two, "guest");
    WAIT_UNTIL (two->ben->access->len == 2);
    assert_told (two->ben, 2, "role guest");
    g_assert_cmpuint (two->ana->access->len, ==, 0);
    g_assert_true (is_live (two->ben));
}

static void
test_role_while_away (Two *two, gconstpointer data)
{
    person_stop (two->ben);
    set_role (two, "manager");
    person_start_live (two->ben);
    assert_told (two->ben, 1, "role manager");
    g_assert_cmpint (get_role (two->ben, two->ben), ==, BUREAU_ROLE_MANAGER);

    /* Once. */
    person_stop (two->ben);
    person_start_live (two->ben);
    g_assert_cmpuint (two->ben->access->len, ==, 1);
}

/* ------------------------------------------------------------------ projects */

static void
set_members (Two *two, const char *project, const char *members)
{
    json_object_unref (order (two->ana, BUREAU_COMMAND_PROJECT_UPDATE,
                              "'id': '%s', 'memberIds': [%s]", project, members));
}

static char *
make_project (Two *two)
{
    char *id = give (two->ana, BUREAU_COMMAND_PROJECT_CREATE, "'name': 'Front desk'");

    WAIT_UNTIL (bureau_project_get_version (bureau_client_find_project (two->ana->client, id)) > 0);
    return id;
}

static void
test_project (Two *two, gconstpointer data)
{
    g_autofree char *project = make_project (two);
    g_autofree char *ben = g_strdup_printf ("'%s'", two->ben->account->user_id);

    set_members (two, project, ben);
    WAIT_UNTIL (two->ben->access->len == 1);
    assert_told (two->ben, 1, "project-gained Front desk");

    json_object_unref (
        order (two->ana, BUREAU_COMMAND_PROJECT_UPDATE, "'id': '%s', 'name': 'Desk'", project));
    set_members (two, project, "");
    WAIT_UNTIL (two->ben->access->len == 2);
    assert_told (two->ben, 2, "project-lost Desk");
    g_assert_null (bureau_client_find_project (two->ben->client, project));

    /* One's own are no news. */
    g_assert_cmpuint (two->ana->access->len, ==, 0);
    g_assert_true (is_live (two->ana));
}

/* Somebody makes one with me in it: its name comes after its room. */
static void
test_project_made_with_me (Two *two, gconstpointer data)
{
    g_free (give (two->ana, BUREAU_COMMAND_PROJECT_CREATE, "'name': 'Yard', 'memberIds': ['%s']",
                  two->ben->account->user_id));
    WAIT_UNTIL (two->ben->access->len == 1);
    assert_told (two->ben, 1, "project-gained Yard");
}

static void
test_project_while_away (Two *two, gconstpointer data)
{
    g_autofree char *project = make_project (two);
    g_autofree char *ben = g_strdup_printf ("'%s'", two->ben->account->user_id);

    person_stop (two->ben);
    set_members (two, project, ben);
    person_start_live (two->ben);
    assert_told (two->ben, 1, "project-gained Front desk");

    person_stop (two->ben);
    set_members (two, project, "");
    person_start_live (two->ben);
    assert_told (two->ben, 2, "project-lost Front desk");
}

/* What was written for a project that one is no longer in is refused, and said to be. */
static void
test_no_longer_permitted (Two *two, gconstpointer data)
{
    const char *project = get_first_project (two->ana);
    g_autofree char *token = NULL;
    g_autofree char *id = NULL;
    g_autofree char *ana = g_strdup_printf ("'%s'", two->ana->account->user_id);

    person_stop (two->ben);
    token = g_steal_pointer (&two->ben->refresh_token);
    person_start (two->ben);
    id = give_task (two->ben, "Too late");
    WAIT_UNTIL (bureau_client_get_waiting (two->ben->client) == 1);
    set_members (two, project, ana);

    bureau_client_sign_in (two->ben->client, token);
    WAIT_UNTIL (two->ben->refused->len == 1 && is_live (two->ben));
    g_assert_cmpstr (two->ben->refused->pdata[0], ==, "task:create not_found");
    assert_told (two->ben, 1, "project-lost First project");
    g_assert_null (get_task (two->ben, id));
    g_assert_cmpuint (bureau_client_get_waiting (two->ben->client), ==, 0);
}

/* ------------------------------------------------------------------ out of the office */

static void
assert_out (Person *person, const char *task)
{
    g_assert_cmpint (bureau_client_get_signed_out_reason (person->client), ==,
                     BUREAU_SIGNED_OUT_REMOVED);
    g_assert_nonnull (get_task (person, task));
    g_assert_nonnull (bureau_client_get_self (person->client));
    g_assert_cmpuint (g_list_model_get_n_items (bureau_client_get_members (person->client)), ==, 2);
}

static void
test_removed (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ana, "Still to be read");
    g_autofree char *draft = NULL;

    WAIT_UNTIL (is_settled (two->ana, id) && get_task (two->ben, id));
    change_ben (two, BUREAU_COMMAND_MEMBER_REMOVE);
    WAIT_UNTIL (get_state (two->ben) == BUREAU_CLIENT_SIGNED_OUT);
    assert_out (two->ben, id);
    g_assert_null (bureau_client_find_member (two->ana->client, two->ben->account->user_id));
    draft = give_task (two->ben, "Kept");
    WAIT_UNTIL (bureau_client_get_waiting (two->ben->client) == 1);

    /* Again the hub says so, and again nothing is lost. */
    person_stop (two->ben);
    person_start (two->ben);
    WAIT_UNTIL (get_state (two->ben) == BUREAU_CLIENT_SIGNED_OUT);
    assert_out (two->ben, id);
    g_assert_nonnull (get_task (two->ben, draft));
    g_assert_cmpuint (bureau_client_get_waiting (two->ben->client), ==, 1);
    g_assert_cmpuint (two->ben->refused->len, ==, 0);
}

static void
test_removed_while_away (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ana, "Still to be read");

    WAIT_UNTIL (is_settled (two->ana, id) && get_task (two->ben, id));
    person_stop (two->ben);
    change_ben (two, BUREAU_COMMAND_MEMBER_REMOVE);
    person_start (two->ben);
    WAIT_UNTIL (get_state (two->ben) == BUREAU_CLIENT_SIGNED_OUT);
    assert_out (two->ben, id);
}

/* Whoever is let in again goes on where they stopped, with the sign-in that they had. */
static void
test_deactivated (Two *two, gconstpointer data)
{
    g_autofree char *id = give_task (two->ana, "Still to be read");
    g_autofree char *draft = NULL;

    WAIT_UNTIL (is_settled (two->ana, id) && get_task (two->ben, id));
    change_ben (two, BUREAU_COMMAND_MEMBER_DEACTIVATE);
    WAIT_UNTIL (get_state (two->ben) == BUREAU_CLIENT_SIGNED_OUT);
    assert_out (two->ben, id);
    g_assert_false (bureau_member_get_active (
        bureau_client_find_member (two->ana->client, two->ben->account->user_id)));
    draft = give_task (two->ben, "Meanwhile");

    change_ben (two, BUREAU_COMMAND_MEMBER_REACTIVATE);
    bureau_client_reconnect (two->ben->client);
    WAIT_UNTIL (is_live (two->ben) && is_settled (two->ben, draft) && get_task (two->ana, draft));
    g_assert_cmpint (bureau_client_get_signed_out_reason (two->ben->client), ==,
                     BUREAU_SIGNED_OUT_NOT);
}

/* ------------------------------------------------------------------ renewal */

static void
on_state_cb (BureauClient *client, GParamSpec *pspec, guint *changes)
{
    (*changes)++;
}

static gboolean
has_token (Person *person, const char *not_this)
{
    return g_strcmp0 (person->refresh_token, not_this) != 0;
}

/* On the connection that there is, which stays. */
static void
test_renewal (Two *two, gconstpointer data)
{
    guint changes = 0;

    g_signal_connect (two->ben->client, "notify::state", G_CALLBACK (on_state_cb), &changes);
    for (guint i = 0; i < 3; i++) {
        g_autofree char *token = g_strdup (two->ben->refresh_token);

        bureau_credentials_renew (two->ben->client->credentials);
        WAIT_UNTIL (has_token (two->ben, token));
    }
    g_assert_cmpuint (changes, ==, 0);
    g_assert_true (is_live (two->ben));
    g_signal_handlers_disconnect_by_data (two->ben->client, &changes);
    person_stop (two->ben);
    person_start_live (two->ben);
}

/* The keyring kept the one before the last: it still counts, at the price of a short wait. */
static void
test_lost_token (Two *two, gconstpointer data)
{
    g_autofree char *token = g_strdup (two->ben->refresh_token);

    bureau_credentials_renew (two->ben->client->credentials);
    WAIT_UNTIL (has_token (two->ben, token));
    person_stop (two->ben);
    g_free (two->ben->refresh_token);
    two->ben->refresh_token = g_steal_pointer (&token);
    person_start_live (two->ben);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(name, function)                                                                        \
    g_test_add ("/access/" name, Two, NULL, two_set_up, function, two_tear_down)
    ADD ("role", test_role);
    ADD ("role-while-away", test_role_while_away);
    ADD ("project", test_project);
    ADD ("project-made-with-me", test_project_made_with_me);
    ADD ("project-while-away", test_project_while_away);
    ADD ("no-longer-permitted", test_no_longer_permitted);
    ADD ("removed", test_removed);
    ADD ("removed-while-away", test_removed_while_away);
    ADD ("deactivated", test_deactivated);
    ADD ("renewal", test_renewal);
    ADD ("lost-token", test_lost_token);
#undef ADD

    return g_test_run ();
}

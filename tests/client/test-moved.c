/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* An office moves: another machine takes it over, and its people find it there; or its hub is gone,
 * and it is made anew from what its owner's computer has of it. */

#include "fixture.h"

#include <glib/gstdio.h>

#include "bureau-doctor.h"
#include "bureau-hand-over.h"
#include "bureau-hub-id.h"
#include "bureau-json.h"
#include "bureau-rescue.h"
#include "test-avahi.h"

/* ------------------------------------------------------------------ what Avahi says */

/* Whoever has just begun to browse, and where the office's people hear of it. (transfer full) */
static char *
await_browser (TestAvahi *avahi)
{
    WAIT_UNTIL (test_avahi_was_called (avahi, "/ Server2.ServiceBrowserPrepare"));
    return g_strdup_printf ("/made/browser%u", avahi->n_made);
}

/* A TXT record (floating). */
static GVariant *
make_text (const char *pin)
{
    g_autofree char *id = bureau_hub_id_new (pin);

    return bureau_hub_id_to_text (id);
}

/* Says that a hub with @pin is at this machine's address on the network. */
static void
announce (TestAvahi *avahi, const char *browser, const char *name, const char *pin,
          const char *host, guint16 port)
{
    g_autofree char *resolver = NULL;
    g_autofree char *start = NULL;

    g_ptr_array_set_size (avahi->calls, 0);
    test_avahi_emit (
        avahi, browser, "ServiceBrowser", "ItemNew",
        g_variant_new ("(iisssu)", 2, 0, name, BUREAU_SERVICE_TYPE, BUREAU_SERVICE_DOMAIN, 0));
    WAIT_UNTIL (test_avahi_was_called (avahi, "/ Server2.ServiceResolverPrepare"));
    resolver = g_strdup_printf ("/made/resolver%u", avahi->n_made);
    start = g_strconcat (resolver, " ServiceResolver.Start", NULL);
    WAIT_UNTIL (test_avahi_was_called (avahi, start));
    test_avahi_emit (avahi, resolver, "ServiceResolver", "Found",
                     g_variant_new ("(iissssisq@aayu)", 2, 0, name, BUREAU_SERVICE_TYPE,
                                    BUREAU_SERVICE_DOMAIN, "host.local", 0, host, port,
                                    make_text (pin), 0));
}

/* ------------------------------------------------------------------ another machine */

static void
share (Office *office)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;

    bureau_hub_share_async (office->hub, TRUE, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    bureau_hub_share_finish (office->hub, result, &error);
    g_assert_no_error (error);
}

static guint16
get_port (Office *office)
{
    g_autoptr (GUri) uri = g_uri_parse (bureau_hub_get_uris (office->hub)[0], G_URI_FLAGS_NONE,
                                        NULL);

    return (guint16) g_uri_get_port (uri);
}

/* From another machine: by TLS, and the hub known by its key. */
static void
be_elsewhere (Person *person, Office *office)
{
    person_stop (person);
    g_free (person->account->base_uri);
    person->account->base_uri = g_strdup_printf ("https://127.0.0.1:%u", get_port (office));
    g_free (person->account->pin);
    person->account->pin = g_strdup (bureau_hub_get_pin (office->hub));
    person_start_live (person);
}

/* It is served on another port from then on. */
static void
move (Office *office)
{
    g_autofree char *package = g_strconcat (office->directory, ".package", NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) packed = bureau_hand_over (office->directory, package, 1, NULL, &error);
    g_autoptr (JsonObject) taken = NULL;
    char *directory = directory_new ();

    g_assert_no_error (error);
    taken = bureau_take_over (directory, package, 1, &error);
    g_assert_no_error (error);
    g_unlink (package);
    directory_free (office->directory);
    office->directory = directory;
    g_clear_pointer (&office->listen, g_free);
    g_clear_pointer (&office->base_uri, g_free);
    office_start (office);
}

static void
on_moved_cb (BureauClient *client, const char *base_uri, char **moved)
{
    g_free (*moved);
    *moved = g_strdup (base_uri);
}

/* Ben finds the office at the other machine by its key, whoever else says to be it, and what he did
 * meanwhile goes there. */
static void
test_found (Two *two, gconstpointer data)
{
    TestAvahi *avahi = test_avahi_new ();
    g_autofree char *browser = NULL;
    g_autofree char *pin = NULL;
    g_autofree char *moved = NULL;
    g_autofree char *address = NULL;
    g_autofree char *there = NULL;
    g_autofree char *written = NULL;
    g_autoptr (GUri) uri = NULL;

    if (avahi == NULL)
        return;
    share (two->office);
    address = bureau_hub_get_address (two->office->hub);
    if (address == NULL) {
        g_test_skip ("This machine is on no network.");
        test_avahi_free (avahi);
        return;
    }
    pin = g_strdup (bureau_hub_get_pin (two->office->hub));
    be_elsewhere (two->ben, two->office);
    g_signal_connect (two->ben->client, "moved", G_CALLBACK (on_moved_cb), &moved);

    person_stop (two->ana);
    office_stop (two->office);
    WAIT_UNTIL (!is_live (two->ben));
    written = give_task (two->ben, "Written meanwhile");
    move (two->office);
    share (two->office);
    test_avahi_appear (avahi);
    browser = await_browser (avahi);
    WAIT_UNTIL (test_avahi_was_called (avahi, "/ Server.EntryGroupNew"));

    g_free (address);
    address = bureau_hub_get_address (two->office->hub);
    there = g_strconcat ("https://", address, NULL);
    uri = g_uri_parse (there, G_URI_FLAGS_NONE, NULL);
    announce (avahi, browser, "Bureau first", pin, g_uri_get_host (uri), 9); /* nobody answers */
    announce (avahi, browser, "Bureau second", pin, g_uri_get_host (uri), get_port (two->office));
    WAIT_UNTIL (g_strcmp0 (moved, there) == 0);
    WAIT_UNTIL (is_live (two->ben) && is_settled (two->ben, written));
    g_assert_cmpstr (bureau_client_get_account (two->ben->client)->base_uri, ==, there);
    g_assert_cmpuint (two->ben->refused->len, ==, 0);
    test_avahi_free (avahi);
}

/* ------------------------------------------------------------------ from a replica */

static JsonObject *
rescue (Office *office, Person *person, GError **error)
{
    g_autofree char *name = g_strconcat (person->account->user_id, ".replica", NULL);
    g_autofree char *replica = g_build_filename (person->directory, name, NULL);
    g_autofree char *user_id = NULL;
    char *directory = directory_new ();
    JsonObject *about = bureau_rescue (directory, replica, 1, &user_id, error);

    if (about == NULL) {
        directory_free (directory);
        return NULL;
    }
    g_assert_cmpstr (user_id, ==, person->account->user_id);
    directory_free (office->directory);
    office->directory = directory;
    return about;
}

/* As the owner's machine does it. */
static void
sign_in (Person *person, Office *office)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubOwner) owner = NULL;

    bureau_hub_sign_in_async (office->directory, person->account->user_id, "Desk", NULL,
                              keep_result, &result);
    WAIT_UNTIL (result != NULL);
    owner = bureau_hub_sign_in_finish (result, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (owner->user_id, ==, person->account->user_id);
    g_free (person->refresh_token);
    person->refresh_token = g_strdup (owner->refresh_token);
}

/* An invitation to be who he was. */
static void
join_again (Person *host, Person *person)
{
    g_autoptr (JsonObject) answer = order (host, BUREAU_COMMAND_MEMBER_INVITE, "'memberId': '%s'",
                                           person->account->user_id);
    JsonObject *invited = bureau_json_get_object (answer, "invitation");
    g_autoptr (BureauInvitation) invitation = bureau_invitation_parse_link (
        bureau_json_get_string (invited, "link"), NULL);
    g_autoptr (BureauOffer) offer = get_offer (invitation, NULL);
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    BureauAccount *account;

    bureau_account_join_async (offer, "Ben", NULL, "Laptop", NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    g_clear_pointer (&person->refresh_token, g_free);
    account = bureau_account_join_finish (result, &person->refresh_token, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (account->user_id, ==, person->account->user_id);
    g_assert_cmpstr (account->workspace_id, ==, person->account->workspace_id);
    bureau_account_free (person->account);
    person->account = account;
}

static char *
describe_task (Person *person, const char *id)
{
    g_autoptr (JsonObject) json = bureau_task_to_json (get_task (person, id));

    return bureau_json_object_to_string (json);
}

static void
find_nothing (const char *what, gboolean good, const char *text, gpointer data)
{
    g_test_message ("%s: %s", what, text);
}

/* All that Ana's computer has is there again, by its ids; Ben joins anew as who he was, and what
 * waited on his computer goes to the new office. */
static void
test_rescued (Two *two, gconstpointer data)
{
    g_autofree char *assigned = NULL;
    g_autofree char *deleted = NULL;
    g_autofree char *waiting = NULL;
    g_autofree char *after = NULL;
    g_autofree char *before = NULL;
    g_autofree char *now = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) about = NULL;
    guint n_tasks;

    assigned = give (two->ben, BUREAU_COMMAND_TASK_CREATE,
                     "'projectId': '%s', 'title': 'Tune the piano', 'description': 'Both',"
                     " 'assigneeIds': ['%s']",
                     get_first_project (two->ben), two->ana->account->user_id);
    g_free (give (two->ben, BUREAU_COMMAND_TIMER_START, "'taskId': '%s', 'projectId': '%s'",
                  assigned, get_first_project (two->ben)));
    deleted = give_task (two->ana, "Deleted");
    g_free (give (two->ana, BUREAU_COMMAND_TASK_DELETE, "'id': '%s'", deleted));
    WAIT_UNTIL (is_settled (two->ben, assigned) && get_task (two->ana, assigned));
    WAIT_UNTIL (bureau_client_find_timer (two->ana->client, two->ben->account->user_id) != NULL &&
                bureau_client_get_waiting (two->ana->client) == 0);
    n_tasks = g_list_model_get_n_items (bureau_client_get_tasks (two->ana->client));
    before = describe_task (two->ana, assigned);
    person_stop (two->ana);
    office_stop (two->office);
    WAIT_UNTIL (!is_live (two->ben));
    waiting = give_task (two->ben, "Written meanwhile");
    person_stop (two->ben);

    g_assert_null (rescue (two->office, two->ben, &error)); /* no owner */
    g_assert_nonnull (error);
    g_clear_error (&error);
    about = rescue (two->office, two->ana, &error);
    g_assert_no_error (error);
    g_assert_cmpint (bureau_json_get_int (about, "people", 0), ==, 2);
    g_assert_true (bureau_doctor_examine (two->office->directory, g_get_real_time () / 1000,
                                          find_nothing, NULL));
    sign_in (two->ana, two->office);
    office_start (two->office);
    person_start_live (two->ana);
    now = describe_task (two->ana, assigned);
    g_assert_cmpstr (now, ==, before);
    g_assert_cmpuint (g_list_model_get_n_items (bureau_client_get_tasks (two->ana->client)), ==,
                      n_tasks);
    g_assert_nonnull (bureau_client_find_timer (two->ana->client, two->ben->account->user_id));

    join_again (two->ana, two->ben);
    person_start_live (two->ben);
    WAIT_UNTIL (is_settled (two->ben, waiting) && get_task (two->ana, waiting));
    after = give_task (two->ana, "Afterwards");
    WAIT_UNTIL (is_settled (two->ana, after) && get_task (two->ben, after));
    g_assert_cmpuint (two->ana->refused->len + two->ben->refused->len, ==, 0);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

    g_test_add ("/moved/found", Two, NULL, two_set_up, test_found, two_tear_down);
    g_test_add ("/moved/rescued", Two, NULL, two_set_up, test_rescued, two_tear_down);

    return g_test_run ();
}

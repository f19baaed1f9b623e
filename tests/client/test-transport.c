/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The ladder (sync.md, Reconnect): a client behind a proxy that lets this or that through, goes on
 * in whatever way is left, and gets back to the best. */

#include "fixture.h"
#include "proxy.h"
#include "test-clock.h"

/* What one does reaches the other, both ways. */
static void
assert_works (Person *ana, Person *ben)
{
    g_autofree char *hers = give_task (ana, "hers");
    g_autofree char *his = give_task (ben, "his");

    WAIT_UNTIL (is_settled (ana, hers) && get_task (ben, hers));
    /* By REST she hears of it in ten seconds, or when she asks. */
    bureau_client_reconnect (ana->client);
    WAIT_UNTIL (get_task (ana, his));
    g_assert_cmpuint (ana->refused->len, ==, 0);
}

static BureauTransport
get_transport (Person *person)
{
    return bureau_client_get_transport (person->client);
}

static gboolean
is_live_by (Person *person, BureauTransport transport)
{
    return is_live (person) && get_transport (person) == transport;
}

/* Ana behind a proxy, not started, and Ben, live; for g_test_add(). */
typedef struct {
    Office *office;
    Proxy *proxy;
    Person *ana, *ben;
} Ladder;

static void
set_up (Ladder *ladder, gconstpointer data)
{
    ladder->office = office_new ();
    ladder->proxy = proxy_new (ladder->office->base_uri, PROXY_ALL, GPOINTER_TO_INT (data));
    ladder->ana = person_new_owner (ladder->office);
    person_start_live (ladder->ana);
    g_assert_cmpint (get_transport (ladder->ana), ==, BUREAU_TRANSPORT_WEBSOCKET);
    ladder->ben = person_new_invited (ladder->ana, "Ben");
    person_stop (ladder->ana);
    person_start_live (ladder->ben);
    g_free (ladder->ana->account->base_uri);
    ladder->ana->account->base_uri = g_strdup (ladder->proxy->uri);
}

static void
tear_down (Ladder *ladder, gconstpointer data)
{
    person_free (ladder->ana);
    person_free (ladder->ben);
    proxy_free (ladder->proxy);
    office_free (ladder->office);
}

static void
test_without_websocket (Ladder *ladder, gconstpointer data)
{
    Proxy *proxy = ladder->proxy;
    Person *ana = ladder->ana;

    /* No WebSocket: it polls, and that works. */
    proxy_let (proxy, PROXY_ALL & ~PROXY_WEBSOCKET);
    person_start_live (ana);
    g_assert_cmpint (get_transport (ana), ==, BUREAU_TRANSPORT_POLLING);
    g_assert_cmpuint (proxy->upgrades, ==, 1);
    assert_works (ana, ladder->ben);

    /* It tries again when asked to; in vain makes no difference. */
    WAIT_UNTIL (proxy->upgrades == 2);
    assert_works (ana, ladder->ben);
    g_assert_true (is_live_by (ana, BUREAU_TRANSPORT_POLLING));

    /* The way is free: it changes over without a break. */
    proxy->pass = PROXY_ALL;
    bureau_client_reconnect (ana->client);
    WAIT_UNTIL (get_transport (ana) == BUREAU_TRANSPORT_WEBSOCKET);
    g_assert_true (is_live (ana));
    assert_works (ana, ladder->ben);

    /* And is barred again. */
    proxy_let (proxy, PROXY_ALL & ~PROXY_WEBSOCKET);
    WAIT_UNTIL (!is_live (ana));
    WAIT_UNTIL (is_live_by (ana, BUREAU_TRANSPORT_POLLING));
    assert_works (ana, ladder->ben);

    /* When all is lost, the next connection rises by itself. */
    proxy_let (proxy, PROXY_NOTHING);
    WAIT_UNTIL (!is_live (ana));
    proxy->pass = PROXY_ALL;
    WAIT_UNTIL (is_live_by (ana, BUREAU_TRANSPORT_WEBSOCKET));
    assert_works (ana, ladder->ben);
}

/* Nothing but what any web page does comes through. */
static void
test_down_to_rest (Ladder *ladder, gconstpointer data)
{
    Proxy *proxy = ladder->proxy;
    Person *ana = ladder->ana;
    BureauMember *ben;

    person_start_live (ana);
    ben = bureau_client_find_member (ana->client, ladder->ben->account->user_id);
    WAIT_UNTIL (bureau_member_get_presence (ben) == BUREAU_PRESENCE_ONLINE);
    proxy_let (proxy, PROXY_REST);
    WAIT_UNTIL (!is_live (ana));
    WAIT_UNTIL (is_live_by (ana, BUREAU_TRANSPORT_REST));
    g_assert_cmpint (bureau_member_get_presence (ben), ==, BUREAU_PRESENCE_OFFLINE);
    assert_works (ana, ladder->ben);
    assert_works (ana, ladder->ben);

    /* It tries for something better all the while, and takes what there is. */
    proxy->pass = PROXY_REST | PROXY_POLLING;
    bureau_client_reconnect (ana->client);
    WAIT_UNTIL (is_live_by (ana, BUREAU_TRANSPORT_POLLING));
    WAIT_UNTIL (bureau_member_get_presence (ben) == BUREAU_PRESENCE_ONLINE);
    assert_works (ana, ladder->ben);
    proxy->pass = PROXY_ALL;
    bureau_client_reconnect (ana->client);
    WAIT_UNTIL (is_live_by (ana, BUREAU_TRANSPORT_WEBSOCKET));
    assert_works (ana, ladder->ben);
}

/* ------------------------------------------------------------------ by REST alone */

/* Ben behind a proxy of his own, through which nothing live comes. */
static Proxy *
confine_ben (Ladder *ladder)
{
    Proxy *proxy = proxy_new (ladder->office->base_uri, PROXY_REST, PROXY_REFUSES);

    person_stop (ladder->ben);
    g_free (ladder->ben->account->base_uri);
    ladder->ben->account->base_uri = g_strdup (proxy->uri);
    person_start_live (ladder->ben);
    g_assert_cmpint (get_transport (ladder->ben), ==, BUREAU_TRANSPORT_REST);
    person_start_live (ladder->ana);
    return proxy;
}

static void
test_token_expires (Ladder *ladder, gconstpointer data)
{
    Proxy *proxy = confine_ben (ladder);
    g_autofree char *before = g_strdup (ladder->ben->refresh_token);

    /* Half an hour: an access token is good for ten minutes. */
    test_clock_skip (30 * 60 * 1000);
    WAIT_UNTIL (g_strcmp0 (ladder->ben->refresh_token, before) != 0);
    WAIT_UNTIL (is_live (ladder->ana));
    assert_works (ladder->ben, ladder->ana);
    g_assert_true (is_live_by (ladder->ben, BUREAU_TRANSPORT_REST));
    proxy_free (proxy);
}

static gboolean
has_access (Person *person, const char *change)
{
    return g_ptr_array_find_with_equal_func (person->access, change, g_str_equal, NULL);
}

static void
change_ben (Ladder *ladder, BureauCommandId command, const char *members)
{
    json_object_unref (
        order (ladder->ana, command, "'id': '%s'%s", ladder->ben->account->user_id, members));
    bureau_client_reconnect (ladder->ben->client);
}

/* What Ben may see and do changes, and in the end there is nothing left. */
static void
test_membership (Ladder *ladder, gconstpointer data)
{
    Proxy *proxy = confine_ben (ladder);
    Person *ben = ladder->ben;
    g_autofree char *task = give_task (ladder->ana, "Still to be read");
    g_autofree char *project = give (ladder->ana, BUREAU_COMMAND_PROJECT_CREATE,
                                     "'name': 'Second', 'memberIds': ['%s']",
                                     ben->account->user_id);
    g_autofree char *secret = give (ladder->ana, BUREAU_COMMAND_TASK_CREATE,
                                    "'projectId': '%s', 'title': 'Secret'", project);
    g_autofree char *draft = NULL;

    WAIT_UNTIL (is_settled (ladder->ana, secret));
    bureau_client_reconnect (ben->client);
    WAIT_UNTIL (has_access (ben, "project-gained Second") && get_task (ben, secret));
    g_free (
        give (ladder->ana, BUREAU_COMMAND_PROJECT_UPDATE, "'id': '%s', 'memberIds': []", project));
    WAIT_UNTIL (bureau_client_get_waiting (ladder->ana->client) == 0);
    bureau_client_reconnect (ben->client);
    WAIT_UNTIL (has_access (ben, "project-lost Second"));
    g_assert_null (get_task (ben, secret));

    change_ben (ladder, BUREAU_COMMAND_MEMBER_SET_ROLE, ", 'role': 'manager'");
    WAIT_UNTIL (has_access (ben, "role manager") && get_task (ben, secret));
    g_assert_true (is_live_by (ben, BUREAU_TRANSPORT_REST));

    change_ben (ladder, BUREAU_COMMAND_MEMBER_REMOVE, "");
    WAIT_UNTIL (bureau_client_get_state (ben->client) == BUREAU_CLIENT_SIGNED_OUT);
    g_assert_cmpint (bureau_client_get_signed_out_reason (ben->client), ==,
                     BUREAU_SIGNED_OUT_REMOVED);
    g_assert_nonnull (get_task (ben, task));
    draft = give_task (ben, "Kept");
    WAIT_UNTIL (bureau_client_get_waiting (ben->client) == 1);
    g_assert_cmpuint (ben->refused->len, ==, 0);
    proxy_free (proxy);
}

/* ------------------------------------------------------------------ waiting */

/* In ms, as of now; skips it. */
static gint64
skip_wait (Person *person)
{
    gint64 next = 0, wait;

    WAIT_UNTIL ((next = bureau_client_get_next_attempt (person->client)) > 0);
    wait = (next - g_get_monotonic_time ()) / 1000 + 1;
    test_clock_skip (wait);
    WAIT_UNTIL (bureau_client_get_next_attempt (person->client) == 0);
    return wait;
}

/* Whoever takes the connection and says nothing costs ten seconds, each way. */
static void
test_silent (Ladder *ladder, gconstpointer data)
{
    Person *ana = ladder->ana;
    guint before;

    person_start_live (ana);
    proxy_let (ladder->proxy, PROXY_NOTHING);
    before = ladder->proxy->connections;
    WAIT_UNTIL (!is_live (ana));
    skip_wait (ana);
    for (guint way = 1; way <= 3; way++) {
        WAIT_UNTIL (ladder->proxy->connections == before + way);
        g_assert_cmpint (bureau_client_get_next_attempt (ana->client), ==, 0);
        test_clock_skip (10000);
    }
    WAIT_UNTIL (bureau_client_get_next_attempt (ana->client) > 0);
    ladder->proxy->pass = PROXY_ALL;
    skip_wait (ana);
    WAIT_UNTIL (is_live (ana));
}

/* A hub that lets one in each time, and then is gone, is not asked over and over; one that stays
 * for a while is believed again. */
static void
test_back_off (Ladder *ladder, gconstpointer data)
{
    Person *ana = ladder->ana;

    ladder->proxy->pass = PROXY_WEBSOCKET;
    person_start_live (ana);
    for (guint i = 0; i < 7; i++) {
        gint64 wait = i < 5 ? 1000 << i : 30000;
        gint64 waited;

        proxy_drop (ladder->proxy);
        WAIT_UNTIL (!is_live (ana));
        g_assert_cmpint (bureau_client_get_state (ana->client), ==,
                         i < 5 ? BUREAU_CLIENT_CONNECTING : BUREAU_CLIENT_OFFLINE);
        waited = skip_wait (ana);
        g_assert_cmpint (waited, >, wait * 3 / 4 - 700);
        g_assert_cmpint (waited, <=, wait * 5 / 4 + 1);
        WAIT_UNTIL (is_live (ana));
    }
    test_clock_skip (15000);
    while (g_main_context_iteration (NULL, FALSE))
        ;
    proxy_drop (ladder->proxy);
    WAIT_UNTIL (!is_live (ana));
    g_assert_cmpint (skip_wait (ana), <=, 1251);
    WAIT_UNTIL (is_live (ana));
}

static void
cut (Ladder *ladder, BureauTransport transport)
{
    WAIT_UNTIL (is_live_by (ladder->ana, transport));
    /* Between two polls there is nothing to cut. */
    WAIT_UNTIL ((proxy_drop (ladder->proxy), !is_live (ladder->ana)));
    skip_wait (ladder->ana);
}

/* What is live comes about, but does not last: then it is better to ask. It is tried again some
 * time. */
static void
test_cut_again (Ladder *ladder, gconstpointer data)
{
    g_autofree char *task = NULL;

    person_start_live (ladder->ana);
    for (guint i = 0; i < 3; i++)
        cut (ladder, BUREAU_TRANSPORT_WEBSOCKET);
    cut (ladder, BUREAU_TRANSPORT_POLLING);
    WAIT_UNTIL (is_live_by (ladder->ana, BUREAU_TRANSPORT_REST));
    task = give_task (ladder->ana, "Asked for");
    WAIT_UNTIL (is_settled (ladder->ana, task));
    g_assert_true (is_live_by (ladder->ana, BUREAU_TRANSPORT_REST));
    test_clock_skip (80000);
    WAIT_UNTIL (is_live_by (ladder->ana, BUREAU_TRANSPORT_WEBSOCKET));
}

static void
add (const char *path, ProxyManner manner, void (*test) (Ladder *, gconstpointer))
{
    g_test_add (path, Ladder, GINT_TO_POINTER (manner), set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    add ("/transport/no-websocket/cut", PROXY_CUTS, test_without_websocket);
    add ("/transport/no-websocket/refused", PROXY_REFUSES, test_without_websocket);
    add ("/transport/rest/cut", PROXY_CUTS, test_down_to_rest);
    add ("/transport/rest/refused", PROXY_REFUSES, test_down_to_rest);
    add ("/transport/rest/token-expires", PROXY_REFUSES, test_token_expires);
    add ("/transport/rest/membership", PROXY_REFUSES, test_membership);
    add ("/transport/silent", PROXY_SILENT, test_silent);
    add ("/transport/back-off", PROXY_CUTS, test_back_off);
    add ("/transport/cut-again", PROXY_CUTS, test_cut_again);
    return g_test_run ();
}

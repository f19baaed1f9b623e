/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The ladder (sync.md, Reconnect): a client behind a proxy that lets this or that through, goes on
 * in whatever way is left, and gets back to the best. */

#include "fixture.h"
#include "proxy.h"

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
    return g_test_run ();
}

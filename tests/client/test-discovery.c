/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-discovery.h"

#include "test-avahi.h"
#include "test-wait.h"

#define ID  "e3b0c44298fc1c14"
#define PIN "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"

#define BROWSER "/made/browser1"
#define IPV4    0
#define IPV6    1

/* A discovery that browses. */
typedef struct {
    TestAvahi *avahi;
    BureauDiscovery *discovery;
} Fixture;

static gboolean
set_up (Fixture *fixture)
{
    fixture->avahi = test_avahi_new ();
    if (fixture->avahi == NULL)
        return FALSE;
    test_avahi_appear (fixture->avahi);
    fixture->discovery = bureau_discovery_new ();
    bureau_discovery_start (fixture->discovery);
    WAIT_UNTIL (bureau_discovery_get_state (fixture->discovery) == BUREAU_DISCOVERY_BROWSING);
    return TRUE;
}

static void
tear_down (Fixture *fixture)
{
    g_assert_finalize_object (fixture->discovery);
    test_avahi_free (fixture->avahi);
}

static guint
count (BureauDiscovery *discovery)
{
    return g_list_model_get_n_items (G_LIST_MODEL (discovery));
}

/* (transfer none) */
static BureauFoundHub *
get_hub (BureauDiscovery *discovery, guint index)
{
    g_autoptr (BureauFoundHub) hub = g_list_model_get_item (G_LIST_MODEL (discovery), index);

    return hub;
}

static const char *
get_address (BureauDiscovery *discovery)
{
    return count (discovery) == 1 ? bureau_found_hub_get_address (get_hub (discovery, 0)) : NULL;
}

/* ------------------------------------------------------------------ what Avahi says */

static void
say_item (Fixture *fixture, const char *signal, int interface, int protocol, const char *name)
{
    test_avahi_emit (
        fixture->avahi, BROWSER, "ServiceBrowser", signal,
        g_variant_new ("(iisssu)", interface, protocol, name, "_bureau._tcp", "local", 0));
}

/* A TXT record of two strings (floating). */
static GVariant *
make_text (const char *first, const char *second)
{
    GVariantBuilder builder;

    g_variant_builder_init (&builder, G_VARIANT_TYPE ("aay"));
    g_variant_builder_add_value (
        &builder, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, first, strlen (first), 1));
    g_variant_builder_add_value (
        &builder, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, second, strlen (second), 1));
    return g_variant_builder_end (&builder);
}

static void
say_found (Fixture *fixture, const char *resolver, const char *id, const char *address,
           guint16 port)
{
    g_autofree char *said = g_strconcat ("id=", id, NULL);

    test_avahi_emit (fixture->avahi, resolver, "ServiceResolver", "Found",
                     g_variant_new ("(iissssisq@aayu)", 2, 0, "Bureau", "_bureau._tcp", "local",
                                    "host.local", 0, address, port, make_text ("v=1", said), 0));
}

/* Says that there is a service, and returns the path of who is to find where. (transfer full) */
static char *
add_item (Fixture *fixture, int interface, int protocol, const char *name)
{
    g_autofree char *call = g_strdup_printf (
        "/ Server2.ServiceResolverPrepare (%d, %d, '%s', '_bureau._tcp', 'local', %d, 0)",
        interface, protocol, name, protocol);
    g_autofree char *start = NULL;
    char *path;

    g_ptr_array_set_size (fixture->avahi->calls, 0);
    say_item (fixture, "ItemNew", interface, protocol, name);
    WAIT_UNTIL (test_avahi_was_called (fixture->avahi, call));
    path = g_strdup_printf ("/made/resolver%u", fixture->avahi->n_made);
    start = g_strconcat (path, " ServiceResolver.Start", NULL);
    WAIT_UNTIL (test_avahi_was_called (fixture->avahi, start));
    return path;
}

/* What was said before has been heard: a hub that is said last is there. */
static void
settle (Fixture *fixture)
{
    guint before = count (fixture->discovery);
    g_autofree char *path = add_item (fixture, 99, IPV4, "last");

    say_found (fixture, path, "ffffffffffffffff", "192.0.2.99", 99);
    WAIT_UNTIL (count (fixture->discovery) == before + 1);
    say_item (fixture, "ItemRemove", 99, IPV4, "last");
    WAIT_UNTIL (count (fixture->discovery) == before);
}

/* ------------------------------------------------------------------ whether there is an Avahi */

static void
test_no_bus (void)
{
    g_autoptr (BureauDiscovery) discovery = bureau_discovery_new ();

    g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
    g_assert_cmpint (bureau_discovery_get_state (discovery), ==, BUREAU_DISCOVERY_STARTING);
    bureau_discovery_start (discovery);
    WAIT_UNTIL (bureau_discovery_get_state (discovery) == BUREAU_DISCOVERY_UNAVAILABLE);
    g_assert_cmpuint (count (discovery), ==, 0);
    bureau_discovery_stop (discovery);
    g_assert_cmpint (bureau_discovery_get_state (discovery), ==, BUREAU_DISCOVERY_STARTING);
}

/* Who goes while it is still connecting, leaves nothing behind. */
static void
test_stop_early (void)
{
    TestAvahi *avahi = test_avahi_new ();

    if (avahi == NULL)
        return;
    test_avahi_appear (avahi);
    for (guint turns = 0; turns < 30; turns++) {
        BureauDiscovery *discovery = bureau_discovery_new ();

        bureau_discovery_start (discovery);
        for (guint i = 0; i < turns; i++)
            g_main_context_iteration (NULL, FALSE);
        g_assert_finalize_object (discovery);
    }
    test_avahi_free (avahi);
}

static void
test_daemon_comes_and_goes (void)
{
    Fixture fixture = { test_avahi_new (), bureau_discovery_new () };
    g_autofree char *path = NULL;

    if (fixture.avahi == NULL)
        return;
    bureau_discovery_start (fixture.discovery);
    WAIT_UNTIL (bureau_discovery_get_state (fixture.discovery) == BUREAU_DISCOVERY_UNAVAILABLE);

    test_avahi_appear (fixture.avahi);
    WAIT_UNTIL (bureau_discovery_get_state (fixture.discovery) == BUREAU_DISCOVERY_BROWSING);
    g_assert_true (test_avahi_was_called (fixture.avahi, "/ Server2.ServiceBrowserPrepare "
                                                         "(-1, -1, '_bureau._tcp', 'local', 0)"));
    path = add_item (&fixture, 2, IPV4, "Bureau");
    say_found (&fixture, path, ID, "192.0.2.7", 28732);
    WAIT_UNTIL (count (fixture.discovery) == 1);

    test_avahi_vanish (fixture.avahi);
    WAIT_UNTIL (bureau_discovery_get_state (fixture.discovery) == BUREAU_DISCOVERY_UNAVAILABLE);
    g_assert_cmpuint (count (fixture.discovery), ==, 0);

    fixture.avahi->n_made = 0;
    test_avahi_appear (fixture.avahi);
    WAIT_UNTIL (bureau_discovery_get_state (fixture.discovery) == BUREAU_DISCOVERY_BROWSING);
    settle (&fixture);
    tear_down (&fixture);
}

/* ------------------------------------------------------------------ what is found */

static void
test_found (void)
{
    Fixture fixture;
    g_autofree char *path = NULL;
    BureauFoundHub *hub;

    if (!set_up (&fixture))
        return;
    path = add_item (&fixture, 2, IPV4, "Bureau e3b0-c442");
    say_found (&fixture, path, ID, "192.0.2.7", 28732);
    WAIT_UNTIL (count (fixture.discovery) == 1);
    hub = get_hub (fixture.discovery, 0);
    g_assert_cmpstr (bureau_found_hub_get_id (hub), ==, ID);
    g_assert_cmpstr (bureau_found_hub_get_name (hub), ==, "Bureau e3b0-c442");
    g_assert_cmpstr (bureau_found_hub_get_host (hub), ==, "192.0.2.7");
    g_assert_cmpstr (bureau_found_hub_get_address (hub), ==, "192.0.2.7:28732");
    g_assert_true (bureau_discovery_match (hub, PIN));
    g_assert_false (bureau_discovery_match (hub, "57DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"));
    g_assert_false (bureau_discovery_match (hub, ""));

    say_item (&fixture, "ItemRemove", 2, IPV4, "Bureau e3b0-c442");
    WAIT_UNTIL (count (fixture.discovery) == 0);
    WAIT_UNTIL (test_avahi_was_called (fixture.avahi, "/made/resolver2 ServiceResolver.Free"));
    tear_down (&fixture);
}

/* One hub, however many say so; and the address that is likeliest to be good. */
static void
test_merged (void)
{
    Fixture fixture;
    g_autofree char *ipv6 = NULL;
    g_autofree char *ipv4 = NULL;
    g_autofree char *other = NULL;

    if (!set_up (&fixture))
        return;
    ipv6 = add_item (&fixture, 2, IPV6, "Bureau");
    say_found (&fixture, ipv6, ID, "2001:db8::7", 28732);
    WAIT_UNTIL (g_strcmp0 (get_address (fixture.discovery), "[2001:db8::7]:28732") == 0);
    ipv4 = add_item (&fixture, 2, IPV4, "Bureau");
    say_found (&fixture, ipv4, ID, "192.0.2.7", 28732);
    WAIT_UNTIL (g_strcmp0 (get_address (fixture.discovery), "192.0.2.7:28732") == 0);

    /* Another who takes its id stands beside it. */
    other = add_item (&fixture, 2, IPV4, "Bureau #2");
    say_found (&fixture, other, ID, "192.0.2.8", 28732);
    WAIT_UNTIL (count (fixture.discovery) == 2);
    say_item (&fixture, "ItemRemove", 2, IPV4, "Bureau #2");
    WAIT_UNTIL (count (fixture.discovery) == 1);

    say_item (&fixture, "ItemRemove", 2, IPV4, "Bureau");
    WAIT_UNTIL (g_strcmp0 (get_address (fixture.discovery), "[2001:db8::7]:28732") == 0);
    say_item (&fixture, "ItemRemove", 2, IPV6, "Bureau");
    WAIT_UNTIL (count (fixture.discovery) == 0);
    tear_down (&fixture);
}

/* A service that says something else now. */
static void
test_moved (void)
{
    Fixture fixture;
    g_autofree char *path = NULL;

    if (!set_up (&fixture))
        return;
    path = add_item (&fixture, 2, IPV4, "Bureau");
    say_found (&fixture, path, ID, "192.0.2.7", 28732);
    WAIT_UNTIL (g_strcmp0 (get_address (fixture.discovery), "192.0.2.7:28732") == 0);
    say_found (&fixture, path, ID, "192.0.2.8", 28732);
    WAIT_UNTIL (g_strcmp0 (get_address (fixture.discovery), "192.0.2.8:28732") == 0);
    say_found (&fixture, path, ID, "192.0.2.8", 28733);
    WAIT_UNTIL (g_strcmp0 (get_address (fixture.discovery), "192.0.2.8:28733") == 0);
    say_found (&fixture, path, "bad", "192.0.2.8", 28733);
    WAIT_UNTIL (count (fixture.discovery) == 0);
    say_found (&fixture, path, ID, "192.0.2.8", 28733);
    WAIT_UNTIL (count (fixture.discovery) == 1);
    test_avahi_emit (fixture.avahi, path, "ServiceResolver", "Failure",
                     g_variant_new ("(s)", "timeout"));
    WAIT_UNTIL (count (fixture.discovery) == 0);
    tear_down (&fixture);
}

/* ------------------------------------------------------------------ what is hostile */

static void
test_bad_addresses (void)
{
    static const struct {
        const char *address;
        guint16 port;
    } rows[] = {
        { "", 1 },
        { "192.0.2.7", 0 },
        { "192.0.2", 1 },
        { "192.0.2.7 ", 1 },
        { "192.0.2.7:80", 1 },
        { "evil.example", 1 },
        { "192.0.2.7/@evil.example", 1 },
        { "127.0.0.1", 1 },
        { "127.9.9.9", 1 },
        { "0.0.0.0", 1 },
        { "0.1.2.3", 1 },
        { "224.0.0.251", 1 },
        { "255.255.255.255", 1 },
        { "::", 1 },
        { "::1", 1 },
        { "::ffff:127.0.0.1", 1 },
        { "fe80::1", 1 },
        { "fe80::1%eth0", 1 },
        { "ff02::fb", 1 },
        { "2001:db8::7::", 1 },
        { "[2001:db8::7]", 1 },
        { "2001:db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0007", 1 },
    };
    Fixture fixture;
    g_autofree char *path = NULL;

    if (!set_up (&fixture))
        return;
    path = add_item (&fixture, 2, IPV4, "Bureau");
    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_test_message ("%s:%u", rows[i].address, rows[i].port);
        say_found (&fixture, path, ID, rows[i].address, rows[i].port);
        settle (&fixture);
        g_assert_cmpuint (count (fixture.discovery), ==, 0);
    }
    tear_down (&fixture);
}

/* Signals of other types, of other objects, and of others than Avahi. */
static void
test_bad_signals (void)
{
    Fixture fixture;
    TestAvahi *avahi;
    g_autofree char *path = NULL;
    g_autofree char *long_name = g_strnfill (64, 'x');
    g_autoptr (GDBusConnection) stranger = NULL;
    guint before;

    if (!set_up (&fixture))
        return;
    avahi = fixture.avahi;
    path = add_item (&fixture, 2, IPV4, "Bureau");
    before = avahi->n_made;
    test_avahi_emit (avahi, path, "ServiceResolver", "Found", g_variant_new ("(s)", "x"));
    test_avahi_emit (avahi, path, "ServiceResolver", "Found", NULL);
    test_avahi_emit (avahi, path, "ServiceResolver", "Strange", NULL);
    test_avahi_emit (avahi, BROWSER, "ServiceBrowser", "ItemNew", NULL);
    test_avahi_emit (avahi, BROWSER, "ServiceBrowser", "ItemRemove", g_variant_new ("(u)", 1));
    test_avahi_emit (avahi, BROWSER, "ServiceBrowser", "ItemNew",
                     g_variant_new ("(iisssu)", 2, 0, "a", "_ipp._tcp", "local", 0));
    test_avahi_emit (avahi, BROWSER, "ServiceBrowser", "ItemNew",
                     g_variant_new ("(iisssu)", 2, 0, "b", "_bureau._tcp", "evil.example", 0));
    test_avahi_emit (avahi, "/made/browser9", "ServiceBrowser", "ItemNew",
                     g_variant_new ("(iisssu)", 2, 0, "c", "_bureau._tcp", "local", 0));
    say_item (&fixture, "ItemNew", 2, IPV4, long_name);
    say_found (&fixture, "/made/resolver77", ID, "192.0.2.7", 1);

    stranger = g_dbus_connection_new_for_address_sync (
        avahi->address,
        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
            G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
        NULL, NULL, NULL);
    g_dbus_connection_emit_signal (
        stranger, NULL, BROWSER, "org.freedesktop.Avahi.ServiceBrowser", "ItemNew",
        g_variant_new ("(iisssu)", 2, 0, "d", "_bureau._tcp", "local", 0), NULL);
    g_dbus_connection_flush_sync (stranger, NULL, NULL);
    g_dbus_connection_close_sync (stranger, NULL, NULL);

    /* Nobody is asked for but the one that is last. */
    settle (&fixture);
    g_assert_cmpuint (avahi->n_made, ==, before + 1);
    tear_down (&fixture);
}

static void
test_too_many (void)
{
    Fixture fixture;
    const guint n_services = 4 * BUREAU_DISCOVERY_MAX_HUBS;

    if (!set_up (&fixture))
        return;
    for (guint i = 0; i < n_services; i++) {
        g_autofree char *name = g_strdup_printf ("Bureau %u", i);
        g_autofree char *id = g_strdup_printf ("%016x", i);
        g_autofree char *path = add_item (&fixture, 2, IPV4, name);

        say_found (&fixture, path, id, "192.0.2.7", 28732);
    }
    WAIT_UNTIL (count (fixture.discovery) == BUREAU_DISCOVERY_MAX_HUBS);

    /* Nothing is asked of the next one. */
    g_ptr_array_set_size (fixture.avahi->calls, 0);
    say_item (&fixture, "ItemNew", 2, IPV4, "one more");
    say_item (&fixture, "ItemRemove", 2, IPV4, "Bureau 3");
    WAIT_UNTIL (count (fixture.discovery) == BUREAU_DISCOVERY_MAX_HUBS - 1);
    WAIT_UNTIL (test_avahi_was_called (fixture.avahi, "/made/resolver5 ServiceResolver.Free"));
    g_assert_false (test_avahi_was_called (fixture.avahi, "/ Server2"));
    settle (&fixture);
    tear_down (&fixture);
}

/* ------------------------------------------------------------------ who goes meanwhile */

/* It went before we knew who was to find where. */
static void
test_gone_early (void)
{
    Fixture fixture;

    if (!set_up (&fixture))
        return;
    for (guint i = 0; i < 3; i++) {
        say_item (&fixture, "ItemNew", 2, IPV4, "Bureau");
        say_item (&fixture, "ItemRemove", 2, IPV4, "Bureau");
    }
    WAIT_UNTIL (test_avahi_was_called (fixture.avahi, "/made/resolver4 ServiceResolver.Free"));
    g_assert_false (test_avahi_was_called (fixture.avahi, "/made/resolver4 ServiceResolver.Start"));
    settle (&fixture);
    tear_down (&fixture);
}

static void
on_changed_cb (BureauDiscovery *discovery)
{
    bureau_discovery_stop (discovery);
}

/* Whoever is told of a change may have had enough. */
static void
test_stopped_by_listener (void)
{
    static const char *const signals[] = { "items-changed", "notify::state" };

    for (guint i = 0; i < G_N_ELEMENTS (signals); i++) {
        Fixture fixture;
        g_autofree char *path = NULL;

        if (!set_up (&fixture))
            return;
        path = add_item (&fixture, 2, IPV4, "Bureau");
        say_found (&fixture, path, ID, "192.0.2.7", 28732);
        WAIT_UNTIL (count (fixture.discovery) == 1);
        g_signal_connect (fixture.discovery, signals[i], G_CALLBACK (on_changed_cb), NULL);
        test_avahi_vanish (fixture.avahi);
        WAIT_UNTIL (bureau_discovery_get_state (fixture.discovery) == BUREAU_DISCOVERY_STARTING);
        g_assert_cmpuint (count (fixture.discovery), ==, 0);
        tear_down (&fixture);
    }
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/discovery/no-bus", test_no_bus);
    g_test_add_func ("/discovery/stop-early", test_stop_early);
    g_test_add_func ("/discovery/daemon-comes-and-goes", test_daemon_comes_and_goes);
    g_test_add_func ("/discovery/found", test_found);
    g_test_add_func ("/discovery/merged", test_merged);
    g_test_add_func ("/discovery/moved", test_moved);
    g_test_add_func ("/discovery/bad-addresses", test_bad_addresses);
    g_test_add_func ("/discovery/bad-signals", test_bad_signals);
    g_test_add_func ("/discovery/too-many", test_too_many);
    g_test_add_func ("/discovery/gone-early", test_gone_early);
    g_test_add_func ("/discovery/stopped-by-listener", test_stopped_by_listener);
    return g_test_run ();
}

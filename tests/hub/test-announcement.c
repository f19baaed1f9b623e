/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-announcement.h"

#include "bureau-authority.h"
#include "test-avahi.h"
#include "test-directory.h"
#include "test-wait.h"

#define PIN "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"

/* All that is said: “v=1” and “id=e3b0c44298fc1c14”. */
#define TEXT                                                                                       \
    "[[0x76, 0x3d, 0x31], [0x69, 0x64, 0x3d, 0x65, 0x33, 0x62, 0x30, 0x63, 0x34, 0x34, "           \
    "0x32, 0x39, 0x38, 0x66, 0x63, 0x31, 0x63, 0x31, 0x34]]"
#define SERVICE(name, interface, protocol)                                                         \
    "EntryGroup.AddService (" interface ", " protocol ", 0, '" name                                \
    "', '_bureau._tcp', 'local', '', 28732, " TEXT ")"
#define EVERYWHERE(name) SERVICE (name, "-1", "-1")

#define COLLISION 3
#define FAILURE   4

#define WAIT_FOR(avahi, call) WAIT_UNTIL (test_avahi_was_called (avahi, call))

static void
say_state (TestAvahi *avahi, const char *path, const char *interface, int state)
{
    test_avahi_emit (avahi, path, interface, "StateChanged", g_variant_new ("(is)", state, ""));
}

static void
test_announced (void)
{
    TestAvahi *avahi = test_avahi_new ();
    BureauAnnouncement *announcement;

    if (avahi == NULL)
        return;
    announcement = bureau_announcement_new ("::", 28732, PIN);
    for (guint i = 0; i < 3; i++) {
        avahi->n_made = 0;
        test_avahi_appear (avahi);
        WAIT_FOR (avahi, "/made/group1 " EVERYWHERE ("Bureau e3b0-c442"));
        WAIT_FOR (avahi, "/made/group1 EntryGroup.Commit");
        test_avahi_vanish (avahi);
    }
    bureau_announcement_free (announcement);
    test_avahi_free (avahi);
}

/* Its own connection goes: which is how Avahi takes everything back. */
static void
on_owner_changed_cb (GDBusConnection *bus, const char *sender, const char *path,
                     const char *interface, const char *signal, GVariant *params, gpointer data)
{
    const char *owner;

    g_variant_get (params, "(&s&s&s)", NULL, NULL, &owner);
    if (*owner == '\0')
        *(gboolean *) data = TRUE;
}

static void
test_withdrawn (void)
{
    TestAvahi *avahi = test_avahi_new ();
    BureauAnnouncement *announcement;
    g_autoptr (GVariant) answer = NULL;
    gboolean gone = FALSE;

    if (avahi == NULL)
        return;
    test_avahi_appear (avahi);
    announcement = bureau_announcement_new ("::", 28732, PIN);
    WAIT_FOR (avahi, "/made/group1 EntryGroup.Commit");
    g_dbus_connection_signal_subscribe (avahi->connection, "org.freedesktop.DBus", NULL,
                                        "NameOwnerChanged", NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                        on_owner_changed_cb, &gone, NULL);
    /* Its answer comes when the bus knows of that. */
    answer = g_dbus_connection_call_sync (avahi->connection, "org.freedesktop.DBus",
                                          "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId",
                                          NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
    g_assert_nonnull (answer);
    bureau_announcement_free (announcement);
    WAIT_UNTIL (gone);
    test_avahi_free (avahi);
}

static void
test_collisions (void)
{
    TestAvahi *avahi = test_avahi_new ();
    g_autoptr (BureauAnnouncement) announcement = NULL;

    if (avahi == NULL)
        return;
    avahi->collisions = 1;
    test_avahi_appear (avahi);
    announcement = bureau_announcement_new ("::", 28732, PIN);
    /* One in this machine is told of at once, one of the network later. */
    WAIT_FOR (avahi, "/made/group1 " EVERYWHERE ("Bureau e3b0-c442 #2"));
    WAIT_FOR (avahi, "/made/group1 EntryGroup.Commit");
    say_state (avahi, "/made/group1", "EntryGroup", COLLISION);
    WAIT_FOR (avahi, "/made/group1 EntryGroup.Reset");
    WAIT_FOR (avahi, "/made/group1 " EVERYWHERE ("Bureau e3b0-c442 #3"));

    /* It does not go on for ever. */
    avahi->collisions = 1000;
    say_state (avahi, "/made/group1", "EntryGroup", COLLISION);
    g_test_expect_message ("bureau-hub", G_LOG_LEVEL_MESSAGE, "*all its names are taken*");
    WAIT_UNTIL (avahi->collisions == 1000 - 13);
    say_state (avahi, "/made/group1", "EntryGroup", FAILURE);
    g_test_expect_message ("bureau-hub", G_LOG_LEVEL_MESSAGE, "*does not announce*");
    test_avahi_vanish (avahi);
    WAIT_UNTIL (avahi->calls->len == 0);

    /* Another daemon may know nobody of that name. */
    avahi->collisions = 0;
    test_avahi_appear (avahi);
    WAIT_FOR (avahi, "/made/group2 " EVERYWHERE ("Bureau e3b0-c442"));
    g_test_assert_expected_messages ();
    g_clear_pointer (&announcement, bureau_announcement_free);
    test_avahi_free (avahi);
}

/* The machine's own name comes first. */
static void
test_server_states (void)
{
    TestAvahi *avahi = test_avahi_new ();
    BureauAnnouncement *announcement;

    if (avahi == NULL)
        return;
    avahi->state = 1;
    test_avahi_appear (avahi);
    announcement = bureau_announcement_new ("::", 28732, PIN);
    WAIT_FOR (avahi, "/ Server.GetState");
    say_state (avahi, "/", "Server", 2);
    WAIT_FOR (avahi, "/made/group1 EntryGroup.Commit");
    say_state (avahi, "/", "Server", 3);
    WAIT_FOR (avahi, "/made/group1 EntryGroup.Free");
    say_state (avahi, "/", "Server", 2);
    WAIT_FOR (avahi, "/made/group2 EntryGroup.Commit");

    /* Back and forth while it asks. */
    for (guint i = 0; i < 4; i++) {
        say_state (avahi, "/", "Server", 1);
        say_state (avahi, "/", "Server", 2);
    }
    WAIT_FOR (avahi, "/made/group5 EntryGroup.Free");
    WAIT_FOR (avahi, "/made/group6 EntryGroup.Commit");
    g_assert_false (test_avahi_was_called (avahi, "/made/group6 EntryGroup.Free"));
    bureau_announcement_free (announcement);
    test_avahi_free (avahi);
}

static void
test_networks (void)
{
    static const struct {
        const char *address;
        const char *call;
    } rows[] = {
        { "0.0.0.0", SERVICE ("Bureau e3b0-c442", "-1", "0") },
        { "::", SERVICE ("Bureau e3b0-c442", "-1", "-1") },
        { "127.0.0.1", SERVICE ("Bureau e3b0-c442", "1", "0") },
        /* Nobody's: it is not ours to know better. */
        { "192.0.2.7", SERVICE ("Bureau e3b0-c442", "-1", "0") },
        { "2001:db8::7", SERVICE ("Bureau e3b0-c442", "-1", "1") },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        TestAvahi *avahi = test_avahi_new ();
        BureauAnnouncement *announcement;
        g_autofree char *call = g_strconcat ("/made/group1 ", rows[i].call, NULL);

        if (avahi == NULL)
            return;
        test_avahi_appear (avahi);
        announcement = bureau_announcement_new (rows[i].address, 28732, PIN);
        WAIT_FOR (avahi, call);
        bureau_announcement_free (announcement);
        test_avahi_free (avahi);
    }
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/announcement/announced", test_announced);
    g_test_add_func ("/announcement/withdrawn", test_withdrawn);
    g_test_add_func ("/announcement/collisions", test_collisions);
    g_test_add_func ("/announcement/server-states", test_server_states);
    g_test_add_func ("/announcement/networks", test_networks);
    return g_test_run ();
}

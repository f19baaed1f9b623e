/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The machine sleeps and wakes up (sync.md, Reconnect): logind says so, or the clocks do; the
 * client does not wait until it notices that nothing comes any more. */

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "bureau-sleep-watch.h"
#include "fixture.h"
#include "proxy.h"
#include "test-avahi.h"
#include "test-clock.h"

/* ------------------------------------------------------------------ the kernel */

/* What timerfd_create() last gave: here it says what a test has it say. */
static int timer = -1;

int
timerfd_create (int clock, int flags)
{
    g_assert_cmpint (clock, ==, CLOCK_REALTIME);
    timer = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    return timer;
}

int
timerfd_settime (int fd, int flags, const struct itimerspec *value, struct itimerspec *old)
{
    g_assert_cmpint (flags, ==, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET);
    return 0;
}

/* As it does when the wall's clock is set, and after sleep. */
static void
tell_timer (void)
{
    g_assert_cmpint (eventfd_write (timer, 1), ==, 0);
}

static void
sleep_and_wake (void)
{
    test_clock_sleep (3600 * 1000);
    tell_timer ();
}

/* ------------------------------------------------------------------ the watch */

static void
on_woken (gpointer data)
{
    guint *woken = data;

    ++*woken;
}

/* All that the timer has said is heard. */
static void
turn (void)
{
    while (g_main_context_iteration (NULL, FALSE))
        ;
}

static void
test_clocks (void)
{
    guint woken = 0;
    BureauSleepWatch *watch = bureau_sleep_watch_new (on_woken, &woken);

    sleep_and_wake ();
    WAIT_UNTIL (woken == 1);
    /* Somebody sets the clock: no sleep. */
    test_clock_skip (60 * 1000);
    tell_timer ();
    turn ();
    g_assert_cmpuint (woken, ==, 1);
    sleep_and_wake ();
    WAIT_UNTIL (woken == 2);
    bureau_sleep_watch_free (watch);
}

/* A bus of the test's own, and on it logind. */
typedef struct {
    TestAvahi *bus;
    GDBusConnection *connection; /* (owned) */
} Logind;

static gboolean
logind_start (Logind *logind)
{
    g_autoptr (GVariant) reply = NULL;
    g_autoptr (GError) error = NULL;

    logind->bus = test_avahi_new ();
    if (!logind->bus)
        return FALSE;
    logind->connection = g_dbus_connection_new_for_address_sync (
        logind->bus->address,
        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
            G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
        NULL, NULL, &error);
    g_assert_no_error (error);
    reply = g_dbus_connection_call_sync (
        logind->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "RequestName", g_variant_new ("(su)", "org.freedesktop.login1", 0), NULL,
        G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
    g_assert_no_error (error);
    return TRUE;
}

static void
logind_say (Logind *logind, gboolean about_to)
{
    g_assert_true (g_dbus_connection_emit_signal (
        logind->connection, NULL, "/org/freedesktop/login1", "org.freedesktop.login1.Manager",
        "PrepareForSleep", g_variant_new ("(b)", about_to), NULL));
}

static void
logind_stop (Logind *logind)
{
    g_dbus_connection_close_sync (logind->connection, NULL, NULL);
    g_object_unref (logind->connection);
    test_avahi_free (logind->bus);
}

static void
ask_bus (GDBusConnection *connection)
{
    g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
        connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "GetId", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

    g_assert_nonnull (reply);
}

/* It is heard when this returns, if anybody listens. */
static void
logind_tell (Logind *logind)
{
    g_autoptr (GDBusConnection) shared = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);

    logind_say (logind, TRUE);
    logind_say (logind, FALSE);
    ask_bus (logind->connection);
    ask_bus (shared);
    turn ();
}

static void
test_logind (void)
{
    Logind logind;
    guint woken = 0;
    BureauSleepWatch *watch;

    if (!logind_start (&logind))
        return;
    watch = bureau_sleep_watch_new (on_woken, &woken);
    /* It has to find the bus first. */
    while (woken == 0)
        logind_tell (&logind);
    g_assert_cmpuint (woken, ==, 1);
    /* The clocks say the same of the same sleep. */
    sleep_and_wake ();
    turn ();
    g_assert_cmpuint (woken, ==, 1);
    test_clock_skip (60 * 1000);
    logind_tell (&logind);
    g_assert_cmpuint (woken, ==, 2);

    /* The bus goes, and takes nothing with it. */
    logind_stop (&logind);
    test_clock_skip (60 * 1000);
    sleep_and_wake ();
    WAIT_UNTIL (woken == 3);
    bureau_sleep_watch_free (watch);
}

/* ------------------------------------------------------------------ the client */

/* What it was connected to is silent, and it would not find out for a while. */
static void
test_comes_back (void)
{
    Office *office = office_new ();
    Proxy *proxy = proxy_new (office->base_uri, PROXY_ALL, PROXY_CUTS);
    Person *ana = person_new_owner (office);
    g_autofree char *task = NULL;

    g_free (ana->account->base_uri);
    ana->account->base_uri = g_strdup (proxy->uri);
    person_start_live (ana);
    g_assert_cmpuint (proxy->upgrades, ==, 1);
    sleep_and_wake ();
    WAIT_UNTIL (!is_live (ana));
    WAIT_UNTIL (is_live (ana));
    g_assert_cmpuint (proxy->upgrades, ==, 2);
    task = give_task (ana, "After sleep");
    WAIT_UNTIL (is_settled (ana, task));

    /* While it waits for its next try, too. */
    proxy_let (proxy, PROXY_NOTHING);
    WAIT_UNTIL (!is_live (ana));
    do {
        gint64 next = 0;

        WAIT_UNTIL ((next = bureau_client_get_next_attempt (ana->client)) > 0);
        test_clock_skip ((next - g_get_monotonic_time ()) / 1000 + 1);
        WAIT_UNTIL (bureau_client_get_next_attempt (ana->client) == 0);
    } while (bureau_client_get_state (ana->client) != BUREAU_CLIENT_OFFLINE);
    WAIT_UNTIL (bureau_client_get_next_attempt (ana->client) > 0);
    proxy->pass = PROXY_ALL;
    sleep_and_wake ();
    WAIT_UNTIL (is_live (ana));

    person_free (ana);
    proxy_free (proxy);
    office_free (office);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/sleep/clocks", test_clocks);
    g_test_add_func ("/sleep/logind", test_logind);
    g_test_add_func ("/sleep/comes-back", test_comes_back);
    return g_test_run ();
}

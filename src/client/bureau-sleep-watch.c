/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-sleep-watch.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MIN_SLEEP 1000000               /* µs that the clocks must be apart by */
#define SAME      (10 * G_USEC_PER_SEC) /* within which the other one speaks of the same sleep */

/* Reference-counted: by its owner and by the question for the bus. */
struct _BureauSleepWatch {
    BureauWoken woken; /* (nullable): it is over */
    gpointer data;
    GDBusConnection *bus; /* (owned) (nullable) */
    guint subscription;
    int timer;       /* -1: none */
    GSource *source; /* (owned) (nullable): of the timer */
    gint64 slept;    /* µs since the machine was started, as far as we know */
    gint64 last;     /* monotonic time when it last woke up; 0: never yet */
};

static void
clear (gpointer data)
{
    BureauSleepWatch *self = data;

    if (self->bus)
        g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
    g_clear_object (&self->bus);
}

static void
release (BureauSleepWatch *self)
{
    g_rc_box_release_full (self, clear);
}

static void
wake (BureauSleepWatch *self)
{
    gint64 now = g_get_monotonic_time ();

    if (self->last != 0 && now - self->last < SAME)
        return;
    self->last = now;
    self->woken (self->data);
}

/* ------------------------------------------------------------------ the clocks */

static gint64
read_clock (clockid_t clock)
{
    struct timespec now;

    clock_gettime (clock, &now);
    return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* In µs: how long the machine has slept since it was started. */
static gint64
read_slept (void)
{
    return read_clock (CLOCK_BOOTTIME) - read_clock (CLOCK_MONOTONIC);
}

/* Never runs out by itself: it ends whenever the wall's clock is set, which the kernel also does
 * after sleep. */
static void
arm (BureauSleepWatch *self)
{
    const struct itimerspec never = { .it_value.tv_sec = G_MAXLONG };

    timerfd_settime (self->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

static gboolean
on_clock_set_cb (int fd, GIOCondition condition, gpointer data)
{
    BureauSleepWatch *self = data;
    gint64 slept = read_slept ();
    gint64 more = slept - self->slept;
    guint64 ignored;

    /* Fails with ECANCELED. */
    if (read (fd, &ignored, sizeof ignored) < 0)
        arm (self);
    self->slept = slept;
    if (more >= MIN_SLEEP)
        wake (self);
    return G_SOURCE_CONTINUE;
}

static void
watch_clocks (BureauSleepWatch *self)
{
    self->slept = read_slept ();
    self->timer = timerfd_create (CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (self->timer < 0)
        return;
    arm (self);
    self->source = g_unix_fd_source_new (self->timer, G_IO_IN);
    g_source_set_callback (self->source, G_SOURCE_FUNC (on_clock_set_cb), self, NULL);
    g_source_attach (self->source, g_main_context_get_thread_default ());
}

/* ------------------------------------------------------------------ logind */

static void
on_prepare_for_sleep_cb (GDBusConnection *bus, const char *sender, const char *path,
                         const char *interface, const char *signal, GVariant *parameters,
                         gpointer data)
{
    BureauSleepWatch *self = data;
    gboolean about_to;

    if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
        return;
    g_variant_get (parameters, "(b)", &about_to);
    if (self->woken && !about_to)
        wake (self);
}

/* The bus may be slow to answer. */
static void
find_bus (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    g_task_return_pointer (task, g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, NULL), g_object_unref);
}

/* Without a bus, as in a sandbox, there are still the clocks. */
static void
on_bus_found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    BureauSleepWatch *self = data;

    self->bus = g_task_propagate_pointer (G_TASK (result), NULL);
    if (self->bus) {
        /* It may go: that ends nothing of ours. */
        g_dbus_connection_set_exit_on_close (self->bus, FALSE);
        self->subscription = g_dbus_connection_signal_subscribe (
            self->bus, "org.freedesktop.login1", "org.freedesktop.login1.Manager",
            "PrepareForSleep", "/org/freedesktop/login1", NULL, G_DBUS_SIGNAL_FLAGS_NONE,
            on_prepare_for_sleep_cb, self, NULL);
    }
    release (self);
}

/* ------------------------------------------------------------------ life */

BureauSleepWatch *
bureau_sleep_watch_new (BureauWoken woken, gpointer data)
{
    BureauSleepWatch *self = g_rc_box_new0 (BureauSleepWatch);
    g_autoptr (GTask) task = g_task_new (NULL, NULL, on_bus_found_cb, g_rc_box_acquire (self));

    self->woken = woken;
    self->data = data;
    watch_clocks (self);
    g_task_run_in_thread (task, find_bus);
    return self;
}

void
bureau_sleep_watch_free (BureauSleepWatch *self)
{
    self->woken = NULL;
    if (self->source)
        g_source_destroy (self->source);
    g_clear_pointer (&self->source, g_source_unref);
    if (self->timer >= 0)
        close (self->timer);
    release (self);
}

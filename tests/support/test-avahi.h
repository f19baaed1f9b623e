/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A system bus of the test's own, and on it somebody who answers like Avahi and says whatever a
 * test wants of the network. */
typedef struct {
    GSubprocess *bus;            /* (owned) */
    char *address;               /* (owned): its */
    GDBusConnection *connection; /* (owned) */
    guint name;
    guint objects[2];
    guint n_made;     /* objects, for their paths */
    int state;        /* what Server.GetState() answers */
    guint collisions; /* so many times a service's name is taken */
    GPtrArray *calls; /* (owned): of char * (owned), "/path Interface.Method (params)" */
} TestAvahi;

/* The bus is there, and for this process the system's; Avahi is not. NULL where there is no
 * dbus-daemon: the test has been skipped. */
TestAvahi *test_avahi_new (void);
void test_avahi_free (TestAvahi *avahi);

void test_avahi_appear (TestAvahi *avahi);
void test_avahi_vanish (TestAvahi *avahi);

/* Whether, since the calls were last cleared, one began with @start. */
gboolean test_avahi_was_called (TestAvahi *avahi, const char *start);
/* Says something. @params: (floating) */
void test_avahi_emit (TestAvahi *avahi, const char *path, const char *interface, const char *signal,
                      GVariant *params);

G_END_DECLS

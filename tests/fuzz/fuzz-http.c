/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A whole server and some peers of its, from accept() up to a hub that does what it is told. The
 * input is a script: bytes are sent, in slices, on the connection at hand, and 0xff begins a
 * command:
 *
 *   0 1 2 3   goes over to that connection, and opens it if it is not open
 *   s p o     sends the session's id, the connection's private id, the offset that came last
 *   h r       closes our half; resets
 *   a         the hub answers what is late
 *   t         five seconds pass
 *   0xff      sends 0xff
 *
 * Whatever it is: what comes back is sound, and once we have closed our half of a connection, the
 * server closes its own. Nothing is left behind. */

#include <string.h>
#include <unistd.h>

#include "owner.h"
#include "peer.h"
#include "slices.h"

#define N_PEERS   4
#define MAX_SLICE 300
#define COMMAND   0xff
/* Real time, in which the server has nothing to wait for. */
#define PATIENCE (5 * G_USEC_PER_SEC)

typedef struct {
    Owner owner;
    guint16 port;
    guint16 number; /* of the play */
    Peer peers[N_PEERS];
    Peer *at;
    Keys keys;
} Play;

/* ------------------------------------------------------------------ the server's clock */

static gint64 passed;

/* The linker gives the library these in place of GLib's (see meson.build). */
gint64 __real_g_get_monotonic_time (void);
gint64 __wrap_g_get_monotonic_time (void);

gint64
__wrap_g_get_monotonic_time (void)
{
    return __real_g_get_monotonic_time () + passed;
}

/* ------------------------------------------------------------------ the play */

static void
settle (Play *play)
{
    while (g_main_context_iteration (NULL, FALSE))
        ;
    for (guint i = 0; i < N_PEERS; i++)
        peer_receive (&play->peers[i], &play->keys);
}

static void
go_to (Play *play, guint number)
{
    play->at = &play->peers[number];
    if (play->at->fd < 0)
        peer_open (play->at, play->port, play->number);
}

static void
send_key (Play *play, const char *key)
{
    peer_send (play->at, key, strlen (key));
}

static void
obey (Play *play, guint8 command)
{
    switch (command) {
    case '0':
    case '1':
    case '2':
    case '3':
        go_to (play, command - '0');
        break;
    case 's':
        send_key (play, play->keys.sid);
        break;
    case 'p':
        send_key (play, play->keys.pid);
        break;
    case 'o':
        send_key (play, play->keys.offset);
        break;
    case 'h':
        peer_shut (play->at);
        break;
    case 'r':
        peer_reset (play->at);
        go_to (play, play->at - play->peers);
        break;
    case 'a':
        owner_answer_late (&play->owner);
        break;
    case 't':
        passed += 5 * G_USEC_PER_SEC;
        bureau_server_wake (play->owner.server);
        break;
    case COMMAND:
        peer_send (play->at, &command, 1);
        break;
    default:
        break;
    }
}

static void
send_slices (Play *play, const guint8 *bytes, gsize length)
{
    Slices slices;
    guint8 *slice;
    gsize size;

    slices_init (&slices, bytes, length, MAX_SLICE);
    while (slices_next (&slices, &slice, &size)) {
        peer_send (play->at, slice, size);
        g_free (slice);
        settle (play);
    }
}

static void
perform (Play *play, const guint8 *script, gsize length)
{
    const guint8 *end = script + length;

    go_to (play, 0);
    while (script < end) {
        const guint8 *command = memchr (script, COMMAND, end - script);

        if (command == NULL)
            command = end;
        send_slices (play, script, command - script);
        if (end - command < 2)
            break;
        obey (play, command[1]);
        settle (play);
        script = command + 2;
    }
}

/* ------------------------------------------------------------------ before and behind it */

/* The same port each time, for a new one is dear once many have been used; if nobody else has it.
 */
static guint16
listen_somewhere (BureauServer *server)
{
    static guint16 port;
    g_autofree char *uri = bureau_server_listen (server, "127.0.0.1", port, NULL, NULL);

    if (uri == NULL)
        uri = bureau_server_listen (server, "127.0.0.1", 0, NULL, NULL);
    g_assert (uri != NULL);
    port = g_ascii_strtoull (strrchr (uri, ':') + 1, NULL, 10);
    return port;
}

static void
begin (Play *play, guint variant)
{
    static const char *const namespaces[] = { "/", "/custom", NULL };
    static const char *const origins[] = { "http://good.example", NULL };
    static guint16 number;
    BureauServerOptions options = bureau_server_default_options;

    options.max_payload = 4096;
    options.max_waiting_payload = 1024;
    options.max_packets = 8;
    options.max_unsent = 64 * 1024;
    options.recovery_time = 60 * 1000;
    options.recovery_bytes = 2048;
    options.namespaces = namespaces;
    options.allowed_origins = origins;
    options.without_uring = (variant & 15) != 0;
    *play = (Play){ .number = number++ };
    passed = 0;
    play->owner.server = bureau_server_new (&options, &owner_hooks, &play->owner);
    play->port = listen_somewhere (play->owner.server);
    for (guint i = 0; i < N_PEERS; i++)
        play->peers[i].fd = -1;
}

/* We say that we are done; so the server must be, too. */
static void
part (Play *play)
{
    gint64 deadline = __real_g_get_monotonic_time () + PATIENCE;

    for (guint i = 0; i < N_PEERS; i++) {
        Peer *peer = &play->peers[i];

        if (peer->fd >= 0)
            peer_shut (peer);
        while (peer->fd >= 0 && !peer->ended) {
            g_assert (__real_g_get_monotonic_time () < deadline);
            owner_answer_late (&play->owner);
            settle (play);
        }
    }
}

static void
end (Play *play, guint variant)
{
    /* Or else the server is the first to go. */
    if (variant & 2)
        part (play);
    bureau_server_free (play->owner.server);
    for (guint i = 0; i < N_PEERS; i++) {
        if (play->peers[i].fd >= 0)
            peer_reset (&play->peers[i]);
    }
    owner_check (&play->owner);
    while (g_main_context_iteration (NULL, FALSE))
        ;
}

/* The lowest that is free, once the main context has its own. */
static int
next_descriptor (void)
{
    int fd;

    g_main_context_default ();
    fd = dup (STDERR_FILENO);
    close (fd);
    return fd;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
    int before = next_descriptor ();
    /* One in four each: with io_uring or not, and who goes first. */
    guint variant = size == 0 ? 0 : data[size - 1] + size;
    Play play;

    begin (&play, variant);
    perform (&play, data, size);
    end (&play, variant);
    g_assert (next_descriptor () == before);
    return 0;
}

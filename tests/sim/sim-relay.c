/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "sim-relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#define SLICE 32768
/* Connections of one program in a second. By REST each command that waits is one, and answered
 * before the next. */
#define MAX_A_SECOND 400
/* So much of a frame that the kernel had only begun to take may come before the text in it. */
#define HEAD 64
/* Longer than any text that is banned. */
#define TAIL 256

/* What must not be said, on one passage. */
typedef struct {
    const char *text; /* (unowned): the relay's */
    gsize begin;      /* where it counts, in all that the hub has said on it */
} Ban;

typedef struct {
    SimRelay *relay;
    GArray *bans;        /* (owned): of Ban */
    GString *heard;      /* (owned): the end of what the hub has said */
    gsize n_heard;       /* all of it */
    int fds[2];          /* the person's, the hub's */
    GSource *sources[2]; /* (owned): for what comes from them */
    GByteArray *rest[2]; /* (owned): what the other end has not taken yet */
} Passage;

typedef struct {
    Passage *passage;
    int from;
} End;

struct _SimRelay {
    GRand *chance;
    SimRelaySpy spy;
    SimRelayStorm storm;
    gpointer data;
    int listener;
    GSource *source; /* (owned) */
    guint16 port, hub;
    SimRelayState state;
    GPtrArray *passages; /* (owned): of Passage (owned) */
    GPtrArray *banned;   /* (owned): texts (owned) */
    gint64 budget;       /* bytes until the cut; -1: there is none */
    gint64 second;       /* the last in which somebody came */
    guint n_came;        /* in it */
};

static gboolean frozen;

static void watch (Passage *passage, int from);

/* ------------------------------------------------------------------ sockets */

static GSource *
attach (int fd, GIOCondition condition, GUnixFDSourceFunc callback, gpointer data,
        GDestroyNotify destroy)
{
    GSource *source = g_unix_fd_source_new (fd, condition);

    g_source_set_callback (source, G_SOURCE_FUNC (callback), data, destroy);
    g_source_attach (source, NULL);
    return source;
}

static void
clear_source (GSource **source)
{
    if (*source)
        g_source_destroy (*source);
    g_clear_pointer (source, g_source_unref);
}

/* With a reset: nothing of what waits is read any more. */
static void
reset (int fd)
{
    struct linger linger = { 1, 0 };

    setsockopt (fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close (fd);
}

static int
connect_to (guint16 port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons (port),
                                   .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    g_assert_cmpint (fd, >=, 0);
    if (port == 0 || connect (fd, (struct sockaddr *) &address, sizeof address) != 0) {
        close (fd);
        return -1;
    }
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

/* ------------------------------------------------------------------ passages */

static void
passage_free (gpointer data)
{
    Passage *passage = data;

    g_array_unref (passage->bans);
    g_string_free (passage->heard, TRUE);
    for (int i = 0; i < 2; i++) {
        clear_source (&passage->sources[i]);
        g_byte_array_unref (passage->rest[i]);
        if (passage->fds[i] >= 0)
            reset (passage->fds[i]);
    }
    g_free (passage);
}

/* In an orderly way: what has been handed on arrives. */
static void
end (Passage *passage)
{
    for (int i = 0; i < 2; i++) {
        clear_source (&passage->sources[i]);
        close (passage->fds[i]);
        passage->fds[i] = -1;
    }
    g_ptr_array_remove (passage->relay->passages, passage);
}

/* FALSE if the other end is gone. */
static gboolean
push_rest (Passage *passage, int from)
{
    GByteArray *rest = passage->rest[from];
    gssize sent = send (passage->fds[!from], rest->data, rest->len, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent < 0)
        return errno == EAGAIN;
    g_byte_array_remove_range (rest, 0, sent);
    return TRUE;
}

/* Returns FALSE at the cut. */
static gboolean
pay (SimRelay *relay, gssize *length)
{
    if (relay->budget < 0)
        return TRUE;
    *length = MIN (*length, relay->budget);
    relay->budget -= *length;
    return relay->budget > 0;
}

/* ------------------------------------------------------------------ what must not be said */

static void
add_ban (Passage *passage, const char *text, gsize begin)
{
    Ban ban = { text, begin };

    g_array_append_val (passage->bans, ban);
}

/* What is said of joining a room begins like an event, but ends with its number. */
static gboolean
is_said (const GString *heard, gsize skip, const char *text)
{
    const char *found = memmem (heard->str + skip, heard->len - skip, text, strlen (text));

    while (found) {
        const char *rest = found + strlen (text);
        const char *after = rest + strspn (rest, "0123456789");

        if (*after == ',')
            return TRUE;
        found = memmem (rest, heard->str + heard->len - rest, text, strlen (text));
    }
    return FALSE;
}

static void
listen_in (Passage *passage, const guint8 *bytes, gsize length)
{
    GString *heard = passage->heard;
    gsize base;

    g_string_append_len (heard, (const char *) bytes, length);
    passage->n_heard += length;
    base = passage->n_heard - heard->len;
    for (guint i = 0; i < passage->bans->len; i++) {
        const Ban *ban = &g_array_index (passage->bans, Ban, i);
        gsize skip = ban->begin > base ? ban->begin - base : 0;

        if (skip < heard->len && is_said (heard, skip, ban->text))
            passage->relay->spy (passage->relay->data, ban->text);
    }
    if (heard->len > TAIL)
        g_string_erase (heard, 0, heard->len - TAIL);
}

static void
forget_bans (Passage *passage, const char *text)
{
    for (guint i = passage->bans->len; i > 0; i--) {
        if (g_array_index (passage->bans, Ban, i - 1).text == text)
            g_array_remove_index (passage->bans, i - 1);
    }
}

void
sim_relay_forbid (SimRelay *relay, const char *text)
{
    char *banned = g_strdup (text);

    g_ptr_array_add (relay->banned, banned);
    for (guint i = 0; i < relay->passages->len; i++) {
        Passage *passage = relay->passages->pdata[i];
        int waiting = 0;

        ioctl (passage->fds[1], FIONREAD, &waiting);
        add_ban (passage, banned, passage->n_heard + waiting + (waiting > 0 ? HEAD : 0));
    }
}

static void
allow (SimRelay *relay, guint index)
{
    for (guint i = 0; i < relay->passages->len; i++)
        forget_bans (relay->passages->pdata[i], relay->banned->pdata[index]);
    g_ptr_array_remove_index (relay->banned, index);
}

void
sim_relay_allow (SimRelay *relay, const char *text)
{
    guint index;

    while (g_ptr_array_find_with_equal_func (relay->banned, text, g_str_equal, &index))
        allow (relay, index);
}

void
sim_relay_allow_all (SimRelay *relay)
{
    while (relay->banned->len > 0)
        allow (relay, relay->banned->len - 1);
}

/* ------------------------------------------------------------------ handing on */

static gboolean
take (Passage *passage, int from)
{
    SimRelay *relay = passage->relay;
    guint8 buffer[SLICE];
    gsize slice = g_rand_int_range (relay->chance, 0, 8) == 0
                      ? (gsize) g_rand_int_range (relay->chance, 1, 64)
                      : sizeof buffer;
    gssize length = recv (passage->fds[from], buffer, slice, MSG_DONTWAIT);
    gboolean goes_on;

    if (length < 0 && errno == EAGAIN)
        return TRUE;
    if (length <= 0) {
        end (passage);
        return FALSE;
    }
    goes_on = pay (relay, &length);
    if (from == 1)
        listen_in (passage, buffer, length);
    g_byte_array_append (passage->rest[from], buffer, length);
    if (!push_rest (passage, from)) {
        end (passage);
        return FALSE;
    }
    if (!goes_on) {
        sim_relay_cut (relay);
        return FALSE;
    }
    return TRUE;
}

static gboolean
on_ready_cb (int fd, GIOCondition condition, gpointer data)
{
    const End end = *(End *) data;
    Passage *passage = end.passage;

    if (frozen)
        return G_SOURCE_CONTINUE;
    if (passage->rest[end.from]->len == 0) {
        if (!take (passage, end.from))
            return G_SOURCE_REMOVE;
    } else if (!push_rest (passage, end.from)) {
        g_ptr_array_remove (passage->relay->passages, passage);
        return G_SOURCE_REMOVE;
    }
    watch (passage, end.from);
    return G_SOURCE_REMOVE;
}

/* Either for more, or for room for what is left of the last. */
static void
watch (Passage *passage, int from)
{
    gboolean full = passage->rest[from]->len > 0;
    End *end = g_new (End, 1);

    *end = (End){ passage, from };
    clear_source (&passage->sources[from]);
    if (passage->relay->state == SIM_RELAY_DEAF) {
        g_free (end);
        return;
    }
    passage->sources[from] = attach (passage->fds[full ? !from : from], full ? G_IO_OUT : G_IO_IN,
                                     on_ready_cb, end, g_free);
}

static void
count (SimRelay *relay)
{
    gint64 second = g_get_monotonic_time () / G_USEC_PER_SEC;

    relay->n_came = relay->second == second ? relay->n_came + 1 : 1;
    relay->second = second;
    if (relay->n_came > MAX_A_SECOND)
        relay->storm (relay->data);
}

static gboolean
on_incoming_cb (int listener, GIOCondition condition, gpointer data)
{
    SimRelay *relay = data;
    int fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
    int hub;
    Passage *passage;

    if (fd < 0)
        return G_SOURCE_CONTINUE;
    count (relay);
    hub = relay->state == SIM_RELAY_CLOSED || frozen ? -1 : connect_to (relay->hub);
    if (hub < 0) {
        reset (fd);
        return G_SOURCE_CONTINUE;
    }
    passage = g_new0 (Passage, 1);
    passage->relay = relay;
    passage->fds[0] = fd;
    passage->fds[1] = hub;
    passage->heard = g_string_new (NULL);
    passage->bans = g_array_new (FALSE, FALSE, sizeof (Ban));
    for (guint i = 0; i < relay->banned->len; i++)
        add_ban (passage, relay->banned->pdata[i], 0);
    g_ptr_array_add (relay->passages, passage);
    for (int i = 0; i < 2; i++) {
        passage->rest[i] = g_byte_array_new ();
        watch (passage, i);
    }
    return G_SOURCE_CONTINUE;
}

/* ------------------------------------------------------------------ the relay */

SimRelay *
sim_relay_new (GRand *chance, SimRelaySpy spy, SimRelayStorm storm, gpointer data)
{
    SimRelay *relay = g_new0 (SimRelay, 1);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
    socklen_t length = sizeof address;

    relay->chance = chance;
    relay->spy = spy;
    relay->storm = storm;
    relay->data = data;
    relay->budget = -1;
    relay->banned = g_ptr_array_new_with_free_func (g_free);
    relay->passages = g_ptr_array_new_with_free_func (passage_free);
    relay->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    g_assert_cmpint (bind (relay->listener, (struct sockaddr *) &address, length), ==, 0);
    g_assert_cmpint (listen (relay->listener, 64), ==, 0);
    g_assert_cmpint (getsockname (relay->listener, (struct sockaddr *) &address, &length), ==, 0);
    relay->port = ntohs (address.sin_port);
    relay->source = attach (relay->listener, G_IO_IN, on_incoming_cb, relay, NULL);
    return relay;
}

void
sim_relay_free (SimRelay *relay)
{
    g_ptr_array_unref (relay->passages);
    g_ptr_array_unref (relay->banned);
    clear_source (&relay->source);
    close (relay->listener);
    g_free (relay);
}

guint16
sim_relay_get_port (SimRelay *relay)
{
    return relay->port;
}

void
sim_relay_set_hub (SimRelay *relay, guint16 port)
{
    relay->hub = port;
}

void
sim_relay_set_state (SimRelay *relay, SimRelayState state)
{
    relay->state = state;
    if (state == SIM_RELAY_CLOSED)
        sim_relay_cut (relay);
    for (guint i = 0; i < relay->passages->len; i++) {
        watch (relay->passages->pdata[i], 0);
        watch (relay->passages->pdata[i], 1);
    }
}

SimRelayState
sim_relay_get_state (SimRelay *relay)
{
    return relay->state;
}

void
sim_relay_cut (SimRelay *relay)
{
    g_ptr_array_set_size (relay->passages, 0);
    relay->budget = -1;
}

void
sim_relay_cut_after (SimRelay *relay, gint64 bytes)
{
    relay->budget = bytes;
}

void
sim_relay_freeze_all (gboolean is_frozen)
{
    frozen = is_frozen;
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-server-private.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <glib-unix.h>
#include <sodium.h>

#define MAX_EVENTS 256
/* ms for a closed connection's peer to read the close frame and to close its half */
#define LINGER 2000
/* ms for an HTTP answer to be made and taken */
#define ANSWER_TIMEOUT 60000

const BureauServerOptions bureau_server_default_options = {
    .ping_interval = 25000,
    .ping_timeout = 20000,
    .connect_timeout = 10000,
    .max_payload = 256 * 1024,
    .max_unsent = 1024 * 1024,
    .unsent_timeout = 10000,
    .max_connections = 2000,
    .max_connections_per_address = 200,
    .max_waiting = 200,
    .max_waiting_per_address = 10,
};

/* The one source of all connections: it is ready when the epoll descriptor is. */
typedef struct {
    GSource source;
    BureauServer *server;
} LoopSource;

gint64
bureau_server_now (void)
{
    return g_get_monotonic_time ();
}

void
bureau_server_trouble (BureauServer *server, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start (arguments, format);
    text = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    if (server->hooks.trouble != NULL)
        server->hooks.trouble (server, text, server->data);
}

/* ------------------------------------------------------------------ when to run next */

/* Setting a source's time wakes its context, which is two system calls; so a time that is early
 * enough is left. */
static void
set_ready_time (BureauServer *server, gint64 time)
{
    if (time >= server->ready_time)
        return;
    server->ready_time = time;
    g_source_set_ready_time (server->source, time);
}

void
bureau_server_arm (BureauServer *server)
{
    if (!server->dispatching)
        set_ready_time (server, 0);
}

static void
rearm (BureauServer *server, gint64 now)
{
    BureauDeadlineList *lists[] = { &server->admitting, &server->answering, &server->pinging,
                                    &server->ponging,   &server->stalled,   &server->lingering };
    gint64 next = G_MAXINT64;

    if (server->ready_time <= now) {
        server->ready_time = G_MAXINT64;
        g_source_set_ready_time (server->source, -1);
    }
    if (server->turn_due || server->ready.length > 0 || server->unflushed.length > 0 ||
        server->doomed.length > 0)
        next = 0;
    for (guint i = 0; next > 0 && i < G_N_ELEMENTS (lists); i++)
        next = MIN (next, bureau_deadline_next (lists[i]));
    if (next != G_MAXINT64)
        set_ready_time (server, next);
}

/* ------------------------------------------------------------------ the phases of a turn */

static void
collect_ready (BureauServer *server)
{
    struct epoll_event events[MAX_EVENTS];
    int count = epoll_wait (server->epoll, events, MAX_EVENTS, 0);

    for (int i = 0; i < count; i++) {
        BureauConnection *connection = events[i].data.ptr;

        if ((events[i].events & EPOLLOUT) != 0) {
            connection->blocked = FALSE;
            if (!connection->in_unflushed && connection->queue_length > 0) {
                connection->in_unflushed = TRUE;
                g_queue_push_tail_link (&server->unflushed, &connection->flush_link);
            }
        }
        if ((events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
            connection->hangup = TRUE;
        if ((events[i].events & ~EPOLLOUT) != 0 && !connection->in_ready) {
            connection->in_ready = TRUE;
            g_queue_push_tail_link (&server->ready, &connection->ready_link);
        }
    }
}

/* Those that are ready now, once each: what comes back to the list waits for the next turn. */
static void
read_ready (BureauServer *server)
{
    for (guint count = server->ready.length; count > 0; count--) {
        BureauConnection *connection = g_queue_pop_head_link (&server->ready)->data;

        connection->in_ready = FALSE;
        bureau_connection_read (connection);
    }
}

static void
ping (BureauConnection *connection, gint64 now)
{
    BureauServer *server = connection->server;

    bureau_connection_queue (connection, server->ping, NULL);
    if (connection->closing)
        return;
    connection->awaiting_pong = TRUE;
    bureau_deadline_enter (&server->ponging, &connection->heartbeat, connection, now);
}

static void
run_deadlines (BureauServer *server, gint64 now)
{
    gpointer thing;

    while ((thing = bureau_deadline_take_due (&server->admitting, now)) != NULL)
        bureau_admission_expire (thing);
    while ((thing = bureau_deadline_take_due (&server->answering, now)) != NULL)
        bureau_admission_expire (thing);
    while ((thing = bureau_deadline_take_due (&server->ponging, now)) != NULL)
        bureau_connection_drop (thing, BUREAU_CLOSE_PING, "ping timeout");
    while ((thing = bureau_deadline_take_due (&server->pinging, now)) != NULL)
        ping (thing, now);
    while ((thing = bureau_deadline_take_due (&server->stalled, now)) != NULL)
        bureau_connection_drop (thing, BUREAU_CLOSE_SLOW, "too slow");
    while ((thing = bureau_deadline_take_due (&server->lingering, now)) != NULL)
        bureau_connection_cut (thing, "transport close");
}

/* Those that have come to their end: the owner is told once, and the memory goes when the socket
 * has gone. */
static void
report_doomed (BureauServer *server)
{
    for (guint count = server->doomed.length; count > 0; count--) {
        BureauConnection *connection = g_queue_pop_head_link (&server->doomed)->data;

        connection->in_doomed = FALSE;
        bureau_connection_report (connection);
        if (connection->fd < 0)
            bureau_connection_free (connection);
    }
}

static void
flush_all (BureauServer *server)
{
    for (guint count = server->unflushed.length; count > 0; count--) {
        BureauConnection *connection = g_queue_pop_head_link (&server->unflushed)->data;

        connection->in_unflushed = FALSE;
        bureau_connection_flush (connection);
    }
}

static gboolean
loop_source_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
    BureauServer *server = ((LoopSource *) source)->server;
    gint64 now = bureau_server_now ();

    /* The source may recurse, which saves GLib three system calls a turn; a hook that runs a loop
     * does not. */
    if (server->dispatching)
        return G_SOURCE_CONTINUE;
    server->dispatching = TRUE;
    collect_ready (server);
    read_ready (server);
    run_deadlines (server, now);
    report_doomed (server);
    if (server->turn_due) {
        server->turn_due = FALSE;
        if (server->hooks.turn != NULL)
            server->hooks.turn (server, server->data);
    }
    flush_all (server);
    server->dispatching = FALSE;
    rearm (server, now);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs loop_source_funcs = { .dispatch = loop_source_dispatch };

/* ------------------------------------------------------------------ life */

static void
make_source (BureauServer *server)
{
    server->source = g_source_new (&loop_source_funcs, sizeof (LoopSource));
    ((LoopSource *) server->source)->server = server;
    g_source_set_static_name (server->source, "bureau-server");
    g_source_set_can_recurse (server->source, TRUE);
    g_source_add_unix_fd (server->source, server->epoll, G_IO_IN);
    g_source_attach (server->source, server->context);
}

BureauServer *
bureau_server_new (const BureauServerOptions *options, const BureauServerHooks *hooks,
                   gpointer data)
{
    BureauServer *server = g_new0 (BureauServer, 1);
    GString *ping_text = g_string_new ("2");

    g_assert (options->max_payload > 0);
    if (sodium_init () < 0)
        g_error ("libsodium has no source of randomness");
    server->options = *options;
    server->hooks = *hooks;
    server->data = data;
    server->context = g_main_context_ref_thread_default ();
    server->epoll = epoll_create1 (EPOLL_CLOEXEC);
    g_assert (server->epoll >= 0);
    server->ready_time = G_MAXINT64;
    server->scratch = g_malloc (BUREAU_SCRATCH_SIZE);
    server->ping = bureau_frame_new_take (ping_text);
    server->rooms = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                           (GDestroyNotify) bureau_room_free);
    server->addresses = g_hash_table_new (g_str_hash, g_str_equal);
    server->listeners = g_ptr_array_new ();
    bureau_deadline_list_init (&server->admitting, options->connect_timeout);
    bureau_deadline_list_init (&server->answering, ANSWER_TIMEOUT);
    bureau_deadline_list_init (&server->pinging, options->ping_interval);
    bureau_deadline_list_init (&server->ponging, options->ping_timeout);
    bureau_deadline_list_init (&server->stalled, options->unsent_timeout);
    bureau_deadline_list_init (&server->lingering, LINGER);
    make_source (server);
    server->soup = soup_server_new (NULL, NULL);
    bureau_http_add_handlers (server);
    return server;
}

void
bureau_server_free (BureauServer *server)
{
    g_assert (!server->dispatching);
    bureau_gate_close_listeners (server);
    bureau_gate_abandon_streams (server);
    soup_server_disconnect (server->soup);
    g_object_unref (server->soup);
    while (server->connections.length > 0)
        bureau_connection_free (g_queue_peek_head (&server->connections));
    g_source_destroy (server->source);
    g_source_unref (server->source);
    close (server->epoll);
    g_ptr_array_unref (server->listeners);
    g_hash_table_unref (server->rooms);
    g_hash_table_unref (server->addresses);
    bureau_frame_unref (server->ping);
    g_free (server->scratch);
    g_main_context_unref (server->context);
    g_free (server);
}

void
bureau_server_wake (BureauServer *server)
{
    server->turn_due = TRUE;
    bureau_server_arm (server);
}

void
bureau_server_close_all (BureauServer *server, guint16 code, const char *reason)
{
    for (GList *link = server->connections.head; link != NULL; link = link->next) {
        bureau_connection_end (link->data, code, reason);
        bureau_connection_flush (link->data);
    }
}

guint
bureau_server_count_connections (BureauServer *server)
{
    guint count = 0;

    for (GList *link = server->connections.head; link != NULL; link = link->next) {
        BureauConnection *connection = link->data;

        if (connection->state == BUREAU_NAMESPACE_JOINED && !connection->closing)
            count++;
    }
    return count;
}

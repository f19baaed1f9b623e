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
/* Steps of TLS handshakes in one turn: each is about a third of a millisecond. */
#define MAX_HANDSHAKES 8
/* ms for a TLS handshake, from accept() on */
#define GREETING 5000
/* ms for the owner to answer a request */
#define ANSWER_TIMEOUT 60000
/* ms for all of an answer that is given in pieces: while it is read, it costs its owner something
 */
#define STREAM_TIMEOUT 300000
/* ms between two requests of one connection */
#define IDLE_TIMEOUT 60000
/* ms for a closed connection's peer to read on of what was sent last, and to close its half */
#define LINGER 2000
/* ms between two noops of an upgrade that takes its time: wire.md, A8 */
#define NUDGE 100
/* ms between the answer to a CONNECT and what follows it. Scripts that listen for one message after
 * the other, as the protocol's own test suites do, lose a second one that comes with the first. */
#define REST 20

static const char *const default_namespaces[] = { "/", NULL };

const BureauServerOptions bureau_server_default_options = {
    .ping_interval = 25000,
    .ping_timeout = 20000,
    .upgrade_timeout = 10000,
    .ack_timeout = 10000,
    .connect_timeout = 10000,
    .request_timeout = 10000,
    .body_timeout = 30000,
    .max_payload = 256 * 1024,
    .max_waiting_payload = 64 * 1024,
    .max_packets = 1000,
    .max_unsent = 1024 * 1024,
    .unsent_timeout = 10000,
    .max_connections = 2000,
    .max_connections_per_address = 200,
    .max_waiting = 200,
    .max_waiting_per_address = 10,
    .recovery_time = 120000,
    .recovery_bytes = 4 * 1024 * 1024,
    .namespaces = default_namespaces,
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

gboolean
bureau_server_pay (gint64 *due, gint64 cost, gint64 credit)
{
    gint64 now = bureau_server_now ();

    *due = MAX (*due, now) + cost;
    return *due - now <= credit;
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
    BureauDeadlineList *lists[] = { &server->greeting,  &server->heading,   &server->bodying,
                                    &server->answering, &server->streaming, &server->idling,
                                    &server->lingering, &server->stalled,   &server->admitting,
                                    &server->pinging,   &server->ponging,   &server->upgrading,
                                    &server->nudging,   &server->resting,   &server->asking };
    gint64 next = server->recovery_due;

    if (server->ready_time <= now) {
        server->ready_time = G_MAXINT64;
        g_source_set_ready_time (server->source, -1);
    }
    if (server->turn_due || server->ready.length > 0 || server->unflushed.length > 0 ||
        server->polled.length > 0 || server->doomed.length > 0 || server->dead.length > 0 ||
        server->feeding.length > 0)
        next = 0;
    for (guint i = 0; next > 0 && i < G_N_ELEMENTS (lists); i++)
        next = MIN (next, bureau_deadline_next (lists[i]));
    if (next != G_MAXINT64)
        set_ready_time (server, next);
}

/* ------------------------------------------------------------------ marks */

void
bureau_server_need_turn (BureauServer *server)
{
    server->turn_due = TRUE;
    bureau_server_arm (server);
}

void
bureau_server_mark_doomed (BureauServer *server, BureauSession *session)
{
    if (!session->in_doomed)
        g_queue_push_tail_link (&server->doomed, &session->doomed_link);
    session->in_doomed = TRUE;
    bureau_server_arm (server);
}

void
bureau_server_mark_polled (BureauServer *server, BureauSession *session)
{
    if (!session->in_polled)
        g_queue_push_tail_link (&server->polled, &session->polled_link);
    session->in_polled = TRUE;
    bureau_server_arm (server);
}

/* ------------------------------------------------------------------ the phases of a turn */

static void
note_event (BureauServer *server, const struct epoll_event *event)
{
    BureauChannel *channel = event->data.ptr;

    if ((event->events & EPOLLOUT) != 0 && channel->blocked) {
        channel->blocked = FALSE;
        bureau_channel_mark (channel);
        /* It read no further request meanwhile. */
        if (channel->phase == BUREAU_CHANNEL_HTTP)
            bureau_channel_mark_ready (channel);
    }
    if ((event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
        channel->hangup = TRUE;
    if ((event->events & ~EPOLLOUT) != 0)
        bureau_channel_mark_ready (channel);
}

static void
collect_ready (BureauServer *server)
{
    struct epoll_event events[MAX_EVENTS];
    int count = epoll_wait (server->epoll, events, MAX_EVENTS, 0);

    for (int i = 0; i < count; i++)
        note_event (server, &events[i]);
}

/* Those that are ready now, once each: what comes back to the list waits for the next turn. */
static void
read_ready (BureauServer *server)
{
    for (guint count = server->ready.length; count > 0; count--) {
        GList *link = g_queue_pop_head_link (&server->ready);
        BureauChannel *channel = link->data;

        channel->in_ready = FALSE;
        bureau_channel_read (channel);
    }
}

static void
expire_channels (BureauServer *server, gint64 now)
{
    BureauDeadlineList *lists[] = { &server->greeting,  &server->heading,   &server->bodying,
                                    &server->answering, &server->streaming, &server->idling,
                                    &server->lingering };
    gpointer thing;

    for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
        while ((thing = bureau_deadline_take_due (lists[i], now)) != NULL)
            bureau_channel_expire (thing);
    }
    while ((thing = bureau_deadline_take_due (&server->stalled, now)) != NULL)
        bureau_channel_drop_slow (thing);
}

static void
expire_sessions (BureauServer *server, gint64 now)
{
    gpointer thing;

    while ((thing = bureau_deadline_take_due (&server->admitting, now)) != NULL)
        bureau_session_expire_admission (thing);
    while ((thing = bureau_deadline_take_due (&server->upgrading, now)) != NULL)
        bureau_session_expire_upgrade (thing);
    while ((thing = bureau_deadline_take_due (&server->resting, now)) != NULL)
        bureau_session_end_rest (thing);
    while ((thing = bureau_deadline_take_due (&server->nudging, now)) != NULL)
        bureau_session_expire_nudge (thing);
    while ((thing = bureau_deadline_take_due (&server->ponging, now)) != NULL)
        bureau_session_expire_pong (thing);
    while ((thing = bureau_deadline_take_due (&server->pinging, now)) != NULL)
        bureau_session_ping (thing);
    while ((thing = bureau_deadline_take_due (&server->asking, now)) != NULL)
        bureau_protocol_expire_ack (thing);
    if (server->recovery_due <= now)
        server->recovery_due = bureau_recovery_expire (server->recovery, now);
}

static void
report_doomed (BureauServer *server)
{
    for (guint count = server->doomed.length; count > 0; count--) {
        GList *link = g_queue_pop_head_link (&server->doomed);
        BureauSession *session = link->data;

        session->in_doomed = FALSE;
        bureau_session_report (session);
    }
}

static void
answer_polls (BureauServer *server)
{
    GList *link;

    while ((link = g_queue_pop_head_link (&server->polled)) != NULL) {
        BureauSession *session = link->data;

        session->in_polled = FALSE;
        bureau_session_answer_poll (session);
    }
}

static void
bury_dead (BureauServer *server)
{
    GList *link;

    while ((link = g_queue_peek_head_link (&server->dead)) != NULL)
        bureau_channel_free (link->data);
}

static void
take_turn (BureauServer *server, gint64 now)
{
    server->handshakes = MAX_HANDSHAKES;
    collect_ready (server);
    read_ready (server);
    expire_channels (server, now);
    expire_sessions (server, now);
    report_doomed (server);
    if (server->turn_due) {
        server->turn_due = FALSE;
        if (server->hooks.turn != NULL)
            server->hooks.turn (server, server->data);
    }
    bureau_stream_feed (server);
    answer_polls (server);
    bureau_flush_all (server);
    bureau_connection_report_drained (server);
    bury_dead (server);
    bureau_arena_settle (&server->arena);
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
    take_turn (server, now);
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

static void
init_deadlines (BureauServer *server)
{
    const BureauServerOptions *options = &server->options;

    bureau_deadline_list_init (&server->greeting, GREETING);
    bureau_deadline_list_init (&server->heading, options->request_timeout);
    bureau_deadline_list_init (&server->bodying, options->body_timeout);
    bureau_deadline_list_init (&server->answering, ANSWER_TIMEOUT);
    bureau_deadline_list_init (&server->streaming, STREAM_TIMEOUT);
    bureau_deadline_list_init (&server->idling, IDLE_TIMEOUT);
    bureau_deadline_list_init (&server->lingering, LINGER);
    bureau_deadline_list_init (&server->stalled, options->unsent_timeout);
    bureau_deadline_list_init (&server->admitting, options->connect_timeout);
    bureau_deadline_list_init (&server->pinging, options->ping_interval);
    bureau_deadline_list_init (&server->ponging, options->ping_timeout);
    bureau_deadline_list_init (&server->upgrading, options->upgrade_timeout);
    bureau_deadline_list_init (&server->nudging, NUDGE);
    bureau_deadline_list_init (&server->resting, REST);
    bureau_deadline_list_init (&server->asking, options->ack_timeout);
}

static void
copy_options (BureauServer *server, const BureauServerOptions *options)
{
    server->options = *options;
    server->options.max_waiting_payload = MIN (options->max_waiting_payload, options->max_payload);
    server->options.namespaces = (const char *const *) g_strdupv ((char **) options->namespaces);
    server->options.allowed_origins = (const char *const *) g_strdupv (
        (char **) options->allowed_origins);
}

BureauServer *
bureau_server_new (const BureauServerOptions *options, const BureauServerHooks *hooks,
                   gpointer data)
{
    BureauServer *server = g_new0 (BureauServer, 1);

    g_assert (options->max_payload > 0 && options->max_waiting_payload > 0);
    if (sodium_init () < 0)
        g_error ("libsodium has no source of randomness");
    copy_options (server, options);
    server->hooks = *hooks;
    server->data = data;
    server->context = g_main_context_ref_thread_default ();
    server->epoll = epoll_create1 (EPOLL_CLOEXEC);
    g_assert (server->epoll >= 0);
    server->ring = options->without_uring ? NULL : bureau_ring_new ();
    server->ready_time = G_MAXINT64;
    server->recovery_due = G_MAXINT64;
    server->scratch = g_malloc (BUREAU_SCRATCH_SIZE);
    server->clear = g_malloc (BUREAU_SCRATCH_SIZE);
    server->text = g_string_new (NULL);
    server->ping = bureau_frame_new_lasting ("2");
    server->rooms = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                           (GDestroyNotify) bureau_room_free);
    server->addresses = g_hash_table_new (g_str_hash, g_str_equal);
    server->sessions = g_hash_table_new (g_str_hash, g_str_equal);
    server->listeners = g_ptr_array_new ();
    init_deadlines (server);
    make_source (server);
    if (options->recovery_time > 0)
        server->recovery = bureau_recovery_new (server);
    return server;
}

static void
free_connections (BureauServer *server)
{
    GList *link;

    while ((link = g_queue_peek_head_link (&server->all_sessions)) != NULL)
        bureau_session_free (link->data);
    while ((link = g_queue_peek_head_link (&server->all_channels)) != NULL)
        bureau_channel_free (link->data);
}

void
bureau_server_free (BureauServer *server)
{
    g_assert (!server->dispatching);
    bureau_server_stop_listening (server, NULL);
    free_connections (server);
    g_clear_pointer (&server->recovery, bureau_recovery_free);
    g_source_destroy (server->source);
    g_source_unref (server->source);
    g_clear_pointer (&server->ring, bureau_ring_free);
    close (server->epoll);
    g_ptr_array_unref (server->listeners);
    g_hash_table_unref (server->sessions);
    g_hash_table_unref (server->rooms);
    g_hash_table_unref (server->addresses);
    bureau_frame_free (server->ping);
    bureau_arena_clear (&server->arena);
    g_string_free (server->text, TRUE);
    g_free (server->scratch);
    g_free (server->clear);
    g_strfreev ((char **) server->options.namespaces);
    g_strfreev ((char **) server->options.allowed_origins);
    g_main_context_unref (server->context);
    g_free (server);
}

void
bureau_server_wake (BureauServer *server)
{
    bureau_server_need_turn (server);
}

void
bureau_server_close_all (BureauServer *server, guint16 code, const char *reason)
{
    for (GList *link = server->all_sessions.head; link != NULL; link = link->next)
        bureau_session_close (link->data, code, reason);
    answer_polls (server);
    bureau_flush_all (server);
}

/* After what their sessions were told has been written: what is left is idle, or between requests.
 */
static void
cut_distant_channels (BureauServer *server)
{
    for (GList *link = server->all_channels.head; link != NULL; link = link->next) {
        BureauChannel *channel = link->data;

        if (!channel->address->is_loopback && channel->phase != BUREAU_CHANNEL_WEBSOCKET)
            bureau_channel_cut (channel);
    }
}

void
bureau_server_close_distant (BureauServer *server, guint16 code, const char *reason)
{
    for (GList *link = server->all_sessions.head; link != NULL; link = link->next) {
        BureauSession *session = link->data;

        if (!session->address->is_loopback)
            bureau_session_drop (session, code, reason);
    }
    bureau_flush_all (server);
    cut_distant_channels (server);
}

guint
bureau_server_count_connections (BureauServer *server)
{
    guint count = 0;

    for (GList *link = server->all_sessions.head; link != NULL; link = link->next) {
        BureauSession *session = link->data;

        for (guint i = 0; session->connections != NULL && i < session->connections->len; i++) {
            BureauConnection *connection = g_ptr_array_index (session->connections, i);

            if (session->state == BUREAU_SESSION_OPEN &&
                connection->state == BUREAU_NAMESPACE_JOINED)
                count++;
        }
    }
    return count;
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The way in: listening sockets, who may come, and how long they may take. The SoupServer gets
 * streams that have passed; TLS belongs between accept_one() and admit(). */

#include "bureau-server-private.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024
/* Connections taken in one go, so that a storm of them does not keep the others waiting. */
#define MAX_ACCEPTS 64
/* ms to wait after accept() has failed: there may be descriptors again by then */
#define RETRY_DELAY 100

#define ADMISSION_KEY "bureau-admission"

typedef struct {
    BureauServer *server;
    GSocket *socket; /* (owned) */
    GSource *source; /* (owned): waits for connections, or for RETRY_DELAY to pass */
    gboolean ailing; /* the trouble is told once, not ten times a second */
} BureauListener;

static void watch_listener (BureauListener *listener);

/* ------------------------------------------------------------------ who comes from where */

static BureauAddress *
hold_address (BureauServer *server, const char *name)
{
    BureauAddress *address = g_hash_table_lookup (server->addresses, name);

    if (address == NULL) {
        address = g_new0 (BureauAddress, 1);
        address->name = g_strdup (name);
        g_hash_table_insert (server->addresses, address->name, address);
    }
    return address;
}

static void
drop_unused_address (BureauServer *server, BureauAddress *address)
{
    if (address->connections > 0)
        return;
    g_hash_table_remove (server->addresses, address->name);
    g_free (address->name);
    g_free (address);
}

void
bureau_gate_release_address (BureauServer *server, BureauAddress *address)
{
    server->connected--;
    address->connections--;
    drop_unused_address (server, address);
}

static gboolean
has_room (BureauServer *server, BureauAddress *address)
{
    const BureauServerOptions *options = &server->options;

    return server->connected < options->max_connections && server->waiting < options->max_waiting &&
           address->connections < options->max_connections_per_address &&
           address->waiting < options->max_waiting_per_address;
}

/* ------------------------------------------------------------------ admissions */

static BureauAdmission *
admission_new (BureauServer *server, BureauAddress *address)
{
    BureauAdmission *admission = g_new0 (BureauAdmission, 1);

    admission->server = server;
    admission->address = address;
    admission->link.data = admission;
    server->waiting++;
    address->waiting++;
    bureau_deadline_enter (&server->admitting, &admission->deadline, admission,
                           bureau_server_now ());
    bureau_server_arm (server);
    return admission;
}

void
bureau_admission_finish (BureauAdmission *admission)
{
    BureauServer *server = admission->server;

    bureau_deadline_leave (admission->answering ? &server->answering : &server->admitting,
                           &admission->deadline);
    server->waiting--;
    admission->address->waiting--;
    g_free (admission);
}

/* The stream is gone without having become a connection: the usual end of an HTTP request. */
static void
on_stream_gone_cb (gpointer data, GObject *where_the_object_was)
{
    BureauAdmission *admission = data;
    BureauServer *server = admission->server;
    BureauAddress *address = admission->address;

    g_queue_unlink (&server->admissions, &admission->link);
    bureau_admission_finish (admission);
    bureau_gate_release_address (server, address);
}

void
bureau_admission_detach (BureauAdmission *admission, BureauConnection *connection)
{
    g_object_weak_unref (G_OBJECT (admission->stream), on_stream_gone_cb, admission);
    g_queue_unlink (&admission->server->admissions, &admission->link);
    admission->stream = NULL;
    admission->connection = connection;
}

BureauAdmission *
bureau_admission_new_again (BureauConnection *connection)
{
    BureauAdmission *admission = admission_new (connection->server, connection->address);

    admission->connection = connection;
    return admission;
}

void
bureau_admission_set_answering (BureauAdmission *admission)
{
    BureauServer *server = admission->server;

    if (admission->answering)
        return;
    bureau_deadline_leave (&server->admitting, &admission->deadline);
    admission->answering = TRUE;
    bureau_deadline_enter (&server->answering, &admission->deadline, admission,
                           bureau_server_now ());
    bureau_server_arm (server);
}

void
bureau_admission_expire (BureauAdmission *admission)
{
    GSocket *socket;

    if (admission->connection != NULL) {
        bureau_connection_end (admission->connection, BUREAU_CLOSE_NOT_SIGNED,
                               "not signed in in time");
        return;
    }
    socket = g_socket_connection_get_socket (admission->stream);
    if (admission->answering) {
        g_socket_close (socket, NULL);
        return;
    }
    /* libsoup sees the end of file, and tidies up after itself. If it does not look, the next time
     * is the last. */
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
    bureau_admission_set_answering (admission);
}

BureauAdmission *
bureau_gate_get_admission (SoupServerMessage *message)
{
    GSocketAddress *remote = soup_server_message_get_remote_address (message);

    return g_object_get_data (G_OBJECT (remote), ADMISSION_KEY);
}

void
bureau_gate_abandon_streams (BureauServer *server)
{
    GList *link;

    while ((link = g_queue_peek_head_link (&server->admissions)) != NULL) {
        BureauAdmission *admission = link->data;

        g_object_weak_unref (G_OBJECT (admission->stream), on_stream_gone_cb, admission);
        g_socket_close (g_socket_connection_get_socket (admission->stream), NULL);
        on_stream_gone_cb (admission, NULL);
    }
}

/* ------------------------------------------------------------------ accepting */

static void
set_socket_options (int fd)
{
    static const int on = 1, idle = 60, interval = 10, probes = 3, user_timeout = 20000;

    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt (fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt (fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt (fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt (fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout, sizeof user_timeout);
}

/* Hands the connection to libsoup, with its admission on the address, where each message finds it.
 */
static void
admit (BureauServer *server, GSocket *socket, GSocketAddress *local, GSocketAddress *remote,
       BureauAddress *address)
{
    g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (socket);
    BureauAdmission *admission = admission_new (server, address);

    admission->stream = stream;
    address->connections++;
    server->connected++;
    g_queue_push_tail_link (&server->admissions, &admission->link);
    g_object_weak_ref (G_OBJECT (stream), on_stream_gone_cb, admission);
    g_object_set_data (G_OBJECT (remote), ADMISSION_KEY, admission);
    soup_server_accept_iostream (server->soup, G_IO_STREAM (stream), local, remote, NULL);
}

static void
accept_one (BureauServer *server, int fd)
{
    g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);
    g_autoptr (GSocketAddress) local = NULL;
    g_autoptr (GSocketAddress) remote = NULL;
    g_autofree char *name = NULL;
    BureauAddress *address;

    if (socket == NULL) {
        close (fd);
        return;
    }
    set_socket_options (fd);
    local = g_socket_get_local_address (socket, NULL);
    remote = g_socket_get_remote_address (socket, NULL);
    if (local == NULL || !G_IS_INET_SOCKET_ADDRESS (remote))
        return;
    name = g_inet_address_to_string (
        g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)));
    address = hold_address (server, name);
    if (has_room (server, address))
        admit (server, socket, local, remote, address);
    else
        drop_unused_address (server, address);
}

/* These are about one connection or one moment; all else is about the machine. */
static gboolean
is_passing_error (int error)
{
    return error == EINTR || error == ECONNABORTED || error == EPROTO || error == EPERM;
}

static gboolean
on_retry_cb (gpointer data)
{
    watch_listener (data);
    return G_SOURCE_REMOVE;
}

static void
set_source (BureauListener *listener, GSource *source)
{
    if (listener->source != NULL) {
        g_source_destroy (listener->source);
        g_source_unref (listener->source);
    }
    listener->source = source;
    if (source != NULL)
        g_source_attach (source, listener->server->context);
}

static void
retry_later (BureauListener *listener, int error)
{
    GSource *source = g_timeout_source_new (RETRY_DELAY);

    if (!listener->ailing)
        bureau_server_trouble (listener->server, "accept: %s", g_strerror (error));
    listener->ailing = TRUE;
    g_source_set_callback (source, on_retry_cb, listener, NULL);
    set_source (listener, source);
}

static gboolean
on_listener_ready_cb (GSocket *socket, GIOCondition condition, gpointer data)
{
    BureauListener *listener = data;

    for (guint i = 0; i < MAX_ACCEPTS; i++) {
        int fd = accept4 (g_socket_get_fd (socket), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0) {
            listener->ailing = FALSE;
            accept_one (listener->server, fd);
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            break;
        } else if (!is_passing_error (errno)) {
            /* Out of descriptors, most likely. The source would be ready at once again, for ever.
             */
            retry_later (listener, errno);
            return G_SOURCE_REMOVE;
        }
    }
    return G_SOURCE_CONTINUE;
}

static void
watch_listener (BureauListener *listener)
{
    GSource *source = g_socket_create_source (listener->socket, G_IO_IN, NULL);

    g_source_set_callback (source, G_SOURCE_FUNC (on_listener_ready_cb), listener, NULL);
    set_source (listener, source);
}

/* ------------------------------------------------------------------ listening */

static GSocket *
open_listener (GSocketAddress *address, GError **error)
{
    g_autoptr (GSocket) socket = g_socket_new (g_socket_address_get_family (address),
                                               G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

    if (socket == NULL)
        return NULL;
    g_socket_set_blocking (socket, FALSE);
    g_socket_set_listen_backlog (socket, BACKLOG);
    if (!g_socket_bind (socket, address, TRUE, error) || !g_socket_listen (socket, error))
        return NULL;
    return g_steal_pointer (&socket);
}

static char *
describe_listener (GSocket *socket, GError **error)
{
    g_autoptr (GSocketAddress) bound = g_socket_get_local_address (socket, error);
    g_autofree char *name = NULL;
    GInetAddress *address;

    if (bound == NULL)
        return NULL;
    address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (bound));
    name = g_inet_address_to_string (address);
    return g_strdup_printf (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6
                                ? "http://[%s]:%u"
                                : "http://%s:%u",
                            name, g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
}

char *
bureau_server_listen (BureauServer *server, const char *address, guint16 port, GError **error)
{
    g_autoptr (GInetAddress) host = g_inet_address_new_from_string (address);
    g_autoptr (GSocketAddress) wanted = NULL;
    g_autoptr (GSocket) socket = NULL;
    BureauListener *listener;
    char *uri;

    if (host == NULL) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                     "“%s” is not a numeric address", address);
        return NULL;
    }
    if (!g_inet_address_get_is_loopback (host)) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                     "%s is not a loopback address, and there is no TLS yet", address);
        return NULL;
    }
    wanted = g_inet_socket_address_new (host, port);
    socket = open_listener (wanted, error);
    uri = socket == NULL ? NULL : describe_listener (socket, error);
    if (uri == NULL)
        return NULL;
    listener = g_new0 (BureauListener, 1);
    listener->server = server;
    listener->socket = g_steal_pointer (&socket);
    g_ptr_array_add (server->listeners, listener);
    watch_listener (listener);
    return uri;
}

void
bureau_gate_close_listeners (BureauServer *server)
{
    for (guint i = 0; i < server->listeners->len; i++) {
        BureauListener *listener = g_ptr_array_index (server->listeners, i);

        set_source (listener, NULL);
        g_socket_close (listener->socket, NULL);
        g_object_unref (listener->socket);
        g_free (listener);
    }
    g_ptr_array_set_size (server->listeners, 0);
}

void
bureau_server_stop_listening (BureauServer *server)
{
    bureau_gate_close_listeners (server);
}

/* ------------------------------------------------------------------ the upgrade */

/* What libsoup has read ahead of the end of the request: the first frames may have come with it. */
static GByteArray *
drain (GIOStream *stream)
{
    GPollableInputStream *input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream));
    GByteArray *bytes = g_byte_array_new ();
    guint8 buffer[4096];
    gssize got;

    while (bytes->len < BUREAU_SCRATCH_SIZE && (got = g_pollable_input_stream_read_nonblocking (
                                                    input, buffer, sizeof buffer, NULL, NULL)) > 0)
        g_byte_array_append (bytes, buffer, got);
    return bytes;
}

/* Takes the stream from libsoup. (nullable) */
static BureauConnection *
take_over (BureauServer *server, SoupServerMessage *message, GByteArray **early)
{
    BureauAdmission *admission = bureau_gate_get_admission (message);
    const char *authorization = soup_message_headers_get_one (
        soup_server_message_get_request_headers (message), "Authorization");
    int fd = fcntl (g_socket_get_fd (g_socket_connection_get_socket (admission->stream)),
                    F_DUPFD_CLOEXEC, 0);
    BureauConnection *connection = NULL;
    g_autoptr (GIOStream) stream = NULL;

    if (fd < 0)
        bureau_server_trouble (server, "upgrade: %s", g_strerror (errno));
    else
        connection = bureau_connection_new (admission, fd, authorization);
    stream = soup_server_message_steal_connection (message);
    *early = drain (stream);
    g_io_stream_close (stream, NULL, NULL);
    return connection;
}

void
bureau_gate_upgrade (BureauServer *server, SoupServerMessage *message)
{
    g_autoptr (GByteArray) early = NULL;
    BureauConnection *connection = take_over (server, message, &early);

    if (connection != NULL)
        bureau_connection_start (connection, early->data, early->len);
}

void
bureau_gate_turn_away (BureauServer *server, SoupServerMessage *message, GString *answer)
{
    g_autoptr (GByteArray) early = NULL;
    g_autoptr (BureauFrame) frame = bureau_frame_new_plain (answer);
    BureauConnection *connection = take_over (server, message, &early);

    if (connection != NULL)
        bureau_connection_end_with (connection, frame, "refused");
}

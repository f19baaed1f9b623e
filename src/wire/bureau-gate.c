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
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024
/* Connections taken in one go, so that a storm of them does not keep the others waiting. */
#define MAX_ACCEPTS 64
/* ms to wait after accept() has failed: there may be descriptors again by then */
#define RETRY_DELAY 100

typedef struct {
    BureauServer *server;
    GSocket *socket; /* (owned) */
    GSource *source; /* (owned): waits for connections, or for RETRY_DELAY to pass */
    gboolean ailing; /* the trouble is told once, not ten times a second */
} BureauListener;

static void watch_listener (BureauListener *listener);

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

/* The stream's next owner is a connection of ours. (nullable) */
static BureauConnection *
take_over (BureauAdmission *admission, const char *authorization)
{
    int stream = g_socket_get_fd (g_socket_connection_get_socket (admission->stream));
    int fd = fcntl (stream, F_DUPFD_CLOEXEC, 0);

    if (fd < 0) {
        bureau_server_trouble (admission->server, "upgrade: %s", g_strerror (errno));
        return NULL;
    }
    return bureau_connection_new (admission, fd, authorization);
}

/* ------------------------------------------------------------------ waiting for the head */

static void
refuse_head (BureauAdmission *admission, BureauHttpHead verdict)
{
    g_autoptr (GSocketConnection) stream = g_object_ref (admission->stream);
    g_autoptr (BureauFrame) frame = bureau_frame_new_plain (bureau_http_format_refusal (verdict));
    BureauConnection *connection;

    bureau_admission_end_head (admission);
    connection = take_over (admission, NULL);
    if (connection != NULL)
        bureau_connection_end_with (connection, frame, "refused");
}

/* To libsoup, which finds the admission on the address of each message. */
static void
hand_over (BureauAdmission *admission)
{
    BureauServer *server = admission->server;
    g_autoptr (GSocketConnection) stream = g_object_ref (admission->stream);
    g_autoptr (GSocketAddress) local = g_socket_connection_get_local_address (stream, NULL);

    bureau_admission_end_head (admission);
    if (local != NULL)
        soup_server_accept_iostream (server->soup, G_IO_STREAM (stream), local, admission->remote,
                                     NULL);
}

/* Looks without taking. SO_RCVLOWAT keeps the kernel from saying again what has been said; but the
 * end of file it says for ever. */
static gboolean
on_head_ready_cb (GSocket *socket, GIOCondition condition, gpointer data)
{
    BureauAdmission *admission = data;
    BureauServer *server = admission->server;
    int fd = g_socket_get_fd (socket);
    gssize seen = recv (fd, server->scratch, BUREAU_SCRATCH_SIZE, MSG_PEEK | MSG_DONTWAIT);
    struct pollfd end = { fd, POLLRDHUP };
    BureauHttpHead verdict;
    int enough;

    if (seen < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
    verdict = bureau_http_head_check ((char *) server->scratch, MAX (seen, 0));
    if (verdict == BUREAU_HTTP_HEAD_INCOMPLETE && seen > 0 && poll (&end, 1, 0) == 0) {
        enough = seen + 1;
        setsockopt (fd, SOL_SOCKET, SO_RCVLOWAT, &enough, sizeof enough);
        return G_SOURCE_CONTINUE;
    }
    enough = 1;
    setsockopt (fd, SOL_SOCKET, SO_RCVLOWAT, &enough, sizeof enough);
    if (verdict == BUREAU_HTTP_HEAD_INCOMPLETE)
        bureau_admission_end_head (admission);
    else if (verdict == BUREAU_HTTP_HEAD_GOOD)
        hand_over (admission);
    else
        refuse_head (admission, verdict);
    return G_SOURCE_REMOVE;
}

/* The admission holds the stream until the head has been seen. */
static void
await_head (BureauAdmission *admission)
{
    GSource *source = g_socket_create_source (g_socket_connection_get_socket (admission->stream),
                                              G_IO_IN, NULL);

    admission->head = source;
    g_source_set_callback (source, G_SOURCE_FUNC (on_head_ready_cb), admission, NULL);
    g_source_attach (source, admission->server->context);
}

static void
admit (BureauServer *server, GSocket *socket, GSocketAddress *remote, BureauAddress *address)
{
    GSocketConnection *stream = g_socket_connection_factory_create_connection (socket);

    await_head (bureau_admission_new (server, address, stream, remote));
}

static void
accept_one (BureauServer *server, int fd)
{
    g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, NULL);
    g_autoptr (GSocketAddress) remote = NULL;
    g_autofree char *name = NULL;
    BureauAddress *address;

    if (socket == NULL) {
        close (fd);
        return;
    }
    set_socket_options (fd);
    remote = g_socket_get_remote_address (socket, NULL);
    if (!G_IS_INET_SOCKET_ADDRESS (remote))
        return;
    name = g_inet_address_to_string (
        g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)));
    address = bureau_gate_hold_address (server, name);
    if (bureau_gate_has_room (server, address))
        admit (server, socket, remote, address);
    else
        bureau_gate_drop_unused_address (server, address);
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
steal (SoupServerMessage *message, GByteArray **early)
{
    BureauAdmission *admission = bureau_gate_get_admission (message);
    BureauConnection *connection = take_over (
        admission, soup_message_headers_get_one (soup_server_message_get_request_headers (message),
                                                 "Authorization"));
    g_autoptr (GIOStream) stream = soup_server_message_steal_connection (message);

    *early = drain (stream);
    g_io_stream_close (stream, NULL, NULL);
    return connection;
}

void
bureau_gate_upgrade (SoupServerMessage *message)
{
    g_autoptr (GByteArray) early = NULL;
    BureauConnection *connection = steal (message, &early);

    if (connection != NULL)
        bureau_connection_start (connection, early->data, early->len);
}

void
bureau_gate_turn_away (SoupServerMessage *message, GString *answer)
{
    g_autoptr (GByteArray) early = NULL;
    g_autoptr (BureauFrame) frame = bureau_frame_new_plain (answer);
    BureauConnection *connection = steal (message, &early);

    if (connection != NULL)
        bureau_connection_end_with (connection, frame, "refused");
}

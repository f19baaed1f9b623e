/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The way in: listening sockets, and how many may come. */

#include "bureau-server-private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 4096
/* Connections taken in one go, so that a storm of them does not keep the others waiting. */
#define MAX_ACCEPTS 64
/* ms to wait after accept() has failed: there may be descriptors again by then */
#define RETRY_DELAY 100
/* Of those that are over a cap, how many at once are told so. */
#define MAX_TURNED_AWAY 32

typedef struct {
    BureauServer *server;
    GSocket *socket;             /* (owned) */
    char *uri;                   /* (owned) */
    BureauTlsIdentity *identity; /* (owned) (nullable) */
    gboolean is_wildcard;        /* loopback comes in here too */
    GSource *source;             /* (owned): waits for connections, or for RETRY_DELAY to pass */
    gboolean ailing;             /* the trouble is told once, not ten times a second */
} BureauListener;

static void watch_listener (BureauListener *listener);

/* ------------------------------------------------------------------ who comes from where */

static BureauAddress *
hold_address (BureauServer *server, const char *name, gboolean is_loopback)
{
    BureauAddress *address = g_hash_table_lookup (server->addresses, name);

    if (address == NULL) {
        address = g_new0 (BureauAddress, 1);
        address->name = g_strdup (name);
        address->is_loopback = is_loopback;
        g_hash_table_insert (server->addresses, address->name, address);
    }
    return address;
}

static void
drop_unused_address (BureauServer *server, BureauAddress *address)
{
    if (address->channels > 0 || address->sessions > 0 || address->turned_away > 0)
        return;
    g_hash_table_remove (server->addresses, address->name);
    g_free (address->name);
    g_free (address);
}

/* But for those that wait, in all. */
static gboolean
has_room (const BureauServerOptions *options, guint all, guint of_address, guint waiting_of_address)
{
    return all < options->max_connections && of_address < options->max_connections_per_address &&
           waiting_of_address < options->max_waiting_per_address;
}

/* Whom the owner is about to answer is not in anybody's way. */
static gboolean
is_being_answered (BureauChannel *channel)
{
    return channel->deadline.list == &channel->server->answering;
}

/* Where the places of those who wait are all taken, the address that has most of them loses its
 * oldest: else few addresses could keep everybody out for as long as they like. */
static gboolean
displace_channel (BureauServer *server)
{
    BureauChannel *found = NULL;

    for (GList *link = server->waiting.head; link != NULL; link = link->next) {
        BureauChannel *channel = link->data;

        if (!is_being_answered (channel) && (found == NULL || channel->address->waiting_channels >
                                                                  found->address->waiting_channels))
            found = channel;
    }
    if (found == NULL)
        return FALSE;
    bureau_channel_set_waiting (found, FALSE);
    bureau_channel_cut (found);
    return TRUE;
}

static gboolean
has_room_for_channel (BureauServer *server, BureauAddress *address)
{
    const BureauServerOptions *options = &server->options;

    return has_room (options, server->channels, address->channels, address->waiting_channels) &&
           (server->waiting.length < options->max_waiting || displace_channel (server));
}

static void
count_channel (BureauChannel *channel, gboolean turned_away)
{
    BureauServer *server = channel->server;
    BureauAddress *address = channel->address;

    channel->turned_away = turned_away;
    if (turned_away) {
        server->turned_away++;
        address->turned_away++;
        return;
    }
    server->channels++;
    address->channels++;
    bureau_channel_set_waiting (channel, TRUE);
}

void
bureau_gate_release_channel (BureauChannel *channel)
{
    BureauServer *server = channel->server;
    BureauAddress *address = channel->address;

    if (channel->turned_away) {
        server->turned_away--;
        address->turned_away--;
    } else {
        bureau_channel_set_waiting (channel, FALSE);
        server->channels--;
        address->channels--;
    }
    drop_unused_address (server, address);
}

/* The same for a session. */
static gboolean
displace_session (BureauServer *server)
{
    BureauSession *found = NULL;

    for (GList *link = server->admitting.queue.head; link != NULL; link = link->next) {
        BureauSession *session = link->data;

        if (session->waiting && (found == NULL || session->address->waiting_sessions >
                                                      found->address->waiting_sessions))
            found = session;
    }
    if (found == NULL)
        return FALSE;
    found->waiting = FALSE;
    bureau_address_set_session_waiting (server, found->address, FALSE);
    bureau_session_drop (found, BUREAU_CLOSE_NOT_SIGNED, "forced close");
    return TRUE;
}

gboolean
bureau_address_has_room_for_session (BureauServer *server, BureauAddress *address)
{
    const BureauServerOptions *options = &server->options;

    return has_room (options, server->sessions_count, address->sessions,
                     address->waiting_sessions) &&
           (server->waiting_sessions < options->max_waiting || displace_session (server));
}

void
bureau_address_hold_session (BureauServer *server, BureauAddress *address)
{
    server->sessions_count++;
    address->sessions++;
    bureau_address_set_session_waiting (server, address, TRUE);
}

void
bureau_address_release_session (BureauServer *server, BureauAddress *address, gboolean waiting)
{
    if (waiting)
        bureau_address_set_session_waiting (server, address, FALSE);
    server->sessions_count--;
    address->sessions--;
    drop_unused_address (server, address);
}

void
bureau_address_set_session_waiting (BureauServer *server, BureauAddress *address, gboolean waiting)
{
    gint change = waiting ? 1 : -1;

    server->waiting_sessions += change;
    address->waiting_sessions += change;
}

/* ------------------------------------------------------------------ accepting */

/* Of a listener: what it accepts has the same. */
static void
set_socket_options (int fd)
{
    static const int on = 1, idle = 60, interval = 10, probes = 3, user_timeout = 20000;
    /* What is not sent waits here, where it is counted and can be dropped, and not in the kernel.
     */
    static const int unsent = 128 * 1024;

    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt (fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt (fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt (fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    setsockopt (fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout, sizeof user_timeout);
    setsockopt (fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

/* Without a request: it is the number of connections that is too much. */
static void
turn_away (BureauChannel *channel)
{
    static const char body[] = "{\"ok\":false,\"error\":{\"code\":\"rate_limited\",\"message\":"
                               "\"Too many connections are open. Try again in a few seconds.\"}}";
    GString *answer = g_string_new (NULL);

    g_string_printf (answer,
                     "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
                     "Content-Length: %" G_GSIZE_FORMAT
                     "\r\nRetry-After: 5\r\nConnection: close\r\n\r\n%s",
                     strlen (body), body);
    bureau_channel_write (channel, answer);
    bureau_channel_finish (channel);
}

static gboolean
is_loopback (GSocketAddress *address)
{
    return g_inet_address_get_is_loopback (
        g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

/* What never leaves this machine needs no TLS: from a loopback address to a loopback address. */
static void
admit (BureauListener *listener, int fd, GSocketAddress *remote, GSocketAddress *local)
{
    BureauServer *server = listener->server;
    g_autofree char *name = g_inet_address_to_string (
        g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)));
    BureauAddress *address = hold_address (server, name, is_loopback (remote));
    gboolean may_be_plain = listener->is_wildcard && is_loopback (remote) && is_loopback (local);
    gboolean welcome = has_room_for_channel (server, address);
    BureauChannel *channel;

    if (!welcome && (listener->identity != NULL || server->turned_away >= MAX_TURNED_AWAY)) {
        drop_unused_address (server, address);
        close (fd);
        return;
    }
    channel = bureau_channel_new (server, fd, address, local, listener->identity, may_be_plain);
    count_channel (channel, !welcome);
    if (!welcome)
        turn_away (channel);
}

static void
accept_one (BureauListener *listener, int fd, const struct sockaddr *peer, socklen_t peer_length)
{
    g_autoptr (GSocketAddress) remote = g_socket_address_new_from_native ((gpointer) peer,
                                                                          peer_length);
    struct sockaddr_storage here;
    socklen_t here_length = sizeof here;
    g_autoptr (GSocketAddress) local = NULL;

    if (getsockname (fd, (struct sockaddr *) &here, &here_length) == 0)
        local = g_socket_address_new_from_native (&here, here_length);
    if (!G_IS_INET_SOCKET_ADDRESS (remote) || !G_IS_INET_SOCKET_ADDRESS (local)) {
        close (fd);
        return;
    }
    admit (listener, fd, remote, local);
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
        struct sockaddr_storage peer;
        socklen_t length = sizeof peer;
        int fd = accept4 (g_socket_get_fd (socket), (struct sockaddr *) &peer, &length,
                          SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0) {
            listener->ailing = FALSE;
            accept_one (listener, fd, (struct sockaddr *) &peer, length);
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

/* IPv6's wildcard takes IPv4 too, whatever the system's default is. */
static gboolean
bind_to (GSocket *socket, GSocketAddress *address, GError **error)
{
    if (g_socket_address_get_family (address) == G_SOCKET_FAMILY_IPV6 &&
        !g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, FALSE, error))
        return FALSE;
    return g_socket_bind (socket, address, TRUE, error);
}

static GSocket *
open_listener (GSocketAddress *address, GError **error)
{
    g_autoptr (GSocket) socket = g_socket_new (g_socket_address_get_family (address),
                                               G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

    if (socket == NULL)
        return NULL;
    g_socket_set_blocking (socket, FALSE);
    g_socket_set_listen_backlog (socket, BACKLOG);
    set_socket_options (g_socket_get_fd (socket));
    if (!bind_to (socket, address, error) || !g_socket_listen (socket, error))
        return NULL;
    return g_steal_pointer (&socket);
}

static char *
describe_listener (GSocket *socket, gboolean secure, GError **error)
{
    g_autoptr (GSocketAddress) bound = g_socket_get_local_address (socket, error);
    g_autofree char *name = NULL;
    GInetAddress *address;
    gboolean is_ipv6;

    if (bound == NULL)
        return NULL;
    address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (bound));
    name = g_inet_address_to_string (address);
    is_ipv6 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6;
    return g_strdup_printf ("%s://%s%s%s:%u", secure ? "https" : "http", is_ipv6 ? "[" : "", name,
                            is_ipv6 ? "]" : "",
                            g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
}

static GInetAddress *
parse_address (const char *address, gboolean secure, GError **error)
{
    g_autoptr (GInetAddress) host = g_inet_address_new_from_string (address);

    if (host == NULL) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                     "“%s” is not a numeric address", address);
        return NULL;
    }
    if (!secure && !g_inet_address_get_is_loopback (host)) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                     "%s is not a loopback address, and there is no certificate for TLS", address);
        return NULL;
    }
    return g_steal_pointer (&host);
}

char *
bureau_server_listen (BureauServer *server, const char *address, guint16 port,
                      BureauTlsIdentity *identity, GError **error)
{
    g_autoptr (GInetAddress) host = parse_address (address, identity != NULL, error);
    g_autoptr (GSocketAddress) wanted = NULL;
    g_autoptr (GSocket) socket = NULL;
    BureauListener *listener;
    char *uri;

    if (host == NULL)
        return NULL;
    wanted = g_inet_socket_address_new (host, port);
    socket = open_listener (wanted, error);
    uri = socket == NULL ? NULL : describe_listener (socket, identity != NULL, error);
    if (uri == NULL)
        return NULL;
    listener = g_new0 (BureauListener, 1);
    listener->server = server;
    listener->socket = g_steal_pointer (&socket);
    listener->uri = g_strdup (uri);
    listener->is_wildcard = g_inet_address_get_is_any (host);
    listener->identity = identity == NULL ? NULL : bureau_tls_identity_ref (identity);
    g_ptr_array_add (server->listeners, listener);
    watch_listener (listener);
    return uri;
}

static void
free_listener (BureauListener *listener)
{
    set_source (listener, NULL);
    g_socket_close (listener->socket, NULL);
    g_object_unref (listener->socket);
    g_clear_pointer (&listener->identity, bureau_tls_identity_unref);
    g_free (listener->uri);
    g_free (listener);
}

void
bureau_server_stop_listening (BureauServer *server, const char *uri)
{
    for (guint i = server->listeners->len; i-- > 0;) {
        BureauListener *listener = g_ptr_array_index (server->listeners, i);

        if (uri == NULL || strcmp (listener->uri, uri) == 0) {
            g_ptr_array_remove_index (server->listeners, i);
            free_listener (listener);
        }
    }
}

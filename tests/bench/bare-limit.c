/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The least that a fan-out over WebSocket can cost with send(): an epoll loop that knows just
 * enough of Socket.IO to please the load generator, looks at no JSON, checks nothing, and sends
 * each event on as it is. With --batch, the events of one loop iteration leave with one send() for
 * each member. Only to measure against. */

#include <glib.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define GUID        "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define KEY_HEADER  "Sec-WebSocket-Key: "
#define BUFFER_SIZE (256 * 1024)
#define MAX_EVENTS  256
#define MASK_SIZE   4
#define TEXT_FRAME  0x81

typedef struct {
    int fd;
    gboolean is_open;
    GByteArray *input;  /* (owned) (nullable): half a frame, or half a request */
    GByteArray *unsent; /* (owned) (nullable): what the kernel did not take */
} Client;

typedef struct {
    int epoll;
    int listener;
    gboolean batch;
    GPtrArray *members; /* (unowned) */
    GByteArray *joined; /* the frames of this iteration */
} Server;

static GByteArray *
append (GByteArray *array, const void *bytes, gsize length)
{
    if (array == NULL)
        array = g_byte_array_new ();
    return g_byte_array_append (array, bytes, (guint) length);
}

static void
client_send (Client *client, const guint8 *bytes, gsize length)
{
    gssize sent = 0;

    if (client->unsent == NULL || client->unsent->len == 0)
        sent = send (client->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    sent = MAX (sent, 0);
    if ((gsize) sent < length)
        client->unsent = append (client->unsent, bytes + sent, length - (gsize) sent);
}

static void
client_flush (Client *client)
{
    gssize sent;

    if (client->unsent == NULL || client->unsent->len == 0)
        return;
    sent = send (client->fd, client->unsent->data, client->unsent->len,
                 MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0)
        g_byte_array_remove_range (client->unsent, 0, (guint) sent);
}

static void
client_free (Server *server, Client *client)
{
    g_ptr_array_remove_fast (server->members, client);
    close (client->fd);
    g_clear_pointer (&client->input, g_byte_array_unref);
    g_clear_pointer (&client->unsent, g_byte_array_unref);
    g_free (client);
}

static gsize
write_header (guint8 *header, gsize length)
{
    header[0] = TEXT_FRAME;
    if (length < 126) {
        header[1] = (guint8) length;
        return 2;
    }
    header[1] = 126;
    header[2] = (guint8) (length >> 8);
    header[3] = (guint8) length;
    return 4;
}

static void
client_send_text (Client *client, const char *text)
{
    guint8 frame[256];
    gsize header = write_header (frame, strlen (text));

    memcpy (frame + header, text, strlen (text));
    client_send (client, frame, header + strlen (text));
}

static void
broadcast (Server *server, const guint8 *bytes, gsize length)
{
    for (guint i = 0; i < server->members->len; i++)
        client_send (g_ptr_array_index (server->members, i), bytes, length);
}

static void
take_message (Server *server, Client *client, const guint8 *payload, gsize length)
{
    static const char join[] = "42[\"join\"", update[] = "42[\"task:update\"";

    if (length >= strlen (update) && memcmp (payload, update, strlen (update)) == 0) {
        guint8 header[4];
        gsize size = write_header (header, length);

        server->joined = append (server->joined, header, size);
        server->joined = append (server->joined, payload, length);
        if (!server->batch) {
            broadcast (server, server->joined->data, server->joined->len);
            g_byte_array_set_size (server->joined, 0);
        }
    } else if (length >= strlen (join) && memcmp (payload, join, strlen (join)) == 0) {
        g_ptr_array_add (server->members, client);
    } else if (length >= 2 && memcmp (payload, "40", 2) == 0) {
        client_send_text (client, "40{\"sid\":\"bare\"}");
    }
}

/* Takes whole frames, of less than 64 KiB; returns how many bytes they had. */
static gsize
take_frames (Server *server, Client *client, guint8 *bytes, gsize available)
{
    gsize position = 0;

    while (available - position >= 4) {
        guint8 *frame = bytes + position;
        gboolean is_long = (frame[1] & 0x7f) == 126;
        gsize length = is_long ? (gsize) frame[2] << 8 | frame[3] : (gsize) (frame[1] & 0x7f);
        gsize header = (is_long ? 4 : 2) + MASK_SIZE;
        guint8 *payload = frame + header;

        if (available - position < header + length)
            break;
        for (gsize i = 0; i < length; i++)
            payload[i] ^= payload[(gssize) (i % MASK_SIZE) - MASK_SIZE];
        take_message (server, client, payload, length);
        position += header + length;
    }
    return position;
}

static gsize
take_request (Client *client, const guint8 *bytes, gsize available)
{
    const char *end = memmem (bytes, available, "\r\n\r\n", 4);
    const char *key = end != NULL ? memmem (bytes, available, KEY_HEADER, strlen (KEY_HEADER))
                                  : NULL;
    g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA1);
    guint8 digest[20];
    gsize size = sizeof digest;

    if (key == NULL)
        return 0;
    g_checksum_update (sum, (const guchar *) key + strlen (KEY_HEADER), 24);
    g_checksum_update (sum, (const guchar *) GUID, strlen (GUID));
    g_checksum_get_digest (sum, digest, &size);

    g_autofree char *accept = g_base64_encode (digest, size);
    g_autofree char *answer = g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\n"
                                               "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                                               "Sec-WebSocket-Accept: %s\r\n\r\n",
                                               accept);

    client_send (client, (const guint8 *) answer, strlen (answer));
    client_send_text (client, "0{\"sid\":\"bare\",\"upgrades\":[],\"pingInterval\":25000,"
                              "\"pingTimeout\":20000,\"maxPayload\":1000000}");
    client->is_open = TRUE;
    return (gsize) ((const guint8 *) end + 4 - bytes);
}

static gsize
take (Server *server, Client *client, guint8 *bytes, gsize available)
{
    gsize taken = client->is_open ? 0 : take_request (client, bytes, available);

    if (client->is_open)
        taken += take_frames (server, client, bytes + taken, available - taken);
    return taken;
}

/* FALSE at the end. One read for each readiness, as the hub does; what is more comes with the next.
 */
static gboolean
read_client (Server *server, Client *client)
{
    static guint8 buffer[BUFFER_SIZE];
    gssize got = recv (client->fd, buffer, sizeof buffer, MSG_DONTWAIT);
    gsize taken;

    if (got <= 0)
        return got < 0 && errno == EAGAIN;
    if (client->input != NULL && client->input->len > 0) {
        client->input = append (client->input, buffer, (gsize) got);
        taken = take (server, client, client->input->data, client->input->len);
        g_byte_array_remove_range (client->input, 0, (guint) taken);
        return TRUE;
    }
    taken = take (server, client, buffer, (gsize) got);
    if (taken < (gsize) got)
        client->input = append (client->input, buffer + taken, (gsize) got - taken);
    return TRUE;
}

static void
accept_all (Server *server)
{
    int fd, on = 1;

    while ((fd = accept4 (server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        Client *client = g_new0 (Client, 1);
        struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = client };

        client->fd = fd;
        setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_ctl (server->epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

static void
run_once (Server *server)
{
    struct epoll_event events[MAX_EVENTS];
    int count = epoll_wait (server->epoll, events, MAX_EVENTS, -1);

    for (int i = 0; i < count; i++) {
        Client *client = events[i].data.ptr;

        if (client == NULL) {
            accept_all (server);
            continue;
        }
        if ((events[i].events & EPOLLOUT) != 0)
            client_flush (client);
        if ((events[i].events & ~(guint32) EPOLLOUT) != 0 && !read_client (server, client))
            client_free (server, client);
    }
    if (server->joined != NULL && server->joined->len > 0) {
        broadcast (server, server->joined->data, server->joined->len);
        g_byte_array_set_size (server->joined, 0);
    }
}

static gboolean
listen_on (Server *server, guint16 port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (port) };
    struct epoll_event event = { .events = EPOLLIN | EPOLLET };
    socklen_t length = sizeof address;
    int on = 1;

    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    server->listener = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt (server->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind (server->listener, (struct sockaddr *) &address, sizeof address) != 0 ||
        listen (server->listener, 4096) != 0)
        return FALSE;
    getsockname (server->listener, (struct sockaddr *) &address, &length);
    printf ("ready %u\n", ntohs (address.sin_port));
    fflush (stdout);
    return epoll_ctl (server->epoll, EPOLL_CTL_ADD, server->listener, &event) == 0;
}

int
main (int argc, char **argv)
{
    Server server = { .epoll = epoll_create1 (EPOLL_CLOEXEC), .members = g_ptr_array_new () };
    struct rlimit limit;

    signal (SIGPIPE, SIG_IGN);
    if (getrlimit (RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit (RLIMIT_NOFILE, &limit);
    }
    server.batch = argc > 1 && g_str_equal (argv[1], "--batch");
    if (!listen_on (&server, 0)) {
        perror ("bare-limit");
        return 1;
    }
    for (;;)
        run_once (&server);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "client.h"

#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define PATH       "/socket.io/?EIO=4&transport=websocket"
#define MAX_EVENTS 1024
#define MAX_WAIT   G_GUINT64_CONSTANT (100000000)
#define MAX_TOLD   3

#define OPCODE_TEXT   0x1
#define OPCODE_BINARY 0x2
#define OPCODE_CLOSE  0x8
#define OPCODE_PING   0x9
#define OPCODE_PONG   0xA

/* ------------------------------------------------------------------ sending */

/* A client's frames are masked; a mask of zeros is legal, and keeps the payload as it is. */
static void
send_frame (Client *client, guint8 opcode, const char *payload, gsize length)
{
    static GByteArray *frame = NULL;
    guint8 header[8] = { 0x80 | opcode, 0x80 };
    gsize size = 2;

    g_assert (length <= G_MAXUINT16);
    if (length < 126) {
        header[1] |= (guint8) length;
    } else {
        header[1] |= 126;
        header[2] = (guint8) (length >> 8);
        header[3] = (guint8) length;
        size = 4;
    }
    if (frame == NULL)
        frame = g_byte_array_new ();
    g_byte_array_set_size (frame, 0);
    g_byte_array_append (frame, header, (guint) size + 4);
    g_byte_array_append (frame, (const guint8 *) payload, (guint) length);
    stream_write (&client->stream, frame->data, frame->len);
}

void
client_send_text (Client *client, const char *text, gsize length)
{
    send_frame (client, OPCODE_TEXT, text, length);
}

/* ------------------------------------------------------------------ ends */

static void
client_close (Client *client, const char *why)
{
    Clients *clients = client->clients;

    if (client->state == CLIENT_CLOSED)
        return;
    if (client->state != CLIENT_READY)
        clients->in_flight--;
    client->state = CLIENT_CLOSED;
    client->ending = why;
    stream_close (&client->stream);
    if (client->role == CLIENT_SLOW)
        clients->slow_closed++;
    else if (clients->closed++ < MAX_TOLD)
        g_printerr ("loadgen: client %u was closed: %s\n", (guint) (client - clients->all), why);
}

/* ------------------------------------------------------------------ what comes */

/* From now on only the end of the stream is told. */
static void
stop_reading (Client *client)
{
    struct epoll_event event = { .events = EPOLLRDHUP | EPOLLET, .data.ptr = client };

    epoll_ctl (client->clients->epoll, EPOLL_CTL_MOD, client->stream.fd, &event);
}

void
client_read_on (Client *client)
{
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                 .data.ptr = client };

    if (client->state == CLIENT_READY)
        epoll_ctl (client->clients->epoll, EPOLL_CTL_MOD, client->stream.fd, &event);
}

static void
become_ready (Client *client, guint64 now)
{
    Clients *clients = client->clients;
    const char *join = clients->options.join;

    client->state = CLIENT_READY;
    clients->in_flight--;
    clients->ready++;
    histogram_add (&clients->handshakes, now - client->opened);
    if ((client->role == CLIENT_RECEIVER || client->role == CLIENT_SLOW) && join[0] != '\0')
        client_send_text (client, join, strlen (join));
    if (client->role == CLIENT_SLOW)
        stop_reading (client);
}

static void
send_connect (Client *client)
{
    char **packets = client->clients->options.connect;
    const char *packet = packets[(guint) (client - client->clients->all) % g_strv_length (packets)];

    client->state = CLIENT_JOINING;
    client_send_text (client, packet, strlen (packet));
}

static void
take_event (Client *client, const char *text, gsize length, guint64 now)
{
    Clients *clients = client->clients;
    guint32 number;
    guint64 published;

    if (client->role == CLIENT_RECEIVER &&
        marker_find (text, length, &clients->marker_hint, &number, &published))
        tally_arrive (&clients->tally, number, published, now);
    else
        clients->others++;
}

static void
take_text (Client *client, const char *text, gsize length, guint64 now)
{
    if (length == 1 && text[0] == '2') {
        client->clients->pings++;
        client_send_text (client, "3", 1);
    } else if (client->state == CLIENT_READY) {
        take_event (client, text, length, now);
    } else if (client->state == CLIENT_OPENING && length > 0 && text[0] == '0') {
        send_connect (client);
    } else if (client->state == CLIENT_JOINING && length >= 2 && memcmp (text, "40", 2) == 0) {
        become_ready (client, now);
    } else {
        client_close (client, "it was not let in");
    }
}

static void
take_frame (Client *client, guint8 opcode, const guint8 *payload, gsize length, guint64 now)
{
    switch (opcode) {
    case OPCODE_TEXT:
    case OPCODE_BINARY:
        take_text (client, (const char *) payload, length, now);
        break;
    case OPCODE_PING:
        send_frame (client, OPCODE_PONG, (const char *) payload, length);
        break;
    case OPCODE_CLOSE:
        client->close_code = length >= 2 ? (guint) payload[0] << 8 | payload[1] : 1005;
        client_close (client, "a close frame");
        break;
    default:
        break;
    }
}

/* The size of the header of the frame at @bytes, 0 if it is not whole. */
static gsize
parse_header (const guint8 *bytes, gsize available, gsize *length)
{
    guint form = bytes[1] & 0x7f;
    guint extra = form == 126 ? 2 : form == 127 ? 8 : 0;

    if (available < 2 + extra)
        return 0;
    *length = extra == 0 ? form : 0;
    for (guint i = 0; i < extra; i++)
        *length = *length << 8 | bytes[2 + i];
    return 2 + extra;
}

/* Takes whole frames; returns how many bytes they had. */
static gsize
take_frames (Client *client, const guint8 *bytes, gsize available, guint64 now)
{
    gsize position = 0;

    while (available - position >= 2 && client->state != CLIENT_CLOSED) {
        gsize length = 0;
        gsize header = parse_header (bytes + position, available - position, &length);

        if (header == 0 || length > available - position - header)
            break;
        take_frame (client, bytes[position] & 0xf, bytes + position + header, length, now);
        position += header + length;
    }
    return position;
}

static gsize
take_answer (Client *client, const guint8 *bytes, gsize available)
{
    static const char accepted[] = "HTTP/1.1 101";
    const char *end = memmem (bytes, available, "\r\n\r\n", 4);

    if (end == NULL)
        return 0;
    if (memcmp (bytes, accepted, strlen (accepted)) != 0) {
        client_close (client, "the upgrade was refused");
        return available;
    }
    client->state = CLIENT_OPENING;
    return (gsize) ((const guint8 *) end + 4 - bytes);
}

static gsize
take_whole (Client *client, const guint8 *bytes, gsize available, guint64 now)
{
    gsize taken = 0;

    if (client->state == CLIENT_UPGRADING)
        taken = take_answer (client, bytes, available);
    if (client->state > CLIENT_UPGRADING)
        taken += take_frames (client, bytes + taken, available - taken, now);
    return taken;
}

static void
on_bytes (const guint8 *bytes, gsize length, gpointer data)
{
    Client *client = data;
    guint64 now = meter_now ();
    gsize taken;

    client->clients->reads++;
    if (client->rest != NULL && client->rest->len > 0) {
        g_byte_array_append (client->rest, bytes, (guint) length);
        taken = take_whole (client, client->rest->data, client->rest->len, now);
        g_byte_array_remove_range (client->rest, 0, (guint) taken);
        return;
    }
    taken = take_whole (client, bytes, length, now);
    if (taken == length || client->state == CLIENT_CLOSED)
        return;
    if (client->rest == NULL)
        client->rest = g_byte_array_new ();
    g_byte_array_append (client->rest, bytes + taken, (guint) (length - taken));
}

static void
on_epoll (Client *client, guint32 events)
{
    const char *why = NULL;

    if (client->state == CLIENT_CLOSED)
        return;
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0 &&
        !stream_on_writable (&client->stream, &why)) {
        client_close (client, why);
        return;
    }
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0 &&
        !stream_on_readable (&client->stream, on_bytes, client, &why)) {
        client_close (client, why);
        return;
    }
    if (client->state == CLIENT_CONNECTING && client->stream.is_ready) {
        client->state = CLIENT_UPGRADING;
        stream_write (&client->stream, client->clients->request, strlen (client->clients->request));
    }
}

/* ------------------------------------------------------------------ all of them */

Clients *
clients_new (const ClientsOptions *options)
{
    Clients *clients = g_new0 (Clients, 1);

    clients->options = *options;
    clients->epoll = epoll_create1 (EPOLL_CLOEXEC);
    clients->count = options->publishers + options->receivers + options->slow + options->idle;
    clients->all = g_new0 (Client, clients->count);
    clients->tls = options->tls ? stream_tls_new (options->resume) : NULL;
    clients->marker_hint = -1;
    clients->request = g_strdup_printf ("GET " PATH " HTTP/1.1\r\n"
                                        "Host: 127.0.0.1:%u\r\n"
                                        "Connection: Upgrade\r\n"
                                        "Upgrade: websocket\r\n"
                                        "Sec-WebSocket-Version: 13\r\n"
                                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                                        options->port);
    tally_init (&clients->tally, options->receivers);
    return clients;
}

void
clients_free (Clients *clients)
{
    for (guint i = 0; i < clients->opened; i++) {
        stream_close (&clients->all[i].stream);
        g_clear_pointer (&clients->all[i].rest, g_byte_array_unref);
    }
    close (clients->epoll);
    g_clear_pointer (&clients->tls, stream_tls_free);
    g_strfreev (clients->options.connect);
    g_free (clients->options.join);
    g_free (clients->request);
    g_free (clients->all);
    g_free (clients);
}

static ClientRole
role_of (const ClientsOptions *options, guint index)
{
    if (index < options->publishers)
        return CLIENT_PUBLISHER;
    index -= options->publishers;
    if (index < options->receivers)
        return CLIENT_RECEIVER;
    index -= options->receivers;
    return index < options->slow ? CLIENT_SLOW : CLIENT_IDLE;
}

static gboolean
open_client (Clients *clients, guint index)
{
    const ClientsOptions *options = &clients->options;
    Client *client = &clients->all[index];
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                                 .data.ptr = client };

    client->clients = clients;
    client->role = role_of (options, index);
    client->opened = meter_now ();
    if (!stream_open (&client->stream, options->port, client->role == CLIENT_SLOW, clients->tls) ||
        epoll_ctl (clients->epoll, EPOLL_CTL_ADD, client->stream.fd, &event) != 0)
        return FALSE;
    clients->in_flight++;
    return TRUE;
}

gboolean
clients_open_more (Clients *clients)
{
    while (clients->opened < clients->count && clients->in_flight < clients->options.concurrency) {
        if (!open_client (clients, clients->opened++))
            return FALSE;
    }
    return TRUE;
}

void
clients_poll (Clients *clients, guint64 until)
{
    static struct epoll_event events[MAX_EVENTS];
    guint64 now = meter_now ();
    struct timespec wait = { .tv_nsec = (long) MIN (until > now ? until - now : 0, MAX_WAIT) };
    int count = epoll_pwait2 (clients->epoll, events, MAX_EVENTS, &wait, NULL);

    for (int i = 0; i < count; i++)
        on_epoll (events[i].data.ptr, events[i].events);
}

void
clients_run (Clients *clients, guint64 until)
{
    while (meter_now () < until)
        clients_poll (clients, until);
}

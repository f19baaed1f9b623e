/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "peer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_MESSAGE (1024 * 1024)

void
peer_open (Peer *peer, guint16 port, guint16 from)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons (port),
        .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
    };
    struct sockaddr_in source = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl (INADDR_LOOPBACK + from),
    };
    int on = 1;

    *peer = (Peer){ .in = g_byte_array_new () };
    peer->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert (peer->fd >= 0);
    setsockopt (peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt (peer->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    g_assert (bind (peer->fd, (struct sockaddr *) &source, sizeof source) == 0);
    /* libFuzzer's clock interrupts; and then it goes on by itself. */
    while (connect (peer->fd, (struct sockaddr *) &address, sizeof address) != 0 &&
           errno != EISCONN) {
        if (errno != EINTR && errno != EALREADY)
            g_error ("connect: %s", g_strerror (errno));
    }
}

void
peer_send (Peer *peer, const void *bytes, gsize length)
{
    /* What the server does not take, it does not get. */
    if (!peer->shut)
        send (peer->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Copies what stands behind the last @mark up to the next quote, if it fits. */
static void
find_key (GByteArray *in, const char *mark, char unwanted, char key[32])
{
    gsize length = strlen (mark);
    const char *text = (const char *) in->data;
    const char *end = text + in->len;
    const char *found = memmem (text, in->len, mark, length);

    for (; found != NULL; found = memmem (found + 1, end - found - 1, mark, length)) {
        const char *value = found + length;
        const char *quote = memchr (value, '"', end - value);

        if (quote == NULL || quote - value >= 32 || (found > text && found[-1] == unwanted))
            continue;
        memcpy (key, value, quote - value);
        key[quote - value] = '\0';
    }
}

/* Each frame is as RFC 6455 wants it of a server. */
static void
check_frames (Peer *peer, guint8 *bytes, gsize length)
{
    BureauWebsocketResult result;
    BureauWebsocketMessage message;

    bureau_websocket_codec_feed (peer->codec, bytes, length);
    do {
        result = bureau_websocket_codec_next (peer->codec, &message);
        g_assert (result != BUREAU_WEBSOCKET_ERROR);
    } while (result != BUREAU_WEBSOCKET_NEED_MORE && result != BUREAU_WEBSOCKET_CLOSE);
}

/* Whether the bytes so far are an upgrade's answer, and maybe more. */
static void
check_head (Peer *peer)
{
    static const char switching[] = "HTTP/1.1 101 ";
    static const char any[] = "HTTP/1.1 ";
    guint8 *end = memmem (peer->in->data, peer->in->len, "\r\n\r\n", 4);

    g_assert (memcmp (peer->in->data, any, MIN (peer->in->len, strlen (any))) == 0);
    if (end == NULL || memcmp (peer->in->data, switching, strlen (switching)) != 0)
        return;
    g_byte_array_remove_range (peer->in, 0, end + 4 - peer->in->data);
    peer->codec = bureau_websocket_codec_new (BUREAU_WEBSOCKET_CLIENT, MAX_MESSAGE);
}

static void
take (Peer *peer, Keys *keys)
{
    if (peer->in->len == 0)
        return;
    if (peer->codec == NULL)
        check_head (peer);
    if (peer->in->len == 0)
        return;
    find_key (peer->in, "0{\"sid\":\"", '4', keys->sid);
    find_key (peer->in, "\"pid\":\"", '\0', keys->pid);
    find_key (peer->in, "[\"news\",1,\"", '\0', keys->offset);
    if (peer->codec == NULL)
        return;
    check_frames (peer, peer->in->data, peer->in->len);
    g_byte_array_set_size (peer->in, 0);
}

void
peer_receive (Peer *peer, Keys *keys)
{
    guint8 buffer[16 * 1024];
    gssize got;

    if (peer->fd < 0)
        return;
    while ((got = recv (peer->fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
        g_byte_array_append (peer->in, buffer, got);
    if (got == 0 || errno != EAGAIN)
        peer->ended = TRUE;
    take (peer, keys);
}

void
peer_shut (Peer *peer)
{
    shutdown (peer->fd, SHUT_WR);
    peer->shut = TRUE;
}

void
peer_reset (Peer *peer)
{
    struct linger linger = { .l_onoff = 1 };

    setsockopt (peer->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close (peer->fd);
    peer->fd = -1;
    g_byte_array_unref (peer->in);
    g_clear_pointer (&peer->codec, bureau_websocket_codec_free);
}

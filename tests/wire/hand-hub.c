/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hand-hub.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ peers */

static void
clear_source (GSource **source)
{
    if (*source != NULL)
        g_source_destroy (*source);
    g_clear_pointer (source, g_source_unref);
}

static void
peer_free (gpointer data)
{
    HandPeer *peer = data;

    clear_source (&peer->readable);
    clear_source (&peer->writable);
    g_io_stream_close (G_IO_STREAM (peer->connection), NULL, NULL);
    g_object_unref (peer->connection);
    g_byte_array_unref (peer->in);
    g_free (peer->chunk);
    g_free (peer);
}

char *
hand_peer_get_header (HandPeer *peer, const char *name)
{
    g_autofree char *head = g_strndup ((const char *) peer->in->data, peer->head);
    g_auto (GStrv) lines = g_strsplit (head, "\r\n", -1);
    gsize length = strlen (name);

    for (guint i = 1; lines[i] != NULL; i++) {
        if (g_ascii_strncasecmp (lines[i], name, length) == 0 && lines[i][length] == ':')
            return g_strdup (g_strstrip (lines[i] + length + 1));
    }
    return NULL;
}

/* Gives the request to the test once it is whole. */
static void
look_at (HandPeer *peer)
{
    const char *end = memmem (peer->in->data, peer->in->len, "\r\n\r\n", 4);
    g_autofree char *length = NULL;
    g_autofree char *method = NULL;
    g_autofree char *body = NULL;
    gsize size;

    if (end == NULL)
        return;
    peer->head = end + 4 - (const char *) peer->in->data;
    length = hand_peer_get_header (peer, "Content-Length");
    size = length == NULL ? 0 : strtoul (length, NULL, 10);
    if (peer->in->len - peer->head < size) {
        peer->head = 0;
        return;
    }
    body = g_strndup (end + 4, size);
    method = g_strndup ((const char *) peer->in->data,
                        strcspn ((const char *) peer->in->data, " "));
    peer->hub->func (peer, method, body, peer->hub->data);
}

static gboolean
on_readable_cb (GObject *stream, gpointer data)
{
    HandPeer *peer = data;
    gssize length = g_pollable_input_stream_read_nonblocking (
        G_POLLABLE_INPUT_STREAM (stream), peer->buffer, sizeof peer->buffer, NULL, NULL);

    peer->eof = length <= 0;
    if (peer->eof)
        return G_SOURCE_REMOVE;
    g_byte_array_append (peer->in, peer->buffer, length);
    if (peer->head == 0)
        look_at (peer);
    return G_SOURCE_CONTINUE;
}

static gboolean
on_incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source,
                gpointer data)
{
    HandHub *hub = data;
    HandPeer *peer = g_new0 (HandPeer, 1);
    GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (connection));

    peer->hub = hub;
    peer->connection = g_object_ref (connection);
    peer->in = g_byte_array_new ();
    g_ptr_array_add (hub->peers, peer);
    peer->readable = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (stream), NULL);
    g_source_set_callback (peer->readable, G_SOURCE_FUNC (on_readable_cb), peer, NULL);
    g_source_attach (peer->readable, NULL);
    return TRUE;
}

void
hand_peer_send (HandPeer *peer, const void *bytes, gsize length)
{
    g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (peer->connection)),
                               bytes, length, NULL, NULL, NULL);
}

void
hand_peer_send_string (HandPeer *peer, const char *text)
{
    hand_peer_send (peer, text, strlen (text));
}

static gboolean
on_writable_cb (GObject *stream, gpointer data)
{
    HandPeer *peer = data;
    g_autoptr (GError) error = NULL;
    gssize length = g_pollable_output_stream_write_nonblocking (
        G_POLLABLE_OUTPUT_STREAM (stream), peer->chunk, peer->chunk_length, NULL, &error);

    /* A write that is cut short goes on at its rest, or the stream would make no sense. */
    if (length > 0 && (gsize) length < peer->chunk_length) {
        g_autofree char *turned = g_malloc (peer->chunk_length);

        memcpy (turned, peer->chunk + length, peer->chunk_length - length);
        memcpy (turned + peer->chunk_length - length, peer->chunk, length);
        memcpy (peer->chunk, turned, peer->chunk_length);
    }
    return length > 0 || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

void
hand_peer_send_for_ever (HandPeer *peer, const void *bytes, gsize length)
{
    GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM (peer->connection));

    peer->chunk = g_memdup2 (bytes, length);
    peer->chunk_length = length;
    peer->writable = g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM (stream),
                                                             NULL);
    g_source_set_callback (peer->writable, G_SOURCE_FUNC (on_writable_cb), peer, NULL);
    g_source_attach (peer->writable, NULL);
}

void
hand_peer_shut (HandPeer *peer)
{
    g_socket_shutdown (g_socket_connection_get_socket (peer->connection), FALSE, TRUE, NULL);
}

void
hand_peer_answer (HandPeer *peer, const char *status, const char *type, const char *body)
{
    g_autofree char *text = g_strdup_printf ("HTTP/1.1 %s\r\nContent-Type: %s\r\n"
                                             "Content-Length: %" G_GSIZE_FORMAT
                                             "\r\nConnection: close\r\n\r\n%s",
                                             status, type, strlen (body), body);

    hand_peer_send_string (peer, text);
    hand_peer_shut (peer);
}

char *
hand_peer_make_upgrade (HandPeer *peer)
{
    g_autofree char *key = hand_peer_get_header (peer, "Sec-WebSocket-Key");
    g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
    g_autofree char *accept = NULL;
    guint8 digest[20];
    gsize length = sizeof digest;

    g_assert_nonnull (key);
    g_checksum_update (checksum, (const guint8 *) key, -1);
    g_checksum_update (checksum, (const guint8 *) "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", -1);
    g_checksum_get_digest (checksum, digest, &length);
    accept = g_base64_encode (digest, length);
    return g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                            "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                            accept);
}

char *
hand_peer_get_frames (HandPeer *peer)
{
    GString *text = g_string_new (NULL);
    const guint8 *frame = peer->in->data + peer->head;
    const guint8 *end = peer->in->data + peer->in->len;

    /* Two bytes of header, four of mask. */
    while (end - frame >= 6 && end - frame >= 6 + (frame[1] & 0x7f)) {
        guint length = frame[1] & 0x7f;

        for (guint i = 0; i < length; i++)
            g_string_append_c (text, frame[6 + i] ^ frame[2 + i % 4]);
        g_string_append_c (text, '\n');
        frame += 6 + length;
    }
    return g_string_free (text, FALSE);
}

guint
hand_peer_get_close_code (HandPeer *peer)
{
    const guint8 *frame = peer->in->data + peer->in->len - 8;

    if (peer->in->len < peer->head + 8 || frame[0] != 0x88 || frame[1] != 0x82)
        return 1006;
    return (guint) (frame[6] ^ frame[2]) << 8 | (frame[7] ^ frame[3]);
}

/* ------------------------------------------------------------------ hub */

HandHub *
hand_hub_new (HandFunc func, gpointer data)
{
    HandHub *hub = g_new0 (HandHub, 1);
    g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
    g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (loopback, 0);
    g_autoptr (GSocketAddress) got = NULL;
    g_autoptr (GError) error = NULL;

    hub->func = func;
    hub->data = data;
    hub->peers = g_ptr_array_new_with_free_func (peer_free);
    hub->service = g_socket_service_new ();
    g_socket_listener_add_address (G_SOCKET_LISTENER (hub->service), wanted, G_SOCKET_TYPE_STREAM,
                                   G_SOCKET_PROTOCOL_TCP, NULL, &got, &error);
    g_assert_no_error (error);
    hub->uri = g_strdup_printf ("http://127.0.0.1:%u",
                                g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (got)));
    g_signal_connect (hub->service, "incoming", G_CALLBACK (on_incoming_cb), hub);
    return hub;
}

void
hand_hub_free (HandHub *hub)
{
    g_socket_service_stop (hub->service);
    g_socket_listener_close (G_SOCKET_LISTENER (hub->service));
    g_object_unref (hub->service);
    g_ptr_array_unref (hub->peers);
    g_free (hub->uri);
    g_free (hub);
}

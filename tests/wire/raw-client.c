/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "raw-client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

RawClient *
raw_client_new (const char *uri)
{
    return raw_client_new_from (uri, "127.0.0.1");
}

RawClient *
raw_client_new_from (const char *uri, const char *from)
{
    g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);
    struct sockaddr_in address = { .sin_family = AF_INET };
    struct sockaddr_in own = { .sin_family = AF_INET };
    RawClient *client = g_new0 (RawClient, 1);
    int on = 1;

    g_assert_nonnull (parsed);
    inet_pton (AF_INET, g_uri_get_host (parsed), &address.sin_addr);
    address.sin_port = htons (g_uri_get_port (parsed));
    client->in = g_byte_array_new ();
    client->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint (client->fd, >=, 0);
    setsockopt (client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    inet_pton (AF_INET, from, &own.sin_addr);
    g_assert_cmpint (bind (client->fd, (struct sockaddr *) &own, sizeof own), ==, 0);
    g_assert_cmpint (connect (client->fd, (struct sockaddr *) &address, sizeof address), ==, 0);
    return client;
}

void
raw_client_free (RawClient *client)
{
    close (client->fd);
    g_byte_array_unref (client->in);
    g_free (client);
}

static void
receive (RawClient *client)
{
    guint8 buffer[65536];
    gssize got = recv (client->fd, buffer, sizeof buffer, MSG_DONTWAIT);

    if (got > 0)
        g_byte_array_append (client->in, buffer, got);
    else if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
        client->eof = TRUE;
}

void
raw_iterate (RawClient *client)
{
    struct pollfd fd = { client == NULL ? -1 : client->fd, POLLIN };

    while (g_main_context_iteration (NULL, FALSE))
        ;
    if (poll (&fd, 1, 1) > 0)
        receive (client);
}

void
raw_client_send (RawClient *client, const void *bytes, gsize length)
{
    const char *position = bytes;

    while (length > 0) {
        gssize sent = send (client->fd, position, length, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent > 0) {
            position += sent;
            length -= sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            raw_iterate (client);
        } else {
            return;
        }
    }
}

void
raw_client_send_string (RawClient *client, const char *text)
{
    raw_client_send (client, text, strlen (text));
}

/* RFC 6455, section 5.2; room for 10 bytes. Returns how many there are. */
static guint
make_header (guint8 *header, guint8 first, gsize length)
{
    guint extended = length < 126 ? 0 : length <= G_MAXUINT16 ? 2 : 8;

    header[0] = first;
    header[1] = 0x80 | (extended == 0 ? length : extended == 2 ? 126 : 127);
    for (guint i = 0; i < extended; i++)
        header[2 + i] = length >> 8 * (extended - 1 - i);
    return 2 + extended;
}

void
raw_client_send_frame (RawClient *client, guint8 first, const void *payload, gsize length)
{
    static const guint8 mask[4] = { 0x12, 0x34, 0x56, 0x78 };
    guint8 header[10];
    guint size = make_header (header, first, length) + sizeof mask;
    g_autofree guint8 *frame = g_malloc (size + length);

    memcpy (frame, header, size - sizeof mask);
    memcpy (frame + size - sizeof mask, mask, sizeof mask);
    for (gsize i = 0; i < length; i++)
        frame[size + i] = ((const guint8 *) payload)[i] ^ mask[i & 3];
    raw_client_send (client, frame, size + length);
}

void
raw_client_send_text (RawClient *client, const char *text)
{
    raw_client_send_frame (client, 0x81, text, strlen (text));
}

char *
raw_client_read_all (RawClient *client)
{
    gint64 deadline = g_get_monotonic_time () + RAW_PATIENCE;

    while (!client->eof) {
        g_assert_cmpint (g_get_monotonic_time (), <, deadline);
        raw_iterate (client);
    }
    return g_strndup (client->in->len == 0 ? "" : (char *) client->in->data, client->in->len);
}

char *
raw_client_request (const char *uri, const char *request)
{
    g_autoptr (RawClient) client = raw_client_new (uri);

    raw_client_send_string (client, request);
    shutdown (client->fd, SHUT_WR);
    return raw_client_read_all (client);
}

/* Takes the head of the 101, which promises no compression and no end. */
static gboolean
take_head (RawClient *client)
{
    char *end = memmem (client->in->data, client->in->len, "\r\n\r\n", 4);
    g_autofree char *head = NULL;

    if (end == NULL)
        return FALSE;
    head = g_strndup ((char *) client->in->data, end - (char *) client->in->data);
    g_assert_null (strstr (head, "deflate"));
    g_assert_nonnull (strstr (head, "Connection: Upgrade"));
    g_assert_null (strstr (head, "Connection: close"));
    g_byte_array_remove_range (client->in, 0, end + 4 - (char *) client->in->data);
    return TRUE;
}

RawClient *
raw_client_ask_upgrade (const char *uri, const char *query)
{
    RawClient *client = raw_client_new (uri);
    g_autofree char *request = g_strconcat (
        "GET /socket.io/?EIO=4&transport=websocket", query,
        " HTTP/1.1\r\n"
        "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        NULL);

    raw_client_send_string (client, request);
    return client;
}

RawClient *
raw_client_upgrade_with (const char *uri, const char *query)
{
    RawClient *client = raw_client_ask_upgrade (uri, query);
    gint64 deadline = g_get_monotonic_time () + RAW_PATIENCE;

    while (client->in->len < 12) {
        g_assert_false (client->eof);
        g_assert_cmpint (g_get_monotonic_time (), <, deadline);
        raw_iterate (client);
    }
    g_assert_cmpint (memcmp (client->in->data, "HTTP/1.1 101", 12), ==, 0);
    while (!take_head (client))
        raw_iterate (client);
    return client;
}

/* Bytes of the first answer, 0 if it is not whole. */
static gsize
measure_answer (RawClient *client)
{
    const char *text = (const char *) client->in->data;
    const char *end = memmem (text, client->in->len, "\r\n\r\n", 4);
    const char *length = memmem (text, client->in->len, "\r\nContent-Length: ", 18);
    gsize size = end == NULL ? 0 : end + 4 - text;

    if (end != NULL && length != NULL && length < end)
        size += g_ascii_strtoull (length + 18, NULL, 10);
    return size <= client->in->len ? size : 0;
}

char *
raw_client_read_answer (RawClient *client)
{
    gint64 deadline = g_get_monotonic_time () + RAW_PATIENCE;
    char *answer;
    gsize size;

    while (client->in->len == 0 || (size = measure_answer (client)) == 0) {
        g_assert_false (client->eof);
        g_assert_cmpint (g_get_monotonic_time (), <, deadline);
        raw_iterate (client);
    }
    answer = g_strndup ((char *) client->in->data, size);
    g_byte_array_remove_range (client->in, 0, size);
    return answer;
}

RawClient *
raw_client_upgrade (const char *uri)
{
    return raw_client_upgrade_with (uri, "");
}

/* Bytes of the first frame's header, 0 if it is not whole. */
static guint
parse_header (GByteArray *in, gsize *length)
{
    guint size;

    if (in->len < 2)
        return 0;
    /* A server does not mask. */
    g_assert_cmpuint (in->data[1] & 0x80, ==, 0);
    *length = in->data[1];
    size = *length == 126 ? 4 : *length == 127 ? 10 : 2;
    if (in->len < size)
        return 0;
    if (size > 2) {
        *length = 0;
        for (guint i = 2; i < size; i++)
            *length = *length << 8 | in->data[i];
    }
    return size;
}

guint8
raw_client_read_frame (RawClient *client, char **payload, gsize *length)
{
    gint64 deadline = g_get_monotonic_time () + RAW_PATIENCE;
    guint8 opcode;
    guint header;

    while ((header = parse_header (client->in, length)) == 0 ||
           client->in->len < header + *length) {
        if (client->eof)
            return 0;
        g_assert_cmpint (g_get_monotonic_time (), <, deadline);
        raw_iterate (client);
    }
    opcode = client->in->data[0] & 0x0f;
    g_assert_cmpuint (client->in->data[0] & 0xf0, ==, 0x80);
    *payload = g_strndup ((char *) client->in->data + header, *length);
    memcpy (*payload, client->in->data + header, *length);
    g_byte_array_remove_range (client->in, 0, header + *length);
    return opcode;
}

char *
raw_client_read_text (RawClient *client)
{
    char *payload = NULL;
    gsize length;

    g_assert_cmpuint (raw_client_read_frame (client, &payload, &length), ==, 1);
    return payload;
}

void
raw_client_expect_text (RawClient *client, const char *text)
{
    g_autofree char *got = raw_client_read_text (client);

    g_assert_cmpstr (got, ==, text);
}

guint
raw_client_read_close (RawClient *client)
{
    for (;;) {
        g_autofree char *payload = NULL;
        gsize length;
        guint8 opcode = raw_client_read_frame (client, &payload, &length);

        if (opcode == 0)
            return 1006;
        if (opcode == 8)
            return length < 2 ? 1005 : (guint8) payload[0] << 8 | (guint8) payload[1];
    }
}

RawClient *
raw_client_sign_in (const char *uri, const char *auth)
{
    RawClient *client = raw_client_upgrade (uri);
    g_autofree char *open = raw_client_read_text (client);
    g_autofree char *connect = g_strconcat ("40", auth, NULL);
    g_autofree char *answer = NULL;

    g_assert_true (g_str_has_prefix (open, "0{\"sid\":\""));
    raw_client_send_text (client, connect);
    answer = raw_client_read_text (client);
    g_assert_true (g_str_has_prefix (answer, "40{\"sid\":\""));
    return client;
}

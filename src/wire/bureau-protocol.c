/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What Engine.IO v4 and Socket.IO v5 say to each message of a peer: wire.md, A5, A7, B3, B4. */

#include "bureau-server-private.h"

#include <string.h>

#include <sodium.h>

#include "bureau-json-scanner.h"

#define MAX_DEPTH 32
#define ID_BYTES  15 /* 20 characters of base64url */

static void
make_id (char id[24])
{
    guint8 bytes[ID_BYTES];

    randombytes_buf (bytes, sizeof bytes);
    sodium_bin2base64 (id, 24, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void
send_text (BureauConnection *connection, GString *text)
{
    g_autoptr (BureauFrame) frame = bureau_frame_new_take (text);

    bureau_connection_queue (connection, frame, NULL);
}

static void
refuse_packet (BureauConnection *connection)
{
    bureau_connection_end (connection, BUREAU_CLOSE_BAD_PACKET, "parse error");
}

/* ------------------------------------------------------------------ Engine.IO */

void
bureau_protocol_open (BureauConnection *connection)
{
    BureauServer *server = connection->server;
    GString *text = g_string_new (NULL);
    char id[24];

    make_id (id);
    g_string_printf (text,
                     "0{\"sid\":\"%s\",\"upgrades\":[],\"pingInterval\":%" G_GINT64_FORMAT
                     ",\"pingTimeout\":%" G_GINT64_FORMAT ",\"maxPayload\":%" G_GSIZE_FORMAT "}",
                     id, server->options.ping_interval, server->options.ping_timeout,
                     server->options.max_payload);
    send_text (connection, text);
    bureau_deadline_enter (&server->pinging, &connection->heartbeat, connection,
                           bureau_server_now ());
}

static void
take_pong (BureauConnection *connection)
{
    BureauServer *server = connection->server;

    /* One that nobody asked for is no sign of anything. */
    if (!connection->awaiting_pong)
        return;
    bureau_deadline_leave (&server->ponging, &connection->heartbeat);
    connection->awaiting_pong = FALSE;
    bureau_deadline_enter (&server->pinging, &connection->heartbeat, connection,
                           bureau_server_now ());
}

/* ------------------------------------------------------------------ Socket.IO */

static void
take_connect (BureauConnection *connection, const BureauPacket *packet)
{
    BureauServer *server = connection->server;

    if (strcmp (packet->nsp, "/") != 0) {
        GString *text = g_string_new (NULL);

        bureau_packet_append_connect_error (text, packet->nsp,
                                            "{\"message\":\"Invalid namespace\"}");
        send_text (connection, text);
        return;
    }
    if (connection->state != BUREAU_NAMESPACE_NONE) {
        refuse_packet (connection);
        return;
    }
    connection->state = BUREAU_NAMESPACE_ASKED;
    connection->told = TRUE;
    server->turn_due = TRUE;
    server->hooks.connect (server, connection, packet->json, server->data);
}

static void
take_disconnect (BureauConnection *connection)
{
    connection->server->turn_due = TRUE;
    bureau_connection_report (connection);
    /* It may sign in again, but has no more time for it than a new one. */
    if (!connection->closing && connection->admission == NULL)
        connection->admission = bureau_admission_new_again (connection);
}

static void
take_packet (BureauConnection *connection, const BureauPacket *packet)
{
    BureauServer *server = connection->server;

    if (packet->type == BUREAU_PACKET_CONNECT) {
        take_connect (connection, packet);
        return;
    }
    if (strcmp (packet->nsp, "/") != 0 || connection->state != BUREAU_NAMESPACE_JOINED) {
        refuse_packet (connection);
        return;
    }
    switch (packet->type) {
    case BUREAU_PACKET_DISCONNECT:
        take_disconnect (connection);
        break;
    case BUREAU_PACKET_EVENT:
        server->turn_due = TRUE;
        if (packet->json != NULL)
            server->hooks.event (server, connection, packet, server->data);
        break;
    case BUREAU_PACKET_ACK:
        /* The hub asks for none, so this is one it does not know: ignored. */
        break;
    default:
        /* CONNECT_ERROR is the server's to send. Binary packets: no command has attachments, so
         * this release does not take them. */
        refuse_packet (connection);
        break;
    }
}

void
bureau_protocol_take (BureauConnection *connection, const char *text, gsize length)
{
    BureauPacket packet;

    switch (length == 0 ? '\0' : text[0]) {
    case '0':
    case '5':
    case '6':
        break;
    case '1':
        bureau_connection_end (connection, BUREAU_CLOSE_NO_STATUS, "transport close");
        break;
    case '3':
        take_pong (connection);
        break;
    case '4':
        if (!bureau_packet_parse (&packet, text + 1, length - 1, MAX_DEPTH, NULL)) {
            refuse_packet (connection);
            break;
        }
        take_packet (connection, &packet);
        bureau_packet_clear (&packet);
        break;
    default:
        /* Also '2', which only the server says, and 'b', a blob in base64. */
        refuse_packet (connection);
        break;
    }
}

/* ------------------------------------------------------------------ public */

void
bureau_connection_accept (BureauConnection *connection)
{
    GString *text;
    g_autofree char *json = NULL;
    char id[24];

    if (connection->closing || connection->state != BUREAU_NAMESPACE_ASKED)
        return;
    connection->state = BUREAU_NAMESPACE_JOINED;
    g_clear_pointer (&connection->admission, bureau_admission_finish);
    make_id (id);
    json = g_strdup_printf ("{\"sid\":\"%s\"}", id);
    text = g_string_new (NULL);
    bureau_packet_append_connect (text, "/", json);
    send_text (connection, text);
}

void
bureau_connection_refuse (BureauConnection *connection, const char *message, const char *code)
{
    GString *json, *text;

    if (connection->closing || connection->state != BUREAU_NAMESPACE_ASKED)
        return;
    connection->state = BUREAU_NAMESPACE_NONE;
    connection->told = FALSE;
    json = g_string_new ("{\"message\":");
    bureau_json_append_string (json, message);
    g_string_append (json, ",\"data\":{\"code\":");
    bureau_json_append_string (json, code);
    g_string_append (json, "}}");
    text = g_string_new (NULL);
    bureau_packet_append_connect_error (text, "/", json->str);
    g_string_free (json, TRUE);
    send_text (connection, text);
}

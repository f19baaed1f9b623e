/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What Socket.IO v5 says to each message of a session: wire.md, B2 to B6. */

#include "bureau-server-private.h"

#include <string.h>

#include <sodium.h>

#include "bureau-json-slice.h"

#define MAX_DEPTH 32
/* CONNECTs of one session: two a second, and ten at once. Nothing else that is so short costs the
 * owner, and all whom it tells who is there, so much. */
#define CONNECT_COST   (500 * G_TIME_SPAN_MILLISECOND)
#define CONNECT_CREDIT (5 * G_TIME_SPAN_SECOND)
#define ID_BYTES       15 /* 20 characters of base64url */

void
bureau_protocol_make_id (char id[BUREAU_ID_SIZE])
{
    guint8 bytes[ID_BYTES];

    randombytes_buf (bytes, sizeof bytes);
    sodium_bin2base64 (id, BUREAU_ID_SIZE, bytes, sizeof bytes,
                       sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void
refuse_packet (BureauSession *session)
{
    bureau_session_close (session, BUREAU_CLOSE_BAD_PACKET, "parse error");
}

/* ------------------------------------------------------------------ namespaces */

/* The one that has not left: of those there is at most one in each namespace. */
static BureauConnection *
find_connection (BureauSession *session, const char *nsp)
{
    for (guint i = 0; session->connections != NULL && i < session->connections->len; i++) {
        BureauConnection *connection = g_ptr_array_index (session->connections, i);

        if (connection->state != BUREAU_NAMESPACE_LEFT && strcmp (connection->nsp, nsp) == 0)
            return connection;
    }
    return NULL;
}

/* As the options have it; NULL if there is no such namespace. */
static const char *
find_namespace (BureauServer *server, const char *nsp)
{
    for (guint i = 0; server->options.namespaces[i] != NULL; i++) {
        if (strcmp (server->options.namespaces[i], nsp) == 0)
            return server->options.namespaces[i];
    }
    return NULL;
}

static void
refuse_namespace (BureauSession *session, const char *nsp)
{
    BureauServer *server = session->server;
    g_autoptr (BureauFrame) frame = NULL;

    g_string_truncate (server->text, 0);
    bureau_packet_append_connect_error (server->text, nsp, "{\"message\":\"Invalid namespace\"}");
    frame = bureau_frame_new_text (server, server->text->str, server->text->len);
    bureau_session_queue (session, frame, NULL);
}

static char *
dup_member (const BureauPacket *packet, const char *name)
{
    BureauJsonSlice slice;

    if (packet->json == NULL ||
        !bureau_json_slice_member (packet->json, packet->json_length, name, &slice))
        return NULL;
    return bureau_json_slice_dup_string (&slice);
}

static void
take_connect (BureauSession *session, const BureauPacket *packet)
{
    BureauServer *server = session->server;
    const char *nsp = find_namespace (server, packet->nsp);
    BureauConnection *connection;

    if (nsp == NULL) {
        refuse_namespace (session, packet->nsp);
        return;
    }
    if (find_connection (session, nsp) != NULL) {
        refuse_packet (session);
        return;
    }
    if (!bureau_server_pay (&session->connect_due, CONNECT_COST, CONNECT_CREDIT)) {
        bureau_session_close (session, BUREAU_CLOSE_POLICY, "forced close");
        return;
    }
    /* Joining and leaving in turn piles nothing up. */
    bureau_protocol_report (session);
    connection = bureau_connection_new (session, nsp);
    connection->asked_pid = dup_member (packet, "pid");
    connection->asked_offset = dup_member (packet, "offset");
    if (session->connections == NULL)
        session->connections = g_ptr_array_new_with_free_func (
            (GDestroyNotify) bureau_connection_free);
    g_ptr_array_add (session->connections, connection);
    bureau_server_need_turn (server);
    server->hooks.connect (server, connection, packet->json, server->data);
}

/* ------------------------------------------------------------------ packets */

/* Any but CONNECT, whole. */
static void
dispatch (BureauConnection *connection, const BureauPacket *packet)
{
    BureauServer *server = connection->server;

    switch (packet->type) {
    case BUREAU_PACKET_EVENT:
    case BUREAU_PACKET_BINARY_EVENT:
        if (packet->json == NULL)
            break;
        bureau_server_need_turn (server);
        server->hooks.event (server, connection, packet, server->data);
        break;
    case BUREAU_PACKET_ACK:
    case BUREAU_PACKET_BINARY_ACK:
        bureau_connection_take_ack (connection, packet);
        break;
    case BUREAU_PACKET_DISCONNECT:
        bureau_connection_leave (connection, "client namespace disconnect");
        break;
    default:
        /* CONNECT_ERROR is the server's to send. */
        refuse_packet (connection->session);
        break;
    }
}

/* The connection that a packet is for: in a namespace that is not joined there is nothing to say,
 * and what comes before the CONNECT is accepted comes too early. */
static BureauConnection *
find_receiver (BureauSession *session, const BureauPacket *packet)
{
    BureauConnection *connection = find_connection (session, packet->nsp);

    if (connection != NULL && connection->state == BUREAU_NAMESPACE_JOINED)
        return connection;
    refuse_packet (session);
    return NULL;
}

static void
take_packet (BureauSession *session, const BureauPacket *packet)
{
    BureauConnection *connection;

    if (packet->type == BUREAU_PACKET_CONNECT) {
        take_connect (session, packet);
        return;
    }
    connection = find_receiver (session, packet);
    if (connection != NULL)
        dispatch (connection, packet);
}

/* TRUE while a binary packet lacks some of its attachments. */
static gboolean
is_incomplete (BureauSession *session)
{
    return session->binary.json != NULL;
}

/* Takes the packet. */
static void
await_attachments (BureauSession *session, BureauPacket *packet, gsize length)
{
    if (find_receiver (session, packet) == NULL) {
        bureau_packet_clear (packet);
        return;
    }
    session->binary = *packet;
    session->binary_bytes = length;
}

void
bureau_protocol_take_text (BureauSession *session, const char *text, gsize length)
{
    BureauPacket packet;

    if (session->state != BUREAU_SESSION_OPEN)
        return;
    if (is_incomplete (session) || !bureau_packet_parse (&packet, text, length, MAX_DEPTH, NULL)) {
        refuse_packet (session);
    } else if (bureau_packet_is_whole (&packet)) {
        take_packet (session, &packet);
        bureau_packet_clear (&packet);
    } else {
        await_attachments (session, &packet, length);
    }
}

void
bureau_protocol_take_binary (BureauSession *session, const void *bytes, gsize length)
{
    g_autoptr (GBytes) blob = NULL;
    BureauPacket packet;

    if (session->state != BUREAU_SESSION_OPEN)
        return;
    session->binary_bytes += length;
    if (!is_incomplete (session) || session->binary_bytes > session->server->options.max_payload) {
        refuse_packet (session);
        return;
    }
    blob = g_bytes_new (bytes, length);
    if (!bureau_packet_take_blob (&session->binary, blob))
        return;
    packet = session->binary;
    session->binary = (BureauPacket){ 0 };
    take_packet (session, &packet);
    bureau_packet_clear (&packet);
}

/* ------------------------------------------------------------------ ends */

/* What a client may come back from: wire.md, D. */
static gboolean
is_recoverable (const char *reason)
{
    static const char *const reasons[] = { "transport error",
                                           "transport close",
                                           "forced close",
                                           "ping timeout",
                                           "server shutting down",
                                           "forced server close",
                                           NULL };

    return g_strv_contains (reasons, reason);
}

/* It has left, and is in no list any more. */
static void
report (BureauConnection *connection)
{
    BureauServer *server = connection->server;

    bureau_connection_fail_acks (connection);
    if (connection->left_reason != NULL) {
        bureau_server_need_turn (server);
        server->hooks.closed (server, connection, connection->left_reason, server->data);
    }
    bureau_connection_free (connection);
}

void
bureau_protocol_report (BureauSession *session)
{
    for (guint i = 0; session->connections != NULL && i < session->connections->len;) {
        BureauConnection *connection = g_ptr_array_index (session->connections, i);

        if (connection->state == BUREAU_NAMESPACE_LEFT)
            report (g_ptr_array_steal_index (session->connections, i));
        else
            i++;
    }
}

void
bureau_protocol_end (BureauSession *session)
{
    BureauRecovery *recovery = session->server->recovery;

    for (guint i = 0; session->connections != NULL && i < session->connections->len; i++) {
        BureauConnection *connection = g_ptr_array_index (session->connections, i);

        if (connection->state == BUREAU_NAMESPACE_LEFT)
            continue;
        if (connection->state == BUREAU_NAMESPACE_JOINED && connection->pid != NULL &&
            is_recoverable (session->close_reason))
            bureau_recovery_park (recovery, connection);
        bureau_connection_leave (connection, session->close_reason);
    }
    bureau_protocol_report (session);
    g_clear_pointer (&session->connections, g_ptr_array_unref);
    bureau_packet_clear (&session->binary);
}

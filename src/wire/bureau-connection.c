/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What the owner does with a connection, and what becomes of the acknowledgements it asks for. */

#include "bureau-server-private.h"

#include "bureau-json-writer.h"

/* An acknowledgement that was asked for. */
typedef struct {
    gint64 id; /* its key in connection->acks */
    BureauConnection *connection;
    BureauAckFunc func;
    gpointer data;
    BureauDeadline deadline; /* in server->asking */
} PendingAck;

/* ------------------------------------------------------------------ sending */

/* What is being put together: one message at a time, from here to queue_text(). */
static GString *
begin_text (BureauConnection *connection)
{
    return g_string_truncate (connection->server->text, 0);
}

static void
queue_text (BureauConnection *connection)
{
    BureauServer *server = connection->server;
    g_autoptr (BureauFrame) frame = bureau_frame_new_text (server, server->text->str,
                                                           server->text->len);

    bureau_session_queue (connection->session, frame, NULL);
}

static void
queue_blobs (BureauConnection *connection, GPtrArray *blobs)
{
    for (guint i = 0; i < blobs->len; i++) {
        gsize length;
        gconstpointer bytes = g_bytes_get_data (g_ptr_array_index (blobs, i), &length);
        g_autoptr (BureauFrame) frame = bureau_frame_new_raw (
            connection->server, BUREAU_WEBSOCKET_OPCODE_BINARY, bytes, length);

        bureau_session_queue (connection->session, frame, NULL);
    }
}

/* Of a packet with attachments; @json, its whole array, is taken. */
static void
queue_binary (BureauConnection *connection, BureauPacketType type, gint64 id, GString *json,
              GPtrArray *blobs)
{
    BureauPacket packet = { type, blobs->len, connection->nsp, id, json->str, json->len, NULL };

    bureau_packet_append (begin_text (connection), &packet);
    g_string_free (json, TRUE);
    queue_text (connection);
    queue_blobs (connection, blobs);
}

static gboolean
has_blobs (GPtrArray *blobs)
{
    return blobs != NULL && blobs->len > 0;
}

static void
queue_event (BureauConnection *connection, const char *name, gint64 id, const char *json,
             GPtrArray *blobs)
{
    GString *array;

    if (!has_blobs (blobs)) {
        bureau_packet_append_event (begin_text (connection), connection->nsp, name, id, json);
        queue_text (connection);
        return;
    }
    array = g_string_new ("[");
    bureau_json_append_string (array, name);
    if (json != NULL)
        g_string_append_printf (array, ",%s", json);
    g_string_append_c (array, ']');
    queue_binary (connection, BUREAU_PACKET_BINARY_EVENT, id, array, blobs);
}

void
bureau_connection_send (BureauConnection *connection, BureauFrame *frame)
{
    if (connection->state == BUREAU_NAMESPACE_JOINED)
        bureau_session_queue (connection->session, frame, NULL);
}

void
bureau_connection_emit (BureauConnection *connection, const char *name, const char *json,
                        GPtrArray *blobs)
{
    g_return_if_fail (!has_blobs (blobs) || blobs->len <= BUREAU_PACKET_MAX_ATTACHMENTS);

    if (connection->state == BUREAU_NAMESPACE_JOINED)
        queue_event (connection, name, -1, json, blobs);
}

void
bureau_connection_acknowledge (BureauConnection *connection, gint64 id, const char *json,
                               GPtrArray *blobs)
{
    GString *array;

    g_return_if_fail (!has_blobs (blobs) || blobs->len <= BUREAU_PACKET_MAX_ATTACHMENTS);

    if (connection->state != BUREAU_NAMESPACE_JOINED)
        return;
    if (!has_blobs (blobs)) {
        bureau_packet_append_ack (begin_text (connection), connection->nsp, id, json);
        queue_text (connection);
        return;
    }
    array = g_string_new (NULL);
    g_string_printf (array, "[%s]", json == NULL ? "" : json);
    queue_binary (connection, BUREAU_PACKET_BINARY_ACK, id, array, blobs);
}

/* ------------------------------------------------------------------ how much waits */

gsize
bureau_connection_get_unsent (BureauConnection *connection)
{
    BureauSession *session = connection->session;
    BureauChannel *channel = session->websocket;

    return session->pending.unsent +
           (channel == NULL ? 0 : channel->outgoing.unsent + channel->sealed.unsent);
}

void
bureau_connection_await_drain (BureauConnection *connection, gsize bytes)
{
    BureauServer *server = connection->server;

    connection->drain = bytes;
    if (connection->is_draining)
        return;
    connection->is_draining = TRUE;
    connection->draining_link.data = connection;
    g_queue_push_tail_link (&server->draining, &connection->draining_link);
    bureau_server_arm (server);
}

static void
forget_draining (BureauConnection *connection)
{
    if (connection->is_draining)
        g_queue_unlink (&connection->server->draining, &connection->draining_link);
    connection->is_draining = FALSE;
}

void
bureau_connection_report_drained (BureauServer *server)
{
    for (guint count = server->draining.length; count > 0; count--) {
        GList *link = g_queue_pop_head_link (&server->draining);
        BureauConnection *connection = link->data;

        if (bureau_connection_get_unsent (connection) > connection->drain) {
            g_queue_push_tail_link (&server->draining, link);
            continue;
        }
        connection->is_draining = FALSE;
        if (connection->state == BUREAU_NAMESPACE_JOINED && server->hooks.drained != NULL)
            server->hooks.drained (server, connection, server->data);
    }
}

/* ------------------------------------------------------------------ asking */

void
bureau_connection_ask (BureauConnection *connection, const char *name, const char *json,
                       GPtrArray *blobs, BureauAckFunc func, gpointer data)
{
    PendingAck *pending;

    g_return_if_fail (!has_blobs (blobs) || blobs->len <= BUREAU_PACKET_MAX_ATTACHMENTS);

    if (connection->state != BUREAU_NAMESPACE_JOINED)
        return;
    pending = g_new0 (PendingAck, 1);
    pending->id = connection->next_ack++;
    pending->connection = connection;
    pending->func = func;
    pending->data = data;
    if (connection->acks == NULL)
        connection->acks = g_hash_table_new (g_int64_hash, g_int64_equal);
    g_hash_table_insert (connection->acks, &pending->id, pending);
    bureau_deadline_enter (&connection->server->asking, &pending->deadline, pending,
                           bureau_server_now ());
    queue_event (connection, name, pending->id, json, blobs);
}

static void
finish_ack (PendingAck *pending, const BureauPacket *packet)
{
    bureau_deadline_leave (&pending->deadline);
    g_hash_table_remove (pending->connection->acks, &pending->id);
    bureau_server_need_turn (pending->connection->server);
    pending->func (pending->connection, packet, pending->data);
    g_free (pending);
}

void
bureau_connection_take_ack (BureauConnection *connection, const BureauPacket *packet)
{
    PendingAck *pending = connection->acks == NULL
                              ? NULL
                              : g_hash_table_lookup (connection->acks, &packet->id);

    /* Late, twice, of nothing, or without its array: no harm done (B4). */
    if (pending != NULL && packet->json != NULL)
        finish_ack (pending, packet);
}

void
bureau_protocol_expire_ack (gpointer pending)
{
    finish_ack (pending, NULL);
}

static gboolean
is_any (gpointer key, gpointer value, gpointer data)
{
    return TRUE;
}

void
bureau_connection_fail_acks (BureauConnection *connection)
{
    PendingAck *pending;

    /* No new ones come: the connection has left. */
    while (connection->acks != NULL &&
           (pending = g_hash_table_find (connection->acks, is_any, NULL)) != NULL)
        finish_ack (pending, NULL);
}

/* ------------------------------------------------------------------ joining */

/* The session is signed in with its first namespace, and with the last it is not any more. */
static void
review_sign_in (BureauSession *session)
{
    gboolean signed_in = FALSE;

    for (guint i = 0; i < session->connections->len; i++) {
        BureauConnection *connection = g_ptr_array_index (session->connections, i);

        signed_in |= connection->state == BUREAU_NAMESPACE_JOINED;
    }
    bureau_session_set_signed_in (session, signed_in);
}

static gboolean
is_asked (BureauConnection *connection)
{
    return connection->state == BUREAU_NAMESPACE_ASKED &&
           connection->session->state == BUREAU_SESSION_OPEN;
}

void
bureau_connection_accept (BureauConnection *connection)
{
    g_autofree char *json = NULL;

    if (!is_asked (connection))
        return;
    connection->state = BUREAU_NAMESPACE_JOINED;
    review_sign_in (connection->session);
    if (connection->pid != NULL) {
        bureau_recovery_replay (connection->server->recovery, connection);
        json = g_strdup_printf ("{\"sid\":\"%s\",\"pid\":\"%s\"}", connection->id, connection->pid);
    } else {
        json = g_strdup_printf ("{\"sid\":\"%s\"}", connection->id);
    }
    bureau_packet_append_connect (begin_text (connection), connection->nsp, json);
    queue_text (connection);
    bureau_session_rest (connection->session);
}

void
bureau_connection_refuse (BureauConnection *connection, const char *message, const char *code)
{
    GString *json;

    if (!is_asked (connection))
        return;
    bureau_connection_leave (connection, NULL);
    json = g_string_new ("{\"message\":");
    bureau_json_append_string (json, message);
    g_string_append (json, ",\"data\":{\"code\":");
    bureau_json_append_string (json, code);
    g_string_append (json, "}}");
    bureau_packet_append_connect_error (begin_text (connection), connection->nsp, json->str);
    g_string_free (json, TRUE);
    queue_text (connection);
}

/* ------------------------------------------------------------------ leaving */

void
bureau_connection_leave (BureauConnection *connection, const char *reason)
{
    connection->state = BUREAU_NAMESPACE_LEFT;
    connection->left_reason = reason;
    bureau_room_leave_all (connection);
    if (connection->server->recovery != NULL)
        bureau_recovery_forget (connection->server->recovery, connection);
    review_sign_in (connection->session);
    if (connection->session->state == BUREAU_SESSION_OPEN)
        bureau_server_mark_doomed (connection->server, connection->session);
}

void
bureau_connection_disconnect (BureauConnection *connection)
{
    if (connection->state == BUREAU_NAMESPACE_LEFT)
        return;
    bureau_packet_append_disconnect (begin_text (connection), connection->nsp);
    queue_text (connection);
    bureau_connection_leave (connection, "server namespace disconnect");
}

void
bureau_connection_close (BureauConnection *connection, guint16 code, const char *reason)
{
    bureau_session_close (connection->session, code, reason);
}

/* ------------------------------------------------------------------ life */

BureauConnection *
bureau_connection_new (BureauSession *session, const char *nsp)
{
    BureauConnection *connection = g_new0 (BureauConnection, 1);

    connection->server = session->server;
    connection->session = session;
    connection->nsp = nsp;
    bureau_protocol_make_id (connection->id);
    return connection;
}

static void
drop_ack (gpointer key, gpointer value, gpointer data)
{
    PendingAck *pending = value;

    bureau_deadline_leave (&pending->deadline);
    g_free (pending);
}

void
bureau_connection_free (BureauConnection *connection)
{
    bureau_room_leave_all (connection);
    forget_draining (connection);
    if (connection->acks != NULL) {
        g_hash_table_foreach (connection->acks, drop_ack, NULL);
        g_hash_table_unref (connection->acks);
    }
    if (connection->destroy != NULL)
        connection->destroy (connection->data);
    g_free (connection->asked_pid);
    g_free (connection->asked_offset);
    g_free (connection->pid);
    g_free (connection->owner);
    g_free (connection);
}

/* ------------------------------------------------------------------ what is known of it */

gboolean
bureau_connection_is_open (BureauConnection *connection)
{
    return connection->state != BUREAU_NAMESPACE_LEFT &&
           connection->session->state == BUREAU_SESSION_OPEN;
}

const char *
bureau_connection_get_address (BureauConnection *connection)
{
    return connection->session->address->name;
}

const char *
bureau_connection_get_namespace (BureauConnection *connection)
{
    return connection->nsp;
}

const char *
bureau_connection_get_authorization (BureauConnection *connection)
{
    return connection->session->authorization;
}

const char *
bureau_connection_get_cookies (BureauConnection *connection)
{
    return connection->session->cookies;
}

void
bureau_connection_set_data (BureauConnection *connection, gpointer data, GDestroyNotify destroy)
{
    if (connection->destroy != NULL)
        connection->destroy (connection->data);
    connection->data = data;
    connection->destroy = destroy;
}

gpointer
bureau_connection_get_data (BureauConnection *connection)
{
    return connection->data;
}

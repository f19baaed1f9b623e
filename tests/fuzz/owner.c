/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "owner.h"

#include <string.h>

#include "bureau-json-slice.h"

static void
on_data_destroyed (gpointer data)
{
    ((Owner *) data)->gone++;
}

static gboolean
has_member (const char *json, const char *name)
{
    BureauJsonSlice slice;

    return json != NULL && bureau_json_slice_member (json, strlen (json), name, &slice);
}

static gboolean
is_in_root (BureauConnection *connection)
{
    return g_str_equal (bureau_connection_get_namespace (connection), "/");
}

static void
on_connect (BureauServer *server, BureauConnection *connection, const char *auth, gpointer data)
{
    Owner *owner = data;

    owner->joined++;
    bureau_connection_set_data (connection, owner, on_data_destroyed);
    g_assert (bureau_connection_get_address (connection) != NULL);
    if (has_member (auth, "refuse")) {
        bureau_connection_refuse (connection, "No “entry”.", "forbidden");
    } else if (!has_member (auth, "wait")) {
        bureau_connection_recover (connection, "somebody");
        if (is_in_root (connection))
            bureau_server_join (server, connection, "all");
        bureau_connection_accept (connection);
    }
}

static void
on_closed (BureauServer *server, BureauConnection *connection, const char *reason, gpointer data)
{
    g_assert (reason != NULL && bureau_connection_get_data (connection) == data);
    g_assert (!bureau_server_is_member (server, connection, "all"));
}

static void
on_answered (BureauConnection *connection, const BureauPacket *packet, gpointer data)
{
    Owner *owner = data;

    owner->answered++;
    g_assert (bureau_connection_get_data (connection) == owner);
    g_assert (packet == NULL || packet->json != NULL);
}

/* The arguments behind the event's name, as they came. (nullable) (transfer full) */
static char *
dup_arguments (const BureauPacket *packet)
{
    const char *end = packet->json + packet->json_length;
    BureauJsonSlice first;

    if (!bureau_json_slice_element (packet->json, packet->json_length, 1, &first))
        return NULL;
    while (*--end != ']')
        ;
    return g_strndup (first.text, end - first.text);
}

/* What only connections of "/" can have done. */
static void
serve_room (Owner *owner, BureauConnection *connection, const char *name, const char *room)
{
    const char *const rooms[] = { room, "all", NULL };
    g_autoptr (BureauFrame) frame = bureau_frame_new_event (owner->server, "said", "{\"x\":1}");

    if (g_str_equal (name, "join"))
        bureau_server_join (owner->server, connection, room);
    else if (g_str_equal (name, "leave"))
        bureau_server_leave (owner->server, connection, room);
    else if (g_str_equal (name, "tell"))
        bureau_server_broadcast (owner->server, rooms + 1, frame, NULL);
    else if (g_str_equal (name, "tell others"))
        bureau_server_broadcast (owner->server, rooms, frame, connection);
    else if (g_str_equal (name, "tell me"))
        bureau_server_send (owner->server, connection, room, frame);
    else if (g_str_equal (name, "publish"))
        bureau_server_publish (owner->server, rooms, "news", "1");
    else if (g_str_equal (name, "publish rest"))
        bureau_server_publish_rest (owner->server, rooms, "news", "2");
}

static void
serve (Owner *owner, BureauConnection *connection, const char *name, const char *arguments,
       GPtrArray *blobs)
{
    if (g_str_equal (name, "echo"))
        bureau_connection_emit (connection, name, arguments, blobs);
    else if (g_str_equal (name, "ask")) {
        owner->asked++;
        bureau_connection_ask (connection, name, arguments, blobs, on_answered, owner);
    } else if (g_str_equal (name, "leave me"))
        bureau_connection_disconnect (connection);
    else if (g_str_equal (name, "close"))
        bureau_connection_close (connection, 4403, "revoked");
    else if (g_str_equal (name, "close all"))
        bureau_server_close_all (owner->server, 4503, "restarting");
}

static void
on_event (BureauServer *server, BureauConnection *connection, const BureauPacket *packet,
          gpointer data)
{
    Owner *owner = data;
    g_autofree char *arguments = dup_arguments (packet);
    BureauJsonSlice slice;
    g_autofree char *name = NULL;
    g_autofree char *room = NULL;

    bureau_json_slice_element (packet->json, packet->json_length, 0, &slice);
    name = bureau_json_slice_dup_string (&slice);
    if (packet->id >= 0)
        bureau_connection_acknowledge (connection, packet->id, arguments, packet->blobs);
    if (name == NULL)
        return; /* a number */
    if (bureau_json_slice_element (packet->json, packet->json_length, 1, &slice))
        room = bureau_json_slice_dup_string (&slice);
    if (is_in_root (connection))
        serve_room (owner, connection, name, room == NULL ? "all" : room);
    serve (owner, connection, name, arguments, packet->blobs);
}

static void
on_turn (BureauServer *server, gpointer data)
{
}

static void
answer (BureauExchange *exchange)
{
    gsize length;
    const char *body = bureau_exchange_get_body (exchange, &length);
    g_autoptr (GBytes) bytes = g_bytes_new (body, length);

    g_assert (body[length] == '\0');
    bureau_exchange_set_header (exchange, "X-Path", bureau_exchange_get_path (exchange));
    bureau_exchange_answer (exchange, 200, "text/plain", bytes);
    g_assert (bureau_exchange_is_over (exchange));
}

static void
on_request (BureauServer *server, BureauExchange *exchange, gpointer data)
{
    Owner *owner = data;

    g_assert (!bureau_exchange_is_over (exchange));
    g_assert (g_hash_table_size (bureau_exchange_get_query (exchange)) < 10000);
    if (g_str_has_prefix (bureau_exchange_get_path (exchange), "/later"))
        g_queue_push_tail (&owner->later, bureau_exchange_ref (exchange));
    else
        answer (exchange);
}

static void
on_message (BureauServer *server, BureauSession *session, const void *bytes, gsize length,
            gboolean is_binary, gpointer data)
{
    bureau_session_send (session, bytes, length, is_binary);
}

static void
on_trouble (BureauServer *server, const char *what, gpointer data)
{
}

const BureauServerHooks owner_hooks = {
    .connect = on_connect,
    .event = on_event,
    .closed = on_closed,
    .turn = on_turn,
    .request = on_request,
    .message = on_message,
    .trouble = on_trouble,
};

void
owner_answer_late (Owner *owner)
{
    BureauExchange *exchange;

    while ((exchange = g_queue_pop_head (&owner->later)) != NULL) {
        answer (exchange);
        bureau_exchange_unref (exchange);
    }
}

void
owner_check (Owner *owner)
{
    g_queue_clear_full (&owner->later, (GDestroyNotify) bureau_exchange_unref);
    g_assert (owner->gone == owner->joined);
    g_assert (owner->answered <= owner->asked);
}

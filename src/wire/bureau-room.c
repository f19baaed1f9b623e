/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-server-private.h"

void
bureau_room_free (BureauRoom *room)
{
    g_ptr_array_unref (room->members);
    g_free (room->name);
    g_free (room);
}

/* A connection is in few rooms, so its own list is the short one to search. */
static BureauMembership *
find_membership (BureauConnection *connection, BureauRoom *room, guint *index)
{
    if (room == NULL || connection->memberships == NULL)
        return NULL;
    for (guint i = 0; i < connection->memberships->len; i++) {
        BureauMembership *membership = g_ptr_array_index (connection->memberships, i);

        if (membership->room == room) {
            *index = i;
            return membership;
        }
    }
    return NULL;
}

/* Out of the room, but not yet out of the connection's list. */
static void
remove_member (BureauServer *server, BureauMembership *membership)
{
    BureauRoom *room = membership->room;
    BureauMembership *last = g_ptr_array_index (room->members, room->members->len - 1);

    g_ptr_array_remove_index_fast (room->members, membership->position);
    if (last != membership)
        last->position = membership->position;
    g_free (membership);
    if (room->members->len == 0)
        g_hash_table_remove (server->rooms, room->name);
}

void
bureau_room_leave_all (BureauConnection *connection)
{
    if (connection->memberships == NULL)
        return;
    for (guint i = 0; i < connection->memberships->len; i++)
        remove_member (connection->server, g_ptr_array_index (connection->memberships, i));
    g_clear_pointer (&connection->memberships, g_ptr_array_unref);
}

static void
join (BureauServer *server, BureauConnection *connection, const char *name, gboolean muted)
{
    BureauRoom *room = g_hash_table_lookup (server->rooms, name);
    BureauMembership *membership;
    guint index;

    if (connection->state == BUREAU_NAMESPACE_LEFT ||
        find_membership (connection, room, &index) != NULL)
        return;
    if (room == NULL) {
        room = g_new0 (BureauRoom, 1);
        room->name = g_strdup (name);
        room->members = g_ptr_array_new ();
        g_hash_table_insert (server->rooms, room->name, room);
    }
    membership = g_new0 (BureauMembership, 1);
    membership->room = room;
    membership->connection = connection;
    membership->position = room->members->len;
    membership->muted = muted;
    g_ptr_array_add (room->members, membership);
    if (connection->memberships == NULL)
        connection->memberships = g_ptr_array_new ();
    g_ptr_array_add (connection->memberships, membership);
}

void
bureau_server_join (BureauServer *server, BureauConnection *connection, const char *name)
{
    join (server, connection, name, FALSE);
}

void
bureau_server_join_muted (BureauServer *server, BureauConnection *connection, const char *name)
{
    join (server, connection, name, TRUE);
}

void
bureau_server_unmute (BureauServer *server, BureauConnection *connection, const char *name)
{
    guint index;
    BureauMembership *membership = find_membership (
        connection, g_hash_table_lookup (server->rooms, name), &index);

    if (membership != NULL)
        membership->muted = FALSE;
}

gboolean
bureau_server_is_muted (BureauServer *server, BureauConnection *connection, const char *name)
{
    guint index;
    BureauMembership *membership = find_membership (
        connection, g_hash_table_lookup (server->rooms, name), &index);

    return membership != NULL && membership->muted;
}

void
bureau_server_leave (BureauServer *server, BureauConnection *connection, const char *name)
{
    BureauRoom *room = g_hash_table_lookup (server->rooms, name);
    guint index;
    BureauMembership *membership = find_membership (connection, room, &index);

    if (membership == NULL)
        return;
    bureau_session_purge (connection->session, room);
    g_ptr_array_remove_index_fast (connection->memberships, index);
    remove_member (server, membership);
}

void
bureau_server_leave_all (BureauServer *server, BureauConnection *connection)
{
    for (guint i = 0; connection->memberships != NULL && i < connection->memberships->len; i++) {
        BureauMembership *membership = g_ptr_array_index (connection->memberships, i);

        bureau_session_purge (connection->session, membership->room);
    }
    bureau_room_leave_all (connection);
}

gboolean
bureau_server_is_member (BureauServer *server, BureauConnection *connection, const char *name)
{
    guint index;

    return find_membership (connection, g_hash_table_lookup (server->rooms, name), &index) != NULL;
}

void
bureau_server_send (BureauServer *server, BureauConnection *connection, const char *name,
                    BureauFrame *frame)
{
    BureauRoom *room = g_hash_table_lookup (server->rooms, name);
    guint index;

    if (find_membership (connection, room, &index) != NULL)
        bureau_session_queue (connection->session, frame, room);
}

/* FALSE if it is not for this member: it has been told, or it is not @within, or else it is muted
 * where the frame is of. */
static gboolean
is_receiver (BureauServer *server, BureauMembership *membership, BureauRoom *within,
             BureauConnection *except)
{
    BureauConnection *connection = membership->connection;
    guint index;

    if (connection->stamp == server->stamp || connection == except)
        return FALSE;
    if (within != NULL)
        membership = find_membership (connection, within, &index);
    if (membership == NULL)
        return FALSE;
    connection->stamp = server->stamp;
    return !membership->muted && connection->state == BUREAU_NAMESPACE_JOINED;
}

static void
broadcast (BureauServer *server, BureauRoom *within, const char *const *rooms, BureauFrame *frame,
           BureauConnection *except)
{
    for (; *rooms != NULL; rooms++) {
        BureauRoom *room = g_hash_table_lookup (server->rooms, *rooms);

        for (guint i = 0; room != NULL && i < room->members->len; i++) {
            BureauMembership *membership = g_ptr_array_index (room->members, i);

            if (is_receiver (server, membership, within, except))
                bureau_session_queue (membership->connection->session, frame,
                                      within != NULL ? within : room);
        }
    }
}

void
bureau_server_broadcast (BureauServer *server, const char *const *rooms, BureauFrame *frame,
                         BureauConnection *except)
{
    server->stamp++;
    broadcast (server, NULL, rooms, frame, except);
}

void
bureau_server_broadcast_within (BureauServer *server, const char *within, const char *const *rooms,
                                BureauFrame *frame)
{
    BureauRoom *room = g_hash_table_lookup (server->rooms, within);

    server->stamp++;
    if (room != NULL)
        broadcast (server, room, rooms, frame, NULL);
}

void
bureau_server_broadcast_rest (BureauServer *server, const char *const *rooms, BureauFrame *frame,
                              BureauConnection *except)
{
    broadcast (server, NULL, rooms, frame, except);
}

void
bureau_server_foreach_member (BureauServer *server, const char *name, BureauConnectionFunc func,
                              gpointer data)
{
    BureauRoom *room = g_hash_table_lookup (server->rooms, name);

    for (guint i = 0; room != NULL && i < room->members->len; i++) {
        BureauMembership *membership = g_ptr_array_index (room->members, i);

        if (membership->connection->session->state == BUREAU_SESSION_OPEN)
            func (membership->connection, data);
    }
}

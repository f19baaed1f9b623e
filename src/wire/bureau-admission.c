/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Who is on the way in, from where, and for how long. */

#include "bureau-server-private.h"

#define ADMISSION_KEY "bureau-admission"

/* ------------------------------------------------------------------ who comes from where */

BureauAddress *
bureau_gate_hold_address (BureauServer *server, const char *name)
{
    BureauAddress *address = g_hash_table_lookup (server->addresses, name);

    if (address == NULL) {
        address = g_new0 (BureauAddress, 1);
        address->name = g_strdup (name);
        g_hash_table_insert (server->addresses, address->name, address);
    }
    return address;
}

void
bureau_gate_drop_unused_address (BureauServer *server, BureauAddress *address)
{
    if (address->connections > 0)
        return;
    g_hash_table_remove (server->addresses, address->name);
    g_free (address->name);
    g_free (address);
}

void
bureau_gate_release_address (BureauServer *server, BureauAddress *address)
{
    server->connected--;
    address->connections--;
    bureau_gate_drop_unused_address (server, address);
}

gboolean
bureau_gate_has_room (BureauServer *server, BureauAddress *address)
{
    const BureauServerOptions *options = &server->options;

    return server->connected < options->max_connections && server->waiting < options->max_waiting &&
           address->connections < options->max_connections_per_address &&
           address->waiting < options->max_waiting_per_address;
}

/* ------------------------------------------------------------------ admissions */

static BureauAdmission *
admission_new (BureauServer *server, BureauAddress *address)
{
    BureauAdmission *admission = g_new0 (BureauAdmission, 1);

    admission->server = server;
    admission->address = address;
    admission->link.data = admission;
    server->waiting++;
    address->waiting++;
    bureau_deadline_enter (&server->admitting, &admission->deadline, admission,
                           bureau_server_now ());
    bureau_server_arm (server);
    return admission;
}

void
bureau_admission_finish (BureauAdmission *admission)
{
    BureauServer *server = admission->server;

    bureau_deadline_leave (admission->answering ? &server->answering : &server->admitting,
                           &admission->deadline);
    server->waiting--;
    admission->address->waiting--;
    g_clear_object (&admission->remote);
    g_free (admission);
}

/* The stream is gone without having become a connection: the usual end of an HTTP request. */
static void
on_stream_gone_cb (gpointer data, GObject *where_the_object_was)
{
    BureauAdmission *admission = data;
    BureauServer *server = admission->server;
    BureauAddress *address = admission->address;

    g_queue_unlink (&server->admissions, &admission->link);
    bureau_admission_finish (admission);
    bureau_gate_release_address (server, address);
}

BureauAdmission *
bureau_admission_new (BureauServer *server, BureauAddress *address, GSocketConnection *stream,
                      GSocketAddress *remote)
{
    BureauAdmission *admission = admission_new (server, address);

    admission->stream = stream;
    admission->remote = g_object_ref (remote);
    address->connections++;
    server->connected++;
    g_queue_push_tail_link (&server->admissions, &admission->link);
    g_object_weak_ref (G_OBJECT (stream), on_stream_gone_cb, admission);
    g_object_set_data (G_OBJECT (remote), ADMISSION_KEY, admission);
    return admission;
}

void
bureau_admission_end_head (BureauAdmission *admission)
{
    GSource *head = g_steal_pointer (&admission->head);

    if (head == NULL)
        return;
    g_source_destroy (head);
    g_source_unref (head);
    /* Which may be the end of the admission. */
    g_object_unref (admission->stream);
}

void
bureau_admission_detach (BureauAdmission *admission, BureauConnection *connection)
{
    g_object_weak_unref (G_OBJECT (admission->stream), on_stream_gone_cb, admission);
    g_queue_unlink (&admission->server->admissions, &admission->link);
    admission->stream = NULL;
    admission->connection = connection;
}

BureauAdmission *
bureau_admission_new_again (BureauConnection *connection)
{
    BureauAdmission *admission = admission_new (connection->server, connection->address);

    admission->connection = connection;
    return admission;
}

void
bureau_admission_set_answering (BureauAdmission *admission)
{
    BureauServer *server = admission->server;

    if (admission->answering)
        return;
    bureau_deadline_leave (&server->admitting, &admission->deadline);
    admission->answering = TRUE;
    bureau_deadline_enter (&server->answering, &admission->deadline, admission,
                           bureau_server_now ());
    bureau_server_arm (server);
}

void
bureau_admission_expire (BureauAdmission *admission)
{
    GSocket *socket;

    if (admission->connection != NULL) {
        bureau_connection_end (admission->connection, BUREAU_CLOSE_NOT_SIGNED,
                               "not signed in in time");
        return;
    }
    if (admission->head != NULL) {
        bureau_admission_end_head (admission);
        return;
    }
    socket = g_socket_connection_get_socket (admission->stream);
    if (admission->answering) {
        g_socket_close (socket, NULL);
        return;
    }
    /* libsoup sees the end of file, and tidies up after itself. If it does not look, the next time
     * is the last. */
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
    bureau_admission_set_answering (admission);
}

BureauAdmission *
bureau_gate_get_admission (SoupServerMessage *message)
{
    GSocketAddress *remote = soup_server_message_get_remote_address (message);

    return g_object_get_data (G_OBJECT (remote), ADMISSION_KEY);
}

void
bureau_gate_abandon_streams (BureauServer *server)
{
    GList *link;

    while ((link = g_queue_peek_head_link (&server->admissions)) != NULL) {
        BureauAdmission *admission = link->data;

        if (admission->head != NULL) {
            bureau_admission_end_head (admission);
            continue;
        }
        g_object_weak_unref (G_OBJECT (admission->stream), on_stream_gone_cb, admission);
        g_socket_close (g_socket_connection_get_socket (admission->stream), NULL);
        on_stream_gone_cb (admission, NULL);
    }
}

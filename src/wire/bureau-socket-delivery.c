/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What comes up to the owner: events, which are held until the owner has the socket, and
 * acknowledgements. */

#include "bureau-socket-private.h"

#include "bureau-json-slice.h"

/* Bytes that may wait between the answer to CONNECT and the finish call. */
#define MAX_HELD (16 * 1024 * 1024)

typedef struct {
    BureauSocketAck func;
    gpointer data;
} PendingAck;

void
bureau_socket_init_delivery (BureauSocket *self)
{
    self->acks = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
    g_queue_init (&self->held);
}

/* ------------------------------------------------------------------ acknowledgements */

gint64
bureau_socket_expect_ack (BureauSocket *self, BureauSocketAck ack, gpointer data)
{
    PendingAck pending = { ack, data };
    gint64 id = self->next_id++;

    g_hash_table_insert (self->acks, g_memdup2 (&id, sizeof id),
                         g_memdup2 (&pending, sizeof pending));
    return id;
}

void
bureau_socket_fail_acks (BureauSocket *self, const GError *error)
{
    g_autoptr (GHashTable) acks = g_steal_pointer (&self->acks);
    GHashTableIter iter;
    PendingAck *ack;

    if (acks == NULL)
        return;
    g_hash_table_iter_init (&iter, acks);
    while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &ack))
        ack->func (NULL, error, ack->data);
}

static void
take_ack (BureauSocket *self, const BureauPacket *packet)
{
    BureauJsonSlice first;
    g_autofree char *json = NULL;
    PendingAck *found = g_hash_table_lookup (self->acks, &packet->id);
    PendingAck ack;

    /* One that nobody waits for is none of our business. */
    if (found == NULL)
        return;
    ack = *found;
    g_hash_table_remove (self->acks, &packet->id);
    if (packet->json != NULL &&
        bureau_json_slice_element (packet->json, packet->json_length, 0, &first))
        json = g_strndup (first.text, first.length);
    ack.func (json == NULL ? "null" : json, NULL, ack.data);
}

static gboolean
on_late_ack_cb (gpointer data)
{
    PendingAck *late = data;
    g_autoptr (GError) error = g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_CLOSED,
                                                    "There is no connection.");

    late->func (NULL, error, late->data);
    return G_SOURCE_REMOVE;
}

void
bureau_socket_refuse_ack (BureauSocket *self, BureauSocketAck ack, gpointer data)
{
    g_autoptr (GSource) source = g_idle_source_new ();
    PendingAck late = { ack, data };

    g_source_set_priority (source, G_PRIORITY_DEFAULT);
    g_source_set_callback (source, on_late_ack_cb, g_memdup2 (&late, sizeof late), g_free);
    g_source_attach (source, self->context);
}

/* ------------------------------------------------------------------ events */

static void
packet_free (BureauPacket *packet)
{
    bureau_packet_clear (packet);
    g_free (packet);
}

void
bureau_socket_clear_held (BureauSocket *self)
{
    bureau_socket_clear_source (&self->release);
    g_queue_clear_full (&self->held, (GDestroyNotify) packet_free);
    self->held_bytes = 0;
}

static void
deliver_event (BureauSocket *self, const BureauPacket *packet)
{
    BureauJsonSlice slice;
    g_autofree char *name = NULL;
    g_autofree char *json = NULL;

    if (packet->json == NULL)
        return;
    bureau_json_slice_element (packet->json, packet->json_length, 0, &slice);
    name = bureau_json_slice_dup_string (&slice);
    /* An event named by a number: allowed, but no hub of ours sends one. */
    if (name == NULL)
        return;
    if (bureau_json_slice_element (packet->json, packet->json_length, 1, &slice))
        json = g_strndup (slice.text, slice.length);
    bureau_socket_tell_event (self, name, json == NULL ? "null" : json);
}

static void
deliver (BureauSocket *self, const BureauPacket *packet)
{
    if (packet->type == BUREAU_PACKET_EVENT)
        deliver_event (self, packet);
    else
        take_ack (self, packet);
}

static gboolean
on_release_cb (gpointer data)
{
    g_autoptr (BureauSocket) self = g_object_ref (data);
    BureauPacket *packet;

    bureau_socket_clear_source (&self->release);
    self->released = TRUE;
    while (self->state == BUREAU_SOCKET_STATE_OPEN &&
           (packet = g_queue_pop_head (&self->held)) != NULL) {
        self->held_bytes -= packet->json_length;
        deliver (self, packet);
        packet_free (packet);
    }
    return G_SOURCE_REMOVE;
}

/* Takes what @packet holds. */
static void
hold (BureauSocket *self, BureauPacket *packet)
{
    BureauPacket *copy = g_memdup2 (packet, sizeof *packet);

    *packet = (BureauPacket){ .id = -1 };
    self->held_bytes += copy->json_length;
    g_queue_push_tail (&self->held, copy);
    if (self->held_bytes > MAX_HELD)
        bureau_socket_fail_protocol (self, "The hub sends more than can be held.");
}

void
bureau_socket_deliver (BureauSocket *self, BureauPacket *packet)
{
    if (self->released)
        deliver (self, packet);
    else
        hold (self, packet);
}

void
bureau_socket_plan_release (BureauSocket *self)
{
    self->release = g_idle_source_new ();
    g_source_set_priority (self->release, G_PRIORITY_DEFAULT);
    g_source_set_callback (self->release, on_release_cb, self, NULL);
    g_source_attach (self->release, self->context);
}

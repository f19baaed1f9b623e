/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* From polling to a WebSocket: a probe is opened beside the poll and asked whether it gets through;
 * when it has answered and nothing of the poll is under way any more, it becomes the carrier. */

#include "bureau-socket-private.h"

#include <string.h>

/* ms for an upgrade, from the call to the change */
#define UPGRADE_TIMEOUT 10000

void
bureau_socket_leave_probe (BureauSocket *self, guint16 code)
{
    g_autoptr (BureauCarrier) probe = g_steal_pointer (&self->probe);

    bureau_socket_clear_source (&self->probe_deadline);
    if (probe != NULL)
        bureau_carrier_leave (probe, code);
}

void
bureau_socket_drop_probe (BureauSocket *self)
{
    bureau_socket_leave_probe (self, BUREAU_SOCKET_CLOSE_NORMAL);
    if (!self->pausing)
        return;
    self->pausing = FALSE;
    bureau_carrier_polling_resume (self->carrier);
}

static gboolean
on_probe_deadline_cb (gpointer data)
{
    bureau_socket_drop_probe (data);
    return G_SOURCE_REMOVE;
}

void
bureau_socket_take_probe_answer (BureauSocket *self, const char *text, gsize length)
{
    if (self->pausing || length != strlen ("3probe") || memcmp (text, "3probe", length) != 0) {
        bureau_socket_drop_probe (self);
        return;
    }
    self->pausing = TRUE;
    bureau_carrier_polling_pause (self->carrier);
}

void
bureau_socket_begin_probe (BureauSocket *self)
{
    bureau_carrier_send (self->probe, "2probe", strlen ("2probe"));
}

void
bureau_socket_finish_upgrade (BureauSocket *self)
{
    g_autoptr (BureauSocket) alive = g_object_ref (self);
    g_autoptr (BureauCarrier) left = g_steal_pointer (&self->carrier);
    g_autoptr (BureauCarrier) websocket = g_object_ref (self->probe);

    bureau_socket_clear_source (&self->probe_deadline);
    self->pausing = FALSE;
    self->carrier = g_steal_pointer (&self->probe);
    self->transport = BUREAU_SOCKET_WEBSOCKET;
    bureau_carrier_send (websocket, "5", 1);
    bureau_carrier_polling_hand_over (left, websocket);
    bureau_carrier_leave (left, BUREAU_SOCKET_CLOSE_NORMAL);
    if (self->state == BUREAU_SOCKET_STATE_OPEN)
        bureau_socket_tell_upgraded (self);
}

void
bureau_socket_upgrade (BureauSocket *self)
{
    if (self->state != BUREAU_SOCKET_STATE_OPEN || self->transport != BUREAU_SOCKET_POLLING ||
        self->probe != NULL)
        return;
    self->probe = bureau_socket_make_carrier (self, BUREAU_SOCKET_WEBSOCKET);
    self->probe_deadline = bureau_socket_plan (self, UPGRADE_TIMEOUT, on_probe_deadline_cb);
    bureau_carrier_open (self->probe);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* From polling to WebSocket: wire.md, A8. */

#include "bureau-engine.h"

#include <string.h>

/* So many noops at once: one for the GET that is held when the probe comes, and some for those that
 * the client makes before it has seen `3probe`. If that takes long, it would go round and round. */
#define FREE_NOOPS 3

static gboolean
is_text (const char *bytes, gsize length, const char *text)
{
    return length == strlen (text) && memcmp (bytes, text, length) == 0;
}

void
bureau_upgrade_begin (BureauSession *session, BureauExchange *exchange)
{
    session->base64 = bureau_engine_wants_base64 (exchange);
    session->noops = 0;
    session->probe = bureau_exchange_upgrade (exchange, session,
                                              bureau_session_get_max_message (session));
    bureau_deadline_enter (&session->server->upgrading, &session->upgrading, session,
                           bureau_server_now ());
}

/* The probe leaves the upgrade, one way or the other. */
static BureauChannel *
take_probe (BureauSession *session)
{
    bureau_deadline_leave (&session->upgrading);
    bureau_deadline_leave (&session->nudge);
    session->probed = FALSE;
    return g_steal_pointer (&session->probe);
}

void
bureau_upgrade_forget (BureauSession *session)
{
    take_probe (session)->session = NULL;
}

void
bureau_upgrade_cancel (BureauSession *session)
{
    BureauChannel *probe = session->probe;

    if (probe == NULL)
        return;
    bureau_upgrade_forget (session);
    bureau_channel_end (probe, BUREAU_CLOSE_NO_STATUS, "");
}

void
bureau_session_expire_upgrade (BureauSession *session)
{
    bureau_upgrade_cancel (session);
}

/* ------------------------------------------------------------------ the held GET */

void
bureau_upgrade_release_poll (BureauSession *session)
{
    if (session->noops < FREE_NOOPS) {
        session->noops++;
        bureau_polling_answer_with (session, "6");
    } else {
        bureau_deadline_enter (&session->server->nudging, &session->nudge, session,
                               bureau_server_now ());
    }
}

void
bureau_session_expire_nudge (BureauSession *session)
{
    /* Else it is answered with more at this turn's end. */
    if (session->pending.count == 0)
        bureau_polling_answer_with (session, "6");
}

/* ------------------------------------------------------------------ what the probe says */

static void
answer_probe (BureauSession *session)
{
    g_autoptr (BureauFrame) frame = bureau_frame_new_text (session->server, "3probe", 6);

    session->probed = TRUE;
    bureau_channel_push (session->probe, frame, NULL);
    if (session->poll != NULL && session->pending.count == 0)
        bureau_upgrade_release_poll (session);
}

/* @payload may lie in the chunk that the new frame goes to. */
static void
queue_again (guint8 opcode, const guint8 *payload, gsize length, BureauRoom *room, gpointer data)
{
    BureauSession *session = data;
    g_autofree guint8 *copy = g_memdup2 (payload, length);
    g_autoptr (BureauFrame) frame = bureau_frame_new_raw (session->server, opcode, copy, length);

    bureau_session_queue (session, frame, room);
}

/* One by one, for some may be binary. */
static void
move_pending_as_text (BureauSession *session)
{
    BureauOutgoing pending = session->pending;

    session->pending = (BureauOutgoing){ 0 };
    bureau_outgoing_foreach_frame (&pending, queue_again, session);
    bureau_outgoing_clear (&pending);
}

/* The client has no GET and no POST under way, if it keeps to the rules. */
static void
switch_over (BureauSession *session)
{
    BureauChannel *channel = take_probe (session);

    bureau_polling_answer_with (session, "1");
    bureau_polling_forget_post (session);
    session->websocket = channel;
    if (session->base64)
        move_pending_as_text (session);
    else
        bureau_channel_push_all (channel, &session->pending);
}

void
bureau_upgrade_take (BureauSession *session, gboolean is_binary, const char *bytes, gsize length)
{
    if (!is_binary && !session->probed && is_text (bytes, length, "2probe"))
        answer_probe (session);
    else if (!is_binary && session->probed && is_text (bytes, length, "5"))
        switch_over (session);
    else
        bureau_upgrade_cancel (session);
}

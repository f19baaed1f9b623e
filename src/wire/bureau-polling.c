/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A session's transport while it has no WebSocket: wire.md, A3 and A6. */

#include "bureau-engine.h"

#include <string.h>

#include "bureau-payload.h"

#define OCTETS "application/octet-stream"

/* ------------------------------------------------------------------ GET */

static BureauExchange *
release_poll (BureauSession *session)
{
    BureauExchange *poll = g_steal_pointer (&session->poll);

    poll->session = NULL;
    return poll;
}

static void
answer_poll_with (BureauSession *session, GString *payload)
{
    g_autoptr (BureauExchange) poll = release_poll (session);
    g_autoptr (GBytes) body = g_string_free_to_bytes (payload);

    bureau_exchange_answer (poll, 200, "text/plain; charset=UTF-8", body);
}

void
bureau_polling_answer_with (BureauSession *session, const char *packet)
{
    if (session->poll != NULL)
        answer_poll_with (session, g_string_new (packet));
}

static void
append_frame (guint8 opcode, const guint8 *payload, gsize length, BureauRoom *room, gpointer data)
{
    if (opcode == BUREAU_WEBSOCKET_OPCODE_BINARY)
        bureau_payload_append_binary (data, payload, length);
    else
        bureau_payload_append_text (data, (const char *) payload, length);
}

void
bureau_session_answer_poll (BureauSession *session)
{
    GString *payload;

    if (session->poll == NULL ||
        (session->pending.count == 0 && session->state != BUREAU_SESSION_CLOSING))
        return;
    payload = g_string_sized_new (session->pending.unsent + 1);
    bureau_outgoing_foreach_frame (&session->pending, append_frame, payload);
    bureau_outgoing_clear (&session->pending);
    if (session->state == BUREAU_SESSION_CLOSING)
        bureau_payload_append_text (payload, "1", 1);
    answer_poll_with (session, payload);
    if (session->state == BUREAU_SESSION_CLOSING)
        bureau_session_finish (session);
}

void
bureau_polling_take_get (BureauSession *session, BureauExchange *exchange)
{
    if (session->poll != NULL) {
        bureau_exchange_answer (exchange, 400, NULL, NULL);
        bureau_session_fail (session, "transport error");
        return;
    }
    session->poll = bureau_exchange_ref (exchange);
    exchange->session = session;
    if (session->pending.count > 0 || session->state == BUREAU_SESSION_CLOSING)
        bureau_server_mark_polled (session->server, session);
    else if (session->probed)
        bureau_upgrade_release_poll (session);
}

/* ------------------------------------------------------------------ POST */

void
bureau_polling_forget_post (BureauSession *session)
{
    if (session->post == NULL)
        return;
    session->post->session = NULL;
    g_clear_pointer (&session->post, bureau_exchange_unref);
}

/* The second POST at a time; the first is reset. */
static void
refuse_overlap (BureauSession *session, BureauExchange *exchange)
{
    BureauChannel *first = session->post->channel;

    bureau_polling_forget_post (session);
    bureau_channel_cut (first);
    bureau_exchange_answer (exchange, 400, NULL, NULL);
    bureau_session_fail (session, "transport error");
}

gboolean
bureau_polling_begin_post (BureauSession *session, BureauExchange *exchange)
{
    const char *type = bureau_exchange_get_header (exchange, "content-type");

    if (session->post != NULL) {
        refuse_overlap (session, exchange);
        return FALSE;
    }
    /* Version 3 sent bytes as they are. */
    if (type != NULL && g_ascii_strncasecmp (type, OCTETS, strlen (OCTETS)) == 0) {
        bureau_exchange_answer (exchange, 400, NULL, NULL);
        bureau_session_fail (session, "transport error");
        return FALSE;
    }
    if (exchange->request->content_length > bureau_session_get_max_message (session)) {
        bureau_exchange_answer (exchange, 413, NULL, NULL);
        return FALSE;
    }
    session->post = bureau_exchange_ref (exchange);
    exchange->session = session;
    return TRUE;
}

/* FALSE if there is a bad packet, or there are too many: those before it were taken. */
static gboolean
take_payload (BureauSession *session, const char *bytes, gsize length)
{
    BureauPayloadReader reader;

    bureau_payload_reader_init (&reader, bytes, length);
    for (guint left = session->server->options.max_packets; session->state == BUREAU_SESSION_OPEN;
         left--) {
        g_autoptr (GBytes) blob = NULL;
        const char *text;
        gsize size;

        switch (bureau_payload_reader_next (&reader, &text, &size, &blob)) {
        case BUREAU_PAYLOAD_END:
            return TRUE;
        case BUREAU_PAYLOAD_ERROR:
            return FALSE;
        case BUREAU_PAYLOAD_TEXT:
            if (left == 0 || !bureau_session_take_packet (session, text, size))
                return FALSE;
            break;
        case BUREAU_PAYLOAD_BINARY:
            if (left == 0)
                return FALSE;
            bureau_session_take_blob (session, g_bytes_get_data (blob, NULL),
                                      g_bytes_get_size (blob));
            break;
        }
    }
    return TRUE;
}

void
bureau_polling_take_post (BureauSession *session)
{
    g_autoptr (BureauExchange) post = bureau_exchange_ref (session->post);
    gsize length;
    const char *bytes = bureau_exchange_get_body (post, &length);

    bureau_polling_forget_post (session);
    if (!take_payload (session, bytes, length)) {
        bureau_session_fail (session, "parse error");
        bureau_exchange_answer (post, 400, NULL, NULL);
        return;
    }
    bureau_exchange_answer_take (post, 200, "text/html", g_strdup ("ok"));
}

/* ------------------------------------------------------------------ gone */

void
bureau_session_lose_exchange (BureauSession *session, BureauExchange *exchange)
{
    exchange->session = NULL;
    if (exchange == session->poll)
        g_clear_pointer (&session->poll, bureau_exchange_unref);
    else if (exchange == session->post)
        g_clear_pointer (&session->post, bureau_exchange_unref);
    bureau_session_fail (session, "transport error");
}

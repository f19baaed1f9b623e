/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* An answer that is given piece by piece, as the peer takes it: in chunks (RFC 9112, section 7.1),
 * or to a peer of HTTP/1.0 up to the end of the connection. */

#include "bureau-server-private.h"

#include <string.h>

/* Bytes that may wait for a peer when the next piece is made. */
#define LOW_WATER (32 * 1024)

struct _BureauStream {
    BureauPieceFunc next;
    gpointer data; /* (owned) */
    GDestroyNotify free_data;
    gboolean keep_alive;
};

void
bureau_stream_free (BureauStream *stream)
{
    stream->free_data (stream->data);
    g_free (stream);
}

static gboolean
is_chunked (BureauExchange *exchange)
{
    return exchange->request->minor > 0;
}

/* What follows on the connection is the next answer, or nothing. */
static void
finish (BureauExchange *exchange, gboolean keep_alive)
{
    BureauChannel *channel = bureau_exchange_leave_channel (exchange);

    g_clear_pointer (&exchange->stream, bureau_stream_free);
    bureau_http_go_on (channel, keep_alive);
    /* The channel's. */
    bureau_exchange_unref (exchange);
}

static void
write_piece (BureauExchange *exchange, GString *piece, gboolean is_last)
{
    if (is_chunked (exchange)) {
        /* A chunk of no bytes is the last. */
        if (piece->len > 0) {
            g_autofree char *size = g_strdup_printf ("%" G_GSIZE_MODIFIER "x\r\n", piece->len);

            g_string_prepend (piece, size);
            g_string_append (piece, "\r\n");
        }
        if (is_last)
            g_string_append (piece, "0\r\n\r\n");
    }
    if (piece->len > 0)
        bureau_channel_write (exchange->channel, piece);
    else
        g_string_free (piece, TRUE);
}

static void
feed (BureauExchange *exchange)
{
    BureauStream *stream = exchange->stream;
    GString *piece = g_string_new (NULL);
    BureauPiece kind = stream->next (piece, stream->data);

    if (kind == BUREAU_PIECE_FAILED) {
        g_string_free (piece, TRUE);
        finish (exchange, FALSE);
        return;
    }
    write_piece (exchange, piece, kind == BUREAU_PIECE_LAST);
    if (kind == BUREAU_PIECE_LAST)
        finish (exchange, stream->keep_alive);
    else
        bureau_stream_go_on (exchange->channel);
}

void
bureau_stream_feed (BureauServer *server)
{
    GList *link = g_queue_pop_head_link (&server->feeding);
    BureauChannel *channel = link == NULL ? NULL : link->data;

    if (channel == NULL)
        return;
    channel->in_feeding = FALSE;
    if (channel->exchange != NULL && channel->exchange->stream != NULL && !channel->closing)
        feed (channel->exchange);
}

void
bureau_stream_go_on (BureauChannel *channel)
{
    if (channel->exchange == NULL || channel->exchange->stream == NULL || channel->in_feeding ||
        channel->outgoing.unsent + channel->sealed.unsent > LOW_WATER)
        return;
    channel->in_feeding = TRUE;
    g_queue_push_tail_link (&channel->server->feeding, &channel->feed_link);
    bureau_server_arm (channel->server);
}

void
bureau_exchange_stream (BureauExchange *exchange, guint status, const char *type,
                        BureauPieceFunc next, gpointer data, GDestroyNotify free_data)
{
    gboolean keep_alive = bureau_exchange_is_kept_alive (exchange) && is_chunked (exchange);
    GString *head;

    if (bureau_exchange_is_over (exchange)) {
        free_data (data);
        return;
    }
    exchange->stream = g_new0 (BureauStream, 1);
    *exchange->stream = (BureauStream){ next, data, free_data, keep_alive };
    head = bureau_http_format_head (status, type, BUREAU_NO_LENGTH, 0);
    if (is_chunked (exchange))
        g_string_append (head, "Transfer-Encoding: chunked\r\n");
    bureau_exchange_append_headers (exchange, keep_alive, head);
    bureau_channel_write (exchange->channel, head);
    if (strcmp (exchange->request->method, "HEAD") == 0) {
        finish (exchange, keep_alive);
        return;
    }
    bureau_channel_set_deadline (exchange->channel, &exchange->server->streaming);
    bureau_stream_go_on (exchange->channel);
}

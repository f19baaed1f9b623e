/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* However the bytes are cut, the same messages come out of the codec, and the same end; and what
 * came out goes in again as one frame. */

#include <string.h>

#include "bureau-websocket-codec.h"
#include "slices.h"

/* Small, so that a short input gets over it. */
#define MAX_MESSAGE 1000

static gboolean
is_last (BureauWebsocketResult result)
{
    return result == BUREAU_WEBSOCKET_CLOSE || result == BUREAU_WEBSOCKET_ERROR;
}

static guint8
opcode_of (BureauWebsocketResult result)
{
    switch (result) {
    case BUREAU_WEBSOCKET_TEXT:
        return BUREAU_WEBSOCKET_OPCODE_TEXT;
    case BUREAU_WEBSOCKET_BINARY:
        return BUREAU_WEBSOCKET_OPCODE_BINARY;
    case BUREAU_WEBSOCKET_PING:
        return BUREAU_WEBSOCKET_OPCODE_PING;
    default:
        return BUREAU_WEBSOCKET_OPCODE_PONG;
    }
}

/* What the codec gave, sent by a peer of the other role: @mask is NULL for a server. */
static GByteArray *
make_frame (guint8 opcode, const BureauWebsocketMessage *message, const guint8 *mask)
{
    GByteArray *frame = g_byte_array_new ();
    guint8 header[BUREAU_WEBSOCKET_MAX_HEADER];
    guint8 parsed_opcode;
    gsize parsed_length;
    guint size;

    if (mask != NULL) {
        bureau_websocket_append_masked (frame, opcode, message->data, message->length, mask);
        return frame;
    }
    size = bureau_websocket_frame_header (header, opcode, message->length);
    g_assert (bureau_websocket_parse_header (header, &parsed_opcode, &parsed_length) == size);
    g_assert (parsed_opcode == opcode && parsed_length == message->length);
    g_byte_array_append (frame, header, size);
    g_byte_array_append (frame, (const guint8 *) message->data, message->length);
    return frame;
}

static void
check_round_trip (BureauWebsocketRole role, BureauWebsocketResult result,
                  const BureauWebsocketMessage *message)
{
    static const guint8 mask[4] = { 0x12, 0x34, 0x56, 0x78 };
    g_autoptr (BureauWebsocketCodec) codec = bureau_websocket_codec_new (role, MAX_MESSAGE);
    g_autoptr (GByteArray) frame = make_frame (opcode_of (result), message,
                                               role == BUREAU_WEBSOCKET_SERVER ? mask : NULL);
    BureauWebsocketMessage again;

    bureau_websocket_codec_feed (codec, frame->data, frame->len);
    g_assert (bureau_websocket_codec_next (codec, &again) == result);
    g_assert (again.length == message->length);
    g_assert (again.length == 0 || memcmp (again.data, message->data, again.length) == 0);
    g_assert (bureau_websocket_codec_next (codec, &again) == BUREAU_WEBSOCKET_NEED_MORE);
}

static void
check_message (BureauWebsocketRole role, BureauWebsocketResult result,
               const BureauWebsocketMessage *message)
{
    if (result == BUREAU_WEBSOCKET_CLOSE)
        g_assert (message->close_code >= 1000 && message->close_code <= 4999);
    else if (result == BUREAU_WEBSOCKET_ERROR)
        g_assert (message->close_code == 1002 || message->close_code == 1007 ||
                  message->close_code == 1009);
    else
        check_round_trip (role, result, message);
    if (result == BUREAU_WEBSOCKET_TEXT || result == BUREAU_WEBSOCKET_BINARY)
        g_assert (message->length <= MAX_MESSAGE);
    if (result == BUREAU_WEBSOCKET_PING || result == BUREAU_WEBSOCKET_PONG)
        g_assert (message->length <= 125);
}

/* Writes down what comes out; TRUE once it is over. */
static gboolean
drain (BureauWebsocketRole role, BureauWebsocketCodec *codec, GString *log)
{
    BureauWebsocketResult result;
    BureauWebsocketMessage message;

    while ((result = bureau_websocket_codec_next (codec, &message)) != BUREAU_WEBSOCKET_NEED_MORE) {
        check_message (role, result, &message);
        g_string_append_printf (log, "%d %d %" G_GSIZE_FORMAT " ", result, message.close_code,
                                message.length);
        g_string_append_len (log, message.data, message.length);
        if (is_last (result))
            return TRUE;
    }
    return FALSE;
}

static GString *
run (BureauWebsocketRole role, const guint8 *data, gsize size, gsize max_slice)
{
    g_autoptr (BureauWebsocketCodec) codec = bureau_websocket_codec_new (role, MAX_MESSAGE);
    GString *log = g_string_new (NULL);
    gboolean over = FALSE;
    Slices slices;
    guint8 *slice;
    gsize length;

    slices_init (&slices, data, size, max_slice);
    while (slices_next (&slices, &slice, &length)) {
        bureau_websocket_codec_feed (codec, slice, length);
        over = over || drain (role, codec, log);
        g_free (slice);
    }
    return log;
}

/* The input is what the hub gets, or what a client gets. */
static void
compare (BureauWebsocketRole role, const guint8 *data, gsize size)
{
    g_autoptr (GString) whole = run (role, data, size, SLICES_WHOLE);
    g_autoptr (GString) bytes = run (role, data, size, 1);
    g_autoptr (GString) sliced = run (role, data, size, 40);

    g_assert (g_string_equal (whole, bytes));
    g_assert (g_string_equal (whole, sliced));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
    compare (BUREAU_WEBSOCKET_SERVER, data, size);
    compare (BUREAU_WEBSOCKET_CLIENT, data, size);
    return 0;
}

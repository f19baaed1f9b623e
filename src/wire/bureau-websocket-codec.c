/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-websocket-codec.h"

#include <string.h>

/* A message in more pieces than this is refused, or empty continuations would cost work for ever.
 */
#define MAX_FRAGMENTS 64
#define MAX_CONTROL   125

#define OPCODE_CONTINUATION 0x0

#define CLOSE_PROTOCOL_ERROR 1002
#define CLOSE_NO_STATUS      1005
#define CLOSE_INVALID_TEXT   1007
#define CLOSE_TOO_BIG        1009

typedef struct {
    guint8 opcode;
    gboolean fin;
    guint8 mask[4];
    gsize length;
} FrameHeader;

struct _BureauWebsocketCodec {
    gsize max_message;
    GByteArray *input;   /* (owned) (nullable): what is not yet handed out; NULL while idle */
    gsize consumed;      /* bytes of `input` that are done with */
    GByteArray *message; /* (owned) (nullable): fragments so far */
    guint fragments;     /* 0 unless a fragmented message is under way */
    guint8 opcode;       /* of the fragmented message */
    guint16 failed;      /* close code once broken; nothing more comes out */
    gboolean closed;     /* the peer's close frame was seen */
};

static gboolean
is_valid_close_code (guint code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static BureauWebsocketResult
fail (BureauWebsocketCodec *codec, BureauWebsocketMessage *message, guint16 close_code)
{
    codec->failed = close_code;
    g_clear_pointer (&codec->input, g_byte_array_unref);
    g_clear_pointer (&codec->message, g_byte_array_unref);
    codec->consumed = 0;
    message->close_code = close_code;
    return BUREAU_WEBSOCKET_ERROR;
}

/* Reads the header of the next frame without taking it (RFC 6455 section 5.2). Returns its size, 0
 * if there are not enough bytes yet; stores a close code in @error if the frame may not be. */
static guint
peek_header (BureauWebsocketCodec *codec, FrameHeader *header, guint16 *error)
{
    gsize available = codec->input->len - codec->consumed;
    const guint8 *bytes = codec->input->data + codec->consumed;
    guint extended, i;
    guint64 length;

    *error = 0;
    if (available < 2)
        return 0;
    header->fin = (bytes[0] & 0x80) != 0;
    header->opcode = bytes[0] & 0x0f;
    length = bytes[1] & 0x7f;
    /* No extension is ever negotiated, so the reserved bits are clear; a client always masks. */
    if ((bytes[0] & 0x70) != 0 || (bytes[1] & 0x80) == 0) {
        *error = CLOSE_PROTOCOL_ERROR;
        return 0;
    }
    extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (available < 2 + extended)
        return 0;
    if (extended > 0) {
        length = 0;
        for (i = 0; i < extended; i++)
            length = length << 8 | bytes[2 + i];
        if ((extended == 2 && length < 126) || (extended == 8 && length <= G_MAXUINT16) ||
            length > G_MAXINT64)
            *error = CLOSE_PROTOCOL_ERROR;
    }
    header->length = length;
    if (available < 2 + extended + 4)
        return *error == 0 ? 0 : 1;
    memcpy (header->mask, bytes + 2 + extended, 4);
    return 2 + extended + 4;
}

/* What the header alone tells: so that nothing is buffered for a frame that will be refused. */
static guint16
check_header (BureauWebsocketCodec *codec, const FrameHeader *header)
{
    gsize so_far = codec->message == NULL ? 0 : codec->message->len;

    switch (header->opcode) {
    case BUREAU_WEBSOCKET_OPCODE_CLOSE:
    case BUREAU_WEBSOCKET_OPCODE_PING:
    case BUREAU_WEBSOCKET_OPCODE_PONG:
        return header->fin && header->length <= MAX_CONTROL ? 0 : CLOSE_PROTOCOL_ERROR;
    case OPCODE_CONTINUATION:
        if (codec->fragments == 0)
            return CLOSE_PROTOCOL_ERROR;
        if (codec->fragments >= MAX_FRAGMENTS)
            return CLOSE_TOO_BIG;
        break;
    case BUREAU_WEBSOCKET_OPCODE_TEXT:
    case BUREAU_WEBSOCKET_OPCODE_BINARY:
        if (codec->fragments > 0)
            return CLOSE_PROTOCOL_ERROR;
        break;
    default:
        return CLOSE_PROTOCOL_ERROR;
    }
    return header->length <= codec->max_message - so_far ? 0 : CLOSE_TOO_BIG;
}

static void
unmask (guint8 *data, gsize length, const guint8 *mask)
{
    guint64 wide, chunk;
    gsize i = 0;

    for (guint k = 0; k < 8; k++)
        ((guint8 *) &wide)[k] = mask[k & 3];
    for (; i + 8 <= length; i += 8) {
        memcpy (&chunk, data + i, 8);
        chunk ^= wide;
        memcpy (data + i, &chunk, 8);
    }
    for (; i < length; i++)
        data[i] ^= mask[i & 3];
}

static BureauWebsocketResult
take_close (BureauWebsocketCodec *codec, BureauWebsocketMessage *message, const guint8 *data,
            gsize length)
{
    guint code = CLOSE_NO_STATUS;

    if (length == 1)
        return fail (codec, message, CLOSE_PROTOCOL_ERROR);
    if (length >= 2) {
        code = (guint) data[0] << 8 | data[1];
        if (!is_valid_close_code (code))
            return fail (codec, message, CLOSE_PROTOCOL_ERROR);
        if (!g_utf8_validate_len ((const char *) data + 2, length - 2, NULL))
            return fail (codec, message, CLOSE_INVALID_TEXT);
    }
    codec->closed = TRUE;
    message->close_code = code;
    return BUREAU_WEBSOCKET_CLOSE;
}

/* NUL is valid UTF-8, though g_utf8_validate_len() takes it for the end. */
static gboolean
is_utf8 (const guint8 *data, gsize length)
{
    const char *position = (const char *) data;
    const char *end = position + length;

    while (!g_utf8_validate_len (position, end - position, &position)) {
        if (position == end || *position != '\0')
            return FALSE;
        position++;
    }
    return TRUE;
}

static BureauWebsocketResult
give_message (BureauWebsocketCodec *codec, BureauWebsocketMessage *message, guint8 opcode,
              const guint8 *data, gsize length)
{
    if (opcode == BUREAU_WEBSOCKET_OPCODE_TEXT && !is_utf8 (data, length))
        return fail (codec, message, CLOSE_INVALID_TEXT);
    message->data = (const char *) data;
    message->length = length;
    return opcode == BUREAU_WEBSOCKET_OPCODE_TEXT ? BUREAU_WEBSOCKET_TEXT : BUREAU_WEBSOCKET_BINARY;
}

/* A data frame that is not a whole message. Returns NEED_MORE where the message is not complete
 * yet. */
static BureauWebsocketResult
take_fragment (BureauWebsocketCodec *codec, BureauWebsocketMessage *message,
               const FrameHeader *header, const guint8 *data)
{
    if (codec->fragments++ == 0) {
        codec->opcode = header->opcode;
        codec->message = g_byte_array_new ();
    }
    g_byte_array_append (codec->message, data, header->length);
    if (!header->fin)
        return BUREAU_WEBSOCKET_NEED_MORE;
    codec->fragments = 0;
    return give_message (codec, message, codec->opcode, codec->message->data, codec->message->len);
}

static BureauWebsocketResult
take_frame (BureauWebsocketCodec *codec, BureauWebsocketMessage *message, const FrameHeader *header,
            guint8 *data)
{
    unmask (data, header->length, header->mask);
    switch (header->opcode) {
    case BUREAU_WEBSOCKET_OPCODE_CLOSE:
        return take_close (codec, message, data, header->length);
    case BUREAU_WEBSOCKET_OPCODE_PING:
    case BUREAU_WEBSOCKET_OPCODE_PONG:
        message->data = (const char *) data;
        message->length = header->length;
        return header->opcode == BUREAU_WEBSOCKET_OPCODE_PING ? BUREAU_WEBSOCKET_PING
                                                              : BUREAU_WEBSOCKET_PONG;
    default:
        if (header->fin && codec->fragments == 0)
            return give_message (codec, message, header->opcode, data, header->length);
        return take_fragment (codec, message, header, data);
    }
}

BureauWebsocketCodec *
bureau_websocket_codec_new (gsize max_message)
{
    BureauWebsocketCodec *codec = g_new0 (BureauWebsocketCodec, 1);

    g_assert (max_message > 0);
    codec->max_message = max_message;
    return codec;
}

void
bureau_websocket_codec_free (BureauWebsocketCodec *codec)
{
    g_clear_pointer (&codec->input, g_byte_array_unref);
    g_clear_pointer (&codec->message, g_byte_array_unref);
    g_free (codec);
}

void
bureau_websocket_codec_feed (BureauWebsocketCodec *codec, const void *bytes, gsize length)
{
    if (codec->failed != 0 || codec->closed)
        return;
    if (codec->input == NULL)
        codec->input = g_byte_array_new ();
    if (codec->consumed > 0)
        g_byte_array_remove_range (codec->input, 0, codec->consumed);
    codec->consumed = 0;
    g_byte_array_append (codec->input, bytes, length);
}

BureauWebsocketResult
bureau_websocket_codec_next (BureauWebsocketCodec *codec, BureauWebsocketMessage *message)
{
    BureauWebsocketResult result = BUREAU_WEBSOCKET_NEED_MORE;

    memset (message, 0, sizeof *message);
    if (codec->failed != 0) {
        message->close_code = codec->failed;
        return BUREAU_WEBSOCKET_ERROR;
    }
    /* The message given out last time stood here. */
    if (codec->fragments == 0)
        g_clear_pointer (&codec->message, g_byte_array_unref);

    while (result == BUREAU_WEBSOCKET_NEED_MORE && codec->input != NULL && !codec->closed) {
        FrameHeader header = { 0 };
        guint16 error;
        guint size = peek_header (codec, &header, &error);

        if (error == 0 && size > 0)
            error = check_header (codec, &header);
        if (error != 0)
            return fail (codec, message, error);
        if (size == 0 || codec->input->len - codec->consumed - size < header.length)
            break;
        codec->consumed += size + header.length;
        result = take_frame (codec, message, &header,
                             codec->input->data + codec->consumed - header.length);
    }
    /* An idle connection keeps no buffer. */
    if (result == BUREAU_WEBSOCKET_NEED_MORE && codec->input != NULL &&
        codec->consumed == codec->input->len) {
        g_clear_pointer (&codec->input, g_byte_array_unref);
        codec->consumed = 0;
    }
    return result;
}

guint
bureau_websocket_frame_header (guint8 *header, guint8 opcode, gsize payload_length)
{
    guint64 length = payload_length;
    guint extended = length < 126 ? 0 : length <= G_MAXUINT16 ? 2 : 8;

    header[0] = 0x80 | opcode;
    header[1] = extended == 0 ? length : extended == 2 ? 126 : 127;
    for (guint i = extended; i > 0; i--, length >>= 8)
        header[1 + i] = length & 0xff;
    return 2 + extended;
}

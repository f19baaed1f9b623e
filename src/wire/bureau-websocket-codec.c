/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-websocket-codec.h"

#include <string.h>

#include "bureau-utf8.h"

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
    gboolean masked;
    guint8 mask[4];
    gsize length;
} FrameHeader;

struct _BureauWebsocketCodec {
    BureauWebsocketRole role;
    gsize max_message;
    guint8 *window;      /* (unowned) (nullable): bytes that are not yet done with */
    gsize left;          /* of those */
    GByteArray *input;   /* (owned) (nullable): where they lie, if they had to be kept */
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

static void
empty_window (BureauWebsocketCodec *codec)
{
    codec->window = NULL;
    codec->left = 0;
    g_clear_pointer (&codec->input, g_byte_array_unref);
}

static BureauWebsocketResult
fail (BureauWebsocketCodec *codec, BureauWebsocketMessage *message, guint16 close_code)
{
    codec->failed = close_code;
    empty_window (codec);
    g_clear_pointer (&codec->message, g_byte_array_unref);
    message->close_code = close_code;
    return BUREAU_WEBSOCKET_ERROR;
}

/* What is fed stays where it is only until we ask for more. */
static void
keep_window (BureauWebsocketCodec *codec)
{
    if (codec->input != NULL)
        return;
    codec->input = g_byte_array_sized_new (codec->left);
    g_byte_array_append (codec->input, codec->window, codec->left);
    codec->window = codec->input->data;
}

static gboolean
read_extended_length (const guint8 *bytes, guint size, gsize *length)
{
    guint64 value = 0;

    for (guint i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    *length = value;
    return value <= G_MAXINT64 && value >= (size == 2 ? 126 : G_MAXUINT16 + 1);
}

/* Reads the header of the next frame without taking it (RFC 6455 section 5.2). Returns its size, 0
 * if there are not enough bytes yet; stores a close code in @error if the frame may not be. */
static guint
peek_header (BureauWebsocketCodec *codec, FrameHeader *header, guint16 *error)
{
    const guint8 *bytes = codec->window;
    guint extended, size;

    if (codec->left < 2)
        return 0;
    header->fin = (bytes[0] & 0x80) != 0;
    header->opcode = bytes[0] & 0x0f;
    header->masked = (bytes[1] & 0x80) != 0;
    header->length = bytes[1] & 0x7f;
    /* No extension is ever negotiated, so the reserved bits are clear; a client always masks, and a
     * server never. */
    if ((bytes[0] & 0x70) != 0 || header->masked != (codec->role == BUREAU_WEBSOCKET_SERVER)) {
        *error = CLOSE_PROTOCOL_ERROR;
        return 0;
    }
    extended = header->length == 126 ? 2 : header->length == 127 ? 8 : 0;
    size = 2 + extended + (header->masked ? sizeof header->mask : 0);
    if (codec->left < 2 + extended)
        return 0;
    if (extended > 0 && !read_extended_length (bytes + 2, extended, &header->length))
        *error = CLOSE_PROTOCOL_ERROR;
    if (codec->left < size)
        return 0;
    if (header->masked)
        memcpy (header->mask, bytes + 2 + extended, sizeof header->mask);
    return size;
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
    /* The limit may have been lowered since the message began. */
    return so_far + header->length <= codec->max_message ? 0 : CLOSE_TOO_BIG;
}

static void
apply_mask (guint8 *data, gsize length, const guint8 *mask)
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
        if (!bureau_utf8_check (data + 2, length - 2))
            return fail (codec, message, CLOSE_INVALID_TEXT);
    }
    codec->closed = TRUE;
    message->close_code = code;
    return BUREAU_WEBSOCKET_CLOSE;
}

static BureauWebsocketResult
give_message (BureauWebsocketCodec *codec, BureauWebsocketMessage *message, guint8 opcode,
              const guint8 *data, gsize length)
{
    if (opcode == BUREAU_WEBSOCKET_OPCODE_TEXT && !bureau_utf8_check (data, length))
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
        /* Room for a byte at least, so that an empty message is somewhere too. */
        codec->message = g_byte_array_sized_new (header->length + 1);
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
    if (header->masked)
        apply_mask (data, header->length, header->mask);
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
bureau_websocket_codec_new (BureauWebsocketRole role, gsize max_message)
{
    BureauWebsocketCodec *codec = g_new0 (BureauWebsocketCodec, 1);

    g_assert (max_message > 0);
    codec->role = role;
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
bureau_websocket_codec_set_max_message (BureauWebsocketCodec *codec, gsize max_message)
{
    codec->max_message = max_message;
}

void
bureau_websocket_codec_feed (BureauWebsocketCodec *codec, void *bytes, gsize length)
{
    gsize done;

    if (codec->failed != 0 || codec->closed)
        return;
    if (codec->left == 0) {
        empty_window (codec);
        codec->window = bytes;
        codec->left = length;
        return;
    }
    keep_window (codec);
    done = codec->window - codec->input->data;
    if (done > 0)
        g_byte_array_remove_range (codec->input, 0, done);
    g_byte_array_append (codec->input, bytes, length);
    codec->window = codec->input->data;
    codec->left = codec->input->len;
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

    while (result == BUREAU_WEBSOCKET_NEED_MORE && codec->left > 0 && !codec->closed) {
        FrameHeader header = { 0 };
        guint16 error = 0;
        guint size = peek_header (codec, &header, &error);

        if (error == 0 && size > 0)
            error = check_header (codec, &header);
        if (error != 0)
            return fail (codec, message, error);
        if (size == 0 || codec->left - size < header.length)
            break;
        codec->window += size + header.length;
        codec->left -= size + header.length;
        result = take_frame (codec, message, &header, codec->window - header.length);
    }
    if (result == BUREAU_WEBSOCKET_NEED_MORE) {
        if (codec->left > 0 && !codec->closed)
            keep_window (codec);
        else
            empty_window (codec);
    }
    return result;
}

/* ------------------------------------------------------------------ the way out */

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

guint
bureau_websocket_parse_header (const guint8 *header, guint8 *opcode, gsize *payload_length)
{
    guint extended = header[1] == 126 ? 2 : header[1] == 127 ? 8 : 0;

    *opcode = header[0] & 0x0f;
    *payload_length = header[1];
    if (extended > 0)
        read_extended_length (header + 2, extended, payload_length);
    return 2 + extended;
}

void
bureau_websocket_append_masked (GByteArray *out, guint8 opcode, const void *payload, gsize length,
                                const guint8 mask[4])
{
    guint8 header[BUREAU_WEBSOCKET_MAX_HEADER];
    guint size = bureau_websocket_frame_header (header, opcode, length);
    guint start;

    header[1] |= 0x80;
    g_byte_array_append (out, header, size);
    g_byte_array_append (out, mask, 4);
    start = out->len;
    g_byte_array_append (out, payload, length);
    apply_mask (out->data + start, length, mask);
}

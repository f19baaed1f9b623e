/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* RFC 6455: bytes in, messages out. It owns no socket and no timer. Total message limit across
 * fragments, control-frame rules and UTF-8 are checked here, once, on the way in. */

typedef struct _BureauWebsocketCodec BureauWebsocketCodec;

typedef enum {
    BUREAU_WEBSOCKET_SERVER, /* the peer masks */
    BUREAU_WEBSOCKET_CLIENT, /* the peer does not */
} BureauWebsocketRole;

typedef enum {
    BUREAU_WEBSOCKET_NEED_MORE, /* feed more bytes */
    BUREAU_WEBSOCKET_TEXT,      /* a whole message, valid UTF-8 */
    BUREAU_WEBSOCKET_BINARY,    /* a whole message */
    BUREAU_WEBSOCKET_PING,      /* answer with a pong of the same data */
    BUREAU_WEBSOCKET_PONG,
    BUREAU_WEBSOCKET_CLOSE, /* the peer closes: see close_code */
    BUREAU_WEBSOCKET_ERROR, /* close with close_code; nothing more comes out */
} BureauWebsocketResult;

typedef struct {
    const char *data; /* (transfer none): valid until the next call */
    gsize length;
    guint16 close_code; /* RFC 6455 section 7.4; 1005 if the peer's close had none */
} BureauWebsocketMessage;

/* @max_message in bytes, > 0: more is an error with 1009. */
BureauWebsocketCodec *bureau_websocket_codec_new (BureauWebsocketRole role, gsize max_message);
void bureau_websocket_codec_free (BureauWebsocketCodec *codec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauWebsocketCodec, bureau_websocket_codec_free)

/* From the next frame's header on. */
void bureau_websocket_codec_set_max_message (BureauWebsocketCodec *codec, gsize max_message);

/* Takes in bytes as they come off the socket; then call next() until it answers NEED_MORE. Till
 * then @bytes must stay where they are, and are unmasked there. What is not a whole message is
 * copied. */
void bureau_websocket_codec_feed (BureauWebsocketCodec *codec, void *bytes, gsize length);
BureauWebsocketResult bureau_websocket_codec_next (BureauWebsocketCodec *codec,
                                                   BureauWebsocketMessage *message);

/* A frame for the way out: FIN, shortest length form, unmasked as a server sends it. @header has
 * room for 10 bytes; returns how many were written. */
#define BUREAU_WEBSOCKET_MAX_HEADER 10
guint bureau_websocket_frame_header (guint8 *header, guint8 opcode, gsize payload_length);
/* What the former has written: returns its size. */
guint bureau_websocket_parse_header (const guint8 *header, guint8 *opcode, gsize *payload_length);
/* Appends a whole frame as a client sends it, masked with @mask. */
void bureau_websocket_append_masked (GByteArray *out, guint8 opcode, const void *payload,
                                     gsize length, const guint8 mask[4]);

#define BUREAU_WEBSOCKET_OPCODE_TEXT   0x1
#define BUREAU_WEBSOCKET_OPCODE_BINARY 0x2
#define BUREAU_WEBSOCKET_OPCODE_CLOSE  0x8
#define BUREAU_WEBSOCKET_OPCODE_PING   0x9
#define BUREAU_WEBSOCKET_OPCODE_PONG   0xA

G_END_DECLS

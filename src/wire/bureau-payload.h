/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The body of a polling request or answer: packets joined by 0x1e (wire.md, A5). Pure functions. */

typedef struct {
    const char *position; /* (unowned) */
    const char *end;
    gboolean over;
} BureauPayloadReader;

typedef enum {
    BUREAU_PAYLOAD_END,    /* no more packets */
    BUREAU_PAYLOAD_TEXT,   /* a packet: type digit and data, not empty, valid UTF-8 */
    BUREAU_PAYLOAD_BINARY, /* `b` and base64: a message's bytes */
    BUREAU_PAYLOAD_ERROR,  /* an empty packet, bad base64, bad UTF-8; nothing more comes */
} BureauPayloadResult;

/* An empty payload is one empty packet: an error, as the protocol has it. */
void bureau_payload_reader_init (BureauPayloadReader *reader, const char *bytes, gsize length);
/* TEXT: @text and @text_length (transfer none), within the payload. BINARY: @blob (transfer full).
 */
BureauPayloadResult bureau_payload_reader_next (BureauPayloadReader *reader, const char **text,
                                                gsize *text_length, GBytes **blob);
/* Strict, padded, standard base64 of a `b` packet, also as a WebSocket text message has it: @text
 * is what follows the `b`. NULL if it is none. (transfer full) */
GBytes *bureau_payload_decode_blob (const char *text, gsize length);

/* Append a packet, and the separator before it unless @out is empty. */
void bureau_payload_append_text (GString *out, const char *text, gsize length);
void bureau_payload_append_binary (GString *out, const void *bytes, gsize length);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-server-private.h"

#include <string.h>

BureauFrame *
bureau_frame_new_raw (BureauServer *server, guint8 opcode, const void *data, gsize length)
{
    guint8 header[BUREAU_WEBSOCKET_MAX_HEADER];
    BureauFrame *frame = g_new (BureauFrame, 1);

    frame->header = bureau_websocket_frame_header (header, opcode, length);
    frame->length = frame->header + length;
    frame->chunk = bureau_arena_append (&server->arena, header, frame->header, data, length,
                                        &frame->offset);
    return frame;
}

BureauFrame *
bureau_frame_new_text (BureauServer *server, const char *text, gsize length)
{
    return bureau_frame_new_raw (server, BUREAU_WEBSOCKET_OPCODE_TEXT, text, length);
}

BureauFrame *
bureau_frame_new_lasting (const char *text)
{
    gsize length = strlen (text);
    guint8 *bytes = g_malloc (BUREAU_WEBSOCKET_MAX_HEADER + length);
    BureauFrame *frame = g_new0 (BureauFrame, 1);

    frame->header = bureau_websocket_frame_header (bytes, BUREAU_WEBSOCKET_OPCODE_TEXT, length);
    frame->length = frame->header + length;
    memcpy (bytes + frame->header, text, length);
    frame->chunk = bureau_chunk_new_take (bytes, frame->length);
    return frame;
}

BureauFrame *
bureau_frame_new_event (BureauServer *server, const char *name, const char *json)
{
    g_string_truncate (server->text, 0);
    bureau_packet_append_event (server->text, "/", name, -1, json);
    return bureau_frame_new_text (server, server->text->str, server->text->len);
}

void
bureau_frame_free (BureauFrame *frame)
{
    bureau_chunk_unref (frame->chunk);
    g_free (frame);
}

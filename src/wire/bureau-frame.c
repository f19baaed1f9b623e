/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-frame-private.h"

#include "bureau-packet.h"
#include "bureau-websocket-codec.h"

BureauFrame *
bureau_frame_new_plain (GString *bytes)
{
    BureauFrame *frame = g_new0 (BureauFrame, 1);

    frame->references = 1;
    frame->length = bytes->len;
    frame->bytes = (guint8 *) g_string_free (bytes, FALSE);
    return frame;
}

static BureauFrame *
frame_new_take (guint8 opcode, GString *payload)
{
    guint8 header[BUREAU_WEBSOCKET_MAX_HEADER];
    guint length = bureau_websocket_frame_header (header, opcode, payload->len);
    BureauFrame *frame;

    g_string_insert_len (payload, 0, (const char *) header, length);
    frame = bureau_frame_new_plain (payload);
    frame->header = length;
    return frame;
}

BureauFrame *
bureau_frame_new_raw (guint8 opcode, const void *data, gsize length)
{
    return frame_new_take (opcode, g_string_new_len (data, length));
}

BureauFrame *
bureau_frame_new_take (GString *text)
{
    return frame_new_take (BUREAU_WEBSOCKET_OPCODE_TEXT, text);
}

BureauFrame *
bureau_frame_new_event (const char *name, const char *json)
{
    gsize length = strlen (name) + (json == NULL ? 0 : strlen (json));
    /* Room for the brackets and for the header, so that neither grows the buffer. */
    GString *text = g_string_sized_new (length + 16 + BUREAU_WEBSOCKET_MAX_HEADER);

    bureau_packet_append_event (text, name, -1, json);
    return bureau_frame_new_take (text);
}

BureauFrame *
bureau_frame_ref (BureauFrame *frame)
{
    frame->references++;
    return frame;
}

void
bureau_frame_unref (BureauFrame *frame)
{
    if (--frame->references > 0)
        return;
    g_free (frame->bytes);
    g_free (frame);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-packet.h"

#include <string.h>

#include "bureau-json-scanner.h"
#include "bureau-json-slice.h"
#include "bureau-json-writer.h"

/* It is sent back in a CONNECT_ERROR, so it has a bound of its own. */
#define MAX_NAMESPACE 256
/* JavaScript is exact up to here; nobody counts further. */
#define MAX_ID G_GINT64_CONSTANT (9007199254740991)

/* What most packets name: not copied. */
static const char root[] = "/";

typedef struct {
    const char *position;
    const char *end;
} Reader;

G_DEFINE_QUARK (bureau - packet - error - quark, bureau_packet_error)

static gboolean
fail (GError **error, const char *what)
{
    g_set_error_literal (error, BUREAU_PACKET_ERROR, 0, what);
    return FALSE;
}

static gboolean
at_digit (const Reader *reader)
{
    return reader->position < reader->end && g_ascii_isdigit (*reader->position);
}

static gboolean
read_number (Reader *reader, gint64 max, gint64 *number)
{
    *number = 0;
    for (; at_digit (reader); reader->position++) {
        *number = *number * 10 + (*reader->position - '0');
        if (*number > max)
            return FALSE;
    }
    return TRUE;
}

static gboolean
read_attachments (Reader *reader, BureauPacket *packet, GError **error)
{
    gint64 count;

    if (packet->type != BUREAU_PACKET_BINARY_EVENT && packet->type != BUREAU_PACKET_BINARY_ACK)
        return TRUE;
    if (!read_number (reader, BUREAU_PACKET_MAX_ATTACHMENTS, &count) || count == 0 ||
        reader->position == reader->end || *reader->position != '-')
        return fail (error, "bad number of attachments");
    reader->position++;
    packet->attachments = count;
    return TRUE;
}

static gboolean
read_namespace (Reader *reader, BureauPacket *packet, GError **error)
{
    const char *start = reader->position, *stop;

    if (start == reader->end || *start != '/') {
        packet->nsp = root;
        return TRUE;
    }
    stop = memchr (start, ',', reader->end - start);
    if (stop == NULL)
        stop = reader->end;
    if (stop - start > MAX_NAMESPACE || !g_utf8_validate_len (start, stop - start, NULL))
        return fail (error, "bad namespace");
    packet->nsp = g_strndup (start, stop - start);
    reader->position = stop < reader->end ? stop + 1 : stop;
    return TRUE;
}

/* Names that the protocol keeps for itself: B4. */
static gboolean
is_reserved (const BureauJsonSlice *name)
{
    static const char *const reserved[] = { "connect",       "connect_error", "disconnect",
                                            "disconnecting", "newListener",   "removeListener" };

    for (guint i = 0; i < G_N_ELEMENTS (reserved); i++) {
        if (bureau_json_slice_is_string (name, reserved[i]))
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_event (const char *json, gsize length)
{
    BureauJsonSlice first;

    if (!bureau_json_slice_element (json, length, 0, &first))
        return FALSE;
    if (*first.text == '-' || g_ascii_isdigit (*first.text))
        return TRUE;
    return *first.text == '"' && !is_reserved (&first);
}

/* @json begins with an object: if that stands for an attachment, there is one of its number. */
static gboolean
placeholder_fits (const char *json, gsize length, guint attachments)
{
    BureauJsonSlice slice;
    gint64 number;

    if (!bureau_json_slice_member (json, length, "_placeholder", &slice) || slice.length != 4 ||
        memcmp (slice.text, "true", 4) != 0)
        return TRUE;
    return bureau_json_slice_member (json, length, "num", &slice) &&
           bureau_json_slice_get_integer (&slice, &number) && number >= 0 && number < attachments;
}

static gboolean
placeholders_fit (const char *json, gsize length, guint attachments)
{
    gboolean in_string = FALSE;

    for (gsize i = 0; i < length; i++) {
        if (in_string && json[i] == '\\')
            i++;
        else if (json[i] == '"')
            in_string = !in_string;
        else if (!in_string && json[i] == '{' &&
                 !placeholder_fits (json + i, length - i, attachments))
            return FALSE;
    }
    return TRUE;
}

static gboolean
payload_fits (BureauPacketType type, BureauJsonKind kind, const char *json, gsize length)
{
    switch (type) {
    case BUREAU_PACKET_CONNECT:
        return kind == BUREAU_JSON_OBJECT;
    case BUREAU_PACKET_DISCONNECT:
        return FALSE;
    case BUREAU_PACKET_EVENT:
    case BUREAU_PACKET_BINARY_EVENT:
        return kind == BUREAU_JSON_ARRAY && is_event (json, length);
    case BUREAU_PACKET_ACK:
    case BUREAU_PACKET_BINARY_ACK:
        return kind == BUREAU_JSON_ARRAY;
    case BUREAU_PACKET_CONNECT_ERROR:
        return kind == BUREAU_JSON_OBJECT || kind == BUREAU_JSON_STRING;
    }
    return FALSE;
}

static gboolean
read_payload (Reader *reader, BureauPacket *packet, guint max_depth, GError **error)
{
    gsize length = reader->end - reader->position;
    BureauJsonKind kind;

    if (length == 0) {
        if (packet->type == BUREAU_PACKET_CONNECT_ERROR || packet->attachments > 0)
            return fail (error, "payload missing");
        return TRUE;
    }
    if (!bureau_json_scan (reader->position, length, max_depth, &kind, error))
        return FALSE;
    if (!payload_fits (packet->type, kind, reader->position, length))
        return fail (error, "payload does not fit the type");
    if (packet->attachments > 0 &&
        !placeholders_fit (reader->position, length, packet->attachments))
        return fail (error, "placeholder without an attachment");
    packet->json = g_strndup (reader->position, length);
    packet->json_length = length;
    return TRUE;
}

static gboolean
read_packet (Reader *reader, BureauPacket *packet, guint max_depth, GError **error)
{
    if (!at_digit (reader) || *reader->position > '6')
        return fail (error, "unknown packet type");
    packet->type = *reader->position++ - '0';
    if (!read_attachments (reader, packet, error) || !read_namespace (reader, packet, error))
        return FALSE;
    if (at_digit (reader) && !read_number (reader, MAX_ID, &packet->id))
        return fail (error, "bad acknowledgement id");
    return read_payload (reader, packet, max_depth, error);
}

gboolean
bureau_packet_parse (BureauPacket *packet, const char *text, gsize length, guint max_depth,
                     GError **error)
{
    Reader reader = { text, text + length };

    *packet = (BureauPacket){ .id = -1 };
    if (read_packet (&reader, packet, max_depth, error))
        return TRUE;
    bureau_packet_clear (packet);
    return FALSE;
}

gboolean
bureau_packet_take_blob (BureauPacket *packet, GBytes *blob)
{
    g_return_val_if_fail (!bureau_packet_is_whole (packet), FALSE);

    if (packet->blobs == NULL)
        packet->blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
    g_ptr_array_add (packet->blobs, g_bytes_ref (blob));
    return bureau_packet_is_whole (packet);
}

gboolean
bureau_packet_is_whole (const BureauPacket *packet)
{
    return packet->attachments == (packet->blobs == NULL ? 0 : packet->blobs->len);
}

void
bureau_packet_clear (BureauPacket *packet)
{
    if (packet->nsp != root)
        g_free ((char *) packet->nsp);
    packet->nsp = NULL;
    g_clear_pointer (&packet->json, g_free);
    g_clear_pointer (&packet->blobs, g_ptr_array_unref);
}

/* ------------------------------------------------------------------ writing */

static void
append_header (GString *out, BureauPacketType type, guint attachments, const char *nsp, gint64 id)
{
    g_string_append_c (out, '4');
    g_string_append_c (out, '0' + type);
    if (attachments > 0)
        g_string_append_printf (out, "%u-", attachments);
    if (strcmp (nsp, root) != 0) {
        g_string_append (out, nsp);
        g_string_append_c (out, ',');
    }
    if (id >= 0)
        g_string_append_printf (out, "%" G_GINT64_FORMAT, id);
}

void
bureau_packet_append (GString *out, const BureauPacket *packet)
{
    append_header (out, packet->type, packet->attachments, packet->nsp, packet->id);
    if (packet->json != NULL)
        g_string_append_len (out, packet->json, packet->json_length);
}

void
bureau_packet_append_event (GString *out, const char *nsp, const char *name, gint64 id,
                            const char *json)
{
    append_header (out, BUREAU_PACKET_EVENT, 0, nsp, id);
    g_string_append_c (out, '[');
    bureau_json_append_string (out, name);
    if (json != NULL) {
        g_string_append_c (out, ',');
        g_string_append (out, json);
    }
    g_string_append_c (out, ']');
}

void
bureau_packet_append_ack (GString *out, const char *nsp, gint64 id, const char *json)
{
    append_header (out, BUREAU_PACKET_ACK, 0, nsp, id);
    g_string_append_c (out, '[');
    if (json != NULL)
        g_string_append (out, json);
    g_string_append_c (out, ']');
}

void
bureau_packet_append_connect (GString *out, const char *nsp, const char *json)
{
    append_header (out, BUREAU_PACKET_CONNECT, 0, nsp, -1);
    if (json != NULL)
        g_string_append (out, json);
}

void
bureau_packet_append_connect_error (GString *out, const char *nsp, const char *json)
{
    append_header (out, BUREAU_PACKET_CONNECT_ERROR, 0, nsp, -1);
    if (json != NULL)
        g_string_append (out, json);
}

void
bureau_packet_append_disconnect (GString *out, const char *nsp)
{
    append_header (out, BUREAU_PACKET_DISCONNECT, 0, nsp, -1);
}

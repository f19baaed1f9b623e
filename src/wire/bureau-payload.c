/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-payload.h"

#include <string.h>

#include <sodium.h>

#include "bureau-utf8.h"

#define SEPARATOR '\x1e'

/* ------------------------------------------------------------------ reading */

void
bureau_payload_reader_init (BureauPayloadReader *reader, const char *bytes, gsize length)
{
    /* An empty body may be nowhere. */
    reader->position = length == 0 ? "" : bytes;
    reader->end = reader->position + length;
    reader->over = FALSE;
}

/* The next packet, without its separator; a payload that ends with a separator has an empty one
 * behind it. */
static const char *
take_packet (BureauPayloadReader *reader, gsize *length)
{
    const char *packet = reader->position;
    const char *separator = packet == reader->end
                                ? NULL
                                : memchr (packet, SEPARATOR, reader->end - packet);

    reader->over = separator == NULL;
    reader->position = reader->over ? reader->end : separator + 1;
    *length = (reader->over ? reader->end : separator) - packet;
    return packet;
}

static BureauPayloadResult
fail (BureauPayloadReader *reader)
{
    reader->over = TRUE;
    return BUREAU_PAYLOAD_ERROR;
}

BureauPayloadResult
bureau_payload_reader_next (BureauPayloadReader *reader, const char **text, gsize *text_length,
                            GBytes **blob)
{
    const char *packet;
    gsize length;

    if (reader->over)
        return BUREAU_PAYLOAD_END;
    packet = take_packet (reader, &length);
    if (length == 0)
        return fail (reader);
    if (packet[0] == 'b') {
        *blob = bureau_payload_decode_blob (packet + 1, length - 1);
        return *blob == NULL ? fail (reader) : BUREAU_PAYLOAD_BINARY;
    }
    if (!bureau_utf8_check (packet, length))
        return fail (reader);
    *text = packet;
    *text_length = length;
    return BUREAU_PAYLOAD_TEXT;
}

/* The six bits that a character of the standard alphabet stands for, -1 for all others. */
static int
get_sextet (char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* By hand: GLib's decoder skips what it does not know, and libsodium's takes characters beyond
 * ASCII. */
GBytes *
bureau_payload_decode_blob (const char *text, gsize length)
{
    g_autofree guint8 *bytes = g_malloc (length / 4 * 3 + 1);
    gsize size = 0;
    guint padding = 0;
    guint bits = 0;

    if (length % 4 != 0)
        return NULL;
    while (length > 0 && padding < 2 && text[length - 1 - padding] == '=')
        padding++;
    for (gsize i = 0; i < length - padding; i++) {
        int sextet = get_sextet (text[i]);

        if (sextet < 0)
            return NULL;
        bits = bits << 6 | sextet;
        if (i % 4 > 0)
            bytes[size++] = bits >> (6 - 2 * (i % 4));
    }
    /* The bits that padding leaves over. */
    if ((bits & ((1u << 2 * padding) - 1)) != 0)
        return NULL;
    return g_bytes_new_take (g_steal_pointer (&bytes), size);
}

/* ------------------------------------------------------------------ writing */

static void
begin_packet (GString *out)
{
    if (out->len > 0)
        g_string_append_c (out, SEPARATOR);
}

void
bureau_payload_append_text (GString *out, const char *text, gsize length)
{
    begin_packet (out);
    g_string_append_len (out, text, length);
}

void
bureau_payload_append_binary (GString *out, const void *bytes, gsize length)
{
    gsize size = sodium_base64_encoded_len (length, sodium_base64_VARIANT_ORIGINAL);
    gsize start;

    begin_packet (out);
    g_string_append_c (out, 'b');
    start = out->len;
    /* Both count a NUL: sodium in @size, GString behind its length. */
    g_string_set_size (out, start + size - 1);
    sodium_bin2base64 (out->str + start, size, bytes, length, sodium_base64_VARIANT_ORIGINAL);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* There is one way to write a payload: what was read is written again as the same bytes. */

#include <string.h>

#include "bureau-payload.h"
#include "slices.h"

/* Reads one packet, and writes it again behind @out. */
static BureauPayloadResult
copy_packet (BureauPayloadReader *reader, GString *out)
{
    const char *text = NULL;
    gsize length = 0;
    g_autoptr (GBytes) blob = NULL;
    BureauPayloadResult result = bureau_payload_reader_next (reader, &text, &length, &blob);

    g_assert ((blob != NULL) == (result == BUREAU_PAYLOAD_BINARY));
    if (result == BUREAU_PAYLOAD_TEXT) {
        g_assert (length > 0);
        bureau_payload_append_text (out, text, length);
    } else if (result == BUREAU_PAYLOAD_BINARY) {
        gsize size;
        const void *bytes = g_bytes_get_data (blob, &size);

        bureau_payload_append_binary (out, bytes, size);
    }
    return result;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
    g_autoptr (GString) out = g_string_new (NULL);
    BureauPayloadReader reader;
    BureauPayloadResult result;

    bureau_payload_reader_init (&reader, (const char *) data, size);
    do
        result = copy_packet (&reader, out);
    while (result == BUREAU_PAYLOAD_TEXT || result == BUREAU_PAYLOAD_BINARY);
    /* Up to the bad packet, if there is one. */
    g_assert (out->len <= size && memcmp (out->str, data, out->len) == 0);
    g_assert (result == BUREAU_PAYLOAD_ERROR || out->len == size);
    g_assert (copy_packet (&reader, out) == BUREAU_PAYLOAD_END);
    return 0;
}

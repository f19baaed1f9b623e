/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What was read is written as a packet that is read as the same. */

#include <string.h>

#include "bureau-json-scanner.h"
#include "bureau-packet.h"
#include "slices.h"

#define MAX_DEPTH       32
#define MAX_ATTACHMENTS 10

static gboolean
parse (BureauPacket *packet, const char *text, gsize length)
{
    g_autoptr (GError) error = NULL;
    gboolean ok = bureau_packet_parse (packet, text, length, MAX_DEPTH, &error);

    g_assert (ok == (error == NULL));
    return ok;
}

static void
check_json (const BureauPacket *packet)
{
    BureauJsonKind kind;

    if (packet->json == NULL)
        return;
    g_assert (packet->json[packet->json_length] == '\0');
    g_assert (bureau_json_scan (packet->json, packet->json_length, MAX_DEPTH, &kind, NULL));
    switch (packet->type) {
    case BUREAU_PACKET_CONNECT:
        g_assert (kind == BUREAU_JSON_OBJECT);
        break;
    case BUREAU_PACKET_CONNECT_ERROR:
        g_assert (kind == BUREAU_JSON_OBJECT || kind == BUREAU_JSON_STRING);
        break;
    case BUREAU_PACKET_DISCONNECT:
        g_assert_not_reached ();
    default:
        g_assert (kind == BUREAU_JSON_ARRAY);
    }
}

static void
check (const BureauPacket *packet)
{
    gboolean binary = packet->type == BUREAU_PACKET_BINARY_EVENT ||
                      packet->type == BUREAU_PACKET_BINARY_ACK;

    g_assert (packet->nsp[0] == '/' && strchr (packet->nsp, ',') == NULL);
    g_assert (packet->id >= -1);
    g_assert (binary == (packet->attachments > 0));
    g_assert (packet->attachments <= MAX_ATTACHMENTS);
    check_json (packet);
}

/* As many attachments as were announced make it whole. */
static void
fill (BureauPacket *packet)
{
    g_autoptr (GBytes) blob = g_bytes_new_static ("\x00\xff", 2);

    for (guint i = 1; i <= packet->attachments; i++) {
        g_assert (!bureau_packet_is_whole (packet));
        g_assert (bureau_packet_take_blob (packet, blob) == (i == packet->attachments));
    }
    g_assert (bureau_packet_is_whole (packet));
}

static void
check_equal (const BureauPacket *a, const BureauPacket *b)
{
    g_assert (a->type == b->type);
    g_assert (a->attachments == b->attachments);
    g_assert (g_str_equal (a->nsp, b->nsp));
    g_assert (a->id == b->id);
    g_assert (a->json_length == b->json_length);
    g_assert (g_strcmp0 (a->json, b->json) == 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
    g_autoptr (GString) text = g_string_new (NULL);
    BureauPacket packet, again;

    if (!parse (&packet, (const char *) data, size))
        return 0;
    check (&packet);
    bureau_packet_append (text, &packet);
    g_assert (text->str[0] == '4'); /* Engine.IO's message */
    g_assert (parse (&again, text->str + 1, text->len - 1));
    check_equal (&packet, &again);
    fill (&packet);
    bureau_packet_clear (&packet);
    bureau_packet_clear (&again);
    return 0;
}

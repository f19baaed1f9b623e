/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Socket.IO v5 packets as the text of one Engine.IO message, without the Engine.IO type digit
 * (wire.md, B1). Pure functions; both ends use them. */

typedef enum {
    BUREAU_PACKET_CONNECT = 0,
    BUREAU_PACKET_DISCONNECT = 1,
    BUREAU_PACKET_EVENT = 2,
    BUREAU_PACKET_ACK = 3,
    BUREAU_PACKET_CONNECT_ERROR = 4,
    BUREAU_PACKET_BINARY_EVENT = 5,
    BUREAU_PACKET_BINARY_ACK = 6,
} BureauPacketType;

#define BUREAU_PACKET_MAX_ATTACHMENTS 10

/* Nothing in it points into the text it was parsed from. */
typedef struct {
    BureauPacketType type;
    guint attachments; /* for the binary types: 1 to BUREAU_PACKET_MAX_ATTACHMENTS; else 0 */
    const char *nsp;   /* (owned), but for "/", which is no copy: when the packet names none */
    gint64 id;         /* acknowledgement id, -1 for none */
    char *json;        /* (owned) (nullable): NUL-terminated, passed bureau_json_scan() */
    gsize json_length;
    GPtrArray *blobs; /* (owned) (nullable) (element-type GBytes): those of the attachments that are
                         here */
} BureauPacket;

#define BUREAU_PACKET_ERROR (bureau_packet_error_quark ())
GQuark bureau_packet_error_quark (void);

/* Parses and checks the grammar, the JSON, that its kind fits the type (B1, B4: `42[]`, `41{}`,
 * reserved event names and the like are errors), and, in a binary packet, that each placeholder has
 * the number of an attachment. On FALSE @packet holds nothing to free. */
gboolean bureau_packet_parse (BureauPacket *packet, const char *text, gsize length, guint max_depth,
                              GError **error);
/* Adds the next of the announced attachments, one of which must be missing; TRUE when that was the
 * last. Takes a reference. */
gboolean bureau_packet_take_blob (BureauPacket *packet, GBytes *blob);
gboolean bureau_packet_is_whole (const BureauPacket *packet);
void bureau_packet_clear (BureauPacket *packet);

/* Appends the whole Engine.IO message, its type digit `4` included: what parse() read. The blobs go
 * behind it as binary messages. */
void bureau_packet_append (GString *out, const BureauPacket *packet);
/* The same for what is made here: `42["name",PAYLOAD]`, `423["name",PAYLOAD]`, `43ID[PAYLOAD]`,
 * `40PAYLOAD`, `44PAYLOAD`, `41`. @json is compact JSON, spliced in as it is; NULL for none. @nsp:
 * "/" or another. */
void bureau_packet_append_event (GString *out, const char *nsp, const char *name, gint64 id,
                                 const char *json);
void bureau_packet_append_ack (GString *out, const char *nsp, gint64 id, const char *json);
void bureau_packet_append_connect (GString *out, const char *nsp, const char *json);
void bureau_packet_append_connect_error (GString *out, const char *nsp, const char *json);
void bureau_packet_append_disconnect (GString *out, const char *nsp);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-frame.h"

G_BEGIN_DECLS

struct _BureauFrame {
    guint references;
    guint header;  /* bytes of WebSocket frame header; the message follows */
    gsize length;  /* bytes in all */
    guint8 *bytes; /* (owned) */
};

/* Bytes as they are, without a WebSocket header: an HTTP answer. Takes @bytes. */
BureauFrame *bureau_frame_new_plain (GString *bytes);
/* Any other WebSocket frame: a close, a pong. Copies @data. */
BureauFrame *bureau_frame_new_raw (guint8 opcode, const void *data, gsize length);

G_END_DECLS

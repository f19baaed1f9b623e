/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One outgoing message, made once and shared by every connection that gets it: the Engine.IO text,
 * and the same behind its WebSocket frame header. Immutable; reference counted, not atomic: one
 * thread. */
typedef struct _BureauFrame BureauFrame;

/* @text is a whole Engine.IO message, e.g. from bureau_packet_append_event(). Takes its buffer. */
BureauFrame *bureau_frame_new_take (GString *text);
/* An event: `42["name",json]`. */
BureauFrame *bureau_frame_new_event (const char *name, const char *json);
BureauFrame *bureau_frame_ref (BureauFrame *frame);
void bureau_frame_unref (BureauFrame *frame);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauFrame, bureau_frame_unref)

G_END_DECLS

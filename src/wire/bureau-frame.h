/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One outgoing message, made once and shared by every connection that gets it: an Engine.IO message
 * behind its WebSocket frame header. Its bytes lie in the server's arena of this turn, behind those
 * of the frame before: what is sent to the same people together leaves together. Immutable;
 * one thread. Whoever made it frees it: a receiver keeps the bytes, not the frame. */
typedef struct _BureauFrame BureauFrame;
typedef struct _BureauServer BureauServer;

/* An event of namespace "/": `42["name",json]`. */
BureauFrame *bureau_frame_new_event (BureauServer *server, const char *name, const char *json);
void bureau_frame_free (BureauFrame *frame);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauFrame, bureau_frame_free)

G_END_DECLS

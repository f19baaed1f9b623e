/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-server-private.h"

G_BEGIN_DECLS

/* How the parts of Engine.IO meet:
 *
 *   engine   the requests: which of them are refused, and who gets the others
 *   session  what both transports share: heartbeat, packets, queueing, the end
 *   polling  the session's GETs and POSTs
 *   upgrade  the way from polling to WebSocket
 */

/* ------------------------------------------------------------------ bureau-engine.c */

/* Whether it wants binary messages as text, `b…`, even on a WebSocket. */
gboolean bureau_engine_wants_base64 (BureauExchange *exchange);

/* ------------------------------------------------------------------ bureau-session.c */

/* Opened by @exchange: counted, known by its id, its heart beating. */
BureauSession *bureau_session_new (BureauExchange *exchange);
/* The open packet, `0{…}`. (transfer full) */
char *bureau_session_make_greeting (BureauSession *session, gboolean can_upgrade);
/* Bytes of one message, or of one POST, that it may send. */
gsize bureau_session_get_max_message (BureauSession *session);
/* Does what its heartbeat's deadlines ask for, though the loop has not come to them yet. */
void bureau_session_check_time (BureauSession *session, gint64 now);
/* A packet that is text, not empty, valid UTF-8; FALSE if there is no such packet. */
gboolean bureau_session_take_packet (BureauSession *session, const char *text, gsize length);
/* A message that is binary. */
void bureau_session_take_blob (BureauSession *session, const void *bytes, gsize length);
/* The peer has broken the protocol, or its transport: by polling, that is the end at once. */
void bureau_session_fail (BureauSession *session, const char *reason);
/* By polling: what waited, and the close, are out, or were not fetched in time. */
void bureau_session_finish (BureauSession *session);

/* ------------------------------------------------------------------ bureau-polling.c */

/* The GET is held, and answered at the turn's end if something waits. */
void bureau_polling_take_get (BureauSession *session, BureauExchange *exchange);
/* TRUE if the POST's body is to be read; FALSE if it was answered. */
gboolean bureau_polling_begin_post (BureauSession *session, BureauExchange *exchange);
void bureau_polling_take_post (BureauSession *session);
/* Answers the held GET, if there is one, with @packet alone. */
void bureau_polling_answer_with (BureauSession *session, const char *packet);
/* Lets go of the POST that is being read, if there is one. */
void bureau_polling_forget_post (BureauSession *session);

/* ------------------------------------------------------------------ bureau-upgrade.c */

/* @exchange is a good upgrade of a session that polls and has no probe. */
void bureau_upgrade_begin (BureauSession *session, BureauExchange *exchange);
/* A message of session->probe. */
void bureau_upgrade_take (BureauSession *session, gboolean is_binary, const char *bytes,
                          gsize length);
/* A GET is held: it gets its noop, that the client may switch; but not one after the other at
 * once. */
void bureau_upgrade_release_poll (BureauSession *session);
/* The probe is gone; the session goes on by polling. */
void bureau_upgrade_forget (BureauSession *session);
/* Closes the probe, if there is one. */
void bureau_upgrade_cancel (BureauSession *session);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* One exchange with the hub's REST door, and what its answers mean. */

/* A session that speaks with the hub whose certificate has @pin, and with nobody else; "" is a hub
 * on loopback, without TLS. (transfer full) */
SoupSession *bureau_inquiry_session_new (const char *pin);

/* A request of @path ("/api/v1/office") at @base_uri. @token and @body (JSON) may be NULL. An
 * answer of more than @max_size bytes is refused. */
void bureau_inquiry_async (SoupSession *session, const char *base_uri, const char *method,
                           const char *path, const char *token, const char *body, gsize max_size,
                           GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
/* The body of a 2xx answer (transfer full). Else the hub's BUREAU_ERROR, or
 * BUREAU_ERROR_UNAVAILABLE if it could not be reached, BUREAU_ERROR_STRANGER if somebody else was,
 * or G_IO_ERROR_CANCELLED. */
GBytes *bureau_inquiry_finish (GAsyncResult *result, GError **error);

/* Scans and parses an answer object from outside. (transfer full) */
JsonObject *bureau_inquiry_parse (const char *text, gssize length, GError **error);
/* TRUE if @answer says ok; else sets the BUREAU_ERROR it carries. */
gboolean bureau_inquiry_check (JsonObject *answer, GError **error);
/* Both: an answer that says ok, or NULL. (transfer full) */
JsonObject *bureau_inquiry_parse_answer (GBytes *bytes, GError **error);
/* An answer that lacks what it must have. */
void bureau_inquiry_set_not_understood (GError **error);

G_END_DECLS

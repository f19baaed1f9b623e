/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A peer by hand: a socket whose every byte the test chooses. Whatever waits here also runs the
 * default main context, where the server under test lives; nothing waits longer than RAW_PATIENCE.
 */
#define RAW_PATIENCE (10 * G_USEC_PER_SEC)

typedef struct {
    int fd;
    GByteArray *in; /* received, not yet looked at */
    gboolean eof;
} RawClient;

/* @uri as bureau_server_listen() gives it. */
RawClient *raw_client_new (const char *uri);
/* From another of loopback's addresses. */
RawClient *raw_client_new_from (const char *uri, const char *from);
void raw_client_free (RawClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RawClient, raw_client_free)

/* Runs the main context until @condition; FALSE after RAW_PATIENCE. */
#define raw_wait_until(condition)                                                                  \
    G_STMT_START                                                                                   \
    {                                                                                              \
        gint64 raw_deadline_ = g_get_monotonic_time () + RAW_PATIENCE;                             \
        while (!(condition)) {                                                                     \
            g_assert_cmpint (g_get_monotonic_time (), <, raw_deadline_);                           \
            raw_iterate (NULL);                                                                    \
        }                                                                                          \
    }                                                                                              \
    G_STMT_END

/* One round of the main context; then a millisecond's wait at most, for @client (nullable) to get
 * something. */
void raw_iterate (RawClient *client);

void raw_client_send (RawClient *client, const void *bytes, gsize length);
void raw_client_send_string (RawClient *client, const char *text);
/* A frame with any first byte, masked. */
void raw_client_send_frame (RawClient *client, guint8 first, const void *payload, gsize length);
void raw_client_send_text (RawClient *client, const char *text);

/* What there is up to the end of file. (transfer full) */
char *raw_client_read_all (RawClient *client);
/* The answer to a request that is the connection's last: it is half closed behind it. (transfer
 * full)
 */
char *raw_client_request (const char *uri, const char *request);

/* The next answer, by its Content-Length; the connection stays. (transfer full) */
char *raw_client_read_answer (RawClient *client);

/* Asks for an upgrade and reads the 101. @query: more parameters, e.g. "&sid=…". */
RawClient *raw_client_upgrade (const char *uri);
RawClient *raw_client_upgrade_with (const char *uri, const char *query);
/* Only asks. */
RawClient *raw_client_ask_upgrade (const char *uri, const char *query);
/* The next frame's opcode, 0 for end of file; @payload is NUL-terminated. (out) (transfer full) */
guint8 raw_client_read_frame (RawClient *client, char **payload, gsize *length);
/* The next frame must be text. (transfer full) */
char *raw_client_read_text (RawClient *client);
void raw_client_expect_text (RawClient *client, const char *text);
/* Reads until a close frame; returns its code, 1005 if it has none, 1006 if there is no close
 * frame. */
guint raw_client_read_close (RawClient *client);
/* Upgrade, open packet, CONNECT with @auth (nullable), answer. */
RawClient *raw_client_sign_in (const char *uri, const char *auth);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The head of an HTTP/1.1 request (RFC 9112), read strictly: CR LF at every line's end, no folding,
 * no space before a colon, one Host, at most one Content-Length of plain digits, no
 * Transfer-Encoding (reliability.md 4). A pure function of bytes. */

#define BUREAU_HTTP_MAX_HEAD    (16 * 1024)
#define BUREAU_HTTP_MAX_HEADERS 100

typedef enum {
    BUREAU_HTTP_INCOMPLETE, /* not bad so far, but not all there */
    BUREAU_HTTP_GOOD,
    BUREAU_HTTP_BAD,           /* 400 */
    BUREAU_HTTP_NO_LENGTH,     /* 411: some Transfer-Encoding, which no client of ours uses */
    BUREAU_HTTP_TOO_LARGE,     /* 431 */
    BUREAU_HTTP_NOT_SUPPORTED, /* 505: not HTTP/1.0 or HTTP/1.1 */
} BureauHttpVerdict;

typedef struct {
    const char *name;  /* lower case */
    const char *value; /* trimmed; of a name that comes twice, the values joined by ", " */
} BureauHttpHeader;

/* One allocation with all its texts behind it, and the table. */
typedef struct _BureauHttpRequest BureauHttpRequest;
struct _BureauHttpRequest {
    const char *method;     /* [A-Z]+ */
    const char *path;       /* percent-decoded, valid UTF-8, no control characters; or "*" */
    const char *query_text; /* (nullable): as it came, without "?" */
    GHashTable *query;      /* (owned): char * → char *, decoded; the last of a name counts */
    const char *host;       /* (nullable): as it came, of an absolute target the target's; NULL for
                               HTTP/1.0 without one */
    guint64 content_length; /* 0 if none was given */
    guint minor;            /* of the version: HTTP/1.minor */
    gboolean keep_alive;    /* what the peer wishes: RFC 9112 section 9.3 */
    gboolean expects_continue;
    guint n_headers;
    BureauHttpHeader headers[];
};

/* @bytes: from the request's first byte on; what follows the head is not looked at. On GOOD:
 * @request (transfer full) and @head_length, the bytes that the head takes; else neither is set. */
BureauHttpVerdict bureau_http_request_parse (const char *bytes, gsize length,
                                             BureauHttpRequest **request, gsize *head_length);
void bureau_http_request_free (BureauHttpRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauHttpRequest, bureau_http_request_free)

/* @name: in any case. (nullable) */
const char *bureau_http_request_get_header (const BureauHttpRequest *request, const char *name);
/* TRUE if the header @name is a comma-separated list that has @token, in any case. */
gboolean bureau_http_request_has_token (const BureauHttpRequest *request, const char *name,
                                        const char *token);
/* TRUE if it asks for a WebSocket as RFC 6455 section 4.2.1 wants it: GET, HTTP/1.1, Upgrade,
 * Connection, version 13, a key of 16 bytes, no body. */
gboolean bureau_http_request_is_upgrade (const BureauHttpRequest *request);
/* Sec-WebSocket-Accept for its key. (transfer full) */
char *bureau_http_request_make_accept (const BureauHttpRequest *request);

G_END_DECLS

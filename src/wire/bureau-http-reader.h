/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-http-request.h"

G_BEGIN_DECLS

/* The grammar of a request's head (RFC 9112): bytes in, spans of them out. What is made of it is
 * bureau-http-request's. */

typedef struct {
    const char *text; /* (unowned) */
    gsize length;
} BureauHttpSpan;

typedef struct {
    BureauHttpSpan name;
    BureauHttpSpan value;
} BureauHttpField;

/* What the head says; nothing is allocated before it is known to be good. */
typedef struct {
    const char *position;
    const char *end;
    BureauHttpSpan method;
    BureauHttpSpan authority; /* of an absolute target */
    BureauHttpSpan path;      /* may be empty behind an authority */
    BureauHttpSpan query;     /* its text is NULL if there is no "?" */
    guint minor;
    BureauHttpField *fields; /* (unowned): room for BUREAU_HTTP_MAX_HEADERS */
    guint n_fields;
    BureauHttpSpan host;
    guint n_hosts;
    BureauHttpSpan content_length;
    guint n_content_lengths;
    guint8 bits; /* that any byte of any value has */
} BureauHttpReader;

/* Reads the head from @reader->position on, which is behind it when it is good. `end` and `fields`
 * are set as well, all else is zero. */
BureauHttpVerdict bureau_http_reader_read (BureauHttpReader *reader);

/* Without the blanks around it. */
BureauHttpSpan bureau_http_span_trim (BureauHttpSpan span);
/* TRUE if it is @name, in any case. */
gboolean bureau_http_span_is_named (BureauHttpSpan span, const char *name);

G_END_DECLS

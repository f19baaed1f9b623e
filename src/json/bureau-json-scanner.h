/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The strict scanner every byte of JSON from outside passes before a parser sees it
 * (reliability.md, head): one RFC 8259 document and nothing else; valid UTF-8 without BOM; depth at
 * most @max_depth; no duplicate keys in one object, at most 1,024 of them; no \u0000 and no lone
 * surrogates; integers within int64, other numbers finite doubles. Uses bounded memory, never
 * recurses, never warns. */

#define BUREAU_JSON_ERROR (bureau_json_error_quark ())
GQuark bureau_json_error_quark (void);

typedef enum {
    BUREAU_JSON_ERROR_SYNTAX,
    BUREAU_JSON_ERROR_UTF8,
    BUREAU_JSON_ERROR_DEPTH,
    BUREAU_JSON_ERROR_DUPLICATE_KEY,
    BUREAU_JSON_ERROR_TOO_MANY_KEYS,
    BUREAU_JSON_ERROR_NUMBER,
    BUREAU_JSON_ERROR_STRING,
} BureauJsonError;

/* What the document's outermost value is. */
typedef enum {
    BUREAU_JSON_OBJECT = 1,
    BUREAU_JSON_ARRAY,
    BUREAU_JSON_STRING,
    BUREAU_JSON_NUMBER,
    BUREAU_JSON_BOOLEAN,
    BUREAU_JSON_NULL,
} BureauJsonKind;

/* Returns TRUE and stores the kind (kind: nullable out) if @text is acceptable; else FALSE with
 * BUREAU_JSON_ERROR, whose message names the byte offset. @text need not be NUL-terminated. */
gboolean bureau_json_scan (const char *text, gsize length, guint max_depth, BureauJsonKind *kind,
                           GError **error);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Picks single values out of JSON that has passed bureau_json_scan(): what the protocol itself has
 * to know (an event's name, a session's id), without a tree. On text that has not passed it the
 * answers are undefined, though never read past @length. */
typedef struct {
    const char
        *text; /* (unowned): one whole value, without space around it; NULL where there is none */
    gsize length;
} BureauJsonSlice;

/* A member of an object. FALSE (and an empty slice) if @json is no object or has no such member. */
gboolean bureau_json_slice_member (const char *json, gsize length, const char *name,
                                   BureauJsonSlice *slice);
/* An element of an array. */
gboolean bureau_json_slice_element (const char *json, gsize length, guint index,
                                    BureauJsonSlice *slice);
/* The text of a string value, unescaped; NULL if it is none. (transfer full) */
char *bureau_json_slice_dup_string (const BureauJsonSlice *slice);
/* TRUE if it is a string that says @text, however it is escaped. */
gboolean bureau_json_slice_is_string (const BureauJsonSlice *slice, const char *text);
/* The value of a plain integer; FALSE if it is none. */
gboolean bureau_json_slice_get_integer (const BureauJsonSlice *slice, gint64 *value);

G_END_DECLS

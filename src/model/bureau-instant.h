/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An instant is a gint64: milliseconds since 1970-01-01T00:00:00Z. On the wire it is RFC 3339 in
 * UTC with milliseconds (doors.md, REST). 0 stands for "none". */

/* "2026-11-21T09:30:00.000Z" (transfer full); NULL for 0 */
char *bureau_instant_to_string (gint64 instant);
/* 0 if @text is NULL or is no RFC 3339 time. Any offset is understood. */
gint64 bureau_instant_from_string (const char *text);

/* A due date is a date, "2026-11-21", or an instant as above. */
gboolean bureau_due_is_valid (const char *due);
/* The day a due date falls on in @zone. (transfer full) (nullable) */
GDateTime *bureau_due_to_day (const char *due, GTimeZone *zone);

/* A canonical lower-case UUID (RFC 9562, section 4). Random, version 4. (transfer full) */
char *bureau_id_new (void);
gboolean bureau_id_is_valid (const char *text);

G_END_DECLS

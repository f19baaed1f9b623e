/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* JSON written straight into a buffer: of each event that the hub announces, so several times
 * faster than a generator that goes through GValues (performance.md, 9). Compact; RFC 8259. */

/* @text in quotation marks. It is valid UTF-8; only what must be escaped is. */
void bureau_json_append_string (GString *out, const char *text);
void bureau_json_append_integer (GString *out, gint64 value);
/* The shortest text that reads as the same number; null for one that is not finite. */
void bureau_json_append_double (GString *out, double value);

G_END_DECLS

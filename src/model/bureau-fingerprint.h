/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A hub's pin, the SHA-256 of its key (SPKI) as 43 characters of base64url, in forms that two
 * people can compare, read aloud or on two screens. Each is a part of it: enough that nobody makes
 * a key to fit, for words 64 bits, for digits 99. What programs compare is the pin. */

/* Eight words, "tissue disruptive …"; NULL if @pin is none. (transfer full) */
char *bureau_fingerprint_to_words (const char *pin);
/* Six groups of five digits, "04713 88120 …"; NULL if @pin is none. (transfer full) */
char *bureau_fingerprint_to_digits (const char *pin);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Merges two texts that were both made from @base, line by line: what only one of them has changed
 * is taken from it, and where both have put in lines at the same place, both stay, theirs first.
 * Where they have changed the same lines, or lines next to each other, in different ways, it is
 * @mine that stands, and @clash (out) is TRUE: then something of @theirs is not in the result.
 *
 * Texts are split at '\n' and nowhere else. Takes time and memory for texts as long as descriptions
 * are, however little they have in common: what can't be compared in that time counts as changed.
 * (transfer full) */
char *bureau_line_merge (const char *base, const char *mine, const char *theirs, gboolean *clash);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A task's place in its column: a string of [0-9A-Za-z] compared bytewise, a fraction in base 62.
 * Between any two there is always room for another, so a move changes one task and renumbers none.
 */

/* A position after @before and before @after; either may be NULL for "no neighbour". (transfer
 * full) If @before is not less than @after, the result is after @before. */
char *bureau_position_between (const char *before, const char *after);

gboolean bureau_position_is_valid (const char *text);

G_END_DECLS

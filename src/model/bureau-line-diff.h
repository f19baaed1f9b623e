/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Private to bureau-line-merge.c: which lines of one text are still there in another. Lines are
 * numbers here, equal for equal lines. */

/* For each of the @n_old lines, the index of the same line among the @n_new ones, rising; -1 for
 * one that is gone. The fewest are gone, unless that takes too long to find out. (transfer full) */
gint *bureau_line_diff (const guint *old_lines, guint n_old, const guint *new_lines, guint n_new);

G_END_DECLS

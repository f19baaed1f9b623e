/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A directory of one's own. (transfer full) */
char *directory_new (void);
/* All that is in @from, into @to, which is there. */
void directory_copy (const char *from, const char *to);
/* The same in memory, where there is such a place: no disk is waited for. */
char *directory_new_in_memory (void);
/* Removes what is at @path, with all that is in it. */
void directory_remove (const char *path);
/* Removes the directory and frees its name. */
void directory_free (char *directory);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What `bureau-hub doctor` looks at: whether an office's files are whole, and safe from others. It
 * changes nothing, and a hub may be serving meanwhile. Blocking, perhaps for long. */

/* One thing that was looked at: "database". @text: a sentence or two, of one line. */
typedef void (*BureauFindingFunc) (const char *what, gboolean good, const char *text,
                                   gpointer data);
/* Returns TRUE if all is good. @now: an instant. */
gboolean bureau_doctor_examine (const char *path, gint64 now, BureauFindingFunc func,
                                gpointer data);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* When something was, as one would say it now, an instant: "today, 14:20", "21 November, 14:20",
 * "21 November 2025, 14:20". (transfer full) */
char *bureau_instant_to_words (gint64 instant, gint64 now);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @text as one line that a terminal, or whoever reads a log, can't be fooled by: control characters
 * (line breaks too), what turns the direction of writing, and what is no UTF-8 are written as
 * "\x1b". (transfer full) */
char *bureau_printable (const char *text);

/* From here on, all that is logged through GLib passes bureau_printable(). Once, first thing in
 * main(). */
void bureau_printable_init_log (void);

G_END_DECLS

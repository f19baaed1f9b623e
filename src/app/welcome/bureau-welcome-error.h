/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What to say when going into an office did not work: what happened, and what to do. (transfer
 * full) */
char *bureau_welcome_error_to_text (const GError *error);

G_END_DECLS

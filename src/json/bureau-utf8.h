/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether @bytes are UTF-8 as RFC 3629 has it. NUL is, though g_utf8_validate() takes it for the
 * end. */
gboolean bureau_utf8_check (const void *bytes, gsize length);

G_END_DECLS

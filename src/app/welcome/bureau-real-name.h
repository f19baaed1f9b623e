/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The name of whoever uses this machine, as far as the system knows it; else "". (transfer none) */
const char *bureau_get_real_name (void);

G_END_DECLS

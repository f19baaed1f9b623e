/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* From here on all that this process takes for chance, GLib's and libsodium's, follows from
 * @seed. */
void sim_chance_begin (guint32 seed);

G_END_DECLS

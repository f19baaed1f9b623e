/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Typed codes as the database keeps them. A code must be known to be proven, so a hash of it won't
 * do (and 40 bits would not hide behind one): it is encrypted and authenticated by
 * XChaCha20-Poly1305 under a key of the hub's own (BUREAU_CODE_KEY), so that whoever reads the
 * database alone, a backup of it or pages that were freed finds none, and can't move one to another
 * invitation. Pure. */

/* @key: BUREAU_KEY_SIZE bytes. Another each time. (transfer full) */
GBytes *bureau_sealed_code_new (const guint8 *key, const char *invitation_id, const char *code);
/* NULL if it was not made so: the key is another, or somebody changed it. (transfer full): wipe it.
 */
char *bureau_sealed_code_open (const guint8 *key, const char *invitation_id, GBytes *sealed);
/* Wipes and frees it. @code: nullable. */
void bureau_code_free (char *code);

G_END_DECLS

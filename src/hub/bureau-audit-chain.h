/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-data-directory.h"
#include "bureau-store-audit.h"

G_BEGIN_DECLS

/* What makes the audit's rows one chain (reliability.md, G26): each row's hash is keyed BLAKE2b
 * over the hash before it and the row, and the seal in `meta` is keyed BLAKE2b over the number and
 * the hash of the last. The key is no part of the database: whoever has only that can neither make
 * a row nor move the end. What it can't tell from a restored backup is a whole earlier database. */

/* Adds @row at the end, in the caller's transaction; fills in its `n` and `hash`. */
gboolean bureau_audit_chain_append (BureauStore *store, const guint8 *key, BureauAuditRow *row,
                                    GError **error);
/* Seals an end for the first time, with a new key. */
gboolean bureau_audit_chain_begin (BureauStore *store, const guint8 *key, GError **error);
/* Reads all of it. FALSE with @error only if it can't be read; else @wrong is NULL if it is whole,
 * or a sentence that names the first row that is wrong (out) (transfer full) (nullable), and @rows
 * is how many there are. */
gboolean bureau_audit_chain_check (BureauStore *store, const guint8 *key, gint64 *rows,
                                   char **wrong, GError **error);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-store.h"

G_BEGIN_DECLS

/* A database as it is at one moment, in a file of its own. For all that is true of a store, see
 * bureau-store.h. */

/* What takes long ends with G_IO_ERROR_CANCELLED at the latest a moment after @cancellable
 * (nullable) is. It must live until the store is closed. */
void bureau_store_set_cancellable (BureauStore *store, GCancellable *cancellable);

/* Writes all of it, as one transaction sees it, into the new file @path, and leaves that on the
 * disk. @store: one that only looks, so whoever writes goes on meanwhile. */
gboolean bureau_store_copy (BureauStore *store, const char *path, GError **error);

/* {"hub"}: whose it is, {"people","projects","tasks","entries","events"}: how many there are, and
 * {"offices":[NAME]}. (transfer full) */
JsonObject *bureau_store_summarize (BureauStore *store, GError **error);

/* How much has happened in the office's rooms since the instant @since, as far as the log goes
 * back. */
gboolean bureau_store_count_events_since (BureauStore *store, gint64 since, gint64 *n_events,
                                          GError **error);

G_END_DECLS

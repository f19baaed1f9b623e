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

/* The pages of the store's file on their way into the new file @path, mode 0600, a few at a time:
 * for the one that writes, which holds up nothing for longer than a step takes, and whose
 * checkpoints go on. What it commits meanwhile is in the copy as well. The rest of a copy that is
 * not whole is the caller's to remove; so it is not before the copy is freed, and that before the
 * store is closed. */
typedef struct _BureauStoreCopy BureauStoreCopy;
BureauStoreCopy *bureau_store_copy_begin (BureauStore *store, const char *path, GError **error);
/* TRUE in @done once it is whole. */
gboolean bureau_store_copy_step (BureauStoreCopy *copy, gboolean *done, GError **error);
/* So many steps, and the disk has enough to do with them: for any thread, while the copy is left
 * alone (bureau-files.h). */
#define BUREAU_STORE_COPY_STEPS 16
void bureau_store_copy_flush (BureauStoreCopy *copy);
void bureau_store_copy_free (BureauStoreCopy *copy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauStoreCopy, bureau_store_copy_free)
/* All of them at once, as one transaction sees them. @store: one that only looks. What others write
 * meanwhile is carried over by no checkpoint, so nothing else is done in this time.
 * @cancellable: nullable. */
gboolean bureau_store_copy_pages (BureauStore *store, const char *path, GCancellable *cancellable,
                                  GError **error);

/* Writes what is in it, without the room that is free, into the new file @path, mode 0600. It takes
 * long, and all that time @store is being read. */
gboolean bureau_store_copy_content (BureauStore *store, const char *path, GError **error);

/* {"hub"}: whose it is, {"people","projects","tasks","entries","events"}: how many there are, and
 * {"offices":[NAME]}. (transfer full) */
JsonObject *bureau_store_summarize (BureauStore *store, GError **error);

/* How much has happened in the office's rooms since the instant @since, as far as the log goes
 * back. */
gboolean bureau_store_count_events_since (BureauStore *store, gint64 since, gint64 *n_events,
                                          GError **error);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-store.h"

G_BEGIN_DECLS

/* Whether a database is sound, for `bureau-hub doctor`. Each check answers a sentence about the
 * first thing that is wrong, or NULL (transfer full) (nullable); not to be able to look is wrong as
 * well. They may take long, and change nothing. */

/* The checks until bureau_store_close() see one and the same state, though a hub is serving. */
gboolean bureau_store_begin_reading (BureauStore *store, GError **error);

char *bureau_store_check_schema (BureauStore *store);
/* Its tables, indexes and triggers are those of its release, whichever that is. */
char *bureau_store_check_tables (BureauStore *store);
/* The file's pages, without what takes longest: whether its indexes agree with its tables. */
char *bureau_store_check_quickly (BureauStore *store);
/* The file's pages, indexes and constraints. */
char *bureau_store_check_pages (BureauStore *store);
/* What is written in it is text, and the log's events are JSON. SQLite has no sums of its pages, so
 * a letter that has become another is not found. */
char *bureau_store_check_texts (BureauStore *store);
/* What rows refer to is there. */
char *bureau_store_check_references (BureauStore *store);
/* Each room's log goes on without a gap up to the room's head. */
char *bureau_store_check_log (BureauStore *store);
/* The first thing that any of these finds wrong, whichever release it is of. */
char *bureau_store_find_damage (BureauStore *store);

/* TRUE in @is_older if this release has to bring it up to date. FALSE with @error if it is of a
 * newer one, or of no Bureau. */
gboolean bureau_store_is_older (BureauStore *store, gboolean *is_older, GError **error);

G_END_DECLS

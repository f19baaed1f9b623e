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
/* The file's pages, indexes and constraints. */
char *bureau_store_check_pages (BureauStore *store);
/* What rows refer to is there. */
char *bureau_store_check_references (BureauStore *store);
/* Each room's log goes on without a gap up to the room's head. */
char *bureau_store_check_log (BureauStore *store);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-rate.h"

G_BEGIN_DECLS

/* One rate for each of many names, in bounded memory. A name that has had its pause is as good as
 * unknown and goes first; one that must wait is never forgotten to make room, so at the worst a
 * newcomer waits, too. Pure; times are monotonic µs. */
typedef struct _BureauRateTable BureauRateTable;

BureauRateTable *bureau_rate_table_new (const BureauRateLimit *limit, guint capacity);
void bureau_rate_table_free (BureauRateTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauRateTable, bureau_rate_table_free)

/* Returns 0 and counts @count for @name, or returns how long to wait, in µs. */
gint64 bureau_rate_table_take (BureauRateTable *self, const char *name, gint64 count, gint64 now);
/* Counts what @name has had already (bureau_rate_owe()), if it is one that is remembered. */
void bureau_rate_table_owe (BureauRateTable *self, const char *name, gint64 count, gint64 now);
guint bureau_rate_table_get_size (BureauRateTable *self);

G_END_DECLS

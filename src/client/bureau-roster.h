/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A GListModel of objects that are also found by their id. Changes between begin and end are
 * published at the end, in as few items-changed as can be (performance.md, 10); lookups see them at
 * once. */
#define BUREAU_TYPE_ROSTER (bureau_roster_get_type ())
G_DECLARE_FINAL_TYPE (BureauRoster, bureau_roster, BUREAU, ROSTER, GObject)

/* TRUE if the list shows @object; one that is not shown is still found. */
typedef gboolean (*BureauRosterFilter) (gpointer object);

/* @compare: order of the list, or NULL for none. @listed: NULL for all. */
BureauRoster *bureau_roster_new (GType item_type, GCompareFunc compare, BureauRosterFilter listed);

/* (nullable) (transfer none) */
gpointer bureau_roster_lookup (BureauRoster *self, const char *id);
/* Adds @object, or looks anew at where it belongs after it has changed. */
void bureau_roster_put (BureauRoster *self, const char *id, gpointer object);
void bureau_roster_remove (BureauRoster *self, const char *id);
/* All objects, also those not listed. (transfer container) */
GPtrArray *bureau_roster_get_all (BureauRoster *self);

/* For going over all of them without a change on the way. */
void bureau_roster_iter_init (BureauRoster *self, GHashTableIter *iter);

/* These nest. */
void bureau_roster_begin (BureauRoster *self);
void bureau_roster_end (BureauRoster *self);

G_END_DECLS

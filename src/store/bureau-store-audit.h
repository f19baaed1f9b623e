/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-store.h"

G_BEGIN_DECLS

/* Who did what and was refused what. Rows are only ever added, which the schema sees to as well;
 * what the hashes mean is the hub's business. For all that is true of a store, see bureau-store.h.
 */

#define BUREAU_AUDIT_HASH_SIZE 32

/* One row. The texts are borrowed: from the caller, or until the callback returns. */
typedef struct {
    gint64 n; /* 1, 2, 3 … over the whole hub */
    gint64 at;
    const char *workspace_id; /* (nullable): the whole hub's */
    const char *act;          /* "sign_in", "member.role" … */
    const char *actor_id;     /* (nullable): nobody known */
    const char *subject;      /* (nullable): an id */
    const char *address;      /* (nullable) */
    const char *details;      /* (nullable): JSON */
    guint8 hash[BUREAU_AUDIT_HASH_SIZE];
} BureauAuditRow;

gboolean bureau_store_add_audit (BureauStore *store, const BureauAuditRow *row, GError **error);
/* The newest row's number and hash; 0 and zeroes where there is none. */
gboolean bureau_store_get_last_audit (BureauStore *store, gint64 *n, guint8 *hash, GError **error);
/* Every row, in order; stops where @func returns FALSE. */
typedef gboolean (*BureauAuditFunc) (const BureauAuditRow *row, gpointer data);
gboolean bureau_store_foreach_audit (BureauStore *store, BureauAuditFunc func, gpointer data,
                                     GError **error);
/* What the managers of a workspace may see: its own rows, and of the whole hub's those about
 * people who were in it then, or all where it is the only one. Newest first, names filled in.
 * @before: 0 for the newest. (transfer full) */
JsonArray *bureau_store_list_audit (BureauStore *store, const char *workspace_id, gint64 before,
                                    guint limit, GError **error);

G_END_DECLS

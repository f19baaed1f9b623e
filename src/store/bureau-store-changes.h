/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-store.h"

G_BEGIN_DECLS

/* Who changed which field of a task, and what it was before: what a command that names the version
 * it was made from is merged with. A field is named as in the command; values are JSON. */
typedef struct {
    const char *task_id;
    const char *field;
    gint64 version;        /* the task's, with the change */
    const char *user_id;   /* who … */
    const char *device_id; /* … on which of their devices */
    gint64 at;
    const char *old_value;
    const char *given; /* (nullable): what they gave, where something else came of it */
} BureauTaskChange;

gboolean bureau_store_add_task_change (BureauStore *store, const BureauTaskChange *change,
                                       GError **error);

/* What others have done to a field since somebody knew it. */
typedef struct {
    gboolean is_changed; /* or else nothing below is set */
    char *user_id;       /* (owned): who has done so last */
    gint64 at;
    char *
        known; /* (owned) (nullable): the value that they knew; NULL: so old that it is forgotten */
} BureauOthersChange;
void bureau_others_change_clear (BureauOthersChange *change);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BureauOthersChange, bureau_others_change_clear)

/* Since the version @base, as @device_id knew it: with what it has changed itself after that. */
gboolean bureau_store_get_others_change (BureauStore *store, const char *task_id, const char *field,
                                         gint64 base, const char *device_id,
                                         BureauOthersChange *change, GError **error);

/* Forgets what fields were before changes that are older than @before; of each field stays who
 * changed it last, and when. At most @limit changes; @n (out): so many were there. */
gboolean bureau_store_prune_task_changes (BureauStore *store, gint64 before, guint limit, guint *n,
                                          GError **error);

G_END_DECLS

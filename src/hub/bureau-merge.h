/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"

G_BEGIN_DECLS

/* Changes of a task that were made from different versions of it (sync.md, Conflicts). */

/* Makes of what @call's params want of @task, made from its version `base`, what is to be stored:
 * a field that only others have changed since stays theirs; one that nobody else has changed is
 * taken; where both have changed it, descriptions are merged by lines, and otherwise the later to
 * arrive wins, which is this one. Without a `base` all is taken. Returns what others then lose:
 * `[{field, theirs, mine, by, byName, at}]`; NULL with @error. (transfer full) */
JsonArray *bureau_merge_task (BureauCall *call, JsonObject *task, GError **error);

/* Keeps who has changed which fields, for the merges to come. @before, @after: the task; @given:
 * the params as they came. */
gboolean bureau_merge_keep_changes (BureauCall *call, JsonObject *before, JsonObject *after,
                                    JsonObject *given, GError **error);

G_END_DECLS

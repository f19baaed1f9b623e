/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-client.h"

G_BEGIN_DECLS

/* Changes and values in plain words. */

/* For a sentence: the first line, cut if need be. (transfer full) */
char *bureau_text_shorten (const char *text);

/* "Rename “Cables” to “Long cables”" (transfer full) */
char *bureau_change_to_words (BureauChange *change, BureauClient *client);
/* What somebody typed, and would have to type again; NULL: nothing much. (transfer none) */
const char *bureau_change_get_text (BureauChange *change);

/* What a task has in a field as task:update names it: "Friday", "Ana, Ben", "High"; a long text is
 * cut. (transfer full) */
char *bureau_task_value_to_words (const char *field, JsonNode *value, BureauClient *client);
/* A client's "conflicted" in a sentence that names both values. (transfer full) */
char *bureau_conflict_to_words (JsonObject *conflict, BureauClient *client);

G_END_DECLS

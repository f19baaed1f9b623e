/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-catalog.h"

G_BEGIN_DECLS

/* Private to model/: one check of values for commands and nouns alike. A table of fields ends with
 * a NULL name. */

/* The longest value of a noun's field. What an office's hub allows is the hub's to say, so nouns do
 * not apply the limits of rules.md a second time. */
#define BUREAU_FIELD_UNLIMITED G_MAXINT32

/* Checks one value. Sets BUREAU_ERROR_INVALID or BUREAU_ERROR_TOO_LARGE with the field's name. */
gboolean bureau_field_check (const BureauField *field, JsonNode *value, GError **error);

/* Checks the members of @json that are in @fields; others are ignored. With @whole, required ones
 * must be there. */
gboolean bureau_fields_check (const BureauField *fields, JsonObject *json, gboolean whole,
                              GError **error);

/* @value, which has passed its check, in its one canonical form. (transfer full) */
JsonNode *bureau_field_canonicalize (const BureauField *field, JsonNode *value);

/* Replaces *@place; FALSE if it was equal already. */
gboolean bureau_field_set_string (char **place, const char *value);
gboolean bureau_field_set_strv (char ***place, const char *const *value);

/* Checks that an update is about @id: it either names no id or this one. */
gboolean bureau_field_check_own_id (const char *id, JsonObject *json, GError **error);

G_END_DECLS

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Total, typed access to json-glib: a member that is missing or of another type reads as absent,
 * and no getter ever warns. Text from outside must have passed wire's strict scanner first, because
 * json-glib alone is not safe on hostile text (reliability.md, 0.8). */

/* Parses one object. Sets BUREAU_ERROR_INVALID if @text is not one. (transfer full) */
JsonObject *bureau_json_parse_object (const char *text, gssize length, GError **error);
/* Parses one array. (transfer full) */
JsonArray *bureau_json_parse_array (const char *text, gssize length, GError **error);

/* Compact text, members in the order they were set. (transfer full) */
char *bureau_json_object_to_string (JsonObject *object);

/* (nullable) (transfer none) */
const char *bureau_json_get_string (JsonObject *object, const char *name);
gint64 bureau_json_get_int (JsonObject *object, const char *name, gint64 fallback);
gboolean bureau_json_get_boolean (JsonObject *object, const char *name, gboolean fallback);
/* (nullable) (transfer none) */
JsonObject *bureau_json_get_object (JsonObject *object, const char *name);
/* (nullable) (transfer none) */
JsonArray *bureau_json_get_array (JsonObject *object, const char *name);
/* The strings of an array member, NULL-terminated; NULL if it is not there. (transfer full) */
GStrv bureau_json_get_strings (JsonObject *object, const char *name);
/* (nullable) (transfer none): element @index of @array if that is an object */
JsonObject *bureau_json_array_get_object (JsonArray *array, guint index);
/* TRUE if the member is there and is null. */
gboolean bureau_json_is_null (JsonObject *object, const char *name);

/* Sets a string member, or null if @value is NULL. */
void bureau_json_set_string (JsonObject *object, const char *name, const char *value);
/* Sets a string member if @value is not NULL; else does nothing. */
void bureau_json_set_optional (JsonObject *object, const char *name, const char *value);

/* A deep copy. (transfer full) */
JsonObject *bureau_json_copy (JsonObject *object);
/* TRUE if both have equal members, whatever their order. */
gboolean bureau_json_equal (JsonObject *a, JsonObject *b);

G_END_DECLS

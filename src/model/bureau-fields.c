/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-fields.h"

#include <string.h>

#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-position.h"

static gboolean
refuse (const BureauField *field, GError **error, const char *expected)
{
    bureau_error_set_invalid (error, field->name, "“%s” must be %s.", field->name, expected);
    return FALSE;
}

static gboolean
refuse_size (const BureauField *field, GError **error, const char *unit)
{
    g_autofree char *message = NULL;

    message = g_strdup_printf ("“%s” is too long: it may have %" G_GINT64_FORMAT " %s.",
                               field->name, field->max, unit);
    if (error != NULL)
        *error = bureau_error_new_full (BUREAU_ERROR_TOO_LARGE, field->name, 0, message);
    return FALSE;
}

/* A UUID in either case: what comes in is compared in lower case. */
static gboolean
is_id (const char *text)
{
    g_autofree char *lower = text != NULL ? g_ascii_strdown (text, -1) : NULL;

    return bureau_id_is_valid (lower);
}

/* A short name, before it is made upper case. */
static gboolean
is_key (const char *text)
{
    gsize length = text != NULL ? strlen (text) : 0;

    if (length < 1 || length > 8 || !g_ascii_isalpha (*text))
        return FALSE;
    for (gsize i = 1; i < length; i++) {
        if (!g_ascii_isalnum (text[i]))
            return FALSE;
    }
    return TRUE;
}

static gboolean
is_color (const char *text)
{
    return text != NULL && *text == '#' && strlen (text) == 7 &&
           strspn (text + 1, "0123456789abcdefABCDEF") == 6;
}

/* Characters that make the text around them read in another order than it is written. */
static gboolean
is_bidi_override (gunichar c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static gboolean
is_line_break (gunichar c)
{
    return c == '\n' || c == 0x2028 || c == 0x2029;
}

static gboolean
check_text (const BureauField *field, const char *text, GError **error)
{
    gboolean name = field->type == BUREAU_FIELD_NAME;
    gboolean visible = FALSE;

    if (text == NULL || !g_utf8_validate (text, -1, NULL))
        return refuse (field, error, "text");
    if (g_utf8_strlen (text, -1) > field->max)
        return refuse_size (field, error, "characters");

    for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at)) {
        gunichar c = g_utf8_get_char (at);

        if (name && (is_line_break (c) || c == '\t'))
            return refuse (field, error, "one line");
        if (g_unichar_iscntrl (c) && c != '\n' && c != '\t')
            return refuse (field, error, "text without control characters");
        if (name && is_bidi_override (c))
            return refuse (field, error, "text without characters that turn its direction");
        visible = visible || (g_unichar_isgraph (c) && !g_unichar_iszerowidth (c));
    }
    if (name && !visible)
        return refuse (field, error, "text that can be seen: it is empty");
    return TRUE;
}

static gboolean
check_integer (const BureauField *field, JsonNode *value, GError **error)
{
    gint64 min = field->type == BUREAU_FIELD_BASE ? 1 : field->min;
    gint64 max = field->type == BUREAU_FIELD_BASE ? G_MAXINT64 : field->max;
    g_autofree char *expected = NULL;

    if (json_node_get_value_type (value) == G_TYPE_INT64 && json_node_get_int (value) >= min &&
        json_node_get_int (value) <= max)
        return TRUE;
    expected = max == G_MAXINT64
                   ? g_strdup_printf ("a whole number from %" G_GINT64_FORMAT, min)
                   : g_strdup_printf (
                         "a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, min, max);
    return refuse (field, error, expected);
}

static gboolean
check_id_list (const BureauField *field, JsonNode *value, GError **error)
{
    JsonArray *array;

    if (!JSON_NODE_HOLDS_ARRAY (value))
        return refuse (field, error, "a list of ids");
    array = json_node_get_array (value);
    if (json_array_get_length (array) > field->max)
        return refuse_size (field, error, "elements");
    for (guint i = 0; i < json_array_get_length (array); i++) {
        JsonNode *element = json_array_get_element (array, i);

        if (!JSON_NODE_HOLDS_VALUE (element) ||
            json_node_get_value_type (element) != G_TYPE_STRING ||
            !is_id (json_node_get_string (element)))
            return refuse (field, error, "a list of ids");
    }
    return TRUE;
}

/* What a value that is a word must be, for the message; NULL if @text is right. */
static const char *
find_fault (BureauFieldType type, const char *text)
{
    switch (type) {
    case BUREAU_FIELD_ID:
        return is_id (text) ? NULL : "an id (a UUID)";
    case BUREAU_FIELD_COLOR:
        return is_color (text) ? NULL : "a colour like #3584e4";
    case BUREAU_FIELD_KEY:
        return is_key (text) ? NULL : "one to eight letters and digits, a letter first";
    case BUREAU_FIELD_STATUS:
        return bureau_status_from_string (text) >= 0
                   ? NULL
                   : "requested, todo, in_progress, review, done or declined";
    case BUREAU_FIELD_PRESENCE:
        return bureau_presence_from_string (text) >= 0 ? NULL : "online, away or offline";
    case BUREAU_FIELD_ROLE:
        return bureau_role_from_string (text) >= 0 ? NULL : "guest, member, manager or owner";
    case BUREAU_FIELD_KIND:
        return g_strcmp0 (text, "task") == 0 || g_strcmp0 (text, "request") == 0
                   ? NULL
                   : "task or request";
    case BUREAU_FIELD_DUE:
        return bureau_due_is_valid (text) ? NULL : "a date like 2026-11-21, or a time";
    case BUREAU_FIELD_INSTANT:
        return bureau_instant_from_string (text) != 0 ? NULL : "a time like 2026-11-21T09:30:00Z";
    case BUREAU_FIELD_POSITION:
        return bureau_position_is_valid (text) ? NULL : "a position";
    case BUREAU_FIELD_TEXT:
    case BUREAU_FIELD_NAME:
    case BUREAU_FIELD_INTEGER:
    case BUREAU_FIELD_ID_LIST:
    case BUREAU_FIELD_BASE:
    case BUREAU_FIELD_BOOLEAN:
    default:
        g_return_val_if_reached ("something else");
    }
}

gboolean
bureau_field_check (const BureauField *field, JsonNode *value, GError **error)
{
    const char *text = NULL;
    const char *fault;

    if (JSON_NODE_HOLDS_NULL (value))
        return (field->flags & BUREAU_FIELD_NULLABLE) != 0 ||
               refuse (field, error, "something other than null");
    if (field->type == BUREAU_FIELD_ID_LIST)
        return check_id_list (field, value, error);
    if (!JSON_NODE_HOLDS_VALUE (value))
        return refuse (field, error, "a plain value, not an object or a list");
    if (field->type == BUREAU_FIELD_INTEGER || field->type == BUREAU_FIELD_BASE)
        return check_integer (field, value, error);
    if (field->type == BUREAU_FIELD_BOOLEAN)
        return json_node_get_value_type (value) == G_TYPE_BOOLEAN ||
               refuse (field, error, "true or false");

    if (json_node_get_value_type (value) == G_TYPE_STRING)
        text = json_node_get_string (value);
    if (field->type == BUREAU_FIELD_TEXT || field->type == BUREAU_FIELD_NAME)
        return check_text (field, text, error);
    fault = find_fault (field->type, text);
    return fault == NULL || refuse (field, error, fault);
}

gboolean
bureau_fields_check (const BureauField *fields, JsonObject *json, gboolean whole, GError **error)
{
    for (const BureauField *field = fields; field->name != NULL; field++) {
        JsonNode *value = json_object_get_member (json, field->name);

        if (value == NULL) {
            if (whole && (field->flags & BUREAU_FIELD_REQUIRED)) {
                bureau_error_set_invalid (error, field->name, "“%s” is missing.", field->name);
                return FALSE;
            }
            continue;
        }
        if (!bureau_field_check (field, value, error))
            return FALSE;
        /* Ids are looked up as they stand, so a noun has them in one form only. */
        if (field->type == BUREAU_FIELD_ID || field->type == BUREAU_FIELD_ID_LIST) {
            g_autoptr (JsonNode) canonical = bureau_field_canonicalize (field, value);

            if (!json_node_equal (canonical, value))
                return refuse (field, error, "lower-case ids, each once");
        }
    }
    return TRUE;
}

/* Lower case, each id once, in the order given. */
static JsonNode *
canonicalize_list (JsonArray *ids)
{
    g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    JsonNode *node = json_node_new (JSON_NODE_ARRAY);
    JsonArray *unique = json_array_new ();

    for (guint i = 0; i < json_array_get_length (ids); i++) {
        char *id = g_ascii_strdown (json_array_get_string_element (ids, i), -1);

        if (!g_hash_table_contains (seen, id))
            json_array_add_string_element (unique, id);
        g_hash_table_add (seen, id);
    }
    json_node_take_array (node, unique);
    return node;
}

/* An instant in UTC with milliseconds, as all that the hub tells (doors.md, REST); a date as it is.
 * (transfer full) */
static char *
canonicalize_time (const char *text)
{
    char *canonical = bureau_instant_to_string (bureau_instant_from_string (text));

    return canonical != NULL ? canonical : g_strdup (text);
}

JsonNode *
bureau_field_canonicalize (const BureauField *field, JsonNode *value)
{
    g_autofree char *text = NULL;
    JsonNode *node;

    if (JSON_NODE_HOLDS_ARRAY (value))
        return canonicalize_list (json_node_get_array (value));
    if (JSON_NODE_HOLDS_NULL (value))
        return json_node_copy (value);

    if (field->type == BUREAU_FIELD_ID || field->type == BUREAU_FIELD_COLOR)
        text = g_ascii_strdown (json_node_get_string (value), -1);
    else if (field->type == BUREAU_FIELD_KEY)
        text = g_ascii_strup (json_node_get_string (value), -1);
    else if (field->type == BUREAU_FIELD_DUE || field->type == BUREAU_FIELD_INSTANT)
        text = canonicalize_time (json_node_get_string (value));
    else if (field->type == BUREAU_FIELD_NAME)
        text = g_strstrip (g_strdup (json_node_get_string (value)));
    else
        return json_node_copy (value);

    node = json_node_new (JSON_NODE_VALUE);
    json_node_set_string (node, text);
    return node;
}

gboolean
bureau_field_set_string (char **place, const char *value)
{
    char *copy;

    if (g_strcmp0 (*place, value) == 0)
        return FALSE;
    /* The new one may be part of the old one. */
    copy = g_strdup (value);
    g_free (*place);
    *place = copy;
    return TRUE;
}

gboolean
bureau_field_set_strv (char ***place, const char *const *value)
{
    static const char *const none[] = { NULL };
    char **copy;

    if (value == NULL)
        value = none;
    if (*place != NULL && g_strv_equal ((const char *const *) *place, value))
        return FALSE;
    copy = g_strdupv ((char **) value);
    g_strfreev (*place);
    *place = copy;
    return TRUE;
}

gboolean
bureau_field_check_own_id (const char *id, JsonObject *json, GError **error)
{
    const char *other = bureau_json_get_string (json, "id");

    if (other == NULL || g_ascii_strcasecmp (id, other) == 0)
        return TRUE;
    bureau_error_set_invalid (error, "id", "The update is about something else.");
    return FALSE;
}

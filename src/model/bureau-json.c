/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-json.h"

#include "bureau-error.h"
#include "bureau-json-writer.h"

static JsonNode *
parse (const char *text, gssize length, JsonNodeType type, GError **error)
{
    g_autoptr (JsonParser) parser = json_parser_new ();
    g_autoptr (JsonNode) root = NULL;

    if (json_parser_load_from_data (parser, text, length, NULL))
        root = json_parser_steal_root (parser);
    if (root == NULL || json_node_get_node_type (root) != type) {
        bureau_error_set_invalid (error, NULL, "This is not a JSON %s.",
                                  type == JSON_NODE_OBJECT ? "object" : "array");
        return NULL;
    }
    return g_steal_pointer (&root);
}

/* The member if it is a plain value of @type. */
static JsonNode *
get_value (JsonObject *object, const char *name, GType type)
{
    JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

    if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != type)
        return NULL;
    return node;
}

/* json_node_copy() shares the objects and arrays inside; this does not. */
static JsonNode *
copy_node (JsonNode *node)
{
    if (JSON_NODE_HOLDS_OBJECT (node)) {
        JsonNode *copy = json_node_new (JSON_NODE_OBJECT);

        json_node_take_object (copy, bureau_json_copy (json_node_get_object (node)));
        return copy;
    }
    if (JSON_NODE_HOLDS_ARRAY (node)) {
        JsonNode *copy = json_node_new (JSON_NODE_ARRAY);
        JsonArray *array = json_node_get_array (node);
        guint length = json_array_get_length (array);
        JsonArray *elements = json_array_sized_new (length);

        for (guint i = 0; i < length; i++)
            json_array_add_element (elements, copy_node (json_array_get_element (array, i)));
        json_node_take_array (copy, elements);
        return copy;
    }
    return json_node_copy (node);
}

JsonObject *
bureau_json_parse_object (const char *text, gssize length, GError **error)
{
    g_autoptr (JsonNode) root = parse (text, length, JSON_NODE_OBJECT, error);

    return root != NULL ? json_node_dup_object (root) : NULL;
}

JsonArray *
bureau_json_parse_array (const char *text, gssize length, GError **error)
{
    g_autoptr (JsonNode) root = parse (text, length, JSON_NODE_ARRAY, error);

    return root != NULL ? json_node_dup_array (root) : NULL;
}

static void append_node (GString *out, JsonNode *node);

static void
append_object (GString *out, JsonObject *object)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;
    char separator = '{';

    json_object_iter_init_ordered (&iter, object);
    while (json_object_iter_next_ordered (&iter, &name, &node)) {
        g_string_append_c (out, separator);
        bureau_json_append_string (out, name);
        g_string_append_c (out, ':');
        append_node (out, node);
        separator = ',';
    }
    g_string_append (out, separator == '{' ? "{}" : "}");
}

static void
append_array (GString *out, JsonArray *array)
{
    guint length = json_array_get_length (array);

    g_string_append_c (out, '[');
    for (guint i = 0; i < length; i++) {
        if (i > 0)
            g_string_append_c (out, ',');
        append_node (out, json_array_get_element (array, i));
    }
    g_string_append_c (out, ']');
}

static void
append_value (GString *out, JsonNode *node)
{
    switch (json_node_get_value_type (node)) {
    case G_TYPE_STRING:
        bureau_json_append_string (out, json_node_get_string (node));
        break;
    case G_TYPE_INT64:
        bureau_json_append_integer (out, json_node_get_int (node));
        break;
    case G_TYPE_BOOLEAN:
        g_string_append (out, json_node_get_boolean (node) ? "true" : "false");
        break;
    default:
        bureau_json_append_double (out, json_node_get_double (node));
        break;
    }
}

/* As deep as what is written: what came from outside is no deeper than the scanner lets it be. */
static void
append_node (GString *out, JsonNode *node)
{
    switch (json_node_get_node_type (node)) {
    case JSON_NODE_OBJECT:
        append_object (out, json_node_get_object (node));
        break;
    case JSON_NODE_ARRAY:
        append_array (out, json_node_get_array (node));
        break;
    case JSON_NODE_VALUE:
        append_value (out, node);
        break;
    case JSON_NODE_NULL:
        g_string_append (out, "null");
        break;
    }
}

char *
bureau_json_object_to_string (JsonObject *object)
{
    GString *out = g_string_sized_new (512);

    append_object (out, object);
    return g_string_free (out, FALSE);
}

const char *
bureau_json_get_string (JsonObject *object, const char *name)
{
    JsonNode *node = get_value (object, name, G_TYPE_STRING);

    return node != NULL ? json_node_get_string (node) : NULL;
}

gint64
bureau_json_get_int (JsonObject *object, const char *name, gint64 fallback)
{
    JsonNode *node = get_value (object, name, G_TYPE_INT64);

    return node != NULL ? json_node_get_int (node) : fallback;
}

gboolean
bureau_json_get_boolean (JsonObject *object, const char *name, gboolean fallback)
{
    JsonNode *node = get_value (object, name, G_TYPE_BOOLEAN);

    return node != NULL ? json_node_get_boolean (node) : fallback;
}

JsonObject *
bureau_json_get_object (JsonObject *object, const char *name)
{
    JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

    return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
bureau_json_get_array (JsonObject *object, const char *name)
{
    JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

    return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

GStrv
bureau_json_get_strings (JsonObject *object, const char *name)
{
    JsonArray *array = bureau_json_get_array (object, name);
    g_autoptr (GStrvBuilder) builder = NULL;

    if (array == NULL)
        return NULL;

    builder = g_strv_builder_new ();
    for (guint i = 0; i < json_array_get_length (array); i++)
        g_strv_builder_add (builder, json_array_get_string_element (array, i));
    return g_strv_builder_end (builder);
}

JsonObject *
bureau_json_array_get_object (JsonArray *array, guint index)
{
    JsonNode *node;

    if (array == NULL || index >= json_array_get_length (array))
        return NULL;
    node = json_array_get_element (array, index);
    return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

gboolean
bureau_json_is_null (JsonObject *object, const char *name)
{
    JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

    return node != NULL && JSON_NODE_HOLDS_NULL (node);
}

void
bureau_json_set_string (JsonObject *object, const char *name, const char *value)
{
    if (value != NULL)
        json_object_set_string_member (object, name, value);
    else
        json_object_set_null_member (object, name);
}

void
bureau_json_set_optional (JsonObject *object, const char *name, const char *value)
{
    if (value != NULL)
        json_object_set_string_member (object, name, value);
}

JsonObject *
bureau_json_copy (JsonObject *object)
{
    JsonObject *copy = json_object_new ();
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init_ordered (&iter, object);
    while (json_object_iter_next_ordered (&iter, &name, &node))
        json_object_set_member (copy, name, copy_node (node));
    return copy;
}

gboolean
bureau_json_equal (JsonObject *a, JsonObject *b)
{
    return json_object_equal (a, b);
}

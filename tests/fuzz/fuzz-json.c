/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What the scanner lets through, json-glib reads as the same; what is picked out of it without a
 * tree is what the tree says; and what it says can be written again. */

#include <json-glib/json-glib.h>
#include <string.h>

#include "bureau-json-scanner.h"
#include "bureau-json-slice.h"
#include "bureau-json-writer.h"
#include "slices.h"

#define MAX_DEPTH 32

/* Whether @node is such a value as the scanner says. */
static gboolean
is_of_kind (JsonNode *node, BureauJsonKind kind)
{
    GType type = json_node_get_value_type (node);

    switch (kind) {
    case BUREAU_JSON_OBJECT:
        return JSON_NODE_HOLDS_OBJECT (node);
    case BUREAU_JSON_ARRAY:
        return JSON_NODE_HOLDS_ARRAY (node);
    case BUREAU_JSON_NULL:
        return JSON_NODE_HOLDS_NULL (node);
    case BUREAU_JSON_STRING:
        return JSON_NODE_HOLDS_VALUE (node) && type == G_TYPE_STRING;
    case BUREAU_JSON_NUMBER:
        return JSON_NODE_HOLDS_VALUE (node) && (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE);
    case BUREAU_JSON_BOOLEAN:
        return JSON_NODE_HOLDS_VALUE (node) && type == G_TYPE_BOOLEAN;
    default:
        g_assert_not_reached ();
    }
}

static void
check_string (const char *text)
{
    g_autoptr (GString) json = g_string_new (NULL);
    BureauJsonSlice slice;
    BureauJsonKind kind;
    g_autofree char *again = NULL;

    bureau_json_append_string (json, text);
    g_assert (bureau_json_scan (json->str, json->len, 1, &kind, NULL));
    g_assert (kind == BUREAU_JSON_STRING);
    slice = (BureauJsonSlice){ json->str, json->len };
    again = bureau_json_slice_dup_string (&slice);
    g_assert (g_strcmp0 (again, text) == 0);
    g_assert (bureau_json_slice_is_string (&slice, text));
}

static void
check_integer (gint64 value)
{
    g_autoptr (GString) json = g_string_new (NULL);
    gint64 again;

    bureau_json_append_integer (json, value);
    g_assert (g_ascii_string_to_signed (json->str, 10, G_MININT64, G_MAXINT64, &again, NULL));
    g_assert (again == value);
}

static void
check_double (double value)
{
    g_autoptr (GString) json = g_string_new (NULL);
    BureauJsonKind kind;

    bureau_json_append_double (json, value);
    g_assert (bureau_json_scan (json->str, json->len, 1, &kind, NULL));
    g_assert (kind == BUREAU_JSON_NUMBER);
    g_assert (g_ascii_strtod (json->str, NULL) == value);
}

static void check_value (const BureauJsonSlice *slice, JsonNode *node);

static void
check_object (const BureauJsonSlice *slice, JsonObject *object)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;
    BureauJsonSlice value;

    json_object_iter_init (&iter, object);
    while (json_object_iter_next (&iter, &name, &node)) {
        check_string (name);
        g_assert (bureau_json_slice_member (slice->text, slice->length, name, &value));
        g_assert (value.text > slice->text);
        g_assert (value.text + value.length < slice->text + slice->length);
        check_value (&value, node);
    }
    g_assert (!bureau_json_slice_member (slice->text, slice->length, "no such name", &value) ||
              json_object_has_member (object, "no such name"));
}

static void
check_array (const BureauJsonSlice *slice, JsonArray *array)
{
    guint length = json_array_get_length (array);
    BureauJsonSlice value;

    /* Each element is looked for from the start. */
    for (guint i = 0; i < MIN (length, 100); i++) {
        g_assert (bureau_json_slice_element (slice->text, slice->length, i, &value));
        g_assert (value.text > slice->text);
        g_assert (value.text + value.length < slice->text + slice->length);
        check_value (&value, json_array_get_element (array, i));
    }
    g_assert (!bureau_json_slice_element (slice->text, slice->length, length, &value));
    g_assert (value.text == NULL);
}

/* The slice and the tree say the same. */
static void
check_value (const BureauJsonSlice *slice, JsonNode *node)
{
    g_autofree char *text = bureau_json_slice_dup_string (slice);
    gint64 integer;
    BureauJsonKind kind;

    g_assert (bureau_json_scan (slice->text, slice->length, MAX_DEPTH, &kind, NULL));
    g_assert (is_of_kind (node, kind));
    if (kind == BUREAU_JSON_OBJECT)
        check_object (slice, json_node_get_object (node));
    else if (kind == BUREAU_JSON_ARRAY)
        check_array (slice, json_node_get_array (node));
    g_assert ((text != NULL) == (kind == BUREAU_JSON_STRING));
    if (text != NULL) {
        g_assert (g_str_equal (text, json_node_get_string (node)));
        g_assert (bureau_json_slice_is_string (slice, text));
        check_string (text);
    }
    if (bureau_json_slice_get_integer (slice, &integer)) {
        g_assert (integer == json_node_get_int (node));
        check_integer (integer);
    } else if (kind == BUREAU_JSON_NUMBER) {
        g_assert (json_node_get_value_type (node) == G_TYPE_DOUBLE);
        check_double (json_node_get_double (node));
    }
}

/* Any bytes may be asked for a value, though what comes of it means nothing. */
static void
check_slices (const char *text, gsize size)
{
    BureauJsonSlice slice;
    gint64 integer;

    if (bureau_json_slice_member (text, size, "a", &slice))
        g_assert (slice.text >= text && slice.text + slice.length <= text + size);
    if (bureau_json_slice_element (text, size, 1, &slice))
        g_assert (slice.text >= text && slice.text + slice.length <= text + size);
    slice = (BureauJsonSlice){ text, size };
    bureau_json_slice_get_integer (&slice, &integer);
}

static void
trim (BureauJsonSlice *slice)
{
    while (strchr (" \t\r\n", slice->text[0]) != NULL) {
        slice->text++;
        slice->length--;
    }
    while (strchr (" \t\r\n", slice->text[slice->length - 1]) != NULL)
        slice->length--;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
    const char *text = (const char *) data;
    g_autoptr (JsonParser) parser = NULL;
    g_autoptr (GError) error = NULL;
    BureauJsonKind kind;

    check_slices (text, size);
    if (!bureau_json_scan (text, size, MAX_DEPTH, &kind, &error)) {
        g_assert (error != NULL && error->domain == BUREAU_JSON_ERROR);
        return 0;
    }
    parser = json_parser_new_immutable ();
    g_assert (json_parser_load_from_data (parser, text, size, NULL));
    BureauJsonSlice slice = { text, size };
    trim (&slice);
    check_value (&slice, json_parser_get_root (parser));
    return 0;
}

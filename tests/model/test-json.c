/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-error.h"
#include "bureau-json.h"

static void
test_parse (void)
{
    static const struct {
        const char *text;
        gboolean object;
        gboolean array;
    } rows[] = {
        { "{}", TRUE, FALSE },    { "{\"a\":1}", TRUE, FALSE }, { "[]", FALSE, TRUE },
        { "[{}]", FALSE, TRUE },  { "", FALSE, FALSE },         { "1", FALSE, FALSE },
        { "null", FALSE, FALSE }, { "{\"a\":", FALSE, FALSE },  { "\"{}\"", FALSE, FALSE },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_autoptr (GError) object_error = NULL;
        g_autoptr (GError) array_error = NULL;
        g_autoptr (JsonObject) object = NULL;
        g_autoptr (JsonArray) array = NULL;

        object = bureau_json_parse_object (rows[i].text, -1, &object_error);
        array = bureau_json_parse_array (rows[i].text, -1, &array_error);
        g_assert_cmpint (object != NULL, ==, rows[i].object);
        g_assert_cmpint (array != NULL, ==, rows[i].array);
        g_assert_cmpint (object_error == NULL, ==, rows[i].object);
        g_assert_cmpint (array_error == NULL, ==, rows[i].array);
        if (object == NULL)
            g_assert_error (object_error, BUREAU_ERROR, BUREAU_ERROR_INVALID);
    }
}

static void
test_length (void)
{
    g_autoptr (JsonObject) object = bureau_json_parse_object ("{\"a\":1}garbage", 7, NULL);

    g_assert_nonnull (object);
    g_assert_cmpint (bureau_json_get_int (object, "a", 0), ==, 1);
}

/* Whatever stands there: a getter of another type finds nothing, and warns of nothing. */
static void
test_getters (void)
{
    g_autoptr (JsonObject) object = bureau_json_parse_object (
        "{\"string\":\"s\",\"int\":7,\"double\":1.5,\"true\":true,\"null\":null,"
        "\"object\":{\"x\":1},\"array\":[{},1]}",
        -1, NULL);
    static const char *const names[] = { "string", "int",    "double", "true",
                                         "null",   "object", "array",  "absent" };

    for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
        const char *name = names[i];
        JsonArray *array = bureau_json_get_array (object, name);

        g_assert_cmpstr (bureau_json_get_string (object, name), ==,
                         g_str_equal (name, "string") ? "s" : NULL);
        g_assert_cmpint (bureau_json_get_int (object, name, -1), ==,
                         g_str_equal (name, "int") ? 7 : -1);
        g_assert_cmpint (bureau_json_get_boolean (object, name, FALSE), ==,
                         g_str_equal (name, "true"));
        g_assert_cmpint (bureau_json_get_object (object, name) != NULL, ==,
                         g_str_equal (name, "object"));
        g_assert_cmpint (array != NULL, ==, g_str_equal (name, "array"));
        g_assert_cmpint (bureau_json_is_null (object, name), ==, g_str_equal (name, "null"));
        if (array != NULL) {
            g_assert_nonnull (bureau_json_array_get_object (array, 0));
            g_assert_null (bureau_json_array_get_object (array, 1));
            g_assert_null (bureau_json_array_get_object (array, 2));
        }
    }
    g_assert_null (bureau_json_get_string (NULL, "string"));
    g_assert_null (bureau_json_array_get_object (NULL, 0));
}

static void
test_print (void)
{
    g_autoptr (JsonObject) object = json_object_new ();
    g_autofree char *text = NULL;

    bureau_json_set_string (object, "z", "ä\n\"");
    bureau_json_set_string (object, "a", NULL);
    bureau_json_set_optional (object, "m", NULL);
    bureau_json_set_optional (object, "n", "x");
    json_object_set_int_member (object, "i", G_MAXINT64);
    text = bureau_json_object_to_string (object);
    g_assert_cmpstr (text, ==,
                     "{\"z\":\"ä\\n\\\"\",\"a\":null,\"n\":\"x\",\"i\":9223372036854775807}");
}

static void
test_copy (void)
{
    g_autoptr (JsonObject) object = bureau_json_parse_object (
        "{\"a\":[1,{\"b\":[null,\"x\"]}],\"c\":{\"d\":1.5}}", -1, NULL);
    g_autoptr (JsonObject) copy = bureau_json_copy (object);
    g_autofree char *before = bureau_json_object_to_string (object);
    g_autofree char *after = NULL;
    g_autofree char *same = bureau_json_object_to_string (copy);

    g_assert_cmpstr (before, ==, same);
    g_assert_true (bureau_json_equal (object, copy));
    json_object_set_int_member (bureau_json_get_object (copy, "c"), "d", 2);
    json_array_add_null_element (bureau_json_get_array (copy, "a"));
    after = bureau_json_object_to_string (object);
    g_assert_cmpstr (before, ==, after);
    g_assert_false (bureau_json_equal (object, copy));
}

static void
test_equal (void)
{
    static const struct {
        const char *a;
        const char *b;
        gboolean equal;
    } rows[] = {
        { "{}", "{}", TRUE },
        { "{\"a\":1,\"b\":[1,2]}", "{\"b\":[1,2],\"a\":1}", TRUE },
        { "{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"y\":2,\"x\":1}}", TRUE },
        { "{\"a\":1}", "{\"a\":2}", FALSE },
        { "{\"a\":1}", "{\"b\":1}", FALSE },
        { "{\"a\":1}", "{\"a\":\"1\"}", FALSE },
        { "{\"a\":1}", "{\"a\":1,\"b\":null}", FALSE },
        { "{\"a\":[1,2]}", "{\"a\":[2,1]}", FALSE },
        { "{\"a\":null}", "{\"a\":false}", FALSE },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_autoptr (JsonObject) a = bureau_json_parse_object (rows[i].a, -1, NULL);
        g_autoptr (JsonObject) b = bureau_json_parse_object (rows[i].b, -1, NULL);

        g_assert_cmpint (bureau_json_equal (a, b), ==, rows[i].equal);
        g_assert_cmpint (bureau_json_equal (b, a), ==, rows[i].equal);
    }
}

int
main (int argc, char *argv[])
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/json/parse", test_parse);
    g_test_add_func ("/json/length", test_length);
    g_test_add_func ("/json/getters", test_getters);
    g_test_add_func ("/json/print", test_print);
    g_test_add_func ("/json/copy", test_copy);
    g_test_add_func ("/json/equal", test_equal);
    return g_test_run ();
}

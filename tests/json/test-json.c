/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <math.h>
#include <string.h>

#include "bureau-json-scanner.h"
#include "bureau-json-slice.h"
#include "bureau-json-writer.h"

#define DEPTH 4

typedef struct {
    const char *text;
    BureauJsonKind kind;
} Good;

typedef struct {
    const char *text;
    BureauJsonError code;
} Bad;

static const Good good[] = {
    { "{}", BUREAU_JSON_OBJECT },
    { " \t\r\n[ ] \n", BUREAU_JSON_ARRAY },
    { "\"\"", BUREAU_JSON_STRING },
    { "null", BUREAU_JSON_NULL },
    { "true", BUREAU_JSON_BOOLEAN },
    { "false", BUREAU_JSON_BOOLEAN },
    { "0", BUREAU_JSON_NUMBER },
    { "-0", BUREAU_JSON_NUMBER },
    { "10", BUREAU_JSON_NUMBER },
    { "-1.5e+10", BUREAU_JSON_NUMBER },
    { "1E-999", BUREAU_JSON_NUMBER },
    { "9223372036854775807", BUREAU_JSON_NUMBER },
    { "-9223372036854775808", BUREAU_JSON_NUMBER },
    { "1.7976931348623157e308", BUREAU_JSON_NUMBER },
    { "[[[[]]]]", BUREAU_JSON_ARRAY },
    { "[1,{\"a\":[2,null]},\"x\"]", BUREAU_JSON_ARRAY },
    { "{\"a\":{\"a\":1},\"b\":{\"a\":1}}", BUREAU_JSON_OBJECT },
    { "{ \"a\" : 1 , \"\" : 2 }", BUREAU_JSON_OBJECT },
    { "{\"__proto__\":1}", BUREAU_JSON_OBJECT },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", BUREAU_JSON_STRING },
    { "\"\\ud83d\\uDE00\"", BUREAU_JSON_STRING },
    { "\"é😀\x7f\"", BUREAU_JSON_STRING },
};

static const Bad bad[] = {
    { "", BUREAU_JSON_ERROR_SYNTAX },
    { " ", BUREAU_JSON_ERROR_SYNTAX },
    { "\xef\xbb\xbf{}", BUREAU_JSON_ERROR_SYNTAX },
    { "{}{}", BUREAU_JSON_ERROR_SYNTAX },
    { "1 2", BUREAU_JSON_ERROR_SYNTAX },
    { "[1,]", BUREAU_JSON_ERROR_SYNTAX },
    { "[,1]", BUREAU_JSON_ERROR_SYNTAX },
    { "[1 2]", BUREAU_JSON_ERROR_SYNTAX },
    { "[1", BUREAU_JSON_ERROR_SYNTAX },
    { "[1}", BUREAU_JSON_ERROR_SYNTAX },
    { "{\"a\":1]", BUREAU_JSON_ERROR_SYNTAX },
    { "]", BUREAU_JSON_ERROR_SYNTAX },
    { "}", BUREAU_JSON_ERROR_SYNTAX },
    { ",", BUREAU_JSON_ERROR_SYNTAX },
    { "{\"a\"}", BUREAU_JSON_ERROR_SYNTAX },
    { "{\"a\":}", BUREAU_JSON_ERROR_SYNTAX },
    { "{\"a\":1,}", BUREAU_JSON_ERROR_SYNTAX },
    { "{a:1}", BUREAU_JSON_ERROR_SYNTAX },
    { "{1:1}", BUREAU_JSON_ERROR_SYNTAX },
    { "{'a':1}", BUREAU_JSON_ERROR_SYNTAX },
    { "{\"a\" 1}", BUREAU_JSON_ERROR_SYNTAX },
    { "01", BUREAU_JSON_ERROR_SYNTAX },
    { "-01", BUREAU_JSON_ERROR_SYNTAX },
    { "0x10", BUREAU_JSON_ERROR_SYNTAX },
    { "+1", BUREAU_JSON_ERROR_SYNTAX },
    { "-", BUREAU_JSON_ERROR_SYNTAX },
    { ".5", BUREAU_JSON_ERROR_SYNTAX },
    { "1.", BUREAU_JSON_ERROR_SYNTAX },
    { "1e", BUREAU_JSON_ERROR_SYNTAX },
    { "1e+", BUREAU_JSON_ERROR_SYNTAX },
    { "NaN", BUREAU_JSON_ERROR_SYNTAX },
    { "Infinity", BUREAU_JSON_ERROR_SYNTAX },
    { "nul", BUREAU_JSON_ERROR_SYNTAX },
    { "nulll", BUREAU_JSON_ERROR_SYNTAX },
    { "True", BUREAU_JSON_ERROR_SYNTAX },
    { "var x=1", BUREAU_JSON_ERROR_SYNTAX },
    { "/* */1", BUREAU_JSON_ERROR_SYNTAX },
    { "1//", BUREAU_JSON_ERROR_SYNTAX },
    { "1\f", BUREAU_JSON_ERROR_SYNTAX },
    { "\"", BUREAU_JSON_ERROR_SYNTAX },
    { "\"a", BUREAU_JSON_ERROR_SYNTAX },
    { "\"\\", BUREAU_JSON_ERROR_SYNTAX },
    { "\"\\\"", BUREAU_JSON_ERROR_SYNTAX },
    { "\"\\a\"", BUREAU_JSON_ERROR_SYNTAX },
    { "\"\\x41\"", BUREAU_JSON_ERROR_SYNTAX },
    { "\"\\u12\"", BUREAU_JSON_ERROR_SYNTAX },
    { "\"\\u12g4\"", BUREAU_JSON_ERROR_SYNTAX },
    { "\"\n\"", BUREAU_JSON_ERROR_SYNTAX },
    { "\"\x1f\"", BUREAU_JSON_ERROR_SYNTAX },
    { "\"\\u0000\"", BUREAU_JSON_ERROR_STRING },
    { "{\"\\u0000\":1}", BUREAU_JSON_ERROR_STRING },
    { "\"\\ud800\"", BUREAU_JSON_ERROR_STRING },
    { "\"\\udc00\"", BUREAU_JSON_ERROR_STRING },
    { "\"\\ud800\\u0041\"", BUREAU_JSON_ERROR_STRING },
    { "\"\\ud800x\\udc00\"", BUREAU_JSON_ERROR_STRING },
    { "\"\xff\"", BUREAU_JSON_ERROR_UTF8 },
    { "\"\xc0\xaf\"", BUREAU_JSON_ERROR_UTF8 },
    { "\"\xed\xa0\x80\"", BUREAU_JSON_ERROR_UTF8 },
    { "\"\xf4\x90\x80\x80\"", BUREAU_JSON_ERROR_UTF8 },
    { "\"\xe2\x82\"", BUREAU_JSON_ERROR_UTF8 },
    { "[[[[[]]]]]", BUREAU_JSON_ERROR_DEPTH },
    { "{\"a\":[{\"b\":[{}]}]}", BUREAU_JSON_ERROR_DEPTH },
    { "{\"a\":1,\"a\":2}", BUREAU_JSON_ERROR_DUPLICATE_KEY },
    { "{\"a\":1,\"\\u0061\":2}", BUREAU_JSON_ERROR_DUPLICATE_KEY },
    { "{\"\\ud83d\\ude00\":1,\"😀\":2}", BUREAU_JSON_ERROR_DUPLICATE_KEY },
    { "{\"a\":{\"b\":1,\"c\":{}},\"a\":2}", BUREAU_JSON_ERROR_DUPLICATE_KEY },
    { "[{\"\":1,\"\":2}]", BUREAU_JSON_ERROR_DUPLICATE_KEY },
    { "9223372036854775808", BUREAU_JSON_ERROR_NUMBER },
    { "-9223372036854775809", BUREAU_JSON_ERROR_NUMBER },
    { "1e999", BUREAU_JSON_ERROR_NUMBER },
    { "-1e309", BUREAU_JSON_ERROR_NUMBER },
};

static void
test_good (void)
{
    for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
        g_autoptr (GError) error = NULL;
        BureauJsonKind kind = 0;
        gboolean ok = bureau_json_scan (good[i].text, strlen (good[i].text), DEPTH, &kind, &error);

        g_assert_no_error (error);
        g_assert_true (ok);
        g_assert_cmpint (kind, ==, good[i].kind);
        g_assert_true (bureau_json_scan (good[i].text, strlen (good[i].text), DEPTH, NULL, NULL));
    }
}

static void
test_bad (void)
{
    for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
        g_autoptr (GError) error = NULL;
        gboolean ok = bureau_json_scan (bad[i].text, strlen (bad[i].text), DEPTH, NULL, &error);

        if (ok || !g_error_matches (error, BUREAU_JSON_ERROR, bad[i].code))
            g_error ("%s: %s", bad[i].text, ok ? "accepted" : error->message);
    }
}

static void
test_nul (void)
{
    g_autoptr (GError) error = NULL;

    g_assert_false (bureau_json_scan ("1\0", 2, DEPTH, NULL, NULL));
    g_assert_false (bureau_json_scan ("\"a\0b\"", 5, DEPTH, NULL, &error));
    g_assert_error (error, BUREAU_JSON_ERROR, BUREAU_JSON_ERROR_UTF8);
}

/* The text ends where @length says: every shorter piece is refused, without a look past it. */
static void
test_every_prefix (void)
{
    const char *text = "{\"a\":[1.5e3,\"\\ud83d\\ude00é\",true,{\"b\":null}]}";

    for (gsize length = 0; length < strlen (text); length++) {
        g_autofree char *copy = g_memdup2 (text, MAX (length, 1));

        g_assert_false (bureau_json_scan (copy, length, DEPTH, NULL, NULL));
    }
    g_assert_true (bureau_json_scan (text, strlen (text), DEPTH, NULL, NULL));
}

static char *
repeat (const char *head, const char *item, guint count, const char *tail)
{
    GString *text = g_string_new (head);

    for (guint i = 0; i < count; i++)
        g_string_append_printf (text, "%s", item);
    return g_string_free (g_string_append (text, tail), FALSE);
}

static gboolean
scan_keys (guint count, GError **error)
{
    g_autoptr (GString) text = g_string_new ("{");

    for (guint i = 0; i < count; i++)
        g_string_append_printf (text, "%s\"k%u\":[]", i == 0 ? "" : ",", i);
    g_string_append_c (text, '}');
    return bureau_json_scan (text->str, text->len, DEPTH, NULL, error);
}

static void
test_limits (void)
{
    g_autofree char *deep = repeat ("", "[", 1000000, "");
    g_autofree char *long_number = repeat ("1.", "0", 100000, "");
    g_autofree char *many = repeat ("[0", ",0", 100000, "]");
    g_autoptr (GError) error = NULL;

    g_assert_false (bureau_json_scan (deep, strlen (deep), 32, NULL, &error));
    g_assert_error (error, BUREAU_JSON_ERROR, BUREAU_JSON_ERROR_DEPTH);
    g_clear_error (&error);
    g_assert_false (bureau_json_scan (long_number, strlen (long_number), DEPTH, NULL, &error));
    g_assert_error (error, BUREAU_JSON_ERROR, BUREAU_JSON_ERROR_NUMBER);
    g_clear_error (&error);
    g_assert_true (bureau_json_scan (many, strlen (many), DEPTH, NULL, NULL));

    g_assert_true (scan_keys (1024, NULL));
    g_assert_false (scan_keys (1025, &error));
    g_assert_error (error, BUREAU_JSON_ERROR, BUREAU_JSON_ERROR_TOO_MANY_KEYS);
}

/* More levels and keys than the scanner keeps on the stack, keys with and without an escape. */
static void
test_heap (void)
{
    g_autoptr (GString) text = g_string_new (NULL);
    g_autoptr (GError) error = NULL;

    for (guint i = 0; i < 200; i++)
        g_string_append_printf (text, "{\"%s%u\":0,\"in\":", i % 3 == 0 ? "\\u006b" : "k", i % 7);
    g_string_append (text, "[]");
    for (guint i = 0; i < 200; i++)
        g_string_append_printf (text, ",\"%s%u\":0}", i % 2 == 0 ? "\\u006c" : "l", i % 5);
    g_assert_true (bureau_json_scan (text->str, text->len, 201, NULL, NULL));
    g_assert_false (bureau_json_scan (text->str, text->len, 200, NULL, &error));
    g_assert_error (error, BUREAU_JSON_ERROR, BUREAU_JSON_ERROR_DEPTH);
    g_clear_error (&error);

    /* The outermost object's own first key again. */
    g_string_truncate (text, text->len - 1);
    g_string_append (text, ",\"k0\":0}");
    g_assert_false (bureau_json_scan (text->str, text->len, 201, NULL, &error));
    g_assert_error (error, BUREAU_JSON_ERROR, BUREAU_JSON_ERROR_DUPLICATE_KEY);
}

/* A byte that matters is seen wherever it stands among those that are read together. */
static void
test_every_place (void)
{
    for (guint place = 0; place < 20; place++) {
        g_autofree char *plain = g_strnfill (place, '!');
        g_autofree char *escape = g_strdup_printf ("\"%s\\\"é\"", plain);
        g_autofree char *control = g_strdup_printf ("\"é%s\x1f %s\"", plain, plain);
        g_autofree char *expected = g_strdup_printf ("byte %u", place + 3);
        g_autofree char *array = g_strdup_printf ("[\"%s\\\\\",\"\\\\\\\"%s\",7]", plain, plain);
        g_autoptr (GError) error = NULL;
        BureauJsonSlice slice;

        g_assert_true (bureau_json_scan (escape, strlen (escape), DEPTH, NULL, NULL));
        g_assert_false (bureau_json_scan (escape, strlen (escape) - 1, DEPTH, NULL, NULL));
        g_assert_false (bureau_json_scan (control, strlen (control), DEPTH, NULL, &error));
        g_assert_true (g_str_has_suffix (error->message, expected));
        g_assert_true (bureau_json_scan (array, strlen (array), DEPTH, NULL, NULL));
        g_assert_true (bureau_json_slice_element (array, strlen (array), 2, &slice));
        g_assert_true (slice.length == 1 && *slice.text == '7');
    }
}

static void
test_append_string (void)
{
    g_autoptr (GString) out = g_string_new (NULL);

    bureau_json_append_string (out, "a\"\\/\b\f\n\r\t\x1e\x7fé😀");
    g_assert_cmpstr (out->str, ==, "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u001e\x7fé😀\"");
    g_assert_true (bureau_json_scan (out->str, out->len, DEPTH, NULL, NULL));
    g_string_truncate (out, 0);
    bureau_json_append_string (out, "");
    g_assert_cmpstr (out->str, ==, "\"\"");
}

static void
assert_integer (gint64 value, const char *expected)
{
    g_autoptr (GString) out = g_string_new (NULL);

    bureau_json_append_integer (out, value);
    g_assert_cmpstr (out->str, ==, expected);
}

static void
test_append_integer (void)
{
    assert_integer (0, "0");
    assert_integer (7, "7");
    assert_integer (-10, "-10");
    assert_integer (G_MAXINT64, "9223372036854775807");
    assert_integer (G_MININT64, "-9223372036854775808");
}

static void
assert_double (double value, const char *expected)
{
    g_autoptr (GString) out = g_string_new (NULL);

    bureau_json_append_double (out, value);
    g_assert_cmpstr (out->str, ==, expected);
    g_assert_true (bureau_json_scan (out->str, out->len, DEPTH, NULL, NULL));
}

static void
test_append_double (void)
{
    assert_double (0.1, "0.1");
    assert_double (-2.5, "-2.5");
    assert_double (3, "3");
    assert_double (1e300, "1e+300");
    assert_double (0.1 + 0.2, "0.30000000000000004");
    assert_double (INFINITY, "null");
    assert_double (NAN, "null");
}

static char *
member (const char *json, const char *name)
{
    BureauJsonSlice slice;

    g_assert_true (bureau_json_scan (json, strlen (json), 8, NULL, NULL));
    if (!bureau_json_slice_member (json, strlen (json), name, &slice))
        return NULL;
    return g_strndup (slice.text, slice.length);
}

static char *
element (const char *json, guint index)
{
    BureauJsonSlice slice;

    g_assert_true (bureau_json_scan (json, strlen (json), 8, NULL, NULL));
    if (!bureau_json_slice_element (json, strlen (json), index, &slice))
        return NULL;
    return g_strndup (slice.text, slice.length);
}

#define assert_slice(expression, expected)                                                         \
    G_STMT_START                                                                                   \
    {                                                                                              \
        g_autofree char *got_ = expression;                                                        \
        g_assert_cmpstr (got_, ==, expected);                                                      \
    }                                                                                              \
    G_STMT_END

static void
test_slices (void)
{
    const char *object =
        " { \"x\" : {\"a\":1} , \"\\u0061\":[ \"}\\\"\" ,2] ,\"n\":-7,\"t\":true }";
    const char *array = "[ \"na\\u006de\\n\" , {\"b\":[1,2]},-1.5 , [] ,null]";

    assert_slice (member (object, "x"), "{\"a\":1}");
    assert_slice (member (object, "a"), "[ \"}\\\"\" ,2]");
    assert_slice (member (object, "n"), "-7");
    assert_slice (member (object, "t"), "true");
    assert_slice (member (object, "b"), NULL);
    assert_slice (member ("{}", "b"), NULL);
    assert_slice (member ("[1]", "b"), NULL);
    assert_slice (element (array, 0), "\"na\\u006de\\n\"");
    assert_slice (element (array, 1), "{\"b\":[1,2]}");
    assert_slice (element (array, 2), "-1.5");
    assert_slice (element (array, 3), "[]");
    assert_slice (element (array, 4), "null");
    assert_slice (element (array, 5), NULL);
    assert_slice (element ("[]", 0), NULL);
    assert_slice (element ("{\"a\":1}", 0), NULL);
}

static void
test_slice_values (void)
{
    BureauJsonSlice string = { "\"\\\"\\\\\\/\\n\\u00e9\\ud83d\\ude00é\"", 30 };
    BureauJsonSlice number = { "-42,", 3 };
    BureauJsonSlice real = { "1.5", 3 };
    BureauJsonSlice none = { NULL, 0 };
    gint64 value = 0;

    string.length = strlen (string.text);
    assert_slice (bureau_json_slice_dup_string (&string), "\"\\/\né😀é");
    assert_slice (bureau_json_slice_dup_string (&number), NULL);
    assert_slice (bureau_json_slice_dup_string (&none), NULL);
    g_assert_true (bureau_json_slice_get_integer (&number, &value));
    g_assert_cmpint (value, ==, -42);
    g_assert_false (bureau_json_slice_get_integer (&real, &value));
    g_assert_false (bureau_json_slice_get_integer (&string, &value));
    g_assert_false (bureau_json_slice_get_integer (&none, &value));
}

/* Neither hangs nor reads past the end on what never passed the scanner. */
static void
test_slices_of_garbage (void)
{
    static const char alphabet[] = "{}[]\"\\,:1au \x80";

    for (guint i = 0; i < 20000; i++) {
        gsize length = g_test_rand_int_range (0, 24);
        g_autofree char *text = g_malloc (MAX (length, 1));
        BureauJsonSlice slice;

        for (gsize k = 0; k < length; k++)
            text[k] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
        bureau_json_scan (text, length, 8, NULL, NULL);
        if (bureau_json_slice_member (text, length, "a", &slice) ||
            bureau_json_slice_element (text, length, 1, &slice)) {
            g_assert_true (slice.text >= text && slice.text + slice.length <= text + length);
            g_free (bureau_json_slice_dup_string (&slice));
        }
    }
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/json/scanner/good", test_good);
    g_test_add_func ("/json/scanner/bad", test_bad);
    g_test_add_func ("/json/scanner/nul", test_nul);
    g_test_add_func ("/json/scanner/every-prefix", test_every_prefix);
    g_test_add_func ("/json/scanner/limits", test_limits);
    g_test_add_func ("/json/scanner/heap", test_heap);
    g_test_add_func ("/json/scanner/every-place", test_every_place);
    g_test_add_func ("/json/writer/string", test_append_string);
    g_test_add_func ("/json/writer/integer", test_append_integer);
    g_test_add_func ("/json/writer/double", test_append_double);
    g_test_add_func ("/json/slice/slices", test_slices);
    g_test_add_func ("/json/slice/values", test_slice_values);
    g_test_add_func ("/json/slice/garbage", test_slices_of_garbage);
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "bureau-payload.h"

/* ------------------------------------------------------------------ reading, as text */

static void
describe (GString *out, const char *name, const void *bytes, gsize length)
{
    g_string_append_printf (out, "%s ", name);
    for (gsize i = 0; i < length; i++) {
        guint8 byte = ((const guint8 *) bytes)[i];

        if (byte >= ' ' && byte < 0x7f)
            g_string_append_c (out, byte);
        else
            g_string_append_printf (out, "\\%02x", byte);
    }
    g_string_append_c (out, ';');
}

/* What the reader says of @bytes to its end. (transfer full) */
static char *
read_payload (const char *bytes, gsize length)
{
    /* A block of its own, so that a tool sees a read past it. */
    g_autofree char *copy = g_memdup2 (bytes, length);
    GString *out = g_string_new (NULL);
    BureauPayloadReader reader;
    BureauPayloadResult result;

    bureau_payload_reader_init (&reader, copy, length);
    do {
        g_autoptr (GBytes) blob = NULL;
        const char *text;
        gsize size;

        result = bureau_payload_reader_next (&reader, &text, &size, &blob);
        if (result == BUREAU_PAYLOAD_TEXT)
            describe (out, "text", text, size);
        else if (result == BUREAU_PAYLOAD_BINARY)
            describe (out, "blob", g_bytes_get_data (blob, NULL), g_bytes_get_size (blob));
        else if (result == BUREAU_PAYLOAD_ERROR)
            g_string_append (out, "error;");
    } while (result != BUREAU_PAYLOAD_END);
    return g_string_free (out, FALSE);
}

typedef struct {
    const char *bytes;
    gsize length;
    const char *expected;
} Case;

#define CASE(bytes, expected)                                                                      \
    {                                                                                              \
        bytes, sizeof bytes - 1, expected                                                          \
    }

static void
assert_cases (const Case *cases, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        g_autofree char *got = read_payload (cases[i].bytes, cases[i].length);

        g_assert_cmpstr (got, ==, cases[i].expected);
    }
}

static void
test_packets (void)
{
    static const Case cases[] = {
        CASE ("4hello", "text 4hello;"),
        CASE ("4a\x1e"
              "4b\x1e"
              "4c",
              "text 4a;text 4b;text 4c;"),
        CASE ("4hello\x1e"
              "bAQIDBA==",
              "text 4hello;blob \\01\\02\\03\\04;"),
        CASE ("1", "text 1;"),
        /* Who may say what is not for the payload to know. */
        CASE ("abc", "text abc;"),
        CASE ("4\xc3\xa9", "text 4\\c3\\a9;"),
        /* NUL is a character like others. */
        CASE ("4a\0b", "text 4a\\00b;"),
        CASE ("4aaaaaaaaaaaaaa\0\xc3\xa9\0", "text 4aaaaaaaaaaaaaa\\00\\c3\\a9\\00;"),
    };

    assert_cases (cases, G_N_ELEMENTS (cases));
}

static void
test_errors (void)
{
    static const Case cases[] = {
        CASE ("", "error;"),
        CASE ("\x1e", "error;"),
        CASE ("\x1e"
              "4a",
              "error;"),
        /* What stands before the bad packet is given out, what stands behind it is not. */
        CASE ("4a\x1e", "text 4a;error;"),
        CASE ("4a\x1e\x1e"
              "4b",
              "text 4a;error;"),
        CASE ("4a\x1e"
              "bA\x1e"
              "4b",
              "text 4a;error;"),
        CASE ("4a\x1e"
              "4\xff\x1e"
              "4b",
              "text 4a;error;"),
        CASE ("4\xc3", "error;"),
        CASE ("4\xc3\x1e\xa9", "error;"),
        CASE ("4\xed\xa0\x80", "error;"),
        CASE ("4\xc0\x80", "error;"),
        CASE ("4aaaaaaa\xf4\x90\x80\x80", "error;"),
        CASE ("4aaaaaaaa\0\xff", "error;"),
    };

    assert_cases (cases, G_N_ELEMENTS (cases));
}

static void
test_base64 (void)
{
    static const Case cases[] = {
        CASE ("b", "blob ;"),
        CASE ("bAA==", "blob \\00;"),
        CASE ("b+/+/", "blob \\fb\\ff\\bf;"),
        CASE ("bAQI=", "blob \\01\\02;"),
        /* Padding missing, too much, in the middle, alone. */
        CASE ("bAA", "error;"),
        CASE ("bAA=", "error;"),
        CASE ("bAA===", "error;"),
        CASE ("bAAAA====", "error;"),
        CASE ("bAA==AAAA", "error;"),
        CASE ("bA===", "error;"),
        CASE ("b====", "error;"),
        CASE ("bA", "error;"),
        CASE ("bAAAAA", "error;"),
        /* Stray characters: the other alphabet's, white space, NUL, more than ASCII. */
        CASE ("b-_-_", "error;"),
        CASE ("bAA A", "error;"),
        CASE ("bAQI=\r\n\r\n", "error;"),
        CASE ("b\0AAA", "error;"),
        CASE ("bAA\xc3\xa9", "error;"),
        /* Bits that say nothing, and yet are set. */
        CASE ("bAB==", "error;"),
        CASE ("bAAF=", "error;"),
    };

    assert_cases (cases, G_N_ELEMENTS (cases));
}

/* ------------------------------------------------------------------ writing */

static void
test_append (void)
{
    g_autoptr (GString) out = g_string_new (NULL);

    bureau_payload_append_text (out, "4hello", 6);
    bureau_payload_append_binary (out, "\1\2\3\4", 4);
    bureau_payload_append_binary (out, "", 0);
    bureau_payload_append_text (out, "2", 1);
    g_assert_cmpmem (out->str, out->len + 1,
                     "4hello\x1e"
                     "bAQIDBA==\x1e"
                     "b\x1e"
                     "2",
                     21);
}

/* Any packets come back as they went in. */
static void
test_round_trip (void)
{
    for (guint round = 0; round < 500; round++) {
        g_autoptr (GString) out = g_string_new (NULL);
        g_autoptr (GString) expected = g_string_new (NULL);
        g_autofree char *got = NULL;

        for (int count = g_test_rand_int_range (1, 12); count > 0; count--) {
            guint8 bytes[48];
            gsize length = g_test_rand_int_range (1, sizeof bytes);
            gboolean is_text = g_test_rand_bit ();

            for (gsize i = 0; i < length; i++)
                bytes[i] = is_text ? g_test_rand_int_range ('0', '9') : g_test_rand_int ();
            if (is_text)
                bureau_payload_append_text (out, (char *) bytes, length);
            else
                bureau_payload_append_binary (out, bytes, length);
            describe (expected, is_text ? "text" : "blob", bytes, length);
        }
        got = read_payload (out->str, out->len);
        g_assert_cmpstr (got, ==, expected->str);
    }
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/payload/packets", test_packets);
    g_test_add_func ("/payload/errors", test_errors);
    g_test_add_func ("/payload/base64", test_base64);
    g_test_add_func ("/payload/append", test_append);
    g_test_add_func ("/payload/round-trip", test_round_trip);
    return g_test_run ();
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-fingerprint.h"

#include <string.h>

/* The last one begins like the example that goes with the word list. */
static void
test_vectors (void)
{
    static const struct {
        const char *pin;
        const char *words;
        const char *digits;
    } rows[] = {
        { "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
          "aardvark adroitness aardvark adroitness aardvark adroitness aardvark adroitness",
          "00000 00000 00000 00000 00000 00000" },
        { "__________________________________________8",
          "zulu yucatan zulu yucatan zulu yucatan zulu yucatan",
          "27775 27775 27775 27775 27775 27775" },
        { "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
          "aardvark adviser accrue aggregate adrift almighty afflict amusement",
          "09060 60585 12110 63635 15160 66685" },
        { "1ndp7CA8lztbRTXatUEr47WOOHibfOcQbAqeYjtIGmI",
          "stockman inception gazelle unicorn bison crossover preshrunk councilman",
          "31776 87365 78475 72856 48684 10792" },
        { "5YKU8umiJ0huiwYbMcxSj9f6PxkAAAAAAAAAAAAAAAA",
          "topmost istanbul pluto vagabond treadmill pacific brackish dictator",
          "10377 60267 52178 24921 00000 00000" },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_autofree char *words = bureau_fingerprint_to_words (rows[i].pin);
        g_autofree char *digits = bureau_fingerprint_to_digits (rows[i].pin);

        g_assert_cmpstr (words, ==, rows[i].words);
        g_assert_cmpstr (digits, ==, rows[i].digits);
    }
}

/* The eight words for a hash whose bytes are all @byte: its two words, four times. */
static char **
get_words (guint8 byte)
{
    guint8 hash[32];
    g_autofree char *pin = NULL, *words = NULL;

    memset (hash, byte, sizeof hash);
    pin = g_base64_encode (hash, sizeof hash);
    g_strdelimit (g_strdelimit (pin, "+", '-'), "/", '_')[43] = '\0';
    words = bureau_fingerprint_to_words (pin);
    g_assert_nonnull (words);
    return g_strsplit (words, " ", -1);
}

static void
test_distinct (void)
{
    g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

    for (guint byte = 0; byte < 256; byte++) {
        g_auto (GStrv) words = get_words (byte);

        g_assert_cmpuint (g_strv_length (words), ==, 8);
        g_assert_true (g_hash_table_add (seen, g_strdup (words[0])));
        g_assert_true (g_hash_table_add (seen, g_strdup (words[1])));
        for (guint i = 2; i < 8; i++)
            g_assert_cmpstr (words[i], ==, words[i % 2]);
    }
    g_assert_cmpuint (g_hash_table_size (seen), ==, 512);
}

static void
test_none (void)
{
    static const char *const pins[] = {
        NULL,
        "",
        "AAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA \n",
    };

    for (guint i = 0; i < G_N_ELEMENTS (pins); i++) {
        g_assert_null (bureau_fingerprint_to_words (pins[i]));
        g_assert_null (bureau_fingerprint_to_digits (pins[i]));
    }
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/fingerprint/vectors", test_vectors);
    g_test_add_func ("/fingerprint/distinct", test_distinct);
    g_test_add_func ("/fingerprint/none", test_none);
    return g_test_run ();
}

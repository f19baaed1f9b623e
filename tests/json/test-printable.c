/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-printable.h"

/* What others have written, shown and logged. */

static void
test_texts (void)
{
    static const struct {
        const char *text;
        const char *printable;
    } cases[] = {
        { "", "" },
        { "Änne’s “Zug” 東京 🚲", "Änne’s “Zug” 東京 🚲" },
        { "back\\slash", "back\\slash" },
        { "a\nb\rc\td", "a\\x0ab\\x0dc\\x09d" },
        { "\x1b[31mred\x7f", "\\x1b[31mred\\x7f" },
        { "\xc2\x85\xc2\x9b"
          "1m",
          "\\xc2\\x85\\xc2\\x9b1m" },
        { "\xe2\x80\xae"
          "gpj",
          "\\xe2\\x80\\xaegpj" },
        { "\xe2\x80\xa8line", "\\xe2\\x80\\xa8line" },
        { "\xff\xfe", "\\xff\\xfe" },
        { "cut \xe2\x80", "cut \\xe2\\x80" },
        { "\xc0\x8a", "\\xc0\\x8a" },
        { "\xed\xa0\x80", "\\xed\\xa0\\x80" },
    };

    for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autofree char *printable = bureau_printable (cases[i].text);

        g_assert_cmpstr (printable, ==, cases[i].printable);
    }
}

static void
log_hostile_text (void)
{
    bureau_printable_init_log ();
    g_message ("He is called %s.", "Bob\nbureau-hub: all is lost\x1b[2J");
    g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "MESSAGE", "%s", "one\rtwo");
}

static void
test_log (void)
{
    if (g_test_subprocess ()) {
        log_hostile_text ();
        return;
    }
    g_test_trap_subprocess (NULL, 0, 0);
    g_test_trap_assert_passed ();
    g_test_trap_assert_stderr ("*Bob\\x0abureau-hub: all is lost\\x1b[2J.\n*one\\x0dtwo\n*");
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/json/printable/texts", test_texts);
    g_test_add_func ("/json/printable/log", test_log);
    return g_test_run ();
}

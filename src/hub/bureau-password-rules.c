/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-password.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "bureau-catalog.h"
#include "bureau-error.h"

/* Passwords of ten and more characters that everybody takes, sorted. */
static const char *const common[] = {
#include "common-passwords.inc"
};

/* Words of anybody's, with which a password begins that has nothing else but digits. */
static const char *const own_words[] = { "bureau",  "password", "passwort", "kennwort",
                                         "welcome", "admin",    "office",   NULL };

/* Shorter ones of the office's or a person's name are part of too much else. */
#define MIN_WORD 3

static int
compare (const void *key, const void *item)
{
    return strcmp (key, *(const char *const *) item);
}

static gboolean
is_common (const char *folded)
{
    return bsearch (folded, common, G_N_ELEMENTS (common), sizeof *common, compare) != NULL;
}

/* What is left of @text without @word, wherever it stands, as often as it stands there. */
static void
remove_word (GString *text, const char *word)
{
    if (g_utf8_strlen (word, -1) >= MIN_WORD)
        g_string_replace (text, word, "", 0);
}

static void
remove_words_of (GString *text, const char *name)
{
    g_autofree char *folded = g_utf8_casefold (name, -1);
    g_auto (GStrv) words = g_strsplit_set (folded, " \t.,;:-_'\"&/()", -1);

    remove_word (text, folded);
    for (guint i = 0; words[i] != NULL; i++)
        remove_word (text, words[i]);
}

/* TRUE if @text has nothing but digits, blanks and signs. */
static gboolean
has_no_letter (const char *text)
{
    for (; *text != '\0'; text = g_utf8_next_char (text)) {
        if (g_unichar_isalpha (g_utf8_get_char (text)))
            return FALSE;
    }
    return TRUE;
}

/* "Studio Nord 2024": the office's own words, alone or with digits. */
static gboolean
is_made_of (const char *folded, const char *const *words)
{
    g_autoptr (GString) rest = g_string_new (folded);
    gboolean all;

    if (has_no_letter (folded))
        return FALSE;
    for (guint i = 0; words != NULL && words[i] != NULL; i++)
        remove_words_of (rest, words[i]);
    for (guint i = 0; own_words[i] != NULL; i++)
        remove_word (rest, own_words[i]);
    all = has_no_letter (rest->str);
    sodium_memzero (rest->str, rest->allocated_len);
    return all;
}

gboolean
bureau_password_check (const char *password, const char *const *words, const char *field,
                       GError **error)
{
    g_autofree char *folded = g_utf8_casefold (password, -1);
    gboolean good = FALSE;

    if (g_utf8_strlen (password, -1) < BUREAU_MIN_PASSWORD)
        bureau_error_set_invalid (error, field, "A password has at least %d characters.",
                                  BUREAU_MIN_PASSWORD);
    else if (strlen (password) > BUREAU_MAX_PASSWORD)
        bureau_error_set_invalid (error, field, "A password has at most %d bytes.",
                                  BUREAU_MAX_PASSWORD);
    else if (is_common (folded))
        bureau_error_set_invalid (error, field,
                                  "Many people have this password, so it is the first that is "
                                  "tried. Take another one.");
    else if (is_made_of (folded, words))
        bureau_error_set_invalid (error, field,
                                  "This password is made of names that everybody here knows. Take "
                                  "another one.");
    else
        good = TRUE;
    bureau_password_free (g_steal_pointer (&folded));
    return good;
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-json-scanner.h"

#include <math.h>
#include <string.h>

/* Enough for a member for each room of one person: sync:ready, and what a client is at. */
#define MAX_KEYS 1024
/* No honest number is longer, and a bound lets it be copied to the stack for strtod(). */
#define MAX_NUMBER 128

typedef enum {
    EXPECT_VALUE,
    EXPECT_VALUE_OR_END, /* after '[' */
    EXPECT_KEY,          /* after ',' in an object */
    EXPECT_KEY_OR_END,   /* after '{' */
    EXPECT_COMMA_OR_END, /* after a value in an array or object */
    EXPECT_NOTHING,      /* after the outermost value */
} Expectation;

/* An open object or array. */
typedef struct {
    gboolean object;
    guint first_key; /* in Scanner.keys */
} Level;

/* A key already seen in one of the open objects, unescaped. */
typedef struct {
    guint32 hash;
    guint length;
    gsize offset; /* in Scanner.key_text */
} Key;

typedef struct {
    const char *text;
    gsize length;
    gsize position;
    guint max_depth;
    GArray *levels;    /* (owned) (element-type Level) */
    GArray *keys;      /* (owned) (element-type Key) */
    GString *key_text; /* (owned): of all `keys`, one after the other */
    GError **error;
} Scanner;

G_DEFINE_QUARK (bureau - json - error - quark, bureau_json_error)

static gboolean
fail (Scanner *scanner, BureauJsonError code, const char *what)
{
    g_set_error (scanner->error, BUREAU_JSON_ERROR, code, "%s at byte %" G_GSIZE_FORMAT, what,
                 scanner->position);
    return FALSE;
}

/* The next byte, or 0 at the end. There is no 0 inside: the text passed the UTF-8 check. */
static char
peek (Scanner *scanner)
{
    return scanner->position < scanner->length ? scanner->text[scanner->position] : '\0';
}

static void
skip_space (Scanner *scanner)
{
    while (scanner->position < scanner->length &&
           memchr (" \t\n\r", scanner->text[scanner->position], 4) != NULL)
        scanner->position++;
}

static guint
skip_digits (Scanner *scanner)
{
    guint count = 0;

    for (; g_ascii_isdigit (peek (scanner)); count++)
        scanner->position++;
    return count;
}

/* ------------------------------------------------------------------ numbers */

static gboolean
check_number_range (Scanner *scanner, gsize start, gboolean integer)
{
    char copy[MAX_NUMBER + 1];
    gsize length = scanner->position - start;

    if (length > MAX_NUMBER)
        return fail (scanner, BUREAU_JSON_ERROR_NUMBER, "number too long");
    memcpy (copy, scanner->text + start, length);
    copy[length] = '\0';
    if (integer) {
        if (!g_ascii_string_to_signed (copy, 10, G_MININT64, G_MAXINT64, NULL, NULL))
            return fail (scanner, BUREAU_JSON_ERROR_NUMBER, "integer out of range");
    } else if (!isfinite (g_ascii_strtod (copy, NULL))) {
        return fail (scanner, BUREAU_JSON_ERROR_NUMBER, "number out of range");
    }
    return TRUE;
}

static gboolean
scan_number (Scanner *scanner)
{
    gsize start = scanner->position;
    gboolean integer = TRUE;

    if (peek (scanner) == '-')
        scanner->position++;
    if (peek (scanner) == '0')
        scanner->position++;
    else if (skip_digits (scanner) == 0)
        return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "not a number");
    if (peek (scanner) == '.') {
        integer = FALSE;
        scanner->position++;
        if (skip_digits (scanner) == 0)
            return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "digit expected");
    }
    if (peek (scanner) == 'e' || peek (scanner) == 'E') {
        integer = FALSE;
        scanner->position++;
        if (peek (scanner) == '+' || peek (scanner) == '-')
            scanner->position++;
        if (skip_digits (scanner) == 0)
            return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "digit expected");
    }
    return check_number_range (scanner, start, integer);
}

/* ------------------------------------------------------------------ strings */

static gboolean
scan_hex4 (Scanner *scanner, gunichar *unit)
{
    *unit = 0;
    for (guint i = 0; i < 4; i++, scanner->position++) {
        char c = peek (scanner);

        if (!g_ascii_isxdigit (c))
            return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "hexadecimal digit expected");
        *unit = *unit << 4 | (guint) g_ascii_xdigit_value (c);
    }
    return TRUE;
}

/* After `\u`. */
static gboolean
scan_unicode_escape (Scanner *scanner, GString *unescaped)
{
    gunichar unit, low;

    if (!scan_hex4 (scanner, &unit))
        return FALSE;
    if (unit == 0)
        return fail (scanner, BUREAU_JSON_ERROR_STRING, "U+0000 in a string");
    if (unit >= 0xdc00 && unit <= 0xdfff)
        return fail (scanner, BUREAU_JSON_ERROR_STRING, "lone surrogate");
    if (unit >= 0xd800 && unit <= 0xdbff) {
        if (scanner->length - scanner->position < 6 ||
            memcmp (scanner->text + scanner->position, "\\u", 2) != 0)
            return fail (scanner, BUREAU_JSON_ERROR_STRING, "lone surrogate");
        scanner->position += 2;
        if (!scan_hex4 (scanner, &low))
            return FALSE;
        if (low < 0xdc00 || low > 0xdfff)
            return fail (scanner, BUREAU_JSON_ERROR_STRING, "lone surrogate");
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    if (unescaped != NULL)
        g_string_append_unichar (unescaped, unit);
    return TRUE;
}

/* After the backslash. */
static gboolean
scan_escape (Scanner *scanner, GString *unescaped)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char c = peek (scanner);
    const char *found = c == '\0' ? NULL : strchr (letters, c);

    if (c == 'u') {
        scanner->position++;
        return scan_unicode_escape (scanner, unescaped);
    }
    if (found == NULL)
        return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "unknown escape");
    scanner->position++;
    if (unescaped != NULL)
        g_string_append_c (unescaped, meanings[found - letters]);
    return TRUE;
}

/* At the opening quote. Appends the text to @unescaped if that is not NULL. */
static gboolean
scan_string (Scanner *scanner, GString *unescaped)
{
    scanner->position++;
    while (scanner->position < scanner->length) {
        gsize start = scanner->position;
        guchar c;

        /* A run of bytes that stand for themselves. */
        for (; scanner->position < scanner->length; scanner->position++) {
            c = scanner->text[scanner->position];
            if (c == '"' || c == '\\' || c < 0x20)
                break;
        }
        if (unescaped != NULL)
            g_string_append_len (unescaped, scanner->text + start, scanner->position - start);
        if (scanner->position == scanner->length)
            break;
        if (c == '"') {
            scanner->position++;
            return TRUE;
        }
        if (c != '\\')
            return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "control character in a string");
        scanner->position++;
        if (!scan_escape (scanner, unescaped))
            return FALSE;
    }
    return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "string without an end");
}

/* ------------------------------------------------------------------ objects and arrays */

static Level *
top_level (Scanner *scanner)
{
    if (scanner->levels->len == 0)
        return NULL;
    return &g_array_index (scanner->levels, Level, scanner->levels->len - 1);
}

static gboolean
open_level (Scanner *scanner, gboolean object)
{
    Level level = { object, scanner->keys->len };

    if (scanner->levels->len >= scanner->max_depth)
        return fail (scanner, BUREAU_JSON_ERROR_DEPTH, "too deep");
    g_array_append_val (scanner->levels, level);
    scanner->position++;
    return TRUE;
}

static void
close_level (Scanner *scanner)
{
    Level *level = top_level (scanner);

    if (level->first_key < scanner->keys->len) {
        Key *first = &g_array_index (scanner->keys, Key, level->first_key);

        g_string_truncate (scanner->key_text, first->offset);
        g_array_set_size (scanner->keys, level->first_key);
    }
    g_array_set_size (scanner->levels, scanner->levels->len - 1);
    scanner->position++;
}

static guint32
hash_bytes (const char *bytes, gsize length)
{
    guint32 hash = 2166136261u;

    for (gsize i = 0; i < length; i++)
        hash = (hash ^ (guint8) bytes[i]) * 16777619u;
    return hash;
}

/* Compared unescaped, for "a" and "\u0061" are one key to whoever reads the object later. */
static gboolean
scan_key (Scanner *scanner)
{
    guint first = top_level (scanner)->first_key;
    Key key = { .offset = scanner->key_text->len };
    const char *text;

    if (scanner->keys->len - first >= MAX_KEYS)
        return fail (scanner, BUREAU_JSON_ERROR_TOO_MANY_KEYS, "too many keys");
    if (!scan_string (scanner, scanner->key_text))
        return FALSE;
    key.length = scanner->key_text->len - key.offset;
    text = scanner->key_text->str + key.offset;
    key.hash = hash_bytes (text, key.length);
    for (guint i = first; i < scanner->keys->len; i++) {
        const Key *other = &g_array_index (scanner->keys, Key, i);

        if (other->hash == key.hash && other->length == key.length &&
            memcmp (scanner->key_text->str + other->offset, text, key.length) == 0)
            return fail (scanner, BUREAU_JSON_ERROR_DUPLICATE_KEY, "duplicate key");
    }
    g_array_append_val (scanner->keys, key);
    skip_space (scanner);
    if (peek (scanner) != ':')
        return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "':' expected");
    scanner->position++;
    return TRUE;
}

/* ------------------------------------------------------------------ values */

static gboolean
scan_word (Scanner *scanner, const char *word)
{
    gsize length = strlen (word);

    if (scanner->length - scanner->position < length ||
        memcmp (scanner->text + scanner->position, word, length) != 0)
        return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "value expected");
    scanner->position += length;
    return TRUE;
}

static BureauJsonKind
kind_of (char first)
{
    switch (first) {
    case '{':
        return BUREAU_JSON_OBJECT;
    case '[':
        return BUREAU_JSON_ARRAY;
    case '"':
        return BUREAU_JSON_STRING;
    case 't':
    case 'f':
        return BUREAU_JSON_BOOLEAN;
    case 'n':
        return BUREAU_JSON_NULL;
    default:
        return BUREAU_JSON_NUMBER;
    }
}

static Expectation
after_value (Scanner *scanner)
{
    return scanner->levels->len == 0 ? EXPECT_NOTHING : EXPECT_COMMA_OR_END;
}

static gboolean
scan_value (Scanner *scanner, Expectation *expect)
{
    gboolean ok;

    switch (peek (scanner)) {
    case '{':
        *expect = EXPECT_KEY_OR_END;
        return open_level (scanner, TRUE);
    case '[':
        *expect = EXPECT_VALUE_OR_END;
        return open_level (scanner, FALSE);
    case '"':
        ok = scan_string (scanner, NULL);
        break;
    case 't':
        ok = scan_word (scanner, "true");
        break;
    case 'f':
        ok = scan_word (scanner, "false");
        break;
    case 'n':
        ok = scan_word (scanner, "null");
        break;
    default:
        ok = scan_number (scanner);
        break;
    }
    *expect = after_value (scanner);
    return ok;
}

static gboolean
scan_comma_or_end (Scanner *scanner, Expectation *expect)
{
    gboolean object = top_level (scanner)->object;

    if (peek (scanner) == ',') {
        scanner->position++;
        *expect = object ? EXPECT_KEY : EXPECT_VALUE;
        return TRUE;
    }
    if (peek (scanner) != (object ? '}' : ']'))
        return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "',' or end expected");
    close_level (scanner);
    *expect = after_value (scanner);
    return TRUE;
}

/* One token, which is at the position. */
static gboolean
scan_step (Scanner *scanner, Expectation *expect)
{
    char c = peek (scanner);

    switch (*expect) {
    case EXPECT_VALUE_OR_END:
        if (c == ']')
            return scan_comma_or_end (scanner, expect);
        return scan_value (scanner, expect);
    case EXPECT_VALUE:
        return scan_value (scanner, expect);
    case EXPECT_KEY_OR_END:
        if (c == '}')
            return scan_comma_or_end (scanner, expect);
        G_GNUC_FALLTHROUGH;
    case EXPECT_KEY:
        if (c != '"')
            return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "key expected");
        *expect = EXPECT_VALUE;
        return scan_key (scanner);
    case EXPECT_COMMA_OR_END:
        return scan_comma_or_end (scanner, expect);
    case EXPECT_NOTHING:
        break;
    }
    return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "text after the value");
}

static gboolean
scan_document (Scanner *scanner)
{
    Expectation expect = EXPECT_VALUE;

    for (;;) {
        skip_space (scanner);
        if (scanner->position == scanner->length)
            break;
        if (!scan_step (scanner, &expect))
            return FALSE;
    }
    if (expect != EXPECT_NOTHING)
        return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "text ends too early");
    return TRUE;
}

gboolean
bureau_json_scan (const char *text, gsize length, guint max_depth, BureauJsonKind *kind,
                  GError **error)
{
    Scanner scanner = { .text = text, .length = length, .max_depth = max_depth, .error = error };
    const char *bad;
    gboolean ok;

    if (!g_utf8_validate_len (text, length, &bad)) {
        scanner.position = bad - text;
        return fail (&scanner, BUREAU_JSON_ERROR_UTF8, "invalid UTF-8");
    }
    skip_space (&scanner);
    if (kind != NULL)
        *kind = kind_of (peek (&scanner));

    scanner.levels = g_array_new (FALSE, FALSE, sizeof (Level));
    scanner.keys = g_array_new (FALSE, FALSE, sizeof (Key));
    scanner.key_text = g_string_new (NULL);
    ok = scan_document (&scanner);
    g_array_unref (scanner.levels);
    g_array_unref (scanner.keys);
    g_string_free (scanner.key_text, TRUE);
    return ok;
}

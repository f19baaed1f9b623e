/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-json-scanner.h"

#include <math.h>
#include <string.h>

#include "bureau-utf8.h"

/* Enough for a member for each room of one person: sync:ready, and what a client is at. */
#define MAX_KEYS 1024
/* No honest number is longer, and a bound lets it be copied to the stack for strtod(). */
#define MAX_NUMBER 128
/* So many digits always fit into int64. */
#define SAFE_DIGITS 18
/* What an ordinary text has open at once needs no heap. */
#define FEW_LEVELS 32
#define FEW_KEYS   64

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

/* A key already seen in one of the open objects. */
typedef struct {
    guint32 hash;
    guint length;
    gboolean unescaped; /* its text is a piece of Scanner.unescaped, else of Scanner.text */
    gsize offset;
} Key;

typedef struct {
    const char *text;
    const char *end;
    const char *position;
    guint max_depth;
    GError **error;
    Level *levels; /* `few_levels`, or (owned) */
    guint n_levels;
    guint levels_room;
    Key *keys; /* `few_keys`, or (owned) */
    guint n_keys;
    guint keys_room;
    GString *unescaped; /* (owned) (nullable): keys that had an escape, one after the other */
    /* Last, for nothing initialises them. */
    Level few_levels[FEW_LEVELS];
    Key few_keys[FEW_KEYS];
} Scanner;

G_DEFINE_QUARK (bureau - json - error - quark, bureau_json_error)

static gboolean
fail (Scanner *scanner, BureauJsonError code, const char *what)
{
    g_set_error (scanner->error, BUREAU_JSON_ERROR, code, "%s at byte %" G_GSIZE_FORMAT, what,
                 (gsize) (scanner->position - scanner->text));
    return FALSE;
}

/* The next byte, or 0 at the end. There is no 0 inside: the text passed the UTF-8 check. */
static char
peek (Scanner *scanner)
{
    return scanner->position < scanner->end ? *scanner->position : '\0';
}

static void
skip_space (Scanner *scanner)
{
    const char *position = scanner->position;

    while (position < scanner->end &&
           (*position == ' ' || *position == '\t' || *position == '\n' || *position == '\r'))
        position++;
    scanner->position = position;
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

/* Only a long integer or an exponent can lead out of the range. */
static gboolean
check_number_range (Scanner *scanner, const char *start, gboolean integer, gboolean exponent)
{
    char copy[MAX_NUMBER + 1];
    gsize length = scanner->position - start;

    if (length > MAX_NUMBER)
        return fail (scanner, BUREAU_JSON_ERROR_NUMBER, "number too long");
    if (!exponent && (!integer || length <= SAFE_DIGITS))
        return TRUE;
    memcpy (copy, start, length);
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
    const char *start = scanner->position;
    gboolean fraction = FALSE, exponent = FALSE;

    if (peek (scanner) == '-')
        scanner->position++;
    if (peek (scanner) == '0')
        scanner->position++;
    else if (skip_digits (scanner) == 0)
        return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "not a number");
    if (peek (scanner) == '.') {
        fraction = TRUE;
        scanner->position++;
        if (skip_digits (scanner) == 0)
            return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "digit expected");
    }
    if (peek (scanner) == 'e' || peek (scanner) == 'E') {
        exponent = TRUE;
        scanner->position++;
        if (peek (scanner) == '+' || peek (scanner) == '-')
            scanner->position++;
        if (skip_digits (scanner) == 0)
            return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "digit expected");
    }
    return check_number_range (scanner, start, !fraction && !exponent, exponent);
}

/* ------------------------------------------------------------------ strings */

/* Each of the eight bytes of a word. */
#define EACH(byte) (G_GUINT64_CONSTANT (0x0101010101010101) * (byte))

/* The first byte that does not stand for itself in a string: a quote, a backslash, a control
 * character; or @end. Of eight bytes the first such one gets its high bit set by a borrow, which
 * may reach the bytes behind it, never those before. */
static const char *
skip_plain (const char *position, const char *end)
{
    guint64 word, found;

    for (; end - position >= 8; position += 8) {
        memcpy (&word, position, 8);
        word = GUINT64_FROM_LE (word);
        found = (word - EACH (0x20)) | ((word ^ EACH ('"')) - EACH (1)) |
                ((word ^ EACH ('\\')) - EACH (1));
        found &= ~word & EACH (0x80);
        if (found != 0)
            return position + __builtin_ctzll (found) / 8;
    }
    while (position < end && *position != '"' && *position != '\\' && (guchar) *position >= 0x20)
        position++;
    return position;
}

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
        if (scanner->end - scanner->position < 6 || memcmp (scanner->position, "\\u", 2) != 0)
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
    for (;;) {
        const char *start = scanner->position;

        scanner->position = skip_plain (start, scanner->end);
        if (unescaped != NULL)
            g_string_append_len (unescaped, start, scanner->position - start);
        if (scanner->position == scanner->end)
            return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "string without an end");
        if (*scanner->position == '"') {
            scanner->position++;
            return TRUE;
        }
        if (*scanner->position != '\\')
            return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "control character in a string");
        scanner->position++;
        if (!scan_escape (scanner, unescaped))
            return FALSE;
    }
}

/* ------------------------------------------------------------------ objects and arrays */

/* Twice the room: what was on the stack moves to the heap. */
static gpointer
grow (gpointer items, gpointer few, guint *room, gsize size)
{
    gpointer more = g_realloc_n (items == few ? NULL : items, *room * 2, size);

    if (items == few)
        memcpy (more, few, *room * size);
    *room *= 2;
    return more;
}

static Level *
top_level (Scanner *scanner)
{
    return &scanner->levels[scanner->n_levels - 1];
}

static gboolean
open_level (Scanner *scanner, gboolean object)
{
    if (scanner->n_levels >= scanner->max_depth)
        return fail (scanner, BUREAU_JSON_ERROR_DEPTH, "too deep");
    if (scanner->n_levels == scanner->levels_room)
        scanner->levels = grow (scanner->levels, scanner->few_levels, &scanner->levels_room,
                                sizeof (Level));
    scanner->levels[scanner->n_levels++] = (Level){ object, scanner->n_keys };
    scanner->position++;
    return TRUE;
}

static void
close_level (Scanner *scanner)
{
    scanner->n_keys = top_level (scanner)->first_key;
    scanner->n_levels--;
    scanner->position++;
}

static void
push_key (Scanner *scanner, const Key *key)
{
    if (scanner->n_keys == scanner->keys_room)
        scanner->keys = grow (scanner->keys, scanner->few_keys, &scanner->keys_room, sizeof (Key));
    scanner->keys[scanner->n_keys++] = *key;
}

static guint32
hash_bytes (const char *bytes, gsize length)
{
    guint32 hash = 2166136261u;

    for (gsize i = 0; i < length; i++)
        hash = (hash ^ (guint8) bytes[i]) * 16777619u;
    return hash;
}

static const char *
key_text (Scanner *scanner, const Key *key)
{
    return (key->unescaped ? scanner->unescaped->str : scanner->text) + key->offset;
}

/* At the opening quote. A key without an escape, as nearly all are, stays where it is. */
static gboolean
scan_key_text (Scanner *scanner, Key *key)
{
    const char *start = scanner->position + 1;
    const char *quote = skip_plain (start, scanner->end);

    if (quote < scanner->end && *quote == '"') {
        scanner->position = quote + 1;
        *key = (Key){ .offset = start - scanner->text, .length = quote - start };
        return TRUE;
    }
    if (scanner->unescaped == NULL)
        scanner->unescaped = g_string_new (NULL);
    *key = (Key){ .offset = scanner->unescaped->len, .unescaped = TRUE };
    if (!scan_string (scanner, scanner->unescaped))
        return FALSE;
    key->length = scanner->unescaped->len - key->offset;
    return TRUE;
}

/* Compared unescaped, for "a" and "\u0061" are one key to whoever reads the object later. */
static gboolean
is_duplicate (Scanner *scanner, const Key *key)
{
    const char *text = key_text (scanner, key);

    for (guint i = top_level (scanner)->first_key; i < scanner->n_keys; i++) {
        const Key *other = &scanner->keys[i];

        if (other->hash == key->hash && other->length == key->length &&
            memcmp (key_text (scanner, other), text, key->length) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
scan_key (Scanner *scanner)
{
    Key key;

    if (scanner->n_keys - top_level (scanner)->first_key >= MAX_KEYS)
        return fail (scanner, BUREAU_JSON_ERROR_TOO_MANY_KEYS, "too many keys");
    if (!scan_key_text (scanner, &key))
        return FALSE;
    key.hash = hash_bytes (key_text (scanner, &key), key.length);
    if (is_duplicate (scanner, &key))
        return fail (scanner, BUREAU_JSON_ERROR_DUPLICATE_KEY, "duplicate key");
    push_key (scanner, &key);
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

    if ((gsize) (scanner->end - scanner->position) < length ||
        memcmp (scanner->position, word, length) != 0)
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
    return scanner->n_levels == 0 ? EXPECT_NOTHING : EXPECT_COMMA_OR_END;
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
        if (scanner->position == scanner->end)
            break;
        if (!scan_step (scanner, &expect))
            return FALSE;
    }
    if (expect != EXPECT_NOTHING)
        return fail (scanner, BUREAU_JSON_ERROR_SYNTAX, "text ends too early");
    return TRUE;
}

/* Where it goes wrong is looked for only once it is known that it does. */
static gboolean
check_utf8 (Scanner *scanner)
{
    gsize length = scanner->end - scanner->text;

    if (bureau_utf8_check (scanner->text, length) && memchr (scanner->text, '\0', length) == NULL)
        return TRUE;
    g_utf8_validate_len (scanner->text, length, &scanner->position);
    return fail (scanner, BUREAU_JSON_ERROR_UTF8, "invalid UTF-8");
}

static void
init (Scanner *scanner, const char *text, gsize length, guint max_depth, GError **error)
{
    memset (scanner, 0, G_STRUCT_OFFSET (Scanner, few_levels));
    scanner->text = scanner->position = text;
    scanner->end = text + length;
    scanner->max_depth = max_depth;
    scanner->error = error;
    scanner->levels = scanner->few_levels;
    scanner->levels_room = FEW_LEVELS;
    scanner->keys = scanner->few_keys;
    scanner->keys_room = FEW_KEYS;
}

static void
clear (Scanner *scanner)
{
    if (scanner->levels != scanner->few_levels)
        g_free (scanner->levels);
    if (scanner->keys != scanner->few_keys)
        g_free (scanner->keys);
    if (scanner->unescaped != NULL)
        g_string_free (scanner->unescaped, TRUE);
}

gboolean
bureau_json_scan (const char *text, gsize length, guint max_depth, BureauJsonKind *kind,
                  GError **error)
{
    Scanner scanner;
    gboolean ok;

    /* An empty text may be nowhere. */
    init (&scanner, length == 0 ? "" : text, length, max_depth, error);
    if (!check_utf8 (&scanner))
        return FALSE;
    skip_space (&scanner);
    if (kind != NULL)
        *kind = kind_of (peek (&scanner));
    ok = scan_document (&scanner);
    clear (&scanner);
    return ok;
}

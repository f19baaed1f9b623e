/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-json-slice.h"

#include <string.h>

static gboolean
is_space (char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *
skip_space (const char *position, const char *end)
{
    while (position < end && is_space (*position))
        position++;
    return position;
}

/* From the opening quote to behind the closing one: the first with an even number of backslashes
 * before it. */
static const char *
skip_string (const char *position, const char *end)
{
    const char *text = position + 1;
    const char *quote, *run;

    for (position = text; (quote = memchr (position, '"', end - position)) != NULL;
         position = quote + 1) {
        for (run = quote; run > text && run[-1] == '\\';)
            run--;
        if ((quote - run) % 2 == 0)
            return quote + 1;
    }
    return end;
}

static const char *
skip_value (const char *position, const char *end)
{
    guint depth = 0;

    while (position < end) {
        char c = *position;

        if (c == '"') {
            position = skip_string (position, end);
        } else if (c == '[' || c == '{') {
            depth++;
            position++;
        } else if (c == ']' || c == '}') {
            if (depth == 0)
                break;
            depth--;
            position++;
        } else if (depth == 0 && (c == ',' || is_space (c))) {
            break;
        } else {
            position++;
            continue;
        }
        if (depth == 0)
            break;
    }
    return position;
}

/* After '[', '{' or ',': what comes next, or NULL at the end. */
static const char *
next_item (const char *position, const char *end)
{
    position = skip_space (position, end);
    if (position < end && *position == ',')
        position = skip_space (position + 1, end);
    return position < end && *position != ']' && *position != '}' ? position : NULL;
}

static gboolean
key_is (const char *key, const char *end, const char *name)
{
    BureauJsonSlice slice = { key, end - key };

    return bureau_json_slice_is_string (&slice, name);
}

gboolean
bureau_json_slice_member (const char *json, gsize length, const char *name, BureauJsonSlice *slice)
{
    const char *end = json + length;
    const char *position = skip_space (json, end);

    *slice = (BureauJsonSlice){ NULL, 0 };
    if (position == end || *position != '{')
        return FALSE;
    for (position = next_item (position + 1, end); position != NULL;
         position = next_item (position, end)) {
        const char *key = position;
        const char *after_key = skip_string (key, end);
        const char *value = skip_space (after_key, end);

        /* The colon. */
        value = skip_space (MIN (value + 1, end), end);
        position = skip_value (value, end);
        if (key_is (key, after_key, name)) {
            *slice = (BureauJsonSlice){ value, position - value };
            return TRUE;
        }
        if (position == key)
            break;
    }
    return FALSE;
}

gboolean
bureau_json_slice_element (const char *json, gsize length, guint index, BureauJsonSlice *slice)
{
    const char *end = json + length;
    const char *position = skip_space (json, end);

    *slice = (BureauJsonSlice){ NULL, 0 };
    if (position == end || *position != '[')
        return FALSE;
    for (position = next_item (position + 1, end); position != NULL;
         position = next_item (position, end)) {
        const char *value = position;

        position = skip_value (value, end);
        if (index-- == 0) {
            *slice = (BureauJsonSlice){ value, position - value };
            return TRUE;
        }
        if (position == value)
            break;
    }
    return FALSE;
}

static gunichar
hex4 (const char *digits)
{
    gunichar unit = 0;

    for (guint i = 0; i < 4; i++)
        unit = unit << 4 | (gunichar) (g_ascii_xdigit_value (digits[i]) & 0xf);
    return unit;
}

/* At the letter after a backslash; returns what is behind the escape. */
static const char *
unescape (GString *out, const char *position, const char *end)
{
    static const char letters[] = "bfnrt";
    static const char meanings[] = "\b\f\n\r\t";
    const char *found;
    gunichar unit;

    if (*position != 'u') {
        found = memchr (letters, *position, 5);
        g_string_append_c (out, found == NULL ? *position : meanings[found - letters]);
        return position + 1;
    }
    if (end - position < 5)
        return end;
    unit = hex4 (position + 1);
    position += 5;
    if (unit >= 0xd800 && unit <= 0xdbff && end - position >= 6) {
        unit = 0x10000 + ((unit - 0xd800) << 10) + ((hex4 (position + 2) - 0xdc00) & 0x3ff);
        position += 6;
    }
    g_string_append_unichar (out, unit);
    return position;
}

char *
bureau_json_slice_dup_string (const BureauJsonSlice *slice)
{
    const char *position, *end;
    GString *out;

    if (slice->text == NULL || slice->length < 2 || slice->text[0] != '"')
        return NULL;
    out = g_string_sized_new (slice->length);
    end = slice->text + slice->length - 1;
    for (position = slice->text + 1; position < end;) {
        if (*position == '\\' && position + 1 < end)
            position = unescape (out, position + 1, end);
        else
            g_string_append_c (out, *position++);
    }
    return g_string_free (out, FALSE);
}

gboolean
bureau_json_slice_is_string (const BureauJsonSlice *slice, const char *text)
{
    g_autofree char *unescaped = NULL;
    gsize length = strlen (text);

    if (slice->text == NULL || slice->length < 2 || slice->text[0] != '"')
        return FALSE;
    /* Nearly always: nothing to unescape, so nothing to copy. */
    if (memchr (slice->text, '\\', slice->length) == NULL)
        return slice->length == length + 2 && memcmp (slice->text + 1, text, length) == 0;
    unescaped = bureau_json_slice_dup_string (slice);
    return g_str_equal (unescaped, text);
}

gboolean
bureau_json_slice_get_integer (const BureauJsonSlice *slice, gint64 *value)
{
    g_autofree char *copy = NULL;

    if (slice->text == NULL)
        return FALSE;
    copy = g_strndup (slice->text, slice->length);
    return g_ascii_string_to_signed (copy, 10, G_MININT64, G_MAXINT64, value, NULL);
}

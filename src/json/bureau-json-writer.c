/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-json-writer.h"

#include <math.h>
#include <string.h>

/* What follows the backslash: a letter, 'u' for four hexadecimal digits, 0 where none is needed. */
static const char escapes[256] = {
    ['"'] = '"',  ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r',
    ['\t'] = 't', [0x01] = 'u',  [0x02] = 'u', [0x03] = 'u', [0x04] = 'u', [0x05] = 'u',
    [0x06] = 'u', [0x07] = 'u',  [0x0b] = 'u', [0x0e] = 'u', [0x0f] = 'u', [0x10] = 'u',
    [0x11] = 'u', [0x12] = 'u',  [0x13] = 'u', [0x14] = 'u', [0x15] = 'u', [0x16] = 'u',
    [0x17] = 'u', [0x18] = 'u',  [0x19] = 'u', [0x1a] = 'u', [0x1b] = 'u', [0x1c] = 'u',
    [0x1d] = 'u', [0x1e] = 'u',  [0x1f] = 'u',
};

static void
append_escape (GString *out, guchar c)
{
    static const char digits[] = "0123456789abcdef";
    char escape[6] = { '\\', escapes[c], '0', '0', digits[c >> 4], digits[c & 15] };

    g_string_append_len (out, escape, escapes[c] == 'u' ? 6 : 2);
}

void
bureau_json_append_string (GString *out, const char *text)
{
    const char *run = text;

    g_string_append_c (out, '"');
    for (; *text != '\0'; text++) {
        if (escapes[(guchar) *text] == 0)
            continue;
        g_string_append_len (out, run, text - run);
        append_escape (out, *text);
        run = text + 1;
    }
    g_string_append_len (out, run, text - run);
    g_string_append_c (out, '"');
}

void
bureau_json_append_integer (GString *out, gint64 value)
{
    char digits[24];
    char *position = digits + sizeof digits;
    guint64 rest = value < 0 ? -(guint64) value : (guint64) value;

    do
        *--position = '0' + rest % 10;
    while ((rest /= 10) > 0);
    if (value < 0)
        *--position = '-';
    g_string_append_len (out, position, digits + sizeof digits - position);
}

void
bureau_json_append_double (GString *out, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (!isfinite (value)) {
        g_string_append (out, "null");
        return;
    }
    g_ascii_formatd (text, sizeof text, "%.15g", value);
    if (g_ascii_strtod (text, NULL) != value)
        g_ascii_formatd (text, sizeof text, "%.17g", value);
    g_string_append (out, text);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-printable.h"

#include <string.h>

static gboolean
is_plain (gunichar c)
{
    if (c == 0x200e || c == 0x200f || c == 0x061c || (c >= 0x202a && c <= 0x202e) ||
        (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029)
        return FALSE;
    return !g_unichar_iscntrl (c);
}

static void
escape (GString *out, const char *bytes, gsize length)
{
    for (gsize i = 0; i < length; i++)
        g_string_append_printf (out, "\\x%02x", (guint8) bytes[i]);
}

char *
bureau_printable (const char *text)
{
    const char *end = text + strlen (text);
    GString *out = g_string_sized_new (end - text);

    while (text < end) {
        gunichar c = g_utf8_get_char_validated (text, end - text);
        gsize length = c >= (gunichar) -2 ? 1 : (gsize) (g_utf8_next_char (text) - text);

        if (c < (gunichar) -2 && is_plain (c))
            g_string_append_len (out, text, length);
        else
            escape (out, text, length);
        text += length;
    }
    return g_string_free (out, FALSE);
}

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
    g_autofree GLogField *own = g_memdup2 (fields, n_fields * sizeof *fields);
    g_autofree char *message = NULL;

    for (gsize i = 0; i < n_fields; i++) {
        if (!g_str_equal (own[i].key, "MESSAGE") || own[i].length >= 0 || message != NULL)
            continue;
        own[i].value = message = bureau_printable (own[i].value);
    }
    return g_log_writer_default (level, own, n_fields, data);
}

void
bureau_printable_init_log (void)
{
    g_log_set_writer_func (write_log, NULL, NULL);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-utf8.h"

#include <string.h>

/* Most text is ASCII, and eight bytes of that can be told at once. */
static const char *
skip_ascii (const char *position, const char *end)
{
    guint64 word;

    for (; end - position >= 8; position += 8) {
        memcpy (&word, position, 8);
        if ((word & G_GUINT64_CONSTANT (0x8080808080808080)) != 0)
            break;
    }
    while (position < end && (*position & 0x80) == 0)
        position++;
    return position;
}

gboolean
bureau_utf8_check (const void *bytes, gsize length)
{
    const char *end = (const char *) bytes + length;
    const char *position = skip_ascii (bytes, end);

    while (position < end) {
        const char *start = position;

        while (position < end && (*position & 0x80) != 0)
            position++;
        if (!g_utf8_validate_len (start, position - start, NULL))
            return FALSE;
        position = skip_ascii (position, end);
    }
    return TRUE;
}

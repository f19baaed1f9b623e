/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-base64url.h"

#include <string.h>

char *
bureau_base64url_encode (const void *bytes, gsize length)
{
    char *text = g_base64_encode (bytes, length);

    text[strcspn (text, "=")] = '\0';
    return g_strdelimit (g_strdelimit (text, "+", '-'), "/", '_');
}

/* GLib passes over what is not of the alphabet, and takes a last character for another that has
 * the same first bits: only one text is written back the same. */
gboolean
bureau_base64url_decode (const char *text, gsize length, void *bytes, gsize size, gsize *written)
{
    g_autofree char *own = g_strndup (text, length);
    g_autofree char *padded = g_strconcat (own, "===", NULL);
    g_autofree guchar *decoded = NULL;
    g_autofree char *again = NULL;

    if (strlen (own) != length)
        return FALSE;
    padded[(length + 3) / 4 * 4] = '\0';
    g_strdelimit (g_strdelimit (padded, "-", '+'), "_", '/');
    decoded = g_base64_decode (padded, written);
    again = bureau_base64url_encode (decoded, *written);
    if (*written > size || strlen (again) != length || memcmp (again, text, length) != 0)
        return FALSE;
    memcpy (bytes, decoded, *written);
    return TRUE;
}

gboolean
bureau_base64url_decode_all (const char *text, void *bytes, gsize size)
{
    gsize written;

    return text != NULL && bureau_base64url_decode (text, strlen (text), bytes, size, &written) &&
           written == size;
}

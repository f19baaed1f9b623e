/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-position.h"

#include <string.h>

/* Bytewise order is digit order. A position never ends in '0': "x" and "x0" are the same fraction,
 * and nothing would fit between them.
 *
 * In the middle a position is halfway between its neighbours, which costs a character for each six
 * insertions at the same place. At the ends, where most tasks are added, it counts instead: a
 * letter says how many digits follow (a: 1, b: 2 …; downwards Z: 1, Y: 2 …), so 3,800 tasks one
 * after the other need three characters. */
static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

#define BASE 62

static int
digit_value (char c)
{
    if (g_ascii_isdigit (c))
        return c - '0';
    if (g_ascii_isupper (c))
        return c - 'A' + 10;
    return c - 'a' + 36;
}

/* Appends a fraction between @a ("" for 0) and @b (NULL for 1), where a < b and neither ends in
 * '0'. */
static void
append_middle (GString *out, const char *a, const char *b)
{
    for (;;) {
        int low = *a != '\0' ? digit_value (*a) : 0;
        int high = b != NULL ? digit_value (*b) : BASE;

        if (high - low > 1) {
            g_string_append_c (out, digits[(low + high) / 2]);
            return;
        }
        if (high - low == 1 && b != NULL && b[1] != '\0') {
            g_string_append_c (out, *b);
            return;
        }
        /* Equal: go on with both. Neighbours: anything after @a's digit is below @b. */
        g_string_append_c (out, digits[low]);
        b = high == low ? b + 1 : NULL;
        if (*a != '\0')
            a++;
    }
}

/* The @n digits that count, filled up with '0'. */
static char *
take_count (const char *position, gsize n)
{
    gsize length = strlen (position + 1);
    char *count = g_strnfill (n, '0');

    memcpy (count, position + 1, MIN (n, length));
    return count;
}

static char *
position_after (const char *before)
{
    g_autofree char *count = NULL;
    gsize n = (gsize) (*before - 'a') + 1;
    GString *out;

    if (*before < 'a')
        return g_strdup ("a1");
    if (*before == 'z') {
        out = g_string_new (NULL);
        append_middle (out, before, NULL);
        return g_string_free (out, FALSE);
    }

    count = take_count (before, n);
    for (gsize i = n; i-- > 0;) {
        int value = digit_value (count[i]) + 1;

        count[i] = value < BASE ? digits[value] : i == n - 1 ? '1' : '0';
        if (value < BASE)
            return g_strdup_printf ("%c%s", *before, count);
    }
    g_free (count);
    count = g_strnfill (n, '0');
    return g_strdup_printf ("%c%s1", *before + 1, count);
}

static char *
position_before (const char *after)
{
    g_autofree char *count = NULL;
    gsize n = (gsize) ('Z' - *after) + 1;
    GString *out;

    if (*after > 'Z')
        return g_strdup ("Zz");
    if (*after <= 'A') {
        out = g_string_new (NULL);
        append_middle (out, "", after);
        return g_string_free (out, FALSE);
    }

    count = take_count (after, n);
    for (gsize i = n; i-- > 0;) {
        int value = digit_value (count[i]) - 1;
        /* The last one must not become '0'. */
        gboolean borrow = value < (i == n - 1 ? 1 : 0);

        count[i] = borrow ? 'z' : digits[value];
        if (!borrow)
            return g_strdup_printf ("%c%s", *after, count);
    }
    g_free (count);
    count = g_strnfill (n + 1, 'z');
    return g_strdup_printf ("%c%s", *after - 1, count);
}

char *
bureau_position_between (const char *before, const char *after)
{
    GString *out;

    g_return_val_if_fail (before == NULL || bureau_position_is_valid (before), NULL);
    g_return_val_if_fail (after == NULL || bureau_position_is_valid (after), NULL);

    if (before != NULL && after != NULL && strcmp (before, after) < 0) {
        out = g_string_new (NULL);
        append_middle (out, before, after);
        return g_string_free (out, FALSE);
    }
    if (before != NULL)
        return position_after (before);
    if (after != NULL)
        return position_before (after);
    return g_strdup ("a1");
}

gboolean
bureau_position_is_valid (const char *text)
{
    gsize length = text != NULL ? strspn (text, digits) : 0;

    return length > 0 && text[length] == '\0' && text[length - 1] != '0';
}

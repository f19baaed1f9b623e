/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Three texts, each behind a byte 0x1e: whatever they are, nothing that either has written is
 * missing from the merge unless it says so. */

#include <string.h>

#include "bureau-line-merge.h"
#include "slices.h"

static gboolean
has_line (const char *text, const char *line)
{
    g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

    return g_strv_contains ((const char *const *) lines, line);
}

/* Every line of @text that is new since @base. */
static void
check_kept (const char *base, const char *text, const char *merged)
{
    g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

    for (guint i = 0; lines[i] != NULL; i++)
        g_assert (has_line (base, lines[i]) || has_line (merged, lines[i]));
}

/* Every line of the merge is somebody's. */
static void
check_made_of (const char *merged, const char *base, const char *mine, const char *theirs)
{
    g_auto (GStrv) lines = g_strsplit (merged, "\n", -1);

    for (guint i = 0; lines[i] != NULL; i++)
        g_assert (has_line (base, lines[i]) || has_line (mine, lines[i]) ||
                  has_line (theirs, lines[i]));
}

static void
check_equal (const char *base, const char *mine, const char *theirs, const char *expected)
{
    gboolean clash = TRUE;
    g_autofree char *merged = bureau_line_merge (base, mine, theirs, &clash);

    g_assert (g_str_equal (merged, expected));
    g_assert (!clash);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
    g_autofree char *input = g_strndup ((const char *) data, size);
    g_auto (GStrv) texts = g_strsplit (input, "\x1e", 3);
    gboolean clash = FALSE;
    g_autofree char *merged = NULL;

    if (g_strv_length (texts) < 3)
        return 0;
    merged = bureau_line_merge (texts[0], texts[1], texts[2], &clash);
    check_kept (texts[0], texts[1], merged);
    if (!clash)
        check_kept (texts[0], texts[2], merged);
    check_made_of (merged, texts[0], texts[1], texts[2]);
    check_equal (texts[0], texts[1], texts[0], texts[1]);
    check_equal (texts[0], texts[0], texts[2], texts[2]);
    check_equal (texts[0], texts[1], texts[1], texts[1]);
    return 0;
}

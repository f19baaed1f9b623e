/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-line-merge.h"

#include <string.h>

#include "bureau-line-diff.h"

typedef struct {
    const char *start;
    gsize length;
    guint *number; /* where the line's number goes */
} Line;

/* A text as the numbers of its lines, and where each begins. */
typedef struct {
    GArray *lines;   /* (owned): of Line */
    GArray *numbers; /* (owned): of guint */
} Text;

/* From here to there of a text: @end is not in it. */
typedef struct {
    const Text *text;
    guint start;
    guint end;
} Range;

static const Line *
get_line (const Text *text, guint index)
{
    return &g_array_index (text->lines, Line, index);
}

static guint
get_number (const Text *text, guint index)
{
    return g_array_index (text->numbers, guint, index);
}

/* An empty text has no line. */
static void
text_init (Text *text, const char *string)
{
    const char *at = *string != '\0' ? string : NULL;

    text->lines = g_array_new (FALSE, FALSE, sizeof (Line));
    text->numbers = g_array_new (FALSE, TRUE, sizeof (guint));
    while (at != NULL) {
        const char *end = strchr (at, '\n');
        Line line = { at, end != NULL ? (gsize) (end - at) : strlen (at), NULL };

        g_array_append_val (text->lines, line);
        at = end != NULL ? end + 1 : NULL;
    }
    g_array_set_size (text->numbers, text->lines->len);
    for (guint i = 0; i < text->lines->len; i++)
        g_array_index (text->lines, Line, i).number = &g_array_index (text->numbers, guint, i);
}

static void
text_clear (Text *text)
{
    g_array_unref (text->lines);
    g_array_unref (text->numbers);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
    const Line *x = a, *y = b;
    int order = memcmp (x->start, y->start, MIN (x->length, y->length));

    return order != 0 ? order : (x->length > y->length) - (x->length < y->length);
}

/* Sorted rather than hashed: nobody can make lines that take longer. */
static void
number_lines (Text *texts, guint n_texts)
{
    g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Line));
    guint number = 0;

    for (guint i = 0; i < n_texts; i++)
        g_array_append_vals (all, texts[i].lines->data, texts[i].lines->len);
    g_array_sort (all, compare_lines);
    for (guint i = 0; i < all->len; i++) {
        Line *line = &g_array_index (all, Line, i);

        if (i > 0 && compare_lines (line - 1, line) != 0)
            number++;
        *line->number = number;
    }
}

static gboolean
is_equal (Range a, Range b)
{
    if (a.end - a.start != b.end - b.start)
        return FALSE;
    for (guint i = 0; i < a.end - a.start; i++) {
        if (get_number (a.text, a.start + i) != get_number (b.text, b.start + i))
            return FALSE;
    }
    return TRUE;
}

static void
append (GString *merged, Range range, gboolean *begun)
{
    for (guint i = range.start; i < range.end; i++) {
        const Line *line = get_line (range.text, i);

        if (*begun)
            g_string_append_c (merged, '\n');
        g_string_append_len (merged, line->start, line->length);
        *begun = TRUE;
    }
}

/* A piece that not all three have. */
static void
append_changed (GString *merged, Range base, Range mine, Range theirs, gboolean *begun,
                gboolean *clash)
{
    if (is_equal (mine, base)) {
        append (merged, theirs, begun);
        return;
    }
    if (!is_equal (theirs, base) && !is_equal (mine, theirs)) {
        if (base.start == base.end)
            append (merged, theirs, begun);
        else
            *clash = TRUE;
    }
    append (merged, mine, begun);
}

static gint *
diff_texts (const Text *old_text, const Text *new_text)
{
    return bureau_line_diff ((const guint *) old_text->numbers->data, old_text->numbers->len,
                             (const guint *) new_text->numbers->data, new_text->numbers->len);
}

/* Sanjeev Khanna, Keshav Kunal and Benjamin C. Pierce, A Formal Investigation of Diff3, 2007: lines
 * that both still have divide the texts into pieces. */
static char *
merge_texts (const Text *base, const Text *mine, const Text *theirs, gboolean *clash)
{
    g_autofree gint *in_mine = diff_texts (base, mine);
    g_autofree gint *in_theirs = diff_texts (base, theirs);
    GString *merged = g_string_new (NULL);
    gboolean begun = FALSE;
    guint b = 0, m = 0, t = 0;

    for (guint i = 0; i <= base->lines->len; i++) {
        gboolean end = i == base->lines->len;
        guint next_m, next_t;

        if (!end && (in_mine[i] < 0 || in_theirs[i] < 0))
            continue;
        next_m = end ? mine->lines->len : (guint) in_mine[i];
        next_t = end ? theirs->lines->len : (guint) in_theirs[i];
        append_changed (merged, (Range){ base, b, i }, (Range){ mine, m, next_m },
                        (Range){ theirs, t, next_t }, &begun, clash);
        if (!end)
            append (merged, (Range){ base, i, i + 1 }, &begun);
        b = i + 1;
        m = next_m + 1;
        t = next_t + 1;
    }
    return g_string_free (merged, FALSE);
}

char *
bureau_line_merge (const char *base, const char *mine, const char *theirs, gboolean *clash)
{
    Text texts[3];
    char *merged;

    *clash = FALSE;
    text_init (&texts[0], base);
    text_init (&texts[1], mine);
    text_init (&texts[2], theirs);
    number_lines (texts, G_N_ELEMENTS (texts));
    merged = merge_texts (&texts[0], &texts[1], &texts[2], clash);
    for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
        text_clear (&texts[i]);
    return merged;
}

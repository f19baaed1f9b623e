/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-line-diff.h"

#include <string.h>

/* Eugene W. Myers, An O(ND) Difference Algorithm and Its Variations, 1986: the plain, greedy one.
 * How far it got with each number of edits is kept, so that the way can be traced back, and that is
 * what limits the number: 500 × 1000 / 2 integers are 1 MB. */
#define MAX_EDITS 500
/* Lines compared before it is given up: a few milliseconds. */
#define MAX_STEPS 2000000

typedef struct {
    const guint *old_lines;
    const guint *new_lines;
    gint n_old;
    gint n_new;
    gint steps;
} Diff;

/* How the furthest point on diagonal @k with @edits was reached: down, from the diagonal above, or
 * to the right, from the one below. @reach is of one edit less; an index into it is the diagonal +
 * the edits of that round + 1. */
static gboolean
comes_down (const gint *reach, gint k, gint edits)
{
    const gint *at = reach + edits;

    return k == -edits || (k != edits && at[k - 1] < at[k + 1]);
}

static gint
step (const gint *reach, gint k, gint edits)
{
    const gint *at = reach + edits;

    if (edits == 0)
        return 0;
    return comes_down (reach, k, edits) ? at[k + 1] : at[k - 1] + 1;
}

static gint
slide (Diff *diff, gint x, gint k)
{
    while (x < diff->n_old && x - k < diff->n_new && diff->old_lines[x] == diff->new_lines[x - k]) {
        x++;
        diff->steps++;
    }
    return x;
}

/* One round: every diagonal that @edits can be on. Returns TRUE if the end is reached. */
static gboolean
run_round (Diff *diff, const gint *before, gint *reach, gint edits)
{
    gint *at = reach + edits + 1;

    for (gint k = -edits; k <= edits; k += 2) {
        at[k] = slide (diff, step (before, k, edits), k);
        if (at[k] >= diff->n_old && at[k] - k >= diff->n_new)
            return TRUE;
        diff->steps++;
    }
    return FALSE;
}

/* Marks the lines that were slid over, from the end to the beginning. */
static void
trace (const Diff *diff, GPtrArray *rounds, gint *found)
{
    gint x = diff->n_old;
    gint k = diff->n_old - diff->n_new;

    for (gint edits = (gint) rounds->len - 1; edits >= 0; edits--) {
        const gint *before = edits > 0 ? rounds->pdata[edits - 1] : NULL;
        gint start = step (before, k, edits);

        for (; x > start; x--)
            found[x - 1] = x - 1 - k;
        if (edits == 0)
            break;
        if (comes_down (before, k, edits)) {
            k++;
        } else {
            k--;
            x--;
        }
    }
}

/* What is between the common beginning and the common end. */
static void
diff_middle (Diff *diff, gint *found)
{
    g_autoptr (GPtrArray) rounds = g_ptr_array_new_with_free_func (g_free);

    for (gint edits = 0; edits <= MAX_EDITS && diff->steps < MAX_STEPS; edits++) {
        const gint *before = edits > 0 ? rounds->pdata[edits - 1] : NULL;
        gint *reach = g_new0 (gint, 2 * edits + 3);

        g_ptr_array_add (rounds, reach);
        if (run_round (diff, before, reach, edits)) {
            trace (diff, rounds, found);
            return;
        }
    }
}

gint *
bureau_line_diff (const guint *old_lines, guint n_old, const guint *new_lines, guint n_new)
{
    gint *found = g_new (gint, n_old + 1);
    guint start = 0, end = 0;
    Diff diff = { 0 };

    memset (found, 0xff, (n_old + 1) * sizeof *found);
    for (; start < MIN (n_old, n_new) && old_lines[start] == new_lines[start]; start++)
        found[start] = (gint) start;
    for (; end < MIN (n_old, n_new) - start &&
           old_lines[n_old - end - 1] == new_lines[n_new - end - 1];
         end++)
        found[n_old - end - 1] = (gint) (n_new - end - 1);

    diff.old_lines = old_lines + start;
    diff.new_lines = new_lines + start;
    diff.n_old = (gint) (n_old - start - end);
    diff.n_new = (gint) (n_new - start - end);
    diff_middle (&diff, found + start);
    for (gint i = 0; i < diff.n_old; i++)
        found[start + i] += found[start + i] >= 0 ? (gint) start : 0;
    return found;
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "test-wait.h"

#define CAP_SECONDS 20

static gboolean
on_deadline_cb (gpointer data)
{
    *(gboolean *) data = TRUE;
    return G_SOURCE_CONTINUE;
}

Deadline
deadline_new (const char *where, const char *what)
{
    return (Deadline){ .where = where, .what = what };
}

void
deadline_turn (Deadline *deadline)
{
    if (deadline->source == 0)
        deadline->source = g_timeout_add_seconds (CAP_SECONDS, on_deadline_cb, &deadline->passed);
    g_main_context_iteration (NULL, TRUE);
    if (deadline->passed)
        g_error ("%s: in vain: %s", deadline->where, deadline->what);
}

void
deadline_clear (Deadline *deadline)
{
    g_clear_handle_id (&deadline->source, g_source_remove);
}

void
keep_result (GObject *source, GAsyncResult *result, gpointer data)
{
    *(GAsyncResult **) data = g_object_ref (result);
}

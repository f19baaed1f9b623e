/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client-private.h"

#include "bureau-instant.h"
#include "bureau-json.h"

/* What others have done while one was away, as far as the logs tell: a room that has to be fetched
 * anew is not compared with what one had of it. */

void
bureau_missed_clear (BureauMissed *missed)
{
    g_clear_pointer (&missed->task_ids, g_hash_table_unref);
    *missed = (BureauMissed){ 0 };
}

static gboolean
is_assigned_to_me (BureauClient *self, JsonObject *task)
{
    JsonArray *assignees = bureau_json_get_array (task, "assignees");

    for (guint i = 0; assignees && i < json_array_get_length (assignees); i++) {
        JsonObject *assignee = bureau_json_array_get_object (assignees, i);

        if (g_strcmp0 (bureau_json_get_string (assignee, "userId"), self->account->user_id) == 0)
            return TRUE;
    }
    return FALSE;
}

void
bureau_client_note_missed (BureauClient *self, JsonObject *event)
{
    BureauMissed *missed = &self->missed;
    gint64 at = bureau_instant_from_string (bureau_json_get_string (event, "at"));
    JsonObject *task = bureau_json_get_object (event, "task");
    const char *id = bureau_json_get_string (task, "id");

    if (missed->n_changes == 0 || (at > 0 && at < missed->since))
        missed->since = at;
    missed->n_changes++;
    if (!id || !is_assigned_to_me (self, task))
        return;
    if (!missed->task_ids)
        missed->task_ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_add (missed->task_ids, g_strdup (id));
}

void
bureau_client_tell_missed (BureauClient *self)
{
    BureauMissed missed = self->missed;
    g_autofree const char **ids = NULL;

    if (missed.n_changes == 0)
        return;
    /* Whoever hears of it may have this called again. */
    self->missed = (BureauMissed){ 0 };
    ids = missed.task_ids ? (const char **) g_hash_table_get_keys_as_array (missed.task_ids, NULL)
                          : g_new0 (const char *, 1);
    bureau_client_emit_caught_up (self, missed.n_changes, missed.since, ids);
    bureau_missed_clear (&missed);
}

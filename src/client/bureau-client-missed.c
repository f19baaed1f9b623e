/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client-private.h"

#include "bureau-instant.h"
#include "bureau-json.h"

/* What others have done while one was away: the events that were caught up with, and for a room
 * that had to be fetched anew, what has become of its tasks, each version of which was a change. A
 * hub that was put back from a backup has undone some of what was there. */

void
bureau_missed_clear (BureauMissed *missed)
{
    g_clear_pointer (&missed->task_ids, g_hash_table_unref);
    *missed = (BureauMissed){ 0 };
}

/* @at: instant of the first of @n changes; 0 if it is not known. */
static void
add_changes (BureauMissed *missed, guint n, gint64 at)
{
    missed->n_changes += n;
    if (at > 0 && (missed->since == 0 || at < missed->since))
        missed->since = at;
}

static void
add_mine (BureauMissed *missed, const char *task_id)
{
    if (!missed->task_ids)
        missed->task_ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    g_hash_table_add (missed->task_ids, g_strdup (task_id));
}

/* ------------------------------------------------------------------ an event */

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
    JsonObject *task = bureau_json_get_object (event, "task");
    const char *id = bureau_json_get_string (task, "id");

    add_changes (&self->missed, 1,
                 bureau_instant_from_string (bureau_json_get_string (event, "at")));
    if (id && is_assigned_to_me (self, task))
        add_mine (&self->missed, id);
}

/* ------------------------------------------------------------------ a room */

/* Commands of mine that the hub has done to the task, and whose event the snapshot stands for. */
static gint64
count_own (BureauClient *self, const char *task_id, const BureauSnapshotRoom *state)
{
    gint64 n = 0;

    for (const GList *link = bureau_outbox_peek_about (self->outbox, task_id); link;
         link = link->next) {
        const BureauOutboxEntry *entry = link->data;

        n += entry->state == BUREAU_OUTBOX_DONE && entry->done_seq <= state->seq;
    }
    return n;
}

/* Changes of @task since it was of version @before; 0: it was not known. */
static gint64
count_changes (BureauClient *self, BureauTask *task, gint64 before, const BureauSnapshotRoom *state)
{
    gint64 after = bureau_task_get_version (task);
    gint64 n = after - before - count_own (self, bureau_task_get_id (task), state);

    if (before == 0 && g_strcmp0 (bureau_task_get_created_by (task), self->account->user_id) == 0)
        n--;
    return CLAMP (n, 0, G_MAXINT);
}

static void
note_task (BureauClient *self, BureauTask *task, GHashTable *versions,
           const BureauSnapshotRoom *state)
{
    const char *id = bureau_task_get_id (task);
    const gint64 *known = g_hash_table_lookup (versions, id);
    gint64 before = known ? *known : 0;
    gint64 n = count_changes (self, task, before, state);

    self->missed.n_set_back += bureau_task_get_version (task) < before;
    g_hash_table_remove (versions, id);
    if (n == 0)
        return;
    add_changes (&self->missed, (guint) n, bureau_task_get_updated_at (task));
    if (bureau_task_is_assigned_to (task, self->account->user_id))
        add_mine (&self->missed, id);
}

void
bureau_client_note_replaced (BureauClient *self, const BureauFollowed *room,
                             const BureauSnapshotRoom *state)
{
    g_autoptr (GHashTable) versions = NULL;

    /* Of one that was not known nothing was missed. */
    if (!room->have && room->seq == 0)
        return;
    versions = bureau_office_list_versions (self->office, room->name);
    for (guint i = 0; i < state->objects->len; i++) {
        const BureauSnapshotObject *object = state->objects->pdata[i];

        if (object->kind == BUREAU_KIND_TASK && object->object)
            note_task (self, BUREAU_TASK (object->object), versions, state);
    }
    /* A hub loses nothing in one life, so they were deleted; in another it does not have them. */
    if (room->of_before)
        self->missed.n_set_back += g_hash_table_size (versions);
    else
        add_changes (&self->missed, g_hash_table_size (versions), 0);
}

/* ------------------------------------------------------------------ */

void
bureau_client_tell_missed (BureauClient *self)
{
    BureauMissed missed = self->missed;
    g_autofree const char **ids = NULL;

    if (missed.n_changes == 0 && missed.n_set_back == 0)
        return;
    /* Whoever hears of it may have this called again. */
    self->missed = (BureauMissed){ 0 };
    ids = missed.task_ids ? (const char **) g_hash_table_get_keys_as_array (missed.task_ids, NULL)
                          : g_new0 (const char *, 1);
    if (missed.n_changes > 0)
        bureau_client_emit_caught_up (
            self, missed.n_changes, missed.since > 0 ? missed.since : bureau_client_get_now (self),
            ids);
    /* Last, as the last word is seen first. */
    if (missed.n_set_back > 0)
        bureau_client_emit_set_back (self, missed.n_set_back);
    bureau_missed_clear (&missed);
}

/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client-private.h"

#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-overlay.h"
#include "bureau-timer.h"

/* What becomes of changes that the hub has refused, and of those that wait. */

/* ------------------------------------------------------------------ refusing */

/* What is said once the refusal is on disk. */
typedef struct {
    BureauClient *client; /* (owned) */
    const BureauCommand *command;
    JsonObject *params; /* (owned) */
    GError *error;      /* (owned) */
} Refusal;

static void
refusal_free (Refusal *refusal)
{
    g_object_unref (refusal->client);
    json_object_unref (refusal->params);
    g_error_free (refusal->error);
    g_free (refusal);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Refusal, refusal_free)

static Refusal *
refusal_new (BureauClient *self, const BureauOutboxEntry *entry, const GError *error)
{
    Refusal *refusal = g_new0 (Refusal, 1);

    refusal->client = g_object_ref (self);
    refusal->command = entry->command;
    refusal->params = json_object_ref (entry->params);
    refusal->error = g_error_copy (error);
    return refusal;
}

/* Said before, it would be untrue should the program be killed in that moment: at its next start it
 * would send the change again, and by then the hub might carry it out. */
static void
on_refusal_written_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Refusal) refusal = data;
    g_autoptr (GError) error = NULL;

    if (!bureau_replica_refuse_command_finish (BUREAU_REPLICA (source), result, &error))
        g_message ("A refused change may be sent once more: %s", error->message);
    if (!refusal->client->stopped)
        bureau_client_emit_refused (refusal->client, refusal->command, refusal->params,
                                    refusal->error);
}

static void
refuse_one (BureauClient *self, BureauOutboxEntry *entry, const GError *error,
            GAsyncReadyCallback callback, gpointer data)
{
    bureau_outbox_refuse (self->outbox, entry, error);
    bureau_replica_refuse_command_async (self->replica, entry, callback, data);
    bureau_office_replay_without (self->office, entry);
}

void
bureau_client_refuse (BureauClient *self, BureauOutboxEntry *entry, const GError *error)
{
    g_autoptr (GPtrArray) family = bureau_outbox_get_family (self->outbox, entry);
    g_autoptr (GError) orphaned = g_error_new_literal (
        BUREAU_ERROR, BUREAU_ERROR_NOT_FOUND,
        "What this change belongs to could not be made in the office.");

    /* The last first: nothing is shown of what its ground has been taken from. */
    for (guint i = family->len - 1; i > 0; i--) {
        BureauOutboxEntry *member = family->pdata[i];

        if (member->state == BUREAU_OUTBOX_QUEUED || member->state == BUREAU_OUTBOX_WRITING)
            refuse_one (self, member, orphaned, NULL, NULL);
    }
    refuse_one (self, entry, error, on_refusal_written_cb, refusal_new (self, entry, error));
}

/* ------------------------------------------------------------------ trying again, giving up */

static void
retry_one (BureauClient *self, BureauOutboxEntry *entry)
{
    if (entry->state != BUREAU_OUTBOX_REFUSED)
        return;
    bureau_outbox_retry (self->outbox, entry,
                         entry->is_on_disk ? BUREAU_OUTBOX_QUEUED : BUREAU_OUTBOX_WRITING);
    if (entry->is_on_disk)
        bureau_replica_retry_command (self->replica, entry->op_id);
    else
        bureau_client_write (self, entry);
    bureau_office_replay (self->office, entry);
}

void
bureau_client_retry (BureauClient *self, const char *op_id)
{
    BureauOutboxEntry *entry;
    g_autoptr (GPtrArray) family = NULL;

    g_return_if_fail (BUREAU_IS_CLIENT (self));

    entry = bureau_outbox_lookup (self->outbox, op_id);
    if (!entry || self->stopped)
        return;
    if (entry->state != BUREAU_OUTBOX_REFUSED) {
        bureau_timer_stop (&self->resend);
        if (self->state != BUREAU_CLIENT_LIVE)
            bureau_client_reconnect (self);
    } else {
        family = bureau_outbox_get_family (self->outbox,
                                           bureau_outbox_get_root (self->outbox, entry));
        for (guint i = 0; i < family->len; i++)
            retry_one (self, family->pdata[i]);
    }
    bureau_client_send_next (self);
    bureau_client_refresh (self);
}

gboolean
bureau_client_discard (BureauClient *self, const char *op_id)
{
    BureauOutboxEntry *entry;
    g_autoptr (GPtrArray) family = NULL;

    g_return_val_if_fail (BUREAU_IS_CLIENT (self), FALSE);

    entry = bureau_outbox_lookup (self->outbox, op_id);
    if (!entry || self->stopped || entry->state == BUREAU_OUTBOX_SENT ||
        entry->state == BUREAU_OUTBOX_DONE)
        return FALSE;
    family = bureau_outbox_get_family (self->outbox, entry);
    for (guint i = family->len; i > 0; i--) {
        const BureauOutboxEntry *member = family->pdata[i - 1];

        bureau_client_take_out (self, member->op_id);
    }
    bureau_client_refresh (self);
    return TRUE;
}

/* ------------------------------------------------------------------ deleted under one's hands */

gboolean
bureau_client_was_deleted (BureauClient *self, const char *task_id)
{
    g_autofree char *project_id = NULL;

    g_return_val_if_fail (BUREAU_IS_CLIENT (self), FALSE);

    project_id = bureau_office_find_deleted (self->office, task_id);
    /* What went with its project was not deleted. */
    return project_id && bureau_client_find_project (self, project_id) &&
           !bureau_client_find_task (self, task_id);
}

void
bureau_client_restore_task (BureauClient *self, const char *task_id)
{
    JsonObject *params = json_object_new ();
    g_autoptr (GPtrArray) op_ids = g_ptr_array_new_with_free_func (g_free);
    g_autofree char *given = NULL;

    g_return_if_fail (BUREAU_IS_CLIENT (self));

    bureau_json_set_string (params, "id", task_id);
    given = bureau_client_give (self, BUREAU_COMMAND_TASK_UNDO_DELETE, params, NULL);
    for (const GList *link = bureau_outbox_peek (self->outbox); link; link = link->next) {
        const BureauOutboxEntry *entry = link->data;

        if (entry->state == BUREAU_OUTBOX_REFUSED && g_strcmp0 (entry->target, task_id) == 0)
            g_ptr_array_add (op_ids, g_strdup (entry->op_id));
    }
    for (guint i = 0; i < op_ids->len; i++)
        bureau_client_retry (self, op_ids->pdata[i]);
}

/* ------------------------------------------------------------------ the list */

static const char *
find_task_title (BureauClient *self, const char *id)
{
    BureauTask *task = id ? bureau_client_find_task (self, id) : NULL;

    return task ? bureau_task_get_title (task) : NULL;
}

static const char *
find_timed_task (BureauClient *self, const BureauOutboxEntry *entry)
{
    BureauTimeEntry *timer = bureau_office_find_timer (self->office, self->account->user_id);
    const char *task_id = bureau_json_get_string (entry->params, "taskId");

    if (!task_id && timer && entry->command->id == BUREAU_COMMAND_TIMER_STOP)
        task_id = bureau_time_entry_get_task_id (timer);
    return find_task_title (self, task_id);
}

void
bureau_client_name_subject (BureauClient *self, BureauOutboxEntry *entry)
{
    BureauMember *member = entry->target ? bureau_client_find_member (self, entry->target) : NULL;
    BureauProject *project = entry->target ? bureau_client_find_project (self, entry->target)
                                           : NULL;
    const char *subject = NULL;

    if (bureau_overlay_get_kind (entry->command->id) == BUREAU_KIND_TASK)
        subject = find_task_title (self, entry->target);
    else if (bureau_overlay_get_kind (entry->command->id) == BUREAU_KIND_ENTRY)
        subject = find_timed_task (self, entry);
    else if (project)
        subject = bureau_project_get_name (project);
    else if (member)
        subject = bureau_member_get_name (member);
    if (!subject && (entry->command->flags & BUREAU_COMMAND_CREATES))
        subject = bureau_json_get_string (entry->params, "title");
    if (!subject && (entry->command->flags & BUREAU_COMMAND_CREATES))
        subject = bureau_json_get_string (entry->params, "name");
    entry->subject = g_strdup (subject);
}

/* @known (nullable): the object that stood for it before stands for it still. (transfer full) */
static BureauChange *
make_change (BureauChange *known, const BureauOutboxEntry *entry)
{
    BureauChange *change = known ? g_object_ref (known)
                                 : bureau_change_new (entry->op_id, entry->command, entry->params,
                                                      entry->subject, entry->given_at);

    bureau_change_set_error (change, entry->state == BUREAU_OUTBOX_REFUSED ? entry->error : NULL);
    return change;
}

/* By opId. (transfer full) */
static GHashTable *
list_known (GListModel *queue)
{
    GHashTable *known = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);

    for (guint i = 0; i < g_list_model_get_n_items (queue); i++) {
        BureauChange *change = g_list_model_get_item (queue, i);

        g_hash_table_insert (known, (gpointer) bureau_change_get_op_id (change), change);
    }
    return known;
}

/* Those of @changes that are not as they stand in the list already take the place of what does. */
static void
replace_changed (GListStore *queue, GPtrArray *changes)
{
    GListModel *model = G_LIST_MODEL (queue);
    guint n_old = g_list_model_get_n_items (model), start = 0, end = 0;

    for (; start < MIN (n_old, changes->len); start++) {
        g_autoptr (BureauChange) old_change = g_list_model_get_item (model, start);

        if (old_change != changes->pdata[start])
            break;
    }
    for (; end < MIN (n_old, changes->len) - start; end++) {
        g_autoptr (BureauChange) old_change = g_list_model_get_item (model, n_old - end - 1);

        if (old_change != changes->pdata[changes->len - end - 1])
            break;
    }
    if (start + end < n_old || start + end < changes->len)
        g_list_store_splice (queue, start, n_old - start - end, changes->pdata + start,
                             changes->len - start - end);
}

void
bureau_client_refresh_queue (BureauClient *self)
{
    g_autoptr (GPtrArray) changes = NULL;
    g_autoptr (GHashTable) known = NULL;
    guint64 generation = bureau_outbox_get_generation (self->outbox);

    if (!self->queue || generation == self->queue_generation)
        return;
    self->queue_generation = generation;
    changes = g_ptr_array_new_with_free_func (g_object_unref);
    known = list_known (G_LIST_MODEL (self->queue));
    for (const GList *link = bureau_outbox_peek (self->outbox); link; link = link->next) {
        const BureauOutboxEntry *entry = link->data;

        if (entry->state != BUREAU_OUTBOX_DONE)
            g_ptr_array_add (changes,
                             make_change (g_hash_table_lookup (known, entry->op_id), entry));
    }
    replace_changed (self->queue, changes);
}

BureauChange *
bureau_client_find_change (BureauClient *self, const char *op_id)
{
    const BureauOutboxEntry *entry;

    g_return_val_if_fail (BUREAU_IS_CLIENT (self), NULL);

    entry = bureau_outbox_lookup (self->outbox, op_id);
    return entry && entry->state != BUREAU_OUTBOX_DONE ? make_change (NULL, entry) : NULL;
}

GListModel *
bureau_client_get_queue (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), NULL);

    if (!self->queue) {
        self->queue = g_list_store_new (BUREAU_TYPE_CHANGE);
        self->queue_generation = G_MAXUINT64;
        bureau_client_refresh_queue (self);
    }
    return G_LIST_MODEL (self->queue);
}

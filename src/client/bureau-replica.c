/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-replica-private.h"

#include "bureau-json.h"

struct _BureauReplica {
    GObject parent_instance;

    GAsyncQueue *jobs; /* (owned): shared with the thread */
    gboolean closed;
};

G_DEFINE_FINAL_TYPE (BureauReplica, bureau_replica, G_TYPE_OBJECT)

static BureauReplicaJob *
job_new (BureauReplicaJobKind what)
{
    BureauReplicaJob *job = g_new0 (BureauReplicaJob, 1);

    job->what = what;
    return job;
}

static void
push (BureauReplica *self, BureauReplicaJob *job)
{
    if (self->closed) {
        if (job->task)
            g_task_return_new_error (job->task, G_IO_ERROR, G_IO_ERROR_CLOSED,
                                     "The replica is closed.");
        bureau_replica_job_free (job);
        return;
    }
    self->closed = job->last;
    g_async_queue_push (self->jobs, job);
}

static void
bureau_replica_finalize (GObject *object)
{
    BureauReplica *self = BUREAU_REPLICA (object);

    if (!self->closed) {
        BureauReplicaJob *job = job_new (BUREAU_JOB_CLOSE);

        job->alone = job->last = TRUE;
        push (self, job);
    }
    g_async_queue_unref (self->jobs);
    G_OBJECT_CLASS (bureau_replica_parent_class)->finalize (object);
}

static void
bureau_replica_class_init (BureauReplicaClass *klass)
{
    G_OBJECT_CLASS (klass)->finalize = bureau_replica_finalize;
}

static void
bureau_replica_init (BureauReplica *self)
{
    self->jobs = g_async_queue_new_full ((GDestroyNotify) bureau_replica_job_free);
}

BureauReplica *
bureau_replica_new (const char *path, const char *office)
{
    BureauReplica *self = g_object_new (BUREAU_TYPE_REPLICA, NULL);
    BureauReplicaWorker *worker = g_new0 (BureauReplicaWorker, 1);

    worker->jobs = g_async_queue_ref (self->jobs);
    worker->path = g_strdup (path);
    worker->office = g_strdup (office);
    g_thread_unref (g_thread_new ("bureau-replica", bureau_replica_work, worker));
    return self;
}

void
bureau_replica_load_async (BureauReplica *self, GAsyncReadyCallback callback, gpointer data)
{
    BureauReplicaJob *job = job_new (BUREAU_JOB_LOAD);

    job->alone = TRUE;
    job->task = g_task_new (self, NULL, callback, data);
    g_task_set_source_tag (job->task, bureau_replica_load_async);
    push (self, job);
}

BureauDiskContents *
bureau_replica_load_finish (BureauReplica *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer (G_TASK (result), error);
}

void
bureau_replica_apply (BureauReplica *self, const char *room, gint64 seq, BureauKind kind,
                      const char *id, JsonObject *json, const char *op_id)
{
    BureauReplicaJob *job = job_new (BUREAU_JOB_APPLY);

    job->room = g_strdup (room);
    job->number = seq;
    job->kind = kind;
    job->id = g_strdup (id);
    job->text = json ? bureau_json_object_to_string (json) : NULL;
    job->op_id = g_strdup (op_id);
    push (self, job);
}

void
bureau_replica_begin_room (BureauReplica *self, const char *room, gint64 seq)
{
    BureauReplicaJob *job = job_new (BUREAU_JOB_BEGIN_ROOM);

    job->room = g_strdup (room);
    job->number = seq;
    push (self, job);
}

void
bureau_replica_forget_room (BureauReplica *self, const char *room)
{
    BureauReplicaJob *job = job_new (BUREAU_JOB_FORGET_ROOM);

    job->room = g_strdup (room);
    push (self, job);
}

void
bureau_replica_drop_room (BureauReplica *self, const char *room)
{
    BureauReplicaJob *job = job_new (BUREAU_JOB_DROP_ROOM);

    job->room = g_strdup (room);
    push (self, job);
}

void
bureau_replica_set_epoch (BureauReplica *self, const char *epoch)
{
    BureauReplicaJob *job = job_new (BUREAU_JOB_SET_EPOCH);

    job->room = g_strdup (epoch);
    push (self, job);
}

void
bureau_replica_keep_rooms (BureauReplica *self, const char *const *rooms)
{
    BureauReplicaJob *job = job_new (BUREAU_JOB_KEEP_ROOMS);

    job->rooms = g_strdupv ((char **) rooms);
    push (self, job);
}

void
bureau_replica_replace_async (BureauReplica *self, GBytes *text, const char *epoch,
                              const char *const *rooms, GAsyncReadyCallback callback, gpointer data)
{
    BureauReplicaJob *job = job_new (BUREAU_JOB_REPLACE);

    job->bytes = g_bytes_ref (text);
    job->room = g_strdup (epoch);
    job->rooms = g_strdupv ((char **) rooms);
    job->task = g_task_new (self, NULL, callback, data);
    g_task_set_source_tag (job->task, bureau_replica_replace_async);
    push (self, job);
}

BureauSnapshot *
bureau_replica_replace_finish (BureauReplica *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer (G_TASK (result), error);
}

void
bureau_replica_add_command_async (BureauReplica *self, const BureauOutboxEntry *entry,
                                  GAsyncReadyCallback callback, gpointer data)
{
    BureauReplicaJob *job = job_new (BUREAU_JOB_ADD_COMMAND);

    job->op_id = g_strdup (entry->op_id);
    job->command = entry->command->name;
    job->text = bureau_json_object_to_string (entry->params);
    job->number = entry->given_at;
    job->subject = g_strdup (entry->subject);
    job->task = g_task_new (self, NULL, callback, data);
    g_task_set_source_tag (job->task, bureau_replica_add_command_async);
    push (self, job);
}

gboolean
bureau_replica_add_command_finish (BureauReplica *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}

void
bureau_replica_remove_command (BureauReplica *self, const char *op_id)
{
    BureauReplicaJob *job = job_new (BUREAU_JOB_REMOVE_COMMAND);

    job->op_id = g_strdup (op_id);
    push (self, job);
}

void
bureau_replica_refuse_command_async (BureauReplica *self, const BureauOutboxEntry *entry,
                                     GAsyncReadyCallback callback, gpointer data)
{
    BureauReplicaJob *job = job_new (BUREAU_JOB_REFUSE_COMMAND);

    job->op_id = g_strdup (entry->op_id);
    job->text = bureau_outbox_error_to_text (entry->error);
    job->task = g_task_new (self, NULL, callback, data);
    g_task_set_source_tag (job->task, bureau_replica_refuse_command_async);
    push (self, job);
}

gboolean
bureau_replica_refuse_command_finish (BureauReplica *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}

void
bureau_replica_retry_command (BureauReplica *self, const char *op_id)
{
    BureauReplicaJob *job = job_new (BUREAU_JOB_RETRY_COMMAND);

    job->op_id = g_strdup (op_id);
    push (self, job);
}

void
bureau_replica_close_async (BureauReplica *self, GAsyncReadyCallback callback, gpointer data)
{
    BureauReplicaJob *job = job_new (BUREAU_JOB_CLOSE);

    job->alone = job->last = TRUE;
    job->task = g_task_new (self, NULL, callback, data);
    g_task_set_source_tag (job->task, bureau_replica_close_async);
    push (self, job);
}

gboolean
bureau_replica_close_finish (BureauReplica *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}

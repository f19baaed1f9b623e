/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-replica.h"

#include <string.h>

#include "bureau-error.h"
#include "bureau-json.h"

/* Jobs that wait for each other share a transaction, up to so many: one fsync serves them all. */
#define MAX_BATCH 256

/* What the thread works on; only it touches `disk` and `open_error`. */
typedef struct {
    GAsyncQueue *jobs;  /* (owned): of Job (owned) */
    char *path;         /* (owned) */
    char *office;       /* (owned) */
    BureauDisk *disk;   /* (owned) (nullable) */
    GError *open_error; /* (owned) (nullable) */
} Worker;

typedef struct _Job Job;

struct _Job {
    gboolean (*run) (Worker *worker, Job *job, GError **error);
    gboolean alone; /* not part of a transaction */
    gboolean last;  /* the thread ends after it */

    char *room; /* (owned) (nullable): or the epoch */
    gint64 number;
    BureauKind kind;
    char *id;    /* (owned) (nullable) */
    char *text;  /* (owned) (nullable): JSON */
    char *op_id; /* (owned) (nullable) */
    const char *command;
    char **rooms;  /* (owned) (nullable) */
    GBytes *bytes; /* (owned) (nullable) */

    GTask *task;     /* (owned) (nullable): who wants to know */
    gpointer result; /* (owned) (nullable) */
    GDestroyNotify free_result;
    GError *error; /* (owned) (nullable) */
};

struct _BureauReplica {
    GObject parent_instance;

    GAsyncQueue *jobs; /* (owned): shared with the thread */
    gboolean closed;
};

G_DEFINE_FINAL_TYPE (BureauReplica, bureau_replica, G_TYPE_OBJECT)

static void
job_free (gpointer data)
{
    Job *job = data;

    g_free (job->room);
    g_free (job->id);
    g_free (job->text);
    g_free (job->op_id);
    g_strfreev (job->rooms);
    g_clear_pointer (&job->bytes, g_bytes_unref);
    g_clear_object (&job->task);
    if (job->result)
        job->free_result (job->result);
    g_clear_error (&job->error);
    g_free (job);
}

/* ------------------------------------------------------------------ on the worker's thread */

static gboolean
run_load (Worker *worker, Job *job, GError **error)
{
    if (!worker->disk)
        worker->disk = bureau_disk_open (worker->path, worker->office, &worker->open_error);
    if (!worker->disk) {
        g_propagate_error (error, g_error_copy (worker->open_error));
        return FALSE;
    }
    job->result = bureau_disk_load (worker->disk, error);
    job->free_result = (GDestroyNotify) bureau_disk_contents_free;
    return job->result != NULL;
}

static gboolean
run_close (Worker *worker, Job *job, GError **error)
{
    g_clear_pointer (&worker->disk, bureau_disk_close);
    return TRUE;
}

static gboolean
run_apply (Worker *worker, Job *job, GError **error)
{
    gboolean moved = FALSE;

    if (job->op_id && !bureau_disk_remove_command (worker->disk, job->op_id, error))
        return FALSE;
    if (!bureau_disk_advance_room (worker->disk, job->room, job->number, &moved, error))
        return FALSE;
    if (!moved || !job->id)
        return TRUE;
    if (!job->text)
        return bureau_disk_delete_object (worker->disk, job->kind, job->id, error);
    return bureau_disk_put_object (worker->disk, job->kind, job->id, job->room, job->text, error);
}

static gboolean
run_begin_room (Worker *worker, Job *job, GError **error)
{
    return bureau_disk_drop_room (worker->disk, job->room, error) &&
           bureau_disk_set_room (worker->disk, job->room, job->number, error);
}

static gboolean
run_drop_room (Worker *worker, Job *job, GError **error)
{
    return bureau_disk_drop_room (worker->disk, job->room, error);
}

static gboolean
run_set_epoch (Worker *worker, Job *job, GError **error)
{
    return bureau_disk_set_epoch (worker->disk, job->room, error) &&
           bureau_disk_forget_rooms (worker->disk, error);
}

static gboolean
run_keep_rooms (Worker *worker, Job *job, GError **error)
{
    return bureau_disk_keep_rooms (worker->disk, (const char *const *) job->rooms, error);
}

/* A hub that puts an object into a room it is not of is not believed. */
static void
drop_strays (Worker *worker, BureauSnapshotRoom *room)
{
    for (guint i = room->objects->len; i > 0; i--) {
        const BureauSnapshotObject *object = room->objects->pdata[i - 1];
        g_autofree char *home = bureau_kind_get_room (object->kind, object->value, worker->office);

        if (g_strcmp0 (home, room->room) != 0)
            g_ptr_array_remove_index (room->objects, i - 1);
    }
}

static gboolean
write_room (Worker *worker, BureauSnapshotRoom *room, GError **error)
{
    drop_strays (worker, room);
    if (!bureau_disk_drop_room (worker->disk, room->room, error) ||
        !bureau_disk_set_room (worker->disk, room->room, room->seq, error))
        return FALSE;
    for (guint i = 0; i < room->objects->len; i++) {
        BureauSnapshotObject *object = room->objects->pdata[i];
        g_autofree char *json = bureau_json_object_to_string (object->value);

        if (!bureau_disk_put_object (worker->disk, object->kind, bureau_kind_get_id (object->value),
                                     room->room, json, error))
            return FALSE;
        /* Here rather than in the main thread, which has a window to draw. */
        object->object = bureau_kind_new_object (object->kind, object->value);
    }
    return TRUE;
}

static gboolean
run_replace (Worker *worker, Job *job, GError **error)
{
    gsize length;
    const char *text = g_bytes_get_data (job->bytes, &length);
    g_autoptr (BureauSnapshot) snapshot = bureau_snapshot_reader_parse (text, length, error);

    if (!snapshot)
        return FALSE;
    if (g_strcmp0 (snapshot->epoch, job->room) != 0) {
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                             "The snapshot is of another life of the hub.");
        return FALSE;
    }
    for (guint i = snapshot->rooms->len; i > 0; i--) {
        BureauSnapshotRoom *room = snapshot->rooms->pdata[i - 1];

        if (!g_strv_contains ((const char *const *) job->rooms, room->room))
            g_ptr_array_remove_index (snapshot->rooms, i - 1);
        else if (!write_room (worker, room, error))
            return FALSE;
    }
    job->result = g_steal_pointer (&snapshot);
    job->free_result = (GDestroyNotify) bureau_snapshot_reader_free;
    return TRUE;
}

static gboolean
run_add_command (Worker *worker, Job *job, GError **error)
{
    return bureau_disk_add_command (worker->disk, job->op_id, job->command, job->text, job->number,
                                    error);
}

static gboolean
run_remove_command (Worker *worker, Job *job, GError **error)
{
    return bureau_disk_remove_command (worker->disk, job->op_id, error);
}

static void
run_in_savepoint (Worker *worker, Job *job)
{
    if (!bureau_disk_savepoint (worker->disk, &job->error))
        return;
    if (job->run (worker, job, &job->error))
        bureau_disk_release (worker->disk, &job->error);
    else
        bureau_disk_rollback_to_savepoint (worker->disk);
}

static void
fail_all (GPtrArray *batch, const GError *error)
{
    for (guint i = 0; i < batch->len; i++) {
        Job *job = batch->pdata[i];

        if (!job->error)
            job->error = g_error_copy (error);
    }
}

static void
run_batch (Worker *worker, GPtrArray *batch)
{
    g_autoptr (GError) error = NULL;

    if (!worker->disk) {
        if (worker->open_error)
            g_propagate_error (&error, g_error_copy (worker->open_error));
        else
            g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The replica is not open.");
    } else if (bureau_disk_begin (worker->disk, &error)) {
        for (guint i = 0; i < batch->len && bureau_disk_is_in_transaction (worker->disk); i++)
            run_in_savepoint (worker, batch->pdata[i]);
        /* A full disk ends the whole transaction by itself; then this says so. */
        bureau_disk_commit (worker->disk, &error);
    }
    if (error)
        fail_all (batch, error);
}

static void
answer (Job *job)
{
    if (!job->task) {
        if (job->error && !g_error_matches (job->error, G_IO_ERROR, G_IO_ERROR_CLOSED))
            g_message ("%s", job->error->message);
    } else if (job->error) {
        g_task_return_error (job->task, g_steal_pointer (&job->error));
    } else if (job->result) {
        g_task_return_pointer (job->task, g_steal_pointer (&job->result), job->free_result);
    } else {
        g_task_return_boolean (job->task, TRUE);
    }
}

/* Takes the jobs that wait, as far as they can go into one transaction. Returns the first that
 * can't. (nullable) (transfer full) */
static Job *
collect (Worker *worker, Job *first, GPtrArray *batch)
{
    Job *job = first;

    while (job && !job->alone) {
        g_ptr_array_add (batch, job);
        job = batch->len < MAX_BATCH ? g_async_queue_try_pop (worker->jobs) : NULL;
    }
    return job;
}

static gpointer
work (gpointer data)
{
    Worker *worker = data;
    gboolean last = FALSE;

    while (!last) {
        g_autoptr (GPtrArray) batch = g_ptr_array_new_with_free_func (job_free);
        Job *lone = collect (worker, g_async_queue_pop (worker->jobs), batch);

        if (batch->len > 0)
            run_batch (worker, batch);
        g_ptr_array_foreach (batch, (GFunc) (GCallback) answer, NULL);
        if (lone) {
            lone->run (worker, lone, &lone->error);
            last = lone->last;
            answer (lone);
            job_free (lone);
        }
    }
    g_clear_pointer (&worker->disk, bureau_disk_close);
    g_async_queue_unref (worker->jobs);
    g_clear_error (&worker->open_error);
    g_free (worker->path);
    g_free (worker->office);
    g_free (worker);
    return NULL;
}

/* ------------------------------------------------------------------ on the owner's thread */

static Job *
job_new (gboolean (*run) (Worker *, Job *, GError **))
{
    Job *job = g_new0 (Job, 1);

    job->run = run;
    return job;
}

static void
push (BureauReplica *self, Job *job)
{
    if (self->closed) {
        if (job->task)
            g_task_return_new_error (job->task, G_IO_ERROR, G_IO_ERROR_CLOSED,
                                     "The replica is closed.");
        job_free (job);
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
        Job *job = job_new (run_close);

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
    self->jobs = g_async_queue_new_full (job_free);
}

BureauReplica *
bureau_replica_new (const char *path, const char *office)
{
    BureauReplica *self = g_object_new (BUREAU_TYPE_REPLICA, NULL);
    Worker *worker = g_new0 (Worker, 1);

    worker->jobs = g_async_queue_ref (self->jobs);
    worker->path = g_strdup (path);
    worker->office = g_strdup (office);
    g_thread_unref (g_thread_new ("bureau-replica", work, worker));
    return self;
}

void
bureau_replica_load_async (BureauReplica *self, GAsyncReadyCallback callback, gpointer data)
{
    Job *job = job_new (run_load);

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
    Job *job = job_new (run_apply);

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
    Job *job = job_new (run_begin_room);

    job->room = g_strdup (room);
    job->number = seq;
    push (self, job);
}

void
bureau_replica_drop_room (BureauReplica *self, const char *room)
{
    Job *job = job_new (run_drop_room);

    job->room = g_strdup (room);
    push (self, job);
}

void
bureau_replica_set_epoch (BureauReplica *self, const char *epoch)
{
    Job *job = job_new (run_set_epoch);

    job->room = g_strdup (epoch);
    push (self, job);
}

void
bureau_replica_keep_rooms (BureauReplica *self, const char *const *rooms)
{
    Job *job = job_new (run_keep_rooms);

    job->rooms = g_strdupv ((char **) rooms);
    push (self, job);
}

void
bureau_replica_replace_async (BureauReplica *self, GBytes *text, const char *epoch,
                              const char *const *rooms, GAsyncReadyCallback callback, gpointer data)
{
    Job *job = job_new (run_replace);

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
    Job *job = job_new (run_add_command);

    job->op_id = g_strdup (entry->op_id);
    job->command = entry->command->name;
    job->text = bureau_json_object_to_string (entry->params);
    job->number = entry->given_at;
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
    Job *job = job_new (run_remove_command);

    job->op_id = g_strdup (op_id);
    push (self, job);
}

void
bureau_replica_close_async (BureauReplica *self, GAsyncReadyCallback callback, gpointer data)
{
    Job *job = job_new (run_close);

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

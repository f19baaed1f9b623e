/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-replica-private.h"

#include "bureau-error.h"
#include "bureau-json.h"

/* Jobs that wait for each other share a transaction, up to so many: one fsync serves them all. */
#define MAX_BATCH 256

void
bureau_replica_job_free (BureauReplicaJob *job)
{
    g_free (job->room);
    g_free (job->id);
    g_free (job->text);
    g_free (job->op_id);
    g_free (job->subject);
    g_strfreev (job->rooms);
    g_clear_pointer (&job->bytes, g_bytes_unref);
    g_clear_object (&job->task);
    if (job->result)
        job->free_result (job->result);
    g_clear_error (&job->error);
    g_free (job);
}

/* Tried once: what can't be opened is left alone until the next start. */
static gboolean
ensure_open (BureauReplicaWorker *worker, GError **error)
{
    if (!worker->disk && !worker->open_error)
        worker->disk = bureau_disk_open (worker->path, worker->office, &worker->open_error);
    if (!worker->disk)
        g_propagate_error (error, g_error_copy (worker->open_error));
    return worker->disk != NULL;
}

/* All but the outbox can be fetched anew. (nullable) (transfer full) */
static BureauDiskContents *
load (BureauReplicaWorker *worker, GError **error)
{
    g_autoptr (GError) load_error = NULL;
    BureauDiskContents *contents = bureau_disk_load (worker->disk, &load_error);

    if (!g_error_matches (load_error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA)) {
        if (load_error)
            g_propagate_error (error, g_steal_pointer (&load_error));
        return contents;
    }
    g_message ("Put aside, and a new one begun: %s", load_error->message);
    worker->disk = bureau_disk_renew (worker->disk, worker->office, &worker->open_error);
    return ensure_open (worker, error) ? bureau_disk_load (worker->disk, error) : NULL;
}

static gboolean
run_load (BureauReplicaWorker *worker, BureauReplicaJob *job, GError **error)
{
    if (!ensure_open (worker, error))
        return FALSE;
    job->result = load (worker, error);
    job->free_result = (GDestroyNotify) bureau_disk_contents_free;
    return job->result != NULL;
}

static gboolean
run_close (BureauReplicaWorker *worker, BureauReplicaJob *job, GError **error)
{
    g_clear_pointer (&worker->disk, bureau_disk_close);
    return TRUE;
}

static gboolean
run_apply (BureauReplicaWorker *worker, BureauReplicaJob *job, GError **error)
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
run_begin_room (BureauReplicaWorker *worker, BureauReplicaJob *job, GError **error)
{
    return bureau_disk_drop_room (worker->disk, job->room, error) &&
           bureau_disk_set_room (worker->disk, job->room, job->number, error);
}

static gboolean
run_forget_room (BureauReplicaWorker *worker, BureauReplicaJob *job, GError **error)
{
    return bureau_disk_forget_room (worker->disk, job->room, error);
}

static gboolean
run_drop_room (BureauReplicaWorker *worker, BureauReplicaJob *job, GError **error)
{
    return bureau_disk_drop_room (worker->disk, job->room, error);
}

static gboolean
run_set_epoch (BureauReplicaWorker *worker, BureauReplicaJob *job, GError **error)
{
    return bureau_disk_set_epoch (worker->disk, job->room, error) &&
           bureau_disk_forget_rooms (worker->disk, error);
}

static gboolean
run_keep_rooms (BureauReplicaWorker *worker, BureauReplicaJob *job, GError **error)
{
    return bureau_disk_keep_rooms (worker->disk, (const char *const *) job->rooms, error);
}

/* A hub that puts an object into a room it is not of is not believed. */
static void
drop_strays (BureauReplicaWorker *worker, BureauSnapshotRoom *room)
{
    for (guint i = room->objects->len; i > 0; i--) {
        const BureauSnapshotObject *object = room->objects->pdata[i - 1];
        g_autofree char *home = bureau_kind_get_room (object->kind, object->value, worker->office);

        if (g_strcmp0 (home, room->room) != 0)
            g_ptr_array_remove_index (room->objects, i - 1);
    }
}

static void
make_objects (BureauReplicaWorker *worker, BureauSnapshotRoom *room)
{
    drop_strays (worker, room);
    for (guint i = 0; i < room->objects->len; i++) {
        BureauSnapshotObject *object = room->objects->pdata[i];

        object->object = bureau_kind_new_object (object->kind, object->value);
    }
}

/* Reads the snapshot, and makes what the models show of it here rather than in the main thread,
 * which has a window to draw. (nullable) (transfer full) */
static BureauSnapshot *
read_snapshot (BureauReplicaWorker *worker, const BureauReplicaJob *job, GError **error)
{
    gsize length;
    const char *text = g_bytes_get_data (job->bytes, &length);
    g_autoptr (BureauSnapshot) snapshot = bureau_snapshot_reader_parse (text, length, error);

    if (!snapshot)
        return NULL;
    if (g_strcmp0 (snapshot->epoch, job->room) != 0) {
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                             "The snapshot is of another life of the hub.");
        return NULL;
    }
    for (guint i = snapshot->rooms->len; i > 0; i--) {
        BureauSnapshotRoom *room = snapshot->rooms->pdata[i - 1];

        if (g_strv_contains ((const char *const *) job->rooms, room->room))
            make_objects (worker, room);
        else
            g_ptr_array_remove_index (snapshot->rooms, i - 1);
    }
    return g_steal_pointer (&snapshot);
}

/* What the hub says is looked at even where nothing can be written. Then the next start has what
 * was written before, and catches up from there. */
static void
read_snapshots (BureauReplicaWorker *worker, GPtrArray *batch)
{
    for (guint i = 0; i < batch->len; i++) {
        BureauReplicaJob *job = batch->pdata[i];

        if (job->what != BUREAU_JOB_REPLACE)
            continue;
        job->result = read_snapshot (worker, job, &job->error);
        job->free_result = (GDestroyNotify) bureau_snapshot_reader_free;
    }
}

static gboolean
write_room (BureauReplicaWorker *worker, BureauSnapshotRoom *room, GError **error)
{
    if (!bureau_disk_drop_room (worker->disk, room->room, error) ||
        !bureau_disk_set_room (worker->disk, room->room, room->seq, error))
        return FALSE;
    for (guint i = 0; i < room->objects->len; i++) {
        BureauSnapshotObject *object = room->objects->pdata[i];
        g_autofree char *json = bureau_json_object_to_string (object->value);

        if (!bureau_disk_put_object (worker->disk, object->kind, bureau_kind_get_id (object->value),
                                     room->room, json, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
run_replace (BureauReplicaWorker *worker, BureauReplicaJob *job, GError **error)
{
    BureauSnapshot *snapshot = job->result;

    for (guint i = 0; i < snapshot->rooms->len; i++) {
        if (!write_room (worker, snapshot->rooms->pdata[i], error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
run_add_command (BureauReplicaWorker *worker, BureauReplicaJob *job, GError **error)
{
    return bureau_disk_add_command (worker->disk, job->op_id, job->command, job->text, job->number,
                                    job->subject, error);
}

static gboolean
run_remove_command (BureauReplicaWorker *worker, BureauReplicaJob *job, GError **error)
{
    return bureau_disk_remove_command (worker->disk, job->op_id, error);
}

static gboolean
run_refuse_command (BureauReplicaWorker *worker, BureauReplicaJob *job, GError **error)
{
    return bureau_disk_refuse_command (worker->disk, job->op_id, job->text, error);
}

static gboolean
run_retry_command (BureauReplicaWorker *worker, BureauReplicaJob *job, GError **error)
{
    return bureau_disk_retry_command (worker->disk, job->op_id, error);
}

static gboolean (*const RUN[BUREAU_N_JOBS]) (BureauReplicaWorker *worker, BureauReplicaJob *job,
                                             GError **error) = {
    [BUREAU_JOB_LOAD] = run_load,
    [BUREAU_JOB_CLOSE] = run_close,
    [BUREAU_JOB_APPLY] = run_apply,
    [BUREAU_JOB_BEGIN_ROOM] = run_begin_room,
    [BUREAU_JOB_FORGET_ROOM] = run_forget_room,
    [BUREAU_JOB_DROP_ROOM] = run_drop_room,
    [BUREAU_JOB_SET_EPOCH] = run_set_epoch,
    [BUREAU_JOB_KEEP_ROOMS] = run_keep_rooms,
    [BUREAU_JOB_REPLACE] = run_replace,
    [BUREAU_JOB_ADD_COMMAND] = run_add_command,
    [BUREAU_JOB_REMOVE_COMMAND] = run_remove_command,
    [BUREAU_JOB_REFUSE_COMMAND] = run_refuse_command,
    [BUREAU_JOB_RETRY_COMMAND] = run_retry_command,
};

static void
run_in_savepoint (BureauReplicaWorker *worker, BureauReplicaJob *job)
{
    if (!bureau_disk_savepoint (worker->disk, &job->error))
        return;
    if (RUN[job->what](worker, job, &job->error))
        bureau_disk_release (worker->disk, &job->error);
    else
        bureau_disk_rollback_to_savepoint (worker->disk);
}

/* The transaction is lost for all of them, whichever it was that failed. */
static void
fail_all (GPtrArray *batch, const GError *error)
{
    for (guint i = 0; i < batch->len; i++) {
        BureauReplicaJob *job = batch->pdata[i];

        if (!job->error)
            job->error = g_error_copy (error);
    }
}

/* A full disk may end the whole transaction by itself: @error is why. */
static void
run_all (BureauReplicaWorker *worker, GPtrArray *batch, GError **error)
{
    for (guint i = 0; i < batch->len; i++) {
        BureauReplicaJob *job = batch->pdata[i];

        /* A snapshot that can't be read. */
        if (job->error)
            continue;
        run_in_savepoint (worker, job);
        if (!bureau_disk_is_in_transaction (worker->disk)) {
            g_propagate_error (error, g_error_copy (job->error));
            return;
        }
    }
}

static void
run_batch (BureauReplicaWorker *worker, GPtrArray *batch)
{
    g_autoptr (GError) error = NULL;

    read_snapshots (worker, batch);
    if (ensure_open (worker, &error) && bureau_disk_begin (worker->disk, &error)) {
        run_all (worker, batch, &error);
        if (!error)
            bureau_disk_commit (worker->disk, &error);
    }
    if (error)
        fail_all (batch, error);
}

static void
answer (BureauReplicaWorker *worker, BureauReplicaJob *job)
{
    gboolean is_told = job->task && !job->result;

    if (job->error && !is_told && worker->disk)
        g_message ("%s", job->error->message);
    if (!job->task)
        return;
    if (job->result) {
        g_task_return_pointer (job->task, g_steal_pointer (&job->result), job->free_result);
    } else if (job->error) {
        g_task_return_error (job->task, g_steal_pointer (&job->error));
    } else {
        g_task_return_boolean (job->task, TRUE);
    }
}

/* Takes the jobs that wait, as far as they can go into one transaction. Returns the first that
 * can't. (nullable) (transfer full) */
static BureauReplicaJob *
collect (BureauReplicaWorker *worker, BureauReplicaJob *first, GPtrArray *batch)
{
    BureauReplicaJob *job = first;

    while (job && !job->alone) {
        g_ptr_array_add (batch, job);
        job = batch->len < MAX_BATCH ? g_async_queue_try_pop (worker->jobs) : NULL;
    }
    return job;
}

gpointer
bureau_replica_work (gpointer data)
{
    BureauReplicaWorker *worker = data;
    gboolean last = FALSE;

    while (!last) {
        g_autoptr (GPtrArray) batch = g_ptr_array_new_with_free_func (
            (GDestroyNotify) bureau_replica_job_free);
        BureauReplicaJob *lone = collect (worker, g_async_queue_pop (worker->jobs), batch);

        if (batch->len > 0)
            run_batch (worker, batch);
        for (guint i = 0; i < batch->len; i++)
            answer (worker, batch->pdata[i]);
        if (lone) {
            RUN[lone->what](worker, lone, &lone->error);
            last = lone->last;
            answer (worker, lone);
            bureau_replica_job_free (lone);
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

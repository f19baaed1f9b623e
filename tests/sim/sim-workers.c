/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The linker gives these functions in the place of GLib's (--wrap): a replica's thread begins here,
 * and waits here for its next job; whatever else is done in a thread is done at once. */

#include "sim-workers.h"

#include "bureau-replica-private.h"

typedef struct {
    GThread *thread;   /* (owned) */
    GAsyncQueue *jobs; /* (owned) */
    GThreadFunc func;
    gpointer data;
    gboolean idle, may_go, ended; /* with the mutex */
} Worker;

static GMutex mutex;
static GCond changed;
static GPtrArray *workers; /* (owned): of Worker (owned); only the main thread's */
static __thread Worker *mine;

GThread *__real_g_thread_new (const char *name, GThreadFunc func, gpointer data);
GThread *__wrap_g_thread_new (const char *name, GThreadFunc func, gpointer data);
void __wrap_g_task_run_in_thread (GTask *task, GTaskThreadFunc func);
gpointer __real_g_async_queue_pop (GAsyncQueue *queue);
gpointer __wrap_g_async_queue_pop (GAsyncQueue *queue);

static void
worker_free (gpointer data)
{
    Worker *worker = data;

    g_thread_join (worker->thread);
    g_async_queue_unref (worker->jobs);
    g_free (worker);
}

static gpointer
run (gpointer data)
{
    gpointer result;

    mine = data;
    result = mine->func (mine->data);
    g_mutex_lock (&mutex);
    mine->ended = mine->idle = TRUE;
    g_cond_broadcast (&changed);
    g_mutex_unlock (&mutex);
    return result;
}

static void
await_idle (Worker *worker)
{
    g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

    while (!worker->idle)
        g_cond_wait (&changed, &mutex);
}

GThread *
__wrap_g_thread_new (const char *name, GThreadFunc func, gpointer data)
{
    GThread *thread;
    Worker *worker;

    if (func != bureau_replica_work) {
        /* Until it is gone. Who began it may join it too. */
        thread = __real_g_thread_new (name, func, data);
        g_thread_join (g_thread_ref (thread));
        return thread;
    }
    worker = g_new0 (Worker, 1);
    worker->jobs = g_async_queue_ref (((BureauReplicaWorker *) data)->jobs);
    worker->func = func;
    worker->data = data;
    if (!workers)
        workers = g_ptr_array_new_with_free_func (worker_free);
    g_ptr_array_add (workers, worker);
    thread = __real_g_thread_new (name, run, worker);
    worker->thread = g_thread_ref (thread);
    await_idle (worker);
    return thread;
}

void
__wrap_g_task_run_in_thread (GTask *task, GTaskThreadFunc func)
{
    func (task, g_task_get_source_object (task), g_task_get_task_data (task),
          g_task_get_cancellable (task));
}

gpointer
__wrap_g_async_queue_pop (GAsyncQueue *queue)
{
    if (mine && mine->jobs == queue) {
        g_mutex_lock (&mutex);
        mine->idle = TRUE;
        g_cond_broadcast (&changed);
        while (!mine->may_go)
            g_cond_wait (&changed, &mutex);
        mine->may_go = FALSE;
        g_mutex_unlock (&mutex);
    }
    return __real_g_async_queue_pop (queue);
}

/* TRUE if it has ended. */
static gboolean
settle (Worker *worker)
{
    g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

    for (;;) {
        while (!worker->idle)
            g_cond_wait (&changed, &mutex);
        if (worker->ended || g_async_queue_length (worker->jobs) <= 0)
            return worker->ended;
        worker->idle = FALSE;
        worker->may_go = TRUE;
        g_cond_broadcast (&changed);
    }
}

void
sim_workers_settle (void)
{
    for (guint i = 0; workers && i < workers->len;) {
        if (settle (workers->pdata[i]))
            g_ptr_array_remove_index (workers, i);
        else
            i++;
    }
}

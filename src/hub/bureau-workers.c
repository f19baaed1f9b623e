/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-workers.h"

#define N_THREADS 2

typedef struct {
    void (*compute) (gpointer data);
    gpointer data; /* (not owned) */
} Job;

struct _BureauWorkers {
    GThreadPool *threads;  /* (owned) */
    GAsyncQueue *computed; /* Job (owned): on their way back */
    GSource *back;         /* (owned): wakes the loop for them */
    GFunc done;
    gpointer user_data;
    guint n_given; /* and not yet back */
    guint n_done;
};

/* In a worker's thread. */
static void
compute (gpointer item, gpointer data)
{
    BureauWorkers *self = data;
    Job *job = item;

    job->compute (job->data);
    g_async_queue_push (self->computed, job);
    g_source_set_ready_time (self->back, 0);
}

static gboolean
on_back_cb (gpointer data)
{
    BureauWorkers *self = data;
    Job *job;

    g_source_set_ready_time (self->back, -1);
    while ((job = g_async_queue_try_pop (self->computed)) != NULL) {
        self->n_given--;
        self->n_done++;
        self->done (job->data, self->user_data);
        g_free (job);
    }
    return G_SOURCE_CONTINUE;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
    return callback (data);
}

BureauWorkers *
bureau_workers_new (GFunc done, gpointer user_data)
{
    static GSourceFuncs functions = { .dispatch = dispatch };
    BureauWorkers *self = g_new0 (BureauWorkers, 1);

    self->done = done;
    self->user_data = user_data;
    self->computed = g_async_queue_new_full (g_free);
    self->threads = g_thread_pool_new_full (compute, self, g_free, N_THREADS, FALSE, NULL);
    self->back = g_source_new (&functions, sizeof (GSource));
    g_source_set_callback (self->back, on_back_cb, self, NULL);
    g_source_attach (self->back, g_main_context_get_thread_default ());
    return self;
}

void
bureau_workers_free (BureauWorkers *self)
{
    g_thread_pool_free (self->threads, TRUE, TRUE);
    g_source_destroy (self->back);
    g_source_unref (self->back);
    g_async_queue_unref (self->computed);
    g_free (self);
}

guint
bureau_workers_get_room (BureauWorkers *self)
{
    return BUREAU_MAX_WORK - self->n_given;
}

void
bureau_workers_give (BureauWorkers *self, void (*function) (gpointer data), gpointer data)
{
    Job *job = g_new0 (Job, 1);

    job->compute = function;
    job->data = data;
    self->n_given++;
    g_thread_pool_push (self->threads, job, NULL);
}

guint
bureau_workers_get_done (BureauWorkers *self)
{
    return self->n_done;
}

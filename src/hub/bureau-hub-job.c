/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-hub-job.h"

typedef struct {
    BureauHubJob job;
    BureauHubAct act;
    GDestroyNotify free_result;
} Work;

static void
work_free (gpointer data)
{
    Work *work = data;

    g_free (work->job.directory);
    g_free (work->job.path);
    g_free (work);
}

static void
run_work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Work *work = data;
    GError *error = NULL;
    gpointer result = work->act (&work->job, cancellable, &error);

    if (result != NULL)
        g_task_return_pointer (task, result, work->free_result);
    else
        g_task_return_error (task, error);
}

void
bureau_hub_job_begin (BureauHubAct act, GDestroyNotify free_result, const char *directory,
                      const char *path, gint64 since, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer data)
{
    g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
    Work *work = g_new0 (Work, 1);

    work->job.directory = g_strdup (directory);
    work->job.path = g_strdup (path);
    work->job.since = since;
    work->act = act;
    work->free_result = free_result;
    g_task_set_source_tag (task, bureau_hub_job_begin);
    g_task_set_task_data (task, work, work_free);
    g_task_run_in_thread (task, run_work);
}
